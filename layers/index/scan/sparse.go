package scan

import (
	"archive/tar"
	"bytes"
	"errors"
	"io"
	"math"
)

// The ways in which a sparse file is none.
var (
	errMissing      = errors.New("archive/tar: sparse file references non-existent data")
	errUnreferenced = errors.New("archive/tar: sparse file contains unreferenced data")
	errTooLong      = errors.New("archive/tar: sparse map too long")
)

// holes are where the bytes of a sparse file are that are stored.
type holes struct {
	known bool
	parts []part
	at    int64 // bytes of the content that have been given
}

type part struct{ at, size int64 }

func (p part) end() int64 { return p.at + p.size }

// sparse reads where the parts of a sparse file are, in any of the four ways
// in which that is said.
func (s *Scanner) sparse(b *[blockSize]byte, p pending) (err error) {
	switch {
	case s.header.Flag == tar.TypeGNUSparse:
		s.header.Sparse = true
		err = s.oldParts(b)
	case p.pax && s.pax.sparse.any:
		err = s.paxParts()
	}
	if err != nil || !s.holes.known {
		return err
	}
	if isHeaderOnly(s.header.Flag) || !s.holes.valid(s.header.Size) {
		return tar.ErrHeader
	}
	return nil
}

// oldParts reads the parts of GNU's first format: four in the header, 21 in
// each block that follows it.
func (s *Scanner) oldParts(b *[blockSize]byte) error {
	if formatOf(b) != gnu {
		return tar.ErrHeader
	}
	var p parser
	s.header.Size = p.number(b[483:495])
	if p.bad {
		return tar.ErrHeader
	}
	s.holes.known = true
	list, more := b[386:482], b[482] > 0
	for read := len(list) + 1; read < mostSpecial; read += blockSize {
		if err := s.pairs(list); err != nil || !more {
			return err
		}
		next, err := s.full()
		if err != nil {
			if err == io.EOF {
				err = io.ErrUnexpectedEOF
			}
			return err
		}
		list, more = next[:504], next[504] > 0
	}
	return errTooLong
}

// pairs reads parts until the first that begins with a zero byte.
func (s *Scanner) pairs(list []byte) error {
	for ; len(list) >= 24 && list[0] != 0; list = list[24:] {
		var p parser
		at, size := p.number(list[:12]), p.number(list[12:24])
		if p.bad {
			return tar.ErrHeader
		}
		s.holes.parts = append(s.holes.parts, part{at, size})
	}
	return nil
}

// paxParts reads the parts as PAX records say them.
func (s *Scanner) paxParts() error {
	p := &s.pax.sparse
	inContent := false
	switch major, minor := string(p.major), string(p.minor); {
	case major == "0" && (minor == "0" || minor == "1"):
	case major == "1" && minor == "0":
		inContent = true
	case major != "" || minor != "" || len(p.parts) == 0:
		return nil
	}
	if len(p.name) > 0 {
		s.header.Name = p.name
	}
	size := p.size
	if len(size) == 0 {
		size = p.realSize
	}
	if len(size) > 0 {
		n, err := decimal(size)
		if err != nil {
			return err
		}
		s.header.Size = n
	}
	s.holes.known = true
	if inContent {
		return s.partsInContent()
	}
	return s.partsInRecords()
}

func (s *Scanner) partsInRecords() error {
	n, err := decimal(s.pax.sparse.numberOfParts)
	if err != nil || n < 0 || n > math.MaxInt/2 {
		return tar.ErrHeader
	}
	list := s.pax.sparse.parts
	numbers := int64(0)
	if len(list) > 0 {
		numbers = int64(bytes.Count(list, comma)) + 1
	}
	if numbers != 2*n {
		return tar.ErrHeader
	}
	return s.partsOf(n, func() []byte {
		var number []byte
		number, list, _ = bytes.Cut(list, comma)
		return number
	})
}

// partsInContent reads numbers that stand each in a line at the content's
// beginning, up to a whole block.
func (s *Scanner) partsInContent() error {
	s.meta = s.meta[:0]
	lines := 0
	feed := func(n int64) error {
		for int64(lines) < n {
			if len(s.meta)+blockSize > mostSpecial {
				return errTooLong
			}
			for want := len(s.meta) + blockSize; len(s.meta) < want; {
				b, err := s.stored(int64(want - len(s.meta)))
				if err != nil {
					return err
				}
				if len(b) == 0 {
					return io.ErrUnexpectedEOF
				}
				s.meta = append(s.meta, b...)
				lines += bytes.Count(b, newline)
			}
		}
		return nil
	}
	at := 0
	line := func() []byte {
		b, _, _ := bytes.Cut(s.meta[at:], newline)
		at += len(b) + 1
		return b
	}
	if err := feed(1); err != nil {
		return err
	}
	n, err := decimal(line())
	if err != nil || n < 0 || n > math.MaxInt/2 {
		return tar.ErrHeader
	}
	lines--
	if err := feed(2 * n); err != nil {
		return err
	}
	return s.partsOf(n, line)
}

func (s *Scanner) partsOf(n int64, number func() []byte) error {
	for range n {
		at, err := decimal(number())
		if err != nil {
			return err
		}
		size, err := decimal(number())
		if err != nil {
			return err
		}
		s.holes.parts = append(s.holes.parts, part{at, size})
	}
	return nil
}

// valid tells whether the parts are in order and within the file.
func (h *holes) valid(size int64) bool {
	if size < 0 {
		return false
	}
	var before part
	for _, p := range h.parts {
		if p.at < 0 || p.size < 0 || p.at > math.MaxInt64-p.size || p.end() > size || before.end() > p.at {
			return false
		}
		before = p
	}
	return true
}

func (s *Scanner) sparseContent() ([]byte, error) { return s.sparsePiece(int64(len(noughts))) }

// noughts are what holes are read as.
var noughts [64 << 10]byte

// sparsePiece returns at most n bytes of a sparse file.
func (s *Scanner) sparsePiece(n int64) ([]byte, error) {
	h := &s.holes
	for len(h.parts) > 0 && h.at >= h.parts[0].end() {
		h.parts = h.parts[1:]
	}
	if h.at == s.logical {
		if s.left > 0 {
			return nil, errUnreferenced
		}
		return nil, io.EOF
	}
	end, stored := s.logical, false
	if len(h.parts) > 0 {
		if end = h.parts[0].at; h.at >= end {
			end, stored = h.parts[0].end(), true
		}
	}
	n = min(n, end-h.at)
	if !stored {
		n = min(n, int64(len(noughts)))
		h.at += n
		return noughts[:n], nil
	}
	if s.left == 0 {
		return nil, errMissing
	}
	b, err := s.stored(n)
	h.at += int64(len(b))
	return b, err
}
