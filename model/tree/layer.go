package tree

import (
	"slices"
	"strings"
)

// Layer is what one layer's tar says: entries, whiteouts and opaque marks.
type Layer struct {
	Index    int
	Root     *Node            // with marks; never nil
	Payloads []*Payload       // every one the tar carries, also those that a later entry of it replaces
	Entries  int              // headers read, whiteouts counted
	Unpacked int64            // bytes of its files and of its symlinks' targets, as docker history counts
	alone    *Node            // the root of this layer laid on nothing
	waiting  map[*Node]string // the hard links whose target is not in the layer, with its path
}

// Layer ends the building.
func (b *Builder) Layer() *Layer {
	f := finishing{b: b, kids: make([]*Node, 0, b.nodes)}
	f.node(b.root)
	l := &Layer{
		Index: b.index, Root: b.root, Payloads: slices.Clip(b.payloads), Entries: b.entries,
		Unpacked: b.root.Bytes + f.targets, waiting: b.waiting,
	}
	l.alone = (&folding{layer: l}).node(nil, l.Root)
	return l
}

// finishing turns a builder's nodes into those of a layer.
type finishing struct {
	b       *Builder
	kids    []*Node // of all directories, one after the other
	targets int64   // bytes of the symlinks' targets
}

func (f *finishing) node(n *Node) {
	if n.mark == implied|replaces && n.Kids == nil {
		n.mark = whiteout
		return
	}
	if !n.said() {
		n.Attr = Attr{Kind: Dir, Mode: 0o755}
	}
	switch n.Kind {
	case Dir:
		f.dir(n)
	case Symlink:
		if n.mark&again == 0 {
			f.targets += int64(len(n.Link))
		}
	case Hardlink:
		if _, ok := f.b.waiting[n]; ok {
			n.mark |= dangling
		}
	}
	if n.Kind != Dir {
		n.mark &= dangling
	}
	n.seal()
}

// dir finishes the children of a directory and puts them in order. What stands
// beneath a name that begins as a whiteout's is part of no root: builders of
// old kept there what hard links lead to.
func (f *finishing) dir(n *Node) {
	if f.b.shuffled[n] != nil {
		slices.SortFunc(n.Kids, func(a, b *Node) int { return strings.Compare(a.Name, b.Name) })
	}
	from := len(f.kids)
	for _, k := range n.Kids {
		if !strings.HasPrefix(k.Name, whiteoutPrefix) {
			f.kids = append(f.kids, k)
		}
	}
	n.Kids = slices.Clip(f.kids[from:])
	for _, k := range n.Kids {
		f.node(k)
	}
}
