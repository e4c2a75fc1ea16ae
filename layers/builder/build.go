package builder

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/moby/buildkit/client"
	"github.com/moby/buildkit/frontend/dockerfile/parser"
	gateway "github.com/moby/buildkit/frontend/gateway/client"
	"github.com/moby/buildkit/util/bklog"

	"github.com/imgtui/imgtui/model"
	"github.com/imgtui/imgtui/model/progress"
	sess "github.com/imgtui/imgtui/model/session"
	"github.com/imgtui/imgtui/model/tree"
)

// Hooks are told what happens while a build runs, one at a time for each. Nil
// ones are not.
type Hooks struct {
	Events  func([]progress.Event)
	Planned func(history []model.Step) // of the image that it will be, with what is its base; before anything is built
	Stepped func(Step)
}

// Step is an instruction whose root is there.
type Step struct {
	Line int
	Root *tree.Node
}

// Build is a text that has been built, or that broke. The engine holds on to all
// it made until Close: its roots can be entered, and its image can leave.
type Build struct {
	Held    bool             // it ended before a line that must not run
	History []model.Step     // of the image
	Config  model.Config     // of the image
	Bases   map[string]Image // what FROM turned out to be, by full name and platform

	engine   *Engine
	order    Order
	supplies *supplies
	events   *events
	hooks    Hooks

	life    context.Context // ends with Close
	end     context.CancelFunc
	release chan struct{} // closed when the engine may let go
	ended   chan struct{} // closed when the engine has
	once    sync.Once

	gateway gateway.Client
	goals   []goal
	gate    chan struct{}
	mu      sync.Mutex
	steps   map[int]*built // by line
	lacking []string       // the images that the engine has not found
	failed  *breakage
}

// BaseKey is how [Build.Bases] calls a base image.
func BaseKey(full string, p model.Platform) string { return full + " " + p.String() }

// built is a step that the engine holds.
type built struct {
	vertex *vertex
	ref    gateway.Reference
	tree   chan struct{} // closed when root or err are there
	root   *tree.Node
	err    error
}

var quiet sync.Once

// Build builds a text. It returns when the roots of all steps are there, or when
// a step broke: the error is then a [*sess.BuildError], and Build is there too.
// A build that is cancelled is let go of. What only the Docker Engine beside
// another one has can be FROM nevertheless.
func (e *Engine) Build(ctx context.Context, o Order, h Hooks) (*Build, error) {
	quiet.Do(func() { bklog.L.Logger.SetOutput(nowhere{}) }) // it would write on the screen
	b, err := e.attempt(ctx, o, h)
	for e.borrow(ctx, o, err) {
		b, err = e.attempt(ctx, o, h)
	}
	return b, err
}

func (e *Engine) attempt(ctx context.Context, o Order, h Hooks) (*Build, error) {
	life, end := context.WithCancel(context.WithoutCancel(ctx))
	s, err := o.supply(life, e)
	if err != nil {
		end()
		return nil, err
	}
	if h.Events == nil {
		h.Events = func([]progress.Event) {}
	}
	if h.Stepped == nil {
		h.Stepped = func(Step) {}
	}
	if h.Planned == nil {
		h.Planned = func([]model.Step) {}
	}
	b := &Build{
		Bases: s.served, engine: e, order: o, supplies: s, events: newEvents(h.Events, s.secrets), hooks: h,
		life: life, end: end, release: make(chan struct{}), ended: make(chan struct{}),
		gate: make(chan struct{}, atOnce), steps: map[int]*built{},
	}
	return b.run(ctx)
}

// nowhere is where the words of a library go that has a log of its own.
type nowhere struct{}

// Write implements io.Writer.
func (nowhere) Write(p []byte) (int, error) { return len(p), nil }

// run starts the engine's side and waits for the outcome.
func (b *Build) run(ctx context.Context) (*Build, error) {
	outcome := make(chan error, 1)
	gone := make(chan error, 1)
	stop := context.AfterFunc(ctx, b.end)
	defer stop()
	b.engine.builds.Go(func() { gone <- b.serve(outcome) })
	select {
	case err := <-outcome:
		var broken *sess.BuildError
		if err == nil {
			return b, nil
		}
		b.Settle(ctx)
		if errors.As(err, &broken) {
			return b, err
		}
		b.Close()
		return nil, b.said(ctx, err)
	case err := <-gone:
		b.events.close()
		if err == nil {
			err = errors.New("the engine has ended the build")
		}
		b.Close()
		return nil, b.said(ctx, err)
	case <-ctx.Done():
		b.events.close()
		b.end()
		return nil, ctx.Err() // the engine's side ends by itself; Engine.Close waits for it
	}
}

// said is an error in one line, without secrets.
func (b *Build) said(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	text := b.supplies.secrets.text(plain(err).Error())
	return &reworded{text, err}
}

// serve runs the session with the engine until release.
func (b *Build) serve(outcome chan<- error) (err error) {
	defer close(b.ended)
	defer b.supplies.close()
	defer b.end()
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("build: internal fault: %v", p)
		}
	}()
	status := make(chan *client.SolveStatus)
	var watching sync.WaitGroup
	watching.Go(func() { b.events.follow(status, nil) })
	_, err = b.engine.client.Build(b.life, b.supplies.opt, "imgtui", func(ctx context.Context, c gateway.Client) (*gateway.Result, error) {
		b.gateway = c
		err := b.make(ctx)
		outcome <- err
		select {
		case <-b.release:
		case <-b.engine.closed:
			b.end()
		case <-ctx.Done():
		}
		return gateway.NewResult(), nil
	}, status)
	watching.Wait()
	return err
}

// Close lets the engine let go, and waits until it has. It may be called twice.
func (b *Build) Close() {
	b.Release()
	<-b.ended
}

// Release lets the engine let go without waiting for it. [Engine.Close] waits.
func (b *Build) Release() {
	b.once.Do(func() {
		close(b.release)
		t := time.AfterFunc(releaseTime, b.end)
		context.AfterFunc(b.life, func() { t.Stop() })
	})
}

// Settle waits until all has been told of what the engine did, and ends the
// telling. An engine tells late, and nobody waits for it for long.
func (b *Build) Settle(ctx context.Context) {
	t := time.NewTicker(settleBeat)
	defer t.Stop()
	for deadline := time.Now().Add(settleTime); !b.events.settled() && time.Now().Before(deadline); {
		select {
		case <-t.C:
		case <-ctx.Done():
			return
		case <-b.ended:
			return
		}
	}
	b.events.close()
}

const (
	settleBeat = 10 * time.Millisecond
	settleTime = 400 * time.Millisecond
)

// releaseTime is how long an engine may take to let go before it is cut off.
const releaseTime = 300 * time.Millisecond

// make converts, and has each step built.
func (b *Build) make(ctx context.Context) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("build: internal fault: %v", p)
		}
	}()
	if syntax, _, _, ok := parser.DetectSyntax([]byte(b.order.Text)); ok && !builtIn(syntax) {
		return b.foreign(ctx, syntax)
	}
	if err := b.convert(ctx); err != nil {
		return err
	}
	return b.solve(ctx)
}
