package tree

import "strings"

// Entry is one header of a layer's tar, with its path as the tar has it.
type Entry struct {
	Path string
	Attr
	Content uint64 // hash of the bytes
	Offset  int64  // of the first content byte in the uncompressed tar; −1 where sparse
}

// Builder gathers the entries of one layer in the order of its tar. Until
// [Builder.Layer] it writes to its nodes, and their marks say: implied has no
// entry of its own so far, replaces hides what lies below.
type Builder struct {
	index    int
	root     *Node
	payloads []*Payload
	entries  int
	nodes    int
	waiting  map[*Node]string // the hard links whose target is not in the layer, with its path
	shuffled shuffled
	room     room
	dir      string // where the entry before stood, as most stand where that one did
	parent   *Node  // that directory
}

// NewBuilder starts the layer with that index.
func NewBuilder(index int) *Builder {
	b := &Builder{index: index, waiting: map[*Node]string{}, shuffled: shuffled{}}
	b.root = b.made("")
	b.parent = b.root
	return b
}

// Nodes returns how many paths have been made so far, implied ones counted.
func (b *Builder) Nodes() int { return b.nodes }

// The names by which the layers of the OCI image-spec say that something is gone.
const (
	whiteoutPrefix = ".wh."
	whiteoutMeta   = ".wh..wh."
	whiteoutOpaque = ".wh..wh..opq"
)

// Add takes the next entry. Whiteouts and opaque marks are told by name. A
// directory whose path cleans to nothing sets the root's metadata; anything
// else of such a path stands nowhere.
func (b *Builder) Add(e Entry) {
	b.entries++
	path := Clean(e.Path)
	if name := base(path); strings.HasPrefix(name, whiteoutPrefix) {
		b.hide(b.resolve(path), name)
		return
	}
	n, path := b.place(path, e.Kind)
	b.take(n, e.Attr)
	switch e.Kind {
	case File:
		n.Payload = b.room.payload(Payload{Layer: b.index, Entry: b.entries - 1, Path: path, Size: e.Size, Offset: e.Offset, Content: e.Content})
		b.payloads = append(b.payloads, n.Payload)
	case Hardlink:
		b.link(n)
	}
}

func base(path string) string { return path[strings.LastIndexByte(path, '/')+1:] }

// place returns the node for an entry of a kind, and the path where it stands.
// A file's name is a piece of its payload's path.
func (b *Builder) place(path string, k Kind) (*Node, string) {
	if path == "/" {
		if k != Dir {
			return &Node{}, path
		}
		return b.root, path
	}
	d, path := b.above(path)
	name := base(path)
	if n := b.child(d, name); n != nil {
		return n, path
	}
	if k != File {
		name = strings.Clone(name)
	}
	return b.put(d, name), path
}

// above returns the directory that a path stands in, and the path: a symlink
// of this layer on the way leads on, as it does where layers are unpacked.
// What else stands in the way becomes a directory.
func (b *Builder) above(path string) (*Node, string) {
	dir := path[:strings.LastIndexByte(path, '/')]
	if dir == b.dir {
		return b.parent, path
	}
	n := b.root
	for name := range elements(dir) {
		n = b.kid(n, name)
		if !n.bars() {
			continue
		}
		if to := b.resolve(path); to != path {
			return b.above(to)
		}
		b.clear(n)
	}
	b.dir, b.parent = dir, n
	return n, path
}

// kid returns the child of that name, made if there is none.
func (b *Builder) kid(n *Node, name string) *Node {
	if k := b.child(n, name); k != nil {
		return k
	}
	return b.put(n, strings.Clone(name))
}

// take puts an entry. A directory over a directory merges; all else begins anew.
func (b *Builder) take(n *Node, a Attr) {
	b.clear(n)
	if a.Kind != Dir && n.Kids != nil {
		delete(b.shuffled, n)
		n.Kids = nil
	}
	n.Attr, n.mark = a, n.mark&^implied
}

// clear takes away what is no directory. What that hid stays hidden.
func (b *Builder) clear(n *Node) {
	if n.bars() {
		delete(b.waiting, n)
		*n = Node{Name: n.Name, Layer: n.Layer, mark: implied | replaces}
	}
}

// said tells whether a node has an entry of its own.
func (n *Node) said() bool { return n.mark&implied == 0 }

// bars tells whether nothing can stand beneath.
func (n *Node) bars() bool { return n.said() && n.Kind != Dir }

// hide takes a whiteout. One beneath a path that this layer has as something
// else than a directory hides nothing that is not hidden already.
func (b *Builder) hide(path, name string) {
	dir := path[:len(path)-len(name)]
	target := name[len(whiteoutPrefix):]
	if target == "" || target == "." || target == ".." || b.covered(dir) {
		return
	}
	switch {
	case name == whiteoutOpaque:
		n, _ := b.above(path)
		n.mark |= opaque
	case !strings.HasPrefix(name, whiteoutMeta):
		n, _ := b.above(path)
		b.kid(n, target).mark |= replaces
	}
}

// covered tells whether a path stands at or beneath something that is no directory.
func (b *Builder) covered(path string) bool {
	n := b.root
	for name := range elements(path) {
		if n = b.child(n, name); n == nil {
			return false
		}
		if n.bars() {
			return true
		}
	}
	return false
}
