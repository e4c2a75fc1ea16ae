// Package layers grants a session's requests: it opens images, reads their
// layers and takes files out of them. [Engine.Do] is its only door.
package layers

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"sync"
	"time"

	"github.com/imgtui/imgtui/layers/builder"
	"github.com/imgtui/imgtui/layers/index"
	"github.com/imgtui/imgtui/layers/source"
	"github.com/imgtui/imgtui/layers/store"
	"github.com/imgtui/imgtui/model"
	"github.com/imgtui/imgtui/model/session"
	"github.com/imgtui/imgtui/model/waste"
)

// Options say where to look for images and how much a layer may cost.
type Options struct {
	Source source.Options
	Limits index.Limits // the zero value means index.DefaultLimits
	// Verify holds layers of local files against their digests while they are read,
	// as all others are; else that waits for a [session.Verify]. What is packed has
	// sums of its own against damage.
	Verify bool
	// Workers is how many layers are read at once; 0 is as many as there are cores.
	Workers int
	Builder builder.Where // the engine that builds, where a Build does not say which
	// Store is where layers are looked for before they are read, and kept
	// afterwards; nil is nowhere. The engine closes it.
	Store *store.Store
}

// Engine holds what is open. It may be used from several goroutines at once.
type Engine struct {
	o     Options
	mu    sync.Mutex
	slots [2]*opened
	all   []*source.Image
	halts map[int]context.CancelFunc // by generation of the running request
	early map[int]bool               // by generation: halted before it ran
	draft drafting
	large chan struct{} // holds a token while a layer is read that takes a lot of memory

	building building
}

// New returns an engine with nothing open.
func New(o Options) *Engine {
	if o.Workers == 0 {
		o.Workers = runtime.GOMAXPROCS(0)
	}
	return &Engine{o: o, halts: map[int]context.CancelFunc{}, early: map[int]bool{}, large: make(chan struct{}, 1), building: building{turn: make(chan struct{}, 1)}}
}

// Close lets go of every image. No request may be running.
func (e *Engine) Close() error {
	e.mu.Lock()
	defer e.mu.Unlock()
	errs := []error{e.draft.close(), e.building.close()}
	for _, i := range e.all {
		errs = append(errs, i.Close())
	}
	e.all = nil
	e.o.Store.Close()
	return errors.Join(errs...)
}

// Do is a session.Do: it grants one request and sends what comes of it, one
// message at a time, and none after it has returned.
func (e *Engine) Do(ctx context.Context, r session.Request, send func(session.Msg)) {
	s := sender{to: send}
	defer s.close()
	ctx, done := e.begin(ctx, r)
	defer done()
	if err := e.grant(ctx, r, s.send); err != nil {
		s.send(session.Failed{Of: r, Layer: -1, Err: err})
	}
}

// grant dispatches, and turns a panic into an error: whoever shows a screen
// must get the terminal back.
func (e *Engine) grant(ctx context.Context, r session.Request, send func(session.Msg)) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("%T: internal fault: %v", r, p)
		}
	}()
	switch r := r.(type) {
	case session.Open:
		return e.open(ctx, r, send)
	case session.Index:
		return e.index(ctx, r, send)
	case session.Prefer:
		e.prefer(r)
	case session.Weigh:
		send(session.Weighed{Of: r, Report: waste.Weigh(r.Layers, r.Roots)})
	case session.Verify:
		return e.verify(ctx, r, send)
	case session.Read:
		return e.read(ctx, r, send)
	case session.Extract:
		return e.extract(ctx, r, send)
	case session.Fetch:
		return e.fetch(ctx, r, send)
	case session.Scan:
		return e.scan(ctx, r, send)
	case session.Foretell:
		return e.foretell(ctx, r, send)
	case session.Write:
		return e.write(r, send)
	case session.Build:
		return e.build(ctx, r, send)
	case session.Survey:
		return e.survey(ctx, r, send)
	case session.Try:
		return e.try(ctx, r, send)
	case session.Leave:
		return e.leave(ctx, r, send)
	case session.Lending:
		return lend(r, send)
	case session.Regaining:
		return regain(r, send)
	case session.Wait:
		return wait(ctx, r, send)
	case session.Halt:
		e.halt(r.Gen)
	}
	return nil
}

// wait answers after a while, unless it is halted before.
func wait(ctx context.Context, r session.Wait, send func(session.Msg)) error {
	t := time.NewTimer(r.For)
	defer t.Stop()
	select {
	case <-t.C:
		send(session.Waited{Of: r})
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// begin makes a request stoppable by its generation.
func (e *Engine) begin(ctx context.Context, r session.Request) (context.Context, func()) {
	gen := generation(r)
	if gen == 0 {
		return ctx, func() {}
	}
	ctx, cancel := context.WithCancel(ctx)
	e.mu.Lock()
	e.halts[gen] = cancel
	if e.early[gen] {
		delete(e.early, gen)
		cancel()
	}
	e.mu.Unlock()
	return ctx, func() {
		cancel()
		e.mu.Lock()
		defer e.mu.Unlock()
		delete(e.halts, gen)
	}
}

// generation returns that of a request that can be halted, else 0.
func generation(r session.Request) int {
	switch r := r.(type) {
	case session.Open:
		return r.Gen
	case session.Index:
		return r.Gen
	case session.Verify:
		return r.Gen
	case session.Read:
		return r.Gen
	case session.Extract:
		return r.Gen
	case session.Scan:
		return r.Gen
	case session.Foretell:
		return r.Gen
	case session.Build:
		return r.Gen
	case session.Survey:
		return r.Gen
	case session.Try:
		return r.Gen
	case session.Leave:
		return r.Gen
	case session.Wait:
		return r.Gen
	}
	return 0
}

func (e *Engine) halt(gen int) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if cancel := e.halts[gen]; cancel != nil {
		cancel()
		return
	}
	if len(e.early) == mostEarly {
		clear(e.early)
	}
	e.early[gen] = true
}

// mostEarly is how many halts are kept that came before what they stop, or when
// it had ended.
const mostEarly = 64

// sender lets one message through at a time, and none once it is closed.
type sender struct {
	mu     sync.Mutex
	to     func(session.Msg)
	closed bool
}

func (s *sender) send(m session.Msg) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.closed {
		s.to(m)
	}
}

func (s *sender) close() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.closed = true
}

func (e *Engine) open(ctx context.Context, r session.Open, send func(session.Msg)) error {
	o := e.o.Source
	if r.Platform != (model.Platform{}) {
		o.Platform = r.Platform
	}
	if r.Select != "" {
		o.Select = r.Select
	}
	if r.Pull != "" {
		o.Pull = r.Pull
	}
	img, err := source.Open(ctx, r.Ref, o)
	var several *source.AmbiguousError
	switch {
	case errors.As(err, &several):
		send(session.Asked{Of: r, Choices: choices(several)})
		return nil
	case err != nil:
		return err
	}
	e.keep(r.Slot, img)
	send(session.Opened{Of: r, Image: &img.Image})
	return nil
}

func choices(a *source.AmbiguousError) []session.Choice {
	var all []session.Choice
	for _, c := range a.Choices {
		all = append(all, session.Choice{Label: c.Label, Platform: c.Platform, Select: c.Select})
	}
	return all
}

func (e *Engine) keep(slot session.Slot, img *source.Image) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.slots[slot] = newOpened(img, e.o.Limits)
	e.all = append(e.all, img)
}

// at returns what is open in a slot.
func (e *Engine) at(slot session.Slot) (*opened, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if int(slot) >= len(e.slots) || e.slots[slot] == nil {
		return nil, errors.New("no image is open")
	}
	return e.slots[slot], nil
}
