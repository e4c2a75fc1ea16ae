package index

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"hash"
	"io"
	"slices"
	"strings"

	"github.com/imgtui/imgtui/layers/codec"
	"github.com/imgtui/imgtui/layers/index/toc"
	"github.com/imgtui/imgtui/layers/source"
	"github.com/imgtui/imgtui/model/tree"
)

// contents are where the files of a layer lie, as its table of contents says.
type contents struct {
	entries []uint32 // of files that have bytes, rising
	ends    []uint32 // of their chunks
	chunks  []toc.Chunk
	end     int64 // of the stored files
}

// listedCodec stands for a layer that was read by its table of contents.
const listedCodec = "toc"

func (c *contents) memory() int64 { return int64(4*(cap(c.entries)+cap(c.ends)) + 56*cap(c.chunks)) }

// add notes the next file.
func (c *contents) add(entry int, chunks []toc.Chunk) {
	c.chunks = append(c.chunks, chunks...)
	c.entries, c.ends = append(c.entries, uint32(entry)), append(c.ends, uint32(len(c.chunks)))
}

// last returns where what follows the last file begins, in whole blocks: behind
// so many bytes of what a stored byte on unpacks to.
func (c *contents) last() (from, skip int64) {
	n := len(c.chunks)
	if n == 0 {
		return 0, 0
	}
	k := c.chunks[n-1]
	first, size := uint32(0), int64(0)
	if f := len(c.ends) - 1; f > 0 {
		first = c.ends[f-1]
	}
	for _, k := range c.chunks[first:] {
		size += k.Size
	}
	return k.At, k.Skip + k.Size + -size&511
}

// stretch is where a file lies: chunks, and the stored bytes that hold them.
type stretch struct {
	chunks   []toc.Chunk
	from, to int64
}

// find returns where the file lies that is that entry.
func (c *contents) find(entry int) (stretch, error) {
	n, ok := slices.BinarySearch(c.entries, uint32(entry))
	if !ok {
		return stretch{}, errors.New("it is not in the table of contents")
	}
	first := uint32(0)
	if n > 0 {
		first = c.ends[n-1]
	}
	chunks := c.chunks[first:c.ends[n]]
	last := chunks[len(chunks)-1]
	s := stretch{chunks, chunks[0].At, c.end}
	for _, k := range c.chunks[c.ends[n]:] {
		if k.At > last.At {
			s.to = k.At
			break
		}
	}
	if last.At >= c.end { // the table itself
		s.to = last.At
	}
	return s, nil
}

// open returns the content of a file, which is asked for at once.
func (c *contents) open(ctx context.Context, b source.Blob, p *tree.Payload) (io.ReadCloser, error) {
	s, err := c.find(p.Entry())
	if err != nil {
		return nil, err
	}
	if s.to == s.from {
		s.to = b.Size
	}
	stored, err := part(ctx, b, s.from, s.to-s.from)
	if err != nil {
		return nil, err
	}
	r, err := s.decode(stoppable{ctx, stored})
	if err != nil {
		stored.Close()
		return nil, err
	}
	return content{r, closers{r, stored}}, nil
}

// part is a part of a stored layer, wherever that is now.
func part(ctx context.Context, b source.Blob, from, n int64) (io.ReadCloser, error) {
	switch {
	case b.At != nil:
		return io.NopCloser(io.NewSectionReader(b.At, from, n)), nil
	case b.Range != nil:
		return b.Range(ctx, from, n)
	}
	return nil, errors.New("the layer cannot be read at random")
}

// closers close one after the other. What a decoder has found behind the file,
// which it then says, is not of interest.
type closers [2]io.Closer

// Close implements io.Closer.
func (c closers) Close() error {
	c[0].Close()
	return c[1].Close()
}

// decode undoes the compression of what is stored of a file.
func (s stretch) decode(r io.Reader) (*proven, error) {
	d, err := codec.Decode(r)
	if err != nil {
		return nil, err
	}
	if _, err := io.CopyN(io.Discard, d, s.chunks[0].Skip); err != nil {
		d.Close()
		return nil, short(err)
	}
	return &proven{d: d, chunks: s.chunks, sum: sha256.New()}, nil
}

// proven is a file's content, each chunk of it held against its digest.
type proven struct {
	d      io.ReadCloser
	chunks []toc.Chunk
	done   int64 // bytes of the first chunk
	sum    hash.Hash
}

// Read implements io.Reader.
func (p *proven) Read(b []byte) (int, error) {
	if len(p.chunks) == 0 {
		return 0, io.EOF
	}
	c := p.chunks[0]
	n, err := p.d.Read(b[:min(int64(len(b)), c.Size-p.done)])
	p.sum.Write(b[:n])
	if p.done += int64(n); p.done < c.Size {
		return n, short(err)
	}
	if [32]byte(p.sum.Sum(nil)) != c.Sum {
		return n, errChanged
	}
	p.chunks, p.done = p.chunks[1:], 0
	p.sum.Reset()
	return n, nil
}

// Close implements io.Closer.
func (p *proven) Close() error { return p.d.Close() }

// What is asked for at once of files that lie near one another.
const (
	nearFiles = 256 << 10
	mostFiles = 8 << 20
)

// each calls f for files in the order of the layer.
func (c *contents) each(ctx context.Context, b source.Blob, files []*tree.Payload, f func(*tree.Payload, io.Reader) error) error {
	for len(files) > 0 {
		if files[0].Size == 0 {
			if err := f(files[0], strings.NewReader("")); err != nil {
				return err
			}
			files = files[1:]
			continue
		}
		n, err := c.several(ctx, b, files, f)
		if err != nil {
			return err
		}
		files = files[n:]
	}
	return nil
}

// several calls f for the next files, as many as are asked for at once.
func (c *contents) several(ctx context.Context, b source.Blob, files []*tree.Payload, f func(*tree.Payload, io.Reader) error) (n int, err error) {
	run, err := c.run(files)
	if err != nil {
		return 0, err
	}
	if len(run) == 1 {
		r, err := c.open(ctx, b, files[0])
		if err != nil {
			return 0, err
		}
		defer r.Close()
		return 1, f(files[0], r)
	}
	from := run[0].from
	stored := make([]byte, run[len(run)-1].to-from)
	rc, err := part(ctx, b, from, int64(len(stored)))
	if err != nil {
		return 0, err
	}
	_, err = io.ReadFull(rc, stored)
	rc.Close()
	if err != nil {
		return 0, err
	}
	for i, s := range run {
		r, err := s.decode(bytes.NewReader(stored[s.from-from : s.to-from]))
		if err != nil {
			return 0, err
		}
		err = f(files[i], r)
		r.Close()
		if err != nil {
			return 0, err
		}
	}
	return len(run), nil
}

// run is where the next files lie, as many as are worth to be asked for at once.
func (c *contents) run(files []*tree.Payload) ([]stretch, error) {
	var run []stretch
	for _, p := range files {
		if p.Size == 0 {
			break
		}
		s, err := c.find(p.Entry())
		if err != nil {
			return nil, err
		}
		if len(run) > 0 && (s.to <= s.from || s.from > run[len(run)-1].to+nearFiles || s.to-run[0].from > mostFiles) {
			break
		}
		run = append(run, s)
		if s.to <= s.from {
			break
		}
	}
	return run, nil
}

// appendTo writes the contents: of each file how much farther it is than the
// one before, and its chunks.
func (c *contents) appendTo(b []byte) []byte {
	b = binary.AppendUvarint(b, uint64(c.end))
	b = binary.AppendUvarint(b, uint64(len(c.entries)))
	entry, first, at := uint32(0), uint32(0), int64(0)
	for n, e := range c.entries {
		b = binary.AppendUvarint(b, uint64(e-entry))
		b = binary.AppendUvarint(b, uint64(c.ends[n]-first))
		for _, k := range c.chunks[first:c.ends[n]] {
			b = binary.AppendUvarint(b, uint64(k.At-at))
			b = binary.AppendUvarint(b, uint64(k.Skip))
			b = binary.AppendUvarint(b, uint64(k.Size))
			b = append(b, k.Sum[:]...)
			at = k.At
		}
		entry, first = e, c.ends[n]
	}
	return b
}

var errContents = errors.New("places: a damaged table of contents")

// readContents is the reverse, for bytes that need not be what they should.
func readContents(b []byte) (*contents, error) {
	r := numbers{b: b}
	c := &contents{end: r.next(1 << 62)}
	entry, at := int64(0), int64(0)
	for n := r.next(int64(len(b))); n > 0 && !r.bad; n-- {
		entry += r.next(1<<31 - entry)
		var chunks []toc.Chunk
		for k := r.next(int64(len(r.b))); k > 0 && !r.bad; k-- {
			at += r.next(1<<62 - at)
			chunks = append(chunks, toc.Chunk{At: at, Skip: r.next(1 << 62), Size: r.next(1 << 62), Sum: r.sum()})
		}
		if len(chunks) == 0 || len(c.entries) > 0 && uint32(entry) <= c.entries[len(c.entries)-1] {
			return nil, errContents
		}
		c.add(int(entry), chunks)
	}
	if r.bad || len(r.b) > 0 {
		return nil, errContents
	}
	return c, nil
}

// numbers reads numbers until one is bad.
type numbers struct {
	b   []byte
	bad bool
}

// next reads one that is at most so large.
func (r *numbers) next(most int64) int64 {
	u, k := binary.Uvarint(r.b)
	if r.bad || k <= 0 || u > uint64(most) {
		r.bad = true
		return 0
	}
	r.b = r.b[k:]
	return int64(u)
}

func (r *numbers) sum() (s [32]byte) {
	if len(r.b) < len(s) {
		r.bad = true
		return s
	}
	r.b = r.b[copy(s[:], r.b):]
	return s
}
