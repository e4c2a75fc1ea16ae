package explain

import (
	"testing"

	"github.com/imgtui/imgtui/model/session/sessiontest"
	"github.com/imgtui/imgtui/model/waste"
	"github.com/imgtui/imgtui/model/words"
)

func TestGravesHoldEveryDeadByteOnce(t *testing.T) {
	t.Parallel()
	for _, w := range []*sessiontest.World{sessiontest.Workshop(), wasteful()} {
		r := waste.Weigh(w.Layers, w.Roots)
		if got := bytesOf(graves(&r, func(waste.Dead) bool { return true })); got != r.Dead {
			t.Errorf("all: got %d bytes, want %d", got, r.Dead)
		}
		for l := range r.ByLayer {
			if got := bytesOf(graves(&r, func(d waste.Dead) bool { return d.Added == l })); got != r.ByLayer[l] {
				t.Errorf("added by layer %d: got %d bytes, want %d", l, got, r.ByLayer[l])
			}
			if got := bytesOf(graves(&r, func(d waste.Dead) bool { return d.Hidden == l })); got != r.HiddenBy[l] {
				t.Errorf("hidden by layer %d: got %d bytes, want %d", l, got, r.HiddenBy[l])
			}
		}
	}
}

func TestGravesAreNamedByWhatHoldsThem(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		paths []string
		want  string
	}{
		{[]string{"/a/b"}, "/a/b"},
		{[]string{"/a/b", "/a/c"}, "/a/* (2 files)"},
		{[]string{"/a/b/c", "/a/d", "/a/b/e"}, "/a/* (3 files)"},
		{[]string{"/a/b", "/ab/c"}, "/a/b and 1 more"},
		{[]string{"/a", "/b", "/c"}, "/a and 2 more"},
		{[]string{"/a/\x1b/b", "/a/\x1b/c"}, `/a/\x1b/* (2 files)`},
	} {
		var r waste.Report
		for _, p := range c.paths {
			r.Paths = append(r.Paths, waste.Dead{Path: p, Bytes: 1, Hidden: 1, How: waste.Deleted})
		}
		gs := graves(&r, func(waste.Dead) bool { return true })
		if got := gs[0].where(words.English.Explain); len(gs) != 1 || got != c.want {
			t.Errorf("%q: got %d graves, %q, want one, %q", c.paths, len(gs), got, c.want)
		}
	}
}
