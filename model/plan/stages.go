package plan

import (
	"slices"

	"github.com/imgtui/imgtui/model/dockerfile"
)

// Use says what one stage has of another.
type Use uint8

// The uses.
const (
	Result  Use = iota // the stage is the result
	BuiltOn            // its FROM names the stage
	Copies             // COPY or ADD --from
	Mounts             // RUN --mount=…,from=
	Idle               // nothing: the stage is not part of the result
)

// Branch is a stage in the tree of what a result is made of. A tree lists the
// result first, what a stage uses right after it and one deeper, and at its end
// the stages that nothing uses.
type Branch struct {
	Stage   int
	Depth   int
	Last    bool // of those that hang on the same stage
	Use     Use
	Line    int    // of the instruction that uses it; of its own FROM where none does
	Name    string // after AS, else its number
	Image   string // what it is built on where that is no stage; "" is a stage
	Again   bool   // what it uses is told above
	Unknown bool   // of Image only the name is known
}

// branches returns the tree of the stages of a file.
func branches(f *dockerfile.File, g *Graph, used []bool) []Branch {
	if len(f.Stages) == 0 {
		return nil
	}
	target := f.StageNamed(g.Target)
	t := forest{graph: g, reach: reach{file: f, args: globalArgs(f, g.Args)}, told: make([]bool, len(f.Stages))}
	if target >= 0 {
		t.add(link{stage: target, use: Result, line: t.from(target)}, 0, true)
	}
	for stage := range f.Stages {
		if stage < len(used) && !used[stage] {
			b := t.branch(link{stage: stage, use: Idle, line: t.from(stage)})
			t.all = append(t.all, b)
		}
	}
	return t.all
}

// forest is a tree of stages being made.
type forest struct {
	reach
	graph *Graph
	told  []bool
	all   []Branch
}

// link is one stage that another uses.
type link struct {
	stage int
	use   Use
	line  int
}

func (t *forest) from(stage int) int { return t.file.Instructions[t.file.Stages[stage].First].Line }

func (t *forest) branch(l link) Branch {
	b := Branch{Stage: l.stage, Use: l.use, Line: l.line, Name: t.file.StageTitle(l.stage)}
	base := expand(t.file.Stages[l.stage].Base, t.args)
	if stageNamed(t.file, base, l.stage) < 0 {
		b.Image, b.Unknown = base, t.unknown(t.from(l.stage))
	}
	return b
}

// unknown tells whether the base on a line is one of which only the name is known.
func (t *forest) unknown(line int) bool {
	return slices.ContainsFunc(t.graph.Ops, func(o Op) bool {
		on := func(r Range) bool { return r.First <= line && line <= r.Last }
		return o.Kind == Base && slices.ContainsFunc(o.Lines, on) && slices.Contains(t.graph.Unknown, o.Image)
	})
}

func (t *forest) add(l link, depth int, last bool) {
	b := t.branch(l)
	b.Depth, b.Last, b.Again = depth, last, t.told[l.stage]
	t.all = append(t.all, b)
	if b.Again {
		return
	}
	t.told[l.stage] = true
	below := t.links(l.stage)
	for n, k := range below {
		t.add(k, depth+1, n == len(below)-1)
	}
}

// links returns the stages that a stage uses, each once.
func (t *forest) links(stage int) []link {
	var all []link
	seen := map[int]bool{}
	add := func(name string, use Use, line int) {
		if n := stageNamed(t.file, name, stage); n >= 0 && !seen[n] {
			seen[n] = true
			all = append(all, link{n, use, line})
		}
	}
	s := t.file.Stages[stage]
	add(expand(s.Base, t.args), BuiltOn, t.from(stage))
	for i := s.First; i <= s.Last && i < len(t.file.Instructions); i++ {
		in := &t.file.Instructions[i]
		flags, use := in.Flags, Copies
		if in.Trigger != nil {
			flags = in.Trigger.Flags
		}
		for _, flag := range flags {
			if in.Name == "RUN" || in.Trigger != nil && in.Trigger.Name == "RUN" {
				use = Mounts
			}
			add(sourceOf(flag), use, in.Line)
		}
	}
	return all
}
