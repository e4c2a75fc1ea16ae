package source

import (
	"context"
	"errors"
	"io"
	"os"
	"syscall"
	"time"
)

// openPipe opens a named pipe as soon as somebody writes to it. A cancel does
// not wait for that: it plays the writer for a moment, once the reader is there.
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
	for {
		w, unable := os.OpenFile(name, os.O_WRONLY|syscall.O_NONBLOCK, 0)
		switch {
		case unable == nil:
			w.Close()
		case !errors.Is(unable, syscall.ENXIO):
			return nil, ctx.Err() // it may not be written to, or is gone: the reader is left waiting
		}
		select {
		case <-done:
			if err == nil {
				f.Close()
			}
			return nil, ctx.Err()
		case <-time.After(time.Millisecond):
		}
	}
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
