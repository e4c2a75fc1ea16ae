package explain

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/imgtui/imgtui/model/session/sessiontest"
	"github.com/imgtui/imgtui/model/waste"
	"github.com/imgtui/imgtui/model/words"
)

func TestRemediesAreThoseOfTheImage(t *testing.T) {
	t.Parallel()
	for name, w := range map[string]*sessiontest.World{"workshop": sessiontest.Workshop(), "wasteful": wasteful()} {
		r := waste.Weigh(w.Layers, w.Roots)
		want, in := []string{}, false
		for _, l := range Image(words.English, w.Image, &r, nil) {
			if l.Kind == Heading {
				in = l.Text == words.English.Explain.Wasted
			}
			if in && l.Kind == Advice {
				want = append(want, l.Text)
			}
		}
		if diff := cmp.Diff(want, Remedies(words.English, w.Image, &r)); diff != "" || len(want) == 0 {
			t.Errorf("%s (-image +remedies):\n%s", name, diff)
		}
	}
	if got := Remedies(words.English, sessiontest.Workshop().Image, &waste.Report{}); len(got) != 0 {
		t.Errorf("of no dead bytes: got %q, want none", got)
	}
}
