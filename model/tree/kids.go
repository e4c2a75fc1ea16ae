package tree

import "strings"

// shuffled has by name where the children are of those large directories whose
// entries come in no order. All others have their kids sorted at any time.
type shuffled map[*Node]map[string]int

// few is how many children are moved to put one in its place.
const few = 64

// child returns the child of that name, or nil, and where it is, or would be put.
// In most tars it is the last one, or one that comes after it.
func (b *Builder) child(n *Node, name string) (k *Node, at int) {
	end := len(n.kids)
	if end == 0 {
		return nil, 0
	}
	if kids := b.shuffled[n]; kids != nil {
		if at, ok := kids[name]; ok {
			return n.kids[at], at
		}
		return nil, end
	}
	last := n.kids[end-1]
	switch order := strings.Compare(last.Name, name); {
	case order < 0:
		return nil, end
	case order == 0:
		return last, end - 1
	}
	at, found := search(n.kids, name)
	if !found {
		return nil, at
	}
	return n.kids[at], at
}

// put makes a child that is not there yet, where it is to be.
func (b *Builder) put(n *Node, name string, at int) *Node {
	b.odd = b.odd || strings.HasPrefix(name, whiteoutPrefix)
	k := b.made(b.room.text(name))
	m := b.room.more(n)
	end := len(m.kids)
	switch kids := b.shuffled[n]; {
	case kids != nil:
		kids[k.Name] = at
		b.places++
	case at < end && end >= few:
		at = end
		b.shuffle(n)[k.Name] = at
	}
	if end == cap(m.kids) {
		m.kids = b.room.grown(m.kids)
	}
	m.kids = m.kids[:end+1]
	copy(m.kids[at+1:], m.kids[at:])
	m.kids[at] = k
	return k
}

// close puts the children of a directory together that most likely has all of
// them: most tars do not come back to one. It does so but once.
func (b *Builder) close(n *Node) {
	if n.state&closed != 0 || len(n.kids) == 0 || b.shuffled[n] != nil {
		return
	}
	n.state |= closed
	if kids := n.kids; len(kids) < cap(kids) {
		n.more.kids = b.room.exact(kids)
		b.room.keep(kids)
	}
}

// swap puts a node in the place of a child of that name.
func (b *Builder) swap(d, k *Node) {
	at, ok := b.shuffled[d][k.Name]
	if !ok {
		at, _ = search(d.kids, k.Name)
	}
	d.kids[at] = k
}

func (b *Builder) shuffle(n *Node) map[string]int {
	kids := make(map[string]int, 2*len(n.kids))
	for i, k := range n.kids {
		kids[k.Name] = i
	}
	b.shuffled[n] = kids
	b.places += len(kids)
	return kids
}
