package inflate

import (
	"encoding/binary"
	"errors"
	"slices"
	"sort"

	"github.com/klauspost/compress/zstd"
)

// Checkpoint is a place between two blocks of a gzip stream from which it can
// be read on.
type Checkpoint struct {
	Out    int64  // unpacked bytes before it
	Bit    int64  // bits of the stored stream before it
	Window []byte // the last unpacked bytes before it, at most [Window]
}

// Checkpoints are places in a stream by their order, their windows packed. The
// zero value has none. They may be read from several goroutines at once.
type Checkpoints struct {
	places []place
	packed []byte // the windows one after the other, each a zstd frame or nothing
}

type place struct {
	out, bit int64
	end      int // of the window in packed
}

// Len returns how many there are.
func (c *Checkpoints) Len() int { return len(c.places) }

// Add notes a place behind those that are noted. It keeps nothing of p.
func (c *Checkpoints) Add(p Checkpoint) {
	if len(p.Window) > 0 {
		c.packed = packer.EncodeAll(p.Window, c.packed)
	}
	c.places = append(c.places, place{p.Out, p.Bit, len(c.packed)})
}

// Memory returns how many bytes they take, clipped.
func (c *Checkpoints) Memory() int64 { return int64(len(c.packed) + 24*len(c.places)) }

// Thin lets every other place go, the first one first.
func (c *Checkpoints) Thin() {
	var t Checkpoints
	from := 0
	for i, p := range c.places {
		if i%2 == 1 {
			t.packed = append(t.packed, c.packed[from:p.end]...)
			t.places = append(t.places, place{p.out, p.bit, len(t.packed)})
		}
		from = p.end
	}
	*c = t
}

// Clip gives back what is kept for places that do not come any more.
func (c *Checkpoints) Clip() {
	c.places, c.packed = slices.Clone(c.places), slices.Clone(c.packed)
}

// packer and unpacker take windows from any goroutine; neither starts one.
var (
	packer, _   = zstd.NewWriter(nil, zstd.WithEncoderLevel(zstd.SpeedFastest), zstd.WithEncoderConcurrency(1), zstd.WithEncoderCRC(true))
	unpacker, _ = zstd.NewReader(nil, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxMemory(2*Window), zstd.WithDecoderMaxWindow(2*Window))
)

// Before returns the last place at or before an unpacked byte. Without one, the
// stream has to be read from its beginning.
func (c *Checkpoints) Before(out int64) (p Checkpoint, ok bool, err error) {
	n := sort.Search(len(c.places), func(i int) bool { return c.places[i].out > out })
	if n == 0 {
		return Checkpoint{}, false, nil
	}
	from := 0
	if n > 1 {
		from = c.places[n-2].end
	}
	at := c.places[n-1]
	w, err := unpacker.DecodeAll(c.packed[from:at.end], nil)
	if err == nil && len(w) > Window {
		err = errDamaged
	}
	return Checkpoint{Out: at.out, Bit: at.bit, Window: w}, err == nil, err
}

// Last returns how many unpacked bytes come before the last place at or before
// one: none, if there is no such place.
func (c *Checkpoints) Last(out int64) int64 {
	n := sort.Search(len(c.places), func(i int) bool { return c.places[i].out > out })
	if n == 0 {
		return 0
	}
	return c.places[n-1].out
}

// Behind returns the bit of the first place at or behind an unpacked byte, and
// how many bytes come before that place.
func (c *Checkpoints) Behind(out int64) (bit, at int64, ok bool) {
	n := sort.Search(len(c.places), func(i int) bool { return c.places[i].out >= out })
	if n == len(c.places) {
		return 0, 0, false
	}
	return c.places[n].bit, c.places[n].out, true
}

var errDamaged = errors.New("checkpoints: damaged")

// AppendBinary implements encoding.BinaryAppender: the number of places, of
// each what it is farther than the one before, and the windows.
func (c *Checkpoints) AppendBinary(b []byte) ([]byte, error) {
	b = binary.AppendUvarint(b, uint64(len(c.places)))
	var last place
	for _, p := range c.places {
		b = binary.AppendUvarint(b, uint64(p.out-last.out))
		b = binary.AppendUvarint(b, uint64(p.bit-last.bit))
		b = binary.AppendUvarint(b, uint64(p.end-last.end))
		last = p
	}
	return append(b, c.packed...), nil
}

// MarshalBinary implements encoding.BinaryMarshaler.
func (c *Checkpoints) MarshalBinary() ([]byte, error) { return c.AppendBinary(nil) }

// UnmarshalBinary implements encoding.BinaryUnmarshaler for bytes that need not
// be what they should. It keeps b.
func (c *Checkpoints) UnmarshalBinary(b []byte) error {
	n, b, ok := number(b, int64(len(b)))
	if !ok {
		return errDamaged
	}
	places := make([]place, 0, min(n, int64(len(b)/3)))
	var last place
	for range n {
		var out, bit, size int64
		if out, b, ok = number(b, 1<<62-last.out); !ok {
			return errDamaged
		}
		if bit, b, ok = number(b, 1<<62-last.bit); !ok {
			return errDamaged
		}
		if size, b, ok = number(b, int64(len(b))); !ok {
			return errDamaged
		}
		last = place{last.out + out, last.bit + bit, last.end + int(size)}
		places = append(places, last)
	}
	if last.end != len(b) {
		return errDamaged
	}
	c.places, c.packed = places, b
	return nil
}

// number reads one that is at most so large.
func number(b []byte, most int64) (n int64, rest []byte, ok bool) {
	u, k := binary.Uvarint(b)
	if k <= 0 || u > uint64(most) {
		return 0, nil, false
	}
	return int64(u), b[k:], true
}
