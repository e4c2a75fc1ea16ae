package builder

import (
	"context"
	"fmt"
	"io"
	"os"
	"sync"

	"github.com/containerd/containerd/v2/core/content"
	"github.com/containerd/errdefs"
	"github.com/opencontainers/go-digest"
	ocispecs "github.com/opencontainers/image-spec/specs-go/v1"

	"github.com/imgtui/imgtui/layers/source"
	"github.com/imgtui/imgtui/model"
)

// baseStore serves an open image to BuildKit, which asks for the blobs that it
// lacks. Nothing is written into it. A blob is kept in a temporary file from when
// it is first asked for.
type baseStore struct {
	content.Store // the half that writes, which nobody calls
	bundle        *source.Bundle
	mu            sync.Mutex
	kept          map[digest.Digest]*keptBlob
}

type keptBlob struct {
	once sync.Once
	file *os.File
	size int64
	err  error
}

func newBaseStore(b *source.Bundle) *baseStore {
	return &baseStore{bundle: b, kept: map[digest.Digest]*keptBlob{}}
}

// Info implements [content.Store].
func (s *baseStore) Info(_ context.Context, d digest.Digest) (content.Info, error) {
	size, _, ok := s.bundle.Blob(model.Digest(d))
	if !ok {
		return content.Info{}, fmt.Errorf("blob %s: %w", d, errdefs.ErrNotFound)
	}
	return content.Info{Digest: d, Size: size}, nil
}

// ReaderAt implements [content.Store].
func (s *baseStore) ReaderAt(_ context.Context, desc ocispecs.Descriptor) (content.ReaderAt, error) {
	size, open, ok := s.bundle.Blob(model.Digest(desc.Digest))
	if !ok {
		return nil, fmt.Errorf("blob %s: %w", desc.Digest, errdefs.ErrNotFound)
	}
	s.mu.Lock()
	k := s.kept[desc.Digest]
	if k == nil {
		k = &keptBlob{size: size}
		s.kept[desc.Digest] = k
	}
	s.mu.Unlock()
	k.once.Do(func() { k.file, k.err = keep(open) })
	if k.err != nil {
		return nil, k.err
	}
	return blobReader{k.file, k.size}, nil
}

// keep copies a blob into a temporary file.
func keep(open func() (io.ReadCloser, error)) (*os.File, error) {
	in, err := open()
	if err != nil {
		return nil, err
	}
	defer in.Close()
	f, err := os.CreateTemp("", "imgtui-base-*")
	if err != nil {
		return nil, err
	}
	if _, err := io.Copy(f, in); err != nil {
		f.Close()
		os.Remove(f.Name())
		return nil, err
	}
	return f, nil
}

// Close removes what was kept.
func (s *baseStore) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, k := range s.kept {
		if k.file != nil {
			k.file.Close()
			os.Remove(k.file.Name())
		}
	}
	return nil
}

// blobReader reads a kept blob, which others read too.
type blobReader struct {
	io.ReaderAt
	size int64
}

// Size implements [content.ReaderAt].
func (r blobReader) Size() int64 { return r.size }

// Close implements [content.ReaderAt].
func (r blobReader) Close() error { return nil }
