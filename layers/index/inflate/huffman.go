//go:build !purego && (386 || amd64 || arm64 || loong64 || ppc64le || riscv64)

package inflate

import (
	"math"
	"unsafe"
)

// margin is how many bytes must be there for the fast loop. One turn of it
// loads eight bytes at most 21 behind its beginning.
const margin = 48

// unit is what one byte unpacks to: itself, or what may be a mark.
type unit interface{ byte | uint16 }

// huffman unpacks until the block ends or there is no more room.
func huffman[T unit](r *Reader, out []T, most int) error {
	for r.op < most {
		if r.end-r.pos < margin && r.ended == nil {
			r.fill()
		}
		var ended bool
		var err error
		if r.end-r.pos >= margin {
			ended, err = symbols(r, out, most)
		} else {
			ended, err = symbol(r, out)
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

// symbol unpacks one symbol, looking at each step whether there is enough.
func symbol[T unit](r *Reader, out []T) (ended bool, err error) {
	r.refill()
	e, err := r.code(r.lit[:], litBits)
	if err != nil {
		return false, err
	}
	switch {
	case e&isLit != 0:
		out[r.op] = T(byte(e >> 16))
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
	if from < r.low {
		return false, ErrCorrupt
	}
	for range length {
		out[r.op] = out[from]
		r.op++
		from++
	}
	return false, nil
}

// code takes the next code, and leaves its extra bits, which are there.
func (r *Reader) code(table []uint32, root uint) (uint32, error) {
	e := table[r.bits&(1<<root-1)]
	if e&(isOdd|isSub) == isOdd|isSub && e&isLit == 0 && r.nbits >= root {
		r.take(root)
		e = table[e>>16&0x3fff+uint32(r.bits)&(1<<(e>>8&15)-1)]
	}
	n := uint(e & 63)
	switch {
	case e&isOdd != 0 && e&(isLit|isEnd) == 0:
		if r.nbits < 15 && r.pos == r.end {
			return 0, r.truncated() // what is no code may be one that is cut
		}
		return 0, ErrCorrupt
	case n > r.nbits:
		return 0, r.truncated()
	case e&(isLit|isOdd) == 0:
		n = uint(e >> 8 & 15)
	}
	r.take(n)
	return e, nil
}

// value takes the extra bits of a length or a distance.
func (r *Reader) value(e uint32) int {
	return int(e>>16) + int(r.take(uint(e&63-e>>8&15)))
}

func load(p unsafe.Pointer, at int) uint64 { return *(*uint64)(unsafe.Add(p, at)) }

func store(p unsafe.Pointer, at int, v uint64) { *(*uint64)(unsafe.Add(p, at)) = v }

func put[T unit](p unsafe.Pointer, at int, v uint32) {
	*(*T)(unsafe.Add(p, at*int(unsafe.Sizeof(T(0))))) = T(byte(v))
}

// symbols unpacks until the block ends, the input runs low or there is no more
// room. It is one function for the registers' sake: the state of the input is
// in variables, nothing is checked but where a distance leads, and what is
// written beyond a symbol's end falls into room that there is for it.
//
// At the top of a turn at least 56 bits are loaded, e is the entry of the next
// code, and none of its bits has been used. Of nbits the lowest six bits tell how
// many there are; from those above whole entries are taken too.
//
// What takes the time is that each code waits for the one before. So its entry is
// looked up before more bits are loaded, for which there are always enough: two
// literals and a length take 42 at most, three literals 33, a distance 28. That of a
// distance, d, is looked up before it is known whether one follows.
func symbols[T unit](r *Reader, to []T, most int) (ended bool, err error) {
	size := int(unsafe.Sizeof(T(0)))
	lit, dist := &r.lit, &r.dist
	in, out := unsafe.Pointer(unsafe.SliceData(r.in)), unsafe.Pointer(unsafe.SliceData(to))
	bits, nbits, pos, op, low := r.bits, r.nbits, r.pos, r.op, r.low
	last := r.end - 32
	bits |= load(in, pos) << (nbits & 63)
	pos += int(^nbits >> 3 & 7)
	nbits |= 56
	e := lit[bits&(1<<litBits-1)]
	for pos <= last && op < most {
		before := bits
		bits >>= e & 63
		nbits -= uint(e)
		d := dist[bits&(1<<distBits-1)]
		if e&isLit != 0 {
			put[T](out, op, e>>16)
			op++
			e = lit[bits&(1<<litBits-1)]
			before = bits
			bits >>= e & 63
			nbits -= uint(e)
			d = dist[bits&(1<<distBits-1)]
			if e&isLit != 0 {
				put[T](out, op, e>>16)
				op++
				e = lit[bits&(1<<litBits-1)]
				before = bits
				bits >>= e & 63
				nbits -= uint(e)
				d = dist[bits&(1<<distBits-1)]
				if e&isLit != 0 {
					put[T](out, op, e>>16)
					op++
					e = lit[bits&(1<<litBits-1)]
					bits |= load(in, pos) << (nbits & 63)
					pos += int(^nbits >> 3 & 7)
					nbits |= 56
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
				d = dist[bits&(1<<distBits-1)]
				if e&isLit != 0 {
					put[T](out, op, e>>16)
					op++
					e = lit[bits&(1<<litBits-1)]
					bits |= load(in, pos) << (nbits & 63)
					pos += int(^nbits >> 3 & 7)
					nbits |= 56
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
		e = d
		bits |= load(in, pos) << (nbits & 63)
		pos += int(^nbits >> 3 & 7)
		nbits |= 56
		if e&isOdd != 0 {
			bits >>= distBits
			nbits -= distBits
			if e&isSub != 0 {
				e = dist[e>>16&0x3fff+uint32(bits)&(1<<(e>>8&15)-1)]
			}
			if e&isOdd != 0 {
				r.op = op
				return false, ErrCorrupt
			}
		}
		far := int(e>>16) + int(uint32(bits)&(1<<(e&31)-1)>>(e>>8&15))
		bits >>= e & 63
		nbits -= uint(e)
		from := op - far
		if from < low {
			r.op = op
			return false, ErrCorrupt
		}
		dst, src := unsafe.Add(out, size*op), unsafe.Add(out, size*from)
		op += length
		length, far = size*length, size*far
		// The next entry is on its way while the match is copied.
		e = lit[bits&(1<<litBits-1)]
		bits |= load(in, pos) << (nbits & 63)
		pos += int(^nbits >> 3 & 7)
		nbits |= 56
		switch {
		case far >= 8:
			store(dst, 0, load(src, 0))
			store(dst, 8, load(src, 8))
			store(dst, 16, load(src, 16))
			store(dst, 24, load(src, 24))
			for n := 32; n < length; n += 16 {
				store(dst, n, load(src, n))
				store(dst, n+8, load(src, n+8))
			}
		case far == size:
			v := uint64(*(*T)(src)) * (math.MaxUint64 / uint64(^T(0)))
			for n := 0; n < length; n += 8 {
				store(dst, n, v)
			}
		default:
			for n := 0; n < length; n += far {
				store(dst, 0, load(src, 0))
				dst, src = unsafe.Add(dst, far), unsafe.Add(src, far)
			}
		}
	}
	r.bits, r.nbits, r.pos, r.op = bits, nbits&63, pos, op
	r.giveBack()
	return false, nil
}
