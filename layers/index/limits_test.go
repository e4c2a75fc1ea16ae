package index

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/imgtui/imgtui/layers/source"
	"github.com/imgtui/imgtui/layers/source/sourcetest"
	"github.com/imgtui/imgtui/model/tree"
)

// tight are limits that small layers go beyond.
var tight = Limits{Bytes: 1 << 20, Ratio: 2, Path: 1000, Depth: 20, Held: 256 << 10, HeldMost: 1 << 20}

// empties are empty files without end, each of another name.
func empties(name func(n int) string) source.Blob {
	return source.Blob{Open: func(context.Context) (io.ReadCloser, error) {
		n := 0
		var rest []byte
		return io.NopCloser(readerFunc(func(p []byte) (int, error) {
			if len(rest) == 0 {
				rest = sourcetest.Tar(sourcetest.File(name(n), ""))[:512]
				n++
			}
			k := copy(p, rest)
			rest = rest[k:]
			return k, nil
		})), nil
	}}
}

type readerFunc func([]byte) (int, error)

func (f readerFunc) Read(p []byte) (int, error) { return f(p) }

func TestALayerBeyondTheLimitsIsRefusedInWords(t *testing.T) {
	t.Parallel()
	zeros := sourcetest.Tar(sourcetest.File("zeros", strings.Repeat("\x00", 3<<20)))
	for name, c := range map[string]struct {
		blob source.Blob
		want string
	}{
		"a bomb in gzip":       {streamed(sourcetest.Gzip(zeros)), "unpacks to more than 1.0"},
		"a bomb in zstd":       {streamed(sourcetest.Zstd(zeros)), "unpacks to more than 1.0"},
		"a bomb after the end": {streamed(sourcetest.Gzip(archive(make([]byte, 3<<20)))), "unpacks to more than 1.0"},
		"a bomb of holes":      {streamed(archive(oldSparse("hole", 1<<30))), "unpacks to more than 1.0"},
		"holes in many files":  {streamed(archive(bytes.Repeat(oldSparse("hole", 1<<16), 100))), "unpacks to more than 1.03"},
		"a long path":          {streamed(sourcetest.Tar(sourcetest.File(strings.Repeat("x", 1001), ""))), "entry 1: path is longer than 1000B"},
		"a long link":          {streamed(sourcetest.Tar(sourcetest.Symlink("l", strings.Repeat("x", 1001)))), "entry 1: path is longer than 1000B"},
		"a deep path":          {streamed(sourcetest.Tar(sourcetest.File("f", ""), sourcetest.File(strings.Repeat("x/", 21)+"f", ""))), "entry 2: path is deeper than 20 names"},
		"many files":           {empties(func(n int) string { return fmt.Sprint(n) }), "the paths of the image need more than "},
		"one file many times":  {empties(func(int) string { return "same" }), "the paths of the image need more than "},
		"many folders": {empties(func(n int) string { return fmt.Sprintf("%d/%s", n, strings.Repeat("d/", 18)+"f") }),
			"the paths of the image need more than "},
		"long names": {empties(func(n int) string { return fmt.Sprint(strings.Repeat("n", 90), n) }), "the paths of the image need more than "},
		"large attributes": {streamed(sourcetest.Gzip(archive(bytes.Repeat(paxed(rawFile(ustar, "a", ""), "SCHILY.xattr.user.x="+strings.Repeat("x", 300_000)), 4)))),
			"the paths of the image need more than "},
	} {
		budget := NewBudget(tight, 0)
		_, _, err := Layer(t.Context(), 0, c.blob, Options{Limits: tight, Budget: budget})
		var beyond *LimitError
		if !errors.As(err, &beyond) || !strings.HasPrefix(err.Error(), c.want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: got %v, want %s", name, err, c.want)
		}
		if budget.held != 0 || budget.stored != 0 || budget.files != 0 {
			t.Errorf("%s: %d bytes are held of %d stored, want none after a failure", name, budget.held, budget.stored)
		}
	}
}

func TestLimitsAreSaidWithWhatTheyAre(t *testing.T) {
	t.Parallel()
	for want, err := range map[string]error{
		"unpacks to more than 4.041GiB from 42.97KiB stored: the limit is 4GiB and 1000 times what is stored":                        DefaultLimits.bytes(1<<40, 44_000),
		"the paths of the image need more than 96MiB of memory: the limit is 96MiB and 4 times the bytes of its files, at most 2GiB": NewBudget(Limits{}, 0).Hold(1 << 30),
	} {
		if err == nil || err.Error() != want {
			t.Errorf("got %v, want %s", err, want)
		}
	}
	b := NewBudget(Limits{}, 0)
	b.add(1<<40, 1<<40)
	if err := b.Hold(2<<30 + 1); err == nil || !strings.Contains(err.Error(), "more than 2GiB of memory") {
		t.Errorf("got %v, want the limit of all", err)
	}
}

func TestHonestLayersAreWithinTheLimits(t *testing.T) {
	t.Parallel()
	for name, err := range map[string]error{
		"zeros":           DefaultLimits.bytes(4<<30, 0),
		"zeros in gzip":   DefaultLimits.bytes(60<<30, 60<<30/1030),
		"text":            DefaultLimits.bytes(50<<30, 600<<20),
		"100 000 empties": NewBudget(Limits{}, 0).Hold(100_000 * 200),
	} {
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	b := NewBudget(Limits{}, 0)
	b.add(160*1_000_000, 40*1_000_000) // 160 bytes a file are few
	if err := b.Hold(1_000_000 * 200); err != nil {
		t.Errorf("a million of paths: %v", err)
	}
}

func TestTheLayersOfAnImageShareABudget(t *testing.T) {
	t.Parallel()
	var entries []sourcetest.Entry
	for n := range 500 {
		entries = append(entries, sourcetest.File(fmt.Sprint(n), ""))
	}
	stored := sourcetest.Gzip(sourcetest.Tar(entries...))
	budget := NewBudget(tight, 0)
	var read atomic.Int32
	layer := func(n int) {
		if _, _, err := Layer(t.Context(), n, streamed(stored), Options{Budget: budget}); err == nil {
			read.Add(1)
		}
	}
	var wg sync.WaitGroup
	for n := range 8 {
		wg.Go(func() { layer(n) })
	}
	wg.Wait()
	layer(8) // at once they may have stood in each other's way
	layer(9)
	if read := read.Load(); read < 2 || read > 3 {
		t.Errorf("%d layers of about 75 kB of memory were read, want two or three within 256 kB", read)
	}
}

// TestWhatIsCompressedTwicePaysOnce has a layer in an archive that was itself
// compressed: what counts is what somebody had to send.
func TestWhatIsCompressedTwicePaysOnce(t *testing.T) {
	t.Parallel()
	stored := sourcetest.Gzip(sourcetest.Tar(sourcetest.File("zeros", strings.Repeat("\x00", 3<<20))))
	limits := tight
	limits.Ratio = 1000
	for whole, refused := range map[int64]bool{0: false, 1 << 40: false, 100: true} {
		_, _, err := Layer(t.Context(), 0, streamed(stored), Options{Limits: limits, Budget: NewBudget(limits, whole)})
		if refused != (err != nil) {
			t.Errorf("a layer of %d bytes in a file of %d: got %v", len(stored), whole, err)
		}
	}
}

// TestABlobThatIsThereSeveralTimesIsStoredOnce keeps a small archive that names
// one layer a thousand times from a thousand times the memory.
func TestABlobThatIsThereSeveralTimesIsStoredOnce(t *testing.T) {
	t.Parallel()
	stored := sourcetest.Gzip(sourcetest.Tar(sourcetest.File("a", sourcetest.Noise(1, 5000))))
	budget := NewBudget(Limits{}, 0)
	for n := range 5 {
		if _, _, err := Layer(t.Context(), n, streamed(stored), Options{Budget: budget}); err != nil {
			t.Fatal(err)
		}
	}
	unverified := NewBudget(Limits{}, 0)
	for n := range 5 {
		if _, _, err := Layer(t.Context(), n, streamed(stored), Options{Budget: unverified, Unverified: true}); err != nil {
			t.Fatal(err)
		}
	}
	if unverified.stored != int64(len(stored)) {
		t.Errorf("unverified: %d bytes count as stored, want %d", unverified.stored, len(stored))
	}
	if budget.stored != int64(len(stored)) || budget.files != 5000 {
		t.Errorf("%d bytes count as stored, %d of files; want %d and 5000", budget.stored, budget.files, len(stored))
	}
}

// TestTheBudgetCountsNoLessThanIsHeld measures what trees take while they are made.
func TestTheBudgetCountsNoLessThanIsHeld(t *testing.T) {
	const n = 20_000
	flat := func(i int) string { return fmt.Sprintf("usr/lib/f%06d", i) }
	for name, path := range map[string]func(i int) string{
		"flat":          flat,
		"deep":          func(i int) string { return fmt.Sprintf("usr/%d/%d/f%d", i/1000, i/10%100, i%10) },
		"a folder each": func(i int) string { return fmt.Sprintf("d%06d/e/f", i) },
		"whiteouts":     func(i int) string { return fmt.Sprintf("usr/.wh.f%06d", i) },
		"one path":      func(int) string { return "usr/lib/f" },
		"long":          func(i int) string { return fmt.Sprintf("%s%06d", strings.Repeat("long", 50), i) },
		"owners":        flat, "attributes": flat, "symlinks": flat, "links that wait": flat,
		"out of order": func(i int) string { return fmt.Sprintf("usr/lib/f%06d", i*7919%n) },
		"hidden":       func(i int) string { return fmt.Sprintf([]string{"usr/lib/f%06d", "usr/lib/.wh.f%06d"}[i%2], i) },
	} {
		budget := NewBudget(Limits{Held: 1 << 40, HeldMost: 1 << 40}, 0)
		c := claim{budget: budget}
		before := heap()
		b := tree.NewBuilder(0)
		for i := range n {
			a := tree.Attr{Kind: tree.File}
			switch name {
			case "owners":
				a.UID = i
			case "attributes":
				a.Xattrs = fmt.Sprint("user.a=", i, "\x00")
			case "symlinks":
				a.Kind, a.Link = tree.Symlink, path(i)
			case "links that wait":
				a.Kind, a.Link = tree.Hardlink, path(i)[4:]
			}
			b.Add(tree.Entry{Path: path(i), Attr: a})
			if err := c.entry(b.Held()); err != nil {
				t.Fatal(err)
			}
		}
		l := b.Layer()
		took := heap() - before
		runtime.KeepAlive(b)
		runtime.KeepAlive(l)
		if err := c.settle(); err != nil {
			t.Fatal(err)
		}
		if took > budget.held {
			t.Errorf("%s: %d bytes are held for each entry, the budget counts %d", name, took/n, budget.held/n)
		}
	}
}

func heap() int64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

// TestLayersThatTakeALotOfMemoryAreReadOneAtATime has a window of 128 MiB each.
func TestLayersThatTakeALotOfMemoryAreReadOneAtATime(t *testing.T) {
	t.Parallel()
	// A frame that looks back 2^27 bytes, with one block that is the tar as it is.
	b := sourcetest.Tar(sourcetest.File("a", "b"))
	n := len(b)<<3 | 1
	stored := bytes.Join([][]byte{{0x28, 0xb5, 0x2f, 0xfd, 0, (27 - 10) << 3, byte(n), byte(n >> 8), byte(n >> 16)}, b}, nil)
	large := make(chan struct{}, 1)
	large <- struct{}{}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, _, err := Layer(ctx, 0, streamed(stored), Options{Large: large}); !errors.Is(err, context.Canceled) {
		t.Errorf("while another is read: got %v, want to wait until the cancel", err)
	}
	var mu sync.Mutex
	var reading, most int
	blob := source.Blob{Open: func(context.Context) (io.ReadCloser, error) {
		r := bytes.NewReader(stored[:len(stored)-10])
		return io.NopCloser(io.MultiReader(r, readerFunc(func(p []byte) (int, error) {
			mu.Lock()
			reading++
			most = max(most, reading)
			mu.Unlock()
			runtime.Gosched()
			mu.Lock()
			reading--
			mu.Unlock()
			return 0, io.EOF
		}), bytes.NewReader(stored[len(stored)-10:]))), nil
	}}
	<-large
	var wg sync.WaitGroup
	for i := range 3 {
		wg.Go(func() {
			if _, _, err := Layer(t.Context(), i, blob, Options{Large: large}); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if most != 1 || len(large) != 0 {
		t.Errorf("%d were read at once, %d tokens left; want 1 and none", most, len(large))
	}
	small := streamed(sourcetest.Zstd(b))
	large <- struct{}{}
	if _, _, err := Layer(t.Context(), 0, small, Options{Large: large}); err != nil {
		t.Errorf("a usual layer meanwhile: %v", err)
	}
}
