package index

import (
	"context"
	"io"
	"maps"
	"slices"

	"github.com/imgtui/imgtui/layers/codec"
	"github.com/imgtui/imgtui/layers/source"
	"github.com/imgtui/imgtui/model/tree"
)

// Open returns the content of one file of a layer: at once where the blob is a
// plain tar that can be read at random, else by reading up to it. Content that
// ends early is an error of its Read. The caller closes it.
func Open(ctx context.Context, b source.Blob, p *tree.Payload) (io.ReadCloser, error) {
	if r := direct(ctx, b, p); r != nil {
		return io.NopCloser(r), nil
	}
	s, err := begin(ctx, b)
	if err != nil {
		return nil, err
	}
	r, err := s.until(p)
	if err != nil {
		s.Close()
		return nil, err
	}
	return struct {
		io.Reader
		io.Closer
	}{r, s}, nil
}

// Each calls f for each of the files of one layer, by entry, with its content,
// in the order in which the layer has them, reading a compressed blob only once.
func Each(ctx context.Context, b source.Blob, files map[int]*tree.Payload, f func(*tree.Payload, io.Reader) error) error {
	var rest []*tree.Payload
	for _, n := range slices.Sorted(maps.Keys(files)) {
		p := files[n]
		r := direct(ctx, b, p)
		if r == nil {
			rest = append(rest, p)
			continue
		}
		if err := f(p, r); err != nil {
			return err
		}
	}
	if len(rest) == 0 {
		return nil
	}
	s, err := begin(ctx, b)
	if err != nil {
		return err
	}
	defer s.Close()
	return s.each(rest, f)
}

// whole is a file's content that must have so many bytes.
type whole struct {
	ctx  context.Context
	r    io.Reader
	left int64
}

// Read implements io.Reader.
func (w *whole) Read(p []byte) (int, error) {
	if err := w.ctx.Err(); err != nil {
		return 0, err
	}
	n, err := w.r.Read(p)
	w.left -= int64(n)
	if err == io.EOF && w.left > 0 {
		err = io.ErrUnexpectedEOF
	}
	return n, err
}

// direct returns the content of a file of a plain tar, or nil.
func direct(ctx context.Context, b source.Blob, p *tree.Payload) io.Reader {
	if b.At == nil || p.Offset < 0 {
		return nil
	}
	head := make([]byte, 6)
	if n, err := b.At.ReadAt(head, 0); err != nil && n == 0 || codec.Name(head[:n]) != "" {
		return nil
	}
	return &whole{ctx, io.NewSectionReader(b.At, p.Offset, p.Size), p.Size}
}
