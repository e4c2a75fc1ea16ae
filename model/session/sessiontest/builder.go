package sessiontest

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/imgtui/imgtui/model"
	"github.com/imgtui/imgtui/model/dockerfile"
	"github.com/imgtui/imgtui/model/plan"
	"github.com/imgtui/imgtui/model/progress"
	"github.com/imgtui/imgtui/model/session"
	"github.com/imgtui/imgtui/model/tree"
)

// Builder grants the requests of builds by a script. It knows what it has built:
// an instruction is had where all up to it has been built before.
type Builder struct {
	Makes *World                      // the image that comes of a build; each instruction is a step of it
	Fails map[int]*session.BuildError // the steps that break, by line
	Gates map[int]chan struct{}       // the step on a line ends when its gate is closed
	Mute  int                         // the line whose step is begun and never ends; 0 is none
	Logs  map[int]string              // what the step on a line writes
	Hosts []session.Host              // the engines that there are
	Host  session.Host                // the one that builds
	NoHost,
	NoLeave error // why nothing is built, or nothing leaves
	Stay chan struct{} // if set, what leaves waits for it
	Says func(session.Try) session.Tried

	mu  sync.Mutex
	had map[string]bool
}

// Lasts is how long every step of a [Builder] takes.
const Lasts = 1500 * time.Millisecond

// Knows makes all instructions of a text had.
func (b *Builder) Knows(text string) {
	file, _ := dockerfile.Parse(text)
	for n := range file.Instructions {
		b.know(chain(file, n))
	}
}

func (b *Builder) know(key string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.had == nil {
		b.had = map[string]bool{}
	}
	b.had[key] = true
}

func (b *Builder) knows(key string) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.had[key]
}

// chain is all that a text says up to an instruction.
func chain(f *dockerfile.File, n int) string {
	var s strings.Builder
	for _, i := range f.Instructions[:n+1] {
		fmt.Fprintf(&s, "%s %s\n", i.Name, i.Args)
	}
	return s.String()
}

// Foretelling makes the forecasts of a world those of its builder: kept is what
// it knows.
func (w *World) Foretelling() *World {
	w.Plan = func(r session.Foretell) session.Foretold {
		m := w.kept(r)
		for n := range m.Plan.Steps {
			s := &m.Plan.Steps[n]
			i := m.File.Instructions[n]
			s.Text = i.Name + " " + i.Args
			s.Stage = i.Stage
			if !w.Builder.knows(chain(m.File, n)) && (session.Works(s.Text) || n > 0) {
				s.Fate, s.Reason = plan.Runs, plan.LineChanged
			}
		}
		m.Was = &plan.Was{Name: "x"}
		return m
	}
	return w
}

// build grants what is about builds.
func (w *World) build(ctx context.Context, r session.Request, send func(session.Msg)) {
	b := w.Builder
	switch r := r.(type) {
	case session.Build:
		b.run(ctx, w, r, send)
	case session.Survey:
		send(session.Surveyed{Of: r, Hosts: b.Hosts})
	case session.Try:
		if b.Says != nil {
			send(b.Says(r))
		}
	case session.Leave:
		b.leave(ctx, r, send)
	}
}

func (b *Builder) run(ctx context.Context, w *World, r session.Build, send func(session.Msg)) {
	if b.NoHost != nil {
		send(session.Failed{Of: r, Layer: -1, Err: b.NoHost})
		return
	}
	send(session.Reached{Of: r, Host: b.Host})
	file, _ := dockerfile.Parse(r.Text)
	now := Noon
	tell := func(es ...progress.Event) { send(session.Advanced{Of: r, Events: es}) }
	tell(progress.Event{Vertex: "context", Name: "[internal] load build context", Kind: progress.Started, At: now},
		progress.Event{Vertex: "context", Kind: progress.Counted, Text: "transferring context", Done: 2048, Total: 2048, At: now},
		progress.Event{Vertex: "context", Kind: progress.Ended, At: now.Add(time.Millisecond)})
	for n, i := range file.Instructions {
		if slices.Contains(r.Hold, i.Line) {
			send(session.Built{Of: r})
			return
		}
		e := progress.Event{Vertex: fmt.Sprint("step ", n), Name: i.Name + " " + i.Args, Line: i.Line, At: now}
		key := chain(file, n)
		works := session.Works(e.Name) || i.Name == "FROM"
		broken := b.Fails[i.Line]
		switch {
		case !works:
		case b.knows(key) && broken == nil:
			e.Kind = progress.Hit
			tell(e)
		case !b.step(ctx, i.Line, &e, tell):
			return
		}
		now = e.At
		if broken != nil {
			e.Kind, e.Text = progress.Broke, broken.Text
			tell(e)
			f := *broken
			f.Line, f.Name = i.Line, e.Name
			f.Before = b.root(n - 1)
			send(session.Failed{Of: r, Layer: -1, Err: fmt.Errorf("build: %w", &f)})
			return
		}
		b.know(key)
		send(session.Stepped{Of: r, Line: i.Line, Last: true, History: n, Root: b.root(n)})
	}
	send(session.Built{Of: r, Ref: fmt.Sprint("built:", r.Gen), Digest: model.Digest("sha256:" + strings.Repeat("cd", 32)), Was: &plan.Was{Name: "the last build"}})
}

// step runs a step, and tells whether it was let.
func (b *Builder) step(ctx context.Context, line int, e *progress.Event, tell func(...progress.Event)) bool {
	e.Kind = progress.Started
	tell(*e)
	e.Kind, e.Text = progress.Logged, b.Logs[line]
	if e.Text != "" {
		tell(*e)
	}
	if line == b.Mute || !wait(ctx, b.Gates[line]) {
		return false
	}
	e.At = e.At.Add(Lasts)
	e.Kind, e.Text = progress.Ended, ""
	if b.Fails[line] == nil {
		tell(*e)
	}
	return true
}

// root is the one after an instruction.
func (b *Builder) root(n int) *tree.Node {
	var root *tree.Node
	for i := 0; i <= n && i < len(b.Makes.Image.Steps); i++ {
		if l := b.Makes.Image.Steps[i].Layer; l != nil {
			root = b.Makes.Roots[l.Index]
		}
	}
	return root
}

func (b *Builder) leave(ctx context.Context, r session.Leave, send func(session.Msg)) {
	send(session.Advanced{Of: r, Events: []progress.Event{
		{Vertex: "blob", Name: "layer 1", Kind: progress.Started, At: Noon}, {Vertex: "blob", Kind: progress.Counted, Text: "layer 1", Done: 500, Total: 1000, At: Noon},
	}})
	if !wait(ctx, b.Stay) {
		return
	}
	if b.NoLeave != nil {
		send(session.Failed{Of: r, Layer: -1, Err: b.NoLeave})
		return
	}
	send(session.Left{Of: r, To: r.To, Digest: model.Digest("sha256:" + strings.Repeat("cd", 32)), Bytes: 12_345_678})
}
