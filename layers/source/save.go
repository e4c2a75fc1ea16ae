package source

import (
	"archive/tar"
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/google/go-containerregistry/pkg/name"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	archive "github.com/google/go-containerregistry/pkg/v1/tarball"
	"github.com/google/go-containerregistry/pkg/v1/types"

	"github.com/imgtui/imgtui/model"
)

// Form is how an archive lays out an image.
type Form uint8

// The forms.
const (
	OCIArchive    Form = iota // an OCI layout as a tar
	DockerArchive             // what docker save writes
)

// Save writes an image to an archive, whole or not at all. It is called tag
// there, where that is not "".
func Save(ctx context.Context, i *Image, path string, f Form, tag string, tell Sent) (Put, error) {
	out, err := i.put(ctx, gzip.DefaultCompression, tell)
	if err != nil {
		return Put{}, fmt.Errorf("save %s: %w", path, err)
	}
	defer out.close()
	n, err := aside(path, func(w io.Writer) error { return out.archive(w, f, tag) })
	if err != nil && ctx.Err() == nil {
		err = fmt.Errorf("save %s: %w", path, err)
	}
	return Put{To: path, Digest: out.digest(), Bytes: n}, err
}

// aside writes a file beside its place and renames it when it is whole. A path
// that is there and is no file, such as a pipe, is written to.
func aside(path string, write func(io.Writer) error) (n int64, err error) {
	if i, err := os.Stat(path); err == nil && !i.Mode().IsRegular() {
		if i.IsDir() {
			return 0, errors.New("it is a directory")
		}
		f, err := os.OpenFile(path, os.O_WRONLY, 0)
		if err != nil {
			return 0, err
		}
		var c counted
		err = write(io.MultiWriter(f, &c))
		return int64(c), errors.Join(err, f.Close())
	}
	f, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+"-*")
	if err != nil {
		return 0, err
	}
	defer func() {
		if err != nil {
			os.Remove(f.Name())
		}
	}()
	if err = write(f); err == nil {
		n, err = f.Seek(0, io.SeekEnd)
	}
	if err == nil {
		err = f.Chmod(0o644)
	}
	if err := errors.Join(err, f.Close()); err != nil {
		return 0, err
	}
	return n, os.Rename(f.Name(), path)
}

func (o *outgoing) archive(w io.Writer, f Form, tag string) error {
	if f == OCIArchive {
		return o.oci(w, tag)
	}
	img, err := o.image()
	if err != nil {
		return err
	}
	var ref name.Reference = untagged(o.digest())
	if tag != "" {
		if ref, err = parseTag(tag); err != nil {
			return err
		}
	}
	return archive.Write(ref, img, w)
}

// untagged is a reference that gives an image no name.
func untagged(d model.Digest) name.Digest {
	n, err := name.NewDigest("imgtui/untagged@" + string(d))
	if err != nil {
		panic(err) // a digest of ours
	}
	return n
}

// oci writes an OCI layout.
func (o *outgoing) oci(w io.Writer, tag string) error {
	index, err := o.index(tag)
	if err != nil {
		return err
	}
	t := tar.NewWriter(w)
	add := func(name string, body []byte) error {
		if err := t.WriteHeader(&tar.Header{Name: name, Mode: 0o644, Size: int64(len(body)), Typeflag: tar.TypeReg}); err != nil {
			return err
		}
		_, err := t.Write(body)
		return err
	}
	for _, f := range []struct {
		name string
		body []byte
	}{
		{"oci-layout", []byte(`{"imageLayoutVersion":"1.0.0"}`)}, {"index.json", index},
		{blobName(o.digest()), o.manifest}, {blobName(digestOf(o.config)), o.config},
	} {
		if err := add(f.name, f.body); err != nil {
			return err
		}
	}
	there := map[v1.Hash]bool{}
	for _, l := range o.layers {
		if d := l.descriptor; !there[d.Digest] {
			there[d.Digest] = true
			if err := l.into(t); err != nil {
				return err
			}
		}
	}
	return t.Close()
}

func blobName(d model.Digest) string { return "blobs/sha256/" + string(d)[len("sha256:"):] }

// into copies a layer, and checks it on the way.
func (l *outLayer) into(t *tar.Writer) error {
	d := l.descriptor
	if d.Digest.Algorithm != "sha256" {
		return fmt.Errorf("layer %s: only sha256 is written", d.Digest)
	}
	in, err := l.Compressed()
	if err != nil {
		return err
	}
	defer in.Close()
	if err := t.WriteHeader(&tar.Header{Name: "blobs/sha256/" + d.Digest.Hex, Mode: 0o644, Size: d.Size, Typeflag: tar.TypeReg}); err != nil {
		return err
	}
	sum, n, err := v1.SHA256(io.TeeReader(io.LimitReader(in, d.Size+1), t))
	switch {
	case err != nil:
		return err
	case n != d.Size:
		return fmt.Errorf("layer %s: %d bytes, the manifest says %d", d.Digest, n, d.Size)
	case sum != d.Digest:
		return fmt.Errorf("layer %s: its digest is %s", d.Digest, sum)
	}
	return nil
}

func (o *outgoing) index(tag string) ([]byte, error) {
	kind, err := o.MediaType()
	if err != nil {
		return nil, err
	}
	sum, err := v1.NewHash(string(o.digest()))
	if err != nil {
		return nil, err
	}
	d := v1.Descriptor{MediaType: kind, Digest: sum, Size: int64(len(o.manifest))}
	if tag != "" {
		n, err := parseTag(tag)
		if err != nil {
			return nil, err
		}
		d.Annotations = map[string]string{"io.containerd.image.name": n.Name(), "org.opencontainers.image.ref.name": n.TagStr()}
	}
	return json.Marshal(v1.IndexManifest{SchemaVersion: 2, MediaType: types.OCIImageIndex, Manifests: []v1.Descriptor{d}})
}
