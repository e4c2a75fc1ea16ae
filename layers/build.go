package layers

import (
	"context"
	"errors"
	"maps"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"time"

	"github.com/imgtui/imgtui/layers/builder"
	"github.com/imgtui/imgtui/layers/source"
	"github.com/imgtui/imgtui/model"
	"github.com/imgtui/imgtui/model/dockerfile"
	"github.com/imgtui/imgtui/model/plan"
	"github.com/imgtui/imgtui/model/progress"
	"github.com/imgtui/imgtui/model/session"
	"github.com/imgtui/imgtui/model/tree"
)

// building is the build at hand and what is left of those before it. It may be
// used from several goroutines at once.
type building struct {
	turn chan struct{} // holds a token while somebody builds
	open *opened       // the image that root is of; both are whose turn it is
	root *tree.Node

	mu      sync.Mutex
	host    *builder.Engine // nil is none
	chosen  string          // as --engine names the host
	gen     int             // of the Build at hand
	order   session.Build
	build   *builder.Build // nil where none is at hand
	out     builder.Exported
	last    *tree.Node // the root after its last step
	dir     string     // the folder of all layouts; "" is none yet
	layouts []string   // the newest last
	left    []builder.Exported
	n       int // of builds
	done    []finished
	bases   map[string]builder.Image // what FROM turned out to be
}

// finished is a build that an engine has.
type finished struct {
	host  string
	file  *dockerfile.File
	graph *plan.Graph
}

// Bounds on what is kept of earlier builds.
const (
	layoutsKept  = 8   // layouts that can still be compared with; they share their blobs
	finishedKept = 100 // builds of which the forecast knows that the engine has them
)

// build builds a text, and keeps what comes of it until the next.
func (e *Engine) build(ctx context.Context, r session.Build, send func(session.Msg)) error {
	b := &e.building
	select {
	case b.turn <- struct{}{}:
		defer func() { <-b.turn }()
	case <-ctx.Done():
		return ctx.Err()
	}
	b.letGo(r)
	order := builder.Order{Build: r, Env: os.LookupEnv}
	if o, err := e.at(r.Slot); err == nil {
		order.Open, order.Known = o.img, b.known(o)
	}
	if b.last != nil {
		order.Known = append(order.Known, b.last)
	}
	host, err := e.reach(ctx, r, order)
	if err != nil {
		return err
	}
	send(session.Reached{Of: r, Host: host.Host()})
	w := &watch{r: r, send: send}
	done, err := host.Build(ctx, order, w.hooks())
	if done == nil {
		return err
	}
	b.keep(r, done, w.root)
	if err != nil {
		return err
	}
	return e.finish(ctx, r, w, done, send)
}

// known is the root of the open image, if all its layers have been read. It is
// made once.
func (b *building) known(o *opened) []*tree.Node {
	if b.open == o {
		return []*tree.Node{b.root}
	}
	var root *tree.Node
	for n := range o.img.Blobs {
		l := o.get(n).tree
		if l == nil {
			return nil
		}
		root = tree.Fold(root, l)
	}
	if root == nil {
		return nil
	}
	b.open, b.root = o, root
	return []*tree.Node{root}
}

// reach connects to the engine that is wanted, or stays with the one at hand.
func (e *Engine) reach(ctx context.Context, r session.Build, o builder.Order) (*builder.Engine, error) {
	b := &e.building
	b.mu.Lock()
	host, chosen := b.host, b.chosen
	b.mu.Unlock()
	if host != nil && chosen == r.Engine && host.Answers(ctx) {
		return host, nil
	}
	if host != nil {
		b.mu.Lock()
		b.host = nil
		b.mu.Unlock()
		host.Close()
	}
	w := e.o.Builder
	w.Engine = r.Engine
	host, err := builder.Dial(ctx, w, o.Needs()...)
	if err != nil {
		return nil, err
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.host, b.chosen = host, r.Engine
	return host, nil
}

// letGo lets the engine let go of the build at hand before the next. Only one
// that takes nothing from the cache waits for it: what one build holds the next
// one shares.
func (b *building) letGo(next session.Build) {
	b.mu.Lock()
	done := b.build
	b.build, b.gen, b.out = nil, 0, builder.Exported{}
	b.mu.Unlock()
	switch {
	case done == nil:
	case next.NoCache || len(next.NoCacheFilter) > 0:
		done.Close()
	default:
		done.Release()
	}
}

func (b *building) keep(r session.Build, done *builder.Build, last *tree.Node) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.gen, b.order, b.build, b.last = r.Gen, r, done, last
}

// finish brings the image to where it can be opened, and says so.
func (e *Engine) finish(ctx context.Context, r session.Build, w *watch, done *builder.Build, send func(session.Msg)) error {
	b := &e.building
	if done.Held {
		done.Settle(ctx)
		send(session.Built{Of: r})
		return nil
	}
	dir, before, err := b.place()
	if err != nil {
		return err
	}
	out, err := done.Export(ctx, dir, before)
	if err != nil {
		return err
	}
	b.exported(ctx, dir, out)
	done.Settle(ctx)
	send(session.Built{Of: r, Ref: out.Ref, Digest: out.Digest, Was: e.was(ctx, r, done)})
	return nil
}

// place returns a folder for the next layout, and the one before it.
func (b *building) place() (dir string, before []string, err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.dir == "" {
		if b.dir, err = os.MkdirTemp("", "imgtui-build-"); err != nil {
			return "", nil, err
		}
	}
	b.n++
	if len(b.layouts) > 0 {
		before = b.layouts[len(b.layouts)-1:]
	}
	return filepath.Join(b.dir, filepath.Base(b.dir)+"-"+strconv.Itoa(b.n)), before, nil
}

// exported notes where an image is, and takes away what is too old.
func (b *building) exported(ctx context.Context, dir string, out builder.Exported) {
	b.mu.Lock()
	b.out = out
	b.layouts, b.left = append(b.layouts, dir), append(b.left, out)
	var old string
	var gone builder.Exported
	if len(b.layouts) > layoutsKept {
		old, b.layouts = b.layouts[0], b.layouts[1:]
		gone, b.left = b.left[0], b.left[1:]
	}
	host := b.host
	b.mu.Unlock()
	if old != "" {
		os.RemoveAll(old)
		_ = host.Remove(ctx, gone) // it is tried again when all ends
	}
}

// close takes away all that builds have left.
func (b *building) close() error {
	b.letGo(session.Build{})
	b.mu.Lock()
	defer b.mu.Unlock()
	var errs []error
	if b.host != nil {
		ctx, cancel := context.WithTimeout(context.Background(), removeTime)
		defer cancel()
		for _, out := range b.left {
			errs = append(errs, b.host.Remove(ctx, out))
		}
		errs = append(errs, b.host.Close())
		b.host = nil
	}
	if b.dir != "" {
		errs = append(errs, os.RemoveAll(b.dir))
	}
	b.dir, b.layouts, b.left = "", nil, nil
	return errors.Join(errs...)
}

// removeTime bounds how long an engine may take to forget an image.
const removeTime = 10 * time.Second

// at returns the build of a generation.
func (b *building) at(gen int) (*builder.Build, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.build == nil || b.gen != gen {
		return nil, errors.New("that build is not at hand any more: build again")
	}
	return b.build, nil
}

// watch passes on what a build tells.
type watch struct {
	r    session.Build
	send func(session.Msg)

	mu    sync.Mutex
	file  *dockerfile.File
	pairs []int
	root  *tree.Node // after the last step so far
	line  int        // of that step
}

func (w *watch) hooks() builder.Hooks {
	return builder.Hooks{
		Events:  func(all []progress.Event) { w.send(session.Advanced{Of: w.r, Events: all}) },
		Planned: w.planned,
		Stepped: w.stepped,
	}
}

// planned pairs the instructions with the steps that they will be.
func (w *watch) planned(history []model.Step) {
	f, err := dockerfile.Parse(w.r.Text)
	if err != nil {
		return // BuildKit reads it otherwise; then no step is one of the image's
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	img := &model.Image{Steps: history}
	w.file, w.pairs = f, plan.Pair(f, w.r.Target, w.r.Args, img)
	if stage := f.StageNamed(w.r.Target); stage >= 0 && img.Base() > 0 {
		w.pairs[f.Stages[f.Chain(stage, w.r.Args)[0]].First] = img.Base() - 1
	}
}

func (w *watch) stepped(s builder.Step) {
	w.mu.Lock()
	defer w.mu.Unlock()
	m := session.Stepped{Of: w.r, Line: s.Line, History: -1, Root: s.Root}
	if w.file != nil {
		for i := range w.file.Instructions {
			if w.file.Instructions[i].Line == s.Line && i < len(w.pairs) {
				m.History = w.pairs[i]
			}
		}
	}
	m.Last = m.History >= 0
	if m.Last && s.Line >= w.line {
		w.root, w.line = s.Root, s.Line
	}
	w.send(m)
}

// was is what the next forecast compares with: what the engine now has. Nil is
// not known.
func (e *Engine) was(ctx context.Context, r session.Build, done *builder.Build) *plan.Was {
	if r.Dir != "" && r.Context == nil {
		return nil
	}
	f, err := dockerfile.Parse(r.Text)
	if err != nil {
		return nil
	}
	b := &e.building
	b.mu.Lock()
	if b.bases == nil {
		b.bases = map[string]builder.Image{}
	}
	maps.Copy(b.bases, done.Bases)
	host := b.host.Address
	b.mu.Unlock()
	k := e.known(ctx, session.Foretell{Sketch: r.Sketch, Text: r.Text, Context: r.Context, Image: r.Image}, f)
	g, err := builder.Convert(ctx, e.job(session.Foretell{Sketch: r.Sketch, Text: r.Text, Context: r.Context}, k))
	if err != nil {
		return nil
	}
	return &plan.Was{Name: r.Path, File: f, Graph: g, Set: b.finished(finished{host, f, g})}
}

// finished notes a build, and returns all that its engine has.
func (b *building) finished(now finished) *plan.Set {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.done = append(b.done, now)
	if len(b.done) > finishedKept {
		b.done = b.done[1:]
	}
	set := &plan.Set{}
	for _, d := range b.done {
		if d.host == now.host {
			set.Add(d.file, d.graph)
		}
	}
	return set
}

// resolved tells what a base image turned out to be in a build.
func (b *building) resolved(full string, p model.Platform) (builder.Image, bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	i, ok := b.bases[builder.BaseKey(full, p)]
	return i, ok
}

// survey asks every engine who it is.
func (e *Engine) survey(ctx context.Context, r session.Survey, send func(session.Msg)) error {
	hosts := builder.Survey(ctx, e.o.Builder)
	if ctx.Err() != nil {
		return ctx.Err()
	}
	send(session.Surveyed{Of: r, Hosts: hosts})
	return nil
}

// image opens the image of a build, to be brought elsewhere.
func (b *building) image(ctx context.Context) (*source.Image, error) {
	b.mu.Lock()
	ref := b.out.Ref
	b.mu.Unlock()
	if ref == "" {
		return nil, errors.New("that build has made no image")
	}
	return source.Open(ctx, ref, source.Options{})
}
