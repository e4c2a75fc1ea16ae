package tree

import (
	"hash/maphash"
	"math/bits"
)

// seed makes sums of one process comparable, and unknown to who makes images;
// so are the keys.
var (
	seed = maphash.MakeSeed()
	keys = [2]uint64{maphash.String(seed, "one") | 1, maphash.String(seed, "other") | 1}
)

// mix returns a sum of two numbers, of which the order counts.
func mix(a, b uint64) uint64 {
	hi, lo := bits.Mul64(a^keys[0], b^keys[1])
	return hi ^ lo
}

// sealed is the sum of a directory, and how many contents had been learned then.
type sealed struct {
	sum     uint64
	learned uint32
}

// sum returns the sum of all that [Compare] looks at, here and beneath. It is
// made when it is asked for; directories keep theirs.
func (n *Node) sum() uint64 {
	if len(n.kids) == 0 {
		return n.own()
	}
	if s := n.kept(); s != nil {
		return s.sum
	}
	s := &sealed{learned: learned.Load()}
	if n.state&shelf == 0 {
		s.sum = n.own()
	}
	for _, k := range n.kids { // names tell them apart: their order says nothing
		if sum := k.sum(); k.state&shelf != 0 {
			s.sum += sum
		} else {
			s.sum += mix(sum, keys[0]+keys[1])
		}
	}
	n.sealed.Store(s)
	return s.sum
}

// kept returns the sum of a directory if it has been made and still holds.
func (n *Node) kept() *sealed {
	if s := n.sealed.Load(); s != nil && s.learned == learned.Load() {
		return s
	}
	return nil
}

// own is the sum of a node without what is beneath it.
func (n *Node) own() uint64 {
	kind, link, content := n.identity()
	h := mix(maphash.String(seed, n.Name), n.meta.sum+uint64(kind))
	h = mix(mix(h, uint64(n.Size)), uint64(n.ModTime))
	if link != "" {
		content = maphash.String(seed, link)
	}
	return mix(h, content)
}

// identity is what a hard link says as the file that it is a name of.
func (n *Node) identity() (kind Kind, link string, content uint64) {
	if p := n.Payload(); p != nil {
		return File, "", p.Content()
	}
	return n.Kind, n.Link, 0
}

// alike tells whether two nodes are equal without what is beneath them.
func alike(a, b *Node) bool {
	if a.Name != b.Name || a.Size != b.Size || a.ModTime != b.ModTime || !a.meta.alike(b.meta) {
		return false
	}
	ka, la, ca := a.identity()
	kb, lb, cb := b.identity()
	return ka == kb && la == lb && ca == cb
}

// alike leaves the kind aside.
func (m *meta) alike(o *meta) bool {
	return m == o || m.Mode == o.Mode && m.UID == o.UID && m.GID == o.GID && m.Major == o.Major && m.Minor == o.Minor && m.Xattrs == o.Xattrs
}

// Equal tells whether nothing differs between two nodes and all beneath them;
// either may be nil.
func Equal(a, b *Node) bool {
	if a == b {
		return true
	}
	if a == nil || b == nil {
		return false
	}
	g := glance{left: glances}
	if equal, told := g.equal(a, b); told {
		return equal
	}
	return a.sum() == b.sum()
}

// glance looks for a difference where one is mostly found, at what two roots do
// not share, before everything is summed up.
type glance struct{ left int }

// What a glance may cost: some dozen nodes, or a very large directory.
const (
	glances = 64 * perPair
	perPair = 4096
)

// equal tells whether two nodes are equal, if that can be told at a glance.
func (g *glance) equal(a, b *Node) (equal, told bool) {
	if a.Count() != b.Count() || !alike(a, b) {
		return false, true
	}
	if s, z := a.kept(), b.kept(); s != nil && z != nil {
		return s.sum == z.sum, true
	}
	if g.left -= len(a.kids); g.left < 0 {
		return false, false
	}
	for k := range (Delta{a, b}).Unshared {
		if k.Before == nil || k.After == nil {
			return false, true
		}
		if g.left -= perPair; g.left < 0 {
			return false, false
		}
		if equal, told = g.equal(k.Before, k.After); !told || !equal {
			return equal, told
		}
	}
	return true, true
}
