package tree

import (
	"slices"
	"strings"
)

// mark is what a layer says of a path beyond the path itself. In a root it says
// nothing.
type mark uint8

const (
	whiteout mark = 1 << iota // the lower path is gone, and nothing takes its place
	replaces                  // the lower path is gone, this one takes its place
	opaque                    // what the lower directory holds is gone
	implied                   // no entry of its own: the lower metadata stay
	dangling                  // a hard link whose target this layer does not carry
	mixed                     // something beneath is gone, or dangling: over nothing it is not as it stands
	again                     // while building: a hard link to something else than a file
	stray                     // a file that the layer carries and no name reaches; its Link is its path
)

// seal counts what is beneath a directory.
func (n *Node) seal() {
	if n.Kind != Dir {
		return
	}
	n.offset, n.entry = 0, 1
	if n.state&shelf != 0 {
		n.entry = 0
	}
	for _, k := range n.kids {
		n.offset += k.Bytes()
		n.entry += uint32(k.Count())
		if k.mark&(whiteout|dangling|mixed) != 0 {
			n.mark |= mixed
		}
	}
}

// Kid returns the child of that name, or nil.
func (n *Node) Kid(name string) *Node {
	if n == nil {
		return nil
	}
	i, found := search(n.kids, name)
	switch {
	case n.isWide() && found:
		return n.kids[i].kids[0]
	case n.isWide() && i > 0:
		return n.kids[i-1].Kid(name)
	case found:
		return n.kids[i]
	}
	return nil
}

// search returns where among sorted nodes a name is, or would be.
func search(kids []*Node, name string) (at int, found bool) {
	return slices.BinarySearchFunc(kids, name, func(k *Node, name string) int { return strings.Compare(k.Name, name) })
}

// fetchUnshared has nodes come out of the memory that stand at one place and are not
// one node, for they are about to be looked at: together, for one after the other they
// would be waited for.
//
//go:noinline
func fetchUnshared(b, a []*Node) (nothing uint32) {
	for i := range min(len(b), len(a)) {
		if b[i] != a[i] {
			nothing += b[i].entry + a[i].entry
		}
	}
	return nothing
}

// fetchFew does so with nodes of which some are looked at, where they are few.
//
//go:noinline
func fetchFew(nodes []*Node) (nothing uint32) {
	const few = 64
	if len(nodes) > few {
		return 0
	}
	for _, n := range nodes {
		nothing += n.entry
	}
	return nothing
}

// Find returns the node at a path ("/", "/etc/passwd"), or nil.
func (n *Node) Find(path string) *Node {
	for name := range elements(path) {
		if n = n.Kid(name); n == nil {
			return nil
		}
	}
	return n
}

// Walk calls f for n and every node beneath it in preorder, with its cleaned
// path, until f returns false, which leaves out what is beneath.
func (n *Node) Walk(f func(path string, n *Node) bool) {
	if n != nil {
		n.walk("", f)
	}
}

func (n *Node) walk(path string, f func(string, *Node) bool) {
	shown := path
	if shown == "" {
		shown = "/"
	}
	if !f(shown, n) {
		return
	}
	for k := range n.all {
		k.walk(path+"/"+k.Name, f)
	}
}
