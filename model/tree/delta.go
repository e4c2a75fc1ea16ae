package tree

import "strings"

// Change says how a path differs between two roots.
type Change uint8

// The changes, with the letters that stand beside every colour.
const (
	Same     Change = iota
	Added           // A
	Modified        // M: content
	Touched         // m: only mode, owner, mtime or xattr
	Replaced        // R: by another kind
	Removed         // D
	Within          // a directory that only holds changes
)

// Letter returns A, M, m, R, D, or a space.
func (c Change) Letter() string {
	if int(c) >= len(letters) {
		return " "
	}
	return letters[c : c+1]
}

const letters = " AMmRD "

// Delta is one path in two roots. It is lazy: a directory nobody opens costs nothing.
type Delta struct{ Before, After *Node }

// Compare pairs two roots; either may be nil.
func Compare(before, after *Node) Delta { return Delta{before, after} }

// Node returns After, or Before where the path is gone.
func (d Delta) Node() *Node {
	if d.After != nil {
		return d.After
	}
	return d.Before
}

// Name returns the last element of the path.
func (d Delta) Name() string {
	if n := d.Node(); n != nil {
		return n.Name
	}
	return ""
}

// IsDir tells whether there is a directory on either side.
func (d Delta) IsDir() bool {
	return d.Before != nil && d.Before.Kind == Dir || d.After != nil && d.After.Kind == Dir
}

// same tells whether nothing differs, here and beneath.
func (d Delta) same() bool { return Equal(d.Before, d.After) }

// Change tells how the path itself differs. A directory's time alone follows
// from what it holds: it is a change of its own only where nothing beneath differs.
func (d Delta) Change() Change {
	if d.same() {
		return Same
	}
	return d.difference()
}

// difference tells how a path that differs does so.
func (d Delta) difference() Change {
	return d.differing(func() bool { return d.After.Kind == Dir && !equalKids(d.Before, d.After) })
}

// differing does so where beneath tells whether something differs there, of two
// directories that are alike but for their times.
func (d Delta) differing(beneath func() bool) Change {
	b, a := d.Before, d.After
	switch {
	case b == nil:
		return Added
	case a == nil:
		return Removed
	case b.class() != a.class():
		return Replaced
	case b.body() != a.body():
		return Modified
	case b.Mode != a.Mode || b.UID != a.UID || b.GID != a.GID || b.Xattrs != a.Xattrs:
		return Touched
	case beneath():
		return Within
	}
	return Touched
}

// class is the kind, a hard link counting as the file that it is a name of.
func (n *Node) class() Kind {
	if n.Kind == Hardlink {
		return File
	}
	return n.Kind
}

// body is what makes two nodes of a class differ in more than metadata.
type body struct {
	size, major, minor int64
	hash               uint64
	link               string
}

func (n *Node) body() body {
	switch p := n.Payload(); {
	case p != nil:
		return body{size: n.Size, hash: p.Content()}
	case n.Kind == Char || n.Kind == Block:
		return body{major: n.Major, minor: n.Minor}
	}
	return body{link: n.Link}
}

// All returns the children on either side, by name.
func (d Delta) All() []Delta { return d.kids(true) }

// Changed returns those children that differ or hold what differs, by name.
func (d Delta) Changed() []Delta {
	if d.same() {
		return nil
	}
	return d.kids(false)
}

func (d Delta) kids(all bool) []Delta {
	var out []Delta
	pairs := d.Unshared
	if all {
		pairs = d.pairs
	}
	if all || d.Before == nil || d.After == nil {
		out = make([]Delta, 0, max(d.Before.len(), d.After.len()))
	}
	for k := range pairs {
		if all || !k.same() {
			out = append(out, k)
		}
	}
	return out
}

func (n *Node) len() int {
	if n == nil {
		return 0
	}
	return n.Len()
}

// pairs yields the children on either side, by name.
func (d Delta) pairs(yield func(Delta) bool) { d.each(yield, everything) }

// Unshared yields the children on either side that are not one node on both.
func (d Delta) Unshared(yield func(Delta) bool) { d.each(yield, unshared) }

// what of the children of two directories is looked at.
type what bool

const (
	everything what = true
	unshared   what = false
)

func (d Delta) each(yield func(Delta) bool, w what) {
	if !d.Before.wide() && !d.After.wide() {
		plainly(kidsOf(d.Before), kidsOf(d.After), yield, w)
		return
	}
	for b, a := over(d.Before), over(d.After); len(a.kids) > 0 || len(b.kids) > 0; {
		if w == unshared && pass(&b, &a) {
			continue
		}
		var k Delta
		order := compare(b.kids, a.kids)
		if order <= 0 {
			k.Before = b.kids[0]
			b.next()
		}
		if order >= 0 {
			k.After = a.kids[0]
			a.next()
		}
		if !yield(k) {
			return
		}
	}
}

// plainly does so where there are no shelves.
func plainly(b, a []*Node, yield func(Delta) bool, w what) {
	fetchUnshared(b, a)
	for len(a) > 0 || len(b) > 0 {
		var k Delta
		switch order := compare(b, a); {
		case order < 0:
			k.Before, b = b[0], b[1:]
		case order > 0:
			k.After, a = a[0], a[1:]
		default:
			k = Delta{b[0], a[0]}
			b, a = b[1:], a[1:]
		}
		if w == unshared && k.Before == k.After {
			continue
		}
		if !yield(k) {
			return
		}
	}
}

func kidsOf(n *Node) []*Node {
	if n == nil {
		return nil
	}
	return n.kids
}

func (n *Node) wide() bool { return n != nil && n.isWide() }

// pass goes on where both are at one node, or on one shelf, which need not be
// looked at, and tells whether they are.
func pass(b, a *cursor) bool {
	switch {
	case len(a.kids) == 0 || len(b.kids) == 0:
		return false
	case a.shelf != nil && a.shelf == b.shelf:
		a.take()
		b.take()
	case b.kids[0] == a.kids[0]:
		a.next()
		b.next()
	default:
		return false
	}
	return true
}

// compare tells which of the first ones, of which there is at least one, comes
// first.
func compare(b, a []*Node) int {
	switch {
	case len(a) == 0:
		return -1
	case len(b) == 0:
		return 1
	case b[0] == a[0]:
		return 0
	}
	return strings.Compare(b[0].Name, a[0].Name)
}

// Find returns the pair at a path, and whether either side has it.
func (d Delta) Find(path string) (Delta, bool) {
	f := Delta{d.Before.Find(path), d.After.Find(path)}
	return f, f.Before != nil || f.After != nil
}

// Walk calls f for d and all that differs beneath it in path order, with
// cleaned paths, until f returns false, which leaves out what is beneath.
func (d Delta) Walk(f func(path string, d Delta) bool) { d.walk("", f) }

func (d Delta) walk(path string, f func(string, Delta) bool) {
	shown := path
	if shown == "" {
		shown = "/"
	}
	if d.Node() == nil || !f(shown, d) {
		return
	}
	for _, k := range d.Changed() {
		k.walk(path+"/"+k.Name(), f)
	}
}
