package session

import (
	"slices"

	"github.com/imgtui/imgtui/model"
	"github.com/imgtui/imgtui/model/tree"
	"github.com/imgtui/imgtui/model/waste"
)

// Stack is an image and, as they become known, the trees of its layers and the
// roots after each of them. Neighbouring roots share what they agree on.
type Stack struct {
	Image  *model.Image
	Layers []Layer       // by layer index
	Report *waste.Report // nil until every layer has been read
	Read   bool          // no layer is waited for any more
	Err    error         // why the image could not be opened

	open   Open
	index  int   // generation of the Index under way or ended
	again  []int // layers to be read once more when that has ended
	verify int   // generation of the Verify under way; 0 is none
}

// Layer is what is known of one layer besides the image's own words.
type Layer struct {
	Tree        *tree.Layer
	Root        *tree.Node // the root after the layer
	Done, Total int64      // stored bytes read
	Tar         int64
	DiffID      model.Digest
	Faults      []model.Warning
	Unverified  bool  // it was read, and its digests are not known yet
	Err         error // why it could not be read
}

// At returns the root after a step and whether it is known yet. Step −1, and a
// step beneath the first layer, have the empty root: nil, true.
func (k Stack) At(step int) (root *tree.Node, known bool) {
	l := k.layerAt(step)
	if l < 0 {
		return nil, k.Image != nil
	}
	if l >= len(k.Layers) {
		return nil, false
	}
	return k.Layers[l].Root, k.Layers[l].Root != nil
}

// layerAt returns the index of the topmost layer at or beneath a step, or −1.
func (k Stack) layerAt(step int) int {
	if k.Image == nil {
		return -1
	}
	for i := min(step, len(k.Image.Steps)-1); i >= 0; i-- {
		if l := k.Image.Steps[i].Layer; l != nil {
			return l.Index
		}
	}
	return -1
}

// Top returns the final root and whether it is known yet.
func (k Stack) Top() (*tree.Node, bool) {
	if k.Image == nil {
		return nil, false
	}
	return k.At(len(k.Image.Steps) - 1)
}

// Of returns what is known of the layer that a step made, or nil.
func (k Stack) Of(step int) *Layer {
	if k.Image == nil || step < 0 || step >= len(k.Image.Steps) {
		return nil
	}
	l := k.Image.Steps[step].Layer
	if l == nil || l.Index >= len(k.Layers) {
		return nil
	}
	return &k.Layers[l.Index]
}

// Unpacked returns the bytes that docker history tells of a step's layer: 0 for an empty
// step, [model.Unknown] until they are known.
func (k Stack) Unpacked(step int) int64 {
	if k.Image == nil || step < 0 || step >= len(k.Image.Steps) || k.Image.Steps[step].Empty() {
		return 0
	}
	if l := k.Of(step); l != nil && l.Tree != nil {
		return l.Tree.Unpacked
	}
	return k.Image.Steps[step].Layer.Unpacked
}

// Total returns the unpacked bytes of all steps, and whether every one is known.
func (k Stack) Total() (sum int64, known bool) {
	if k.Image == nil {
		return 0, false
	}
	known = true
	for i := range k.Image.Steps {
		if n := k.Unpacked(i); n == model.Unknown {
			known = false
		} else {
			sum += n
		}
	}
	return sum, known
}

// Dead returns the dead bytes that a step's layer carries; 0 until they are known.
func (k Stack) Dead(step int) int64 {
	if k.Report == nil || k.Image == nil || step < 0 || step >= len(k.Image.Steps) {
		return 0
	}
	l := k.Image.Steps[step].Layer
	if l == nil || l.Index >= len(k.Report.ByLayer) {
		return 0
	}
	return k.Report.ByLayer[l.Index]
}

// Missing returns the layers that could not be read.
func (k Stack) Missing() []int {
	var all []int
	for i, l := range k.Layers {
		if l.Err != nil {
			all = append(all, i)
		}
	}
	return all
}

// unfolded tells whether there are layers whose root has not been made.
func (k Stack) unfolded() bool {
	return slices.ContainsFunc(k.Layers, func(l Layer) bool { return l.Tree != nil && l.Root == nil })
}

// Warnings returns what is wrong with the image: what its metadata told and
// what reading its layers found.
func (k Stack) Warnings() []model.Warning {
	if k.Image == nil {
		return nil
	}
	all := slices.Clone(k.Image.Warnings)
	for _, l := range k.Layers {
		all = append(all, l.Faults...)
	}
	return all
}

// Progress returns the stored bytes read of those that there are; total is
// [model.Unknown] where a layer's size is.
func (k Stack) Progress() (done, total int64) {
	for _, l := range k.Layers {
		done += l.Done
		if total != model.Unknown {
			if l.Total == model.Unknown {
				total = model.Unknown
			} else {
				total += l.Total
			}
		}
	}
	return done, total
}

// trees returns the layers' trees and roots, or false while one is missing.
func (k Stack) trees() (ls []*tree.Layer, rs []*tree.Node, ok bool) {
	for _, l := range k.Layers {
		if l.Tree == nil || l.Root == nil {
			return nil, nil, false
		}
		ls, rs = append(ls, l.Tree), append(rs, l.Root)
	}
	return ls, rs, true
}
