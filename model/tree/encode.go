package tree

import (
	"encoding/binary"
	"slices"
)

// Coding is the version of what [Layer.Append] writes, its first byte.
const Coding = 2

// columns are a layer's nodes side by side, one number or text of each after the
// other: the tree in preorder, then the strays. What a node does not have is left
// out.
type columns struct {
	marks    []byte // a byte of each; how many there are is how many nodes there are
	metas    []byte // which of the metas, of each
	names    []byte // length, of each
	sizes    []byte // of each
	times    []byte // beyond the time of the node before, of each
	kids     []byte // how many, of directories
	entries  []byte // beyond the next entry, of files
	offsets  []byte // beyond where the next entry would have it, of files
	contents []byte // of files that are not unread
	links    []byte // length, of what has one, and of the targets that are waited for
	targets  []byte // of hard links: 0 is none, else one more than which file
	texts    []byte // all names
	paths    []byte // all links
}

func (c *columns) all() []*[]byte {
	return []*[]byte{
		&c.marks, &c.metas, &c.names, &c.sizes, &c.times, &c.kids, &c.entries, &c.offsets, &c.contents, &c.links, &c.targets, &c.texts, &c.paths,
	}
}

// reserve makes about the room that a layer takes.
func (c *columns) reserve(l *Layer) {
	n := 0
	for _, some := range l.nodes {
		n += len(some)
	}
	for _, c := range []*[]byte{&c.marks, &c.metas, &c.names} {
		*c = make([]byte, 0, n)
	}
	for _, c := range []*[]byte{&c.entries, &c.offsets} {
		*c = make([]byte, 0, l.files)
	}
	c.sizes, c.times, c.contents, c.texts = make([]byte, 0, 3*n), make([]byte, 0, 2*n), make([]byte, 0, 8*l.files), make([]byte, 0, 16*n)
}

// unreadMark is in the mark column what a payload says elsewhere.
const unreadMark = again

// Append appends the layer as [DecodeLayer] reads it.
func (l *Layer) Append(b []byte) []byte {
	e := encoding{layer: l, metas: map[*meta]int{}, files: l.targets()}
	e.c.reserve(l)
	e.node(l.Root)
	e.strays = len(e.c.marks)
	for p := range l.Payloads() {
		if p.mark&stray != 0 {
			e.node((*Node)(p))
		}
	}
	b = append(b, Coding)
	for _, n := range []int64{int64(l.Entries), l.Unpacked, int64(e.strays), int64(len(e.used))} {
		b = binary.AppendVarint(b, n)
	}
	for _, m := range e.used {
		b = m.append(b)
	}
	size := 0
	for _, c := range e.c.all() {
		size += len(*c) + binary.MaxVarintLen64
	}
	b = slices.Grow(b, size)
	for _, c := range e.c.all() {
		b = append(binary.AppendUvarint(b, uint64(len(*c))), *c...)
	}
	return b
}

func (m *meta) append(b []byte) []byte {
	b = append(b, byte(m.Kind))
	for _, v := range [...]int64{int64(m.Mode), int64(m.UID), int64(m.GID), m.Major, m.Minor, int64(len(m.Xattrs))} {
		b = binary.AppendVarint(b, v)
	}
	return append(b, m.Xattrs...)
}

// encoding is a layer being written.
type encoding struct {
	layer  *Layer
	c      columns
	metas  map[*meta]int
	used   []*meta
	files  map[*Payload]int // which of the files they are, of those that hard links are names of
	strays int              // how many nodes come before them
	last   past
}

// past is what the node before had.
type past struct {
	time   int64
	entry  int64 // the next one
	offset int64 // of the next file, if it lies right behind
}

// file notes where the next one is to be expected.
func (p *past) file(entry, offset, size int64) {
	p.entry = entry + 1
	if offset >= 0 {
		p.offset = (offset+max(size, 0)+block-1)&^(block-1) + block
	}
}

// block is that of a tar.
const block = 512

// targets returns the files that hard links are names of, by where they stand
// among those that are written.
func (l *Layer) targets() map[*Payload]int {
	all := map[*Payload]int{}
	l.Root.each(func(n *Node) {
		if n.of != nil {
			all[n.of] = 0
		}
	})
	if len(all) == 0 {
		return nil
	}
	at := 0
	file := func(n *Node) {
		if n.Kind != File {
			return
		}
		if _, ok := all[(*Payload)(n)]; ok {
			all[(*Payload)(n)] = at
		}
		at++
	}
	l.Root.each(file)
	for p := range l.Payloads() {
		if p.mark&stray != 0 {
			file((*Node)(p))
		}
	}
	return all
}

// each calls f for a node and all beneath it, in preorder.
func (n *Node) each(f func(*Node)) {
	f(n)
	for k := range n.all {
		k.each(f)
	}
}

func (e *encoding) node(n *Node) {
	c := &e.c
	m := n.mark &^ (mixed | again)
	if n.Kind == File && (*Payload)(n).Unread() {
		m |= unreadMark
	}
	c.marks = append(c.marks, byte(m))
	c.metas = binary.AppendUvarint(c.metas, uint64(e.meta(n.meta)))
	c.names = binary.AppendUvarint(c.names, uint64(len(n.Name)))
	c.texts = append(c.texts, n.Name...)
	c.sizes = binary.AppendVarint(c.sizes, n.Size)
	c.times = binary.AppendVarint(c.times, n.ModTime-e.last.time)
	e.last.time = n.ModTime
	switch n.Kind {
	case Dir:
		c.kids = binary.AppendUvarint(c.kids, uint64(n.Len()))
	case File:
		e.file((*Payload)(n))
	case Symlink, Hardlink:
		e.link(n)
	}
	for k := range n.all {
		e.node(k)
	}
}

func (e *encoding) meta(m *meta) int {
	i, ok := e.metas[m]
	if !ok {
		i = len(e.used)
		e.metas[m], e.used = i, append(e.used, m)
	}
	return i
}

func (e *encoding) file(p *Payload) {
	c := &e.c
	c.entries = binary.AppendVarint(c.entries, int64(p.entry)-e.last.entry)
	c.offsets = binary.AppendVarint(c.offsets, p.offset-e.last.offset)
	e.last.file(int64(p.entry), p.offset, p.Size)
	if !p.Unread() {
		c.contents = binary.LittleEndian.AppendUint64(c.contents, p.Content())
	}
	if p.mark&stray != 0 {
		e.path(p.Link)
	}
}

func (e *encoding) link(n *Node) {
	e.path(n.Link)
	if n.Kind != Hardlink {
		return
	}
	to := 0
	if n.of != nil {
		to = e.files[n.of] + 1
	}
	e.c.targets = binary.AppendUvarint(e.c.targets, uint64(to))
	if n.mark&dangling != 0 {
		e.path(e.layer.waiting[n])
	}
}

func (e *encoding) path(s string) {
	e.c.links = binary.AppendUvarint(e.c.links, uint64(len(s)))
	e.c.paths = append(e.c.paths, s...)
}
