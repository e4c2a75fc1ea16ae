//go:build !purego && (386 || amd64 || arm64 || loong64 || ppc64le || riscv64)

package inflate

import (
	"encoding/binary"
	"hash/crc32"
	"io"
)

// The flags of a member's header.
const (
	hasSum     = 1 << 1
	hasExtra   = 1 << 2
	hasName    = 1 << 3
	hasComment = 1 << 4
)

// member reads a member's header, or says that there is none any more.
func (r *Reader) member() error {
	if r.empty() {
		if r.ended != nil && r.ended != io.EOF {
			return r.ended
		}
		return io.EOF
	}
	h := header{r: r}
	var b [10]byte
	h.read(b[:])
	if h.err == nil && (b[0] != 0x1f || b[1] != 0x8b || b[2] != 8) {
		return ErrHeader
	}
	h.fields(b[3])
	if h.err != nil {
		return h.err
	}
	r.members++
	r.partly, r.crc, r.size = false, 0, 0
	r.low, r.summed, r.stage = r.op, r.op, atBlock
	return nil
}

// header reads a member's header and sums it.
type header struct {
	r   *Reader
	sum uint32
	err error
}

func (h *header) read(b []byte) {
	if h.err != nil {
		return
	}
	h.err = h.r.bytes(b)
	h.sum = crc32.Update(h.sum, crc32.IEEETable, b)
}

// fields passes over what the flags say that there is.
func (h *header) fields(flags byte) {
	var b [2]byte
	if flags&hasExtra != 0 {
		h.read(b[:])
		for n := binary.LittleEndian.Uint16(b[:]); n > 0 && h.err == nil; n-- {
			h.read(b[:1])
		}
	}
	if flags&hasName != 0 {
		h.text()
	}
	if flags&hasComment != 0 {
		h.text()
	}
	if flags&hasSum == 0 {
		return
	}
	sum := uint16(h.sum)
	if h.read(b[:]); h.err == nil && binary.LittleEndian.Uint16(b[:]) != sum {
		h.err = ErrHeader
	}
}

// longest is how long a text in a header may be with its end, as compress/gzip has it.
const longest = 512

func (h *header) text() {
	var b [1]byte
	for range longest {
		if h.read(b[:]); h.err != nil || b[0] == 0 {
			return
		}
	}
	h.err = ErrHeader
}
