package pane

import (
	"strings"
	"testing"
	"time"

	"github.com/imgtui/imgtui/model"
	"github.com/imgtui/imgtui/model/session"
	"github.com/imgtui/imgtui/model/session/sessiontest"
)

// reading is an image whose manifest and config alone have been read, and the
// answers that are still to come.
func reading(t *testing.T, w *sessiontest.World) (Env, session.Index) {
	t.Helper()
	e := env(t, w)
	s, rs := session.Start(session.Open{Ref: "x"})
	s, rs = s.Update(session.Opened{Of: rs[0].(session.Open), Image: w.Image})
	e.State, _ = s.Update(session.Clock{Now: sessiontest.Noon})
	return e, rs[0].(session.Index)
}

// starts returns the cell at which a word begins in each line that has it.
func starts(lines []string, word string) []int {
	var all []int
	for _, l := range lines {
		if before, _, ok := strings.Cut(l, word); ok {
			all = append(all, len([]rune(before)))
		}
	}
	return all
}

// TestNothingMovesWhileLayersAreRead: rows and columns stand where they stood,
// whatever arrives in whatever order.
func TestNothingMovesWhileLayersAreRead(t *testing.T) {
	t.Parallel()
	for _, width := range []int{42, 56, 80, 120} {
		w := sessiontest.Workshop()
		e, ix := reading(t, w)
		p := &Layers{}
		first := seen(p, e, width, 14)
		words := []string{"CREATED BY", "AGE", "RUN apt-get update", "ENTRYPOINT"}
		for i := len(w.Layers) - 1; i >= 0; i-- {
			for _, m := range []session.Msg{
				session.Progressed{Of: ix, Layer: i, Done: 50, Total: 100},
				session.Indexed{Of: ix, Layer: i, Tree: w.Layers[i], Tar: 10},
				session.Rooted{Of: ix, Layer: i, Root: w.Roots[i]},
			} {
				e.State, _ = e.State.Update(m)
				now := seen(p, e, width, 14)
				for _, word := range words {
					a, b := starts(first, word), starts(now, word)
					if len(a) != len(b) || len(a) > 0 && a[0] != b[0] {
						t.Fatalf("%d cells, layer %d: %q stands at %v, before at %v:\n%s", width, i, word, b, a, strings.Join(now, "\n"))
					}
				}
			}
		}
	}
}

func TestAListBySizeIsSortedAgainOnlyWhenAllIsRead(t *testing.T) {
	t.Parallel()
	w := sessiontest.Workshop()
	e, ix := reading(t, w)
	p := &Layers{}
	p.Do("sort", e)
	before := seen(p, e, 80, 14)
	e.State, _ = e.State.Update(session.Indexed{Of: ix, Layer: 1, Tree: w.Layers[1]})
	if now := seen(p, e, 80, 14); starts(now, "apt-get update") == nil || rowOf(now, "apt-get update") != rowOf(before, "apt-get update") {
		t.Errorf("a row moved while layers are read:\n%s", strings.Join(now, "\n"))
	}
	done := env(t, w)
	if now := seen(p, done, 80, 14); rowOf(now, "apt-get update") != 1 || rowOf(now, "python3") != 2 {
		t.Errorf("when all is read the largest is not first:\n%s", strings.Join(now, "\n"))
	}
}

func rowOf(lines []string, word string) int {
	for i, l := range lines {
		if strings.Contains(l, word) {
			return i
		}
	}
	return -1
}

func TestTheTotalsAreThoseOfTheImage(t *testing.T) {
	t.Parallel()
	e := env(t, sessiontest.Workshop())
	got := seen(&Layers{}, e, 80, 14)
	last := got[len(got)-1]
	for _, want := range []string{"Σ", "49.9 MB", "41.5 MB", "8 steps · 5 layers"} {
		if !strings.Contains(last, want) {
			t.Errorf("the last row is %q, want %q in it", last, want)
		}
	}
	if low := seen(&Layers{}, e, 80, totalled-1); has(low, "Σ") {
		t.Errorf("a low pane spends a row on totals:\n%s", strings.Join(low, "\n"))
	}
}

func TestEveryStepHasItsNumberSizeBarAndAge(t *testing.T) {
	t.Parallel()
	e := env(t, sessiontest.Workshop())
	got := seen(&Layers{}, e, 100, 14)
	for i, want := range []string{"# UNPACKED", "0  2.21 MB ▋", "1     0  B", "2  41.3 MB ████████████", "3  6.26 MB █▊", "4   175 kB ▏"} {
		if !strings.Contains(got[i], want) {
			t.Errorf("row %d is %q, want %q in it", i, got[i], want)
		}
	}
}

func TestAColumnOfAgesThatNoStepHasIsLeftOut(t *testing.T) {
	t.Parallel()
	w := sessiontest.Workshop()
	for i := range w.Image.Steps {
		w.Image.Steps[i].Created = time.Unix(0, 0)
	}
	w.Image.Steps[0].Created = model.Step{}.Created
	if got := seen(&Layers{}, env(t, w), 80, 14); has(got, "AGE") {
		t.Errorf("reproducible builds have no ages:\n%s", strings.Join(got, "\n"))
	}
}

func TestTheBasesNameGoesBeforeItsMark(t *testing.T) {
	t.Parallel()
	w := sessiontest.Workshop()
	w.Image.BaseName = "registry.example.org/bases/ubuntu:24.04"
	for i := range 3 {
		w.Image.Steps[i].Base = true
	}
	e := env(t, w)
	for _, c := range []struct {
		w    int
		want string
	}{
		{110, "▸ registry.example.org/bases/ubuntu:24.04"}, {110, "base · 3 steps"}, {80, "▸ …stry.example.org/bases/ubuntu:24.04"}, {60, "▸ ….org/bases/ubuntu:24.04"},
	} {
		got := seen(&Layers{}, e, c.w, 14)[1]
		if !strings.Contains(got, c.want) {
			t.Errorf("%d cells: %q, want %q in it", c.w, got, c.want)
		}
	}
}

func TestALayerWithAFaultHasASign(t *testing.T) {
	t.Parallel()
	w := sessiontest.Workshop()
	w.Image.Warnings = []model.Warning{{Layer: 2, Text: "its digest is another"}, {Layer: -1, Text: "the history is short"}}
	e := env(t, w)
	got := seen(&Layers{}, e, 80, 14)
	for i, l := range got[1:9] {
		if strings.Contains(l, "▲") != (i == 3) {
			t.Errorf("step %d: %q, want a sign only at step 3, which made layer 2", i, l)
		}
	}
	e.State, _ = e.State.Update(session.Select{Step: 3})
	if d := seen(&Details{}, e, 60, 60); !has(d, "▲ its digest is another") {
		t.Errorf("the details of step 3 do not tell of it:\n%s", strings.Join(d, "\n"))
	}
	d := &Details{}
	d.Do("about", e)
	if got := seen(d, e, 60, 60); !has(got, "▲ step 3: its digest is another") || !has(got, "▲ the history is short") {
		t.Errorf("the image's details do not tell of it:\n%s", strings.Join(got, "\n"))
	}
}

func TestTheWheelMovesTheListAndNotTheSelection(t *testing.T) {
	t.Parallel()
	e := env(t, sessiontest.Workshop())
	p := &Layers{}
	seen(p, e, 80, 8)
	p.Wheel(3)
	if got := seen(p, e, 80, 8); !strings.Contains(got[1], "RUN apt-get install") || e.State.Step != 0 {
		t.Errorf("after the wheel:\n%s", strings.Join(got, "\n"))
	}
	p.Wheel(-100)
	if got := seen(p, e, 80, 8); !strings.Contains(got[1], "❯ 0") {
		t.Errorf("wheeled back:\n%s", strings.Join(got, "\n"))
	}
}

// TestALayerThatIsNotReadShowsAboutHowLargeItIs: until it is read, and then how
// far that has come.
func TestALayerThatIsNotReadShowsAboutHowLargeItIs(t *testing.T) {
	t.Parallel()
	w := sessiontest.Workshop()
	w.Image.Layers()[1].About = 41_300_000
	e, ix := reading(t, w)
	p := &Layers{}
	if got := seen(p, e, 80, 14); !strings.Contains(got[rowOf(got, "apt-get update")], "~41.3 MB") {
		t.Errorf("not read:\n%s", strings.Join(got, "\n"))
	}
	e.State, _ = e.State.Update(session.Progressed{Of: ix, Layer: 1, Done: 50, Total: 100})
	if got := seen(p, e, 80, 14); !strings.Contains(got[rowOf(got, "apt-get update")], " 50 %") {
		t.Errorf("being read:\n%s", strings.Join(got, "\n"))
	}
	e.State, _ = e.State.Update(session.Indexed{Of: ix, Layer: 1, Tree: w.Layers[1]})
	if got := seen(p, e, 80, 14); strings.Contains(got[rowOf(got, "apt-get update")], "~") {
		t.Errorf("read:\n%s", strings.Join(got, "\n"))
	}
}
