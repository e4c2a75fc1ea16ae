package scan

import (
	"archive/tar"
	"bytes"
	"encoding/binary"
	"io"
	"strconv"
	"time"
)

// The formats by what stands at their magic.
const (
	magicUSTAR = "ustar\x00"
	magicGNU   = "ustar  \x00"
	trailSTAR  = "tar\x00"
)

type format uint8

const (
	unknown format = iota
	v7
	ustar
	star
	gnu
)

// head reads the next header's block into the scanner's header. io.EOF is the
// end of the archive: two blocks of zeros, or nothing more.
func (s *Scanner) head() (*[blockSize]byte, error) {
	b, err := s.full()
	if err != nil {
		return nil, err
	}
	if b[0] == 0 && *b == zeros {
		if b, err = s.full(); err != nil {
			return nil, err
		}
		if *b == zeros {
			return nil, io.EOF
		}
		return nil, tar.ErrHeader
	}
	f := formatOf(b)
	if f == unknown {
		return nil, tar.ErrHeader
	}
	if err := s.parse(b, f); err != nil {
		return nil, err
	}
	return b, s.body()
}

var zeros [blockSize]byte

// parse reads the fields of a block.
func (s *Scanner) parse(b *[blockSize]byte, f format) error {
	var p parser
	h := &s.header
	h.Flag = b[156]
	// What is kept is copied: the block goes with its piece.
	s.name = s.name[:0]
	h.Size, h.Mode = p.twelve((*[12]byte)(b[124:])), p.eight((*[8]byte)(b[100:]))
	h.UID, h.GID = int(p.eight((*[8]byte)(b[108:]))), int(p.eight((*[8]byte)(b[116:])))
	h.ModTime = time.Unix(p.twelve((*[12]byte)(b[136:])), 0)
	h.Major, h.Minor = 0, 0
	if f > v7 {
		h.Major, h.Minor = p.eight((*[8]byte)(b[329:])), p.eight((*[8]byte)(b[337:]))
		if prefix := p.prefix(b, f); len(prefix) > 0 {
			s.name = append(append(s.name, prefix...), '/')
		}
	}
	s.name = append(s.name, cut(b[:100])...)
	n := len(s.name)
	if b[157] != 0 {
		s.name = append(s.name, cut(b[157:257])...)
	}
	h.Name, h.Link = s.name[:n:n], s.name[n:]
	if p.bad {
		return tar.ErrHeader
	}
	return nil
}

// parser reads fields and remembers whether one was none.
type parser struct{ bad bool }

// prefix returns what stands before the name.
func (p *parser) prefix(b *[blockSize]byte, f format) []byte {
	switch f {
	case ustar:
		return cut(b[345:500])
	case star:
		p.number(b[476:488])
		p.number(b[488:500])
		return cut(b[345:476])
	}
	if b[345] == 0 {
		return nil
	}
	// Old versions of archive/tar wrote a prefix where GNU has two times.
	var times parser
	for _, t := range [][]byte{b[345:357], b[357:369]} {
		if t[0] != 0 {
			times.number(t)
		}
	}
	if prefix := cut(b[345:500]); times.bad && isASCII(prefix) {
		return prefix
	}
	return nil
}

func isASCII(b []byte) bool {
	for _, c := range b {
		if c >= 0x80 {
			return false
		}
	}
	return true
}

// formatOf tells the format of a header whose sum is right.
func formatOf(b *[blockSize]byte) format {
	var p parser
	want := p.checksum((*[8]byte)(b[148:]))
	if p.bad || want != sum(b) && want != signedSum(b) {
		return unknown
	}
	switch magic := b[257:265]; {
	case string(magic[:6]) == magicUSTAR && string(b[508:]) == trailSTAR:
		return star
	case string(magic[:6]) == magicUSTAR:
		return ustar
	case string(magic) == magicGNU:
		return gnu
	}
	return v7
}

// sum adds the bytes of a header, four times eight at a time, of which most have
// nothing; those of the sum count as spaces.
func sum(b *[blockSize]byte) int64 {
	const (
		even = 0x00ff00ff00ff00ff
		high = 0x8080808080808080
	)
	var all uint64
	for i := 0; i < blockSize; i += 32 {
		c := (*[32]byte)(b[i:])
		v, w := binary.LittleEndian.Uint64(c[:]), binary.LittleEndian.Uint64(c[8:])
		x, y := binary.LittleEndian.Uint64(c[16:]), binary.LittleEndian.Uint64(c[24:])
		switch any := v | w | x | y; {
		case any == 0:
		case any&high == 0: // two of them together are still a byte each
			v, x = v+w, x+y
			all += v&even + v>>8&even + x&even + x>>8&even
		default:
			all += v&even + v>>8&even + w&even + w>>8&even + x&even + x>>8&even + y&even + y>>8&even
		}
	}
	n := int64(all&0xffff + all>>16&0xffff + all>>32&0xffff + all>>48)
	for _, c := range b[148:156] {
		n += ' ' - int64(c)
	}
	return n
}

// signedSum is the sum as old tars of Sun had it.
func signedSum(b *[blockSize]byte) (n int64) {
	for i, c := range b {
		if i >= 148 && i < 156 {
			c = ' '
		}
		n += int64(int8(c))
	}
	return n
}

// cut returns what stands before the first zero byte.
func cut(b []byte) []byte {
	if before, _, ok := bytes.Cut(b, []byte{0}); ok {
		return before
	}
	return b
}

// Fields are mostly as archivers write them: so many digits, with zeros before
// them, and a zero byte or a space behind.

// eight reads a field of seven digits.
func (p *parser) eight(b *[8]byte) int64 {
	v := binary.BigEndian.Uint64(b[:])
	x, ok := digits(v>>8 | '0'<<56)
	switch {
	case v == 0:
		return 0
	case ok && isEnd(b[7]):
		return x
	}
	return p.number(b[:])
}

// twelve reads a field of eleven digits.
func (p *parser) twelve(b *[12]byte) int64 {
	x, ok := digits(uint64(binary.BigEndian.Uint32(b[:])) | 0x30303030<<32)
	y, too := digits(binary.BigEndian.Uint64(b[4:])>>8 | '0'<<56)
	if ok && too && isEnd(b[11]) {
		return x<<21 | y
	}
	return p.number(b[:])
}

// checksum reads a field of six digits, which is no number in base 256.
func (p *parser) checksum(b *[8]byte) int64 {
	x, ok := digits(binary.BigEndian.Uint64(b[:])>>16 | 0x3030<<48)
	if ok && b[6] == 0 {
		return x
	}
	return p.octal(b[:])
}

func isEnd(c byte) bool { return c == 0 || c == ' ' }

// digits reads eight octal digits, and tells whether they are.
func digits(v uint64) (int64, bool) {
	v ^= 0x3030303030303030
	ok := v&0xf8f8f8f8f8f8f8f8 == 0
	v = (v | v>>5) & 0x003f003f003f003f
	v = (v | v>>10) & 0x00000fff00000fff
	return int64((v | v>>20) & 0xffffff), ok
}

// number reads octal digits, or a number in base 256.
func (p *parser) number(b []byte) int64 {
	if b[0]&0x80 == 0 {
		return p.octal(b)
	}
	var invert byte
	if b[0]&0x40 != 0 {
		invert = 0xff // it is negative
	}
	var x uint64
	for i, c := range b {
		c ^= invert
		if i == 0 {
			c &= 0x7f
		}
		if x>>56 > 0 {
			p.bad = true
			return 0
		}
		x = x<<8 | uint64(c)
	}
	if x>>63 > 0 {
		p.bad = true
		return 0
	}
	if invert != 0 {
		return ^int64(x)
	}
	return int64(x)
}

// octal reads octal digits between zero bytes and spaces.
func (p *parser) octal(b []byte) int64 {
	i := 0
	for i < len(b) && (b[i] == ' ' || b[i] == 0) {
		i++
	}
	var x int64
	for ; i < len(b) && b[i]-'0' < 8; i++ {
		x = x<<3 | int64(b[i]-'0')
	}
	// Behind the digits are a zero byte and anything, or spaces to the end.
	for rest := b[i:]; len(rest) > 0 && rest[0] != 0; rest = rest[1:] {
		if rest[0] != ' ' || len(bytes.Trim(rest, " \x00")) > 0 {
			p.bad = true
			return 0
		}
	}
	return x
}

// decimal reads a number of a PAX record.
func decimal(b []byte) (int64, error) {
	n, err := strconv.ParseInt(string(b), 10, 64)
	if err != nil {
		return 0, tar.ErrHeader
	}
	return n, nil
}
