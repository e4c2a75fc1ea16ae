package tree

import "slices"

// A wide directory keeps its children on shelves, nodes of no name of their own.
// A layer that changes one of many thousand files makes one shelf anew, not all.
const (
	wide  = 256 // as many children a directory, or a shelf, has at the most
	share = 128 // of which a shelf gets so many when it is made
)

// shelfMeta makes a shelf count what is on it as a directory does.
var shelfMeta = (&meta{Kind: Dir}).ready()

// shelved returns children, on shelves where they are many.
func shelved(kids []*Node) []*Node {
	if len(kids) <= wide {
		return kids
	}
	shelves := make([]*Node, 0, len(kids)/share+1)
	for some := range slices.Chunk(kids, share) {
		shelves = append(shelves, newShelf(some))
	}
	return shelves
}

// newShelf makes a shelf, which goes by the name of its first child.
func newShelf(kids []*Node) *Node {
	n := &Node{Name: kids[0].Name, more: &more{meta: shelfMeta, kids: kids, link: &noLink}, state: shelf}
	n.seal()
	return n
}

// isWide tells whether a directory has shelves.
func (n *Node) isWide() bool { return len(n.kids) > 0 && n.kids[0].state&shelf != 0 }

// Kids returns the children of a directory by name in byte order. It is not to be
// written to.
func (n *Node) Kids() []*Node {
	if !n.isWide() {
		return n.kids
	}
	all := make([]*Node, 0, n.Len())
	for _, s := range n.kids {
		all = append(all, s.kids...)
	}
	return all
}

// Len returns how many children a directory has.
func (n *Node) Len() int {
	if !n.isWide() {
		return len(n.kids)
	}
	all := 0
	for _, s := range n.kids {
		all += len(s.kids)
	}
	return all
}

// all yields the children.
func (n *Node) all(yield func(*Node) bool) {
	for c := over(n); len(c.kids) > 0; c.next() {
		if !yield(c.kids[0]) {
			return
		}
	}
}

// cursor goes over the children of a directory.
type cursor struct {
	kids    []*Node // from the one it is at, on its shelf
	shelf   *Node   // where it is at the first one of it
	shelves []*Node // that follow
}

func over(n *Node) cursor {
	switch {
	case n == nil:
		return cursor{}
	case n.isWide():
		c := cursor{shelves: n.kids}
		c.take()
		return c
	}
	return cursor{kids: n.kids}
}

// next goes to the next child.
func (c *cursor) next() {
	c.shelf = nil
	if c.kids = c.kids[1:]; len(c.kids) == 0 {
		c.take()
	}
}

// take goes to the next shelf.
func (c *cursor) take() {
	if c.shelf, c.kids = nil, nil; len(c.shelves) > 0 {
		c.shelf, c.kids, c.shelves = c.shelves[0], c.shelves[0].kids, c.shelves[1:]
	}
}
