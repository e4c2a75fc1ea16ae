//go:build !purego && (386 || amd64 || arm64 || loong64 || ppc64le || riscv64)

package inflate

import (
	"encoding/binary"
	"unsafe"
)

// What a part unpacks to before its window is known is a byte or a mark of which
// byte of that window it is, in two bytes each. A Reader that marks has them in
// marks in place of out, and op is where it is in that.

// mark is set in what stands for a byte of the window.
const mark = 1 << 15

// markPiece is where the unpacking of marks stops until the piece is taken.
const markPiece = Window + (piece-Window)/2

// marksOf is a granule's memory for marks.
func marksOf(b []byte) []uint16 {
	return unsafe.Slice((*uint16)(unsafe.Pointer(unsafe.SliceData(b))), len(b)/2)
}

// beginMarks makes the window of marks.
func (r *Reader) beginMarks(b []byte) {
	r.marks = marksOf(b)
	for i := range Window {
		r.marks[i] = mark | uint16(i)
	}
	r.op, r.base = Window, -Window
}

// slideMarks goes on in another granule, with the window before it.
func (r *Reader) slideMarks(b []byte) {
	next := marksOf(b)
	by := r.op - Window
	r.op = copy(next, r.marks[by:r.op])
	r.marks = next
	r.base += int64(by)
}

// clean tells whether there is no mark in the last window's worth.
func (r *Reader) clean() bool {
	w := unsafe.Pointer(&r.marks[r.op-Window : r.op][0])
	for at := 0; at < 2*Window; at += 256 {
		var all uint64
		for n := at; n < at+256; n += 8 {
			all |= load(w, n)
		}
		if all&marks4 != 0 {
			return false
		}
	}
	return true
}

// endMarks goes on with bytes behind a window that is clean.
func (r *Reader) endMarks() {
	from := unsafe.Pointer(&r.marks[r.op-Window : r.op][0])
	for n := 0; n < Window; n += 4 {
		binary.LittleEndian.PutUint32(r.out[n:], narrow4(load(from, 2*n)))
	}
	r.base += int64(r.op - Window)
	r.op, r.given, r.summed, r.low = Window, Window, Window, 0
	r.marks = nil
}

// known is what each mark stands for, and each byte.
type known [1 << 16]byte

// know makes marks those of a window.
func (k *known) know(window []byte) {
	for i := range 256 {
		k[i] = byte(i)
	}
	copy(k[mark:], window)
}

// resolve puts bytes where marks are.
func (k *known) resolve(dst []byte, from []uint16) {
	dst = dst[:len(from)]
	for len(from) >= 4 {
		if v := load(unsafe.Pointer(unsafe.SliceData(from)), 0); v&marks4 == 0 {
			*(*uint32)(unsafe.Pointer(unsafe.SliceData(dst))) = narrow4(v)
		} else {
			dst[0], dst[1], dst[2], dst[3] = k[from[0]], k[from[1]], k[from[2]], k[from[3]]
		}
		dst, from = dst[4:], from[4:]
	}
	for i, v := range from {
		dst[i] = k[v]
	}
}

// marks4 is four marks.
const marks4 = mark * 0x0001_0001_0001_0001

// narrow4 is four bytes that stood in two each.
func narrow4(v uint64) uint32 {
	v |= v >> 8
	v &= 0x0000_ffff_0000_ffff
	return uint32(v | v>>16)
}

// mark unpacks marks up to there, and tells why it stopped before.
func (r *Reader) mark(most int) (err error) {
	for err == nil && r.op < most {
		switch r.stage {
		case inStored:
			err = r.markStored(most)
		case inHuffman:
			err = r.markHuffman(most)
		default:
			err = r.step()
		}
	}
	return err
}

// markStored is copyStored for marks.
func (r *Reader) markStored(most int) error {
	if r.left == 0 {
		r.endBlock()
		return nil
	}
	if r.pos == r.end {
		if r.fill(); r.pos == r.end {
			return r.truncated()
		}
	}
	n := min(most-r.op, r.left, r.end-r.pos)
	to := r.marks[r.op:][:n]
	for i, c := range r.in[r.pos:][:n] {
		to[i] = uint16(c)
	}
	r.op, r.pos, r.left = r.op+n, r.pos+n, r.left-n
	return nil
}

// markHuffman is huffman for marks.
func (r *Reader) markHuffman(most int) error {
	for r.op < most {
		if r.end-r.pos < margin && r.ended == nil {
			r.fill()
		}
		var ended bool
		var err error
		if r.end-r.pos >= margin {
			ended, err = r.markSymbols(most)
		} else {
			ended, err = r.markSymbol()
		}
		if err != nil {
			return err
		}
		if ended {
			r.endBlock()
			return nil
		}
	}
	return nil
}

// markSymbol is symbol for marks.
func (r *Reader) markSymbol() (ended bool, err error) {
	r.refill()
	e, err := r.code(r.lit[:], litBits)
	if err != nil {
		return false, err
	}
	switch {
	case e&isLit != 0:
		r.marks[r.op] = uint16(byte(e >> 16))
		r.op++
		return false, nil
	case e&isEnd != 0:
		return true, nil
	}
	length := r.value(e)
	r.refill()
	if e, err = r.code(r.dist[:], distBits); err != nil {
		return false, err
	}
	from := r.op - r.value(e)
	if from < 0 {
		return false, ErrCorrupt
	}
	for range length {
		r.marks[r.op] = r.marks[from]
		r.op++
		from++
	}
	return false, nil
}

// markSymbols is symbols for marks.
func (r *Reader) markSymbols(most int) (ended bool, err error) {
	lit, dist := &r.lit, &r.dist
	in, out := unsafe.Pointer(unsafe.SliceData(r.in)), unsafe.Pointer(unsafe.SliceData(r.marks))
	bits, nbits, pos, op := r.bits, r.nbits, r.pos, r.op
	last := r.end - 32
	bits |= load(in, pos) << (nbits & 63)
	pos += int(^nbits >> 3 & 7)
	nbits |= 56
	e := lit[bits&(1<<litBits-1)]
	for pos <= last && op < most {
		before := bits
		bits >>= e & 63
		nbits -= uint(e)
		if e&isLit != 0 {
			putMark(out, op, e>>16)
			op++
			e = lit[bits&(1<<litBits-1)]
			before = bits
			bits >>= e & 63
			nbits -= uint(e)
			if e&isLit != 0 {
				putMark(out, op, e>>16)
				op++
				e = lit[bits&(1<<litBits-1)]
				before = bits
				bits >>= e & 63
				nbits -= uint(e)
				if e&isLit != 0 {
					putMark(out, op, e>>16)
					op++
					bits |= load(in, pos) << (nbits & 63)
					pos += int(^nbits >> 3 & 7)
					nbits |= 56
					e = lit[bits&(1<<litBits-1)]
					continue
				}
			}
		}
		if e&isOdd != 0 {
			if e&isSub != 0 {
				e = lit[e>>16&0x3fff+uint32(bits)&(1<<(e>>8&15)-1)]
				before = bits
				bits >>= e & 63
				nbits -= uint(e)
				if e&isLit != 0 {
					putMark(out, op, e>>16)
					op++
					bits |= load(in, pos) << (nbits & 63)
					pos += int(^nbits >> 3 & 7)
					nbits |= 56
					e = lit[bits&(1<<litBits-1)]
					continue
				}
			}
			if e&isOdd != 0 {
				r.bits, r.nbits, r.pos, r.op = bits, nbits&63, pos, op
				r.giveBack()
				if e&isEnd == 0 {
					return false, ErrCorrupt
				}
				return true, nil
			}
		}
		length := int(e>>16) + int(uint32(before)&(1<<(e&31)-1)>>(e>>8&15))
		bits |= load(in, pos) << (nbits & 63)
		pos += int(^nbits >> 3 & 7)
		nbits |= 56
		e = dist[bits&(1<<distBits-1)]
		if e&isOdd != 0 {
			bits >>= distBits
			nbits -= distBits
			if e&isSub != 0 {
				e = dist[e>>16&0x3fff+uint32(bits)&(1<<(e>>8&15)-1)]
			}
			if e&isOdd != 0 {
				return false, ErrCorrupt
			}
		}
		far := int(e>>16) + int(uint32(bits)&(1<<(e&31)-1)>>(e>>8&15))
		bits >>= e & 63
		nbits -= uint(e)
		from := op - far
		if from < 0 {
			return false, ErrCorrupt
		}
		dst, src := unsafe.Add(out, 2*op), unsafe.Add(out, 2*from)
		op += length
		bits |= load(in, pos) << (nbits & 63)
		pos += int(^nbits >> 3 & 7)
		nbits |= 56
		e = lit[bits&(1<<litBits-1)]
		switch {
		case far >= 4:
			for n := 0; n < 2*length; n += 16 {
				store(dst, n, load(src, n))
				store(dst, n+8, load(src, n+8))
			}
		case far == 1:
			v := uint64(*(*uint16)(src)) * 0x0001_0001_0001_0001
			for n := 0; n < 2*length; n += 8 {
				store(dst, n, v)
			}
		default:
			for n := 0; n < 2*length; n += 2 * far {
				store(dst, 0, load(src, 0))
				dst, src = unsafe.Add(dst, 2*far), unsafe.Add(src, 2*far)
			}
		}
	}
	r.bits, r.nbits, r.pos, r.op = bits, nbits&63, pos, op
	r.giveBack()
	return false, nil
}

func putMark(p unsafe.Pointer, at int, v uint32) { *(*uint16)(unsafe.Add(p, 2*at)) = uint16(byte(v)) }
