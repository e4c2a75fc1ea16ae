package source

import (
	"context"
	"io"
	"os"
	"syscall"
)

// openPipe opens a named pipe as soon as somebody writes to it. A cancel does
// not wait for that: it plays the writer for a moment.
func openPipe(ctx context.Context, name string) (*os.File, error) {
	var f *os.File
	var err error
	done := make(chan struct{})
	go func() {
		defer close(done)
		f, err = os.Open(name)
	}()
	select {
	case <-done:
		return f, err
	case <-ctx.Done():
	}
	if w, err := os.OpenFile(name, os.O_WRONLY|syscall.O_NONBLOCK, 0); err == nil {
		w.Close()
	}
	<-done
	if err == nil {
		f.Close()
	}
	return nil, ctx.Err()
}

// patient reads what may never come, and lets a cancel through meanwhile. Who
// waits at a terminal or a silent pipe is then left waiting: such a read ends
// with the program, or when its file is closed.
type patient struct {
	ctx   context.Context
	r     io.Reader
	buf   []byte
	rest  []byte
	err   error
	ready chan struct{}
}

func newPatient(ctx context.Context, r io.Reader) *patient {
	return &patient{ctx: ctx, r: r, buf: make([]byte, chunk), ready: make(chan struct{}, 1)}
}

// Read implements io.Reader.
func (p *patient) Read(b []byte) (int, error) {
	if err := p.ctx.Err(); err != nil {
		return 0, err
	}
	if len(p.rest) == 0 && p.err == nil {
		go p.fill()
		select {
		case <-p.ready:
		case <-p.ctx.Done():
			return 0, p.ctx.Err()
		}
	}
	n := copy(b, p.rest)
	if p.rest = p.rest[n:]; len(p.rest) > 0 {
		return n, nil
	}
	return n, p.err
}

func (p *patient) fill() {
	n, err := p.r.Read(p.buf)
	p.rest, p.err = p.buf[:n], err
	p.ready <- struct{}{}
}
