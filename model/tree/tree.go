// Package tree holds file trees that never change once made, share what they
// agree on, and compare at the cost of what differs.
package tree

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

// Payload is the content of a file, once for all its names. Payloads are told
// apart by address: two equal files have two.
type Payload struct {
	Layer   int    // index of the layer that carries it
	Entry   int    // which header of that layer's tar, from 0
	Path    string // where the layer puts it, cleaned
	Size    int64
	Offset  int64  // of the first content byte in the uncompressed tar; -1 where sparse
	Content uint64 // hash of the bytes
}

// Node is a path in a root. Read it; never write to it.
type Node struct {
	Name string // last element; "" is the root
	Attr
	Payload *Payload // of File and Hardlink
	Layer   int      // index of the layer that last said something of this path itself
	Kids    []*Node  // of a Dir, by name in byte order
	Sum     uint64   // of all that Compare looks at, here and beneath
	Bytes   int64    // of the payloads beneath, hard links not counted
	Count   int      // of the paths here and beneath
	mark    mark
}
