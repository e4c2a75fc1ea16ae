package tree

import (
	"slices"
	"strings"
)

// Entry is one header of a layer's tar, with its path as the tar has it.
type Entry struct {
	Path string
	Attr
	Content uint64 // hash of the bytes
	Offset  int64  // of the first content byte in the uncompressed tar; −1 where sparse
	// Unread tells that the bytes of a file were passed over: Content is not
	// known. [Unread] says of which it must be learned.
	Unread bool
}

// Builder gathers the entries of one layer in the order of its tar. Until
// [Builder.Layer] it writes to its nodes, and their marks say: implied has no
// entry of its own so far, replaces hides what lies below.
type Builder struct {
	index    int16
	root     *Node
	entries  int
	files    int
	waiting  map[*Node]string // the hard links whose target is not in the layer, with its path
	shuffled shuffled
	places   int  // that shuffled has
	odd      bool // there are names that begin as a whiteout's
	room     room
	dir      []byte   // where the entry before stood, as most stand where that one did
	open     []step   // the directories down to there
	left     [8]*Node // those that were left last, to which tars come back
	leaves   int
}

// step is a directory on the way, and where in a path its own ends.
type step struct {
	node *Node
	end  int
}

// NewBuilder starts the layer with that index.
func NewBuilder(index int) *Builder {
	b := &Builder{index: int16(index), waiting: map[*Node]string{}, shuffled: shuffled{}}
	b.root = b.made("")
	b.open = []step{{b.root, 0}}
	return b
}

func (b *Builder) made(name string) *Node {
	n := b.room.node(name, b.index)
	n.mark = implied
	return n
}

// Held returns about how many bytes of memory the layer takes so far, and not less.
func (b *Builder) Held() int64 {
	return b.room.held + perMeta*int64(len(b.room.metas.all)) + b.room.metas.text + perWait*int64(len(b.waiting)) + perPlace*int64(b.places)
}

// The names by which the layers of the OCI image-spec say that something is gone.
const (
	whiteoutPrefix = ".wh."
	whiteoutMeta   = ".wh..wh."
	whiteoutOpaque = ".wh..wh..opq"
)

// Add takes the next entry, and keeps none of its strings. Whiteouts and opaque
// marks are told by name. A directory whose path cleans to nothing sets the
// root's metadata; anything else of such a path stands nowhere.
func (b *Builder) Add(e Entry) {
	b.entries++
	if name := b.beside(e.Path); name != "" {
		b.say(b.stand(name, e.Kind), &e)
		return
	}
	path := Clean(e.Path)
	if name := base(path); strings.HasPrefix(name, whiteoutPrefix) {
		b.hide(b.resolve(path), name)
		return
	}
	b.say(b.place(path, e.Kind), &e)
}

// beside returns the name of a path that lies in the directory where the entry
// before did, as most do, if it is as it would be cleaned, and no whiteout; else "".
func (b *Builder) beside(path string) string {
	if len(path) < len(b.dir)+2 || path[len(b.dir)] != '/' || path[:len(b.dir)] != string(b.dir) {
		return ""
	}
	name := path[len(b.dir)+1:]
	if end := len(name) - 1; end > 0 && name[end] == '/' {
		name = name[:end] // a directory's
	}
	if name[0] == '.' || strings.IndexByte(name, '/') >= 0 {
		return ""
	}
	return name
}

// say puts what an entry says into its node.
func (b *Builder) say(n *Node, e *Entry) {
	b.take(n, &e.Attr)
	switch e.Kind {
	case File:
		n.carry(b.entries-1, e)
		b.files++
	case Hardlink:
		b.link(n)
	}
}

func base(path string) string { return path[strings.LastIndexByte(path, '/')+1:] }

// place returns the node for an entry of a kind: what stood at its path is gone,
// but for a directory's where the entry is one, too.
func (b *Builder) place(path string, k Kind) *Node {
	if path == "/" {
		if k == Dir {
			return b.root
		}
		n := b.made("")
		b.astray(n, path)
		return n
	}
	return b.stand(base(b.above(path)), k)
}

// stand is place for a name in the directory that is open.
func (b *Builder) stand(name string, k Kind) *Node {
	d := b.top()
	n, at := b.child(d, name)
	if n == nil {
		return b.put(d, name, at)
	}
	path := string(b.dir) + "/" + n.Name
	was := b.room.made
	n = b.clear(d, n, path)
	if k != Dir && len(n.kids) > 0 {
		for _, kid := range n.kids {
			b.lose(kid, path+"/"+kid.Name)
		}
		delete(b.shuffled, n)
		n.kids = nil
	}
	if k == File && was == b.room.made {
		return b.renew(d, n) // files are made in their order
	}
	return n
}

// renew puts another node in the place of one.
func (b *Builder) renew(d, n *Node) *Node {
	fresh := b.made(n.Name)
	fresh.mark = n.mark
	b.swap(d, fresh)
	return fresh
}

// above opens the directory that a path stands in, and returns the path: a symlink
// of this layer on the way leads on, as it does where layers are unpacked.
// What else stands in the way becomes a directory.
func (b *Builder) above(path string) string {
	dir := path[:strings.LastIndexByte(path, '/')]
	if dir != string(b.dir) {
		b.leave(dir)
	}
	for len(b.dir) < len(dir) {
		name, _, _ := strings.Cut(dir[len(b.dir)+1:], "/")
		done := len(b.dir) + 1 + len(name)
		d := b.top()
		n := b.kid(d, name)
		if n.bars() {
			if to := b.resolve(path); to != path {
				return b.above(to)
			}
			n = b.clear(d, n, path[:done])
		}
		b.dir = append(b.dir, dir[len(b.dir):done]...)
		b.open = append(b.open, step{n, done})
	}
	return path
}

// top is the directory that is open.
func (b *Builder) top() *Node { return b.open[len(b.open)-1].node }

// leave goes up to the directory that a path lies in, too.
func (b *Builder) leave(dir string) {
	common := 0
	for common < len(dir) && common < len(b.dir) && dir[common] == b.dir[common] {
		common++
	}
	last := len(b.open) - 1
	for s := b.open[last]; s.end > common || s.end < len(dir) && dir[s.end] != '/'; s = b.open[last] {
		b.leftBehind(s.node)
		last--
	}
	b.open = b.open[:last+1]
	b.dir = b.dir[:b.open[last].end]
}

// leftBehind closes the directory that was left longest ago of the last few.
func (b *Builder) leftBehind(n *Node) {
	if n.state&closed != 0 || slices.Contains(b.left[:], n) {
		return
	}
	oldest := &b.left[b.leaves%len(b.left)]
	if d := *oldest; d != nil && !slices.ContainsFunc(b.open, func(s step) bool { return s.node == d }) {
		b.close(d)
	}
	*oldest = n
	b.leaves++
}

// kid returns the child of that name, made if there is none.
func (b *Builder) kid(n *Node, name string) *Node {
	k, at := b.child(n, name)
	if k != nil {
		return k
	}
	return b.put(n, name, at)
}

// take puts what an entry says.
func (b *Builder) take(n *Node, a *Attr) {
	n.is(b.room.metas.of(a))
	n.Size, n.ModTime = a.Size, a.ModTime
	if a.Link != "" && (a.Kind == Symlink || a.Kind == Hardlink) {
		b.room.link(n).Link = b.room.text(a.Link)
	}
	n.mark &^= implied
}

// clear takes away what is no directory, and returns what stands in its place.
// What that hid stays hidden. A file stays what its names are of.
func (b *Builder) clear(d, n *Node, path string) *Node {
	if !n.bars() {
		return n
	}
	delete(b.waiting, n)
	if n.Kind == File {
		b.astray(n, path)
		n = b.renew(d, n)
	}
	n.more, n.Size, n.ModTime = unsaid.plain, 0, 0
	n.mark = implied | replaces
	return n
}

// astray notes the path of a file that no name reaches any more.
func (b *Builder) astray(n *Node, path string) {
	n.mark |= stray
	b.room.link(n).Link = b.room.text(path)
}

// lose leads all files astray that a node is, or has beneath it.
func (b *Builder) lose(n *Node, path string) {
	if n.Kind == File {
		b.astray(n, path)
	}
	for _, k := range n.kids {
		b.lose(k, path+"/"+k.Name)
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
		b.above(path)
		b.top().mark |= opaque
	case !strings.HasPrefix(name, whiteoutMeta):
		b.above(path)
		b.kid(b.top(), target).mark |= replaces
	}
}

// covered tells whether a path stands at or beneath something that is no directory.
func (b *Builder) covered(path string) bool {
	n := b.root
	for name := range elements(path) {
		if n, _ = b.child(n, name); n == nil {
			return false
		}
		if n.bars() {
			return true
		}
	}
	return false
}
