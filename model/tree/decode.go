package tree

import (
	"cmp"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"slices"
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
	short bool
}

func (c *column) uvarint() uint64 {
	if len(c.b) > 0 && c.b[0] < 0x80 {
		v := c.b[0]
		c.b = c.b[1:]
		return uint64(v)
	}
	v, n := binary.Uvarint(c.b)
	if n <= 0 {
		c.b, c.short = nil, true
		return 0
	}
	c.b = c.b[n:]
	return v
}

func (c *column) varint() int64 {
	v := c.uvarint()
	return int64(v>>1) ^ -int64(v&1)
}

// take returns the next n bytes.
func (c *column) take(n uint64) []byte {
	if n > uint64(len(c.b)) {
		c.b, c.short = nil, true
		return nil
	}
	b := c.b[:n]
	c.b = c.b[n:]
	return b
}

func (c *column) byte() byte {
	if b := c.take(1); b != nil {
		return b[0]
	}
	return 0
}

// decoding is a layer being read.
type decoding struct {
	in      column
	layer   *Layer
	metas   []*meta
	nodes   []Node
	next    int     // of nodes
	tree    int     // how many of the nodes come before the strays
	kids    []*Node // of all directories; empty, with room for them
	mores   []more  // likewise
	linkeds []linked
	texts   string // that have not been used
	files   []*Payload
	links   []*Node // hard links that are names of files, the target's number in entry
	last    past

	marks, metaOf, names, sizes, times, dirs, entries, offsets, contents, lengths, targets column
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
	if err := d.columns(); err != nil {
		return err
	}
	l := d.layer
	if l.Root = d.node(nil, deepest); l.Root == nil || l.Root.Kind != Dir || d.next != d.tree {
		return errInvalid
	}
	for d.next < len(d.nodes) {
		if n := d.node(nil, 0); n == nil || n.mark&stray == 0 {
			return errInvalid
		}
	}
	for _, c := range []*column{&d.marks, &d.metaOf, &d.names, &d.sizes, &d.times, &d.dirs, &d.entries, &d.offsets, &d.contents, &d.lengths, &d.targets} {
		if c.short || len(c.b) > 0 {
			return errInvalid
		}
	}
	if err := d.link(); err != nil || len(d.texts) > 0 {
		return errInvalid
	}
	l.nodes, l.files, l.order = [][]Node{d.nodes}, len(d.files), d.order()
	l.alone = (&folding{layer: l}).node(nil, l.Root)
	return nil
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

// columns finds the columns, and makes room for what is in them.
func (d *decoding) columns() error {
	var texts column
	for _, c := range []*column{&d.marks, &d.metaOf, &d.names, &d.sizes, &d.times, &d.dirs, &d.entries, &d.offsets, &d.contents, &d.lengths, &d.targets, &texts} {
		c.b = d.in.take(d.in.uvarint())
	}
	n := len(d.marks.b)
	if d.in.short || len(d.in.b) > 0 || d.tree > n {
		return errShort
	}
	for _, c := range []*column{&d.metaOf, &d.names, &d.sizes, &d.times} {
		if len(c.b) < n {
			return errShort
		}
	}
	d.nodes, d.kids, d.texts = make([]Node, n), make([]*Node, 0, d.tree-1), string(texts.b)
	d.mores = make([]more, 0, min(len(d.dirs.b), n))
	d.linkeds = make([]linked, 0, min(len(d.lengths.b), n))
	d.files = make([]*Payload, 0, min(len(d.entries.b), n))
	return nil
}

// node reads the next node and all beneath it. It returns nil where there is
// none, or none that can be. Before is the one whose name must come before.
func (d *decoding) node(before *Node, depth int) *Node {
	if d.next == len(d.nodes) || d.next == 0 && d.tree == 0 {
		return nil
	}
	n, root := &d.nodes[d.next], d.next == 0
	d.next++
	of := d.metaOf.uvarint()
	if of >= uint64(len(d.metas)) {
		return nil
	}
	n.mark, n.more, n.Layer = mark(d.marks.byte()), d.metas[of].plain, int16(d.layer.Index)
	n.Name = d.text(&d.names)
	n.Size = d.sizes.varint()
	n.ModTime = d.last.time + d.times.varint()
	d.last.time = n.ModTime
	if n.Name != "" && !named(n.Name) || root != (n.Name == "") && n.mark&stray == 0 || before != nil && before.Name >= n.Name || !d.kind(n) {
		return nil
	}
	if n.Kind == Dir && !d.dir(n, depth) {
		return nil
	}
	return n
}

// named tells whether a path may have that name. The root has none, and neither
// has a file that was to stand in its place.
func named(name string) bool {
	return name != "." && name != ".." && !strings.Contains(name, "/") && !strings.HasPrefix(name, whiteoutPrefix)
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
		d.linked(n).Link = d.text(&d.lengths)
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
		d.linked(n).Link = d.text(&d.lengths)
	}
	d.files = append(d.files, (*Payload)(n))
	return true
}

func (d *decoding) hardlink(n *Node) bool {
	d.linked(n).Link = d.text(&d.lengths)
	to := d.targets.uvarint()
	if to > 0 {
		n.entry = uint32(min(to, math.MaxUint32))
		d.links = append(d.links, n)
	}
	if n.mark&dangling != 0 {
		d.layer.waiting[n] = d.text(&d.lengths)
		return to == 0
	}
	return true
}

// link makes hard links names of the files that they lead to.
func (d *decoding) link() error {
	for _, n := range d.links {
		if int(n.entry) > len(d.files) {
			return errInvalid
		}
		n.of = d.files[n.entry-1]
		n.entry = 0
	}
	return nil
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
	var before *Node
	for i := range kids {
		if before = d.node(before, depth-1); before == nil || before.mark&stray != 0 {
			return false
		}
		kids[i] = before
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

// text returns the next text, of the length that a column says.
func (d *decoding) text(lengths *column) string {
	n := lengths.uvarint()
	if n > uint64(len(d.texts)) {
		lengths.short = true
		return ""
	}
	s := d.texts[:n]
	d.texts = d.texts[n:]
	return s
}

// order returns the files by entry, or nil where they are so already.
func (d *decoding) order() []*Payload {
	by := func(a, b *Payload) int { return cmp.Compare(a.entry, b.entry) }
	if slices.IsSortedFunc(d.files, by) {
		return nil
	}
	if places := d.places(); places != nil {
		return places
	}
	slices.SortStableFunc(d.files, by)
	return d.files
}

// places puts each file in the place of its entry, where there are not many more
// entries, and none has two.
func (d *decoding) places() []*Payload {
	if d.layer.Entries > 2*len(d.files) {
		return nil
	}
	all := make([]*Payload, d.layer.Entries)
	for _, p := range d.files {
		if all[p.entry] != nil {
			return nil
		}
		all[p.entry] = p
	}
	return slices.Clip(slices.DeleteFunc(all, func(p *Payload) bool { return p == nil }))
}
