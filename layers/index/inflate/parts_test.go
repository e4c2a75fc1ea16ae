//go:build !purego && (386 || amd64 || arm64 || loong64 || ppc64le || riscv64)

package inflate

import (
	"bytes"
	"fmt"
	"io"
	"math/rand/v2"
	"testing"
	"time"
)

// large is some megabytes of what layers hold, from a seed: text, repeats,
// noise, and a gzip stream that is stored as it is.
func large(seed uint64, n int) []byte {
	all := texts(seed)
	inner := pack(all["words"], 6)
	r := rand.New(rand.NewPCG(seed, 9))
	kinds := [][]byte{all["words"], all["mixed"], all["noise"], all["skewed"], inner, all["short distances"], make([]byte, 5000)}
	var b []byte
	for len(b) < n {
		k := kinds[r.IntN(len(kinds))]
		at := r.IntN(len(k))
		b = append(b, k[at:min(len(k), at+r.IntN(150_000))]...)
	}
	return b[:n]
}

// some is so many in a short run, and three times as many in any other.
func some(n int) int {
	if testing.Short() {
		return n
	}
	return 3 * n
}

// inParts unpacks with several workers, and notes places.
func inParts(stored []byte, workers int) ([]byte, *Checkpoints, error) {
	p, err := newParts(bytes.NewReader(stored), int64(len(stored)), workers, 150<<10)
	if err != nil {
		return nil, nil, err
	}
	defer p.Close()
	c := &Checkpoints{}
	p.Note(1<<18, c.Add)
	b, err := io.ReadAll(p)
	return b, c, err
}

func TestPartsAreWhatOneReaderReads(t *testing.T) {
	t.Parallel()
	text := large(1, some(1<<20))
	for name, stored := range map[string][]byte{
		"level 6": pack(text, 6), "level 1": pack(text, 1), "stored": pack(text, 0), "codes alone": pack(text, -2),
		"members": append(pack(text, 6), pack(text[:1<<18], 6)...), "zeros": pack(append(make([]byte, 4<<20), text...), 6),
		"noise": pack(bytes.Repeat(large(2, 1<<18), 9), 6),
	} {
		want, due := plain(stored)
		for _, workers := range []int{1, 3} {
			got, c, err := inParts(stored, workers)
			if err != nil || due != nil || !bytes.Equal(got, want) {
				t.Fatalf("%s, %d workers: got %d bytes, %v; want %d", name, workers, len(got), err, len(want))
			}
			if c.Len() < len(want)/(3<<20) {
				t.Errorf("%s: %d places in %d bytes", name, c.Len(), len(want))
			}
			checkPlaces(t, name, stored, want, c)
		}
	}
}

// checkPlaces reads on from each place for a while.
func checkPlaces(t *testing.T, name string, stored, want []byte, c *Checkpoints) {
	t.Helper()
	for i := range c.places {
		p, ok, err := c.Before(c.places[i].out)
		if !ok || err != nil {
			t.Fatal(ok, err)
		}
		z, err := Resume(bytes.NewReader(stored[p.Bit/8:]), p)
		if err != nil {
			t.Fatal(err)
		}
		got := make([]byte, min(100_000, len(want)-int(p.Out)))
		if _, err := io.ReadFull(z, got); err != nil || !bytes.Equal(got, want[p.Out:][:len(got)]) {
			t.Errorf("%s: place %d at %d: %v", name, i, p.Out, err)
		}
		z.Close()
	}
}

func TestBrokenPartsAreErrors(t *testing.T) {
	t.Parallel()
	stored := pack(large(3, some(1<<20)), 6)
	r := rand.New(rand.NewPCG(3, 3))
	for n := range some(10) {
		bad := bytes.Clone(stored)
		at := r.IntN(len(bad))
		bad[at] ^= 1 << r.IntN(8)
		if n%3 == 0 {
			bad = bad[:at]
		}
		want, due := plain(bad)
		got, _, err := inParts(bad, 2)
		if (err == nil) != (due == nil) || !bytes.Equal(got[:min(len(got), len(want))], want[:min(len(got), len(want))]) {
			t.Errorf("changed at %d of %d: got %d bytes, %v; the library has %d, %v", at, len(bad), len(got), err, len(want), due)
		}
	}
}

// TestPartsStopWhenClosed leaves workers in the middle.
func TestPartsStopWhenClosed(t *testing.T) {
	t.Parallel()
	stored := pack(large(4, 3<<20), 1)
	for n := range 4 {
		p, err := newParts(bytes.NewReader(stored), int64(len(stored)), 3, 100<<10)
		if err != nil {
			t.Fatal(err)
		}
		for range n {
			p.Next()
		}
		done := make(chan struct{})
		go func() {
			p.Close()
			p.Close()
			close(done)
		}()
		select {
		case <-done:
		case <-time.After(time.Minute):
			t.Fatal("a worker does not stop")
		}
		if _, err := p.Next(); err != io.ErrClosedPipe {
			t.Errorf("after Close: got %v", err)
		}
	}
}

// TestAPieceOfPartsStaysUntilTheNextButOne holds each piece against what it was,
// also where parts are unpacked once more.
func TestAPieceOfPartsStaysUntilTheNextButOne(t *testing.T) {
	t.Parallel()
	for name, stored := range map[string][]byte{"level 6": pack(large(6, 3<<20), 6), "codes alone": pack(large(6, 2<<20), -2), "no codes of its own": pack(bytes.Repeat([]byte("ab"), 4<<20), 1)} {
		p, err := newParts(bytes.NewReader(stored), int64(len(stored)), 3, 5<<10)
		if err != nil {
			t.Fatal(err)
		}
		var before, was []byte
		for err == nil {
			var b []byte
			if b, err = p.Next(); !bytes.Equal(before, was) {
				t.Fatalf("%s: a piece was changed while it was to stay", name)
			}
			before, was = b, bytes.Clone(b)
		}
		if err != io.EOF {
			t.Errorf("%s: %v", name, err)
		}
		p.Close()
	}
}

// TestPartsUseTheirMemoryAgain counts what they have taken at the end.
func TestPartsUseTheirMemoryAgain(t *testing.T) {
	t.Parallel()
	text := large(7, some(8<<20))
	stored := pack(text, 6)
	p, err := newParts(bytes.NewReader(stored), int64(len(stored)), 2, 150<<10)
	if err != nil {
		t.Fatal(err)
	}
	for err == nil {
		_, err = p.Next()
	}
	p.Close()
	if got, most := len(p.granules.free), len(text)/piece/2; err != io.EOF || got > most {
		t.Errorf("%v; %d granules for %d parts of %d bytes, want at most %d", err, got, len(p.parts), len(text), most)
	}
}

func BenchmarkParts(b *testing.B) {
	text := large(5, 64<<20)
	stored := pack(text, 6)
	b.Run("serial", func(b *testing.B) {
		b.SetBytes(int64(len(text)))
		for b.Loop() {
			r, _ := NewReader(bytes.NewReader(stored))
			r.WriteTo(io.Discard)
			r.Close()
		}
	})
	for _, w := range []int{1, 2} {
		b.Run(fmt.Sprint(w), func(b *testing.B) {
			b.SetBytes(int64(len(text)))
			for b.Loop() {
				p, err := NewParts(bytes.NewReader(stored), int64(len(stored)), w)
				if err != nil {
					b.Fatal(err)
				}
				for err == nil {
					_, err = p.Next()
				}
				if err != io.EOF {
					b.Fatal(err)
				}
				p.Close()
			}
		})
	}
}
