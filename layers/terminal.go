package layers

import (
	"io"
	"os"
	"sync"
	"time"

	"golang.org/x/term"
)

// TakeTerminal makes a [Terminal] of the files that are one. Keys go through as
// they are until give, which may be called twice, gives it back; then nothing
// reads of in any more.
func TakeTerminal(in, out *os.File, kind string) (t Terminal, give func(), err error) {
	fd := int(in.Fd())
	state, err := term.MakeRaw(fd)
	if err != nil {
		return t, nil, err
	}
	done := make(chan struct{})
	resize, still := resizes(done)
	keys := &patient{file: in, done: done}
	t = Terminal{In: keys, Out: out, Resize: resize, Term: kind, Size: func() (rows, cols int) {
		cols, rows, _ = term.GetSize(int(out.Fd()))
		return rows, cols
	}}
	return t, func() {
		if done == nil {
			return
		}
		close(done)
		keys.leave()
		still()
		done = nil
		_ = term.Restore(fd, state)
	}, nil
}

// patient reads of a terminal, a key at a time, and ends when done is closed:
// who waits for a key must not take the one that is meant for somebody else.
type patient struct {
	file    *os.File
	done    <-chan struct{}
	looking sync.Mutex // held while it looks for a key and takes it
}

// leave waits until nobody looks for a key any more; done is closed.
func (p *patient) leave() {
	if !askable { // who looks cannot be told to leave off
		return
	}
	p.looking.Lock()
	defer p.looking.Unlock()
}

// glance is how long a look at the terminal waits for a key.
const glance = 50 * time.Millisecond

// Read implements io.Reader.
func (p *patient) Read(b []byte) (int, error) {
	for {
		n, err := p.look(b)
		if n > 0 || err != nil {
			return n, err
		}
	}
}

// look waits a moment for keys.
func (p *patient) look(b []byte) (int, error) {
	p.looking.Lock()
	defer p.looking.Unlock()
	if p.over() {
		return 0, io.EOF
	}
	ready, err := readable(p.file, glance)
	switch {
	case err != nil:
		return 0, err
	case p.over():
		return 0, io.EOF
	case !ready:
		return 0, nil
	}
	return p.file.Read(b)
}

func (p *patient) over() bool {
	select {
	case <-p.done:
		return true
	default:
		return false
	}
}
