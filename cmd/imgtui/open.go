package main

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/imgtui/imgtui/layers"
	"github.com/imgtui/imgtui/layers/builder"
	"github.com/imgtui/imgtui/layers/source"
	"github.com/imgtui/imgtui/layers/store"
	"github.com/imgtui/imgtui/model"
	"github.com/imgtui/imgtui/model/session"
	"github.com/imgtui/imgtui/model/tree"
	"github.com/imgtui/imgtui/model/words"
)

// engine returns what opens images as the flags say.
func (c *call) engine() *layers.Engine {
	var kept *store.Store
	if !c.noCache {
		kept = c.store()
	}
	return layers.New(layers.Options{Verify: c.verify, Store: kept, Source: source.Options{
		Platform: c.platform, Select: c.choose, Pull: c.pull, Insecure: c.insecure, Stdin: c.in,
	}, Builder: builder.Where{Env: c.env, Runtime: c.build.runtime}})
}

// opened is a session that came to rest with nobody watching.
type opened struct {
	session.State
	engine *layers.Engine
}

func (o *opened) Close() error { return o.engine.Close() }

// need says how much of an image a command wants.
type need uint8

const (
	sizes need = iota // the steps with their sizes: the layers are read only where nobody tells these
	files             // the trees of every layer
	dead              // and the dead bytes
	steps             // the steps alone: no layer is read
)

// open opens images and reads them as far as the command needs. A layer that
// cannot be read is no fault before somebody wants it: see [opened.whole].
func (c *call) open(n need, refs ...string) (*opened, error) {
	e := c.engine()
	var opens []session.Open
	for _, r := range refs {
		opens = append(opens, session.Open{Ref: r})
	}
	s, rs := session.Start(opens...)
	do := leaving[session.Verify](e.Do) // with --verify they are read along
	if n != dead {
		do = leaving[session.Weigh](do)
	}
	switch n {
	case sizes:
		do = unlessTold(do)
	case steps:
		do = withoutLayers(do)
	}
	o := &opened{session.Settle(c.Context(), s, rs, do), e}
	if err := o.unopened(c.Context(), len(refs)); err != nil {
		e.Close()
		return nil, err
	}
	return o, nil
}

// leaving leaves one kind of request ungranted: what nobody is told need not be
// found out.
func leaving[R session.Request](do session.Do) session.Do {
	return func(ctx context.Context, r session.Request, send func(session.Msg)) {
		if _, ok := r.(R); !ok {
			do(ctx, r, send)
		}
	}
}

// unlessTold reads no layer of an image whose source tells every size.
func unlessTold(do session.Do) session.Do {
	told := false
	return func(ctx context.Context, r session.Request, send func(session.Msg)) {
		if ix, ok := r.(session.Index); ok && told {
			send(session.IndexDone{Of: ix})
			return
		}
		do(ctx, r, func(m session.Msg) {
			if m, ok := m.(session.Opened); ok {
				told = !slices.ContainsFunc(m.Image.Layers(), func(l *model.Layer) bool { return l.Unpacked == model.Unknown })
			}
			send(m)
		})
	}
}

// withoutLayers reads no layer.
func withoutLayers(do session.Do) session.Do {
	return func(ctx context.Context, r session.Request, send func(session.Msg)) {
		if ix, ok := r.(session.Index); ok {
			send(session.IndexDone{Of: ix})
			return
		}
		do(ctx, r, send)
	}
}

// unopened returns why an image could not be opened.
func (o *opened) unopened(ctx context.Context, n int) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if o.Choices != nil {
		return several(o.Choices)
	}
	for _, k := range o.Stacks[:n] {
		if k.Err != nil {
			return k.Err
		}
	}
	return nil
}

// newest is the last step of an image, however many it has.
const newest = math.MaxInt

// whole returns why a layer up to a step could not be read, or nil.
func whole(k session.Stack, step int) error {
	for _, l := range k.Missing() {
		if at := k.Image.StepOf(l); at <= step {
			return &unreadError{k.Image.Reference, k.Layers[l].Err, at}
		}
	}
	return nil
}

// unreadError says that a layer is wanted which could not be read.
type unreadError struct {
	ref  string
	err  error
	step int
}

// Error implements error.
func (u *unreadError) Error() string { return fmt.Sprintf("open %s: %v", u.ref, u.err) }

// Unwrap gives what is wrong with the layer.
func (u *unreadError) Unwrap() error { return u.err }

// Hint says what there is without the layer.
func (u *unreadError) Hint() string {
	hint := "imgtui inspect tells what is known without it"
	if u.step > 0 {
		hint += fmt.Sprintf("; the files up to --step %d are there", u.step-1)
	}
	return hint
}

func several(cs []session.Choice) error {
	var labels strings.Builder
	for i, c := range cs {
		if i > 0 {
			labels.WriteString(", ")
		}
		labels.WriteString(words.Visible(c.Label))
	}
	first := "--platform " + cs[0].Platform.String()
	if cs[0].Select != "" {
		first = "--select '" + cs[0].Select + "'"
	}
	return &usageError{"the reference stands for several images: " + labels.String(), "choose one, for example with " + first}
}

// warn tells what is wrong with an image on standard error.
func (c *call) warn(o *opened) {
	for _, k := range o.Stacks {
		for _, w := range k.Warnings() {
			fmt.Fprintln(c.err, "warning:", words.Visible(w.Text))
		}
	}
}

// at returns the step that --step means.
func (c *call) at(i *model.Image) (int, error) {
	n := c.step
	if n < 0 {
		n += len(i.Steps)
	}
	if c.step == -1 && len(i.Steps) == 0 {
		return -1, nil // nothing was done: an empty root
	}
	if len(i.Steps) == 0 {
		return 0, &usageError{fmt.Sprintf("--step %d: the image has no steps", c.step), "without --step its root is listed, which is empty"}
	}
	if n < 0 || n >= len(i.Steps) {
		return 0, &usageError{fmt.Sprintf("--step %d: the image has steps 0 to %d", c.step, len(i.Steps)-1), "imgtui history lists them, the newest first"}
	}
	return n, nil
}

// root returns the root after the step that --step means.
func (c *call) root(o *opened) (root *tree.Node, step int, err error) {
	c.warn(o)
	k := o.Stacks[session.Was]
	if step, err = c.at(k.Image); err != nil {
		return nil, 0, err
	}
	if err := whole(k, step); err != nil {
		return nil, 0, err
	}
	if root, _ = k.At(step); root == nil {
		root = tree.Empty()
	}
	return root, step, nil
}
