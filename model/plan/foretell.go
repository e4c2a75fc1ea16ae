package plan

import (
	"strings"

	"github.com/imgtui/imgtui/model"
	"github.com/imgtui/imgtui/model/dockerfile"
)

// Foretell says what a rebuild of f, which asks an engine for now, will do with
// each instruction and why. History, Bytes, About and Layer of the steps are
// left to who knows the image.
func Foretell(f *dockerfile.File, now *Graph, was Was) Plan {
	p := Plan{After: now.Config, Was: was.Name, Unknown: now.Unknown}
	if was.Graph != nil {
		p.Before = was.Graph.Config
	}
	s := newSeer(f, now, was)
	p.Steps = make([]Step, 0, len(f.Instructions)+len(s.gone))
	p.Steps = s.goneBefore(p.Steps, 0)
	for i := range f.Instructions {
		p.Steps = append(p.Steps, s.step(i))
		p.Steps = s.goneBefore(p.Steps, i+1)
	}
	p.Stages = branches(f, now, s.used)
	return p
}

// seer holds what is known while a forecast is made.
type seer struct {
	file     *dockerfile.File
	now      *Graph
	was      Was
	known    known
	informed bool  // there is something to compare with
	at       []int // for each line its instruction, see linesOf
	texts    []string
	pairs    *alignment // nil where there is no older text
	fates    []Fate     // of the operations
	ops      [][]int    // of each instruction
	oldOps   [][]int    // of each older instruction
	used     []bool     // of each stage
	steps    []Step     // of the instructions told so far
	changed  []names    // of each stage: the variables with another value; the last is of what stands before the first FROM
	gone     [][]int    // before which instruction the older ones that are gone are told
}

func newSeer(f *dockerfile.File, now *Graph, was Was) *seer {
	s := &seer{file: f, now: now, was: was, texts: wordings(f), steps: make([]Step, 0, len(f.Instructions))}
	s.known, s.informed = was.known()
	s.fates = fates(now, s.known)
	s.at = linesOf(f)
	s.ops = opsOf(f, now, s.at)
	s.used = usedStages(f, now, s.ops)
	s.changed = make([]names, len(f.Stages)+1)
	if was.File != nil {
		s.pairs = align(wordings(was.File), s.texts)
		s.placeGone()
	}
	if was.File != nil && was.Graph != nil {
		s.oldOps = opsOf(was.File, was.Graph, linesOf(was.File))
	}
	return s
}

// opsOf returns the operations that each instruction is part of.
func opsOf(f *dockerfile.File, g *Graph, at []int) [][]int {
	all := make([][]int, len(f.Instructions))
	for o := range g.Ops {
		for _, r := range g.Ops[o].Lines {
			if r.First < 0 || r.First >= len(at) || at[r.First] == 0 {
				continue
			}
			i := at[r.First] - 1
			if n := len(all[i]); n == 0 || all[i][n-1] != o {
				all[i] = append(all[i], o)
			}
		}
	}
	return all
}

// linesOf returns for each line the instruction on it, counted from 1; 0 is none.
func linesOf(f *dockerfile.File) []int {
	if len(f.Instructions) == 0 {
		return nil
	}
	at := make([]int, f.Instructions[len(f.Instructions)-1].Last+1)
	for i := range f.Instructions {
		for line := f.Instructions[i].Line; line >= 0 && line <= f.Instructions[i].Last && line < len(at); line++ {
			at[line] = i + 1
		}
	}
	return at
}

// placeGone notes after what each older instruction without counterpart is told.
func (s *seer) placeGone() {
	s.gone = make([][]int, len(s.texts)+1)
	place := 0
	for i, j := range s.pairs.new {
		if j >= 0 {
			place = j + 1
			continue
		}
		s.gone[place] = append(s.gone[place], i)
	}
}

func (s *seer) goneBefore(steps []Step, i int) []Step {
	if s.gone == nil {
		return steps
	}
	for _, old := range s.gone[i] {
		in := &s.was.File.Instructions[old]
		steps = append(steps, Step{
			Instruction: -1, Line: in.Line, Last: in.Last, Stage: in.Stage, Text: firstLine(s.pairs.before[old]),
			Fate: Gone, History: -1, Bytes: model.Unknown,
		})
	}
	return steps
}

func firstLine(s string) string {
	line, _, _ := strings.Cut(s, "\n")
	return strings.TrimSpace(line)
}

// step tells one instruction; those before it are told.
func (s *seer) step(i int) Step {
	in := &s.file.Instructions[i]
	t := Step{Instruction: i, Line: in.Line, Last: in.Last, Stage: in.Stage, Text: firstLine(s.texts[i]), History: -1, Bytes: model.Unknown}
	t.Unused = in.Stage >= 0 && in.Stage < len(s.used) && !s.used[in.Stage]
	switch {
	case !s.informed:
		t.Reason = NotKnown
	case len(s.ops[i]) > 0:
		s.operate(i, &t)
	case t.Unused && runs(in.Name):
	default:
		s.set(i, &t)
	}
	s.steps = append(s.steps, t)
	s.note(i, &t)
	return t
}

// runs tells whether an instruction of that name is work for an engine.
func runs(name string) bool {
	switch name {
	case "RUN", "COPY", "ADD", "WORKDIR":
		return true
	}
	return false
}

// counterpart returns the older instruction that i was, or −1.
func (s *seer) counterpart(i int) int {
	if s.pairs == nil {
		return -1
	}
	return s.pairs.old[i]
}

// isNew tells whether there was no such instruction.
func (s *seer) isNew(i int) bool { return s.pairs != nil && s.pairs.old[i] < 0 }

// reworded tells whether an instruction reads otherwise than it did.
func (s *seer) reworded(i int) bool {
	old := s.counterpart(i)
	return old >= 0 && s.pairs.before[old] != s.texts[i]
}

// operate tells an instruction by its operations: the worst of them counts.
func (s *seer) operate(i int, t *Step) {
	worst := -1
	for _, o := range s.ops[i] {
		if t.Fate = worse(t.Fate, s.fates[o]); worst < 0 || cost(s.fates[o]) > cost(s.fates[worst]) {
			worst = o
		}
	}
	if t.Fate == Same {
		return
	}
	t.Relinked = s.relinked(i)
	if t.Fate == Runs && s.isNew(i) {
		t.Fate = New
		return
	}
	s.explain(i, worst, t)
}

// relinked tells whether all that runs of an instruction is laying what is had
// over what is new.
func (s *seer) relinked(i int) bool {
	joins := false
	for _, o := range s.ops[i] {
		switch {
		case s.now.Ops[o].Kind == Joined:
			joins = true
		case s.fates[o] != Same:
			return false
		}
	}
	return joins
}
