package index

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/zeebo/xxh3"

	"github.com/imgtui/imgtui/layers/codec"
	"github.com/imgtui/imgtui/layers/index/inflate"
	"github.com/imgtui/imgtui/layers/source"
	"github.com/imgtui/imgtui/layers/source/sourcetest"
	"github.com/imgtui/imgtui/model/tree"
)

// placesOf notes places in a stored tar, with so many bytes between them.
func placesOf(t testing.TB, stored []byte, every int64) *Places {
	t.Helper()
	s, err := codec.Begin(bytes.NewReader(stored))
	if err != nil {
		t.Fatal(err)
	}
	d, err := s.Decode()
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	p := &Places{codec: s.Name()}
	if d, ok := d.(noter); ok {
		d.Note(every, p.points.Add)
	}
	if _, err := io.Copy(io.Discard, d); err != nil {
		t.Fatal(err)
	}
	return p
}

// wordy is a tar of so many bytes of files that look like a layer's: text,
// which is packed well, and noise.
func wordy(seed uint64, size int) []byte {
	r := rand.New(rand.NewPCG(seed, 1))
	var all []sourcetest.Entry
	var b bytes.Buffer
	for n := 0; size > 0; n++ {
		k := min(size, 1<<r.IntN(20))
		b.Reset()
		for b.Len() < k {
			if r.IntN(4) == 0 {
				b.WriteString(sourcetest.Noise(r.Uint64(), 1+r.IntN(300)))
			}
			fmt.Fprintf(&b, "func (%c *type%d) method%d() error { return %d }\n", 'a'+r.IntN(26), r.IntN(50), r.IntN(500), r.IntN(1000))
		}
		all = append(all, sourcetest.File(fmt.Sprintf("d%d/f%d", n/100, n), b.String()[:k]))
		size -= k
	}
	return sourcetest.Tar(all...)
}

// TestPlacesAreFewAndLead has layers in each storage in which there are places.
func TestPlacesAreFewAndLead(t *testing.T) {
	t.Parallel()
	b := wordy(1, 20<<20)
	for _, c := range []struct {
		name        string
		stored      []byte
		least, most int
	}{
		{"plain", b, 0, 0},
		{"gzip", sourcetest.Gzip(b), 3, 5},
		{"gzip of many members", members(b, 1<<20, sourcetest.Gzip), 3, 5},
		{"zstd", sourcetest.Zstd(b), 0, 0},
		{"zstd of many frames", members(b, 100<<10, sourcetest.Zstd), 20, 40},
	} {
		l, facts, err := Layer(t.Context(), 0, atRandom(c.stored), Options{})
		if err != nil {
			t.Fatal(err)
		}
		p := facts.Places
		if c.name[:4] == "gzip" && !noted(t) {
			c.least = 0
		}
		if got := p.points.Len(); got < c.least || got > c.most {
			t.Errorf("%s: %d places, want %d to %d", c.name, got, c.least, c.most)
		}
		packed, err := p.MarshalBinary()
		if err != nil || len(packed) > len(c.stored)/100+2 {
			t.Errorf("%s: the places of %d bytes take %d, %v", c.name, len(c.stored), len(packed), err)
		}
		var again Places
		if err := again.UnmarshalBinary(packed); err != nil {
			t.Errorf("%s: %v", c.name, err)
		}
		checkFiles(t, c.name, atRandom(c.stored), &again, files(l), 15)
		if _, facts, err = Layer(t.Context(), 0, streamed(c.stored), Options{}); err != nil || facts.Places != nil {
			t.Errorf("%s, streamed: got places %v, %v", c.name, facts.Places, err)
		}
	}
}

// noted tells whether places are noted in gzip: not every decoder can.
func noted(t *testing.T) bool {
	return placesOf(t, sourcetest.Gzip(wordy(9, 1<<20)), 1).points.Len() > 0
}

// members compresses a tar in pieces of that size.
func members(b []byte, size int, pack func([]byte) []byte) []byte {
	var all []byte
	for p := range slices.Chunk(b, size) {
		all = append(all, pack(p)...)
	}
	return all
}

// checkFiles opens so many files of a layer, and some of them together.
func checkFiles(t *testing.T, name string, b source.Blob, at *Places, files []*tree.Payload, n int) {
	t.Helper()
	r := rand.New(rand.NewPCG(3, 3))
	some := map[int]*tree.Payload{}
	for range n {
		p := files[r.IntN(len(files))]
		if err := readWhole(t, b, at, p); err != nil {
			t.Errorf("%s: %s: %v", name, p.Name, err)
		}
		if r.IntN(3) == 0 {
			some[p.Entry()] = p
		}
	}
	err := Each(t.Context(), b, at, some, func(p *tree.Payload, r io.Reader) error {
		got, err := io.ReadAll(r)
		if delete(some, p.Entry()); err == nil && xxh3.Hash(got) != p.Content() {
			err = errors.New("other bytes")
		}
		return err
	})
	if err != nil || len(some) > 0 {
		t.Errorf("%s: each: %v, %d files are left", name, err, len(some))
	}
}

// readWhole opens a file and holds its content against the tree's.
func readWhole(t testing.TB, b source.Blob, at *Places, p *tree.Payload) error {
	r, err := Open(t.Context(), b, at, p)
	if err != nil {
		return err
	}
	h := xxh3.New()
	n, err := io.Copy(h, r)
	if err == nil && (n != p.Size || h.Sum64() != p.Content()) {
		err = fmt.Errorf("%d bytes of %d, %x", n, p.Size, h.Sum64())
	}
	return errors.Join(err, r.Close())
}

// TestPlacesThatTakeTooMuchAreThinned has windows of noise and little between
// them that is stored.
func TestPlacesThatTakeTooMuchAreThinned(t *testing.T) {
	t.Parallel()
	var all []sourcetest.Entry
	for n := range 12 {
		all = append(all, sourcetest.File(fmt.Sprint(n), string(make([]byte, 4<<20))), sourcetest.File(fmt.Sprint("n", n), sourcetest.Noise(uint64(n), 64<<10)))
	}
	stored := sourcetest.Gzip(sourcetest.Tar(all...))
	l, facts, err := Layer(t.Context(), 0, atRandom(stored), Options{})
	if err != nil {
		t.Fatal(err)
	}
	if got := facts.Places.points.Memory(); got > int64(len(stored)/100) {
		t.Errorf("the places of %d bytes take %d", len(stored), got)
	}
	checkFiles(t, "thinned", atRandom(stored), facts.Places, files(l), 10)
}

func TestPlacesForWhichThereIsNoRoomAreLetGo(t *testing.T) {
	t.Parallel()
	stored := members(wordy(2, 6<<20), 512<<10, sourcetest.Zstd)
	b := NewBudget(DefaultLimits, 0)
	if _, _, err := Layer(t.Context(), 0, atRandom(stored), Options{Budget: b}); err != nil {
		t.Fatal(err)
	}
	for need, held := range map[bool]int64{true: b.held, false: b.held - 1} {
		b := NewBudget(Limits{Bytes: 1 << 40, Path: 1000, Depth: 10, Held: held, HeldMost: held}, 0)
		_, facts, err := Layer(t.Context(), 0, atRandom(stored), Options{Budget: b})
		if err != nil {
			t.Fatal(err)
		}
		if has := facts.Places.points.Len() > 0; has != need || b.held > held {
			t.Errorf("with room for %d bytes: %d are held, places: %v", held, b.held, has)
		}
	}
}

func TestAChangedLayerIsSaid(t *testing.T) {
	t.Parallel()
	tar := wordy(4, 1<<20)
	stored := sourcetest.Gzip(tar)
	l, facts, err := Layer(t.Context(), 0, atRandom(stored), Options{})
	if err != nil {
		t.Fatal(err)
	}
	all := files(l)
	p := all[slices.IndexFunc(all, func(p *tree.Payload) bool { return p.Size > 1000 })]
	tar[p.Offset()+500] ^= 1
	if err := readWhole(t, atRandom(sourcetest.Gzip(tar)), facts.Places, p); !errors.Is(err, errChanged) {
		t.Errorf("got %v, want %v", err, errChanged)
	}
}

// TestAPlaceThatLeadsNowhereIsAnError has a layer that is shorter than when it
// was read, and places that are another layer's.
func TestAPlaceThatLeadsNowhereIsAnError(t *testing.T) {
	t.Parallel()
	tar := wordy(14, 300<<10)
	for name, pack := range map[string]func([]byte) []byte{
		"gzip": sourcetest.Gzip, "zstd": func(b []byte) []byte { return members(b, 20<<10, sourcetest.Zstd) },
	} {
		stored := pack(tar)
		at := placesOf(t, stored, 1)
		l, _, err := Layer(t.Context(), 0, atRandom(stored), Options{})
		if err != nil {
			t.Fatal(err)
		}
		all := files(l)
		for where, b := range map[string][]byte{"shorter": stored[:len(stored)/2], "nothing": nil, "another": pack(wordy(15, 300<<10))} {
			for _, p := range all[len(all)-2:] {
				if err := readWhole(t, atRandom(b), at, p); p.Size > 0 && err == nil {
					t.Errorf("%s, %s: %s is read", name, where, p.Name)
				}
			}
		}
	}
}

// FuzzPlaces reads places that anybody may have written: they lead somewhere in
// the layer or are refused, and never to other bytes than the tree's.
func FuzzPlaces(f *testing.F) {
	tar := wordy(5, 60<<10)
	stores := [][]byte{tar, members(tar, 20<<10, sourcetest.Gzip), members(tar, 10<<10, sourcetest.Zstd)}
	for n, b := range stores {
		packed, err := placesOf(f, b, 12<<10).MarshalBinary()
		if err != nil {
			f.Fatal(err)
		}
		f.Add(byte(n), packed)
	}
	stored, table := chunkedOf(f, tar, 5<<10)
	_, facts, err := Layer(f.Context(), 0, farBlob(stored, table).Blob, Options{})
	if err != nil {
		f.Fatal(err)
	}
	packed, err := facts.Places.MarshalBinary()
	if err != nil {
		f.Fatal(err)
	}
	stores = append(stores, stored)
	f.Add(byte(3), packed)
	l, _, err := Layer(f.Context(), 0, atRandom(tar), Options{})
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, n byte, packed []byte) {
		var p Places
		if p.UnmarshalBinary(packed) != nil {
			return
		}
		again, err := p.MarshalBinary()
		if err != nil {
			t.Fatal(err)
		}
		var q Places
		if err := q.UnmarshalBinary(again); err != nil {
			t.Fatalf("what was written is not read: %v", err)
		}
		if diff := cmp.Diff(p, q, cmp.AllowUnexported(Places{}, contents{}), cmp.Comparer(same)); diff != "" {
			t.Fatal(diff)
		}
		all := files(l)
		for _, f := range []*tree.Payload{all[0], all[len(all)/2], all[len(all)-1]} {
			if r, err := Open(t.Context(), atRandom(stores[int(n)%len(stores)]), &p, f); err == nil {
				io.Copy(io.Discard, r) // which never ends otherwise than with these bytes, or an error
				r.Close()
			}
		}
	})
}

func same(a, b inflate.Checkpoints) bool {
	x, _ := a.MarshalBinary()
	y, _ := b.MarshalBinary()
	return bytes.Equal(x, y)
}

// BenchmarkOpenOne opens random files of a layer, each held against the tree.
func BenchmarkOpenOne(b *testing.B) {
	tar := wordy(6, 256<<20)
	for _, c := range []struct {
		name   string
		stored []byte
	}{{"gzip", sourcetest.Gzip(tar)}, {"zstd of frames", members(tar, 256<<10, sourcetest.Zstd)}, {"plain", tar}} {
		blob := atRandom(c.stored)
		l, facts, err := Layer(b.Context(), 0, blob, Options{})
		if err != nil {
			b.Fatal(err)
		}
		b.Run(c.name, func(b *testing.B) {
			r := rand.New(rand.NewPCG(7, 7))
			var took []time.Duration
			all := files(l)
			b.ReportAllocs()
			for b.Loop() {
				p := all[r.IntN(len(all))]
				began := time.Now()
				if err := readWhole(b, blob, facts.Places, p); err != nil {
					b.Fatalf("%s: %v", p.Name, err)
				}
				took = append(took, time.Since(began))
			}
			slices.Sort(took)
			b.ReportMetric(float64(took[len(took)/2].Microseconds())/1000, "median-ms")
			b.ReportMetric(float64(took[len(took)*95/100].Microseconds())/1000, "p95-ms")
			b.ReportMetric(100*float64(facts.Places.points.Memory())/float64(len(c.stored)), "%-of-blob")
		})
	}
}
