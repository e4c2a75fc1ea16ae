package index

import (
	"context"
	"crypto/sha256"
	"fmt"
	"hash"
	"io"

	"github.com/imgtui/imgtui/layers/index/scan"
)

// plain is a layer's uncompressed tar as it comes, counted, held to the limits,
// and digested beside whoever reads it. It is for one goroutine, which closes it.
type plain struct {
	ctx    context.Context
	src    scan.Source // whose piece stays as it is until the next, and where it is digested until the next but one
	n      int64
	within func(unpacked int64) error
	sum    hash.Hash   // nil where nothing is digested
	pieces chan []byte // to be digested
	summed chan struct{}
	fault  any // of who digests
	others scan.Others
}

func newPlain(ctx context.Context, src scan.Source, within func(int64) error) *plain {
	return &plain{ctx: ctx, src: src, within: within}
}

// digested digests what comes.
func (p *plain) digested() {
	p.sum, p.pieces, p.summed = sha256.New(), make(chan []byte), make(chan struct{})
	go p.digest()
}

// digest is the goroutine that digests. It closes summed.
func (p *plain) digest() {
	defer close(p.summed)
	defer func() {
		if p.fault = recover(); p.fault != nil {
			for range p.pieces { // who sends is not kept waiting
			}
		}
	}()
	for b := range p.pieces {
		p.sum.Write(b)
	}
}

// Next implements scan.Source.
func (p *plain) Next() ([]byte, error) {
	p.others.Turn()
	if err := p.ctx.Err(); err != nil {
		return nil, err
	}
	b, err := p.src.Next()
	p.n += int64(len(b))
	if len(b) > 0 && p.pieces != nil {
		p.pieces <- b // taken when the piece before is digested
	}
	if over := p.within(p.n); over != nil {
		return nil, over
	}
	return b, err
}

// close waits until all that came is digested.
func (p *plain) close() error {
	if p.pieces == nil {
		return nil
	}
	close(p.pieces)
	<-p.summed
	if p.fault != nil {
		return fmt.Errorf("digest: internal fault: %v", p.fault)
	}
	return nil
}

// pieced is a stream in pieces: as they are where it has them, else read into
// two buffers by turns.
func pieced(r io.Reader) scan.Source {
	if s, ok := r.(scan.Source); ok {
		return s
	}
	return &turns{r: r}
}

// turns reads into two buffers by turns.
type turns struct {
	r    io.Reader
	bufs [2][]byte
	turn int
	err  error
}

const turn = 192 << 10

// Next implements scan.Source.
func (t *turns) Next() ([]byte, error) {
	if t.err != nil {
		return nil, t.err
	}
	if t.turn ^= 1; t.bufs[t.turn] == nil {
		t.bufs[t.turn] = make([]byte, turn)
	}
	b := t.bufs[t.turn]
	n := 0
	for n < len(b) && t.err == nil {
		var k int
		k, t.err = t.r.Read(b[n:])
		n += k
	}
	return b[:n], t.err
}

// uncompressed is a stored tar: what was looked at of it, and all that follows.
type uncompressed struct {
	head []byte
	*stored
}

// Next implements scan.Source.
func (u *uncompressed) Next() ([]byte, error) {
	for _, b := range []*[]byte{&u.head, &u.rest} {
		if p := *b; len(p) > 0 {
			*b = nil
			return p, nil
		}
	}
	return u.stored.Next()
}
