package inflate

import (
	"bytes"
	"io"
	"testing"
)

// FuzzGzip holds arbitrary bytes against the library: what is valid is equal,
// what is not is an error, and what comes before it is equal too. Half of the
// inputs are packed first, so that there is something behind the codes.
func FuzzGzip(f *testing.F) {
	for _, b := range texts(8) {
		b = b[:min(len(b), 3000)]
		for _, level := range []int{-3, -2, 0, 1, 9} {
			f.Add(pack(b, level), uint8(0))
			f.Add(b, uint8(level+4))
		}
	}
	f.Fuzz(func(t *testing.T, b []byte, level uint8) {
		stored := b
		switch {
		case level > 0:
			stored = pack(b, int(level%13)-3)
		default:
			if len(b) > 0 && b[0] != 0x1f { // most that is found by chance stands behind a header
				stored = append([]byte{0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255}, b...)
			}
		}
		want, due := bounded(plainReader(stored))
		got, err := bounded(oursReader(stored))
		if (err == nil) != (due == nil) {
			t.Fatalf("got %v, the library says %v", err, due)
		}
		if n := min(len(got), len(want)); err == nil && len(got) != len(want) || !bytes.Equal(got[:n], want[:n]) {
			t.Fatalf("%d bytes are not the library's %d", len(got), len(want))
		}
	})
}

// FuzzCheckpoints reads arbitrary bytes as checkpoints and goes on from each.
func FuzzCheckpoints(f *testing.F) {
	stored := pack(texts(9)["mixed"], 6)
	var c Checkpoints
	c.Add(Checkpoint{Out: 40_000, Bit: 300_000, Window: texts(9)["words"][:Window]})
	c.Add(Checkpoint{Out: 90_000, Bit: 500_001, Window: []byte("short")})
	good, _ := c.MarshalBinary()
	f.Add(good)
	f.Fuzz(func(t *testing.T, b []byte) {
		var c Checkpoints
		if c.UnmarshalBinary(b) != nil {
			return
		}
		p, ok, err := c.Before(1 << 40)
		if err != nil || !ok || p.Bit/8 > int64(len(stored)) {
			return
		}
		r, err := Resume(bytes.NewReader(stored[p.Bit/8:]), p)
		if err != nil {
			return
		}
		io.Copy(io.Discard, io.LimitReader(r, 1<<20))
	})
}
