//go:build !purego && (386 || amd64 || arm64 || loong64 || ppc64le || riscv64)

package inflate

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"sync"

	"github.com/imgtui/imgtui/layers/index/scan"
)

// Several cores unpack one member: each takes a part of the stored bytes, looks
// for a block in it, and unpacks from there. What a block copies from before
// its part is marked until the part before is there. A part whose beginning
// turns out to be no block's is unpacked once more, in its turn.

// Stored bytes of a part: many, for there are marks at its beginning, and yet
// several for each core.
const (
	partLeast = 2 << 20
	partSize  = 8 << 20
)

// partMost is the memory that a part may take before its turn. What there is no
// room for is unpacked in its turn.
const partMost = 48 << 20

var errTooLarge = errors.New("gzip: a part is too large to wait")

// Parts undoes gzip on several cores. It is for one goroutine, and as [Reader]
// in all that it says.
type Parts struct {
	at       io.ReaderAt
	size     int64
	each     int64 // stored bytes of a part
	begin    int64 // of the first block, in bits
	parts    []*part
	turn     int           // the part that is next
	room     chan struct{} // a token for each part that is unpacked and not taken
	quit     chan struct{}
	workers  sync.WaitGroup
	granules granules

	pos    int64 // bits that have been unpacked
	out    int64
	window []byte // before that, where it was unpacked
	crc    uint32
	ended  bool // the member is

	now    *part     // what is being given
	given  int       // bytes of it that are
	before known     // the window that its marks are of
	used   [2][]byte // granules that have been given, to be used again
	serial *Reader   // what is unpacked in its turn
	rest   *Reader   // the members behind the first

	every int64
	last  int64
	note  func(Checkpoint)

	read []byte
	err  error
}

// part is what one core unpacks.
type part struct {
	start, end int64 // bits; start is −1 where nothing was found
	pieces     []granule
	places     []Checkpoint
	final      bool
	done       chan struct{}
	others     scan.Others
}

// NewParts begins a gzip stream that several workers unpack. The caller closes it.
func NewParts(at io.ReaderAt, size int64, workers int) (*Parts, error) {
	return newParts(at, size, workers, min(max(size/16, partLeast), partSize))
}

// newParts has parts of so many stored bytes.
func newParts(at io.ReaderAt, size int64, workers int, each int64) (*Parts, error) {
	r, err := NewReader(io.NewSectionReader(at, 0, size))
	if err != nil {
		return nil, err
	}
	p := &Parts{at: at, size: size, each: each, begin: r.bit(), room: make(chan struct{}, workers), quit: make(chan struct{})}
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
			f := finder{at: p.at, size: p.size}
			for i := range next {
				p.unpack(i, &f)
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
			b, err := p.inTurn()
			if len(b) > 0 || err != nil {
				return b, err
			}
		case p.now != nil:
			if b := p.give(); len(b) > 0 {
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
	case t.start >= 0 && p.meets(t.start) && (p.turn == 0 || len(p.window) == Window):
		p.now, p.given, p.pos = t, 0, t.start
		p.before.know(p.window)
		p.checkpoint(Checkpoint{Out: p.out, Bit: p.pos})
		return nil
	case t.start > p.pos:
		return p.goBack(t.start) // up to where it begins, and then again
	}
	if p.bound(p.turn+1) <= p.pos {
		p.pass()
		return nil
	}
	stop := p.bound(p.turn + 1)
	p.pass()
	return p.goBack(stop)
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

// goBack begins to unpack from where one is to the first block at or behind a bit.
func (p *Parts) goBack(stop int64) error {
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

// inTurn returns the next piece that is unpacked in its turn.
func (p *Parts) inTurn() ([]byte, error) {
	r := p.serial
	b, err := r.Next()
	p.count(b)
	p.window = r.out[max(r.op-Window, 0):r.op]
	if err == errStopped || err == errFinal {
		p.pos, p.ended = r.bit(), err == errFinal
		p.serial, err = nil, nil // and not closed: the piece is in its memory
	}
	return b, err
}

// give returns the next piece of the part, until nothing is left of it.
func (p *Parts) give() []byte {
	t := p.now
	for len(t.pieces) > 0 {
		g := &t.pieces[0]
		if g.marks {
			p.resolve(g)
		}
		if g.from == g.to {
			p.gave(g.b)
			t.pieces = t.pieces[1:]
			continue
		}
		b := g.b[g.from:min(g.to, g.from+p.due(t))]
		g.from, p.given = g.from+len(b), p.given+len(b)
		p.count(b)
		p.window = g.b[max(g.from-Window, 0):g.from]
		return b
	}
	p.pos, p.ended = t.end, t.final
	p.now = nil
	p.pass()
	return nil
}

// resolve makes bytes of a granule's marks.
func (p *Parts) resolve(g *granule) {
	b := p.granules.take()
	copy(b, p.window)
	n := g.to - g.from
	p.before.resolve(b[Window:Window+n], marksOf(g.b)[g.from:g.to])
	p.granules.give(g.b)
	*g = granule{b: b, from: Window, to: Window + n}
}

// gave lets the last granule but one go.
func (p *Parts) gave(b []byte) {
	if u := p.used[0]; u != nil {
		p.granules.give(u)
	}
	p.used = [2][]byte{p.used[1], b}
}

// due notes the place that one is at, if there is one, and returns how many
// bytes of the part there are before the next one.
func (p *Parts) due(t *part) int {
	for len(t.places) > 0 {
		c := t.places[0]
		if n := int(c.Out) - p.given; n > 0 {
			return n
		}
		t.places = t.places[1:]
		if int(c.Out) == p.given {
			p.checkpoint(Checkpoint{Out: p.out, Bit: c.Bit})
		}
	}
	return granuleSize
}

// count sums what is given.
func (p *Parts) count(b []byte) {
	p.crc = crc32.Update(p.crc, crc32.IEEETable, b)
	p.out += int64(len(b))
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
