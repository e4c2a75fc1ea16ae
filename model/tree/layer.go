package tree

import (
	"cmp"
	"iter"
	"slices"
	"strings"
	"sync/atomic"
)

// Layer is what one layer's tar says: entries, whiteouts and opaque marks.
type Layer struct {
	Index    int
	Root     *Node            // with marks; never nil
	Entries  int              // headers read, whiteouts counted
	Unpacked int64            // bytes of its files and of its symlinks' targets, as docker history counts
	alone    *Node            // the root of this layer laid on nothing
	taken    int64            // bytes of it that are not the layer's own
	waiting  map[*Node]string // the hard links whose target is not in the layer, with its path
	nodes    [][]Node         // all of the layer's own, also those that are in no root
	files    int
	unsorted bool                       // the nodes are in another order than the tar
	sorted   atomic.Pointer[[]*Payload] // the payloads in the order of the tar, where they were asked for
}

// Layer ends the building.
func (b *Builder) Layer() *Layer {
	f := finishing{b: b}
	f.node(b.root)
	l := &Layer{
		Index: int(b.index), Root: b.root, Entries: b.entries, Unpacked: b.root.Bytes() + f.targets,
		waiting: b.waiting, nodes: b.room.nodes, files: b.files,
	}
	l.lone()
	return l
}

// Payloads yields every payload that the tar carries, also those that a later
// entry of it replaces, in its order.
func (l *Layer) Payloads() iter.Seq[*Payload] {
	if l.unsorted {
		return slices.Values(l.byEntry())
	}
	return func(yield func(*Payload) bool) {
		for _, some := range l.nodes {
			for i := range some {
				if n := &some[i]; n.Kind == File && !yield((*Payload)(n)) {
					return
				}
			}
		}
	}
}

// byEntry returns the payloads in the order of the tar.
func (l *Layer) byEntry() []*Payload {
	if all := l.sorted.Load(); all != nil {
		return *all
	}
	all := make([]*Payload, 0, l.files)
	for _, some := range l.nodes {
		for i := range some {
			if n := &some[i]; n.Kind == File {
				all = append(all, (*Payload)(n))
			}
		}
	}
	slices.SortStableFunc(all, func(a, b *Payload) int { return cmp.Compare(a.entry, b.entry) })
	l.sorted.Store(&all)
	return all
}

// Files returns how many payloads there are.
func (l *Layer) Files() int { return l.files }

// Has tells whether a payload is one of the layer's.
func (l *Layer) Has(p *Payload) bool {
	for q := range l.Payloads() {
		if q == p {
			return true
		}
	}
	return false
}

// finishing turns a builder's nodes into those of a layer.
type finishing struct {
	b       *Builder
	names   []string // of the directories on the way
	targets int64    // bytes of the symlinks' targets
}

func (f *finishing) node(n *Node) {
	if n.mark == implied|replaces && n.kids == nil {
		n.mark = whiteout
		return
	}
	if !n.said() {
		n.is(f.b.room.metas.of(&Attr{Kind: Dir, Mode: 0o755}))
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
		slices.SortFunc(n.kids, func(a, b *Node) int { return strings.Compare(a.Name, b.Name) })
	}
	f.names = append(f.names, n.Name)
	kids := n.kids
	if f.b.odd {
		kids = f.inRoot(n)
	}
	if len(n.kids) > 0 {
		n.more.kids = f.b.room.exact(kids)
	}
	for _, k := range n.kids {
		f.node(k)
	}
	if len(n.kids) > wide {
		n.more.kids = shelved(n.kids)
	}
	f.names = f.names[:len(f.names)-1]
}

// inRoot returns the children of a directory that are part of a root.
func (f *finishing) inRoot(n *Node) []*Node {
	kids := n.kids[:0]
	for _, k := range n.kids {
		if strings.HasPrefix(k.Name, whiteoutPrefix) {
			f.b.lose(k, strings.Join(f.names, "/")+"/"+k.Name)
			continue
		}
		kids = append(kids, k)
	}
	return kids
}

// Locate sets for payloads of the layer, which are the keys of where, the cleaned
// path at which the layer puts them.
func (l *Layer) Locate(where map[*Payload]string) {
	f := finding{where: where, left: len(where)}
	for p := range where {
		if p.mark&stray != 0 {
			where[p] = p.Link
			f.left--
		}
	}
	f.node(l.Root)
}

// finding walks over a layer until all is found.
type finding struct {
	where map[*Payload]string
	left  int
	path  []byte
}

func (f *finding) node(n *Node) {
	if f.left == 0 {
		return
	}
	if n.Kind == File {
		if _, wanted := f.where[(*Payload)(n)]; wanted {
			f.where[(*Payload)(n)] = string(f.path)
			f.left--
		}
		return
	}
	for k := range n.all {
		at := len(f.path)
		f.path = append(append(f.path, '/'), k.Name...)
		f.node(k)
		f.path = f.path[:at]
	}
}
