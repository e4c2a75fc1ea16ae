package tree

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"strings"
)

// DecodeLayer reads what [Layer.Append] wrote, as the layer with that index. It
// keeps nothing of data. Bytes that no layer is written as are an error, and take
// no more memory than a layer of so many bytes.
func DecodeLayer(data []byte, index int) (*Layer, error) {
	if len(data) == 0 || data[0] != Coding {
		return nil, errors.New("decode layer: it is of another version")
	}
	d := decoding{in: column{b: data[1:]}, layer: &Layer{Index: index, waiting: map[*Node]string{}}}
	if err := d.run(); err != nil {
		return nil, fmt.Errorf("decode layer: %w", err)
	}
	return d.layer, nil
}

// column is numbers one after the other. What is read beyond its end is 0, and
// marks it as short.
type column struct {
	b     []byte
	at    int
	short bool
}

func (c *column) uvarint() uint64 {
	if c.at < len(c.b) {
		if v := c.b[c.at]; v < 0x80 {
			c.at++
			return uint64(v)
		}
	}
	return c.long()
}

// long reads a number of several bytes.
func (c *column) long() uint64 {
	v, n := binary.Uvarint(c.b[c.at:])
	if n <= 0 {
		c.at, c.short = len(c.b), true
		return 0
	}
	c.at += n
	return v
}

func (c *column) varint() int64 {
	v := c.uvarint()
	return int64(v>>1) ^ -int64(v&1)
}

// take returns the next n bytes.
func (c *column) take(n uint64) []byte {
	if n > uint64(len(c.b)-c.at) {
		c.at, c.short = len(c.b), true
		return nil
	}
	c.at += int(n)
	return c.b[c.at-int(n) : c.at]
}

func (c *column) byte() byte {
	if b := c.take(1); b != nil {
		return b[0]
	}
	return 0
}

// done tells whether all of it has been read, and no more.
func (c *column) done() bool { return c.at == len(c.b) && !c.short }

// lengths are how long texts are that stand one after the other.
type lengths struct {
	column
	texts string
	from  int // of those that have not been read
}

func (l *lengths) text() string {
	n := l.uvarint()
	if n > uint64(len(l.texts)-l.from) {
		l.short = true
		return ""
	}
	l.from += int(n)
	return l.texts[l.from-int(n) : l.from]
}

func (l *lengths) done() bool { return l.column.done() && l.from == len(l.texts) }

// decoding is a layer being read.
type decoding struct {
	in       column
	layer    *Layer
	metas    []*meta
	nodes    []Node
	next     int     // of nodes
	tree     int     // how many of the nodes come before the strays
	kids     []*Node // of all directories; empty, with room for them
	mores    []more  // likewise
	linkeds  []linked
	files    int
	unsorted bool       // the files come in another order than in the tar
	links    []*Node    // hard links that are names of files, the target's number in entry
	carried  []*Payload // the files, where any link is
	last     past

	marks, metaOf, sizes, times, dirs, entries, offsets, contents, targets column
	names, paths                                                           lengths
}

// columns returns all of them in the order in which they are written, but for the
// texts.
func (d *decoding) columns() []*column {
	return []*column{
		&d.marks, &d.metaOf, &d.names.column, &d.sizes, &d.times, &d.dirs, &d.entries, &d.offsets, &d.contents, &d.paths.column, &d.targets,
	}
}

var (
	errShort   = errors.New("it ends early")
	errInvalid = errors.New("it is no layer")
)

// deepest is how many directories may lie in each other.
const deepest = 1 << 14

func (d *decoding) run() error {
	if err := d.head(); err != nil {
		return err
	}
	if err := d.room(); err != nil {
		return err
	}
	l := d.layer
	if l.Root = d.node(deepest); l.Root == nil || l.Root.Kind != Dir || d.next != d.tree {
		return errInvalid
	}
	for d.next < len(d.nodes) {
		if n := d.node(0); n == nil || n.mark&stray == 0 {
			return errInvalid
		}
	}
	if !d.done() || !d.link() {
		return errInvalid
	}
	l.nodes, l.files, l.unsorted = [][]Node{d.nodes}, d.files, d.unsorted
	l.lone()
	return nil
}

// done tells whether all of every column has been read.
func (d *decoding) done() bool {
	for _, c := range d.columns() {
		if !c.done() {
			return false
		}
	}
	return d.names.done() && d.paths.done()
}

// head reads what stands before the columns.
func (d *decoding) head() error {
	l, in := d.layer, &d.in
	entries, unpacked, strays, metas := in.varint(), in.varint(), in.varint(), in.varint()
	if in.short || entries < 0 || entries > math.MaxUint32 || unpacked < 0 || strays < 1 || metas < 0 {
		return errInvalid
	}
	l.Entries, l.Unpacked, d.tree = int(entries), unpacked, int(strays)
	for ; metas > 0 && !in.short; metas-- {
		d.metas = append(d.metas, d.meta())
	}
	if in.short {
		return errShort
	}
	return nil
}

func (d *decoding) meta() *meta {
	in := &d.in
	m := &meta{Kind: Kind(in.byte()), Mode: uint32(in.varint()), UID: int(in.varint()), GID: int(in.varint()), Major: in.varint(), Minor: in.varint()}
	if n := in.varint(); n > 0 {
		m.Xattrs = string(in.take(uint64(n)))
	}
	return m.ready()
}

// room finds the columns, and makes room for what is in them.
func (d *decoding) room() error {
	for _, c := range d.columns() {
		c.b = d.in.take(d.in.uvarint())
	}
	names, paths := d.in.take(d.in.uvarint()), d.in.take(d.in.uvarint())
	n := len(d.marks.b)
	if !d.in.done() || d.tree > n {
		return errShort
	}
	for _, c := range []*column{&d.metaOf, &d.names.column, &d.sizes, &d.times} {
		if len(c.b) < n {
			return errShort
		}
	}
	if bytes.IndexByte(names, '/') >= 0 {
		return errInvalid
	}
	d.names.texts, d.paths.texts = string(names), string(paths)
	d.nodes, d.kids = make([]Node, n), make([]*Node, 0, d.tree-1)
	d.mores = make([]more, 0, min(len(d.dirs.b), n))
	d.linkeds = make([]linked, 0, min(len(d.paths.b), n))
	if len(d.targets.b) > 0 {
		d.carried = make([]*Payload, 0, min(len(d.entries.b), n))
	}
	return nil
}

// node reads the next node and all beneath it. It returns nil where there is
// none, or none that can be.
func (d *decoding) node(depth int) *Node {
	at := d.next
	if at == len(d.nodes) {
		return nil
	}
	d.next++
	of := d.metaOf.uvarint()
	if of >= uint64(len(d.metas)) {
		return nil
	}
	n := &d.nodes[at]
	n.mark, n.more, n.Layer = mark(d.marks.byte()), d.metas[of].plain, int16(d.layer.Index)
	n.Name = d.names.text()
	n.Size = d.sizes.varint()
	n.ModTime = d.last.time + d.times.varint()
	d.last.time = n.ModTime
	if !named(n.Name) || (at == 0) != (n.Name == "") && n.mark&stray == 0 || !d.kind(n) {
		return nil
	}
	if n.Kind == Dir && !d.dir(n, depth) {
		return nil
	}
	return n
}

// named tells whether a path may have that name, in which no slash is. The root has
// none, and neither has a file that was to stand in its place.
func named(name string) bool {
	return name == "" || name[0] != '.' || name != "." && name != ".." && !strings.HasPrefix(name, whiteoutPrefix)
}

// kind reads what only a node of its kind has, a directory's children aside.
func (d *decoding) kind(n *Node) bool {
	gone, wild := n.mark&whiteout != 0, n.mark&(dangling|stray|unreadMark) != 0
	if gone != (n.Kind == Unset) || n.mark&mixed != 0 {
		return false
	}
	switch n.Kind {
	case File:
		return n.mark&dangling == 0 && d.file(n)
	case Hardlink:
		return n.mark&(stray|unreadMark) == 0 && d.hardlink(n)
	case Symlink:
		d.linked(n).Link = d.paths.text()
	case Unset, Dir, Char, Block, Fifo:
	default:
		return false
	}
	return !wild
}

func (d *decoding) file(n *Node) bool {
	entry, offset := d.last.entry+d.entries.varint(), d.last.offset+d.offsets.varint()
	if entry < 0 || entry >= int64(d.layer.Entries) || offset < -1 || n.Size < 0 {
		return false
	}
	n.entry, n.offset = uint32(entry), offset
	d.unsorted = d.unsorted || entry+1 < d.last.entry
	d.last.file(entry, offset, n.Size)
	if n.mark&unreadMark == 0 {
		b := d.contents.take(8)
		if b == nil {
			return false
		}
		n.content.Store(known(binary.LittleEndian.Uint64(b)))
	}
	n.mark &^= unreadMark
	if n.mark&stray != 0 {
		d.linked(n).Link = d.paths.text()
	}
	d.files++
	if d.carried != nil {
		d.carried = append(d.carried, (*Payload)(n))
	}
	return true
}

func (d *decoding) hardlink(n *Node) bool {
	d.linked(n).Link = d.paths.text()
	to := d.targets.uvarint()
	if to > 0 {
		n.entry = uint32(min(to, math.MaxUint32))
		d.links = append(d.links, n)
	}
	if n.mark&dangling != 0 {
		d.layer.waiting[n] = d.paths.text()
		return to == 0
	}
	return true
}

// link makes hard links names of the files that they lead to, if there are those.
func (d *decoding) link() bool {
	for _, n := range d.links {
		if int64(n.entry) > int64(len(d.carried)) {
			return false
		}
		n.of = d.carried[n.entry-1]
		n.entry = 0
	}
	return true
}

func (d *decoding) dir(n *Node, depth int) bool {
	k := d.dirs.uvarint()
	if k == 0 {
		n.seal()
		return true
	}
	if k > uint64(cap(d.kids)-len(d.kids)) || depth == 0 {
		return false
	}
	from := len(d.kids)
	d.kids = d.kids[:from+int(k)]
	kids := d.kids[from:len(d.kids):len(d.kids)]
	for i := range kids {
		k := d.node(depth - 1)
		if k == nil || k.mark&stray != 0 || i > 0 && kids[i-1].Name >= k.Name {
			return false
		}
		kids[i] = k
	}
	d.more(n).kids = shelved(kids)
	n.seal()
	return true
}

func (d *decoding) more(n *Node) *more {
	if len(d.mores) == cap(d.mores) {
		d.mores = make([]more, 0, mostMores)
	}
	d.mores = d.mores[:len(d.mores)+1]
	m := &d.mores[len(d.mores)-1]
	m.meta, m.link = n.meta, &noLink
	n.more = m
	return m
}

func (d *decoding) linked(n *Node) *link {
	if len(d.linkeds) == cap(d.linkeds) {
		d.linkeds = make([]linked, 0, mostMores)
	}
	d.linkeds = d.linkeds[:len(d.linkeds)+1]
	l := &d.linkeds[len(d.linkeds)-1]
	l.meta, l.link = n.meta, &l.of
	n.more = &l.more
	return &l.of
}
