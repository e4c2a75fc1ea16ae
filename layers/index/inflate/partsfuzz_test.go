//go:build !purego && (386 || amd64 || arm64 || loong64 || ppc64le || riscv64)

package inflate

import (
	"bytes"
	"testing"
)

// FuzzParts holds what several workers unpack of arbitrary bytes against what
// one reader does: the same bytes, and a fault where that has one. Most inputs
// are packed first and then changed at one place, so that parts begin in them.
func FuzzParts(f *testing.F) {
	for _, name := range []string{"words", "mixed", "skewed"} {
		b := texts(8)[name]
		f.Add(b[:min(len(b), 3000)], uint8(5), uint16(0), uint16(0))
		f.Add(b[:min(len(b), 2000)], uint8(9), uint16(700), uint16(9))
	}
	f.Fuzz(func(t *testing.T, b []byte, level uint8, at, each uint16) {
		stored := b
		if level > 0 {
			stored = pack(bytes.Repeat(b, 1+min(20, 40_000/(len(b)+1))), int(level%13)-3)
		}
		if at > 0 && len(stored) > 20 {
			stored[10+int(at)%(len(stored)-10)] ^= byte(at)
		}
		want, due := bounded(oursReader(stored))
		p, err := newParts(bytes.NewReader(stored), int64(len(stored)), 2, 4<<10+int64(each%8192))
		if err != nil {
			if due == nil {
				t.Fatalf("got %v, one reader reads it", err)
			}
			return
		}
		defer p.Close()
		got, err := bounded(p, nil)
		if (err == nil) != (due == nil) {
			t.Fatalf("got %v, one reader %v", err, due)
		}
		if n := min(len(got), len(want)); err == nil && len(got) != len(want) || !bytes.Equal(got[:n], want[:n]) {
			t.Fatalf("%d bytes are not the %d of one reader", len(got), len(want))
		}
	})
}
