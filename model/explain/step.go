package explain

import (
	"fmt"
	"strings"

	"github.com/imgtui/imgtui/model"
	"github.com/imgtui/imgtui/model/tree"
	"github.com/imgtui/imgtui/model/words"
)

// Step says what the instruction of a step does, what this one did, what of it
// is dead and why, and how the build cache treats it.
func Step(w words.Words, s Subject) []Line {
	var t text
	step := s.Image.Steps[s.Step]
	for _, l := range commandLines(step.CreatedBy) {
		t.add(Code, l)
	}
	t.gap()
	t.teach(w.Explain, step)
	if step.Empty() {
		t.sets(w.Explain, step.CreatedBy)
	} else {
		t.here(w.Explain, s)
		t.dead(w.Explain, s)
	}
	t.cache(w.Explain, step)
	t.facts(w.Explain, s)
	t.faults(w.Explain, s.Err, s.Faults)
	return t
}

// teach says what such a step is, whoever wrote it.
func (t *text) teach(e words.Explain, step model.Step) {
	verb := Verb(step.CreatedBy)
	switch maker := makerOf(step); {
	case verb != "":
		t.add(Text, e.Verbs[verb].Does)
	case maker != "":
		t.add(Text, e.Makers[maker])
	case strings.TrimSpace(step.CreatedBy) == "":
		t.add(Text, e.Unsaid)
	default:
		t.add(Text, e.Unknown)
	}
	if isRootFS(step) {
		t.add(Text, e.RootFS)
	}
	if step.Base {
		t.add(Text, e.FromBase)
	}
	if args := BuildArgs(step.CreatedBy); len(args) > 0 {
		for _, a := range args {
			t.pair(e.BuildArg, visible(a))
		}
		t.add(Advice, e.ArgsStay)
	}
}

// isRootFS tells whether a step unpacks a whole system into the empty root.
func isRootFS(step model.Step) bool {
	by := plain(step.CreatedBy)
	return step.Layer != nil && step.Layer.Index == 0 && strings.HasPrefix(by, "ADD ") && strings.HasSuffix(by, " /")
}

// cache says when a step runs again.
func (t *text) cache(e words.Explain, step model.Step) {
	says := e.Verbs[Verb(step.CreatedBy)].Cache
	if step.Base {
		says = e.CacheBase
	}
	if says != "" {
		t.heading(e.Cache)
		t.add(Text, says)
	}
}

// here tells what the step changed.
func (t *text) here(e words.Explain, s Subject) {
	t.heading(e.Here)
	switch {
	case s.Layer == nil && s.Err != nil:
		t.add(Bad, e.Unreadable)
		return
	case s.Layer == nil:
		t.add(Text, e.NotRead)
		return
	case !s.Known:
		t.add(Text, fmt.Sprintf(e.Alone, words.Exact(s.Layer.Entries), words.Bytes(s.Layer.Unpacked)))
	default:
		t.changes(e, s, tree.Compare(s.Before, s.After))
	}
	t.leftovers(e, s.Layer, s.Image.Steps[s.Step].Base)
}

// changes tells how the root after the step differs from the one before it.
func (t *text) changes(e words.Explain, s Subject, d tree.Delta) {
	totals, l := s.totals(d), s.Layer
	if totals.Paths() == 0 {
		t.add(Text, e.Nothing)
	} else {
		t.add(Text, fmt.Sprintf(e.Changes, countsOf(e, totals))+" "+growth(e, totals.Net()))
	}
	if l.Root.Bytes()-totals.AddedBytes >= worthTelling {
		t.add(Text, fmt.Sprintf(e.Carries, words.Bytes(l.Root.Bytes())))
	}
	t.biggest(e, s, d, totals.AddedBytes)
}

// growth says by how much the filesystem grew.
func growth(e words.Explain, net int64) string {
	switch {
	case net > 0:
		return fmt.Sprintf(e.Grows, words.Bytes(net))
	case net < 0:
		return fmt.Sprintf(e.Shrinks, words.Bytes(-net))
	}
	return e.Stays
}

// countsOf tells how many paths changed, by kind of change.
func countsOf(e words.Explain, t tree.Totals) string {
	var parts []string
	for i, n := range []int{t.Added, t.Modified, t.Touched, t.Replaced, t.Removed} {
		if n > 0 {
			parts = append(parts, fmt.Sprintf(e.Counts[i], words.Exact(n)))
		}
	}
	return strings.Join(parts, ", ")
}

// faults are what is wrong, in the words of who found it.
func (t *text) faults(e words.Explain, err error, faults []model.Warning) {
	if err == nil && len(faults) == 0 {
		return
	}
	t.heading(e.Faults)
	if err != nil {
		t.add(Bad, visible(err.Error()))
	}
	for _, f := range faults {
		t.add(Bad, visible(f.Text))
	}
}
