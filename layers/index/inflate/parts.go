//go:build !purego && (386 || amd64 || arm64 || loong64 || ppc64le || riscv64)

package inflate

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"sync"
)

// Several cores unpack one member: each takes a part of the stored bytes, looks
// for a block in it, and unpacks from there. What a block copies from before
// its part is marked until the part before is there. A part whose beginning
// turns out to be no block's is unpacked once more, in its turn.

const (
	partSize = 4 << 20  // stored bytes
	partMost = 96 << 20 // unpacked bytes that wait for their turn; more is unpacked in its turn
	granule  = 192 << 10
)

var errTooLarge = errors.New("gzip: a part is too large to wait")

// Parts undoes gzip on several cores. It is for one goroutine, and as [Reader]
// in all that it says.
type Parts struct {
	at      io.ReaderAt
	size    int64
	each    int64 // stored bytes of a part
	begin   int64 // of the first block, in bits
	parts   []*part
	turn    int           // the part that is next
	room    chan struct{} // a token for each part that is unpacked and not taken
	quit    chan struct{}
	workers sync.WaitGroup

	pos    int64 // bits that have been unpacked
	out    int64
	window []byte
	crc    uint32
	ended  bool // the member is

	now      *part // what is being given
	marked   []uint16
	before   [Window]byte // the window that the marks are of
	serial   *Reader      // what is unpacked in its turn
	rest     *Reader      // the members behind the first
	bufs     [2][]byte
	flip     int
	piece    []byte    // what is left of a piece of the part
	plainOut int64     // bytes of the part that are given, marked ones not counted
	used     [2][]byte // pieces that have been given, to be used again

	every int64
	last  int64
	note  func(Checkpoint)

	read []byte
	err  error
}

// part is what one core unpacks.
type part struct {
	start, end int64 // bits; start is −1 where nothing was found
	marked     *marked
	plain      [][]byte
	places     []Checkpoint
	final      bool
	done       chan struct{}
}

// NewParts begins a gzip stream that several workers unpack. The caller closes it.
func NewParts(at io.ReaderAt, size int64, workers int) (*Parts, error) {
	return newParts(at, size, workers, partSize)
}

// newParts has parts of so many stored bytes.
func newParts(at io.ReaderAt, size int64, workers int, each int64) (*Parts, error) {
	r, err := NewReader(io.NewSectionReader(at, 0, size))
	if err != nil {
		return nil, err
	}
	p := &Parts{at: at, size: size, each: each, begin: r.bit(), room: make(chan struct{}, workers+1), quit: make(chan struct{})}
	r.Close()
	p.pos = p.begin
	n := int((size*8 - p.begin + each*8 - 1) / (each * 8))
	p.parts = make([]*part, n)
	for i := range p.parts {
		p.parts[i] = &part{start: -1, done: make(chan struct{})}
	}
	p.start(workers)
	return p, nil
}

// start starts the workers, who take the parts in their order, not too many ahead.
func (p *Parts) start(workers int) {
	next := make(chan int)
	p.workers.Go(func() {
		defer close(next)
		for i := range p.parts {
			select {
			case p.room <- struct{}{}:
			case <-p.quit:
				return
			}
			select {
			case next <- i:
			case <-p.quit:
				return
			}
		}
	})
	for range workers {
		p.workers.Go(func() {
			for i := range next {
				p.unpack(i)
			}
		})
	}
}

// bound is where a part begins to look for a block.
func (p *Parts) bound(i int) int64 { return p.begin + int64(i)*p.each*8 }

// section is what is stored from the byte of a bit on.
func (p *Parts) section(bit int64) io.Reader {
	return io.NewSectionReader(p.at, bit/8, max(p.size-bit/8, 0))
}

// Note is [Reader.Note].
func (p *Parts) Note(every int64, f func(Checkpoint)) { p.every, p.note = every, f }

// Stored returns how many stored bytes have been unpacked.
func (p *Parts) Stored() int64 {
	if p.ended {
		return p.size
	}
	return p.pos / 8
}

// Close stops the workers and waits for them.
func (p *Parts) Close() error {
	select {
	case <-p.quit:
		return nil
	default:
		close(p.quit)
	}
	p.workers.Wait()
	for _, r := range []*Reader{p.serial, p.rest} {
		if r != nil {
			r.Close()
		}
	}
	p.err = io.ErrClosedPipe
	return nil
}

// Next is [Reader.Next].
func (p *Parts) Next() ([]byte, error) {
	if p.err != nil {
		return nil, p.err
	}
	b, err := p.next()
	p.err = err
	return b, err
}

func (p *Parts) next() ([]byte, error) {
	for {
		switch {
		case p.rest != nil:
			return p.rest.Next()
		case p.serial != nil:
			b, err := p.serial.Next()
			p.keep(b)
			if err == errStopped || err == errFinal {
				p.pos, p.ended = p.serial.bit(), err == errFinal
				p.serial.Close()
				p.serial, err = nil, nil
			}
			if len(b) > 0 || err != nil {
				return b, err
			}
		case p.now != nil:
			if b := p.given(); len(b) > 0 {
				return b, nil
			}
		case p.ended:
			if err := p.trailer(); err != nil {
				return nil, err
			}
		case p.turn == len(p.parts):
			return nil, io.ErrUnexpectedEOF
		default:
			if err := p.take(); err != nil {
				return nil, err
			}
		}
	}
}

// take goes on with the next part: as it was unpacked where it begins where the
// part before has ended, else in its turn.
func (p *Parts) take() error {
	t := p.parts[p.turn]
	<-t.done
	switch {
	case t.start >= 0 && p.meets(t.start):
		p.now, p.plainOut = t, 0
		p.pos = t.start
		if t.marked != nil {
			p.marked = t.marked.b[Window:t.marked.op]
			copy(p.before[Window-len(p.window):], p.window)
		}
		p.checkpoint(Checkpoint{Out: p.out, Bit: p.pos})
		return nil
	case t.start > p.pos:
		return p.inTurn(t.start) // up to where it begins, and then again
	}
	if p.bound(p.turn+1) <= p.pos {
		p.pass()
		return nil
	}
	stop := p.bound(p.turn + 1)
	p.pass()
	return p.inTurn(stop)
}

// pass lets a part go.
func (p *Parts) pass() {
	p.drop(p.parts[p.turn])
	p.parts[p.turn] = nil
	p.turn++
	<-p.room
}

// meets tells whether a part begins where the one before has ended. Where a
// stored block's header has bits to fill a byte, it may seem to begin later.
func (p *Parts) meets(start int64) bool {
	if start == p.pos {
		return true
	}
	if start < p.pos || start-p.pos > 7 || (start+3)&7 != 0 || (p.pos+3+7)/8 != (start+3)/8 {
		return false
	}
	var b [3]byte
	p.at.ReadAt(b[:], p.pos/8)
	return (uint32(b[0])|uint32(b[1])<<8|uint32(b[2])<<16)>>(p.pos&7)&7 == 0
}

// inTurn unpacks from where one is to the first block at or behind a bit.
func (p *Parts) inTurn(stop int64) error {
	r, err := Resume(p.section(p.pos), Checkpoint{Out: p.out, Bit: p.pos, Window: p.window})
	if err != nil {
		return err
	}
	r.stop, r.part = stop, true
	if p.note != nil {
		r.every, r.last, r.note = p.every, p.last, func(c Checkpoint) {
			p.last = c.Out
			p.note(c)
		}
	}
	p.serial = r
	return nil
}

// given returns the next piece of the part, until nothing is left of it.
func (p *Parts) given() []byte {
	t := p.now
	if len(p.marked) > 0 {
		if p.flip ^= 1; p.bufs[p.flip] == nil {
			p.bufs[p.flip] = make([]byte, granule)
		}
		n := min(len(p.marked), granule)
		b := p.bufs[p.flip][:n]
		resolve(b, p.marked[:n], &p.before)
		p.marked = p.marked[n:]
		p.keep(b)
		return b
	}
	if len(p.piece) == 0 {
		p.recycle(t)
	}
	if len(p.piece) > 0 {
		b := p.piece
		if n := p.due(t); n < len(b) {
			b = b[:n]
		}
		p.piece, p.plainOut = p.piece[len(b):], p.plainOut+int64(len(b))
		p.keep(b)
		return b
	}
	p.pos, p.ended = t.end, t.final
	p.now = nil
	p.pass()
	return nil
}

// recycle goes on with the next piece, and lets the last but one go.
func (p *Parts) recycle(t *part) {
	if b := p.used[0]; b != nil {
		granules.Put(&b)
	}
	p.used[0], p.used[1] = p.used[1], nil
	if len(t.plain) > 0 {
		p.piece, t.plain = t.plain[0], t.plain[1:]
		p.used[1] = p.piece
	}
}

// due notes the place that one is at, if there is one, and returns how many
// bytes of the part there are before the next one.
func (p *Parts) due(t *part) int {
	for len(t.places) > 0 {
		c := t.places[0]
		if n := c.Out - p.plainOut; n > 0 {
			return int(n)
		}
		t.places = t.places[1:]
		if c.Out == p.plainOut {
			p.checkpoint(Checkpoint{Out: p.out, Bit: c.Bit})
		}
	}
	return granule
}

// keep sums what is given, and keeps the window behind it.
func (p *Parts) keep(b []byte) {
	p.crc = crc32.Update(p.crc, crc32.IEEETable, b)
	p.out += int64(len(b))
	if len(b) < Window {
		p.window = append(p.window, b...)
		b = p.window
	}
	p.window = append(p.window[:0], b[max(len(b)-Window, 0):]...)
}

// checkpoint notes a place, with the window, where one is due.
func (p *Parts) checkpoint(c Checkpoint) {
	if p.note == nil || c.Out-p.last < p.every || c.Out == 0 {
		return
	}
	p.last = c.Out
	c.Window = p.window
	p.note(c)
}

// trailer checks the member's sums, and begins those behind it.
func (p *Parts) trailer() error {
	var b [8]byte
	at := (p.pos + 7) / 8
	if n, err := p.at.ReadAt(b[:], at); n < len(b) {
		if err == io.EOF {
			err = io.ErrUnexpectedEOF
		}
		return err
	}
	if binary.LittleEndian.Uint32(b[:]) != p.crc || binary.LittleEndian.Uint32(b[4:]) != uint32(p.out) {
		return ErrChecksum
	}
	if at += 8; at >= p.size {
		return io.EOF
	}
	r, err := NewReader(p.section(at * 8))
	if err != nil {
		return fmt.Errorf("behind a member: %w", err)
	}
	p.rest = r
	if note := p.note; note != nil {
		before := p.out
		r.every, r.last, r.note = p.every, p.last-before, func(c Checkpoint) {
			c.Out, c.Bit = c.Out+before, c.Bit+8*at
			note(c)
		}
	}
	return nil
}

// Read implements io.Reader.
func (p *Parts) Read(b []byte) (int, error) {
	for len(p.read) == 0 {
		var err error
		if p.read, err = p.Next(); err != nil && len(p.read) == 0 {
			return 0, err
		}
	}
	n := copy(b, p.read)
	p.read = p.read[n:]
	return n, nil
}
