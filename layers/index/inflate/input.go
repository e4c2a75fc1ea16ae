//go:build !purego && (386 || amd64 || arm64 || loong64 || ppc64le || riscv64)

package inflate

import (
	"encoding/binary"
	"io"
)

const inSize = 128 << 10

// input is the stored stream, bit by bit.
type input struct {
	src      io.Reader
	in       []byte
	pos, end int   // what of in has been read and not been used
	stored   int64 // bytes before in[0]
	ended    error // why the source has no more; io.EOF at its end

	// bits are those that come next, the first one lowest, nbits of them. What is
	// above is either nothing or what follows in the buffer.
	bits  uint64
	nbits uint
}

// fill reads until so much is there that the fast loop can run, or until the
// source has no more.
func (i *input) fill() {
	i.giveBack()
	copy(i.in, i.in[i.pos:i.end])
	i.stored += int64(i.pos)
	i.pos, i.end = 0, i.end-i.pos
	for idle := 0; i.end < margin && i.ended == nil; {
		n, err := i.src.Read(i.in[i.end:])
		i.end += n
		if idle++; n > 0 {
			idle = 0
		}
		if err == nil && idle == 100 {
			err = io.ErrNoProgress
		}
		i.ended = err
	}
}

// truncated is why a stream ends in what it began.
func (i *input) truncated() error {
	if i.ended == nil || i.ended == io.EOF {
		return io.ErrUnexpectedEOF
	}
	return i.ended
}

// refill loads as many bits as there are, at most 56 and more.
func (i *input) refill() {
	if i.end-i.pos < margin && i.ended == nil {
		i.fill()
	}
	if i.end-i.pos >= 8 {
		i.bits |= binary.LittleEndian.Uint64(i.in[i.pos:]) << i.nbits
		i.pos += int((63 - i.nbits) >> 3)
		i.nbits |= 56
		return
	}
	for i.nbits < 56 && i.pos < i.end {
		i.bits |= uint64(i.in[i.pos]) << i.nbits
		i.pos++
		i.nbits += 8
	}
}

// need loads at least n bits, which are at most 56.
func (i *input) need(n uint) error {
	if i.nbits >= n {
		return nil
	}
	if i.refill(); i.nbits < n {
		return i.truncated()
	}
	return nil
}

// take uses n bits that are there.
func (i *input) take(n uint) uint32 {
	v := uint32(i.bits & (1<<n - 1))
	i.bits >>= n
	i.nbits -= n
	return v
}

// bit is how many bits of the stream have been used.
func (i *input) bit() int64 { return (i.stored+int64(i.pos))*8 - int64(i.nbits) }

// giveBack puts whole bytes that have been loaded back.
func (i *input) giveBack() {
	i.pos -= int(i.nbits >> 3)
	i.nbits &= 7
	i.bits &= 1<<i.nbits - 1
}

// align goes to the next whole byte.
func (i *input) align() {
	i.giveBack()
	i.bits, i.nbits = 0, 0
}

// bytes reads whole bytes; the input is aligned.
func (i *input) bytes(b []byte) error {
	for len(b) > 0 {
		if i.pos == i.end {
			if i.fill(); i.pos == i.end {
				return i.truncated()
			}
		}
		n := copy(b, i.in[i.pos:i.end])
		i.pos += n
		b = b[n:]
	}
	return nil
}

// empty tells whether nothing follows; the input is aligned.
func (i *input) empty() bool {
	if i.pos == i.end {
		i.fill()
	}
	return i.pos == i.end
}
