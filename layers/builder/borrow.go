package builder

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"

	"github.com/imgtui/imgtui/layers/source"
	"github.com/imgtui/imgtui/model"
)

// borrowed are the images that this engine could not find and that a Docker
// Engine beside it has. One is fetched from there once, as long as the name means
// the same image there.
type borrowed struct {
	mu     sync.Mutex
	images map[borrowing]*source.Image
	before []*source.Image // what a name was: a build that has not let go may stand on it
}

type borrowing struct {
	name     string // as FROM means it
	platform model.Platform
}

// missing is an error of a build whose engine has not found images.
type missing struct {
	error
	names []string // as FROM means them
}

// Unwrap gives what the engine said.
func (m *missing) Unwrap() error { return m.error }

// borrow looks in the Docker Engine for what another engine has not found, and
// tells whether some of it is there.
func (e *Engine) borrow(ctx context.Context, o Order, err error) bool {
	var m *missing
	if !errors.As(err, &m) || !o.borrows(e) || ctx.Err() != nil {
		return false
	}
	b := &e.borrowed
	b.mu.Lock()
	defer b.mu.Unlock()
	found := false
	for _, name := range m.names {
		k := borrowing{name, o.Platform}
		found = b.images[k] == nil && b.loan(ctx, k) != nil || found
	}
	return found
}

func (o Order) borrows(e *Engine) bool { return e.docker == nil && !o.Pull && len(o.Platforms) < 2 }

// loan returns an image of the Docker Engine: the one that is at hand, if the name
// still means it. It is nil where there is none.
func (b *borrowed) loan(ctx context.Context, k borrowing) *source.Image {
	i, err := source.Open(ctx, "docker:"+k.name, source.Options{Platform: k.platform, Pull: source.PullNever})
	if err != nil {
		return nil
	}
	was := b.images[k]
	if was != nil && was.ID == i.ID {
		i.Close()
		return was
	}
	if was != nil {
		b.before = append(b.before, was)
	}
	if b.images == nil {
		b.images = map[borrowing]*source.Image{}
	}
	b.images[k] = i
	return i
}

// close gives them back.
func (b *borrowed) close() error {
	b.mu.Lock()
	defer b.mu.Unlock()
	var all []error
	for _, i := range append(b.before, slices.Collect(maps.Values(b.images))...) {
		all = append(all, i.Close())
	}
	b.before, b.images = nil, nil
	return errors.Join(all...)
}

// loans lets an engine have what it has not found the last time.
func (o Order) loans(ctx context.Context, e *Engine, s *supplies) error {
	if !o.borrows(e) {
		return nil
	}
	b := &e.borrowed
	b.mu.Lock()
	defer b.mu.Unlock()
	for k := range b.images {
		if k.platform != o.Platform || s.opt.FrontendAttrs["context:"+k.name] != "" {
			continue
		}
		i := b.loan(ctx, k)
		if i == nil {
			continue // it is gone, and the engine says so
		}
		if err := o.serve(ctx, e, s, k.name, i); err != nil {
			return fmt.Errorf("FROM %s: docker: %w", k.name, err)
		}
	}
	return nil
}
