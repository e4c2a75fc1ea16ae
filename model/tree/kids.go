package tree

import (
	"slices"
	"strings"
)

// shuffled has the children by name of those large directories whose entries
// come in no order. All others have their kids sorted at any time.
type shuffled map[*Node]map[string]*Node

// few is how many children are moved to put one in its place.
const few = 64

// child returns the child of that name, or nil. In most tars it is the last
// one, or one that comes after it.
func (b *Builder) child(n *Node, name string) *Node {
	if len(n.Kids) == 0 {
		return nil
	}
	if kids := b.shuffled[n]; kids != nil {
		return kids[name]
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
	k := b.made(name)
	at := len(n.Kids)
	switch kids := b.shuffled[n]; {
	case kids != nil:
		kids[name] = k
	case at == 0 || n.Kids[at-1].Name < name:
	case at < few:
		at, _ = search(n.Kids, name)
	default:
		b.shuffle(n)[name] = k
	}
	n.Kids = slices.Insert(n.Kids, at, k)
	return k
}

func (b *Builder) shuffle(n *Node) map[string]*Node {
	kids := make(map[string]*Node, 2*len(n.Kids))
	for _, k := range n.Kids {
		kids[k.Name] = k
	}
	b.shuffled[n] = kids
	return kids
}

func (b *Builder) made(name string) *Node {
	b.nodes++
	return b.room.node(Node{Name: name, Layer: b.index, mark: implied})
}

// room makes nodes and payloads many at a time. Those of a layer live as long
// as the layer does.
type room struct {
	nodes    []Node
	payloads []Payload
	made     int
}

// most is how many nodes are made at once: a page of the allocator's.
const most = 186

func (r *room) node(n Node) *Node {
	if len(r.nodes) == cap(r.nodes) {
		r.nodes = make([]Node, 0, min(max(r.made, 8), most))
	}
	r.made++
	r.nodes = append(r.nodes, n)
	return &r.nodes[len(r.nodes)-1]
}

func (r *room) payload(p Payload) *Payload {
	if len(r.payloads) == cap(r.payloads) {
		r.payloads = make([]Payload, 0, min(max(r.made, 8), most))
	}
	r.payloads = append(r.payloads, p)
	return &r.payloads[len(r.payloads)-1]
}
