package layers

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/zeebo/xxh3"

	"github.com/imgtui/imgtui/layers/builder"
	"github.com/imgtui/imgtui/layers/index"
	"github.com/imgtui/imgtui/model"
	"github.com/imgtui/imgtui/model/check"
	"github.com/imgtui/imgtui/model/dockerfile"
	"github.com/imgtui/imgtui/model/plan"
	"github.com/imgtui/imgtui/model/session"
	"github.com/imgtui/imgtui/model/tree"
)

// foretell says what a rebuild would do with a text. It reads nothing but small
// files of the open image and archives of the context, each once.
func (e *Engine) foretell(ctx context.Context, r session.Foretell, send func(session.Msg)) error {
	m := session.Foretold{Of: r}
	file, err := dockerfile.Parse(r.Text)
	m.File = file
	if !errors.As(err, &m.Fault) && err != nil {
		return err
	}
	k := e.known(ctx, r, file)
	m.Pairs = k.Pairs
	var others []check.Finding
	if m.Fault == nil {
		others, err = e.plan(ctx, &m, k)
		if !errors.As(err, &m.Fault) {
			m.Err = err
		}
	}
	if ctx.Err() != nil {
		return ctx.Err()
	}
	m.Findings = check.Run(check.Subject{
		File: file, Image: r.Image, Report: r.Report, Context: r.Context, Pairs: k.Pairs, Unpacked: k.Unpacked,
	}, others...)
	send(m)
	return nil
}

// known gathers what is known beside the text.
func (e *Engine) known(ctx context.Context, r session.Foretell, f *dockerfile.File) plan.Known {
	k := plan.Known{
		File: f, Args: r.Args, Target: r.Target, Context: r.Context, Pairs: slices.Repeat([]int{-1}, len(f.Instructions)),
		Sum: func(b []byte) uint64 { return xxh3.Hash(b) }, Now: e.draft.start(), Recall: e.draft.recall,
	}
	if r.Context != nil {
		k.Archives = e.draft.unpacks(ctx, r.Context)
	}
	if r.Image == nil {
		return k
	}
	e.learnAll(ctx) // files are compared with those of the context
	k.Image, k.Pairs = r.Image, plan.Pair(f, r.Target, r.Args, r.Image)
	k.At, k.Unpacked = r.Stack.At, r.Stack.Unpacked
	k.Read = func(root *tree.Node, path string) string { return e.small(ctx, root, path) }
	return k
}

// plan makes the forecast, and returns what BuildKit's linter says.
func (e *Engine) plan(ctx context.Context, m *session.Foretold, k plan.Known) ([]check.Finding, error) {
	r := m.Of
	g, err := builder.Convert(ctx, e.job(r, k))
	if err != nil {
		return nil, err
	}
	m.Plan = plan.Foretell(k.File, g, compared(r, k, g))
	m.Plan.Fill(k)
	if r.Was != nil || !r.Settled() {
		return said(g.Warnings), nil
	}
	if err := e.settle(ctx, m, k, g); err != nil {
		return nil, err
	}
	m.Plan = plan.Foretell(k.File, g, *m.Was)
	m.Plan.Fill(k)
	return said(g.Warnings), nil
}

// compared returns what a forecast is compared with: as long as it is not known
// what was, what is.
func compared(r session.Foretell, k plan.Known, g *plan.Graph) plan.Was {
	if r.Was != nil {
		return *r.Was
	}
	return plan.Was{File: k.File, Graph: g}
}

// settle finds what a text is compared with: what the user named, else the open
// image where it looks to be made of the text, else text and context as they
// were found.
func (e *Engine) settle(ctx context.Context, m *session.Foretold, k plan.Known, g *plan.Graph) (err error) {
	r := m.Of
	if r.Old != nil {
		m.Was, err = e.before(ctx, r)
		return err
	}
	if r.Image != nil {
		i := plan.OfImage(m.Plan, k, g)
		i.Was.Name = r.Image.Reference
		m.Was, m.Foreign = &i.Was, !i.Made()
	}
	if m.Was == nil || m.Foreign && !r.WasImage {
		m.Was = &plan.Was{Name: r.Path, File: k.File, Graph: g}
	}
	return nil
}

// before turns what the user named into keys.
func (e *Engine) before(ctx context.Context, r session.Foretell) (*plan.Was, error) {
	r.Text = r.Old.Text
	if r.Old.Context != nil && r.Context != nil {
		r.Context = withGit(r.Old.Context, r.Context)
	}
	f, err := dockerfile.Parse(r.Text)
	if err != nil {
		return nil, fmt.Errorf("%s: %v", r.Old.Name, err)
	}
	k := e.known(ctx, r, f)
	g, err := builder.Convert(ctx, e.job(r, k))
	if err != nil {
		return nil, fmt.Errorf("%s: %v", r.Old.Name, err)
	}
	return &plan.Was{Name: r.Old.Name, File: f, Graph: g}, nil
}

// job is what an engine would be asked for.
func (e *Engine) job(r session.Foretell, k plan.Known) builder.Job {
	return builder.Job{
		Text: r.Text, File: k.File, Args: r.Args, Target: r.Target, Platform: r.Platform, Context: r.Context, Base: e.bases(k), Memory: &e.draft.picked,
	}
}

// said are the warnings of BuildKit's linter as findings.
func said(all []plan.Warning) []check.Finding {
	var fs []check.Finding
	for _, w := range all {
		fs = append(fs, check.Finding{
			Check: w.Rule, Severity: check.Warning, Line: max(w.Line, 1), Last: max(w.Last, w.Line, 1), Said: w.Text, URL: w.URL,
		})
	}
	return fs
}

// bases tells what base images turned out to be in a build, and of the image
// that the open one was built on what that still shows.
func (e *Engine) bases(k plan.Known) builder.Bases {
	shown := bases(k)
	return func(name, full string, p model.Platform) (builder.Image, bool) {
		if i, ok := e.building.resolved(full, p); ok {
			return i, true
		}
		if shown == nil {
			return builder.Image{}, false
		}
		return shown(name, full, p)
	}
}

// bases tells of the image that the open one was built on what it still shows.
func bases(k plan.Known) builder.Bases {
	stage := k.File.StageNamed(k.Target)
	if k.Image == nil || stage < 0 {
		return nil
	}
	chain := k.File.Chain(stage, k.Args)
	_, name := k.File.Base(chain[0], k.Args)
	config, err := json.Marshal(k.BaseConfig())
	if err != nil {
		return nil
	}
	return func(asked, full string, _ model.Platform) (builder.Image, bool) {
		if name == "" || name != asked && name != full && strings.TrimSuffix(name, ":latest") != asked {
			return builder.Image{}, false
		}
		return builder.Image{Config: config}, true
	}
}

// smallest is how long a file may be that is read whole for a forecast.
const smallest = 256 << 10

// small returns the content of a small file of a root, "" where there is none.
// It is read once.
func (e *Engine) small(ctx context.Context, root *tree.Node, path string) string {
	n := root.Find(path)
	if n == nil || n.Payload() == nil || n.Size > smallest {
		return ""
	}
	p := n.Payload()
	e.draft.mu.Lock()
	defer e.draft.mu.Unlock()
	text, ok := e.draft.texts[p]
	if ok {
		return text
	}
	o, err := e.at(session.Was)
	if err != nil || int(p.Layer) >= len(o.img.Blobs) {
		return ""
	}
	f, err := index.Open(ctx, o.img.Blobs[p.Layer], o.places(int(p.Layer)), p)
	if err != nil {
		return ""
	}
	defer f.Close()
	b, err := io.ReadAll(io.LimitReader(f, smallest))
	if err != nil {
		return ""
	}
	if e.draft.texts == nil {
		e.draft.texts = map[*tree.Payload]string{}
	}
	e.draft.texts[p] = string(b)
	return string(b)
}
