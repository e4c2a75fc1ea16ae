// Package scan reads the headers of a tar as archive/tar does, without
// allocating, and the contents where they lie.
package scan

import (
	"archive/tar"
	"io"
	"math"
	"time"
)

// Source is a tar, piece by piece.
type Source interface {
	// Next returns the bytes that follow, which are the caller's until it is
	// called again, or why there are no more; io.EOF says that there are none.
	Next() ([]byte, error)
}

// Skipper is a Source that can pass over bytes without reading them.
type Skipper interface {
	// Skip passes over n bytes, and returns how many there were.
	Skip(n int64) (int64, error)
}

// Header is an entry. Its bytes are the caller's until the next one.
type Header struct {
	Flag         byte // a type of archive/tar's
	Name, Link   []byte
	Mode         int64
	UID, GID     int
	Size         int64
	ModTime      time.Time
	Major, Minor int64
	Attributes   []Record // PAX records that are extended attributes, each key once
	Sparse       bool     // the content does not stand in one piece
}

// Record is one PAX record.
type Record struct{ Key, Value []byte }

// Scanner reads one tar. It is for one goroutine.
type Scanner struct {
	src  Source
	skip Skipper
	buf  []byte // of the piece under way, what has not been used
	at   int64  // bytes that have been used
	err  error  // why there are no more

	block  [blockSize]byte
	header Header
	name   []byte // with its prefix
	long   [2]text
	pax    records
	meta   []byte // what a header that describes the next one holds

	left    int64 // bytes of the content that are stored and not used
	pad     int64 // and behind it up to a whole block
	logical int64 // bytes of the content that are to come
	holes   holes // of a sparse file
}

// text is a GNU name or link target that is too long for its header.
type text struct{ b []byte }

const (
	blockSize   = 512
	mostSpecial = 1 << 20 // bytes of what describes another header, as archive/tar has it
)

// New starts at the beginning of a tar.
func New(src Source) *Scanner {
	s := &Scanner{src: src}
	s.skip, _ = src.(Skipper)
	return s
}

// Offset returns how many bytes of the tar have been used. After Next that is
// where the content is.
func (s *Scanner) Offset() int64 { return s.at }

// more gets the next piece, and tells whether there is one.
func (s *Scanner) more() bool {
	for len(s.buf) == 0 && s.err == nil {
		s.buf, s.err = s.src.Next()
	}
	return len(s.buf) > 0
}

// use takes n bytes of the piece.
func (s *Scanner) use(n int) []byte {
	b := s.buf[:n]
	s.buf = s.buf[n:]
	s.at += int64(n)
	return b
}

// ended is why there is less than there should be.
func (s *Scanner) ended() error {
	if s.err == io.EOF {
		return io.ErrUnexpectedEOF
	}
	return s.err
}

// full returns the next block, or io.EOF where there is nothing at all.
func (s *Scanner) full() (*[blockSize]byte, error) {
	if len(s.buf) >= blockSize {
		return (*[blockSize]byte)(s.use(blockSize)), nil
	}
	n := 0
	for n < blockSize {
		if !s.more() {
			if n == 0 {
				return nil, s.err
			}
			return nil, s.ended()
		}
		n += copy(s.block[n:], s.use(min(len(s.buf), blockSize-n)))
	}
	return &s.block, nil
}

// pass passes over n bytes, and returns how many there were.
func (s *Scanner) pass(n int64) (passed int64) {
	for passed < n {
		if k := min(int64(len(s.buf)), n-passed); k > 0 {
			s.use(int(k))
			passed += k
			continue
		}
		if s.skip != nil && s.err == nil {
			k, err := s.skip.Skip(n - passed)
			s.at += k
			passed += k
			if s.err = err; passed == n {
				break
			}
		}
		if !s.more() {
			break
		}
	}
	return passed
}

// Drain passes over all that follows.
func (s *Scanner) Drain() error {
	if s.skip != nil {
		s.pass(math.MaxInt64 - s.at)
	}
	for s.more() {
		s.use(len(s.buf))
	}
	if s.err == io.EOF {
		return nil
	}
	return s.err
}

// Next goes to the next entry. io.EOF says that there is none.
func (s *Scanner) Next() (*Header, error) {
	var pending pending
	for {
		if err := s.finish(); err != nil {
			return nil, err
		}
		b, err := s.head()
		if err != nil {
			return nil, err
		}
		h := &s.header
		switch h.Flag {
		case tar.TypeXGlobalHeader:
			if err := s.records(); err != nil {
				return nil, err
			}
			pending = none // it says nothing of any entry, and what came before says nothing of it
			continue
		case tar.TypeXHeader:
			if err := s.records(); err != nil {
				return nil, err
			}
			pending.pax = true
			continue
		case tar.TypeGNULongName, tar.TypeGNULongLink:
			if err := s.longText(&pending); err != nil {
				return nil, err
			}
			continue
		}
		if err := s.describe(pending); err != nil {
			return nil, err
		}
		if err := s.layout(b, pending); err != nil {
			return nil, err
		}
		return h, nil
	}
}

// pending is what headers have said of the next one.
type pending struct {
	pax  bool
	long [2]bool // name, link
}

var none pending

// finish passes over what is left of the entry.
func (s *Scanner) finish() error {
	if s.pass(s.left) < s.left {
		return s.ended()
	}
	s.left, s.logical = 0, 0
	if pad := s.pad; pad > 0 {
		s.pad = 0
		if s.pass(pad) < pad {
			return s.err // an archive may end without the last padding
		}
	}
	return nil
}

// Content returns a piece of the entry's content, with the zeros of its holes;
// io.EOF says that it has ended. It is the caller's until the next call.
func (s *Scanner) Content() ([]byte, error) {
	if s.holes.known {
		return s.sparseContent()
	}
	if s.left == 0 {
		return nil, io.EOF
	}
	return s.stored(s.left)
}

// Done tells whether all of the entry's content has been given.
func (s *Scanner) Done() bool { return s.left == 0 && !s.holes.known }

// Held tells whether all of the entry's content is in the piece under way, so
// that it costs nothing to look at it.
func (s *Scanner) Held() bool { return !s.holes.known && s.left <= int64(len(s.buf)) }

// stored uses at most n bytes of what is stored of the content.
func (s *Scanner) stored(n int64) ([]byte, error) {
	if !s.more() {
		return nil, s.ended()
	}
	b := s.use(int(min(int64(len(s.buf)), n, s.left)))
	s.left -= int64(len(b))
	return b, nil
}

// Read implements io.Reader for the entry's content.
func (s *Scanner) Read(p []byte) (int, error) {
	n := int64(len(p))
	if n == 0 {
		return 0, nil
	}
	if s.holes.known {
		b, err := s.sparsePiece(n)
		return copy(p, b), err
	}
	if s.left == 0 {
		return 0, io.EOF
	}
	b, err := s.stored(n)
	return copy(p, b), err
}

// describe puts what other headers have said of the entry into its header.
func (s *Scanner) describe(p pending) error {
	h := &s.header
	h.Attributes, h.Sparse = nil, false
	if p.pax {
		if err := s.pax.into(h); err != nil {
			return err
		}
	}
	if p.long[0] {
		h.Name = s.long[0].b
	}
	if p.long[1] {
		h.Link = s.long[1].b
	}
	if h.Flag == 0 { // as V7 has it: directories are told by name
		h.Flag = tar.TypeReg
		if n := len(h.Name); n > 0 && h.Name[n-1] == '/' {
			h.Flag = tar.TypeDir
		}
	}
	return nil
}

// layout tells where the content is and what of it is stored.
func (s *Scanner) layout(b *[blockSize]byte, p pending) error {
	if err := s.body(); err != nil {
		return err
	}
	s.holes = holes{}
	if err := s.sparse(b, p); err != nil {
		return err
	}
	s.logical = s.header.Size
	return nil
}

// body sets what is stored behind the header.
func (s *Scanner) body() error {
	n := s.header.Size
	if isHeaderOnly(s.header.Flag) {
		n = 0
	}
	if n < 0 {
		return tar.ErrHeader
	}
	s.left, s.pad = n, -n&(blockSize-1)
	return nil
}

// isHeaderOnly tells the kinds that have no content, whatever their size says.
func isHeaderOnly(flag byte) bool {
	switch flag {
	case tar.TypeLink, tar.TypeSymlink, tar.TypeChar, tar.TypeBlock, tar.TypeDir, tar.TypeFifo:
		return true
	}
	return false
}

// special reads the content of a header that describes the next one.
func (s *Scanner) special() ([]byte, error) {
	if s.left > mostSpecial {
		return nil, tar.ErrFieldTooLong
	}
	s.meta = s.meta[:0]
	for s.left > 0 {
		b, err := s.stored(s.left)
		if err != nil {
			return nil, err
		}
		s.meta = append(s.meta, b...)
	}
	return s.meta, nil
}

func (s *Scanner) longText(p *pending) error {
	n := 0
	if s.header.Flag == tar.TypeGNULongLink {
		n = 1
	}
	b, err := s.special()
	if err != nil {
		return err
	}
	s.long[n].b = append(s.long[n].b[:0], cut(b)...)
	p.long[n] = len(s.long[n].b) > 0
	return nil
}
