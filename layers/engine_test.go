package layers

import (
	"errors"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/imgtui/imgtui/layers/source/sourcetest"
	"github.com/imgtui/imgtui/model/session"
	"github.com/imgtui/imgtui/model/tree"
)

func TestAnIndexBringsEveryLayerAndEveryRootLowestFirst(t *testing.T) {
	t.Parallel()
	f := made(three()...)
	ms := all(t, with(t, f, Options{}), session.Index{Gen: 1})
	var layers, roots []int
	for _, m := range of[session.Indexed](ms) {
		layers = append(layers, m.Layer)
	}
	for _, m := range of[session.Rooted](ms) {
		roots = append(roots, m.Layer)
	}
	slices.Sort(layers)
	if !slices.Equal(layers, []int{0, 1, 2}) || !slices.Equal(roots, []int{0, 1, 2}) {
		t.Errorf("got layers %v and roots %v, want each once", layers, roots)
	}
	if _, ok := ms[len(ms)-1].(session.IndexDone); !ok {
		t.Errorf("ended with %T, want IndexDone", ms[len(ms)-1])
	}
	top := of[session.Rooted](ms)[2].Root
	if top.Find("/etc/x") != nil || top.Find("/a") == nil || top.Find("/b") == nil || top.Find("/c") == nil {
		t.Error("the top root is another")
	}
}

func TestASecondIndexReadsNothingAgain(t *testing.T) {
	t.Parallel()
	f := made(three()...)
	e := with(t, f, Options{})
	first := all(t, e, session.Index{Gen: 1})
	if got := len(f.opens()); got != 3 {
		t.Fatalf("opened %d blobs, want 3", got)
	}
	second := all(t, e, session.Index{Gen: 2})
	if got := f.opens(); len(got) != 0 {
		t.Errorf("opened layers %v again", got)
	}
	trees := func(ms []session.Msg) map[int]*tree.Layer {
		all := map[int]*tree.Layer{}
		for _, m := range of[session.Indexed](ms) {
			all[m.Layer] = m.Tree
		}
		return all
	}
	for n, l := range trees(first) {
		if trees(second)[n] != l {
			t.Errorf("layer %d is not the one that was read first", n)
		}
	}
	if got := len(of[session.Rooted](second)); got != 3 {
		t.Errorf("%d roots, want 3", got)
	}
}

func TestOnlyReadsWhatItNames(t *testing.T) {
	t.Parallel()
	f := made(three()...)
	ms := all(t, with(t, f, Options{}), session.Index{Gen: 1, Only: []int{1}})
	if got := f.opens(); !slices.Equal(got, []int{1}) {
		t.Errorf("opened %v, want 1 alone", got)
	}
	if got := of[session.IndexDone](ms)[0].Missing; !slices.Equal(got, []int{0, 2}) {
		t.Errorf("missing %v, want 0 and 2", got)
	}
}

// TestPreferChangesWhatIsReadNext reads one layer at a time: the first that is
// asked for, then the preferred one, then the largest.
func TestPreferChangesWhatIsReadNext(t *testing.T) {
	t.Parallel()
	var tars [][]byte
	for _, n := range []int{100, 5000, 3000, 9000, 200} {
		tars = append(tars, sourcetest.Tar(sourcetest.File("f", strings.Repeat("x", n))))
	}
	f, g := made(tars...), newGates()
	f.hook = g.pass
	e := with(t, f, Options{Workers: 1})
	done := make(chan []session.Msg)
	go func() { done <- all(t, e, session.Index{Gen: 1, First: 2}) }()
	var order []int
	for step := range 5 {
		n := <-g.arrived
		order = append(order, n)
		switch step {
		case 0:
			all(t, e, session.Prefer{Layer: 0, Gen: 1})
		case 2:
			all(t, e, session.Prefer{Layer: 4, Gen: 1})
		}
		g.gate(n) <- nil
	}
	<-done
	if want := []int{2, 0, 3, 4, 1}; !slices.Equal(order, want) {
		t.Errorf("read in the order %v, want %v", order, want)
	}
}

func TestSeveralLayersAreReadAtOnce(t *testing.T) {
	t.Parallel()
	f, g := made(three()...), newGates()
	f.hook = g.pass
	e := with(t, f, Options{Workers: 3})
	done := make(chan []session.Msg)
	go func() { done <- all(t, e, session.Index{Gen: 1}) }()
	for range 3 { // all wait at once, or this never ends
		<-g.arrived
	}
	for n := range 3 {
		g.gate(n) <- nil
	}
	<-done
}

func TestMessagesComeOneAtATimeAndNoneAfterTheEnd(t *testing.T) {
	t.Parallel()
	var tars [][]byte
	for n := range 12 {
		tars = append(tars, sourcetest.Tar(sourcetest.File("f", sourcetest.Noise(uint64(n), 300_000))))
	}
	f := made(tars...)
	f.read = func(int) error { time.Sleep(time.Millisecond); return nil }
	e := with(t, f, Options{Workers: 4})
	var inside, ended atomic.Int32
	var ms []session.Msg // no lock: the race detector watches
	e.Do(t.Context(), session.Index{Gen: 1}, func(m session.Msg) {
		if inside.Add(1) != 1 || ended.Load() != 0 {
			t.Error("two messages at once, or one after the end")
		}
		ms = append(ms, m)
		inside.Add(-1)
	})
	ended.Store(1)
	time.Sleep(2 * beat)
	checkProgress(t, ms)
}

// checkProgress holds that progress only grows, and ends with a layer's end.
func checkProgress(t *testing.T, ms []session.Msg) {
	t.Helper()
	done, ended := map[int]int64{}, map[int]bool{}
	for _, m := range ms {
		switch m := m.(type) {
		case session.Progressed:
			if m.Done <= done[m.Layer] || m.Done > m.Total || ended[m.Layer] {
				t.Errorf("layer %d: %d of %d after %d, ended %v", m.Layer, m.Done, m.Total, done[m.Layer], ended[m.Layer])
			}
			done[m.Layer] = m.Done
		case session.Indexed:
			ended[m.Layer] = true
		}
	}
	if len(of[session.Progressed](ms)) == 0 {
		t.Error("no progress is told")
	}
}

func TestAReferenceThatStandsForSeveralIsAskedAndThenOpened(t *testing.T) {
	t.Parallel()
	path := sourcetest.Write(t, "x", sourcetest.Legacy(sourcetest.App("a:1"), sourcetest.App("b:1").Says("author", "b")).Tar())
	e := New(Options{})
	defer e.Close()
	s, rs := session.Start(session.Open{Ref: path})
	s = session.Settle(t.Context(), s, rs, e.Do)
	if len(s.Choices) != 2 || s.Choices[1].Label != "b:1" {
		t.Fatalf("got choices %v", s.Choices)
	}
	s, rs = s.Update(session.Choose{Choice: s.Choices[1]})
	s = session.Settle(t.Context(), s, rs, e.Do)
	if k := s.Stacks[session.Was]; k.Err != nil || k.Image.Tags[0] != "b:1" || k.Report == nil {
		t.Errorf("got %v, %v", k.Image, k.Err)
	}
}

func TestTwoImagesAreOpenSideBySide(t *testing.T) {
	t.Parallel()
	e := New(Options{})
	s, rs := session.Start(session.Open{Ref: "demo:"}, session.Open{Ref: sourcetest.Write(t, "x", sourcetest.OCI(sourcetest.App("a:1")).Tar())})
	s = session.Settle(t.Context(), s, rs, e.Do)
	for slot, want := range []string{"acct/my-app:1.4", "a:1"} {
		if k := s.Stacks[slot]; k.Err != nil || k.Image.Tags[0] != want || len(k.Missing()) > 0 || k.Report == nil {
			t.Errorf("slot %d: got %+v, %v", slot, k.Image, k.Err)
		}
	}
	if err := errors.Join(e.Close(), e.Close()); err != nil {
		t.Error(err)
	}
}

// TestRequestsMayComeFromManyGoroutines is for the race detector.
func TestRequestsMayComeFromManyGoroutines(t *testing.T) {
	t.Parallel()
	f := made(three()...)
	e := with(t, f, Options{})
	root := of[session.Rooted](all(t, e, session.Index{Gen: 1}))[1].Root
	p := root.Find("/b").Payload()
	var wg sync.WaitGroup
	for n := range 6 {
		wg.Go(func() { all(t, e, session.Index{Gen: 10 + n}) })
		wg.Go(func() { all(t, e, session.Read{After: p, Limit: 100, Gen: 20 + n}) })
		wg.Go(func() { all(t, e, session.Prefer{Layer: n % 3}) })
		wg.Go(func() { all(t, e, session.Halt{Gen: 10 + n}) })
		wg.Go(func() { all(t, e, session.Extract{Root: root, Paths: []string{"/b"}, Dir: t.TempDir(), Gen: 30 + n}) })
		wg.Go(func() { all(t, e, session.Open{Ref: "demo:", Slot: session.Now, Gen: 40 + n}) })
	}
	wg.Wait()
}
