package explain

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/imgtui/imgtui/model/plan"
	"github.com/imgtui/imgtui/model/words"
)

// three are a result that copies from one stage and mounts another, and a stage
// that nothing uses.
var three = plan.Plan{
	Was: "old",
	Stages: []plan.Branch{
		{Stage: 2, Last: true, Use: plan.Result, Line: 5, Name: "2", Image: "alpine\x1b[31m:3", Unknown: true},
		{Stage: 0, Depth: 1, Use: plan.Copies, Line: 6, Name: "build", Image: "golang:1"},
		{Stage: 1, Depth: 2, Last: true, Use: plan.BuiltOn, Line: 3, Name: "tools", Image: "busybox"},
		{Stage: 1, Depth: 1, Last: true, Use: plan.Mounts, Line: 7, Name: "tools", Again: true},
		{Stage: 3, Use: plan.Idle, Line: 9, Name: "debug", Image: "scratch"},
	},
	Unknown: []string{"docker.io/library/alpine:3", "ghcr.io/a/b:1"},
	Steps: []plan.Step{
		{Line: 5, Last: 5, Stage: 2, Text: "FROM alpine:3", Fate: plan.Same, History: -1},
		{Line: 6, Last: 6, Stage: 2, Text: "COPY --from=build /a /a", Fate: plan.Runs, History: -1},
		{Line: 2, Last: 2, Stage: 0, Text: "RUN gone", Fate: plan.Gone, History: -1},
	},
}

func TestStagesAreDrawnAsATree(t *testing.T) {
	t.Parallel()
	var b strings.Builder
	for _, r := range Stages(words.English, three) {
		b.WriteString(r.Tree + r.Name + ": " + r.Does + "\n")
	}
	const want = `2: the result · FROM alpine\x1b[31m:3 · 1 kept · 1 run
├ build: copied from, line 6 · FROM golang:1
│ └ tools: built on, line 3 · FROM busybox
└ tools: mounted from, line 7 · see above
· debug: not part of the result · FROM scratch
`
	if diff := cmp.Diff(want, b.String()); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	if got := Stages(words.English, plan.Plan{Stages: three.Stages[:1]}); got != nil {
		t.Errorf("one stage alone is told: %v", got)
	}
}

func TestTheLineOfAFROMTellsItsStagesAndWhatIsNotKnown(t *testing.T) {
	t.Parallel()
	var b strings.Builder
	for _, l := range Draft(words.English, Place{Line: 5, Step: three.Steps[0], Known: true, Plan: three}) {
		b.WriteString(l.Text + "\n")
	}
	for _, want := range []string{"A rebuild, compared with old\n", `alpine\x1b[31m:3: no registry is asked`, "FROM name@sha256:", "❯ 2  the result"} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("%q is not told:\n%s", want, b.String())
		}
	}
	if got := Unknown(words.English, three); len(got) != 2 || !strings.HasPrefix(got[0], "alpine:3, ghcr.io/a/b:1: ") {
		t.Errorf("unknown bases: %q", got)
	}
}
