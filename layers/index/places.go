package index

import (
	"errors"
	"io"

	"github.com/imgtui/imgtui/layers/index/inflate"
	"github.com/imgtui/imgtui/layers/source"
)

// Places are where one may begin to read the tar of a layer that is stored
// where it can be read at random. They may be used from several goroutines at once.
type Places struct {
	codec  string // how the layer is compressed, as the codec package names it
	points inflate.Checkpoints
	files  *contents // of a layer that was read by its table of contents; else nil
}

// How many unpacked bytes lie between two places, and what the places may take.
const (
	gzipSpacing = 4 << 20
	zstdSpacing = 512 << 10 // its places are beginnings of frames, which need no window
	placesPart  = 100       // of what is stored
	placesMost  = 64 << 20
)

// noter is a decoder that knows places.
type noter interface {
	Note(every int64, f func(inflate.Checkpoint))
}

// noting notes places while a layer is read, with more between them where they
// take too much memory.
type noting struct {
	*Places
	every int64
	most  int64
	last  int64
}

// note notes the places of a blob that can be read at random.
func (r *reading) note(d io.Reader, codec string) {
	if !random(r.blob) {
		return
	}
	n := &noting{Places: &Places{codec: codec}, every: gzipSpacing, most: min(r.blob.Size/placesPart, placesMost)}
	r.facts.Places = n.Places
	if codec == "zstd" {
		n.every = zstdSpacing
	}
	if d, ok := d.(noter); ok {
		d.Note(n.every, n.add)
	}
}

// random tells whether a blob can be read at random.
func random(b source.Blob) bool { return b.At != nil || b.Range != nil && b.Size > 0 }

func (n *noting) add(p inflate.Checkpoint) {
	if p.Out-n.last < n.every {
		return
	}
	n.last = p.Out
	n.points.Add(p)
	for n.points.Memory() > n.most && n.points.Len() > 0 {
		n.every *= 2
		n.points.Thin()
	}
}

// placed counts the places to the memory of the image, which has to do without
// them where it has no room.
func (r *reading) placed() {
	if p := r.facts.Places; p != nil {
		p.points.Clip()
		if r.claim.budget.Hold(p.points.Memory()) != nil {
			p.points = inflate.Checkpoints{}
		}
		r.claim.held += p.points.Memory()
	}
}

// Listed tells whether a table of contents told them.
func (p *Places) Listed() bool { return p != nil && p.files != nil }

// near returns how many bytes of the tar come before what before returns.
func (p *Places) near(offset int64) int64 {
	switch {
	case p == nil:
		return 0
	case p.codec == "":
		return offset
	}
	return p.points.Last(offset)
}

// before returns the last place at or before a byte of the tar: the beginning,
// if there is no other.
func (p *Places) before(offset int64) (inflate.Checkpoint, error) {
	switch {
	case p == nil:
		return inflate.Checkpoint{}, nil
	case p.codec == "":
		return inflate.Checkpoint{Out: offset, Bit: 8 * offset}, nil
	}
	c, _, err := p.points.Before(offset)
	return c, err
}

// codecs that places are kept of, by the byte that stands for them.
var codecs = map[byte]string{'p': "", 'g': "gzip", 'z': "zstd", 'c': listedCodec}

// AppendBinary implements encoding.BinaryAppender.
func (p *Places) AppendBinary(b []byte) ([]byte, error) {
	if p.files != nil {
		return p.files.appendTo(append(b, 'c')), nil
	}
	for letter, name := range codecs {
		if name == p.codec {
			return p.points.AppendBinary(append(b, letter))
		}
	}
	return nil, errors.New("places: of a stream that is not read")
}

// MarshalBinary implements encoding.BinaryMarshaler.
func (p *Places) MarshalBinary() ([]byte, error) { return p.AppendBinary(nil) }

// UnmarshalBinary implements encoding.BinaryUnmarshaler for bytes that need not
// be what they should. It keeps b.
func (p *Places) UnmarshalBinary(b []byte) error {
	if len(b) == 0 {
		return io.ErrUnexpectedEOF
	}
	name, ok := codecs[b[0]]
	if !ok {
		return errors.New("places: of a codec that is not known")
	}
	p.codec = name
	if name == listedCodec {
		var err error
		p.files, err = readContents(b[1:])
		return err
	}
	return p.points.UnmarshalBinary(b[1:])
}
