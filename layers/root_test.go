package layers

import (
	"strings"
	"testing"

	"github.com/imgtui/imgtui/layers/index"
	"github.com/imgtui/imgtui/layers/source/sourcetest"
	"github.com/imgtui/imgtui/model/session"
)

// TestALayerWithoutRoomIsReadWhenTheOthersHaveMadeSome has a layer of names
// alone, which comes first, and one of bytes, which pay for it.
func TestALayerWithoutRoomIsReadWhenTheOthersHaveMadeSome(t *testing.T) {
	t.Parallel()
	var links []sourcetest.Entry
	for n := range 200 {
		links = append(links, sourcetest.Symlink(strings.Repeat("l", n+1), "x"))
	}
	names, bytes := sourcetest.Tar(links...), sourcetest.Tar(sourcetest.File("f", sourcetest.Noise(1, 90_000)))
	limits := index.DefaultLimits
	limits.Held = 64 << 10
	for name, c := range map[string]struct {
		tars   [][]byte
		missed int
	}{"with bytes": {[][]byte{names, bytes}, 0}, "without": {[][]byte{names, three()[0]}, 1}} {
		f := made(c.tars...)
		ms := all(t, with(t, f, Options{Workers: 1, Limits: limits}), session.Index{Gen: 1, First: 0})
		missing := of[session.IndexDone](ms)[0].Missing
		if len(missing) != c.missed {
			t.Errorf("%s: missing %v; failed %v", name, missing, of[session.Failed](ms))
		}
		if opens := f.opens(); c.missed > 0 && len(opens) != 2 {
			t.Errorf("%s: opened %v; a layer that cannot have more room is not read twice", name, opens)
		}
		if got := len(of[session.Rooted](ms)); got != 2 {
			t.Errorf("%s: %d roots", name, got)
		}
	}
}

// TestRootsCountToo has one wide folder that each layer changes.
func TestRootsCountToo(t *testing.T) {
	t.Parallel()
	var wide []sourcetest.Entry
	for n := range 2000 {
		wide = append(wide, sourcetest.File("d/"+strings.Repeat("f", n%50+1)+string(rune('a'+n%26))+strings.Repeat("g", n/50), "12345678901234567890"))
	}
	tars := [][]byte{sourcetest.Tar(wide...)}
	for range 200 {
		tars = append(tars, sourcetest.Tar(sourcetest.File("d/f", "x")))
	}
	limits := index.DefaultLimits
	limits.Held, limits.HeldFiles = 700<<10, 0
	ms := all(t, with(t, made(tars...), Options{Limits: limits, Workers: 1}), session.Index{Gen: 1})
	failed := of[session.Failed](ms)
	if len(failed) < 50 || !strings.Contains(failed[0].Err.Error(), "the paths of the image need more than 700KiB of memory") {
		t.Fatalf("%d layers failed of 201 with a folder of 2000 names each, want some beyond 700 KiB", len(failed))
	}
	if roots := of[session.Rooted](ms); len(roots) != 201 || roots[200].Root.Find("/d/f") == nil {
		t.Errorf("%d roots, want one for each layer", len(roots))
	}
	e := with(t, made(tars[:20]...), Options{Limits: limits})
	for range 20 { // each gives back what the roots of the one before took
		if failed := of[session.Failed](all(t, e, session.Index{Gen: 1})); len(failed) > 0 {
			t.Fatalf("an index again: %v", failed[0].Err)
		}
	}
}
