//go:build !purego && (386 || amd64 || arm64 || loong64 || ppc64le || riscv64)

package inflate

import (
	"bytes"
	"io"
	"math/rand/v2"
	"testing"
)

// noted unpacks a stream and returns its bytes and the places in it.
func noted(t *testing.T, stored []byte, every int64) ([]byte, *Checkpoints) {
	t.Helper()
	r, err := NewReader(bytes.NewReader(stored))
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	c := &Checkpoints{}
	r.Note(every, c.Add)
	b, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return b, c
}

func TestAStreamIsReadOnFromEveryPlace(t *testing.T) {
	t.Parallel()
	all := texts(6)
	text := bytes.Join([][]byte{all["mixed"], all["words"], all["zeros"], all["short distances"]}, nil)
	for _, stored := range [][]byte{pack(text, 6), pack(text, 0), pack(text, -3), append(pack(text[:500_000], 9), pack(text[500_000:], 1)...)} {
		b, c := noted(t, stored, 50_000)
		if c.Len() < len(text)/200_000 {
			t.Fatalf("%d places in %d bytes", c.Len(), len(text))
		}
		packed, err := c.MarshalBinary()
		if err != nil {
			t.Fatal(err)
		}
		var again Checkpoints
		if err := again.UnmarshalBinary(packed); err != nil {
			t.Fatal(err)
		}
		r := rand.New(rand.NewPCG(6, 6))
		for range 60 {
			out := r.Int64N(int64(len(b)))
			p, ok, err := again.Before(out)
			if err != nil {
				t.Fatal(err)
			}
			if !ok {
				if out > 200_000 {
					t.Errorf("no place before %d", out)
				}
				continue
			}
			z, err := Resume(bytes.NewReader(stored[p.Bit/8:]), p)
			if err != nil {
				t.Fatal(err)
			}
			got, err := io.ReadAll(z)
			if err != nil || !bytes.Equal(got, b[p.Out:]) || p.Out > out {
				t.Errorf("from %d for %d: got %d bytes, %v; want %d", p.Out, out, len(got), err, len(b)-int(p.Out))
			}
			z.Close()
		}
	}
}

func TestDamagedPlacesAreErrors(t *testing.T) {
	t.Parallel()
	stored := pack(texts(7)["words"], 6)
	b, c := noted(t, stored, 30_000)
	good, _ := c.MarshalBinary()
	r := rand.New(rand.NewPCG(7, 7))
	for range 300 {
		bad := bytes.Clone(good)
		bad[r.IntN(min(len(bad), 1+r.IntN(len(bad))))] ^= 1 << r.IntN(8)
		bad = bad[:len(bad)-r.IntN(2)*r.IntN(len(bad))]
		var d Checkpoints
		if d.UnmarshalBinary(bad) != nil {
			continue
		}
		p, ok, err := d.Before(int64(r.IntN(len(b))))
		if err != nil || !ok || p.Bit/8 > int64(len(stored)) {
			continue
		}
		z, err := Resume(bytes.NewReader(stored[p.Bit/8:]), p)
		if err != nil {
			continue
		}
		if n, err := io.Copy(io.Discard, io.LimitReader(z, 1<<24)); err == nil && n > 1<<23 {
			t.Errorf("read %d bytes of %d", n, len(b))
		}
		z.Close()
	}
	for _, p := range []Checkpoint{{Out: -1}, {Bit: -1}, {Window: make([]byte, 5)}, {Out: 1 << 20, Window: make([]byte, Window+1)}} {
		if _, err := Resume(bytes.NewReader(stored), p); err == nil {
			t.Errorf("read on from %d at %d with %d bytes", p.Out, p.Bit, len(p.Window))
		}
	}
	for _, b := range [][]byte{nil, {5}, {1, 0, 0, 0, 0}, {0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff}} {
		var d Checkpoints
		if d.UnmarshalBinary(b) == nil {
			t.Errorf("% x: taken for checkpoints", b)
		}
	}
}
