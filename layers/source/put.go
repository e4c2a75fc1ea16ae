package source

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"sync"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/partial"
	"github.com/google/go-containerregistry/pkg/v1/types"

	"github.com/imgtui/imgtui/layers/codec"
	"github.com/imgtui/imgtui/model"
)

// Sent is told how far a blob has come on its way out, in stored bytes.
type Sent func(blob model.Digest, done, total int64)

// outgoing is an image on its way into another place. It is one of the registry
// library's, byte by byte the one that was opened where that has a manifest.
type outgoing struct {
	ctx              context.Context
	config, manifest []byte
	layers           []*outLayer
	tell             Sent
}

// put makes an image ready to leave. What is not compressed is compressed once,
// into temporary files that close removes.
func (i *Image) put(ctx context.Context, level int, tell Sent) (*outgoing, error) {
	p, err := i.documents(ctx)
	if err != nil {
		return nil, err
	}
	o := &outgoing{ctx: ctx, config: p.config, manifest: p.manifest, tell: tell}
	if o.tell == nil {
		o.tell = func(model.Digest, int64, int64) {}
	}
	if o.manifest != nil {
		return o, o.told(i)
	}
	for n, b := range i.Blobs {
		l := &outLayer{o: o, blob: b}
		if err := l.pack(level); err != nil {
			l.close()
			o.close()
			return nil, fmt.Errorf("layer %d: %w", n, err)
		}
		o.layers = append(o.layers, l)
	}
	return o, o.write()
}

func (o *outgoing) close() {
	for _, l := range o.layers {
		l.close()
	}
}

// told takes the layers as the manifest names them.
func (o *outgoing) told(i *Image) error {
	m, err := v1.ParseManifest(bytes.NewReader(o.manifest))
	if err != nil {
		return fmt.Errorf("manifest: %w", err)
	}
	if len(m.Layers) != len(i.Blobs) {
		return fmt.Errorf("manifest: %d layers, there are %d", len(m.Layers), len(i.Blobs))
	}
	for n, d := range m.Layers {
		l := &outLayer{o: o, blob: i.Blobs[n], descriptor: d}
		if id, err := v1.NewHash(string(l.blob.DiffID)); err == nil {
			l.diffID = id
		}
		o.layers = append(o.layers, l)
	}
	return nil
}

// write makes the manifest of an image that has none.
func (o *outgoing) write() error {
	var c map[string]json.RawMessage
	if err := json.Unmarshal(o.config, &c); err != nil {
		return fmt.Errorf("config: %w", err)
	}
	ids := []v1.Hash{}
	m := v1.Manifest{SchemaVersion: 2, MediaType: types.DockerManifestSchema2}
	for _, l := range o.layers {
		ids = append(ids, l.diffID)
		m.Layers = append(m.Layers, l.descriptor)
	}
	if err := o.fill(c, ids); err != nil {
		return err
	}
	sum, size, err := v1.SHA256(bytes.NewReader(o.config))
	if err != nil {
		return err
	}
	m.Config = v1.Descriptor{MediaType: types.DockerConfigJSON, Digest: sum, Size: size}
	o.manifest, err = json.Marshal(m)
	return err
}

// fill puts diff IDs into a config that lacks them; any other stays as it is.
func (o *outgoing) fill(c map[string]json.RawMessage, ids []v1.Hash) error {
	var root struct {
		DiffIDs []string `json:"diff_ids"`
	}
	_ = json.Unmarshal(c["rootfs"], &root) // what cannot be read is written anew
	same := len(root.DiffIDs) == len(ids)
	for i := 0; same && i < len(ids); i++ {
		same = root.DiffIDs[i] == ids[i].String()
	}
	if same {
		return nil
	}
	var err error
	if c["rootfs"], err = json.Marshal(map[string]any{"type": "layers", "diff_ids": ids}); err != nil {
		return err
	}
	o.config, err = json.Marshal(c)
	return err
}

// image returns what the registry library takes.
func (o *outgoing) image() (v1.Image, error) { return partial.CompressedToImage(o) }

// digest is that of the manifest.
func (o *outgoing) digest() model.Digest { return digestOf(o.manifest) }

// The methods of [partial.CompressedImageCore].

func (o *outgoing) RawConfigFile() ([]byte, error) { return o.config, nil }
func (o *outgoing) RawManifest() ([]byte, error)   { return o.manifest, nil }

func (o *outgoing) MediaType() (types.MediaType, error) {
	m, err := v1.ParseManifest(bytes.NewReader(o.manifest))
	if err != nil {
		return "", err
	}
	if m.MediaType == "" {
		return types.OCIManifestSchema1, nil
	}
	return m.MediaType, nil
}

func (o *outgoing) LayerByDigest(h v1.Hash) (partial.CompressedLayer, error) {
	for _, l := range o.layers {
		if l.descriptor.Digest == h {
			return l, nil
		}
	}
	return nil, fmt.Errorf("no layer %s", h)
}

// outLayer is a layer on its way out.
type outLayer struct {
	o          *outgoing
	blob       Blob
	descriptor v1.Descriptor
	diffID     v1.Hash
	packed     *os.File // nil where the blob goes out as it is
	end        sync.Once
}

func (l *outLayer) close() {
	l.end.Do(func() {
		if l.packed != nil {
			l.packed.Close()
			os.Remove(l.packed.Name())
		}
	})
}

// pack compresses a layer, and learns its digests on the way.
func (l *outLayer) pack(level int) (err error) {
	in, err := l.blob.Open(l.o.ctx)
	if err != nil {
		return err
	}
	defer in.Close()
	tar, err := codec.Decode(in)
	if err != nil {
		return err
	}
	defer tar.Close()
	if l.packed, err = os.CreateTemp("", "imgtui-layer-*"); err != nil {
		return err
	}
	stored, plain := sha256.New(), sha256.New()
	z, err := gzip.NewWriterLevel(io.MultiWriter(l.packed, stored), level)
	if err != nil {
		return err
	}
	_, err = copyTold(l.o.ctx, io.MultiWriter(z, plain), tar, func(int64) {})
	if err := errors.Join(err, z.Close()); err != nil {
		return err
	}
	size, err := l.packed.Seek(0, io.SeekCurrent)
	l.descriptor = v1.Descriptor{MediaType: types.DockerLayer, Digest: hashOf(stored.Sum(nil)), Size: size}
	l.diffID = hashOf(plain.Sum(nil))
	if want := l.blob.DiffID; want != "" && string(want) != l.diffID.String() {
		return fmt.Errorf("its digest is %s, the config says %s", l.diffID, want)
	}
	return err
}

func hashOf(sum []byte) v1.Hash { return v1.Hash{Algorithm: "sha256", Hex: fmt.Sprintf("%x", sum)} }

// The methods of [partial.CompressedLayer], and what else the library asks for.

func (l *outLayer) Digest() (v1.Hash, error)            { return l.descriptor.Digest, nil }
func (l *outLayer) Size() (int64, error)                { return l.descriptor.Size, nil }
func (l *outLayer) MediaType() (types.MediaType, error) { return l.descriptor.MediaType, nil }
func (l *outLayer) Descriptor() (*v1.Descriptor, error) { d := l.descriptor; return &d, nil }
func (l *outLayer) DiffID() (v1.Hash, error) {
	if l.diffID == (v1.Hash{}) {
		return v1.Hash{}, errors.New("no diff ID is known")
	}
	return l.diffID, nil
}

// Compressed streams the blob, and tells how far it has come. What is read is
// checked against its digest.
func (l *outLayer) Compressed() (io.ReadCloser, error) {
	var in io.ReadCloser
	var err error
	if l.packed != nil {
		in = io.NopCloser(io.NewSectionReader(l.packed, 0, l.descriptor.Size))
	} else if in, err = l.blob.Open(l.o.ctx); err != nil {
		return nil, err
	}
	return &toldReader{ReadCloser: in, l: l}, nil
}

// toldReader tells what is read, and ends with the context.
type toldReader struct {
	io.ReadCloser
	l    *outLayer
	done int64
}

// Read implements io.Reader.
func (r *toldReader) Read(p []byte) (int, error) {
	if err := r.l.o.ctx.Err(); err != nil {
		return 0, err
	}
	n, err := r.ReadCloser.Read(p)
	r.done += int64(n)
	r.l.o.tell(model.Digest(r.l.descriptor.Digest.String()), r.done, r.l.descriptor.Size)
	return n, err
}
