package builder

import (
	"slices"
	"strings"

	"github.com/imgtui/imgtui/model/dockerfile"
)

// change is what an edit may make other in the instructions behind it.
type change struct {
	settings  bool // of the image, those that commands do not see
	state     bool // in which commands run
	variables bool
	folder    bool // the working directory
	stages    bool // which of them are needed
}

// compare pairs the instructions of two texts; false is a pair of texts of
// which nothing can be told.
func compare(was, now *dockerfile.File) (*abridgement, bool) {
	if len(was.Faults)+len(now.Faults) > 0 || len(was.Instructions) == 0 || len(now.Instructions) == 0 || len(now.Stages) == 0 ||
		!slices.Equal(was.Directives, now.Directives) || !ends(was, now) ||
		was.Escape != now.Escape || lower(was, 0, nil) != lower(now, 0, nil) || odd(was) || odd(now) {
		return nil, false
	}
	a := &abridgement{was: was, now: now, from: make([]int, len(now.Instructions)), left: make([]bool, len(now.Instructions))}
	a.pair()
	a.judge()
	return a, true
}

// pair finds the instructions that are as they were: from both ends, and in
// between where there are as many of them as there were.
func (a *abridgement) pair() {
	m, n := len(a.was.Instructions), len(a.now.Instructions)
	for i := range a.from {
		a.from[i] = -1
	}
	first := 0
	for ; first < min(m, n) && a.same(first, first); first++ {
		a.from[first] = first
	}
	last := 0
	for ; last < min(m, n)-first && a.same(m-1-last, n-1-last); last++ {
		a.from[n-1-last] = m - 1 - last
	}
	for i := first; m == n && i < n-last; i++ {
		if a.same(i, i) {
			a.from[i] = i
		}
	}
}

// idle tells whether no instruction is another.
func (a *abridgement) idle() bool {
	return len(a.was.Instructions) == len(a.now.Instructions) && !slices.Contains(a.from, -1)
}

// same tells whether an instruction is one of the text before, with all that
// BuildKit reads of the comments above it.
func (a *abridgement) same(was, now int) bool {
	if a.was.Raw(was) != a.now.Raw(now) {
		return false
	}
	before, after := gap(a.was, was), gap(a.now, now)
	return before == after || a.silent(before) && a.silent(after) && (now == 0 || closed(a.now, now-1)) && (was == 0 || closed(a.was, was-1))
}

// gap returns what stands between an instruction and the one before it.
func gap(f *dockerfile.File, i int) string {
	from, to := 0, len(f.Text)
	if i > 0 {
		from = f.Instructions[i-1].End
	}
	if i < len(f.Instructions) {
		to = f.Instructions[i].Start
	}
	return f.Text[from:to]
}

// ends tells whether what follows the last instruction is not of it.
func ends(was, now *dockerfile.File) bool {
	m, n := len(was.Instructions), len(now.Instructions)
	return gap(was, m) == gap(now, n) || closed(was, m-1) && closed(now, n-1)
}

// silent tells whether comments tell BuildKit nothing: neither which rules hold
// for an instruction, nor, where it is asked to look, what a stage is for.
func (a *abridgement) silent(comments string) bool {
	return !strings.Contains(comments, "check") &&
		!slices.ContainsFunc(a.now.Directives, func(d dockerfile.Directive) bool { return d.Name == "check" })
}

// closed tells whether an instruction ends where its last line does.
func closed(f *dockerfile.File, i int) bool {
	return !strings.HasSuffix(strings.TrimRight(f.Raw(i), " \t\r\n"), string(f.Escape))
}

// odd tells whether a text may set the time of what is made, or has a command
// that could be taken for one of ours.
func odd(f *dockerfile.File) bool {
	return strings.Contains(f.Text, "SOURCE_DATE_EPOCH") || strings.Contains(f.Text, stand)
}

// lower tells how BuildKit's linter would have instructions written: as most of
// them are. Only those count that skip does not name.
func lower(f *dockerfile.File, more int, skip []bool) bool {
	for i := range f.Instructions {
		name := f.Instructions[i].Name
		written := strings.TrimLeft(f.Raw(i), " \t\v\f\r\uFEFF")
		switch written = written[:min(len(name), len(written))]; {
		case skip != nil && skip[i]:
		case written == name:
			more--
		case written == strings.ToLower(name):
			more++
		}
	}
	return more > 0
}

// judge finds out how far the edit reaches.
func (a *abridgement) judge() {
	gone := make([]bool, len(a.was.Instructions))
	for i := range gone {
		gone[i] = true
	}
	for i, j := range a.from {
		if j < 0 {
			a.change.by(&a.now.Instructions[i])
			continue
		}
		gone[j] = false
	}
	for j := range gone {
		if gone[j] {
			a.change.by(&a.was.Instructions[j])
		}
	}
	for i := range a.now.Instructions {
		in := &a.now.Instructions[i]
		if a.change.variables && a.expands(i) {
			a.change.folder = a.change.folder || in.Name == "WORKDIR"
			a.change.settings = a.change.settings || sets(in.Name)
		}
	}
}

// by adds what an instruction can change.
func (c *change) by(in *dockerfile.Instruction) {
	switch {
	case in.Name == "RUN", in.Name == "COPY", in.Name == "ADD":
		if from(in) {
			c.settings, c.stages = true, true
		}
		return
	case sets(in.Name):
		c.settings = true
		return
	}
	c.state = true
	switch in.Name {
	case "USER":
	case "SHELL":
		c.settings = true
	case "WORKDIR":
		c.folder = true
	case "ENV", "ARG":
		c.variables = true
		if in.Stage < 0 { // it may be of a FROM
			c.settings, c.folder, c.stages = true, true, true
		}
	default:
		c.settings, c.variables, c.folder, c.stages = true, true, true, true
	}
}
