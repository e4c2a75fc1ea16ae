package tree

import "sync/atomic"

// Equal tells whether nothing differs between two nodes and all beneath them;
// either may be nil. Of two directories it looks at what they do not share, and
// but once: see [verdict].
func Equal(a, b *Node) bool {
	switch {
	case a == b:
		return true
	case a == nil || b == nil || !alike(a, b):
		return false
	case a.Kind != Dir:
		return true
	}
	equal, known := told(a, b)
	if !known {
		v := begun()
		equal = a.Count() == b.Count() && equalKids(a, b)
		v.keep(a, b, equal)
	}
	return equal
}

func equalKids(a, b *Node) bool {
	for k := range (Delta{a, b}).Unshared {
		if !Equal(k.Before, k.After) {
			return false
		}
	}
	return true
}

// alike tells whether two nodes are equal without what is beneath them.
func alike(a, b *Node) bool {
	if a.Name != b.Name || a.Size != b.Size || a.ModTime != b.ModTime || !a.meta.alike(b.meta) {
		return false
	}
	switch { // most are the nodes of their own contents, or directories: for them identity says no more
	case a.Kind == File && b.Kind == File && a.of == nil && b.of == nil:
		c := a.content.Load()
		return c == b.content.Load() && (c != unread || a == b)
	case a.Kind == Dir || b.Kind == Dir:
		return a.Kind == b.Kind
	}
	ka, la, ca := a.identity()
	kb, lb, cb := b.identity()
	return ka == kb && la == lb && ca == cb
}

// identity is what a hard link says as the file that it is a name of.
func (n *Node) identity() (kind Kind, link string, content uint64) {
	if p := n.Payload(); p != nil {
		return File, "", p.Content()
	}
	return n.Kind, n.Link, 0
}

// alike leaves the kind aside.
func (m *meta) alike(o *meta) bool {
	return m == o || m.Mode == o.Mode && m.UID == o.UID && m.GID == o.GID && m.Major == o.Major && m.Minor == o.Minor && m.Xattrs == o.Xattrs
}

// verdict is which comparison of two directories one is, and whether they are
// equal. Both keep the last one, in the place of a content: who asks again need not
// look again.
type verdict uint64

const areEqual verdict = 1 << 63

var (
	verdicts atomic.Uint64 // that have begun
	stale    atomic.Uint64 // of them, those that may have been before a content was learned
)

func begun() verdict { return verdict(verdicts.Add(1)) }

// keep notes what came of it, if both are directories.
func (v verdict) keep(a, b *Node, equal bool) {
	if a.Kind != Dir || b.Kind != Dir {
		return
	}
	if equal {
		v |= areEqual
	}
	a.content.Store(uint64(v))
	b.content.Store(uint64(v))
}

// told returns what came of the last comparison of two directories, if that was
// one with the other and still holds.
func told(a, b *Node) (equal, known bool) {
	if a.Kind != Dir || b.Kind != Dir {
		return false, false
	}
	v := verdict(a.content.Load())
	return v&areEqual != 0, v == verdict(b.content.Load()) && uint64(v&^areEqual) > stale.Load()
}

// outdate lets no verdict hold that has begun.
func outdate() {
	now := verdicts.Load()
	for was := stale.Load(); was < now && !stale.CompareAndSwap(was, now); was = stale.Load() {
	}
}
