package builder

import (
	"context"
	"fmt"
	"sync"

	gateway "github.com/moby/buildkit/frontend/gateway/client"
	"github.com/moby/buildkit/solver/pb"

	"github.com/imgtui/imgtui/model/tree"
)

// solve asks for all of it, and for each step of the first platform beside: the
// engine shares the work, and tells of each step as soon as it is there.
func (b *Build) solve(ctx context.Context) error {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	g := b.goals[0].graph
	hold := map[int]bool{}
	for _, l := range b.order.Hold {
		hold[l] = true
	}
	var steps sync.WaitGroup
	var all []*built
	faults := make(chan error, len(g.order)+len(b.goals))
	for _, v := range g.steps() {
		if g.held(v, hold) {
			b.Held = true
			continue
		}
		s := &built{vertex: v, tree: make(chan struct{})}
		all = append(all, s)
		for _, line := range v.lines {
			b.steps[line] = s
		}
	}
	for _, s := range all {
		steps.Go(func() {
			if err := guarded(func() error { return b.step(ctx, g, s) }); err != nil {
				faults <- err
			}
		})
	}
	if !b.Held {
		for i := range b.goals {
			steps.Go(func() {
				if err := guarded(func() error { return b.whole(ctx, &b.goals[i]) }); err != nil {
					faults <- err
				}
			})
		}
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		steps.Wait()
	}()
	select {
	case err := <-faults:
		if ctx.Err() == nil {
			// Steps that stand on others go on: their roots are of use beside the fault.
			err = b.broken(ctx, err)
		}
		stop()
		<-done
		return err
	case <-done:
	}
	select {
	case err := <-faults:
		return b.broken(ctx, err)
	default:
		return nil
	}
}

// guarded turns a panic into an error.
func guarded(f func() error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("build: internal fault: %v", p)
		}
	}()
	return f()
}

// whole has all of a target built, also the stages that no step is of.
func (b *Build) whole(ctx context.Context, t *goal) error {
	if t.graph.result == nil {
		return nil
	}
	_, err := b.ask(ctx, t.graph.definition.ToPB())
	return err
}

// ask has a definition built and returns its root; nil is an empty one.
func (b *Build) ask(ctx context.Context, d *pb.Definition) (gateway.Reference, error) {
	result, err := b.gateway.Solve(ctx, gateway.SolveRequest{Definition: d, CacheImports: b.imports(), Evaluate: true})
	if err != nil {
		return nil, err
	}
	ref, err := result.SingleRef()
	if err != nil || ref == nil {
		return nil, err
	}
	if b.engine.old { // it has promised to build, and does when somebody looks
		_, err = ref.ReadDir(ctx, gateway.ReadDirRequest{Path: "/"})
	}
	return ref, err
}

// step has one step built, and reads its root.
func (b *Build) step(ctx context.Context, g *graph, s *built) error {
	defer close(s.tree)
	d, err := g.cut(s.vertex)
	if err == nil {
		s.ref, err = b.ask(ctx, d)
	}
	if err != nil {
		s.err = err
		return err
	}
	known := b.order.Known
	if below := b.standsOn(g, s.vertex); below != nil {
		select {
		case <-below.tree:
			known = append([]*tree.Node{below.root}, known...)
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	if s.root, err = readRoot(ctx, b.lister(s.ref), b.gate, known...); err != nil {
		s.err = err
		return fmt.Errorf("line %d: %w", s.vertex.line(), err)
	}
	for _, line := range s.vertex.lines {
		b.tell(Step{Line: line, Root: s.root})
	}
	return nil
}

func (b *Build) tell(s Step) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.hooks.Stepped(s)
}

// standsOn returns the nearest step that a vertex stands on, or nil.
func (b *Build) standsOn(g *graph, v *vertex) *built {
	for v = g.below(v); v != nil; v = g.below(v) {
		if s := b.steps[v.line()]; s != nil && s.vertex == v {
			return s
		}
	}
	return nil
}
