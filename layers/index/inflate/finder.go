//go:build !purego && (386 || amd64 || arm64 || loong64 || ppc64le || riscv64)

package inflate

import (
	"encoding/binary"
	"io"
)

// finder looks for blocks in the middle of a stream.
type finder struct {
	at   io.ReaderAt
	size int64
	buf  []byte
	base int64 // of buf, in bytes
}

const (
	searched = 512 << 10  // how far a part is searched: blocks are shorter
	stride   = 64 << 10   // how far at once
	beyond   = 1<<16 + 64 // what may be looked at behind a place: a stored block, and the beginning of the next
)

// find returns the first bit in [from, to) where a block may begin that is not
// its member's last; −1 where none is near.
func (f *finder) find(from, to int64) int64 {
	to = min(to, from+searched*8)
	for ; from < to; from = (f.base + stride) * 8 {
		f.load(from / 8)
		if bit := f.among(from, min(to, (f.base+stride)*8)); bit >= 0 {
			return bit
		}
	}
	return -1
}

// load has what stands from a byte on at hand.
func (f *finder) load(at int64) {
	if f.buf == nil {
		f.buf = make([]byte, stride+beyond)
	}
	f.base = at
	n, _ := f.at.ReadAt(f.buf[:cap(f.buf)], at)
	f.buf = f.buf[:n]
}

// among is find in what is at hand.
func (f *finder) among(from, to int64) int64 {
	end := min(to-f.base*8, int64(len(f.buf)-64)*8)
	for bit := from - f.base*8; bit < end; bit++ {
		o, s := int(bit>>3), uint(bit&7)
		if s == 0 {
			if start := f.storedAt(o, from); start >= 0 {
				return start
			}
		}
		v := binary.LittleEndian.Uint64(f.buf[o:]) >> s
		if v&7 == 4 && v>>3&31 <= 29 && v>>8&31 <= 29 && f.lengthsAt(o+int(s+17)>>3, (s+17)&7, int(v>>13&15)+4) && f.codesAt(f.base*8+bit) {
			return f.base*8 + bit
		}
	}
	return -1
}

// lengthsAt tells whether n lengths of three bits are those of a complete code,
// which is so of few that are none.
func (f *finder) lengthsAt(o int, s uint, n int) bool {
	w := binary.LittleEndian.Uint64(f.buf[o:])>>s | uint64(f.buf[o+8])<<(64-s)
	used := 0
	for range n {
		if l := w & 7; l != 0 {
			used += 128 >> l
		}
		w >>= 3
	}
	return used == 128
}

// codesAt tells whether a block's codes can be read.
func (f *finder) codesAt(bit int64) bool {
	r := fresh(io.NewSectionReader(f.at, bit/8, min(4096, f.size-bit/8)))
	defer r.Close()
	if r.need(uint(bit&7)+3) != nil {
		return false
	}
	r.take(uint(bit&7) + 3)
	return r.dynamicTables() == nil
}

// storedAt tells the beginning of a stored block whose length stands at a byte,
// if what follows it may be a block too; −1 where there is none.
func (f *finder) storedAt(o int, from int64) int64 {
	b := f.buf
	if !f.isLength(o) || o == 0 || b[o-1]&0xe0 != 0 {
		return -1
	}
	start := (f.base+int64(o))*8 - 3
	next := o + 4 + int(binary.LittleEndian.Uint16(b[o:]))
	if start < from || next+8 >= len(b) {
		return -1
	}
	switch b[next] & 7 {
	case 0:
		if f.isLength(next + 1) {
			return start
		}
	case 4, 5:
		if f.codesAt((f.base + int64(next)) * 8) {
			return start
		}
	}
	return -1
}

// isLength tells whether a length and its complement stand at a byte.
func (f *finder) isLength(o int) bool {
	b := f.buf
	return o+4 <= len(b) && b[o] == ^b[o+2] && b[o+1] == ^b[o+3] && (b[o] != 0 || b[o+1] != 0)
}
