package index

import (
	"context"
	"fmt"
	"io"

	"github.com/zeebo/xxh3"

	"github.com/imgtui/imgtui/layers/index/scan"
	"github.com/imgtui/imgtui/layers/source"
	"github.com/imgtui/imgtui/model/tree"
)

// Learn reads contents that [Layer] has passed over, of a plain tar or of a layer
// with a table of contents: files of one layer in the order of its tar. The places
// are those of the layer.
func Learn(ctx context.Context, b source.Blob, at *Places, files []*tree.Payload) error {
	if at != nil && at.files != nil {
		return at.files.each(ctx, b, files, learn)
	}
	l := learning{at: b.At, buf: make([]byte, scan.MostWindow)}
	for _, p := range files {
		if err := ctx.Err(); err != nil {
			return err
		}
		sum, err := l.sum(p.Offset(), p.Size)
		if err != nil {
			return fmt.Errorf("byte %d: %w", p.Offset(), err)
		}
		p.Learn(sum)
	}
	return nil
}

func learn(p *tree.Payload, r io.Reader) error {
	h := xxh3.New()
	if _, err := io.Copy(h, r); err != nil {
		return fmt.Errorf("%s: %w", p.Name, err)
	}
	p.Learn(h.Sum64())
	return nil
}

// learning reads files that mostly lie near one another.
type learning struct {
	at   io.ReaderAt
	buf  []byte
	from int64 // of what is in the buffer
	held int
	hash xxh3.Hasher
}

// sum returns the hash of a piece of the tar.
func (l *learning) sum(at, n int64) (uint64, error) {
	if n > int64(len(l.buf)) {
		return l.large(at, n)
	}
	if at < l.from || at+n > l.from+int64(l.held) {
		if err := l.fill(at, n); err != nil {
			return 0, err
		}
	}
	return xxh3.Hash(l.buf[at-l.from:][:n]), nil
}

// fill reads n bytes, and a few of what follows.
func (l *learning) fill(at, n int64) (err error) {
	l.from = at
	l.held, err = l.at.ReadAt(l.buf[:max(n, scan.LeastWindow)], at)
	if int64(l.held) >= n {
		return nil
	}
	return short(err)
}

func (l *learning) large(at, n int64) (uint64, error) {
	l.hash.Reset()
	l.held = 0
	for n > 0 {
		k, err := l.at.ReadAt(l.buf[:min(n, int64(len(l.buf)))], at)
		if k == 0 {
			return 0, short(err)
		}
		l.hash.Write(l.buf[:k])
		at, n = at+int64(k), n-int64(k)
	}
	return l.hash.Sum64(), nil
}

// short is why a file has fewer bytes than it had.
func short(err error) error {
	if err == io.EOF {
		return io.ErrUnexpectedEOF
	}
	return err
}
