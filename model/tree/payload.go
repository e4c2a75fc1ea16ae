package tree

import "hash/maphash"

// Payload is the content of a file, once for all its names: the node of the
// name under which its layer carries it. Payloads are told apart by address: two
// equal files have two. Size is that of the content, Layer the index of the layer
// that carries it, and −1 where none does.
type Payload Node

// Carried returns the payload of a file that no [Builder] is told of: the n-th
// entry of that layer.
func Carried(layer, n int, e Entry) *Payload {
	p := &Payload{Name: base(Clean(e.Path)), more: (&meta{Kind: File}).ready().plain, Size: e.Size, Layer: int16(layer)}
	(*Node)(p).carry(n, &e)
	return p
}

// Payload returns the content of a File and of a Hardlink whose target is
// known; else nil.
func (n *Node) Payload() *Payload {
	switch {
	case n.of != nil:
		return n.of
	case n.Kind == File:
		return (*Payload)(n)
	}
	return nil
}

// Entry returns which header of its layer's tar carries it, from 0.
func (p *Payload) Entry() int { return int(p.entry) }

// Offset returns where its first byte is in the uncompressed tar; −1 where it
// does not lie in one piece.
func (p *Payload) Offset() int64 { return p.offset }

// Stray tells that a later entry of its layer took its name: at the most hard
// links reach it.
func (p *Payload) Stray() bool { return p.mark&stray != 0 }

// seed makes numbers of one process, unknown to who makes images.
var seed = maphash.MakeSeed()

// Content returns the hash of the bytes; while they are [Payload.Unread] a
// number that stands for them and for no others.
func (p *Payload) Content() uint64 {
	if c := p.content.Load(); c != unread {
		return c ^ mask
	}
	return maphash.Comparable(seed, p)
}

// Unread tells whether the hash of the content is not known yet. An unread
// payload equals itself alone.
func (p *Payload) Unread() bool { return p.content.Load() == unread }

// Learn tells the hash of the content of an unread payload. It may be called at
// any time, from several goroutines, while roots are compared; what was compared
// before took equal contents for different ones, so learn first what [Unread]
// asks for.
func (p *Payload) Learn(content uint64) {
	p.content.Store(known(content))
	outdate()
}

// unread is kept in the place of the content of a payload that was not read.
// The others are kept in disguise, so that it stands for next to none of them.
const (
	unread = 0
	mask   = 0x9e3779b97f4a7c15
)

func known(content uint64) uint64 {
	if content == mask {
		content++
	}
	return content ^ mask
}

// carry makes a node the payload of an entry.
func (n *Node) carry(entry int, e *Entry) {
	n.entry, n.offset = uint32(entry), e.Offset
	if e.Unread && e.Size > 0 {
		n.content.Store(unread)
		return
	}
	n.content.Store(known(e.Content))
}
