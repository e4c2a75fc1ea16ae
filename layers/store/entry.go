package store

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/zeebo/xxh3"

	"github.com/imgtui/imgtui/layers/index"
	"github.com/imgtui/imgtui/model"
)

// Entry is what is kept of a layer.
type Entry struct {
	Facts    index.Facts // without faults: a layer that has any is not kept
	Entries  int         // headers of its tar
	Met      string      // tells all layers with which it has been compared; "" is none
	Sections map[string][]byte
}

// The sections that there are.
const (
	Tree   = "tree"   // the layer's own tree
	Places = "places" // where its tar can be read from
)

// An entry's file is a magic with the version of what follows, the sum and the
// length of a head, the head, and the sections one after the other, as the head
// has them, to the end of the file. No byte of it is without a sum.
const (
	magic    = "imgtui 2"
	preamble = len(magic) + 8 + 4
)

// What a file may hold: more than any layer needs, and no more than fits into
// the memory.
const (
	mostHead     = 64 << 10
	mostSections = 16
	mostPlain    = 1 << 30 // bytes of a section
	mostRatio    = 1 << 16 // of a section's bytes to those in the file: zstd's own limit is below
)

// head is what stands at the beginning of a file.
type head struct {
	Key      string       `json:"key"` // so that no entry is taken for another's
	Tar      int64        `json:"tar"`
	Unread   bool         `json:"unread,omitempty"`
	Held     int64        `json:"held"`
	Files    int64        `json:"files"`
	DiffID   model.Digest `json:"diff_id"`
	Digest   model.Digest `json:"digest"`
	Entries  int          `json:"entries"`
	Met      string       `json:"met,omitempty"`
	Sections []section    `json:"sections"`
}

// section is a part of the body.
type section struct {
	Name   string `json:"name"`
	Stored int64  `json:"stored"`          // bytes in the file
	Plain  int64  `json:"plain,omitempty"` // bytes that it unpacks to; 0 is of one that is not packed
	Sum    uint64 `json:"sum"`             // of the bytes in the file
}

// errDamaged says that a file is not what was written.
var errDamaged = errors.New("damaged")

func damaged(format string, args ...any) error {
	return fmt.Errorf("%w: %s", errDamaged, fmt.Sprintf(format, args...))
}

// pack returns the bytes of an entry's file, in pieces.
func (z *squeeze) pack(k Key, e Entry) ([][]byte, error) {
	h := head{Key: k.String(), Tar: e.Facts.Tar, Unread: e.Facts.Unread, Held: e.Facts.Held, Files: e.Facts.Files, DiffID: e.Facts.DiffID, Digest: e.Facts.Digest, Entries: e.Entries, Met: e.Met}
	pieces := [][]byte{nil}
	for _, name := range sorted(e.Sections) {
		plain := e.Sections[name]
		if len(plain) > mostPlain {
			return nil, fmt.Errorf("its %s has %d bytes; the limit is %d", name, len(plain), mostPlain)
		}
		s, b := z.section(name, plain)
		h.Sections = append(h.Sections, s)
		pieces = append(pieces, b)
	}
	body, err := json.Marshal(h)
	if err != nil {
		return nil, err
	}
	pieces[0] = sealed(body)
	return pieces, nil
}

// section returns a section and its bytes in the file. A tree is not packed: it is
// read whenever its layer is, and to unpack it would take as long as all else.
func (z *squeeze) section(name string, plain []byte) (section, []byte) {
	if name == Tree || len(plain) == 0 {
		return section{Name: name, Stored: int64(len(plain)), Sum: xxh3.Hash(plain)}, plain
	}
	b := z.packer().EncodeAll(plain, nil)
	return section{name, int64(len(b)), int64(len(plain)), xxh3.Hash(b)}, b
}

// sealed is a head with what stands before it.
func sealed(body []byte) []byte {
	b := append(make([]byte, 0, preamble+len(body)), magic...)
	b = binary.LittleEndian.AppendUint64(b, xxh3.Hash(body))
	b = binary.LittleEndian.AppendUint32(b, uint32(len(body)))
	return append(b, body...)
}

// reading is an entry's file that is being read.
type reading struct {
	squeeze *squeeze
	from    io.ReaderAt
	size    int64
	head    head
	body    int64 // where it begins
}

// read reads the head of a file of that size, which must be of that key.
func (z *squeeze) read(from io.ReaderAt, size int64, k Key) (*reading, error) {
	r := &reading{squeeze: z, from: from, size: size}
	if err := r.begin(); err != nil {
		return nil, err
	}
	if r.head.Key != k.String() {
		return nil, damaged("it is that of %q", r.head.Key)
	}
	return r, nil
}

func (r *reading) begin() error {
	if r.size < int64(preamble) {
		return damaged("%d bytes", r.size)
	}
	b := make([]byte, min(r.size, 4096)) // which few heads are longer than
	if err := r.at(b, 0); err != nil {
		return err
	}
	if string(b[:len(magic)]) != magic {
		return damaged("it begins with %q", b[:len(magic)])
	}
	sum := binary.LittleEndian.Uint64(b[len(magic):])
	n := int64(binary.LittleEndian.Uint32(b[len(magic)+8:]))
	if n > mostHead || n > r.size-int64(preamble) {
		return damaged("a head of %d bytes", n)
	}
	r.body = int64(preamble) + n
	if r.body > int64(len(b)) {
		b = make([]byte, r.body)
		if err := r.at(b, 0); err != nil {
			return err
		}
	}
	body := b[preamble:r.body]
	if xxh3.Hash(body) != sum {
		return damaged("the sum of its head is another")
	}
	if err := json.Unmarshal(body, &r.head); err != nil {
		return damaged("its head: %v", err)
	}
	return r.bounds()
}

// bounds holds that the head describes this very file.
func (r *reading) bounds() error {
	h := &r.head
	if h.Tar < model.Unknown || min(h.Held, h.Files) < 0 || h.Entries < 0 || len(h.Sections) > mostSections {
		return damaged("a tar of %d bytes, %d of them in files, %d in memory, %d entries, %d sections", h.Tar, h.Files, h.Held, h.Entries, len(h.Sections))
	}
	left := r.size - r.body
	for _, s := range h.Sections {
		if s.Stored < 0 || s.Stored > left || s.Plain < 0 || max(s.Plain, s.Stored) > mostPlain || s.Plain/mostRatio > s.Stored {
			return damaged("a section of %d bytes for %d, where %d are left", s.Stored, s.Plain, left)
		}
		left -= s.Stored
	}
	if left != 0 {
		return damaged("%d bytes behind it", left)
	}
	return nil
}

// entry returns what the file keeps, of the sections those with these names.
func (r *reading) entry(names []string) (Entry, error) {
	h := r.head
	e := Entry{Facts: index.Facts{Tar: h.Tar, Unread: h.Unread, Held: h.Held, Files: h.Files, DiffID: h.DiffID, Digest: h.Digest}, Entries: h.Entries, Met: h.Met, Sections: map[string][]byte{}}
	at := r.body
	for _, s := range h.Sections {
		if slices.Contains(names, s.Name) {
			b, err := r.section(s, at)
			if err != nil {
				return Entry{}, err
			}
			e.Sections[s.Name] = b
		}
		at += s.Stored
	}
	return e, nil
}

func (r *reading) section(s section, at int64) ([]byte, error) {
	b := r.squeeze.room(s.Stored)
	if err := r.at(b, at); err != nil {
		return nil, err
	}
	if xxh3.Hash(b) != s.Sum {
		return nil, damaged("the sum of its %q is another", s.Name)
	}
	if s.Plain == 0 {
		return b, nil
	}
	defer r.squeeze.free(b)
	plain, err := r.squeeze.unpacker().DecodeAll(b, r.squeeze.room(s.Plain)[:0])
	if err != nil || int64(len(plain)) != s.Plain {
		return nil, damaged("its %q has %d bytes of %d: %v", s.Name, len(plain), s.Plain, err)
	}
	return plain, nil
}

// at fills b with what stands there. A file that has become shorter is damaged.
func (r *reading) at(b []byte, off int64) error {
	n, err := r.from.ReadAt(b, off)
	switch {
	case n == len(b):
		return nil
	case err == io.EOF:
		return damaged("it ends at byte %d", off+int64(n))
	}
	return err
}
