package builder

import (
	"bytes"
	"maps"
	"slices"
	"strings"

	"github.com/moby/buildkit/frontend/dockerfile/shell"
	"github.com/moby/buildkit/solver/pb"

	"github.com/imgtui/imgtui/model/dockerfile"
	"github.com/imgtui/imgtui/model/plan"
)

// conversion is a job that was done, with what the next one may be derived from.
type conversion struct {
	job   Job
	asked []question
	graph *plan.Graph
	made  map[string]made
	works []work // one for each operation of the graph
}

// work is an operation as BuildKit has it.
type work struct {
	raw   []byte
	shape shape
}

// derive returns the graph of a job that differs from the one before in
// comments, blank lines and the command of one RUN: all else is as it was, so
// BuildKit need not be asked. It returns nil where that cannot be told for sure.
func (m *Memory) derive(job Job) *plan.Graph {
	if m == nil || job.File == nil || job.File.Text != job.Text {
		return nil
	}
	m.mu.Lock()
	last := m.last
	m.mu.Unlock()
	if last == nil || !last.serves(job) {
		return nil
	}
	e, ok := compare(last.job.File, job.File)
	if !ok {
		return nil
	}
	next := last.with(job, e)
	if next == nil {
		return nil
	}
	m.keep(next)
	return next.graph
}

// keep remembers the last conversion.
func (m *Memory) keep(c *conversion) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.last = c
}

// serves tells whether nothing but the text of a job is another.
func (c *conversion) serves(job Job) bool {
	was := c.job
	if was.Target != job.Target || was.Platform != job.Platform || was.Host != job.Host || was.Context != job.Context ||
		!maps.Equal(was.Args, job.Args) || !maps.Equal(was.Named, job.Named) {
		return false
	}
	r := resolver{base: job.Base}
	return !slices.ContainsFunc(c.asked, func(q question) bool {
		body, sum, found := r.ask(q.full, q.platform)
		return found != q.found || sum != q.sum || !bytes.Equal(body, q.body)
	})
}

// edit is what a text has other than the one before it.
type edit struct {
	shift []int // by how many lines each instruction has moved; nil is none
	run   int   // the instruction that is another; −1 is none
}

// compare returns the edit between two texts, if it is one of those that
// [Memory.derive] is for.
func compare(was, now *dockerfile.File) (edit, bool) {
	e := edit{run: -1}
	if len(was.Instructions) != len(now.Instructions) || len(now.Instructions) == 0 || len(was.Faults)+len(now.Faults) > 0 ||
		gap(was, 0) != gap(now, 0) {
		return e, false
	}
	for i := range now.Instructions {
		if was.Raw(i) != now.Raw(i) {
			if e.run >= 0 || !commands(was, i) || !commands(now, i) {
				return e, false
			}
			e.run = i
		}
		if d := now.Instructions[i].Line - was.Instructions[i].Line; d != 0 && e.shift == nil {
			e.shift = make([]int, len(now.Instructions))
		}
		if e.shift != nil {
			e.shift[i] = now.Instructions[i].Line - was.Instructions[i].Line
		}
		if before, after := gap(was, i+1), gap(now, i+1); before != after && !(silent(before) && silent(after) && closed(now, i)) {
			return e, false
		}
	}
	if r := e.run; r >= 0 {
		a, b := &was.Instructions[r], &now.Instructions[r]
		if b.Last-b.Line != a.Last-a.Line || was.Raw(r)[:len("RUN")] != now.Raw(r)[:len("RUN")] {
			return e, false
		}
	}
	return e, true
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

// silent tells whether comments tell BuildKit nothing.
func silent(comments string) bool { return !strings.Contains(comments, "check") }

// closed tells whether an instruction ends where its last line does.
func closed(f *dockerfile.File, i int) bool {
	return !strings.HasSuffix(strings.TrimRight(f.Raw(i), " \t\r\n"), string(f.Escape))
}

// commands tells whether an instruction is a RUN that nothing but its command
// makes out.
func commands(f *dockerfile.File, i int) bool {
	in := &f.Instructions[i]
	if in.Name != "RUN" || in.JSON || len(in.Flags) > 0 || len(in.Heredocs) > 0 || len(in.Words) != 1 || in.Words[0] == "" ||
		!closed(f, i) || !strings.EqualFold(f.Raw(i)[:min(len("RUN"), len(f.Raw(i)))], "RUN") {
		return false
	}
	if strings.Contains(in.Words[0], "$") && strings.Contains(in.Words[0], "PATH") {
		return false // BuildKit gives a command a PATH that its name is not made with
	}
	for line := range strings.Lines(f.Raw(i)) {
		if strings.TrimSpace(line) == "" {
			return false // the linter has a word for it
		}
	}
	return true
}

// with returns the conversion of a job that differs by an edit, or nil.
func (c *conversion) with(job Job, e edit) *conversion {
	next := &conversion{job: job, asked: c.asked, made: c.made, works: c.works}
	g := *c.graph
	g.Ops = slices.Clone(g.Ops)
	next.graph = &g
	if e.run >= 0 && !next.rerun(c.job.File, e.run) {
		return nil
	}
	if e.shift != nil && !next.move(c.job.File, e.shift) {
		return nil
	}
	return next
}

// rerun gives an instruction its new command.
func (c *conversion) rerun(was *dockerfile.File, i int) bool {
	at, ok := c.workOf(&was.Instructions[i])
	if !ok || at < 0 {
		return ok
	}
	o := &c.graph.Ops[at]
	w, name, ok := c.works[at].command(o, was, c.job.File, i)
	if !ok {
		return false
	}
	o.Name = name
	c.works = slices.Clone(c.works)
	c.works[at] = w
	return c.connectFrom(at)
}

// workOf returns the operation of an instruction, −1 where it has none. What is
// of several instructions, or one of several operations, is none of ours.
func (c *conversion) workOf(in *dockerfile.Instruction) (at int, ok bool) {
	at = -1
	for n := range c.graph.Ops {
		o := &c.graph.Ops[n]
		if o.Kind == plan.Folder {
			return -1, false
		}
		if !slices.ContainsFunc(o.Lines, func(r plan.Range) bool { return r.First <= in.Last && in.Line <= r.Last }) {
			continue
		}
		if at >= 0 || o.Kind != plan.Exec || len(o.Lines) != 1 {
			return -1, false
		}
		at = n
	}
	return at, true
}

// command returns the work of an instruction with its new command, and its name.
func (w work) command(o *plan.Op, was, now *dockerfile.File, i int) (work, string, bool) {
	var op pb.Op
	if err := op.UnmarshalVT(w.raw); err != nil || op.GetExec() == nil {
		return w, "", false
	}
	args := op.GetExec().Meta.Args
	prefix, named := strings.CutSuffix(o.Name, title(o, was, i))
	if len(args) == 0 || args[len(args)-1] != was.Instructions[i].Words[0] || !named {
		return w, "", false
	}
	args[len(args)-1] = now.Instructions[i].Words[0]
	raw, err := op.MarshalVT()
	if err != nil {
		return w, "", false
	}
	s, err := shapeOf(raw)
	return work{raw, s}, prefix + title(o, now, i), err == nil
}

// title is what BuildKit calls a RUN: its lines joined, with the variables that
// it knows put in.
func title(o *plan.Op, f *dockerfile.File, i int) string {
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
	if word, _, err := lex.ProcessWord(text, shell.EnvsFromSlice(o.Env)); err == nil {
		text = word
	}
	return "RUN" + text[min(len("RUN"), len(text)):]
}

// connectFrom makes the keys of an operation and of all that stand on it anew.
func (c *conversion) connectFrom(first int) bool {
	conv := converter{job: c.job, memory: c.job.Memory, made: c.made, ops: c.graph.Ops}
	dirty := make([]bool, len(conv.ops))
	dirty[first] = true
	for i := first; i < len(conv.ops); i++ {
		for _, in := range conv.ops[i].Inputs {
			dirty[i] = dirty[i] || dirty[in.Op]
		}
		if !dirty[i] {
			continue
		}
		o := conv.ops[i]
		o.Inputs, o.Picked, o.Missing = nil, nil, nil
		if conv.connect(&o, c.works[i].shape) != nil {
			return false
		}
		conv.ops[i] = o
	}
	same := func(o plan.Op) bool { return o.Key == conv.ops[first].Key }
	return !slices.ContainsFunc(conv.ops[:first], same) && !slices.ContainsFunc(conv.ops[first+1:], same)
}

// move tells operations and warnings the lines that they are on now.
func (c *conversion) move(was *dockerfile.File, by []int) bool {
	g := c.graph
	g.Warnings = slices.Clone(g.Warnings)
	for i := range g.Ops {
		o := &g.Ops[i]
		o.Lines = slices.Clone(o.Lines)
		for n, r := range o.Lines {
			at := was.At(r.First)
			if at < 0 {
				return false
			}
			o.Lines[n] = plan.Range{First: r.First + by[at], Last: r.Last + by[at]}
		}
	}
	for i := range g.Warnings {
		w := &g.Warnings[i]
		at := was.At(w.Line)
		if at < 0 && w.Line >= was.Instructions[0].Line {
			return false
		}
		if at >= 0 {
			w.Line, w.Last = w.Line+by[at], w.Last+by[at]
		}
	}
	return true
}
