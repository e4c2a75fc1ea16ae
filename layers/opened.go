package layers

import (
	"sync"

	"github.com/imgtui/imgtui/layers/index"
	"github.com/imgtui/imgtui/layers/source"
	"github.com/imgtui/imgtui/layers/store"
	"github.com/imgtui/imgtui/model"
	"github.com/imgtui/imgtui/model/tree"
)

// opened is an image and what has been read of it. What is read stays read: a
// second reader does not begin again.
type opened struct {
	img    *source.Image
	budget *index.Budget

	mu     sync.Mutex
	layers []loaded
	next   int   // the layer that is wanted before others; −1 is none
	roots  int64 // bytes of the budget that the roots of the newest Index take
}

// loaded is a layer that has been read.
type loaded struct {
	tree  *tree.Layer
	facts index.Facts
	key   store.Key            // by which it is kept between runs
	later func() *index.Places // where it can be read from, of one that was kept
	met   string               // the layers whose contents are known as far as it is compared with them
}

// places is where the layer can be read from.
func (l loaded) places() *index.Places {
	if l.facts.Places == nil && l.later != nil {
		return l.later()
	}
	return l.facts.Places
}

func newOpened(img *source.Image, l index.Limits) *opened {
	return &opened{img: img, budget: index.NewBudget(l, img.Whole), layers: make([]loaded, len(img.Blobs)), next: -1}
}

// claim picks the layer to read next among those that are wanted: the
// preferred one, else first, else the largest. It returns −1 when none is left.
func (o *opened) claim(wanted map[int]bool, first int) int {
	o.mu.Lock()
	defer o.mu.Unlock()
	best := -1
	for _, n := range []int{o.next, first} {
		if best < 0 && wanted[n] {
			best = n
		}
	}
	if best < 0 {
		best = o.largest(wanted)
	}
	delete(wanted, best)
	return best
}

func (o *opened) largest(wanted map[int]bool) int {
	best := -1
	for n := range wanted {
		if best < 0 || o.size(n) > o.size(best) || o.size(n) == o.size(best) && n < best {
			best = n
		}
	}
	return best
}

// size is what a layer is expected to cost.
func (o *opened) size(n int) int64 {
	if s := o.img.Blobs[n].Size; s != model.Unknown {
		return s
	}
	return 0
}

func (o *opened) get(n int) loaded {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.layers[n]
}

// trees returns the layers that have been read; nil stands for another.
func (o *opened) trees() []*tree.Layer {
	o.mu.Lock()
	defer o.mu.Unlock()
	all := make([]*tree.Layer, len(o.layers))
	for n, l := range o.layers {
		all[n] = l.tree
	}
	return all
}

// places is where a layer can be read from.
func (o *opened) places(n int) *index.Places { return o.get(n).places() }

func (o *opened) put(n int, l loaded) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.layers[n] = l
}

// hold takes what a root takes of the budget.
func (o *opened) hold(n int64) error {
	if err := o.budget.Hold(n); err != nil {
		return err
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	o.roots += n
	return nil
}

// forget gives back what the roots of an earlier Index took.
func (o *opened) forget() {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.budget.Release(o.roots)
	o.roots = 0
}

func (o *opened) prefer(n int) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.next = n
}
