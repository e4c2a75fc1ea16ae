package tree

import "strings"

// room makes what the nodes of a layer are of, many at a time. All of it lives
// as long as the layer does.
type room struct {
	nodes [][]Node // only in the last one is room left
	mores []more
	names strings.Builder
	metas metas
	made  int
}

// How much is made at once: an eighth of what there is, within bounds. The
// largest fills the allocator's pages.
const (
	leastNodes = 16
	mostNodes  = 1024
	mostMores  = 128
	mostText   = 16 << 10
)

// unsaid is what a path has of which nothing was said.
var unsaid meta

// node makes one that has a name and nothing else.
func (r *room) node(name string, layer int16) *Node {
	last := len(r.nodes) - 1
	if last < 0 || len(r.nodes[last]) == cap(r.nodes[last]) {
		r.nodes = append(r.nodes, make([]Node, 0, min(max(r.made/8, leastNodes), mostNodes)))
		last++
	}
	r.made++
	s := r.nodes[last]
	s = s[:len(s)+1]
	r.nodes[last] = s
	n := &s[len(s)-1]
	n.Name, n.meta, n.more, n.Layer = name, &unsaid, &nothing, layer
	return n
}

// more returns what a node has that few have, to be written to.
func (r *room) more(n *Node) *more {
	if n.more != &nothing {
		return n.more
	}
	if len(r.mores) == cap(r.mores) {
		r.mores = make([]more, 0, min(max(r.made/64, 4), mostMores))
	}
	r.mores = r.mores[:len(r.mores)+1]
	n.more = &r.mores[len(r.mores)-1]
	return n.more
}

// text keeps a string among others.
func (r *room) text(s string) string {
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
