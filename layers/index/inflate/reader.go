//go:build !purego && (386 || amd64 || arm64 || loong64 || ppc64le || riscv64)

package inflate

import (
	"encoding/binary"
	"errors"
	"hash/crc32"
	"io"
	"sync"
)

// Sizes of the buffers. What is unpacked at once stays in the second-level
// cache together with the window before it, until whoever takes it has read it.
const (
	piece  = 192 << 10
	filled = Window + piece // where unpacking stops until the piece is taken
	slop   = 336            // what one symbol, and copies wider than it, write beyond
)

// stage is what comes next in a stream.
type stage uint8

const (
	atMember stage = iota // a member's header, or the end
	atBlock
	inStored
	inHuffman
	atTrailer
)

// Reader undoes gzip. It is for one goroutine.
type Reader struct {
	input
	tables
	out   []byte
	spare []byte // what was unpacked before
	op    int    // end of what is unpacked
	given int    // beginning of what has not been taken
	low   int    // beginning of the member, before which nothing may be looked at
	base  int64  // unpacked bytes before out[0]

	stage   stage
	final   bool // the block is the member's last
	left    int  // bytes of a stored block that are to come
	members int

	partly bool // the member was begun in its middle: its sums cannot be told
	crc    uint32
	size   uint32
	summed int // beginning of what crc and size do not cover

	// Of a part of a member that is unpacked for itself: where another part is
	// thought to begin, and that its end is the end.
	stop  int64
	part  bool
	marks []uint16 // in place of out, until the window is known

	every int64
	last  int64
	note  func(Checkpoint)

	rest []byte // unpacked and not read
	err  error  // why there is no more
}

var readers = sync.Pool{New: func() any {
	return &Reader{input: input{in: make([]byte, inSize)}, out: make([]byte, filled+slop), spare: make([]byte, filled+slop)}
}}

// NewReader begins a gzip stream of any number of members. An error is that of
// its first header; io.EOF says that there is no byte.
func NewReader(src io.Reader) (*Reader, error) {
	r := fresh(src)
	if err := r.member(); err != nil {
		r.Close()
		return nil, err
	}
	return r, nil
}

// Resume reads on from a place. The source begins at the byte that has the
// place's bit. The sums of the member in which that is are not checked.
func Resume(src io.Reader, p Checkpoint) (*Reader, error) {
	if len(p.Window) > Window || p.Out < int64(len(p.Window)) || p.Bit < 0 {
		return nil, errDamaged
	}
	r := fresh(src)
	r.resume(p)
	if err := r.need(uint(p.Bit & 7)); err != nil {
		r.Close()
		return nil, err
	}
	r.take(uint(p.Bit & 7))
	return r, nil
}

func fresh(src io.Reader) *Reader {
	r := readers.Get().(*Reader)
	*r = Reader{input: input{src: src, in: r.in}, tables: r.tables, out: r.out, spare: r.spare}
	r.fixed = false
	return r
}

func (r *Reader) resume(p Checkpoint) {
	r.stored = p.Bit / 8
	r.op = copy(r.out, p.Window)
	r.given, r.summed, r.base = r.op, r.op, p.Out-int64(r.op)
	r.last, r.partly, r.members, r.stage = p.Out, true, 1, atBlock
}

// Close lets go of the buffers; nothing may be read afterwards. It does not
// close the source.
func (r *Reader) Close() error {
	if r.in == nil {
		return nil
	}
	readers.Put(&Reader{input: input{in: r.in}, out: r.out, spare: r.spare})
	*r = Reader{err: io.ErrClosedPipe}
	return nil
}

// Note calls f at the first place behind every so many unpacked bytes. The
// place's window is f's only until it returns.
func (r *Reader) Note(every int64, f func(Checkpoint)) { r.every, r.note = every, f }

// Read implements io.Reader.
func (r *Reader) Read(p []byte) (int, error) {
	for len(r.rest) == 0 {
		if r.err != nil {
			return 0, r.err
		}
		r.rest, r.err = r.Next()
	}
	n := copy(p, r.rest)
	r.rest = r.rest[n:]
	return n, nil
}

// WriteTo implements io.WriterTo: w sees each piece where it was unpacked.
func (r *Reader) WriteTo(w io.Writer) (n int64, err error) {
	for {
		if len(r.rest) > 0 {
			k, err := w.Write(r.rest)
			n += int64(k)
			r.rest = r.rest[k:]
			if err != nil {
				return n, err
			}
		}
		if r.err == io.EOF {
			return n, nil
		}
		if r.err != nil {
			return n, r.err
		}
		r.rest, r.err = r.Next()
	}
}

// Next unpacks a piece, and tells why it is the last. The piece stays as it is
// until Next is called once more after the next time.
func (r *Reader) Next() ([]byte, error) {
	r.slide()
	var err error
	for err == nil && r.op < filled {
		err = r.step()
	}
	b := r.out[r.given:r.op]
	r.given = r.op
	r.sum()
	return b, err
}

// slide goes on in the other buffer, with the window before it.
func (r *Reader) slide() {
	by := max(r.op-Window, 0)
	r.op = copy(r.spare, r.out[by:r.op])
	r.out, r.spare = r.spare, r.out
	r.given -= by
	r.summed -= by
	r.low = max(r.low-by, 0)
	r.base += int64(by)
}

func (r *Reader) step() error {
	switch r.stage {
	case atMember:
		return r.member()
	case atBlock:
		return r.block()
	case inStored:
		return r.copyStored()
	case inHuffman:
		return huffman(r, r.out, filled)
	}
	return r.trailer()
}

// sum brings the sums up to what is unpacked.
func (r *Reader) sum() {
	b := r.out[r.summed:r.op]
	r.summed = r.op
	if !r.partly {
		r.crc = crc32.Update(r.crc, crc32.IEEETable, b)
		r.size += uint32(len(b))
	}
}

// trailer reads and checks what ends a member.
func (r *Reader) trailer() error {
	if r.part {
		return errFinal
	}
	r.align()
	var b [8]byte
	if err := r.bytes(b[:]); err != nil {
		return err
	}
	r.sum()
	if !r.partly && (binary.LittleEndian.Uint32(b[:]) != r.crc || binary.LittleEndian.Uint32(b[4:]) != r.size) {
		return ErrChecksum
	}
	r.stage = atMember
	return nil
}

// block reads a block's header.
func (r *Reader) block() error {
	r.noted()
	if err := r.need(3); err != nil {
		return err
	}
	if r.stop > 0 && r.bit() >= r.stop && begins(r.bits) {
		return errStopped
	}
	r.final = r.take(1) == 1
	switch r.take(2) {
	case 0:
		return r.beginStored()
	case 1:
		r.stage = inHuffman
		r.fixedTables()
		return nil
	case 2:
		r.stage = inHuffman
		return r.dynamicTables()
	}
	return ErrCorrupt
}

func (r *Reader) noted() {
	at := r.base + int64(r.op)
	if r.every > 0 && at-r.last >= r.every {
		r.last = at
		r.note(Checkpoint{Out: at, Bit: r.bit(), Window: r.out[max(r.low, r.op-Window):r.op]})
	}
}

// endBlock goes on behind a block.
func (r *Reader) endBlock() {
	r.stage = atBlock
	if r.final {
		r.stage = atTrailer
	}
}

// Why the unpacking of a part ends without a fault.
var (
	errStopped = errors.New("gzip: the next part begins")
	errFinal   = errors.New("gzip: the member ends")
)

// begins tells whether a block begins that a part may begin with: one with its
// own codes or stored, and not the last.
func begins(bits uint64) bool { return bits&7 == 4 || bits&7 == 0 }

func (r *Reader) beginStored() error {
	r.align()
	var b [4]byte
	if err := r.bytes(b[:]); err != nil {
		return err
	}
	n := binary.LittleEndian.Uint16(b[:])
	if n != ^binary.LittleEndian.Uint16(b[2:]) {
		return ErrCorrupt
	}
	r.left, r.stage = int(n), inStored
	return nil
}

// copyStored copies as much of a stored block as there is and fits.
func (r *Reader) copyStored() error {
	b, err := r.storedBytes()
	r.copied(copy(r.out[r.op:filled], b))
	return err
}

// storedBytes returns what there is of a stored block; none of one that has ended.
func (r *Reader) storedBytes() ([]byte, error) {
	if r.left == 0 {
		r.endBlock()
		return nil, nil
	}
	if r.pos == r.end {
		if r.fill(); r.pos == r.end {
			return nil, r.truncated()
		}
	}
	return r.in[r.pos:min(r.end, r.pos+r.left)], nil
}

// copied notes that n bytes of a stored block are unpacked.
func (r *Reader) copied(n int) { r.op, r.pos, r.left = r.op+n, r.pos+n, r.left-n }
