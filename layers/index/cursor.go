package index

import (
	"context"
	"errors"
	"io"

	"github.com/imgtui/imgtui/layers/codec"
	"github.com/imgtui/imgtui/layers/index/inflate"
	"github.com/imgtui/imgtui/layers/index/scan"
	"github.com/imgtui/imgtui/layers/source"
)

// cursor reads a layer's tar from any byte on: from the nearest place before, and
// then on from where it stands. It is for one goroutine, which closes it.
type cursor struct {
	ctx    context.Context
	blob   source.Blob
	places *Places
	stored io.Closer
	plain  io.ReadCloser // nil before the first byte is asked for
	src    scan.Source
	until  int64 // the end of the files that are read in one go
	piece  []byte
	err    error // why there is nothing behind the piece
	pos    int64 // of the piece's first byte
}

// to goes to a byte of the tar.
func (c *cursor) to(offset int64) error {
	if c.plain == nil || offset < c.pos {
		from, err := c.places.before(offset)
		if err != nil {
			return err
		}
		if err := c.begin(from); err != nil {
			return err
		}
	}
	return c.skip(offset - c.pos)
}

// begin begins at a place.
func (c *cursor) begin(from inflate.Checkpoint) error {
	c.Close()
	stored, err := c.section(from)
	if errors.Is(err, source.ErrNoRange) {
		from = inflate.Checkpoint{}
		stored, err = c.blob.Open(c.ctx)
	}
	if err != nil {
		return err
	}
	plain, err := c.decode(stoppable{c.ctx, stored}, from)
	if err != nil {
		stored.Close()
		return err
	}
	c.stored, c.plain, c.src, c.piece, c.err, c.pos = stored, plain, pieced(plain), nil, nil, from.Out
	return nil
}

// decode undoes the compression of what is stored from a place on.
func (c *cursor) decode(r io.Reader, from inflate.Checkpoint) (io.ReadCloser, error) {
	if from.Out == 0 || c.places.codec != "gzip" {
		return codec.Decode(r)
	}
	z, err := inflate.Resume(r, from)
	if err != nil {
		return nil, err
	}
	return z, nil
}

// section is what is stored from a place on.
func (c *cursor) section(from inflate.Checkpoint) (io.ReadCloser, error) {
	at := from.Bit / 8
	switch {
	case c.blob.At != nil:
		return io.NopCloser(io.NewSectionReader(c.blob.At, at, c.blob.Size-at)), nil
	case c.places != nil && c.blob.Range != nil:
		return newRanged(c.ctx, c.blob, at, c.places.parts(from, c.until, c.blob.Size))
	}
	return c.blob.Open(c.ctx)
}

// skip passes over some bytes.
func (c *cursor) skip(n int64) error {
	for {
		k := min(n, int64(len(c.piece)))
		c.piece, c.pos, n = c.piece[k:], c.pos+k, n-k
		if n == 0 {
			return nil
		}
		if err := c.more(); err != nil {
			if err == io.EOF {
				err = io.ErrUnexpectedEOF
			}
			return err
		}
	}
}

// more gets another piece where there is none left.
func (c *cursor) more() error {
	for len(c.piece) == 0 {
		if c.err == nil {
			c.err = c.ctx.Err()
		}
		if c.err != nil {
			return c.err
		}
		c.piece, c.err = c.src.Next()
	}
	return nil
}

// Read implements io.Reader.
func (c *cursor) Read(p []byte) (int, error) {
	if err := c.more(); err != nil {
		return 0, err
	}
	n := copy(p, c.piece)
	c.piece, c.pos = c.piece[n:], c.pos+int64(n)
	return n, nil
}

// Close implements io.Closer. What a decoder has found behind the file, which
// it then says, is not of interest.
func (c *cursor) Close() error {
	if c.plain == nil {
		return nil
	}
	c.plain.Close()
	err := c.stored.Close()
	c.plain, c.stored, c.src, c.piece = nil, nil, nil, nil
	return err
}
