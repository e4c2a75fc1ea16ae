package explain

import (
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/imgtui/imgtui/model"
	"github.com/imgtui/imgtui/model/session/sessiontest"
	"github.com/imgtui/imgtui/model/waste"
	"github.com/imgtui/imgtui/model/words"
)

func TestEveryKeywordIsTaught(t *testing.T) {
	t.Parallel()
	for verb, v := range words.English.Explain.Verbs {
		if v.Does == "" || v.Cache == "" {
			t.Errorf("%s: got %+v, want both sentences", verb, v)
		}
		if got := Verb(verb + " x"); got != verb {
			t.Errorf("Verb(%q): got %q, want %q", verb+" x", got, verb)
		}
	}
}

func TestEveryMakerHasItsSentence(t *testing.T) {
	t.Parallel()
	for _, m := range makers {
		if words.English.Explain.Makers[m.name] == "" {
			t.Errorf("maker %q: got no sentence", m.name)
		}
		for _, by := range m.by {
			if got := makerOf(model.Step{CreatedBy: by + "x"}); got != m.name {
				t.Errorf("makerOf(%q): got %q, want %q", by+"x", got, m.name)
			}
		}
		for _, c := range m.comments {
			if got := makerOf(model.Step{Comment: c + "x"}); got != m.name {
				t.Errorf("makerOf(comment %q): got %q, want %q", c+"x", got, m.name)
			}
		}
	}
}

func TestEveryWayToDieHasItsRemedies(t *testing.T) {
	t.Parallel()
	e := words.English.Explain
	for how := waste.Deleted; how <= waste.Twice; how++ {
		r := e.Remedies[how]
		if e.Hows[how] == "" || slices.Contains([]string{r.Run, r.Copy, r.Base, r.Other}, "") {
			t.Errorf("how %d: got %q and %+v, want a word and four remedies", how, e.Hows[how], r)
		}
	}
}

func TestNoWordIsMissing(t *testing.T) {
	t.Parallel()
	v := reflect.ValueOf(words.English.Explain)
	for i := range v.NumField() {
		if f := v.Field(i); f.Kind() == reflect.String && f.String() == "" {
			t.Errorf("%s: got no word", v.Type().Field(i).Name)
		}
	}
}

func TestEveryFormatTakesWhatItIsGiven(t *testing.T) {
	t.Parallel()
	for _, w := range []*sessiontest.World{sessiontest.Workshop(), wasteful()} {
		r := waste.Weigh(w.Layers, w.Roots)
		text := every(w) + written(Image(words.English, w.Image, &r, w.Image.Warnings)) + written(Image(words.English, w.Image, nil, nil))
		for _, fault := range []string{"%!", "{added}", "{hidden}", "step -1"} {
			if at := strings.Index(text, fault); at >= 0 {
				t.Errorf("got %q in %q", fault, text[max(at-80, 0):min(at+80, len(text))])
			}
		}
	}
}

func TestEveryLineIsFitToBeShown(t *testing.T) {
	t.Parallel()
	evil := "\x1b[31m\r\n\u202e\xff" + strings.Repeat("y", 3*longest)
	w := sessiontest.Make(
		sessiontest.Step{By: evil, Files: []string{"\x1b[2J/", "\x1b[2J/a\nb 20000", "var/log/\u202ex/\xff 30000"}},
		sessiontest.Step{By: "RUN |1 A=" + evil + " /bin/sh -c rm # buildkit", Files: []string{"\x1b[2J/", "-\x1b[2J/a\nb"}},
		sessiontest.Step{By: "ENV " + evil + "=" + evil},
	)
	i := w.Image
	i.Reference, i.Source, i.Author, i.BaseName, i.BaseHow = evil, evil, evil, evil, evil
	i.Tags, i.ID, i.Digest, i.MediaType = []string{evil}, model.Digest(evil), model.Digest(evil), evil
	i.Platform = model.Platform{OS: evil, Architecture: evil}
	i.Config = model.Config{Entrypoint: []string{evil}, Cmd: []string{evil}, Env: []string{evil}, User: evil, WorkingDir: evil, ExposedPorts: []string{evil}, Volumes: []string{evil}, Labels: map[string]string{evil: evil}, StopSignal: evil, Shell: []string{evil}, OnBuild: []string{evil}, Healthcheck: []string{evil}}
	i.Warnings = []model.Warning{{Layer: -1, Text: evil}}
	for n := range i.Steps {
		i.Steps[n].Comment, i.Steps[n].Author, i.Steps[n].Base = evil, evil, n == 0
	}
	r := waste.Weigh(w.Layers, w.Roots)
	lines := Image(words.English, i, &r, i.Warnings)
	for n := range i.Steps {
		s := subject(w, n)
		s.Faults = i.Warnings
		lines = append(lines, Step(words.English, s)...)
	}
	for _, l := range lines {
		for _, s := range []string{l.Key, l.Text} {
			if words.Visible(s) != s || len(s) > 10*longest {
				t.Errorf("got %d bytes, %.60q, want what can be shown", len(s), s)
			}
		}
	}
}
