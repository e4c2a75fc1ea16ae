package index

import (
	"cmp"
	"context"
	"crypto/sha256"
	"fmt"
	"hash"
	"io"

	"github.com/imgtui/imgtui/model"
)

// stored is a blob's bytes as they come. They are read, and digested, ahead of
// whoever takes them. It is for one goroutine, which closes it.
type stored struct {
	ctx   context.Context
	r     io.Reader
	n     int64 // bytes that have been taken
	err   error // why there are no more, other than the end
	tell  func(n int64)
	sum   hash.Hash // of all that was read, whole once the end is taken; nil digests nothing
	full  chan fill // nil where nothing is read ahead
	free  chan []byte
	stop  context.CancelFunc
	ended bool
	piece []byte // to be given back
	rest  []byte // of the piece
}

// fill is what one Read has brought.
type fill struct {
	b   []byte
	err error
}

// What is read ahead.
const (
	ahead     = 3
	aheadSize = 128 << 10
)

// newStored reads r, which ends with the context, and not ahead before it is told to.
func newStored(ctx context.Context, r io.Reader, tell func(int64)) *stored {
	return &stored{ctx: ctx, r: r, tell: tell, sum: sha256.New(), free: make(chan []byte, ahead)}
}

// hurry reads ahead from now on.
func (s *stored) hurry() {
	if s.ended || s.err != nil {
		return
	}
	made := len(s.free)
	if s.piece != nil {
		made++
	}
	for range ahead - made {
		s.free <- make([]byte, aheadSize)
	}
	s.full = make(chan fill)
	var reading context.Context
	reading, s.stop = context.WithCancel(s.ctx)
	go s.read(reading)
}

// read is the goroutine that reads. It closes full.
func (s *stored) read(ctx context.Context) {
	defer close(s.full)
	defer func() {
		if p := recover(); p != nil {
			s.give(ctx, fill{err: fmt.Errorf("read the blob: internal fault: %v", p)})
		}
	}()
	for {
		var b []byte
		select {
		case b = <-s.free:
		case <-ctx.Done():
			return
		}
		f := s.once(b)
		if !s.give(ctx, f) || f.err != nil {
			return
		}
	}
}

// once reads once.
func (s *stored) once(b []byte) fill {
	n, err := s.r.Read(b)
	if s.sum != nil {
		s.sum.Write(b[:n])
	}
	return fill{b[:n], err}
}

func (s *stored) give(ctx context.Context, f fill) bool {
	select {
	case s.full <- f:
		return true
	case <-ctx.Done():
		return false
	}
}

// Next implements scan.Source.
func (s *stored) Next() ([]byte, error) {
	if s.piece != nil {
		s.free <- s.piece[:cap(s.piece)]
		s.piece = nil
	}
	if err := s.ctx.Err(); err != nil {
		return nil, err
	}
	if s.ended {
		return nil, io.EOF
	}
	if s.err != nil {
		return nil, s.err
	}
	f, err := s.get()
	if err != nil {
		return nil, err
	}
	s.piece = f.b
	s.took(f)
	return f.b, f.err
}

// took notes what has been taken.
func (s *stored) took(f fill) {
	s.n += int64(len(f.b))
	s.tell(int64(len(f.b)))
	if s.ended = f.err == io.EOF; !s.ended {
		s.err = f.err
	}
}

func (s *stored) get() (fill, error) {
	if s.full == nil {
		if len(s.free) == 0 {
			s.free <- make([]byte, aheadSize)
		}
		return s.once(<-s.free), nil
	}
	f, ok := <-s.full
	if !ok {
		return fill{}, cmp.Or(s.ctx.Err(), io.EOF)
	}
	return f, nil
}

// Read implements io.Reader.
func (s *stored) Read(p []byte) (n int, err error) {
	if err := s.ctx.Err(); err != nil {
		return 0, err
	}
	if len(s.rest) == 0 && s.full == nil && !s.ended && s.err == nil {
		f := s.once(p)
		s.took(f)
		return len(f.b), f.err
	}
	if len(s.rest) == 0 {
		s.rest, err = s.Next()
	}
	n = copy(p, s.rest)
	s.rest = s.rest[n:]
	if len(s.rest) > 0 {
		err = nil // it comes again
	}
	return n, err
}

// close stops reading and waits until that has stopped.
func (s *stored) close() {
	if s.full == nil {
		return
	}
	s.stop()
	for range s.full {
	}
}

// digest is that of all bytes; they have all been taken.
func (s *stored) digest() model.Digest { return digest(s.sum) }

func digest(h hash.Hash) model.Digest { return model.Digest(fmt.Sprintf("sha256:%x", h.Sum(nil))) }
