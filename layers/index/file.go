package index

import (
	"cmp"
	"context"
	"errors"
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/zeebo/xxh3"

	"github.com/imgtui/imgtui/layers/codec"
	"github.com/imgtui/imgtui/layers/source"
	"github.com/imgtui/imgtui/model/tree"
)

// errChanged is why a file of a compressed layer is not given to its end.
var errChanged = errors.New("the layer now holds other bytes than when it was read")

// Open returns the content of one file of a layer: from the nearest place where
// the blob can be read at random, else by reading up to it. The places are those
// that reading the layer has found, or nil. Content that ends early, or is not
// what the layer had when it was read, is an error of its last Read. The caller
// closes it.
func Open(ctx context.Context, b source.Blob, at *Places, p *tree.Payload) (io.ReadCloser, error) {
	if p.Size == 0 {
		return io.NopCloser(strings.NewReader("")), nil
	}
	if at != nil && at.files != nil {
		return at.files.open(ctx, b, p)
	}
	if r := direct(ctx, b, at, p); r != nil {
		return io.NopCloser(r), nil
	}
	if p.Offset() < 0 {
		return openSparse(ctx, b, p)
	}
	c := &cursor{ctx: ctx, blob: b, places: at, until: p.Offset() + p.Size}
	if err := c.to(p.Offset()); err != nil {
		c.Close()
		return nil, err
	}
	return content{newWhole(ctx, c, p), c}, nil
}

// content is a file's bytes, and what they are read from.
type content struct {
	io.Reader
	io.Closer
}

// openSparse returns the content of a file that does not stand in the tar as it is.
func openSparse(ctx context.Context, b source.Blob, p *tree.Payload) (io.ReadCloser, error) {
	s, err := begin(ctx, b)
	if err != nil {
		return nil, err
	}
	r, err := s.until(p)
	if err != nil {
		s.Close()
		return nil, err
	}
	return content{r, s}, nil
}

// Each calls f for each of the files of one layer, by entry, with its content, in
// the order in which the layer has them, sparse ones last, reading a compressed
// blob only once and leaving out what the places allow.
func Each(ctx context.Context, b source.Blob, at *Places, files map[int]*tree.Payload, f func(*tree.Payload, io.Reader) error) error {
	if at != nil && at.files != nil {
		return at.files.each(ctx, b, slices.SortedFunc(maps.Values(files), byEntry), f)
	}
	var sparse []*tree.Payload
	c := &cursor{ctx: ctx, blob: b, places: at}
	defer c.Close()
	var sound []*tree.Payload
	for _, n := range slices.Sorted(maps.Keys(files)) {
		if p := files[n]; p.Offset() < 0 && p.Size > 0 {
			sparse = append(sparse, p)
		} else {
			sound = append(sound, p)
		}
	}
	for n, p := range sound {
		c.run(sound[n:])
		if err := c.give(p, f); err != nil {
			return err
		}
	}
	c.Close()
	if len(sparse) == 0 {
		return nil
	}
	s, err := begin(ctx, b)
	if err != nil {
		return err
	}
	defer s.Close()
	return s.each(sparse, f)
}

func byEntry(a, b *tree.Payload) int { return cmp.Compare(a.Entry(), b.Entry()) }

// apart is how far places lie from the file before that are worth a request.
const apart = 4 << 20

// run sees which of the next files are read in one go: those before which there
// is no place that is worth going to.
func (c *cursor) run(files []*tree.Payload) {
	if files[0].Offset() < c.until {
		return
	}
	gap := int64(0)
	if c.blob.At == nil {
		gap = apart
	}
	for n, p := range files {
		if c.places.near(p.Offset()) > c.until+gap {
			if n > 0 {
				return
			}
			c.Close()
		}
		c.until = max(c.until, p.Offset()+p.Size)
	}
}

// give calls f with one file.
func (c *cursor) give(p *tree.Payload, f func(*tree.Payload, io.Reader) error) error {
	if p.Size == 0 {
		return f(p, strings.NewReader(""))
	}
	if r := direct(c.ctx, c.blob, c.places, p); r != nil {
		return f(p, r)
	}
	if err := c.to(p.Offset()); err != nil {
		return err
	}
	return f(p, newWhole(c.ctx, c, p))
}

// whole is a file's content: so many bytes, with the sum that they had.
type whole struct {
	ctx  context.Context
	r    io.Reader
	left int64
	sum  *xxh3.Hasher // nil where the sum is not known
	want uint64
}

// newWhole bounds the content of a file of a compressed layer by what the tree
// says of it.
func newWhole(ctx context.Context, r io.Reader, p *tree.Payload) *whole {
	w := &whole{ctx: ctx, r: io.LimitReader(r, p.Size), left: p.Size, want: p.Content()}
	if !p.Unread() {
		w.sum = xxh3.New()
	}
	return w
}

// Read implements io.Reader.
func (w *whole) Read(p []byte) (int, error) {
	if err := w.ctx.Err(); err != nil {
		return 0, err
	}
	n, err := w.r.Read(p)
	w.left -= int64(n)
	if w.sum != nil {
		w.sum.Write(p[:n])
	}
	switch {
	case err == io.EOF && w.left > 0:
		err = io.ErrUnexpectedEOF
	case err == io.EOF && w.sum != nil && w.sum.Sum64() != w.want:
		err = errChanged
	}
	return n, err
}

// direct returns the content of a file of a plain tar, or nil.
func direct(ctx context.Context, b source.Blob, at *Places, p *tree.Payload) io.Reader {
	if b.At == nil || p.Offset() < 0 || !plainly(b, at) {
		return nil
	}
	return &whole{ctx: ctx, r: io.NewSectionReader(b.At, p.Offset(), p.Size), left: p.Size}
}

// plainly tells whether a blob that can be read at random is no compressed one.
func plainly(b source.Blob, at *Places) bool {
	if at != nil {
		return at.codec == ""
	}
	head := make([]byte, 6)
	n, err := b.At.ReadAt(head, 0)
	return (err == nil || n > 0) && codec.Name(head[:n]) == ""
}
