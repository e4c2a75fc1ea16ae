package scan

import (
	"archive/tar"
	"bytes"
	"time"
)

// records are what a PAX header says of the next entry. Of a key that stands
// there twice the last value counts, and an empty one changes nothing.
type records struct {
	path, link, size, uid, gid, mtime, atime, ctime []byte
	attributes                                      []Record
	sparse                                          struct {
		any                                                      bool
		major, minor, parts, name, size, realSize, numberOfParts []byte
	}
	pairs []byte // the parts as version 0.0 has them: one record each
	odd   bool   // a length is due
	text  []byte // which all the others lie in
}

// records reads the content of a PAX header.
func (s *Scanner) records() error {
	b, err := s.special()
	if err != nil {
		return err
	}
	p := &s.pax
	*p = records{attributes: p.attributes[:0], pairs: p.pairs[:0], text: append(p.text[:0], b...)}
	return p.parse(p.text)
}

func (p *records) parse(b []byte) error {
	for len(b) > 0 {
		key, value, rest, ok := record(b)
		if !ok || !p.put(key, value) {
			return tar.ErrHeader
		}
		b = rest
	}
	if len(p.pairs) > 0 {
		p.sparse.any, p.sparse.parts = true, p.pairs[:len(p.pairs)-1]
	}
	return nil
}

// record reads "length key=value\n".
func record(b []byte) (key, value, rest []byte, ok bool) {
	digits := bytes.IndexByte(b, ' ')
	if digits < 0 {
		return nil, nil, nil, false
	}
	n, err := decimal(b[:digits])
	if err != nil || n < 5 || n > int64(len(b)) || n <= int64(digits)+1 || b[n-1] != '\n' {
		return nil, nil, nil, false
	}
	key, value, ok = bytes.Cut(b[digits+1:n-1], equals)
	if !ok || len(key) == 0 {
		return nil, nil, nil, false
	}
	switch string(key) {
	case "path", "linkpath", "uname", "gname":
		ok = bytes.IndexByte(value, 0) < 0
	default:
		ok = bytes.IndexByte(key, 0) < 0
	}
	return key, value, b[n:], ok
}

var (
	equals     = []byte("=")
	comma      = []byte(",")
	newline    = []byte("\n")
	sparseKey  = []byte("GNU.sparse.")
	attributes = [...][]byte{[]byte("SCHILY.xattr."), []byte("LIBARCHIVE.xattr.")}
)

// put takes a record, and tells whether it may stand there.
func (p *records) put(key, value []byte) bool {
	switch string(key) {
	case "path":
		p.path = value
	case "linkpath":
		p.link = value
	case "size":
		p.size = value
	case "uid":
		p.uid = value
	case "gid":
		p.gid = value
	case "mtime":
		p.mtime = value
	case "atime":
		p.atime = value
	case "ctime":
		p.ctime = value
	default:
		switch {
		case bytes.HasPrefix(key, sparseKey):
			return p.putSparse(key[len(sparseKey):], value)
		case bytes.HasPrefix(key, attributes[0]), bytes.HasPrefix(key, attributes[1]):
			p.attribute(key, value)
		}
	}
	return true
}

func (p *records) attribute(key, value []byte) {
	for i := range p.attributes {
		if bytes.Equal(p.attributes[i].Key, key) {
			p.attributes[i].Value = value
			return
		}
	}
	p.attributes = append(p.attributes, Record{key, value})
}

func (p *records) putSparse(key, value []byte) bool {
	s := &p.sparse
	switch string(key) {
	case "offset", "numbytes":
		if (string(key) == "numbytes") != p.odd || bytes.IndexByte(value, ',') >= 0 {
			return false
		}
		p.odd = !p.odd
		p.pairs = append(append(p.pairs, value...), ',')
		return true
	case "major":
		s.major = value
	case "minor":
		s.minor = value
	case "map":
		s.parts = value
	case "name":
		s.name = value
	case "size":
		s.size = value
	case "realsize":
		s.realSize = value
	case "numblocks":
		s.numberOfParts = value
	}
	s.any = true
	return true
}

// into puts what is said into a header.
func (p *records) into(h *Header) error {
	if len(p.path) > 0 {
		h.Name = p.path
	}
	if len(p.link) > 0 {
		h.Link = p.link
	}
	for _, f := range [...]struct {
		value []byte
		set   func(*Header, int64)
	}{
		{p.size, func(h *Header, n int64) { h.Size = n }},
		{p.uid, func(h *Header, n int64) { h.UID = int(n) }},
		{p.gid, func(h *Header, n int64) { h.GID = int(n) }},
	} {
		if len(f.value) == 0 {
			continue
		}
		n, err := decimal(f.value)
		if err != nil {
			return err
		}
		f.set(h, n)
	}
	for _, t := range [...][]byte{p.atime, p.ctime} {
		if len(t) == 0 {
			continue
		}
		if _, err := moment(t); err != nil {
			return err
		}
	}
	if len(p.mtime) > 0 {
		var err error
		if h.ModTime, err = moment(p.mtime); err != nil {
			return err
		}
	}
	h.Attributes, h.Sparse = p.attributes, p.sparse.any
	return nil
}

// moment reads seconds with decimals, of which nine count.
func moment(b []byte) (time.Time, error) {
	whole, part, _ := bytes.Cut(b, dot)
	seconds, err := decimal(whole)
	if err != nil {
		return time.Time{}, err
	}
	nanos, unit := int64(0), int64(1e8)
	for _, c := range part {
		if c < '0' || c > '9' {
			return time.Time{}, tar.ErrHeader
		}
		nanos += int64(c-'0') * unit
		unit /= 10
	}
	if whole[0] == '-' {
		nanos = -nanos
	}
	return time.Unix(seconds, nanos), nil
}

var dot = []byte(".")
