package tree

import "strings"

// Linux gives up on a path beyond these.
const (
	maxLinks = 40
	maxPath  = 4096
)

// resolve returns a cleaned path with the symlinks followed that this layer has
// on the way to its last name; or as it is where they lead nowhere.
func (b *Builder) resolve(path string) string {
	to := path
	for range maxLinks + 1 {
		next := b.follow(to)
		if next == to {
			return to
		}
		if len(next) > maxPath {
			break
		}
		to = next
	}
	return path
}

// follow follows the first symlink.
func (b *Builder) follow(path string) string {
	n, done := b.root, 0
	for name := range elements(path) {
		if n.said() && n.Kind == Symlink {
			return leadsTo(path[:done], n.Link, path[done:])
		}
		if n, _ = b.child(n, name); n == nil {
			return path
		}
		done += 1 + len(name)
	}
	return path
}

// leadsTo returns where rest is beneath the symlink at a path.
func leadsTo(symlink, target, rest string) string {
	if strings.HasPrefix(target, "/") {
		return Clean(target + rest)
	}
	return Clean(symlink[:strings.LastIndexByte(symlink, '/')+1] + target + rest)
}

// link makes a hard link one more name of what its target is at this moment in
// this layer. Where the layer has nothing there, the link waits for [Fold].
func (b *Builder) link(n *Node) {
	target := b.resolve(Clean(n.Link))
	t := b.find(target)
	if t == nil || t == n || t.mark&^replaces == implied && t.kids == nil {
		b.waiting[n] = b.room.text(target)
		return
	}
	if to, ok := b.waiting[t]; ok {
		b.waiting[n] = to
		return
	}
	switch {
	case t.Payload() != nil:
		b.room.link(n).of, n.Size = t.Payload(), t.Payload().Size
	case t.Kind.special():
		n.become(t)
		n.mark |= again
	}
}

// become makes a hard link what it leads to, which is no file.
func (n *Node) become(t *Node) {
	n.more, n.Size, n.ModTime = t.plain, t.Size, t.ModTime
	if t.Link != "" {
		n.more = newLink(t.meta, link{Link: t.Link})
	}
}

// special tells whether a kind is neither a directory nor has content.
func (k Kind) special() bool { return k == Symlink || k == Char || k == Block || k == Fifo }

func (b *Builder) find(path string) *Node {
	n := b.root
	for name := range elements(path) {
		if n, _ = b.child(n, name); n == nil {
			return nil
		}
	}
	return n
}

// resolve gives a hard link that waits what the root beneath has at its target,
// else what its own layer carries there in the end.
func (f *folding) resolve(n *Node, target string) {
	t := f.lower.Find(target)
	if t == nil || t.Payload() == nil && !t.Kind.special() {
		t = f.layer.Root.Find(target)
	}
	switch {
	case t == nil:
	case t.Payload() != nil:
		n.more, n.Size = newLink(n.meta, link{n.Link, t.Payload()}), t.Payload().Size
	case t.Kind.special():
		n.become(t)
	}
}
