package pane

import (
	"strings"
	"testing"

	"github.com/imgtui/imgtui/model/session"
	"github.com/imgtui/imgtui/model/session/sessiontest"
)

func TestABigFileTakesOneRow(t *testing.T) {
	t.Parallel()
	long := "var/lib/apt/lists/archive.example.org_dists_noble-updates_main_binary-amd64_Packages.lz4"
	e := env(t, sessiontest.Make(sessiontest.Step{By: "RUN x", Files: []string{long + " 1810000", "b 900000"}}))
	for _, w := range []int{44, 60, 100, 140} {
		got := seen(&Details{}, e, w, 40)
		at := rowOf(got, "The biggest")
		if !strings.Contains(got[at+1], "1.81 MB  /var") || !strings.HasSuffix(got[at+1], ".lz4") || !strings.Contains(got[at+2], "900 kB  /b") {
			t.Errorf("%d cells:\n%s", w, strings.Join(got[at:at+4], "\n"))
		}
	}
}

func TestDetailsTellOfThePathOneStandsOn(t *testing.T) {
	t.Parallel()
	e := env(t, sessiontest.Workshop(), session.Select{Step: 3})
	e.Path = "/etc/passwd"
	p := &Details{}
	got := seen(p, e, 70, 30)
	for _, want := range []string{"M: content modified", "900 B (900) → 1.40 kB (1 400)", "step 0 adds it", "step 3 writes it anew"} {
		if !has(got, want) {
			t.Errorf("want %q in\n%s", want, strings.Join(got, "\n"))
		}
	}
	p.Do("about", e)
	if got := seen(p, e, 70, 30); !has(got, "entrypoint") || has(got, "step 3 writes") {
		t.Errorf("about the image:\n%s", strings.Join(got, "\n"))
	}
	if _, turn := p.Do("back", e); turn != Stay || p.Image() {
		t.Errorf("back from the image: turn %v, image %v", turn, p.Image())
	}
	if _, turn := p.Do("back", e); turn != Out {
		t.Errorf("back from the path: turn %v, want out", turn)
	}
}

func TestAnotherStepIsReadFromItsTop(t *testing.T) {
	t.Parallel()
	w := sessiontest.Workshop()
	e := env(t, w)
	p := &Details{}
	seen(p, e, 50, 12)
	p.Do("bottom", e)
	if got := seen(p, e, 50, 12); has(got, "ADD file:4f3a") {
		t.Fatalf("the bottom is the top:\n%s", strings.Join(got, "\n"))
	}
	e.State, _ = e.State.Update(session.Select{Step: 2})
	if got := seen(p, e, 50, 12); !strings.HasPrefix(got[0], " RUN apt-get update") {
		t.Errorf("another step begins with %q", got[0])
	}
}
