package scan

import (
	"context"
	"io"
	"sync"
)

// Window is a plain tar that is looked at where its headers are: what is passed
// over is not read. It is for one goroutine, which closes it.
type Window struct {
	ctx  context.Context
	at   io.ReaderAt
	from int64 // of the bytes that come next
	size int64 // of the tar
	next int   // how many are read at once
	buf  *[MostWindow]byte
	tell func(reached int64, err error)

	others Others
}

// How much is read at once: little where large files are passed over, more
// where all is read.
const (
	LeastWindow = 2 << 10
	MostWindow  = 128 << 10
)

// bufs are the memory of windows that have been closed.
var bufs = sync.Pool{New: func() any { return new([MostWindow]byte) }}

// NewWindow looks at a tar of so many bytes, the last of which is there. tell is
// told how far it has been looked at, and why no more can be read.
func NewWindow(ctx context.Context, at io.ReaderAt, size int64, tell func(int64, error)) *Window {
	return &Window{ctx: ctx, at: at, size: size, next: LeastWindow, buf: bufs.Get().(*[MostWindow]byte), tell: tell}
}

// Close ends the looking. What Next has returned is no longer the caller's.
func (w *Window) Close() {
	bufs.Put(w.buf)
	w.buf = nil
}

// Next implements [Source].
func (w *Window) Next() ([]byte, error) {
	w.others.Turn()
	if err := w.ctx.Err(); err != nil {
		return nil, err
	}
	if w.from == w.size {
		return nil, io.EOF
	}
	b := w.buf[:min(int64(w.next), w.size-w.from)]
	n, err := w.at.ReadAt(b, w.from)
	if n < len(b) {
		if err == io.EOF {
			err = io.ErrUnexpectedEOF
		}
		w.tell(w.from, err)
		return nil, err
	}
	w.from += int64(n)
	w.next = min(2*w.next, MostWindow)
	w.tell(w.from, nil)
	return b, nil
}

// Skip implements [Skipper].
func (w *Window) Skip(n int64) (int64, error) {
	n = min(n, w.size-w.from)
	w.from += n
	if n > int64(w.next) {
		w.next = LeastWindow
	}
	w.tell(w.from, nil)
	return n, nil
}

// Worth tells whether n bytes from there on are worth to be passed over: they are
// all there, and more than comes along with what lies around them.
func (w *Window) Worth(from, n int64) bool {
	return n > int64(max(tiny, w.next/16)) && n <= w.size-from
}

// tiny is how many bytes come along however little is read at once.
const tiny = 1 << 10
