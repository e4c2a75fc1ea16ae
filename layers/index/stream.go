package index

import (
	"context"
	"fmt"
	"io"

	"github.com/imgtui/imgtui/layers/codec"
	"github.com/imgtui/imgtui/layers/index/scan"
	"github.com/imgtui/imgtui/layers/source"
	"github.com/imgtui/imgtui/model/tree"
)

// stream reads a layer's tar from its beginning.
type stream struct {
	ctx   context.Context
	blob  io.Closer
	plain io.ReadCloser
	tar   *scan.Scanner
	entry int // of the header read last; −1 before the first
}

func begin(ctx context.Context, b source.Blob) (*stream, error) {
	rc, err := b.Open(ctx)
	if err != nil {
		return nil, err
	}
	d, err := codec.Decode(stoppable{ctx, rc})
	if err != nil {
		rc.Close()
		return nil, err
	}
	return &stream{ctx: ctx, blob: rc, plain: d, tar: scan.New(pieced(d)), entry: -1}, nil
}

// stoppable is a blob that stops when the context does, also while a large file
// is passed over.
type stoppable struct {
	ctx context.Context
	r   io.Reader
}

// Read implements io.Reader.
func (s stoppable) Read(p []byte) (int, error) {
	if err := s.ctx.Err(); err != nil {
		return 0, err
	}
	return s.r.Read(p)
}

// Close implements io.Closer. What a decoder has found behind the file, which
// it then says, is not of interest.
func (s *stream) Close() error {
	s.plain.Close()
	return s.blob.Close()
}

// next goes to the next entry; entries are counted as [Layer] counts them.
func (s *stream) next() error {
	if err := s.ctx.Err(); err != nil {
		return err
	}
	_, err := s.tar.Next()
	if err == io.EOF {
		return io.ErrUnexpectedEOF
	}
	if err == nil {
		s.entry++
	}
	return err
}

// until goes to a file. Its content is bounded by what the tree says of it.
func (s *stream) until(p *tree.Payload) (io.Reader, error) {
	for s.entry < p.Entry() {
		if err := s.next(); err != nil {
			return nil, err
		}
	}
	return newWhole(s.ctx, s.tar, p), nil
}

// each calls f for files of the stream, which are in its order.
func (s *stream) each(files []*tree.Payload, f func(*tree.Payload, io.Reader) error) error {
	for i, p := range files {
		r, err := s.until(p)
		if err != nil {
			return fmt.Errorf("%d files are not in the layer: %w", len(files)-i, err)
		}
		if err := f(p, r); err != nil {
			return err
		}
	}
	return nil
}
