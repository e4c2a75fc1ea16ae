// Package tree holds file trees that never change once made, share what they
// agree on, and compare at the cost of what differs.
package tree

import "sync/atomic"

// Kind is what a path is.
type Kind uint8

// The kinds of the OCI image-spec's layers.
const (
	Unset Kind = iota
	File
	Dir
	Symlink
	Hardlink // another name of a file's payload
	Char
	Block
	Fifo
)

// Attr is what a layer says of a path.
type Attr struct {
	Kind         Kind
	Mode         uint32 // permission bits with setuid, setgid and sticky: 0o7777
	UID, GID     int
	Size         int64  // bytes of content; of a hard link those of its target
	ModTime      int64  // Unix nanoseconds
	Link         string // target of a Symlink or Hardlink, as the layer has it
	Major, Minor int64  // of Char and Block
	Xattrs       string // "key=value\x00…" by key; "" is none
}

// Node is a path in a root. Read it; never write to it. An image has half a
// million, of 64 bytes: what few of them have is kept aside, and what most have in
// common is kept once.
type Node struct {
	Name    string        // last element; "" is the root
	*more                 // Link, of a Symlink or Hardlink; Kind, Mode, UID, GID, Major, Minor and Xattrs, as in Attr
	Size    int64         // as in Attr
	ModTime int64         // as in Attr
	content atomic.Uint64 // of a directory a verdict
	offset  int64         // of a directory the bytes of the payloads beneath
	entry   uint32        // of a directory how many paths are there and beneath
	Layer   int16         // index of the layer that last said something of this path itself
	mark    mark
	state   state
}

// state is what a node is to this package alone.
type state uint8

const (
	closed state = 1 << iota // while building: the children have been put together once
	shelf                    // some of the children of a wide directory
)

// meta is what many nodes of a layer have in common.
type meta struct {
	Kind         Kind
	Mode         uint32
	UID, GID     int
	Major, Minor int64
	Xattrs       string
	plain        *more // of the nodes that have nothing else
}

// more is what a node has besides itself: few have any of it but the meta, and
// those that have not share one, which is never written to.
type more struct {
	*meta
	kids []*Node // of a Dir, by name in byte order; of a wide one its shelves
	*link
}

// link is what links have.
type link struct {
	Link string // target of a Symlink or Hardlink; of a stray its path
	of   *Payload
}

// noLink is what most have in its place.
var noLink link

// ready makes a meta one that nodes can have.
func (m *meta) ready() *meta {
	m.plain = &more{meta: m, link: &noLink}
	return m
}

// is makes a node one of a meta.
func (n *Node) is(m *meta) {
	if n.more == nil || n.more == n.plain {
		n.more = m.plain
		return
	}
	n.more.meta = m
}

// linked is what a link has besides.
type linked struct {
	more
	of link
}

func newLink(m *meta, of link) *more {
	l := &linked{of: of}
	l.meta, l.link = m, &l.of
	return &l.more
}

// Attr returns what a layer says of the path.
func (n *Node) Attr() Attr {
	return Attr{
		Kind: n.Kind, Mode: n.Mode, UID: n.UID, GID: n.GID, Size: n.Size, ModTime: n.ModTime, Link: n.Link,
		Major: n.Major, Minor: n.Minor, Xattrs: n.Xattrs,
	}
}

// Bytes returns the sizes of the files here and beneath, hard links not counted.
func (n *Node) Bytes() int64 {
	switch n.Kind {
	case Dir:
		return n.offset
	case File:
		return n.Size
	}
	return 0
}

// Count returns how many paths there are here and beneath.
func (n *Node) Count() int {
	switch {
	case n.Kind == Dir:
		return int(n.entry)
	case n.mark&whiteout != 0:
		return 0
	}
	return 1
}
