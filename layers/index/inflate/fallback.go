//go:build purego || !(386 || amd64 || arm64 || loong64 || ppc64le || riscv64)

package inflate

import (
	"io"

	"github.com/klauspost/compress/gzip"
)

// Reader undoes gzip.
type Reader struct{ *gzip.Reader }

// NewReader begins a gzip stream of any number of members. An error is that of
// its first header; io.EOF says that there is no byte.
func NewReader(src io.Reader) (*Reader, error) {
	z, err := gzip.NewReader(src)
	if err != nil {
		return nil, err
	}
	return &Reader{z}, nil
}

// Note does nothing: this decoder knows no places.
func (r *Reader) Note(every int64, f func(Checkpoint)) {}

// Resume is not there.
func Resume(src io.Reader, p Checkpoint) (*Reader, error) { return nil, ErrCorrupt }

// Parts is a Reader on one core.
type Parts struct {
	*Reader
	at *io.SectionReader
}

// NewParts begins a gzip stream.
func NewParts(at io.ReaderAt, size int64, workers int) (*Parts, error) {
	s := io.NewSectionReader(at, 0, size)
	r, err := NewReader(s)
	if err != nil {
		return nil, err
	}
	return &Parts{r, s}, nil
}

// Stored returns how many stored bytes have been read.
func (p *Parts) Stored() int64 {
	n, _ := p.at.Seek(0, io.SeekCurrent)
	return n
}
