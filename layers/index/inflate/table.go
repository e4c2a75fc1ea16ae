//go:build !purego && (386 || amd64 || arm64 || loong64 || ppc64le || riscv64)

package inflate

import "math/bits"

// How many bits of a code the first table of each kind tells. The tables have
// room for the subtables of any codes: the most are 294 and 146 entries.
const (
	litBits   = 11
	distBits  = 8
	litTable  = 1<<litBits + 512
	distTable = 1<<distBits + 256
)

// An entry of a table is
//
//	literal   isLit   | byte<<16                 | length of the code
//	match     base<<16           | length<<8     | length with its extra bits
//	end       isOdd | isEnd                      | length
//	subtable  isOdd | isSub | where<<16 | bits<<8 | length of the first table's part
//	no code   isOdd
const (
	isLit = 1 << 31
	isOdd = 1 << 15
	isSub = 1 << 14
	isEnd = 1 << 13
)

const (
	litSymbols  = 288
	distSymbols = 32
	endOfBlock  = 256
)

// tables are the codes of the block.
type tables struct {
	lit   [litTable]uint32
	dist  [distTable]uint32
	lens  [litSymbols + distSymbols]uint8
	fixed bool // the tables are the fixed ones
}

// symbols are the entries of each kind without their codes' lengths.
var litEntries, distEntries = entries()

func entries() (lit [litSymbols]uint32, dist [distSymbols]uint32) {
	for s := range lit {
		lit[s] = isOdd
		if s < endOfBlock {
			lit[s] = isLit | uint32(s)<<16
		}
	}
	lit[endOfBlock] = isOdd | isEnd
	base := uint32(3)
	for s := range uint32(28) {
		extra := max(s/4, 1) - 1
		lit[257+s] = base<<16 | extra
		base += 1 << extra
	}
	lit[285] = 258 << 16
	base = 1
	for s := range uint32(30) {
		extra := max(s/2, 1) - 1
		dist[s] = base<<16 | extra
		base += 1 << extra
	}
	dist[30], dist[31] = isOdd, isOdd
	return lit, dist
}

func (t *tables) fixedTables() {
	if t.fixed {
		return
	}
	l := t.lens[:litSymbols]
	for s := range l {
		switch {
		case s < 144:
			l[s] = 8
		case s < 256:
			l[s] = 9
		case s < 280:
			l[s] = 7
		default:
			l[s] = 8
		}
	}
	tabulate(t.lit[:], litBits, l, litEntries[:])
	l = t.lens[:distSymbols]
	for s := range l {
		l[s] = 5
	}
	tabulate(t.dist[:], distBits, l, distEntries[:])
	t.fixed = true
}

// lengthOrder is the order in which the lengths of the lengths' codes stand.
var lengthOrder = [19]uint8{16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15}

// dynamicTables reads the codes of a block.
func (r *Reader) dynamicTables() error {
	r.fixed = false
	if err := r.need(14); err != nil {
		return err
	}
	lits, dists, n := int(r.take(5))+257, int(r.take(5))+1, int(r.take(4))+4
	if lits > 286 || dists > 30 {
		return ErrCorrupt
	}
	var lens [19]uint8
	for _, s := range lengthOrder[:n] {
		if err := r.need(3); err != nil {
			return err
		}
		lens[s] = uint8(r.take(3))
	}
	var codes [128]uint8
	if !lengthCodes(&lens, &codes) {
		return ErrCorrupt
	}
	if err := r.lengths(&codes, lits+dists); err != nil {
		return err
	}
	if r.lens[endOfBlock] == 0 || !tabulate(r.dist[:], distBits, r.lens[lits:lits+dists], distEntries[:]) ||
		!tabulate(r.lit[:], litBits, r.lens[:lits], litEntries[:]) {
		return ErrCorrupt
	}
	return nil
}

// lengths reads the lengths of n codes.
func (r *Reader) lengths(codes *[128]uint8, n int) error {
	for i := 0; i < n; {
		if r.nbits < 14 {
			r.refill()
		}
		c := codes[r.bits&127]
		length, s := uint(c&7), c>>3
		var extra, more uint
		var v uint8
		switch {
		case length == 0:
			return ErrCorrupt
		case s == 16:
			extra, more = 2, 3
			if i == 0 {
				return ErrCorrupt
			}
			v = r.lens[i-1]
		case s == 17:
			extra, more = 3, 3
		case s == 18:
			extra, more = 7, 11
		default:
			more, v = 1, s
		}
		if r.nbits < length+extra {
			return r.truncated()
		}
		r.take(length)
		more += uint(r.take(extra))
		if i+int(more) > n {
			return ErrCorrupt
		}
		for range more {
			r.lens[i] = v
			i++
		}
	}
	return nil
}

// lengthCodes tabulates the codes of the lengths, as symbol<<3 | length.
func lengthCodes(lens *[19]uint8, codes *[128]uint8) bool {
	var count [8]int
	for _, l := range lens {
		count[l]++
	}
	count[0] = 0
	var next [8]int
	code, used := 0, 0
	for l := 1; l < 8; l++ {
		code = (code + count[l-1]) << 1
		next[l] = code
		used += count[l] << (7 - l)
	}
	if used != 128 && (used != 64 || count[1] != 1) {
		return false
	}
	for s, l := range lens {
		if l == 0 {
			continue
		}
		at := int(bits.Reverse8(uint8(next[l])) >> (8 - l))
		next[l]++
		for ; at < 128; at += 1 << l {
			codes[at] = uint8(s)<<3 | l
		}
	}
	return true
}

// coding is one set of codes being tabulated.
type coding struct {
	table  []uint32
	root   uint // bits that the first table tells
	count  [16]int
	sorted [litSymbols]uint16 // symbols by length
	where  uint32             // the next subtable
	prefix uint32             // of the subtable under way
	sub    uint               // its bits
}

// tabulate fills a table for codes of those lengths, and tells whether they are
// a code: complete, none at all, or a single one of one bit.
func tabulate(table []uint32, root uint, lens []uint8, entries []uint32) bool {
	c := coding{table: table, root: root, where: 1 << root, prefix: ^uint32(0)}
	n, ok := c.sort(lens)
	if !ok {
		return false
	}
	sorted := c.sorted[:n]
	code := uint32(0) // counts upwards with its bits reversed
	for length := uint(1); length <= root; length++ {
		for _, s := range sorted[:c.count[length]] {
			table[code] = coded(entries[s], length)
			code = following(code, length)
		}
		sorted = sorted[c.count[length]:]
		if length < root { // whatever the next bit is
			copy(table[1<<length:2<<length], table[:1<<length])
		}
	}
	for length := root + 1; len(sorted) > 0; length++ {
		for ; c.count[length] > 0; c.count[length]-- {
			c.put(code, length, entries[sorted[0]])
			code = following(code, length)
			sorted = sorted[1:]
		}
	}
	return true
}

// following is the code of that length behind another; that behind the last is
// not looked at.
func following(code uint32, length uint) uint32 {
	unset := code ^ (1<<length - 1)
	if unset == 0 {
		return code
	}
	bit := uint32(1) << (bits.Len32(unset) - 1)
	return code&(bit-1) | bit
}

// coded is an entry with the length of its code.
func coded(e uint32, length uint) uint32 {
	if e&(isLit|isOdd) == 0 {
		e += uint32(length) << 8
	}
	return e + uint32(length)
}

// sort counts the symbols that have a code and puts them in order.
func (c *coding) sort(lens []uint8) (n int, ok bool) {
	for _, l := range lens {
		c.count[l]++
	}
	c.count[0] = 0
	var at [17]int
	used := 0
	for l := 1; l < 16; l++ {
		used += c.count[l] << (15 - l)
		at[l+1] = at[l] + c.count[l]
	}
	n = at[16]
	if used != 1<<15 {
		if n > 1 || n == 1 && c.count[1] != 1 {
			return 0, false
		}
		for i := range 1 << c.root {
			c.table[i] = isOdd
		}
	}
	for s, l := range lens {
		if l != 0 {
			c.sorted[at[l]] = uint16(s)
			at[l]++
		}
	}
	return n, true
}

// put enters a code that is longer than the first table tells.
func (c *coding) put(code uint32, length uint, e uint32) {
	prefix := code & (1<<c.root - 1)
	if prefix != c.prefix {
		c.subtable(prefix, length)
	}
	length -= c.root
	e = coded(e, length)
	into := c.table[c.where-1<<c.sub : c.where]
	for i := code >> c.root; int(i) < len(into); i += 1 << length {
		into[i] = e
	}
}

// subtable begins one for the codes with a prefix, of which the first has that
// length: as large as the longest of them needs.
func (c *coding) subtable(prefix uint32, length uint) {
	c.prefix, c.sub = prefix, length-c.root
	for room := c.count[length]; room < 1<<c.sub; room = room<<1 + c.count[c.root+c.sub] {
		c.sub++
	}
	c.table[prefix] = isOdd | isSub | c.where<<16 | uint32(c.sub)<<8 | uint32(c.root)
	c.where += 1 << c.sub
}
