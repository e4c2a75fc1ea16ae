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
	r.op, r.low, r.base = Window, 0, -Window
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
	r.op, r.given, r.summed = Window, Window, Window
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
			err = huffman(r, r.marks, most)
		default:
			err = r.step()
		}
	}
	return err
}

// markStored is copyStored for marks.
func (r *Reader) markStored(most int) error {
	b, err := r.storedBytes()
	b = b[:min(len(b), most-r.op)]
	to := r.marks[r.op:]
	for i, c := range b {
		to[i] = uint16(c)
	}
	r.copied(len(b))
	return err
}
