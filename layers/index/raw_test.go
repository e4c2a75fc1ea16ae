package index

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"slices"
	"strings"
)

// raw is a header as it stands in a tar, for what the library does not write.
type raw struct {
	name, link, prefix string
	mode, uid, gid     string // as the field has them; "" is an octal 0
	size, mtime        string
	flag               byte
	magic              string // with its version: 8 bytes
	major, minor       string
	tail               []byte // from byte 345 on, instead of the prefix
	body               []byte // what follows, without its padding
}

// The marks of the formats.
const (
	v7    = ""
	ustar = "ustar\x0000"
	gnu   = "ustar  \x00"
)

// bytes returns the header with its sum, and the body to a whole block.
func (h raw) bytes() []byte {
	b := make([]byte, 512)
	copy(b, h.name)
	for at, s := range map[int]string{100: h.mode, 108: h.uid, 116: h.gid, 124: h.size, 136: h.mtime, 329: h.major, 337: h.minor} {
		if s == "" && at < 329 {
			s = "0"
		}
		copy(b[at:], s)
	}
	b[156] = h.flag
	copy(b[157:257], h.link)
	copy(b[257:], h.magic)
	copy(b[345:500], h.prefix)
	copy(b[345:], h.tail)
	copy(b[148:156], "        ")
	sum := 0
	for _, c := range b {
		sum += int(c)
	}
	copy(b[148:156], fmt.Sprintf("%06o\x00 ", sum))
	return append(b, padded(h.body)...)
}

func padded(b []byte) []byte {
	return append(slices.Clone(b), make([]byte, (512-len(b)%512)%512)...)
}

// archive is what stands one after another, and the end.
func archive(all ...[]byte) []byte { return append(bytes.Join(all, nil), make([]byte, 1024)...) }

// octal is a number as most headers have it.
func octal(n int64) string { return fmt.Sprintf("%o", n) }

// base256 is a number that is too large for octal digits, or negative.
func base256(n int64, width int) string {
	b := make([]byte, width)
	if n < 0 {
		for i := range b {
			b[i] = 0xff
		}
	}
	binary.BigEndian.PutUint64(b[width-8:], uint64(n))
	b[0] |= 0x80
	return string(b)
}

// rawFile is a regular file.
func rawFile(format, name, body string) raw {
	return raw{name: name, mode: "644", flag: '0', magic: format, size: octal(int64(len(body))), body: []byte(body)}
}

// paxed puts PAX records before a header.
func paxed(h raw, records ...string) []byte {
	return append(pax('x', records...), h.bytes()...)
}

func pax(flag byte, records ...string) []byte {
	var b strings.Builder
	for _, r := range records {
		n := len(r) + 2
		for len(fmt.Sprint(n))+len(r)+2 != n {
			n = len(fmt.Sprint(n)) + len(r) + 2
		}
		fmt.Fprintf(&b, "%d %s\n", n, r)
	}
	return raw{name: "PaxHeaders/x", flag: flag, magic: ustar, size: octal(int64(b.Len())), body: []byte(b.String())}.bytes()
}

// piece is a part of a sparse file that is not a hole.
type piece struct {
	at   int64
	body string
}

// bodies are the parts without the holes between.
func bodies(ps []piece) (s string) {
	for _, p := range ps {
		s += p.body
	}
	return s
}

// oldSparse is a sparse file as GNU tar wrote it first: four parts in the
// header, 21 in each block that follows it.
func oldSparse(name string, size int64, ps ...piece) []byte {
	tail := make([]byte, 512-345)
	pairs := func(b []byte, ps []piece) {
		for i, p := range ps {
			copy(b[24*i:], fmt.Sprintf("%011o\x00%011o\x00", p.at, len(p.body)))
		}
	}
	rest := ps[min(4, len(ps)):]
	pairs(tail[386-345:], ps[:min(4, len(ps))])
	copy(tail[483-345:], fmt.Sprintf("%011o\x00", size))
	if len(rest) > 0 {
		tail[482-345] = 1
	}
	h := raw{name: name, mode: "644", flag: 'S', magic: gnu, size: octal(int64(len(bodies(ps)))), tail: tail}
	out := h.bytes()
	for len(rest) > 0 {
		block := make([]byte, 512)
		n := min(21, len(rest))
		pairs(block, rest[:n])
		if rest = rest[n:]; len(rest) > 0 {
			block[504] = 1
		}
		out = append(out, block...)
	}
	return append(out, padded([]byte(bodies(ps)))...)
}

// sparse00, sparse01 and sparse10 are sparse files in the three ways that PAX
// records tell them.
func sparse00(name string, size int64, ps ...piece) []byte {
	records := []string{fmt.Sprintf("GNU.sparse.size=%d", size), fmt.Sprintf("GNU.sparse.numblocks=%d", len(ps))}
	for _, p := range ps {
		records = append(records, fmt.Sprintf("GNU.sparse.offset=%d", p.at), fmt.Sprintf("GNU.sparse.numbytes=%d", len(p.body)))
	}
	return paxed(rawFile(ustar, name, bodies(ps)), records...)
}

func sparse01(name string, size int64, ps ...piece) []byte {
	var list []string
	for _, p := range ps {
		list = append(list, fmt.Sprintf("%d,%d", p.at, len(p.body)))
	}
	return paxed(rawFile(ustar, "GNUSparseFile.0/x", bodies(ps)), "GNU.sparse.name="+name, fmt.Sprintf("GNU.sparse.size=%d", size),
		fmt.Sprintf("GNU.sparse.numblocks=%d", len(ps)), "GNU.sparse.map="+strings.Join(list, ","))
}

func sparse10(name string, size int64, ps ...piece) []byte {
	var b strings.Builder
	fmt.Fprintln(&b, len(ps))
	for _, p := range ps {
		fmt.Fprintf(&b, "%d\n%d\n", p.at, len(p.body))
	}
	list := b.String()
	return paxed(rawFile(ustar, "GNUSparseFile.0/x", string(padded([]byte(list)))+bodies(ps)), "GNU.sparse.major=1", "GNU.sparse.minor=0",
		"GNU.sparse.name="+name, fmt.Sprintf("GNU.sparse.realsize=%d", size))
}

// long puts a name, or a link's target, that is too long for its header before it.
func long(flag byte, text string, h raw) []byte {
	b := text + "\x00"
	l := raw{name: "././@LongLink", flag: flag, magic: gnu, size: octal(int64(len(b))), body: []byte(b)}
	return append(l.bytes(), h.bytes()...)
}
