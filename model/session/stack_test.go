package session_test

import (
	"errors"
	"slices"
	"testing"

	"github.com/imgtui/imgtui/model"
	"github.com/imgtui/imgtui/model/session"
	"github.com/imgtui/imgtui/model/session/sessiontest"
)

// TestBetweenWhichStepsTheFilesStand lists every view with a range, a mark and
// without, on an image of 8 steps of which the first three are the base's.
func TestBetweenWhichStepsTheFilesStand(t *testing.T) {
	w := sessiontest.Workshop()
	for i := range 3 {
		w.Image.Steps[i].Base = true
	}
	opened := settle(t, w)
	sel, mark, from := func(n int) session.Msg { return session.Select{Step: n} }, func(n int) session.Msg { return session.Mark{Step: n} }, func(n int) session.Msg { return session.Range{From: n} }
	since := session.Show{View: session.SinceBase}
	for _, c := range []struct {
		name          string
		msgs          []session.Msg
		before, after int
		comparing     bool
	}{
		{"the first step after the base", nil, 2, 3, false},
		{"a step", []session.Msg{sel(5)}, 4, 5, false},
		{"the oldest step", []session.Msg{sel(0)}, -1, 0, false},
		{"beyond the newest", []session.Msg{sel(99)}, 6, 7, false},
		{"before the oldest", []session.Msg{sel(-9)}, -1, 0, false},
		{"the whole root", []session.Msg{sel(5), session.Show{View: session.Whole}}, 4, 5, false},
		{"since the base", []session.Msg{sel(6), since}, 2, 6, false},
		{"since the base, at its last step", []session.Msg{sel(2), since}, 1, 2, false},
		{"since the base, in it", []session.Msg{sel(1), since}, 0, 1, false},
		{"since the base, at its first step", []session.Msg{sel(0), since}, -1, 0, false},
		{"a range down", []session.Msg{sel(6), from(6), sel(3)}, 2, 6, true},
		{"a range up", []session.Msg{sel(3), from(3), sel(6)}, 2, 6, true},
		{"a range of one", []session.Msg{sel(3), from(3)}, 2, 3, true},
		{"a range from the oldest", []session.Msg{from(0), sel(7)}, -1, 7, true},
		{"a range that ends", []session.Msg{sel(6), from(2), from(-1)}, 5, 6, false},
		{"a range beyond the newest is none", []session.Msg{sel(6), from(8)}, 5, 6, false},
		{"a mark above", []session.Msg{mark(7), sel(3)}, 3, 7, true},
		{"a mark below", []session.Msg{mark(1), sel(3)}, 1, 3, true},
		{"a mark on the step itself", []session.Msg{sel(4), mark(4)}, 3, 4, false},
		{"a mark twice is none", []session.Msg{mark(1), mark(1), sel(3)}, 2, 3, false},
		{"a mark that moves", []session.Msg{mark(1), mark(2), sel(6)}, 2, 6, true},
		{"a mark on no step is none", []session.Msg{mark(1), mark(8), sel(3)}, 2, 3, false},
		{"a mark ends a range", []session.Msg{from(1), mark(2), sel(5)}, 2, 5, true},
		{"a range ends a mark", []session.Msg{mark(1), from(4), sel(5)}, 3, 5, true},
		{"a mark before the view", []session.Msg{since, mark(4), sel(6)}, 4, 6, true},
		{"a range before the view", []session.Msg{since, from(4), sel(6)}, 3, 6, true},
	} {
		s, _ := update(opened, c.msgs...)
		before, after := s.Between()
		if before != c.before || after != c.after || s.Comparing() != c.comparing {
			t.Errorf("%s: between %d and %d, comparing %v; want %d, %d, %v", c.name, before, after, s.Comparing(), c.before, c.after, c.comparing)
		}
		f := s.Files()
		if f.Before != before || f.After != after || !f.Known || f.Alone {
			t.Errorf("%s: files %d to %d, known %v, alone %v", c.name, f.Before, f.After, f.Known, f.Alone)
		}
	}
}

func TestWhatMovesTheFilesChangesTheRevision(t *testing.T) {
	w := sessiontest.Workshop()
	s, ix := reading(t, w)
	for _, m := range []session.Msg{
		session.Select{Step: 3}, session.Mark{Step: 2}, session.Range{From: 1}, session.Show{View: session.Whole},
		session.Indexed{Of: ix, Layer: 1, Tree: w.Layers[1]}, session.Rooted{Of: ix, Layer: 0, Root: w.Roots[0]},
		session.Failed{Of: ix, Layer: 2, Err: errors.New("no")}, session.IndexDone{Of: ix},
	} {
		after, _ := s.Update(m)
		if after.Rev == s.Rev {
			t.Errorf("%T left the revision at %d", m, s.Rev)
		}
		s = after
	}
}

func TestAnEmptyStepHasTheRootBeneath(t *testing.T) {
	w := sessiontest.Workshop()
	k := settle(t, w).Stacks[session.Was]
	for step, layer := range map[int]int{0: 0, 1: 0, 2: 1, 5: 3, 6: 4, 7: 4, 99: 4} {
		if root, known := k.At(step); !known || root != w.Roots[layer] {
			t.Errorf("the root after step %d is not that of layer %d", step, layer)
		}
	}
	if root, known := k.At(-1); !known || root != nil {
		t.Errorf("before all: root %v, known %v; want nothing, known", root, known)
	}
	if root, known := (session.Stack{}).At(0); known || root != nil {
		t.Error("a root of an image that is not there is known")
	}
}

func TestAnImageWithoutLayersIsReadAtOnce(t *testing.T) {
	w := sessiontest.Make(sessiontest.Step{By: "ENV A=1"}, sessiontest.Step{By: "CMD sh"})
	s := settle(t, w)
	k := s.Stacks[session.Was]
	if root, known := k.Top(); !known || root != nil || s.Reading() || k.Report == nil || k.Report.Efficiency() != 1 {
		t.Errorf("top %v %v, reading %v, report %v; want nothing, known and weighed", root, known, s.Reading(), k.Report)
	}
	if f := s.Files(); !f.Known || f.Delta.Totals().Paths() != 0 {
		t.Errorf("files = %+v, want none, known", f)
	}
}

func TestAnImageWithoutStepsIsShownEmpty(t *testing.T) {
	s := settle(t, sessiontest.Make())
	s, rs := update(s, session.Select{Step: 3}, session.Mark{Step: 0}, session.Range{From: 0}, session.Peek{Path: "/"})
	if rs != nil || s.Step != 0 || s.Comparing() {
		t.Errorf("step %d, comparing %v, asked for %v; want nothing to move", s.Step, s.Comparing(), rs)
	}
}

func TestSizesAreUnknownUntilTold(t *testing.T) {
	w := sessiontest.Workshop()
	s, ix := reading(t, w)
	k := s.Stacks[session.Was]
	if sum, known := k.Total(); known || sum != 0 {
		t.Errorf("total %d, known %v before any layer; want 0, unknown", sum, known)
	}
	if k.Unpacked(1) != 0 || k.Unpacked(-1) != 0 || k.Unpacked(99) != 0 {
		t.Error("an empty step, or none, has bytes")
	}
	var want int64
	for i, l := range w.Layers {
		s, _ = s.Update(session.Indexed{Of: ix, Layer: i, Tree: l, Faults: []model.Warning{{Layer: i, Text: "breaks off"}}})
		want += l.Unpacked
	}
	k = s.Stacks[session.Was]
	if sum, known := k.Total(); !known || sum != want {
		t.Errorf("total %d, known %v; want %d", sum, known, want)
	}
	if got := len(k.Warnings()); got != len(w.Layers) {
		t.Errorf("%d warnings, want one a layer", got)
	}
}

func TestProgressIsOfStoredBytes(t *testing.T) {
	w := sessiontest.Workshop()
	s, ix := reading(t, w)
	var all int64
	for _, l := range w.Image.Layers() {
		all += l.Download
	}
	s, _ = update(s, session.Progressed{Of: ix, Layer: 0, Done: 10, Total: w.Image.Layers()[0].Download}, session.Indexed{Of: ix, Layer: 1, Tree: w.Layers[1]})
	if done, total := s.Stacks[session.Was].Progress(); done != 10+w.Image.Layers()[1].Download || total != all {
		t.Errorf("progress %d of %d, want %d of %d", done, total, 10+w.Image.Layers()[1].Download, all)
	}
	s, _ = s.Update(session.Progressed{Of: ix, Layer: 2, Done: 5, Total: model.Unknown})
	if done, total := s.Stacks[session.Was].Progress(); done != 15+w.Image.Layers()[1].Download || total != model.Unknown {
		t.Errorf("progress %d of %d, want the whole unknown", done, total)
	}
}

func TestDeadBytesAreTheStepsOwn(t *testing.T) {
	k := settle(t, sessiontest.Workshop()).Stacks[session.Was]
	var sum int64
	for i := range k.Image.Steps {
		sum += k.Dead(i)
	}
	if sum != k.Report.Dead || k.Dead(1) != 0 || k.Dead(2) != 41300000 || k.Dead(-1) != 0 || k.Dead(99) != 0 {
		t.Errorf("dead by step %d of %d, step 2 %d; want all of them and 41300000", sum, k.Report.Dead, k.Dead(2))
	}
}

func TestALayerThatFailedSaysWhyAndTheOthersStand(t *testing.T) {
	w := sessiontest.Workshop()
	why := errors.New("connection reset")
	w.Fail[2] = why
	s := settle(t, w, session.Select{Step: 3})
	if f := s.Files(); !errors.Is(f.Err, why) || f.Known {
		t.Errorf("files of the layer = %+v, want the reason alone", f)
	}
	s, _ = s.Update(session.Select{Step: 4})
	if f := s.Files(); !f.Known || f.Err != nil {
		t.Errorf("files of the next = %+v, want them", f)
	}
	if got := s.Stacks[session.Was].Missing(); !slices.Equal(got, []int{2}) {
		t.Errorf("missing %v, want [2]", got)
	}
}

func TestTheFirstLayerAfterTheBaseIsSelected(t *testing.T) {
	w := sessiontest.Workshop()
	for i := range 2 {
		w.Image.Steps[i].Base = true
	}
	if s := settle(t, w); s.Step != 2 {
		t.Errorf("step %d is selected, want 2", s.Step)
	}
	for i := range w.Image.Steps {
		w.Image.Steps[i].Base = true
	}
	if s := settle(t, w); s.Step != 0 {
		t.Errorf("step %d is selected of an image that is all base, want 0", s.Step)
	}
}
