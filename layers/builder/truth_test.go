package builder_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/imgtui/imgtui/layers/builder"
	"github.com/imgtui/imgtui/model/dockerfile"
	"github.com/imgtui/imgtui/model/plan"
)

// TestForecastHoldsAgainstAnEngine builds each Dockerfile before and after each
// edit, and compares what the engine did with what was foretold: nothing that
// was foretold to stay may run, and of the rest nearly all must be right.
func TestForecastHoldsAgainstAnEngine(t *testing.T) {
	for _, e := range []struct {
		name    string
		connect func(*testing.T) *engine
	}{
		{"buildkitd", buildkitd},
		{"docker", dockerEngine},
	} {
		t.Run(e.name, func(t *testing.T) {
			if testing.Short() {
				t.Skip("builds take their time")
			}
			engine := e.connect(t)
			var mu sync.Mutex
			sum := &tally{}
			t.Run("edits", func(t *testing.T) {
				for _, edit := range edits {
					t.Run(edit.file+"/"+edit.name, func(t *testing.T) {
						t.Parallel()
						s := scenarios[edit.file]
						if s.modern && engine.docker != nil {
							t.Skip("needs a frontend that this engine may be too old for")
						}
						did := truth(t, engine, s, edit)
						mu.Lock()
						defer mu.Unlock()
						sum.add(did)
					})
				}
			})
			sum.judge(t)
		})
	}
}

// truth makes one edit and returns how the forecast did.
func truth(t *testing.T, e *engine, s scenario, edit edit) tally {
	w := newWorkspace(t, s)
	server := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		rw.Header().Set("Content-Type", "text/plain")
		fmt.Fprint(rw, w.served[r.URL.Path])
	}))
	defer server.Close()

	memory := &builder.Memory{}
	ask := w.ask(server.URL)
	was := plan.Was{File: parse(t, ask.text), Graph: w.convert(ask, memory), Set: &plan.Set{}}
	was.Set.Add(was.File, was.Graph)
	if _, err := e.run(t, ask); err != nil {
		t.Fatalf("build before the edit: %v\n%s", err, ask.text)
	}
	var sum tally
	for _, do := range append([]func(*workspace){edit.do}, edit.then...) {
		do(w)
		ask = w.ask(server.URL)
		now, file := w.convert(ask, memory), parse(t, ask.text)
		foretold := plan.Foretell(file, now, was)
		if len(edit.then) == 0 {
			sameFromGraph(t, file, now, was, foretold)
		}
		did, err := e.run(t, ask)
		if err != nil {
			t.Fatalf("build after the edit: %v\n%s", err, ask.text)
		}
		sum.add(compare(t, foretold, now, did))
		was.File, was.Graph = file, now
		was.Set.Add(file, now)
	}
	return sum
}

// sameFromGraph: after one build, its graph foretells what is remembered of the engine.
func sameFromGraph(t *testing.T, file *dockerfile.File, now *plan.Graph, was plan.Was, want plan.Plan) {
	t.Helper()
	was.Set = nil
	got := plan.Foretell(file, now, was)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("foretold from the set of keys (-), and from the graph (+):\n%s", diff)
	}
}

// tally counts how forecasts did.
type tally struct {
	edits                             int
	right, maybe, weak, wrong, silent int
}

func (a *tally) add(b tally) {
	a.edits += b.edits
	a.right, a.maybe, a.weak, a.wrong, a.silent = a.right+b.right, a.maybe+b.maybe, a.weak+b.weak, a.wrong+b.wrong, a.silent+b.silent
}

// judge fails the test where the forecast is not good enough.
func (a *tally) judge(t *testing.T) {
	steps := a.right + a.maybe + a.weak + a.wrong
	t.Logf("%d edits, %d steps: %d right, %d maybe, %d weak, %d wrong (%d more that the engine passed over)", a.edits, steps, a.right, a.maybe, a.weak, a.wrong, a.silent)
	if a.wrong > 0 {
		t.Errorf("%d steps ran that were foretold to stay, want 0", a.wrong)
	}
	if told := a.right + a.weak; told == 0 || a.right*100 < 95*told {
		t.Errorf("%d of %d steps right, want 95 of 100", a.right, told)
	}
}

// compare holds each step against what its vertices did.
func compare(t *testing.T, p plan.Plan, g *plan.Graph, did outcome) tally {
	t.Helper()
	sum := tally{edits: 1}
	for _, step := range p.Steps {
		if step.Instruction < 0 {
			continue
		}
		asked, ran := happened(step, g, did)
		switch {
		case !asked:
			if worked(step, g) {
				sum.silent++
			}
		case step.Fate == plan.Maybe:
			sum.maybe++
		case ran == (step.Fate == plan.Runs || step.Fate == plan.New):
			sum.right++
		case ran:
			sum.wrong++
			t.Errorf("line %d %q: foretold %v, and it ran", step.Line, step.Text, step.Fate)
		default:
			sum.weak++
			t.Logf("weak: line %d %q: foretold %v for reason %v (%s, line %d), and the engine had it", step.Line, step.Text, step.Fate, step.Reason, step.Because, step.BecauseLine)
		}
		if testing.Verbose() {
			t.Logf("line %2d %-40.40q fate %v reason %v because %q %d; asked %v ran %v", step.Line, step.Text, step.Fate, step.Reason, step.Because, step.BecauseLine, asked, ran)
		}
	}
	return sum
}

// worked tells whether a step is work for an engine.
func worked(step plan.Step, g *plan.Graph) bool { return len(operationsOf(step, g)) > 0 }

// happened tells whether an engine dealt with a step, and whether it ran.
func happened(step plan.Step, g *plan.Graph, did outcome) (asked, ran bool) {
	for _, o := range operationsOf(step, g) {
		cached, ok := did.of(o.Name)
		asked = asked || ok
		ran = ran || ok && !cached
	}
	return asked, ran
}

// operationsOf returns what makes files for a step: taking a base or a page is
// nothing that an engine has or runs.
func operationsOf(step plan.Step, g *plan.Graph) []plan.Op {
	var all []plan.Op
	for _, o := range g.Ops {
		if o.Kind != plan.Exec && o.Kind != plan.Files && o.Kind != plan.Joined {
			continue
		}
		for _, r := range o.Lines {
			if r.First == step.Line {
				all = append(all, o)
				break
			}
		}
	}
	return all
}

// of returns what became of a vertex. What numbers a step has depends on where
// the base comes from, and frontends of other ages word its end in other ways.
func (o outcome) of(name string) (cached, ok bool) {
	stage, number, text := vertex(name)
	for _, alike := range []func(s, n, x string) bool{
		func(s, _, x string) bool { return s == stage && x == text },
		func(s, n, _ string) bool { return s == stage && n == number },
	} {
		cached = true
		for other, had := range o {
			if alike(vertex(other)) {
				cached, ok = cached && had, true
			}
		}
		if ok {
			return cached, true
		}
	}
	return false, false
}

// vertex takes "[build 2/6] RUN make" apart.
func vertex(name string) (stage, number, text string) {
	head, text, _ := strings.Cut(strings.TrimPrefix(name, "["), "] ")
	if stage, number, ok := strings.Cut(head, " "); ok {
		return stage, number, text
	}
	return "", head, text
}
