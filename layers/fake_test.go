package layers

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"sync"
	"testing"

	"github.com/imgtui/imgtui/layers/source"
	"github.com/imgtui/imgtui/layers/source/sourcetest"
	"github.com/imgtui/imgtui/model"
	"github.com/imgtui/imgtui/model/session"
)

// fake is an image of made layers that notes how its blobs are opened.
type fake struct {
	img *source.Image

	mu     sync.Mutex
	opened []int             // layers, in the order in which they were opened
	hook   func(n int) error // called when a blob is opened; its error is the blob's
	read   func(n int) error // called before each Read of a blob
}

// made makes an image of tars.
func made(tars ...[]byte) *fake {
	f := &fake{img: &source.Image{}}
	for n, b := range tars {
		l := &model.Layer{Index: n, Download: int64(len(b)), Unpacked: model.Unknown, Tar: model.Unknown}
		f.img.Steps = append(f.img.Steps, model.Step{Index: n, CreatedBy: fmt.Sprint("step ", n), Layer: l})
		f.img.Blobs = append(f.img.Blobs, source.Blob{Size: int64(len(b)), Open: func(ctx context.Context) (io.ReadCloser, error) { return f.open(n, b) }})
	}
	return f
}

func (f *fake) open(n int, b []byte) (io.ReadCloser, error) {
	f.mu.Lock()
	f.opened = append(f.opened, n)
	hook, read := f.hook, f.read
	f.mu.Unlock()
	if hook != nil {
		if err := hook(n); err != nil {
			return nil, err
		}
	}
	r := bytes.NewReader(b)
	return io.NopCloser(readerFunc(func(p []byte) (int, error) {
		if read != nil {
			if err := read(n); err != nil {
				return 0, err
			}
			p = p[:min(len(p), 4096)]
		}
		return r.Read(p)
	})), nil
}

// opens returns the layers that were opened since the last call.
func (f *fake) opens() []int {
	f.mu.Lock()
	defer f.mu.Unlock()
	all := f.opened
	f.opened = nil
	return all
}

type readerFunc func([]byte) (int, error)

func (f readerFunc) Read(p []byte) (int, error) { return f(p) }

// three are three small layers of different sizes.
func three() [][]byte {
	return [][]byte{
		sourcetest.Tar(sourcetest.File("a", "aaa"), sourcetest.File("etc/x", "one")),
		sourcetest.Tar(sourcetest.File("b", sourcetest.Noise(1, 9000)), sourcetest.File("etc/x", "two")),
		sourcetest.Tar(sourcetest.File("c", "ccc"), sourcetest.File("etc/.wh.x", "")),
	}
}

// with returns an engine in which the image is open.
func with(t *testing.T, f *fake, o Options) *Engine {
	t.Helper()
	e := New(o)
	e.keep(session.Was, f.img)
	t.Cleanup(func() { e.Close() })
	return e
}

// all grants a request and returns what was sent.
func all(t *testing.T, e *Engine, r session.Request) []session.Msg {
	t.Helper()
	var ms []session.Msg
	e.Do(t.Context(), r, func(m session.Msg) { ms = append(ms, m) })
	return ms
}

// of returns the messages of one type.
func of[M session.Msg](ms []session.Msg) []M {
	var all []M
	for _, m := range ms {
		if m, ok := m.(M); ok {
			all = append(all, m)
		}
	}
	return all
}

// failure returns the error that a request ended with, for sure.
func failure(t *testing.T, ms []session.Msg) session.Failed {
	t.Helper()
	f := of[session.Failed](ms)
	if len(f) != 1 {
		t.Fatalf("got %v, want one Failed", ms)
	}
	return f[0]
}

// gates let the test decide when each layer's blob opens.
type gates struct {
	arrived chan int
	mu      sync.Mutex
	open    map[int]chan error
}

func newGates() *gates { return &gates{arrived: make(chan int, 100), open: map[int]chan error{}} }

func (g *gates) gate(n int) chan error {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.open[n] == nil {
		g.open[n] = make(chan error, 1)
	}
	return g.open[n]
}

// pass is a hook: it waits at the gate.
func (g *gates) pass(n int) error {
	g.arrived <- n
	return <-g.gate(n)
}

func paths(s session.State, layer int) []string {
	var all []string
	for _, k := range s.Stacks[session.Was].Layers[layer].Root.Kids() {
		all = append(all, k.Name)
	}
	slices.Sort(all)
	return all
}

var errBroken = errors.New("the connection broke")

// openOnly opens an image and nothing more.
func openOnly(t *testing.T, ref string) (*model.Image, error) {
	t.Helper()
	e := New(Options{})
	t.Cleanup(func() { e.Close() })
	for _, m := range all(t, e, session.Open{Ref: ref, Gen: 1}) {
		switch m := m.(type) {
		case session.Opened:
			return m.Image, nil
		case session.Failed:
			return nil, m.Err
		}
	}
	return nil, errors.New("no answer")
}
