//go:build !purego && (386 || amd64 || arm64 || loong64 || ppc64le || riscv64)

package inflate

import (
	"encoding/binary"
	"unsafe"
)

// marked is what a part unpacks to before its window is known: bytes, and marks
// of which byte of that window they are.
type marked struct {
	b  []uint16
	op int
}

// mark is set in what stands for a byte of the window.
const mark = 1 << 15

// begin makes the window of marks.
func (m *marked) begin() {
	if len(m.b) < 2*Window+slop {
		m.b = make([]uint16, 1<<20)
	}
	for i := range Window {
		m.b[i] = mark | uint16(i)
	}
	m.op = Window
}

// room makes room for one symbol and what is written behind it.
func (m *marked) room(n int) {
	if m.op+n > len(m.b) {
		b := make([]uint16, max(2*len(m.b), m.op+n))
		copy(b, m.b[:m.op])
		m.b = b
	}
}

// clean tells whether there is no mark in the last window's worth.
func (m *marked) clean() bool {
	if m.op < 2*Window {
		return false
	}
	w := m.b[m.op-Window : m.op]
	var all uint16
	for len(w) > 0 {
		for _, v := range w[:512] {
			all |= v
		}
		if all&mark != 0 {
			return false
		}
		w = w[512:]
	}
	return true
}

// window returns the last window's worth, which is clean.
func (m *marked) window() []byte {
	w := make([]byte, Window)
	for i, v := range m.b[m.op-Window : m.op] {
		w[i] = byte(v)
	}
	return w
}

// resolve puts bytes where marks are.
func resolve(dst []byte, from []uint16, window *[Window]byte) {
	dst = dst[:len(from)]
	for i, v := range from {
		if v < mark {
			dst[i] = byte(v)
		} else {
			dst[i] = window[v&(mark-1)]
		}
	}
}

// mostMarked bounds what is unpacked before a window is known.
const mostMarked = 16 << 20

// mark unpacks blocks from where the reader is, until the window is clean, or
// until there is a reason to stop.
func (r *Reader) mark(m *marked) error {
	m.begin()
	for first := true; ; first = false {
		if err := r.need(3); err != nil {
			return err
		}
		switch {
		case first:
		case r.bit() >= r.stop && begins(r.bits):
			return errStopped
		case m.clean():
			return nil
		case m.op > mostMarked:
			return errTooLarge
		}
		r.final = r.take(1) == 1
		if err := r.markBlock(m); err != nil {
			return err
		}
		if r.final {
			return errFinal
		}
	}
}

func (r *Reader) markBlock(m *marked) error {
	switch r.take(2) {
	case 0:
		return r.markStored(m)
	case 1:
		r.fixedTables()
	case 2:
		if err := r.dynamicTables(); err != nil {
			return err
		}
	default:
		return ErrCorrupt
	}
	for m.op <= mostMarked {
		m.room(1 << 16)
		if r.end-r.pos < margin && r.ended == nil {
			r.fill()
		}
		var ended bool
		var err error
		if r.end-r.pos >= margin {
			ended, err = r.markSymbols(m)
		} else {
			ended, err = r.markSymbol(m)
		}
		if ended || err != nil {
			return err
		}
	}
	return errTooLarge
}

func (r *Reader) markStored(m *marked) error {
	if err := r.beginStored(); err != nil {
		return err
	}
	for r.left > 0 {
		if r.pos == r.end {
			if r.fill(); r.pos == r.end {
				return r.truncated()
			}
		}
		b := r.in[r.pos:min(r.end, r.pos+r.left)]
		m.room(len(b) + slop)
		for i, c := range b {
			m.b[m.op+i] = uint16(c)
		}
		m.op, r.pos, r.left = m.op+len(b), r.pos+len(b), r.left-len(b)
	}
	return nil
}

// markSymbol is symbol for marks.
func (r *Reader) markSymbol(m *marked) (ended bool, err error) {
	r.refill()
	e, err := r.code(r.lit[:], litBits)
	if err != nil {
		return false, err
	}
	switch {
	case e&isLit != 0:
		m.b[m.op] = uint16(byte(e >> 16))
		m.op++
		return false, nil
	case e&isEnd != 0:
		return true, nil
	}
	length := r.value(e)
	r.refill()
	if e, err = r.code(r.dist[:], distBits); err != nil {
		return false, err
	}
	from := m.op - r.value(e)
	if from < 0 {
		return false, ErrCorrupt
	}
	for range length {
		m.b[m.op] = m.b[from]
		m.op++
		from++
	}
	return false, nil
}

// markSymbols is symbols for marks.
func (r *Reader) markSymbols(m *marked) (ended bool, err error) {
	lit, dist := &r.lit, &r.dist
	in, out := r.in, unsafe.Pointer(unsafe.SliceData(m.b))
	bits, nbits, pos, op := r.bits, r.nbits, r.pos, m.op
	last, most := r.end-32, len(m.b)-slop
	for pos <= last && op < most {
		bits |= binary.LittleEndian.Uint64(in[pos:]) << (nbits & 63)
		pos += int((63 - nbits) >> 3)
		nbits |= 56
		e := lit[bits&(1<<litBits-1)]
		if e&(isOdd|isSub) == isOdd|isSub && e&isLit == 0 {
			bits >>= litBits
			nbits -= litBits
			e = lit[e>>16&0x3fff+uint32(bits)&(1<<(e>>8&15)-1)]
		}
		if e&isLit != 0 {
			bits >>= e & 63
			nbits -= uint(e & 63)
			*(*uint16)(unsafe.Add(out, 2*op)) = uint16(byte(e >> 16))
			op++
			if e = lit[bits&(1<<litBits-1)]; e&isLit == 0 {
				continue
			}
			bits >>= e & 63
			nbits -= uint(e & 63)
			*(*uint16)(unsafe.Add(out, 2*op)) = uint16(byte(e >> 16))
			op++
			continue
		}
		if e&isOdd != 0 {
			r.bits, r.nbits, r.pos, m.op = bits>>(e&63), nbits-uint(e&63), pos, op
			r.giveBack()
			if e&isEnd == 0 {
				return false, ErrCorrupt
			}
			return true, nil
		}
		length := int(e>>16) + int(uint32(bits)&(1<<(e&31)-1)>>(e>>8&15))
		bits >>= e & 63
		nbits -= uint(e & 63)
		bits |= binary.LittleEndian.Uint64(in[pos:]) << (nbits & 63)
		pos += int((63 - nbits) >> 3)
		nbits |= 56
		e = dist[bits&(1<<distBits-1)]
		if e&isOdd != 0 {
			if e&isSub != 0 {
				bits >>= distBits
				nbits -= distBits
				e = dist[e>>16&0x3fff+uint32(bits)&(1<<(e>>8&15)-1)]
			}
			if e&isOdd != 0 {
				return false, ErrCorrupt
			}
		}
		far := int(e>>16) + int(uint32(bits)&(1<<(e&31)-1)>>(e>>8&15))
		bits >>= e & 63
		nbits -= uint(e & 63)
		if far > op {
			return false, ErrCorrupt
		}
		dst, src := unsafe.Add(out, 2*op), unsafe.Add(out, 2*(op-far))
		op += length
		if far >= 4 {
			for n := 0; n < 2*length; n += 16 {
				store(dst, n, load(src, n))
				store(dst, n+8, load(src, n+8))
			}
			continue
		}
		for n := 0; n < 2*length; n += 2 {
			*(*uint16)(unsafe.Add(dst, n)) = *(*uint16)(unsafe.Add(src, n))
		}
	}
	r.bits, r.nbits, r.pos, m.op = bits, nbits, pos, op
	r.giveBack()
	return false, nil
}
