package tree

import (
	"encoding/binary"
	"hash/maphash"
	"slices"
	"strings"
)

// mark is what a layer says of a path beyond the path itself. Roots have none.
type mark uint8

const (
	whiteout mark = 1 << iota // the lower path is gone, and nothing takes its place
	replaces                  // the lower path is gone, this one takes its place
	opaque                    // what the lower directory holds is gone
	implied                   // no entry of its own: the lower metadata stay
	dangling                  // a hard link whose target this layer does not carry
	mixed                     // something beneath has a mark
	again                     // while building: a hard link to something else than a file
)

// seed makes sums of one process comparable, and unknown to who makes images.
var seed = maphash.MakeSeed()

// seal computes what a node says of all beneath it.
func (n *Node) seal() {
	var h maphash.Hash
	h.SetSeed(seed)
	h.WriteString(n.Name)
	n.hash(&h)
	n.Bytes, n.Count = 0, 1
	if n.Kind == File {
		n.Bytes = n.Size
	}
	var b [8]byte
	for _, k := range n.Kids {
		binary.LittleEndian.PutUint64(b[:], k.Sum)
		h.Write(b[:])
		n.Bytes += k.Bytes
		n.Count += k.Count
		if k.mark != 0 {
			n.mark |= mixed
		}
	}
	n.Sum = h.Sum64()
}

// hash covers the attributes. A hard link counts as the file that it is a name of.
func (n *Node) hash(h *maphash.Hash) {
	kind, link := n.Kind, n.Link
	content := uint64(0)
	if n.Payload != nil {
		kind, link, content = File, "", n.Payload.Content
	}
	var b [73]byte
	for i, v := range [...]uint64{uint64(n.Mode), uint64(n.UID), uint64(n.GID), uint64(n.Size), uint64(n.ModTime), uint64(n.Major), uint64(n.Minor), content, uint64(len(link))} {
		binary.LittleEndian.PutUint64(b[8*i:], v)
	}
	b[72] = byte(kind)
	h.Write(b[:])
	h.WriteString(link)
	h.WriteString(n.Xattrs)
}

// kid returns the child of that name, or nil.
func (n *Node) kid(name string) *Node {
	if n == nil {
		return nil
	}
	if i, found := search(n.Kids, name); found {
		return n.Kids[i]
	}
	return nil
}

// search returns where among sorted nodes a name is, or would be.
func search(kids []*Node, name string) (at int, found bool) {
	return slices.BinarySearchFunc(kids, name, func(k *Node, name string) int { return strings.Compare(k.Name, name) })
}

// Find returns the node at a path ("/", "/etc/passwd"), or nil.
func (n *Node) Find(path string) *Node {
	for name := range elements(path) {
		if n = n.kid(name); n == nil {
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
	for _, k := range n.Kids {
		k.walk(path+"/"+k.Name, f)
	}
}

// Made returns the node of that name with kids in byte order of their names,
// for who knows a root otherwise than by its layers.
func Made(name string, a Attr, p *Payload, kids []*Node) *Node {
	n := &Node{Name: name, Attr: a, Payload: p, Kids: kids}
	n.seal()
	return n
}
