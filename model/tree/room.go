package tree

import (
	"math/bits"
	"slices"
	"strings"
)

// room makes what the nodes of a layer are of, many at a time. All of it lives
// as long as the layer does.
type room struct {
	nodes [][]Node // only in the last one is room left
	mores []more
	links []linked
	names strings.Builder
	metas metas
	made  int
	held  int64           // about how many bytes it takes
	kids  []*Node         // of many directories, one after the other
	spare [32][]([]*Node) // room for children that nobody needs any more, by the logarithm of how many
}

// How much is made at once: an eighth of what there is, within bounds. The
// largest fills the allocator's pages.
const (
	leastNodes = 16
	mostNodes  = 1024
	mostMores  = 128
	mostText   = 16 << 10
	mostSpare  = 64
)

// What things take with the room that they are made in and grow in, until they
// are a root: somewhat more than that, which a test holds.
const (
	perNode  = 120 // and its place among the children of its directory
	perMore  = 160 // and the directory over nothing, where it is another
	perLink  = 140
	perMeta  = 400
	perWait  = 160
	perPlace = 100 // in a directory out of order
)

// unsaid is what a path has of which nothing was said.
var unsaid = new(meta).ready()

// node makes one that has a name and nothing else.
func (r *room) node(name string, layer int16) *Node {
	last := len(r.nodes) - 1
	if last < 0 || len(r.nodes[last]) == cap(r.nodes[last]) {
		r.nodes = append(r.nodes, make([]Node, 0, min(max(r.made/8, leastNodes), mostNodes)))
		last++
	}
	r.made++
	r.held += perNode
	s := r.nodes[last]
	s = s[:len(s)+1]
	r.nodes[last] = s
	n := &s[len(s)-1]
	n.Name, n.more, n.Layer = name, unsaid.plain, layer
	return n
}

// more returns what a node has that few have, to be written to.
func (r *room) more(n *Node) *more {
	if n.more != n.plain {
		return n.more
	}
	r.held += perMore
	if len(r.mores) == cap(r.mores) {
		r.mores = make([]more, 0, min(max(r.made/64, 4), mostMores))
	}
	r.mores = r.mores[:len(r.mores)+1]
	m := &r.mores[len(r.mores)-1]
	m.meta, m.link = n.meta, &noLink
	n.more = m
	return m
}

// link returns what a link has, to be written to.
func (r *room) link(n *Node) *link {
	if n.more.link != &noLink {
		return n.more.link
	}
	r.held += perLink
	if len(r.links) == cap(r.links) {
		r.links = make([]linked, 0, min(max(r.made/64, 4), mostMores))
	}
	r.links = r.links[:len(r.links)+1]
	l := &r.links[len(r.links)-1]
	l.meta, l.kids, l.link = n.meta, n.kids, &l.of
	n.more = &l.more
	return &l.of
}

// grown returns children with room for more of them.
func (r *room) grown(kids []*Node) []*Node {
	log := bits.Len(uint(2*len(kids) | 3))
	var more []*Node
	if s := r.spare[log]; len(s) > 0 {
		more, r.spare[log] = s[len(s)-1], s[:len(s)-1]
	} else {
		more = make([]*Node, 0, 1<<log)
	}
	more = append(more, kids...)
	r.keep(kids)
	return more
}

// keep keeps the room of children that are elsewhere now.
func (r *room) keep(kids []*Node) {
	log := bits.Len(uint(cap(kids))) - 1
	if log >= 2 && len(r.spare[log]) < mostSpare {
		r.spare[log] = append(r.spare[log], kids[:0:1<<log])
	}
}

// exact returns children in no more room than they need.
func (r *room) exact(kids []*Node) []*Node {
	if len(kids) == cap(kids) {
		return kids
	}
	if cap(r.kids)-len(r.kids) < len(kids) {
		r.kids = make([]*Node, 0, max(min(r.made/8, mostNodes), len(kids)))
	}
	from := len(r.kids)
	r.kids = append(r.kids, kids...)
	return slices.Clip(r.kids[from:])
}

// text keeps a string among others.
func (r *room) text(s string) string {
	r.held += int64(len(s) + len(s)/4)
	if len(s) > mostText/8 {
		return strings.Clone(s)
	}
	if r.names.Cap()-r.names.Len() < len(s) {
		r.names = strings.Builder{}
		r.names.Grow(min(max(r.made, len(s), 64), mostText))
	}
	from := r.names.Len()
	r.names.WriteString(s)
	return r.names.String()[from:]
}
