package explain

import (
	"fmt"
	"slices"
	"strings"

	"github.com/imgtui/imgtui/model"
	"github.com/imgtui/imgtui/model/check"
	"github.com/imgtui/imgtui/model/plan"
	"github.com/imgtui/imgtui/model/tree"
	"github.com/imgtui/imgtui/model/words"
)

// Place is the place in a Dockerfile that [Draft] tells of.
type Place struct {
	Line     int
	Text     string // of the line
	Step     plan.Step
	Known    bool // an instruction stands there, and Step is its forecast
	Plan     plan.Plan
	Findings []check.Finding
	Context  *plan.Context
	Fault    string // what is wrong with the text; "" is nothing
	Hint     string
	FaultAt  int
}

// Draft says what a rebuild does with an instruction and why, what it brings,
// and what is wrong with it.
func Draft(w words.Words, p Place) []Line {
	var t text
	d := w.Draft
	if p.Fault != "" {
		t.heading(d.Fault)
		t.add(Bad, fmt.Sprintf(w.Plan.At, p.FaultAt)+": "+visible(p.Fault))
		t.add(Advice, visible(p.Hint))
	}
	switch {
	case p.Known:
		t.gap()
		t.add(Code, visible(p.Step.Text))
		t.foretold(w, p)
	case p.Fault == "":
		t.add(Text, d.Nothing)
	}
	t.findings(w, p)
	if p.Known && strings.EqualFold(first(p.Step.Text), "FROM") {
		t.unknown(w, p)
		t.stages(w, p.Plan, p.Step.Stage)
	}
	if p.Known && copies(p.Step.Text) && p.Context != nil {
		t.context(w, p.Context)
	}
	if p.Known && isStart(p.Step) {
		t.settings(w, p.Plan)
	}
	return t
}

// foretold tells the fate of an instruction.
func (t *text) foretold(w words.Words, p Place) {
	s := p.Step
	verb := strings.ToUpper(first(s.Text))
	t.gap()
	t.add(Text, w.Explain.Verbs[verb].Does)
	will := w.Draft.Will
	if p.Plan.Was != "" {
		will += ", " + fmt.Sprintf(w.Plan.Against, visible(p.Plan.Was))
	}
	t.heading(will)
	line := Sign(w, s) + " " + w.Plan.Fates[s.Fate]
	if why := Why(w, s); why != "" {
		line += ": " + why
	}
	t.add(Text, line)
	if s.Bytes != model.Unknown && s.Bytes > 0 {
		about := ""
		if s.About {
			about = "~"
		}
		t.pair(w.Explain.Size, about+words.Bytes(s.Bytes))
	}
	if s.After != nil {
		totals := tree.Compare(s.Below, s.After).Totals()
		if totals.Paths() > 0 {
			t.add(Text, fmt.Sprintf(w.Explain.Changes, countsOf(w.Explain, totals))+" "+growth(w.Explain, totals.Net()))
		}
	}
	t.add(Text, w.Explain.Verbs[verb].Cache)
}

func first(s string) string {
	name, _, _ := strings.Cut(s, " ")
	return name
}

func copies(s string) bool {
	switch strings.ToUpper(first(s)) {
	case "COPY", "ADD":
		return true
	}
	return false
}

// isStart tells whether the settings of the image are worth telling here: where
// one of them is set.
func isStart(s plan.Step) bool { return s.Reason == plan.SettingsOnly }

// findings tells what is wrong on the line, and what to do.
func (t *text) findings(w words.Words, p Place) {
	told := false
	for _, f := range p.Findings {
		if p.Line < f.Line || p.Line > f.Last {
			continue
		}
		if !told {
			t.heading(w.Draft.Finds)
			told = true
		}
		t.finding(w, f)
	}
}

func (t *text) finding(w words.Words, f check.Finding) {
	kind := Bad
	if f.Severity == check.Advice {
		kind = Advice
	}
	t.add(kind, f.Text(w))
	c := w.Checks[f.Check]
	t.add(Text, c.Doc)
	if f.URL != "" {
		t.add(Text, visible(f.URL))
	}
	if f.Fix != nil {
		t.add(Advice, fmt.Sprintf(w.Draft.FixKey, c.Fix))
		return
	}
	if c.Example != "" {
		t.add(Text, w.Draft.Example)
		for l := range strings.SplitSeq(c.Example, "\n") {
			t.add(Code, l)
		}
	}
}

// biggestOf is how many paths of the context are told.
const biggestOf = 5

// context tells what the build context sends and what it keeps back.
func (t *text) context(w words.Words, c *plan.Context) {
	d := w.Draft
	t.heading(d.Context)
	t.add(Text, fmt.Sprintf(d.Sent, words.Exact(c.Files), words.Bytes(c.Bytes)))
	if c.Root != nil {
		all := slices.Clone(c.Root.Kids())
		slices.SortStableFunc(all, func(a, b *tree.Node) int { return int(min(max(b.Bytes()-a.Bytes(), -1), 1)) })
		for _, k := range all[:min(len(all), biggestOf)] {
			name := k.Name
			if k.Kind == tree.Dir {
				name += "/"
			}
			*t = append(*t, Line{Item, words.Bytes(k.Bytes()), visible(name)})
		}
	}
	for n, i := range c.Ignored {
		if n == 0 {
			t.add(Text, d.Ignored+":")
		}
		if n == biggestOf {
			break
		}
		*t = append(*t, Line{Item, words.Bytes(i.Bytes), fmt.Sprintf(d.IgnoredRow, visible(strings.TrimPrefix(i.Path, "/")), words.Exact(i.Files))})
	}
	for _, f := range c.Faults {
		t.add(Bad, visible(f))
	}
}

// settings tells how the image's config changes.
func (t *text) settings(w words.Words, p plan.Plan) {
	rows := [][3]string{
		{w.Explain.Entrypoint, words.List(p.Before.Entrypoint), words.List(p.After.Entrypoint)},
		{w.Explain.Cmd, words.List(p.Before.Cmd), words.List(p.After.Cmd)},
		{w.Explain.User, p.Before.User, p.After.User},
		{w.Explain.WorkDir, p.Before.WorkingDir, p.After.WorkingDir},
		{w.Explain.Ports, strings.Join(p.Before.ExposedPorts, " "), strings.Join(p.After.ExposedPorts, " ")},
		{w.Explain.Volumes, strings.Join(p.Before.Volumes, " "), strings.Join(p.After.Volumes, " ")},
	}
	told := false
	row := func(key, was, will string) {
		if was == will {
			return
		}
		if !told {
			t.heading(w.Draft.Config)
			told = true
		}
		t.pair(key, fromTo(dash(was), dash(will)))
	}
	for _, r := range rows {
		row(r[0], visible(r[1]), visible(r[2]))
	}
	before, after := variables(p.Before.Env), variables(p.After.Env)
	for _, e := range p.After.Env {
		name, value, _ := strings.Cut(e, "=")
		row(w.Explain.Env, visible(name+"="+before[name]), visible(name+"="+value))
	}
	for _, e := range p.Before.Env {
		name, _, _ := strings.Cut(e, "=")
		if _, stays := after[name]; !stays {
			row(w.Explain.Env, visible(e), "")
		}
	}
}

func variables(env []string) map[string]string {
	all := map[string]string{}
	for _, e := range env {
		name, value, _ := strings.Cut(e, "=")
		all[name] = value
	}
	return all
}

func dash(s string) string {
	if s == "" {
		return "–"
	}
	return s
}
