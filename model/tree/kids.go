package tree

import (
	"slices"
	"strings"
)

// shuffled has by name where the children are of those large directories whose
// entries come in no order. All others have their kids sorted at any time.
type shuffled map[*Node]map[string]int

// few is how many children are moved to put one in its place.
const few = 64

// child returns the child of that name, or nil. In most tars it is the last
// one, or one that comes after it.
func (b *Builder) child(n *Node, name string) *Node {
	if len(n.Kids) == 0 {
		return nil
	}
	if kids := b.shuffled[n]; kids != nil {
		if at, ok := kids[name]; ok {
			return n.Kids[at]
		}
		return nil
	}
	switch last := n.Kids[len(n.Kids)-1]; strings.Compare(last.Name, name) {
	case -1:
		return nil
	case 0:
		return last
	}
	return n.kid(name)
}

// put makes a child that is not there yet.
func (b *Builder) put(n *Node, name string) *Node {
	k := b.made(b.room.text(name))
	at := len(n.Kids)
	switch kids := b.shuffled[n]; {
	case kids != nil:
		kids[k.Name] = at
		b.places++
	case at == 0 || n.Kids[at-1].Name < name:
	case at < few:
		at, _ = search(n.Kids, name)
	default:
		b.shuffle(n)[k.Name] = at
	}
	m := b.room.more(n)
	if len(m.Kids) == cap(m.Kids) {
		m.Kids = b.room.grown(m.Kids)
	}
	m.Kids = slices.Insert(m.Kids, at, k)
	return k
}

// close puts the children of a directory together that most likely has all of
// them: most tars do not come back to one. It does so but once.
func (b *Builder) close(n *Node) {
	if n.closed || len(n.Kids) == 0 || b.shuffled[n] != nil {
		return
	}
	n.closed = true
	if kids := n.Kids; len(kids) < cap(kids) {
		n.more.Kids = b.room.exact(kids)
		b.room.keep(kids)
	}
}

// swap puts a node in the place of a child of that name.
func (b *Builder) swap(d, k *Node) {
	at, ok := b.shuffled[d][k.Name]
	if !ok {
		at, _ = search(d.Kids, k.Name)
	}
	d.Kids[at] = k
}

func (b *Builder) shuffle(n *Node) map[string]int {
	kids := make(map[string]int, 2*len(n.Kids))
	for i, k := range n.Kids {
		kids[k.Name] = i
	}
	b.shuffled[n] = kids
	b.places += len(kids)
	return kids
}
