package index

import (
	"context"
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/zeebo/xxh3"

	"github.com/imgtui/imgtui/layers/source"
	"github.com/imgtui/imgtui/layers/source/sourcetest"
	"github.com/imgtui/imgtui/model/tree"
)

// FuzzLayer reads arbitrary bytes as a layer: nothing panics, nothing goes
// beyond the limits, what goes wrong is one line, and each file that the tree
// tells can be opened again, alone and with all others, with the content that
// was hashed.
func FuzzLayer(f *testing.F) {
	for _, b := range tars() {
		f.Add(b)
		f.Add(b[:len(b)/2])
	}
	for _, s := range storages[1:] {
		f.Add(s.pack(mixed()))
	}
	limits := Limits{Bytes: 1 << 20, Ratio: 10, Path: 4096, Depth: 100, Held: 1 << 20, HeldFiles: 4, HeldStored: 16, HeldMost: 8 << 20}
	f.Fuzz(func(t *testing.T, stored []byte) {
		b := atRandom(stored)
		budget := NewBudget(limits, 0)
		l, facts, err := Layer(t.Context(), 0, b, Options{Limits: limits, Budget: budget})
		if err != nil {
			if strings.Contains(err.Error(), "\n") || budget.held != 0 {
				t.Fatalf("got %q, with %d bytes held", err, budget.held)
			}
			return
		}
		if facts.DiffID != "" && len(facts.Faults) > 0 && b.Digest != facts.Digest {
			t.Fatalf("read to its end as %s, it is %s", facts.Digest, b.Digest)
		}
		checkWindow(t, "fuzz", stored, limits)
		whole := len(facts.Faults) == 0
		checkPayloadsAgain(t, b, facts.Places, l, whole)
		checkPayloadsAgain(t, b, nil, l, whole)
		b.At = nil
		checkPayloadsAgain(t, b, nil, l, whole)
	})
}

// checkPayloadsAgain reads the files of a layer a second time.
func checkPayloadsAgain(t *testing.T, b source.Blob, at *Places, l *tree.Layer, whole bool) {
	t.Helper()
	all := map[int]*tree.Payload{}
	for n, p := range files(l) {
		if n < 20 && p.Size < 1<<20 && (whole || n < l.Files()-1) {
			all[p.Entry()] = p
		}
	}
	check := func(p *tree.Payload, r io.Reader) error {
		h := xxh3.New()
		n, err := io.Copy(h, r)
		if err != nil || n != p.Size || n > 0 && h.Sum64() != p.Content() {
			t.Fatalf("%q: %d bytes, %v; want %d with the same content", p.Name, n, err, p.Size)
		}
		return nil
	}
	for _, p := range all {
		r, err := Open(t.Context(), b, at, p)
		if err != nil {
			t.Fatalf("open %q: %v", p.Name, err)
		}
		err = check(p, r)
		if err := errors.Join(err, r.Close()); err != nil {
			t.Fatal(err)
		}
	}
	if err := Each(context.Background(), b, at, all, check); err != nil {
		t.Fatal(err)
	}
}

// FuzzTar compares what is read of an arbitrary tar with what the library reads.
func FuzzTar(f *testing.F) {
	for _, b := range tars() {
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		if len(b) == 0 {
			return
		}
		whole, small := readable(b)
		l, facts, err := Layer(t.Context(), 3, streamed(sourcetest.Zstd(b)), Options{})
		if !small {
			return
		}
		if whole != (err == nil && len(facts.Faults) == 0) {
			var beyond *LimitError
			if errors.As(err, &beyond) {
				return
			}
			t.Fatalf("the library reads it to its end: %v; got %v, %v", whole, facts.Faults, err)
		}
		if whole {
			checkPayloads(t, "fuzz", l, oracle(t, b))
		}
	})
}
