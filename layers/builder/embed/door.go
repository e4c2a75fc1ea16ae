//go:build linux && !noembed

package embed

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"sync"
	"time"
)

// greeting is the line that a connection begins with. Where there is a fault,
// nothing follows.
type greeting struct {
	Fault string // why the engine does not start
	NoPID string // it might without a PID namespace: why not with one
	Info  Info
}

// longest is how long a greeting may be, in bytes, and how long it may take.
const (
	longest  = 64 << 10
	patience = 30 * time.Second
)

func (g greeting) send(to net.Conn) error {
	line, err := json.Marshal(g)
	if err != nil {
		return err
	}
	if err := to.SetWriteDeadline(time.Now().Add(patience)); err != nil {
		return err
	}
	if _, err := to.Write(append(line, '\n')); err != nil {
		return err
	}
	return to.SetWriteDeadline(time.Time{})
}

// greeted reads the greeting, and not a byte more.
func greeted(from net.Conn) (g greeting, err error) {
	var line []byte
	for b := make([]byte, 1); ; {
		if _, err := io.ReadFull(from, b); err != nil {
			return g, err
		}
		if b[0] == '\n' {
			break
		}
		if line = append(line, b[0]); len(line) > longest {
			return g, fmt.Errorf("what answers is no engine of imgtui: its greeting is longer than %d bytes", longest)
		}
	}
	if err := json.Unmarshal(line, &g); err != nil {
		return g, fmt.Errorf("what answers is no engine of imgtui: %w", err)
	}
	return g, nil
}

// door lets connections in until the last one has gone. It is a listener for
// what serves them.
type door struct {
	greeting greeting
	in       chan net.Conn
	empty    chan struct{} // closed when the last has gone: from then on nobody gets in

	mu     sync.Mutex
	inside int
	shut   bool
}

func newDoor(g greeting) *door {
	return &door{greeting: g, in: make(chan net.Conn), empty: make(chan struct{})}
}

// admit greets a connection and lets it in. One that comes too late is closed
// without a word, which tells it to start another engine.
func (d *door) admit(c net.Conn) {
	d.mu.Lock()
	if d.shut {
		d.mu.Unlock()
		c.Close()
		return
	}
	d.inside++
	d.mu.Unlock()
	v := &visitor{Conn: c, door: d}
	if err := d.greeting.send(c); err != nil {
		v.Close()
		return
	}
	select {
	case d.in <- v:
	case <-d.empty:
		v.Close()
	}
}

// listen admits what comes to a socket until that is closed.
func (d *door) listen(l net.Listener) {
	for {
		c, err := l.Accept()
		if errors.Is(err, net.ErrClosed) {
			return
		}
		if err != nil {
			time.Sleep(10 * time.Millisecond) // out of files: some will be closed
			continue
		}
		go func() {
			defer recovered()
			d.admit(c)
		}()
	}
}

func (d *door) left() {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.inside--; d.inside == 0 && !d.shut {
		d.shut = true
		close(d.empty)
	}
}

// close lets nobody in any more, whoever is inside.
func (d *door) close() {
	d.mu.Lock()
	defer d.mu.Unlock()
	if !d.shut {
		d.shut = true
		close(d.empty)
	}
}

// Accept returns the next that came in.
func (d *door) Accept() (net.Conn, error) {
	select {
	case c := <-d.in:
		return c, nil
	case <-d.empty:
		return nil, net.ErrClosed
	}
}

// Close is for the server: that it stops does not end the engine.
func (d *door) Close() error { return nil }

// Addr names no place: connections come from several.
func (d *door) Addr() net.Addr { return &net.UnixAddr{Net: "unix", Name: "embedded"} }

// visitor is a connection that says when it goes.
type visitor struct {
	net.Conn
	door *door
	once sync.Once
}

// Close closes the connection and leaves.
func (v *visitor) Close() error {
	err := v.Conn.Close()
	v.once.Do(v.door.left)
	return err
}
