package layers

import (
	"context"
	"crypto/sha256"
	"fmt"
	"slices"
	"sync"

	"github.com/imgtui/imgtui/layers/index"
	"github.com/imgtui/imgtui/layers/store"
	"github.com/imgtui/imgtui/model"
	"github.com/imgtui/imgtui/model/tree"
)

// passed are files of one layer whose contents were passed over.
type passed struct {
	o     *opened
	layer int
	files []*tree.Payload
}

// meet learns the contents of those files that will be compared with one
// another: what the open images have in two layers at one path. Of a single image
// whose layers have met in an earlier run nothing is left to be learned.
func (e *Engine) meet(ctx context.Context) {
	images := e.both()
	if len(images) == 1 && images[0].haveMet() {
		return
	}
	var layers []*tree.Layer
	var of []passed
	for _, o := range images {
		for n, l := range o.trees() {
			layers, of = append(layers, l), append(of, passed{o: o, layer: n})
		}
	}
	if !slices.ContainsFunc(of, passed.unread) {
		return
	}
	var all []passed
	for i, files := range tree.Unread(layers) {
		if of[i].unread() {
			all = of[i].shares(all, files)
		}
	}
	e.learn(ctx, all)
}

// haveMet tells whether the contents that the layers of an image are compared by
// have been learned.
func (o *opened) haveMet() bool {
	all := o.all()
	for n := range o.img.Blobs {
		if l := o.get(n); l.facts.Unread && (all == "" || l.met != all) {
			return false
		}
	}
	return true
}

// all tells which layers an image has, by what they are kept by; "" where one of them
// cannot be, or has not been read.
func (o *opened) all() string {
	h := sha256.New()
	for n := range o.img.Blobs {
		l := o.get(n)
		if l.tree == nil || l.key == (store.Key{}) {
			return ""
		}
		fmt.Fprintln(h, l.key)
	}
	return fmt.Sprintf("%x", h.Sum(nil))
}

// noteMet notes that the layers of an image have met.
func (o *opened) noteMet() {
	all := o.all()
	o.mu.Lock()
	defer o.mu.Unlock()
	for n := range o.layers {
		o.layers[n].met = all
	}
}

// unread tells whether contents of the layer may have been passed over.
func (p passed) unread() bool {
	l := p.o.get(p.layer)
	return l.tree != nil && l.facts.Unread
}

// shares appends work with files of the layer, so many that several workers have some.
func (p passed) shares(all []passed, files []*tree.Payload) []passed {
	for some := range slices.Chunk(files, share) {
		all = append(all, passed{p.o, p.layer, some})
	}
	return all
}

// learnAll learns all contents that were passed over, for who compares files of
// an image with what is in none.
func (e *Engine) learnAll(ctx context.Context) {
	all := gather(e.both())
	e.learn(ctx, all)
	for _, p := range all {
		if ctx.Err() == nil {
			p.o.learned(p.layer)
		}
	}
}

// both returns the images that are open.
func (e *Engine) both() []*opened {
	e.mu.Lock()
	defer e.mu.Unlock()
	var all []*opened
	for _, o := range e.slots {
		if o != nil {
			all = append(all, o)
		}
	}
	return all
}

// share is how many files are learned before a worker is asked again.
const share = 256

// gather returns all files that were passed over.
func gather(images []*opened) (all []passed) {
	for _, o := range images {
		for n := range o.img.Blobs {
			of := passed{o: o, layer: n}
			if !of.unread() {
				continue
			}
			var files []*tree.Payload
			for p := range o.get(n).tree.Payloads() {
				if p.Unread() {
					files = append(files, p)
				}
			}
			all = of.shares(all, files)
		}
	}
	return all
}

// learn learns contents, several workers at once. What cannot be read is a fault
// of its layer; such a file equals no other.
func (e *Engine) learn(ctx context.Context, all []passed) {
	work := make(chan passed)
	var workers sync.WaitGroup
	for range min(e.o.Workers, len(all)) {
		workers.Go(func() {
			for some := range work {
				some.learn(ctx)
			}
		})
	}
	for _, some := range all {
		work <- some
	}
	close(work)
	workers.Wait()
}

func (p passed) learn(ctx context.Context) {
	defer func() {
		if fault := recover(); fault != nil {
			p.o.fault(p.layer, fmt.Sprintf("internal fault: %v", fault))
		}
	}()
	if err := index.Learn(ctx, p.o.img.Blobs[p.layer], p.o.places(p.layer), p.files); err != nil && ctx.Err() == nil {
		p.o.fault(p.layer, fmt.Sprintf("contents that cannot be compared: %v", err))
	}
}

// learned notes that no content of a layer is left to be learned.
func (o *opened) learned(layer int) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.layers[layer].facts.Unread = false
}

// fault says once of a layer what is wrong with it.
func (o *opened) fault(layer int, text string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	f := &o.layers[layer].facts
	w := model.Warning{Layer: layer, Text: fmt.Sprintf("layer %d: %s", layer, text)}
	if slices.Contains(f.Faults, w) {
		return
	}
	f.Faults = append(f.Faults[:len(f.Faults):len(f.Faults)], w)
}
