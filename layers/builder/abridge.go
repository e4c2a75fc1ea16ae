package builder

import (
	"slices"
	"strconv"
	"strings"

	"github.com/imgtui/imgtui/model/dockerfile"
)

// abridgement is a text of which most of what did not change is left out: each
// run of steps in one state is one RUN, on the line of the first of them, which
// tells the state.
type abridgement struct {
	was, now *dockerfile.File
	from     []int // for each instruction of now the one of was that it is; −1 is none
	change   change
	left     []bool // the instructions of now that are left out
	blocks   []block
	run      string // how RUN is written
	text     string
}

// block is a run of steps that are left out.
type block struct {
	stage int
	steps []int // instructions of now
	met   bool  // it is part of the image
}

// expands tells whether an instruction may name a variable.
func (a *abridgement) expands(i int) bool { return strings.Contains(a.now.Raw(i), "$") }

// step tells whether BuildKit counts an instruction among the steps of its stage.
func step(name string) bool {
	return name == "RUN" || name == "COPY" || name == "ADD" || name == "WORKDIR"
}

// leave marks the instructions that are left out. Only those of which the
// operations are known can be, and those that are nothing to the ones that stay.
func (a *abridgement) leave(of [][]*node) {
	until := make([]int, len(a.now.Stages)) // up to where the state of a stage must be right
	mounted := false
	for i := range a.now.Instructions {
		in := &a.now.Instructions[i]
		switch {
		case in.Stage < 0:
			continue
		case step(in.Name):
			a.left[i] = a.from[i] >= 0 && a.known(i, of[a.from[i]])
			if len(a.now.Stages) == 1 && !mounted && mounts(in) { // the stage has a name for it
				mounted, a.left[i] = true, false
			}
		case sets(in.Name):
			a.left[i] = a.from[i] >= 0 && !a.change.settings
		default:
			continue
		}
		if !a.left[i] && (step(in.Name) || a.expands(i)) {
			until[in.Stage] = i
		}
	}
	if a.change.state || a.change.stages {
		return
	}
	a.reach(until)
	for i := range a.now.Instructions {
		switch in := &a.now.Instructions[i]; in.Name {
		case "WORKDIR":
			a.left[i] = a.left[i] && i > until[in.Stage]
		case "ENV", "ARG", "USER":
			a.left[i] = in.Stage >= 0 && i > until[in.Stage]
		case "SHELL":
			a.left[i] = i > until[in.Stage] && !a.change.settings
		}
	}
}

// sets tells whether an instruction sets what commands do not see.
func sets(name string) bool {
	switch name {
	case "LABEL", "CMD", "ENTRYPOINT", "EXPOSE", "VOLUME", "STOPSIGNAL", "HEALTHCHECK", "MAINTAINER":
		return true
	}
	return false
}

// reach adds the stages that those are built on whose state must be right.
func (a *abridgement) reach(until []int) {
	all := slices.ContainsFunc(a.now.Instructions, func(in dockerfile.Instruction) bool { return in.Name == "ONBUILD" })
	for n := len(until) - 1; n >= 0; n-- {
		if all {
			until[n] = len(a.now.Instructions)
		}
		if until[n] == 0 {
			continue
		}
		base := a.now.Stages[n].Base
		for k := range n {
			if strings.EqualFold(a.now.Stages[k].Name, base) || strings.Contains(base, "$") {
				until[k] = len(a.now.Instructions)
			}
		}
	}
}

// from tells whether an instruction may name another stage.
func from(in *dockerfile.Instruction) bool {
	return slices.ContainsFunc(in.Flags, func(f string) bool { return strings.Contains(strings.ToLower(f), "from") })
}

func mounts(in *dockerfile.Instruction) bool {
	return slices.ContainsFunc(in.Flags, func(f string) bool { return strings.HasPrefix(strings.ToLower(f), "--mount") })
}

// known tells whether an instruction makes of the state before it what it made
// of it the last time, or what can be told from that.
func (a *abridgement) known(i int, nodes []*node) bool {
	in := &a.now.Instructions[i]
	if _, ok := chained(nodes); !ok || from(in) {
		return false
	}
	if in.Name == "WORKDIR" && (a.change.state || a.change.stages || len(nodes) == 0) || len(nodes) == 0 && a.change.stages {
		return false
	}
	switch {
	case !a.change.state:
		return true
	case len(in.Heredocs) > 0, a.change.variables && a.expands(i) && !commands(a.now, i):
		return false
	}
	switch in.Name {
	case "RUN":
		return len(in.Flags) == 0 || !a.change.folder && !strings.Contains(strings.ToLower(strings.Join(in.Flags, " ")), "ssh")
	case "COPY", "ADD":
		return !a.change.folder || !in.JSON && len(in.Words) > 1 && !strings.ContainsAny(in.Words[len(in.Words)-1], "$\"'\\`")
	}
	return false
}

// commands tells whether an instruction is a RUN that nothing but its command
// makes out, and whose name can be told.
func commands(f *dockerfile.File, i int) bool {
	in := &f.Instructions[i]
	if in.Name != "RUN" || in.JSON || len(in.Flags) > 0 || len(in.Heredocs) > 0 || len(in.Words) != 1 || !closed(f, i) {
		return false
	}
	for line := range strings.Lines(f.Raw(i)) {
		if strings.TrimSpace(line) == "" {
			return false
		}
	}
	return !strings.Contains(in.Words[0], "PATH") // BuildKit gives a command a PATH that its name is not made with
}

// chained tells whether nodes of one instruction stand on the state before it
// and on nothing else that another instruction makes, and returns that state.
func chained(nodes []*node) (before *node, ok bool) {
	for _, n := range nodes {
		for _, in := range n.inputs {
			switch {
			case in.output != 0:
				return nil, false
			case slices.Contains(nodes, in.from), constant(in.from):
			case len(in.from.lines) == 0, before != nil && before != in.from:
				return nil, false
			default:
				before = in.from
			}
		}
	}
	return before, true
}

// constant tells whether a node is the build context, or a document, which no
// edit elsewhere makes another.
func constant(n *node) bool {
	return len(n.below) == 0 && len(n.lines) == 0 && n.name.steps == 0 &&
		(n.shape.source == nil || strings.HasPrefix(n.shape.source.Identifier, "local://"))
}

// write makes the text; false is one of which the linter would not say the same.
// The lines stay as many as they are.
func (a *abridgement) write() bool {
	a.run = "RUN"
	if lower(a.now, 0, nil) {
		a.run = "run"
	}
	var b strings.Builder
	b.Grow(len(a.now.Text))
	at, open := 0, false
	for i := range a.now.Instructions {
		in := &a.now.Instructions[i]
		if !a.left[i] {
			open = open && !a.closes(in.Name)
			continue
		}
		before := at
		if i > 0 {
			before = max(at, a.now.Instructions[i-1].End)
		}
		b.WriteString(a.now.Text[at:before])
		breaks(&b, a.now.Text[before:in.Start])
		if step(in.Name) {
			open = a.step(&b, i, open)
		}
		breaks(&b, a.now.Text[in.Start:in.End])
		at = in.End
	}
	b.WriteString(a.now.Text[at:])
	a.text = b.String()
	more := -len(a.blocks)
	if a.run == "run" {
		more = len(a.blocks)
	}
	return lower(a.now, more, a.left) == lower(a.now, 0, nil)
}

// closes tells whether the steps before and behind an instruction that stays are
// not of one block.
func (a *abridgement) closes(name string) bool {
	return name == "FROM" || step(name) || a.change.state && !sets(name)
}

// step adds a step to the block that is open, or opens one.
func (a *abridgement) step(b *strings.Builder, i int, open bool) bool {
	if open {
		last := &a.blocks[len(a.blocks)-1]
		last.steps = append(last.steps, i)
		return true
	}
	a.blocks = append(a.blocks, block{stage: a.now.Instructions[i].Stage, steps: []int{i}})
	b.WriteString(a.run + " " + stand + strconv.Itoa(i))
	return true
}

// stand is what the command of a block begins with.
const stand = "imgtui-left-out "

func breaks(b *strings.Builder, text string) {
	for range strings.Count(text, "\n") {
		b.WriteByte('\n')
	}
}
