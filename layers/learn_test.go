package layers

import (
	"bytes"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/imgtui/imgtui/layers/source/sourcetest"
	"github.com/imgtui/imgtui/model/session"
	"github.com/imgtui/imgtui/model/tree"
)

// large is a content that does not lie in what is read of a tar for its headers.
func large(seed uint64) string { return sourcetest.Noise(seed, 400_000) }

// atHand is an image of local plain layers, and counts what is read of each.
func atHand(tars ...[]byte) (*fake, []*reads) {
	f := made(tars...)
	f.img.Local = true
	var all []*reads
	for n, b := range tars {
		r := &reads{r: bytes.NewReader(b)}
		f.img.Blobs[n].At = r
		all = append(all, r)
	}
	return f, all
}

type reads struct {
	r      io.ReaderAt
	n      int64
	broken bool
}

func (r *reads) ReadAt(b []byte, at int64) (int, error) {
	n, err := r.r.ReadAt(b, at)
	r.n += int64(n)
	if r.broken && at > 30_000 {
		return 0, errBroken
	}
	return n, err
}

// twice are layers that have files in common: one the same, one with other bytes
// of the same number, one larger, one alone.
func twice() [][]byte {
	return [][]byte{
		sourcetest.Tar(sourcetest.File("same", large(1)), sourcetest.File("other", large(2)), sourcetest.File("larger", large(3)), sourcetest.File("alone", large(4)), sourcetest.File("z", "z")),
		sourcetest.Tar(sourcetest.File("same", large(1)), sourcetest.File("other", large(5)), sourcetest.File("larger", large(3)+"x"), sourcetest.File("new", large(6)), sourcetest.File("z", "z")),
	}
}

// TestWhatIsPassedOverComparesAsWhatIsRead holds differences, dead bytes and
// roots against those of the same image when all of it is read, and that only
// what must be compared is read.
func TestWhatIsPassedOverComparesAsWhatIsRead(t *testing.T) {
	t.Parallel()
	want := settled(t, made(twice()...), Options{})
	f, reads := atHand(twice()...)
	got := settled(t, f, Options{})
	for n := range want.Layers {
		before := func(k session.Stack) *tree.Node {
			root, _ := k.At(n - 1)
			return root
		}
		a := lines(tree.Compare(before(want), want.Layers[n].Root))
		b := lines(tree.Compare(before(got), got.Layers[n].Root))
		if a != b {
			t.Errorf("layer %d: got\n%swant\n%s", n, b, a)
		}
	}
	if w, g := fmt.Sprint(*want.Report), fmt.Sprint(*got.Report); w != g {
		t.Errorf("dead bytes: got %s, want %s", g, w)
	}
	var unread []string
	for n, l := range got.Layers {
		if reads[n].n > 900_000 {
			t.Errorf("layer %d: %d bytes read, want those of headers and two files", n, reads[n].n)
		}
		for p := range l.Tree.Payloads() {
			if p.Unread() {
				unread = append(unread, p.Name)
			}
		}
	}
	if got := strings.Join(unread, " "); got != "larger alone larger new" {
		t.Errorf("not learned are %s", got)
	}
}

func lines(d tree.Delta) string {
	var b strings.Builder
	d.Walk(func(path string, d tree.Delta) bool {
		fmt.Fprintf(&b, "%s %v\n", path, d.Change())
		return true
	})
	return b.String()
}

// TestTwoImagesAreComparedByTheirContents has equal files in two images.
func TestTwoImagesAreComparedByTheirContents(t *testing.T) {
	t.Parallel()
	a, _ := atHand(twice()[0])
	b, _ := atHand(twice()[1])
	e := New(Options{})
	t.Cleanup(func() { e.Close() })
	e.keep(session.Was, a.img)
	e.keep(session.Now, b.img)
	roots := [2]*tree.Node{}
	for _, slot := range []session.Slot{session.Was, session.Now} {
		roots[slot] = of[session.Rooted](all(t, e, session.Index{Slot: slot, Gen: 1}))[0].Root
	}
	d := tree.Compare(roots[session.Was], roots[session.Now])
	for name, want := range map[string]bool{"/same": true, "/other": false, "/larger": false} {
		x, y := roots[0].Find(name), roots[1].Find(name)
		if got := tree.Equal(x, y); got != want {
			t.Errorf("%s is equal: %v, want %v; of %s", name, got, want, lines(d))
		}
	}
}

func TestContentsThatCannotBeComparedAreSaid(t *testing.T) {
	t.Parallel()
	f, reads := atHand(twice()...)
	e := with(t, f, Options{})
	var faults []string
	e.Do(t.Context(), session.Index{Gen: 1}, func(m session.Msg) {
		if m, ok := m.(session.Indexed); ok {
			if m.Layer == 1 {
				reads[1].broken = true
			}
			for _, w := range m.Faults {
				faults = append(faults, w.Text)
			}
		}
	})
	want := "layer 1: contents that cannot be compared: byte "
	if len(faults) != 1 || !strings.HasPrefix(faults[0], want) || !strings.HasSuffix(faults[0], errBroken.Error()) {
		t.Errorf("got %q, want %s…", faults, want)
	}
}

// TestAForecastKnowsEveryContent holds that what is compared with a build context is read.
func TestAForecastKnowsEveryContent(t *testing.T) {
	t.Parallel()
	f, _ := atHand(twice()...)
	e := with(t, f, Options{})
	all(t, e, session.Index{Gen: 1})
	e.learnAll(t.Context())
	for n := range f.img.Blobs {
		for p := range e.slots[session.Was].get(n).tree.Payloads() {
			if p.Unread() {
				t.Errorf("%s of layer %d is not read", p.Name, n)
			}
		}
	}
	if got := gather(e.both()); got != nil {
		t.Errorf("left to be learned: %v", got)
	}
}
