package source

import (
	"bytes"
	"compress/gzip"
	"context"
	"io"

	"github.com/imgtui/imgtui/model"
)

// Bundle is an image as blobs that each have a digest: manifest, config and
// layers, whatever place the image is in.
type Bundle struct {
	Digest model.Digest // of the manifest
	Config []byte
	out    *outgoing
}

// Bundle makes one, once: it is the image's until that is closed. What the layers
// of the place are without a digest is spooled to temporary files.
func (i *Image) Bundle(ctx context.Context) (*Bundle, error) {
	i.bundling.Lock()
	defer i.bundling.Unlock()
	if i.bundle != nil {
		return i.bundle, nil
	}
	out, err := i.put(ctx, gzip.NoCompression, nil)
	if err != nil {
		return nil, err
	}
	out.ctx = context.WithoutCancel(ctx) // who comes later reads too
	i.bundle = &Bundle{Digest: out.digest(), Config: out.config, out: out}
	return i.bundle, nil
}

// unbundle removes what was spooled.
func (i *Image) unbundle() {
	i.bundling.Lock()
	defer i.bundling.Unlock()
	if i.bundle != nil {
		i.bundle.out.close()
		i.bundle = nil
	}
}

// Blob returns the size of a blob and how it is opened; false where it is none
// of the image's. It may be asked from several goroutines.
func (b *Bundle) Blob(d model.Digest) (size int64, open func() (io.ReadCloser, error), ok bool) {
	for _, body := range [][]byte{b.out.manifest, b.out.config} {
		if digestOf(body) == d {
			return int64(len(body)), func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(body)), nil }, true
		}
	}
	for _, l := range b.out.layers {
		if l.descriptor.Digest.String() == string(d) {
			return l.descriptor.Size, l.Compressed, true
		}
	}
	return 0, nil, false
}
