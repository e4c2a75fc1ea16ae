package explain

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/imgtui/imgtui/model/session/sessiontest"
	"github.com/imgtui/imgtui/model/tree"
	"github.com/imgtui/imgtui/model/words"
)

func TestEveryPlaceIsFoundAndMeasuredToTheByte(t *testing.T) {
	t.Parallel()
	for i, p := range places {
		at := p.path
		if at[0] != '/' {
			at = "/home/app/" + at
		}
		size := int64(worthTelling + i)
		w := sessiontest.Make(sessiontest.Step{By: "RUN x", Files: []string{
			fmt.Sprintf("%s/deep/er/a %d", at[1:], size-1), fmt.Sprintf("%s/b 1", at[1:]), fmt.Sprintf("%sx/c 500000", at[1:]),
			fmt.Sprintf("elsewhere%s.d/c 500000", at), at[1:] + "/link -> b",
		}})
		want := []leftover{{p.name, size, weight{at, size}}}
		if got := leftoversOf(w.Layers[0].Root); !cmp.Equal(got, want, cmp.AllowUnexported(leftover{}, weight{})) {
			t.Errorf("%s: got %+v, want %+v", p.path, got, want)
		}
		if l := words.English.Explain.Leftovers[p.name]; l.What == "" || l.Try == "" {
			t.Errorf("%s: got %+v, want what it is and what to try", p.name, l)
		}
	}
}

func TestPlacesOfOneToolAddUp(t *testing.T) {
	t.Parallel()
	w := sessiontest.Make(sessiontest.Step{By: "RUN x", Files: []string{
		"a/__pycache__/x 7000", "b/__pycache__/x 9000", "b/__pycache__/y 500", "c/__pycache__/z 3", "var/log/tiny 9999",
	}})
	want := []leftover{{"pycache", 16503, weight{"/b/__pycache__", 9500}}}
	if got := leftoversOf(w.Layers[0].Root); !cmp.Equal(got, want, cmp.AllowUnexported(leftover{}, weight{})) {
		t.Errorf("got %+v, want %+v", got, want)
	}
}

func TestHeaviestNeverTellsMoreThanWasAdded(t *testing.T) {
	t.Parallel()
	w := sessiontest.Workshop()
	for i := range w.Roots {
		var below *tree.Node
		if i > 0 {
			below = w.Roots[i-1]
		}
		d := tree.Compare(below, w.Roots[i])
		added, told := d.Totals().AddedBytes, int64(0)
		for _, x := range heaviest(d, added, tree.Delta.Totals) {
			told += x.bytes
			f, ok := d.Find(strings.TrimSuffix(x.path, "/"))
			if !ok || f.Totals().AddedBytes != x.bytes {
				t.Errorf("layer %d: %s: got %d, want %d", i, x.path, x.bytes, f.Totals().AddedBytes)
			}
		}
		if told > added {
			t.Errorf("layer %d: got %d, want at most %d", i, told, added)
		}
	}
}

func BenchmarkStep(b *testing.B) {
	for _, n := range []int{1_000, 100_000, 500_000} {
		files := make([]string, n)
		for i := range files {
			files[i] = fmt.Sprintf("usr/lib/p%d/m%d/f%d %d", i%100, i/100%50, i, i%5000)
		}
		w := sessiontest.Make(sessiontest.Step{By: "RUN make", Files: files}, sessiontest.Step{By: "RUN rm -rf /usr", Files: []string{"-usr/lib"}})
		s := subject(w, 0)
		b.Run(fmt.Sprintf("files=%d", n), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				Step(words.English, s)
			}
		})
	}
}
