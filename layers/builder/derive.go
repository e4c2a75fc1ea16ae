package builder

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"maps"
	"slices"

	image "github.com/moby/docker-image-spec/specs-go/v1"

	"github.com/imgtui/imgtui/model"
	"github.com/imgtui/imgtui/model/dockerfile"
	"github.com/imgtui/imgtui/model/plan"
)

// conversionsKept is how many conversions are remembered: what is taken back
// need not be converted again.
const conversionsKept = 8

// keep remembers a conversion, and forgets those of another context.
func (m *Memory) keep(c *conversion) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.recent = slices.DeleteFunc(m.recent, func(o *conversion) bool { return o == c || o.job.Context != c.job.Context })
	if m.recent = append(m.recent, c); len(m.recent) > conversionsKept {
		m.recent = slices.Delete(m.recent, 0, 1)
	}
}

// recall returns the conversion of a job that was done before, or nil.
func (m *Memory) recall(job Job) *conversion {
	m.mu.Lock()
	recent := slices.Clone(m.recent)
	m.mu.Unlock()
	for _, c := range slices.Backward(recent) {
		if c.job.Text == job.Text && c.serves(job) {
			m.keep(c)
			return c
		}
	}
	return nil
}

// derive does a job that differs from the one before in its text alone. What
// BuildKit made of the instructions that are as they were is taken from there,
// and BuildKit is asked of the others. It returns neither a conversion nor a fault
// where that is not sure to come to what BuildKit would make of the whole text.
func (m *Memory) derive(ctx context.Context, job Job) (*conversion, error) {
	m.mu.Lock()
	var last *conversion
	if len(m.recent) > 0 {
		last = m.recent[len(m.recent)-1]
	}
	m.mu.Unlock()
	if _, dated := job.Args["SOURCE_DATE_EPOCH"]; dated || last == nil || !last.serves(job) {
		return nil, nil
	}
	a, ok := compare(last.job.File, job.File)
	if !ok {
		return nil, nil
	}
	if a.idle() {
		return last.moved(job, a), nil
	}
	of, ok := last.nodes()
	if !ok {
		return nil, nil
	}
	if a.leave(of); !a.write() {
		return nil, nil
	}
	short := job
	short.Text = a.text
	d, err := draw(ctx, short)
	if err != nil {
		return nil, cmp.Or(ctx.Err(), a.fault(err))
	}
	s := &splicer{abridgement: a, of: of, memory: m, done: map[*node]*node{nil: nil}}
	done := d.conversion(job, s.node(d.top, -1))
	if s.failed || s.lost() || !done.inherit(last, a) {
		return nil, nil
	}
	done.graph.Config = a.settings(last.graph.Config, d.image)
	if done.finish(ctx, d.bases) != nil {
		return nil, ctx.Err()
	}
	m.keep(done)
	return done, nil
}

// fault returns what is wrong with a text, nil where that is not for sure what
// BuildKit would say of the whole of it.
func (a *abridgement) fault(err error) error {
	var f *dockerfile.Error
	if !errors.As(err, &f) {
		return nil
	}
	if i := a.now.At(f.Line); i < 0 || a.left[i] {
		return nil
	}
	return err
}

// moved returns a conversion of which nothing but the lines are others. It is not
// remembered: the next one is derived from the same as this one.
func (c *conversion) moved(job Job, a *abridgement) *conversion {
	g := *c.graph
	g.Ops, g.Warnings = slices.Clone(g.Ops), slices.Clone(g.Warnings)
	for i := range g.Ops {
		o, cloned := &g.Ops[i], false
		for n, r := range o.Lines {
			at := a.was.At(r.First)
			if at < 0 {
				return nil
			}
			if by := a.shift(at); by != 0 {
				if !cloned {
					o.Lines, cloned = slices.Clone(o.Lines), true
				}
				o.Lines[n] = plan.Range{First: r.First + by, Last: r.Last + by}
			}
		}
	}
	for i := range g.Warnings {
		w := &g.Warnings[i]
		at := a.was.At(w.Line)
		if at < 0 && w.Line >= a.was.Instructions[0].Line {
			return nil
		}
		if at >= 0 {
			w.Line, w.Last = w.Line+a.shift(at), w.Last+a.shift(at)
		}
	}
	return &conversion{job: job, graph: &g}
}

// shift tells by how many lines an instruction of was has moved, where none is
// another.
func (a *abridgement) shift(i int) int {
	return a.now.Instructions[i].Line - a.was.Instructions[i].Line
}

// settings returns the settings of the image, of which those are as they were
// that the edit does not reach.
func (a *abridgement) settings(was model.Config, drawn *image.DockerOCIImage) model.Config {
	seen, unseen := settings(drawn), settings(drawn)
	if !a.change.state {
		seen = was
	}
	if !a.change.settings {
		unseen = was
	}
	unseen.Env, unseen.User, unseen.WorkingDir = seen.Env, seen.User, seen.WorkingDir
	return unseen
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

// nodes returns what each instruction became, inputs first.
func (c *conversion) nodes() ([][]*node, bool) {
	of := make([][]*node, len(c.job.File.Instructions))
	ok := true
	c.top.each(func(n *node) {
		if len(n.lines) == 0 {
			return
		}
		at := c.job.File.At(n.lines[0].First)
		if at < 0 {
			ok = false
			return
		}
		of[at] = append(of[at], n)
	})
	return of, ok
}

// inherit adds the warnings of the instructions that were left out.
func (c *conversion) inherit(last *conversion, a *abridgement) bool {
	for _, w := range c.graph.Warnings {
		if i := a.now.At(w.Line); w.Line == 0 || i >= 0 && a.left[i] {
			return false
		}
	}
	now := make([]int, len(a.was.Instructions))
	for i, j := range a.from {
		if a.left[i] {
			now[j] = i + 1
		}
	}
	for _, w := range last.graph.Warnings {
		j := a.was.At(w.Line)
		switch {
		case w.Line == 0, j < 0 && w.Line > a.was.Instructions[0].Line:
			return false
		case j >= 0 && now[j] > 0:
			by := a.now.Instructions[now[j]-1].Line - a.was.Instructions[j].Line
			w.Line, w.Last = w.Line+by, w.Last+by
			c.graph.Warnings = append(c.graph.Warnings, w)
		}
	}
	return true
}
