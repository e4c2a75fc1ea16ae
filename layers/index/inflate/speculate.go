//go:build !purego && (386 || amd64 || arm64 || loong64 || ppc64le || riscv64)

package inflate

import (
	"io"
	"sync"
)

// unpack unpacks a part, or finds nothing in it.
func (p *Parts) unpack(i int) {
	t := p.parts[i]
	defer close(t.done)
	defer func() {
		if recover() != nil {
			t.start = -1 // it is unpacked in its turn, which tells the fault
		}
	}()
	if i == 0 {
		if err := p.plain(t, Checkpoint{Bit: p.begin}, p.bound(1)); err != errStopped && err != errFinal {
			p.drop(t)
			return
		}
		t.start = p.begin
		return
	}
	f := finder{at: p.at, size: p.size}
	from := p.bound(i)
	for range mostTries {
		start := f.find(from, p.bound(i+1))
		if start < 0 {
			return
		}
		err := p.speculate(t, start, p.bound(i+1))
		if err == nil {
			return
		}
		p.drop(t)
		if err == errTooLarge || err == io.ErrClosedPipe {
			return
		}
		from = start + 1
	}
}

// mostTries is how many places of a part are tried: bytes that look like blocks
// and are none should be rare, unless somebody made them.
const mostTries = 12

// speculate unpacks from what looks like a block, and tells why it is none.
func (p *Parts) speculate(t *part, start, stop int64) error {
	r := fresh(p.section(start))
	defer r.Close()
	r.resume(Checkpoint{Bit: start})
	r.stop = stop
	if err := r.need(uint(start & 7)); err != nil {
		return err
	}
	r.take(uint(start & 7))
	t.marked = marks.Get().(*marked)
	err := r.mark(t.marked)
	t.end, t.final = r.bit(), err == errFinal
	if err == nil { // the rest can be unpacked as it is
		err = p.plain(t, Checkpoint{Out: Window, Bit: r.bit(), Window: t.marked.window()}, stop)
	}
	if err != errStopped && err != errFinal {
		return err
	}
	if t.final && t.end/8 < p.size-32 {
		return ErrCorrupt // a stream within a stored block, or members behind
	}
	t.start = start
	return nil
}

// drop forgets what was unpacked from a place that is no block's.
func (p *Parts) drop(t *part) {
	if t.marked != nil {
		marks.Put(t.marked)
	}
	for _, b := range t.plain {
		granules.Put(&b)
	}
	t.start, t.end, t.final = -1, 0, false
	t.marked, t.plain, t.places = nil, nil, nil // and not done, which is waited for
}

var (
	marks    = sync.Pool{New: func() any { return &marked{} }}
	granules = sync.Pool{New: func() any { b := make([]byte, 0, granule); return &b }}
)

// plain unpacks from a place on, and tells why it ended.
func (p *Parts) plain(t *part, from Checkpoint, stop int64) error {
	r, err := Resume(p.section(from.Bit), from)
	if err != nil {
		return err
	}
	defer r.Close()
	r.stop, r.part = stop, true
	r.Note(partNotes, func(c Checkpoint) {
		t.places = append(t.places, Checkpoint{Out: c.Out - from.Out, Bit: c.Bit})
	})
	for n := 0; err == nil; {
		select {
		case <-p.quit:
			return io.ErrClosedPipe
		default:
		}
		var b []byte
		b, err = r.Next()
		if n += len(b); n > partMost {
			return errTooLarge
		}
		if len(b) > 0 {
			g := *granules.Get().(*[]byte)
			t.plain = append(t.plain, append(g[:0], b...))
		}
	}
	t.end, t.final = r.bit(), err == errFinal
	return err
}

// partNotes is how often places are noted that a checkpoint may be made of.
const partNotes = 1 << 20
