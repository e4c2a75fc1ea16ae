package layers

import (
	"context"
	"errors"
	"io"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/imgtui/imgtui/layers/source"
	"github.com/imgtui/imgtui/model/session"
	"github.com/imgtui/imgtui/model/tree"
)

// TestOneBrokenLayerStopsNoOtherAndIsReadAgain goes through a whole session.
func TestOneBrokenLayerStopsNoOtherAndIsReadAgain(t *testing.T) {
	t.Parallel()
	for name, breaks := range map[string]func(f *fake){
		"when it is opened": func(f *fake) { f.hook = only(1, errBroken) },
		"when it is read":   func(f *fake) { f.read = only(1, errBroken) },
	} {
		f := made(three()...)
		breaks(f)
		e := with(t, f, Options{})
		s, rs := session.Start(session.Open{Ref: "x"})
		s, rs = s.Update(session.Opened{Of: rs[0].(session.Open), Image: &f.img.Image})
		s = session.Settle(t.Context(), s, rs, e.Do)
		k := s.Stacks[session.Was]
		if got := k.Missing(); !slices.Equal(got, []int{1}) || !errors.Is(k.Layers[1].Err, errBroken) || k.Layers[1].Err.Error() != "layer 1: the connection broke" {
			t.Fatalf("%s: missing %v, %v", name, got, k.Layers[1].Err)
		}
		if got := paths(s, 2); !slices.Equal(got, []string{"a", "c", "etc"}) {
			t.Errorf("%s: the top root holds %v, want it without the broken layer", name, got)
		}
		if k.Report != nil {
			t.Errorf("%s: weighed without a layer", name)
		}
		f.opens()
		f.hook, f.read = nil, nil
		s, rs = s.Update(session.Retry{})
		s = session.Settle(t.Context(), s, rs, e.Do)
		if got := f.opens(); !slices.Equal(got, []int{1}) {
			t.Errorf("%s: a retry opened %v, want 1 alone", name, got)
		}
		if got := paths(s, 2); !slices.Equal(got, []string{"a", "b", "c", "etc"}) || s.Stacks[session.Was].Report == nil {
			t.Errorf("%s: after a retry the top root holds %v, report %v", name, got, s.Stacks[session.Was].Report != nil)
		}
	}
}

// only returns a hook that fails for one layer.
func only(layer int, err error) func(int) error {
	return func(n int) error {
		if n == layer {
			return err
		}
		return nil
	}
}

func TestAPanicIsAnErrorAndTheOthersGoOn(t *testing.T) {
	t.Parallel()
	panics := func(n int) error {
		if n == 1 {
			panic("what cannot be")
		}
		return nil
	}
	for name, breaks := range map[string]func(f *fake){
		"in Open": func(f *fake) { f.hook = panics },
		"in Read": func(f *fake) { f.read = panics },
	} {
		f := made(three()...)
		breaks(f)
		e := with(t, f, Options{})
		ms := all(t, e, session.Index{Gen: 1})
		if got := failure(t, ms); got.Layer != 1 || got.Err.Error() != "layer 1: internal fault: what cannot be" {
			t.Errorf("%s: got %v of layer %d", name, got.Err, got.Layer)
		}
		if len(of[session.Rooted](ms)) != 3 || len(of[session.IndexDone](ms)) != 1 {
			t.Errorf("%s: got %d roots", name, len(of[session.Rooted](ms)))
		}
		p := payload(1, 1)
		if got := failure(t, all(t, e, session.Read{After: p, Limit: 1, Gen: 2})); !strings.Contains(got.Err.Error(), "internal fault") {
			t.Errorf("%s: a read: got %v", name, got.Err)
		}
	}
}

// TestAPanicOfWhoListensIsAnError has a listener that fails in a goroutine of
// the engine's.
func TestAPanicOfWhoListensIsAnError(t *testing.T) {
	t.Parallel()
	e := with(t, made(three()...), Options{})
	var last session.Msg
	e.Do(t.Context(), session.Index{Gen: 1}, func(m session.Msg) {
		if _, ok := m.(session.Indexed); ok {
			panic("no room on the screen")
		}
		last = m
	})
	f, ok := last.(session.Failed)
	if !ok || f.Layer != -1 || f.Err.Error() != "read the layers: internal fault: no room on the screen" {
		t.Errorf("got %v", last)
	}
}

func TestAHaltStopsExactlyThatGeneration(t *testing.T) {
	t.Parallel()
	f, g := made(three()...), newGates()
	blocked := func(ctx context.Context, n int) (io.ReadCloser, error) {
		g.arrived <- n
		<-ctx.Done()
		return nil, ctx.Err()
	}
	for n := range f.img.Blobs {
		f.img.Blobs[n].Open = func(ctx context.Context) (io.ReadCloser, error) { return blocked(ctx, n) }
	}
	e := with(t, f, Options{})
	p := payload(0, 3)
	root := tree.Fold(nil, layerOf(t, three()[0]))
	for gen, r := range []session.Request{
		session.Index{Gen: 1}, session.Read{After: p, Limit: 9, Gen: 2}, session.Extract{Root: root, Paths: []string{"/a"}, Dir: t.TempDir(), Gen: 3},
	} {
		done := make(chan []session.Msg)
		go func() { done <- all(t, e, r) }()
		<-g.arrived
		all(t, e, session.Halt{Gen: gen + 100}) // of nothing that runs
		select {
		case ms := <-done:
			t.Fatalf("%T: a halt of another ended it: %v", r, ms)
		case <-time.After(20 * time.Millisecond):
		}
		all(t, e, session.Halt{Gen: gen + 1})
		ms := <-done
		for _, m := range ms {
			if f, ok := m.(session.Failed); ok && !errors.Is(f.Err, context.Canceled) {
				t.Errorf("%T: got %v, want context canceled", r, f.Err)
			}
		}
		if len(of[session.IndexDone](ms))+len(of[session.Loaded](ms))+len(of[session.Extracted](ms)) > 0 {
			t.Errorf("%T: stopped, and it has an end: %v", r, ms)
		}
		for len(g.arrived) > 0 {
			<-g.arrived
		}
	}
	if len(e.halts) != 0 {
		t.Errorf("%d requests are kept", len(e.halts))
	}
}

func TestAnOpenIsStoppedByItsGeneration(t *testing.T) {
	t.Parallel()
	r, w := io.Pipe()
	defer w.Close()
	e := New(Options{Source: source.Options{Stdin: r}})
	done := make(chan []session.Msg)
	go func() { done <- all(t, e, session.Open{Ref: "-", Gen: 7}) }()
	w.Write([]byte("begin"))
	all(t, e, session.Halt{Gen: 7})
	if got := failure(t, <-done); !errors.Is(got.Err, context.Canceled) {
		t.Errorf("got %v, want context canceled", got.Err)
	}
}

func TestWithoutAnImageEveryRequestFails(t *testing.T) {
	t.Parallel()
	e := New(Options{})
	for _, r := range []session.Request{
		session.Index{Gen: 1}, session.Read{Gen: 2}, session.Extract{Gen: 3, Dir: t.TempDir()}, session.Index{Slot: session.Now, Gen: 4}, session.Index{Slot: 9, Gen: 5},
	} {
		if got := failure(t, all(t, e, r)); got.Err.Error() != "no image is open" || got.Layer != -1 {
			t.Errorf("%T: got %v", r, got.Err)
		}
	}
	if ms := all(t, e, session.Prefer{Layer: 3}); len(ms) != 0 {
		t.Errorf("prefer: got %v", ms)
	}
	if _, err := e.Content(t.Context(), session.Was, "/a", payload(0, 1)); err == nil {
		t.Error("content without an image")
	}
	if err := e.Close(); err != nil {
		t.Error(err)
	}
}
