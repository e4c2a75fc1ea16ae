package index

import (
	"context"
	"io"
)

// window is a plain tar that is looked at where its headers are: what is passed
// over is not read. It is for one goroutine.
type window struct {
	ctx  context.Context
	at   io.ReaderAt
	from int64 // of the bytes that come next
	size int64 // of the tar
	next int   // how many are read at once
	buf  []byte
	tell func(reached int64, err error) // err is why no more can be read
}

// How much is read at once: little where large files are passed over, more
// where all is read.
const (
	leastWindow = 2 << 10
	mostWindow  = 128 << 10
)

// newWindow looks at a tar of so many bytes, the last of which is there.
func newWindow(ctx context.Context, at io.ReaderAt, size int64, tell func(int64, error)) *window {
	return &window{ctx: ctx, at: at, size: size, next: leastWindow, tell: tell}
}

// Next implements scan.Source.
func (w *window) Next() ([]byte, error) {
	if err := w.ctx.Err(); err != nil {
		return nil, err
	}
	if w.from == w.size {
		return nil, io.EOF
	}
	if w.next > len(w.buf) {
		w.buf = make([]byte, w.next)
	}
	b := w.buf[:min(int64(w.next), w.size-w.from)]
	n, err := w.at.ReadAt(b, w.from)
	if n < len(b) {
		w.tell(w.from, short(err))
		return nil, short(err)
	}
	w.from += int64(n)
	w.next = min(2*w.next, mostWindow)
	w.tell(w.from, nil)
	return b, nil
}

// Skip implements scan.Skipper.
func (w *window) Skip(n int64) (int64, error) {
	n = min(n, w.size-w.from)
	w.from += n
	if n > int64(w.next) {
		w.next = leastWindow
	}
	w.tell(w.from, nil)
	return n, nil
}
