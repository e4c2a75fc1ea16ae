package index

import (
	"bytes"
	"fmt"

	"github.com/docker/go-units"

	"github.com/imgtui/imgtui/layers/index/scan"
)

// Limits bound what an image may cost. It is not trusted.
type Limits struct {
	Bytes int64 // uncompressed bytes that any layer may have
	Ratio int64 // and so many more for each stored byte
	Path  int   // bytes of a path
	Depth int   // names of a path

	Held       int64 // bytes of memory that the trees of any image may take
	HeldFiles  int64 // and so many more for each byte of its files
	HeldStored int64 // but not more than so many for each stored byte
	HeldMost   int64 // and never more than this
}

// DefaultLimits let every honest image pass: 4 GiB of zeros from nothing and a
// thousand times what is stored, which is all that gzip can do; some 500 000
// paths from nothing, one more for each 50 bytes that the files have, and some
// ten millions in all.
var DefaultLimits = Limits{
	Bytes: 4 << 30, Ratio: 1000, Path: 32 << 10, Depth: 2048,
	Held: 96 << 20, HeldFiles: 4, HeldStored: 64, HeldMost: 2 << 30,
}

// LimitError says which limit a layer goes beyond.
type LimitError struct {
	What string
	// Shared tells a limit of the whole image: more may be had once other layers
	// are read.
	Shared bool
}

// Error implements error.
func (e *LimitError) Error() string { return e.What }

func (l Limits) orDefault() Limits {
	if l == (Limits{}) {
		return DefaultLimits
	}
	return l
}

// bytes refuses a layer that unpacks to more than its stored bytes allow.
func (l Limits) bytes(unpacked, stored int64) error {
	if most := l.Bytes + l.Ratio*stored; unpacked > most {
		return &LimitError{What: fmt.Sprintf("unpacks to more than %s from %s stored: the limit is %s and %d times what is stored",
			size(most), size(stored), size(l.Bytes), l.Ratio)}
	}
	return nil
}

// entry refuses headers beyond the limits.
func (l Limits) entry(h *scan.Header, n int) error {
	switch {
	case len(h.Name) > l.Path || len(h.Link) > l.Path:
		return &LimitError{What: fmt.Sprintf("entry %d: path is longer than %s", n, size(int64(l.Path)))}
	case len(h.Name) > l.Depth && bytes.Count(h.Name, slash) > l.Depth:
		return &LimitError{What: fmt.Sprintf("entry %d: path is deeper than %d names", n, l.Depth)}
	}
	return nil
}

var slash = []byte("/")

func size(n int64) string { return units.BytesSize(float64(n)) }
