//go:build !purego && (386 || amd64 || arm64 || loong64 || ppc64le || riscv64)

package inflate

import "io"

// unpack unpacks a part, or finds nothing in it.
func (p *Parts) unpack(i int, f *finder) {
	t := p.parts[i]
	defer close(t.done)
	defer func() {
		if recover() != nil {
			t.forget() // it is unpacked in its turn, which tells the fault
		}
	}()
	if i == 0 {
		p.speculate(t, p.begin, p.bound(1))
		return
	}
	from := p.bound(i)
	for range mostTries {
		start := f.find(from, p.bound(i+1))
		if start < 0 {
			return
		}
		err := p.speculate(t, start, p.bound(i+1))
		if err == nil || err == errTooLarge || err == io.ErrClosedPipe {
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
	out, spare := r.out, r.spare
	err := p.from(t, r, start, stop)
	t.end, t.final = r.bit(), err == errFinal
	r.out, r.spare = out, spare // the granules are the part's
	r.Close()
	switch {
	case err != errStopped && err != errFinal:
	case start != p.begin && t.final && t.end/8 < p.size-32:
		err = ErrCorrupt // a stream within a stored block, or members behind
	default:
		t.start = start
		return nil
	}
	p.drop(t)
	return err
}

// from unpacks a part from a block on, and tells why it ended.
func (p *Parts) from(t *part, r *Reader, start, stop int64) error {
	r.resume(Checkpoint{Bit: start})
	r.stop, r.part = stop, true
	r.Note(partNotes, func(c Checkpoint) {
		t.places = append(t.places, Checkpoint{Out: c.Out, Bit: c.Bit})
	})
	err := r.need(uint(start & 7))
	if err != nil {
		return err
	}
	r.take(uint(start & 7))
	if start != p.begin {
		err = p.mark(t, r)
	}
	for err == nil {
		if err = p.goOn(t, r); err != nil {
			return err
		}
		var b []byte
		r.spare = p.granules.take()
		b, err = r.Next()
		p.put(t, granule{r.out, r.op - len(b), r.op, false})
	}
	return err
}

// mark unpacks marks until the window is clean.
func (p *Parts) mark(t *part, r *Reader) (err error) {
	b := p.granules.take()
	r.beginMarks(b)
	for from := r.op; err == nil; {
		if r.op >= markPiece {
			b = p.granules.take()
			r.slideMarks(b)
			from = r.op
		}
		err = r.mark(min(r.op+Window, markPiece))
		clean := err == nil && r.op >= 2*Window && r.clean()
		if clean || err != nil || r.op >= markPiece {
			p.put(t, granule{b, from, r.op, true})
		}
		if clean {
			r.endMarks()
			return nil
		}
		if err == nil {
			err = p.goOn(t, r)
		}
	}
	return err
}

// put adds a piece to a part, if there is anything in it.
func (p *Parts) put(t *part, g granule) {
	if g.from == g.to {
		p.granules.give(g.b)
		return
	}
	t.pieces = append(t.pieces, g)
}

// goOn tells whether a part is to be unpacked further: not when nobody wants it,
// and not far when it is large.
func (p *Parts) goOn(t *part, r *Reader) error {
	t.others.Turn()
	select {
	case <-p.quit:
		return io.ErrClosedPipe
	default:
	}
	takes := len(t.pieces) * granuleSize
	if takes > 2*partMost {
		return errTooLarge
	}
	if takes > partMost {
		r.stop = min(r.stop, r.bit()) // what comes behind the block is unpacked in its turn
	}
	return nil
}

// drop forgets what was unpacked from a place that is no block's.
func (p *Parts) drop(t *part) {
	for _, g := range t.pieces {
		p.granules.give(g.b)
	}
	t.forget()
}

// forget leaves done alone, which is waited for.
func (t *part) forget() {
	t.start, t.end, t.pieces, t.places, t.final = -1, 0, nil, nil, false
}

// partNotes is how often places are noted that a checkpoint may be made of.
const partNotes = 1 << 20
