package builder

import (
	"slices"
	"strings"

	"github.com/moby/buildkit/frontend/dockerfile/shell"
	"github.com/moby/buildkit/solver/pb"
	"github.com/moby/buildkit/util/system"

	"github.com/imgtui/imgtui/model/dockerfile"
	"github.com/imgtui/imgtui/model/plan"
)

// splicer puts what was left out of a text back into what BuildKit made of it.
type splicer struct {
	*abridgement
	of     [][]*node // by instruction of the text before
	memory *Memory
	done   map[*node]*node
	failed bool
}

// node returns a node with all that stands under it; by is the instruction that
// a node without lines is part of.
func (s *splicer) node(n *node, by int) *node {
	if made, ok := s.done[n]; ok {
		return made
	}
	made := n
	if len(n.lines) > 0 {
		by = s.now.At(n.lines[0].First)
	}
	switch {
	case by < 0:
		s.failed = true
	case s.left[by]:
		made = s.block(by, n)
	default:
		made = s.kept(n, by)
	}
	s.done[n] = made
	return made
}

// kept returns a node that BuildKit made of an instruction.
func (s *splicer) kept(n *node, by int) *node {
	made := *n
	made.below = make([]*node, len(n.below))
	for i, b := range n.below {
		made.below[i] = s.node(b, by)
	}
	made.inputs = make([]edge, len(n.inputs))
	for i, in := range n.inputs {
		made.inputs[i] = edge{s.node(in.from, by), in.output}
		for _, before := range made.inputs[:i] { // BuildKit would have made them one
			s.failed = s.failed || before.output == in.output && before.from.id == made.inputs[i].from.id
		}
	}
	if n.name.steps > 0 {
		made.name = s.count(n.name, s.now.Instructions[by].Stage, by)
	}
	return made.identify()
}

// count gives a name its place among the steps of its stage, each block having
// been one of them.
func (s *splicer) count(n stepName, stage, by int) stepName {
	for _, b := range s.blocks {
		if b.stage != stage {
			continue
		}
		n.steps += len(b.steps) - 1
		if b.steps[len(b.steps)-1] < by {
			n.step += len(b.steps) - 1
		}
	}
	return n
}

// lost tells whether a block was part of the image and is not any longer.
func (s *splicer) lost() bool {
	for _, b := range s.blocks {
		if !b.met && slices.ContainsFunc(b.steps, func(i int) bool { return len(s.of[s.from[i]]) > 0 }) {
			return true
		}
	}
	return false
}

// block returns what the instructions of the block that begins with one make of
// the state that the node in their place stands on.
func (s *splicer) block(first int, probe *node) *node {
	k := slices.IndexFunc(s.blocks, func(b block) bool { return b.steps[0] == first })
	if k < 0 || len(probe.inputs) > 1 || probe.name.steps == 0 || probe.shape.exec == nil {
		s.failed = true
		return probe
	}
	s.blocks[k].met = true
	b := s.blocks[k]
	var at *node
	if len(probe.inputs) == 1 {
		at = s.node(probe.inputs[0].from, -1)
	}
	called := s.count(probe.name, b.stage, first)
	for _, i := range b.steps {
		if at = s.anew(i, at, probe.shape.exec, called); s.failed {
			return probe
		}
		called.step++
	}
	return at
}

// anew returns what an instruction that is as it was makes of a state.
func (s *splicer) anew(i int, state *node, in *pb.Op, called stepName) *node {
	nodes := s.of[s.from[i]]
	before, ok := chained(nodes)
	if !ok || len(nodes) == 0 || (before == nil) != (state == nil) {
		s.failed = true
		return nil
	}
	by := s.now.Instructions[i].Line - s.was.Instructions[s.from[i]].Line
	instead := map[*node]*node{before: state}
	var made *node
	for _, n := range nodes {
		made = n.on(instead)
		made.lines = shifted(n.lines, by)
		if n.name.steps > 0 {
			made.name = called
			made.name.title = n.name.title
		}
		if s.change.state && !s.adapt(made, in, i) {
			s.failed = true
			return nil
		}
		instead[n] = made.identify()
	}
	return made
}

// on returns a copy of a node that stands on others instead.
func (n *node) on(instead map[*node]*node) *node {
	c := *n
	c.below, c.inputs = slices.Clone(n.below), slices.Clone(n.inputs)
	for j, below := range c.below {
		if other, ok := instead[below]; ok {
			c.below[j] = other
		}
	}
	for j, in := range c.inputs {
		if other, ok := instead[in.from]; ok {
			c.inputs[j].from = other
		}
	}
	return &c
}

func shifted(lines []plan.Range, by int) []plan.Range {
	if by == 0 {
		return lines
	}
	moved := slices.Clone(lines)
	for i := range moved {
		moved[i].First, moved[i].Last = moved[i].First+by, moved[i].Last+by
	}
	return moved
}

// adapt gives the node of an instruction the state that a command tells.
func (s *splicer) adapt(n *node, in *pb.Op, i int) bool {
	switch n.shape.kind {
	case plan.Exec:
		return s.rerun(n, in, i)
	case plan.Files:
		return !s.change.folder || s.recopy(n, in, i)
	}
	return true
}

// recopy gives the files of a COPY their place under the working directory.
func (s *splicer) recopy(n *node, in *pb.Op, i int) bool {
	words := s.now.Instructions[i].Words
	to := words[len(words)-1]
	if strings.HasPrefix(to, "/") {
		return true
	}
	var op pb.Op
	if op.UnmarshalVT(n.raw) != nil || op.GetFile() == nil || in.Platform.GetOS() != "linux" {
		return false
	}
	if to == "." {
		to = "./"
	}
	to, err := system.NormalizePath(in.GetExec().Meta.Cwd, to, "linux", true)
	if err != nil {
		return false
	}
	for _, a := range op.GetFile().Actions {
		if a.GetCopy() == nil {
			return false
		}
		a.GetCopy().Dest = to
	}
	if n.raw, err = op.MarshalVT(); err == nil {
		n.shape = shaped(&op, n.raw, len(n.inputs))
	}
	return err == nil
}

// rerun gives a command the state that another runs in.
func (s *splicer) rerun(n *node, in *pb.Op, i int) bool {
	op := n.shape.exec.CloneVT()
	if !op.Platform.EqualVT(in.Platform) || op.Platform.GetOS() != "linux" {
		return false
	}
	e, state := op.GetExec().Meta, in.GetExec().Meta
	instruction := &s.now.Instructions[i]
	if !instruction.JSON {
		if len(e.Args) == 0 || len(state.Args) == 0 {
			return false
		}
		e.Args = append(state.Args[:len(state.Args)-1:len(state.Args)-1], e.Args[len(e.Args)-1])
	}
	e.Env, e.Cwd, e.User = state.Env, state.Cwd, state.User
	if s.change.variables && s.expands(i) {
		n.name.title = title(e.Env, s.now, i)
	}
	var err error
	if n.raw, err = op.MarshalVT(); err == nil {
		n.shape = shaped(op, n.raw, len(n.inputs))
	}
	return err == nil
}

// title is what BuildKit calls a RUN: its lines joined, with the variables that
// it knows put in, in capitals up to the first space.
func title(env []string, f *dockerfile.File, i int) string {
	var b strings.Builder
	for line := range strings.Lines(f.Raw(i)) {
		line = strings.TrimRight(line, "\r\n")
		if b.Len() == 0 {
			line = strings.TrimLeft(line, " \t\v\f\r")
		}
		if strings.HasPrefix(strings.TrimSpace(line), "#") {
			continue
		}
		if cut, ok := strings.CutSuffix(strings.TrimRight(line, " \t"), string(f.Escape)); ok {
			line = cut
		}
		b.WriteString(line)
	}
	text := strings.TrimSpace(b.String())
	lex := shell.NewLex(rune(f.Escape))
	lex.RawQuotes, lex.RawEscapes, lex.SkipUnsetEnv = true, true, true
	if word, _, err := lex.ProcessWord(text, shell.EnvsFromSlice(env)); err == nil {
		text = word
	}
	first, rest, more := strings.Cut(text, " ")
	if first = strings.ToUpper(first); more {
		first += " " + rest
	}
	return first
}
