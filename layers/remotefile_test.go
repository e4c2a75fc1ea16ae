package layers_test

import (
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/zeebo/xxh3"

	"github.com/imgtui/imgtui/layers"
	"github.com/imgtui/imgtui/layers/source/sourcetest"
	"github.com/imgtui/imgtui/model/session"
	"github.com/imgtui/imgtui/model/tree"
)

// big is an image of one layer that is packed to about the half, with some files
// that are packed well.
func big(codec string) sourcetest.Image {
	var all []sourcetest.Entry
	for n := range 90 {
		body := sourcetest.Noise(uint64(n), 180_000)
		if n%3 == 0 {
			body += strings.Repeat(body[:200], 2000)
		}
		all = append(all, sourcetest.File(fmt.Sprintf("d/%02d", n), body))
	}
	all = append(all, sourcetest.File("large", sourcetest.Noise(99, 1_500_000)), sourcetest.File("empty", ""))
	return sourcetest.Image{Steps: []sourcetest.Step{{By: "COPY", Codec: codec, Layer: sourcetest.Tar(all...)}}}
}

// meter counts what is asked of a registry for layers.
type meter struct {
	mu              sync.Mutex
	requests, bytes int
	whole           int // requests for all of a layer
	answer          func(w http.ResponseWriter, r *http.Request) bool
}

func (m *meter) gate(w http.ResponseWriter, r *http.Request) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	if !strings.Contains(r.URL.Path, "/blobs/") {
		return false
	}
	m.requests++
	var from, to int
	if n, _ := fmt.Sscanf(r.Header.Get("Range"), "bytes=%d-%d", &from, &to); n == 2 {
		m.bytes += to - from + 1
	} else {
		m.whole++
	}
	return m.answer != nil && m.answer(w, r)
}

func (m *meter) reset() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.requests, m.bytes, m.whole = 0, 0, 0
}

// served opens an image in a registry and reads its layers.
func served(t *testing.T, i sourcetest.Image) (*layers.Engine, *meter, *tree.Layer) {
	t.Helper()
	l := &sourcetest.Layout{}
	reg := sourcetest.Serve(t, l.Parts(l.Image(i).Named("1")))
	e := layers.New(layers.Options{})
	t.Cleanup(func() { e.Close() })
	s := settle(e, reg.Ref("1"))
	if o := outcomeOf(s); len(o.Errors)+len(o.Warnings) > 0 {
		t.Fatal(o.Errors, o.Warnings)
	}
	m := &meter{}
	reg.Gate(m.gate)
	return e, m, s.Stacks[session.Was].Layers[0].Tree
}

// checkContent reads a file and holds it against the tree.
func checkContent(t *testing.T, e *layers.Engine, p *tree.Payload) error {
	t.Helper()
	rc, err := e.Content(t.Context(), session.Was, "/"+p.Name, p)
	if err != nil {
		return err
	}
	defer rc.Close()
	h := xxh3.New()
	n, err := io.Copy(h, rc)
	if err == nil && (n != p.Size || n > 0 && h.Sum64() != p.Content()) {
		t.Errorf("%s: got %d bytes of %d that sum to %x", p.Name, n, p.Size, h.Sum64())
	}
	return err
}

// TestAFileOfARegistryCostsTwoRequestsAtMost counts them, and the bytes.
func TestAFileOfARegistryCostsTwoRequestsAtMost(t *testing.T) {
	for _, codec := range []string{"gzip", ""} {
		e, m, l := served(t, big(codec))
		r := rand.New(rand.NewPCG(1, 2))
		all := slices.Collect(l.Payloads())
		files := []*tree.Payload{l.Root.Find("/large").Payload(), l.Root.Find("/empty").Payload(), l.Root.Find("/d/89").Payload(), all[0]}
		for range 12 {
			files = append(files, all[r.IntN(len(all))])
		}
		once := 0
		for _, p := range files {
			m.reset()
			if err := checkContent(t, e, p); err != nil {
				t.Errorf("%q, %s: %v", codec, p.Name, err)
			}
			if m.requests > 2 || m.bytes > 5_000_000 || m.whole > 0 {
				t.Errorf("%q, %s: %d requests for %d bytes, %d for all", codec, p.Name, m.requests, m.bytes, m.whole)
			}
			if m.requests < 2 {
				once++
			}
		}
		if once < len(files)*3/4 {
			t.Errorf("%q: %d of %d files cost one request", codec, once, len(files))
		}
	}
}

func TestARegistryWithoutPartsIsReadFromTheBeginning(t *testing.T) {
	e, m, l := served(t, big("gzip"))
	m.answer = func(w http.ResponseWriter, r *http.Request) bool {
		r.Header.Del("Range")
		return false
	}
	all := slices.Collect(l.Payloads())
	for n, p := range []*tree.Payload{all[80], all[3], all[70]} {
		m.reset()
		if err := checkContent(t, e, p); err != nil {
			t.Error(err)
		}
		if want := min(n, 1); m.whole != 1 || m.requests-m.whole != 1-want {
			t.Errorf("file %d: %d requests, %d for all", n, m.requests, m.whole)
		}
	}
}

// TestOtherBytesOfARegistryAreSaid changes a byte of a stored layer.
func TestOtherBytesOfARegistryAreSaid(t *testing.T) {
	e, m, l := served(t, big(""))
	m.answer = func(w http.ResponseWriter, r *http.Request) bool {
		var from, to int
		fmt.Sscanf(r.Header.Get("Range"), "bytes=%d-%d", &from, &to)
		w.Header().Set("Content-Range", fmt.Sprintf("bytes %d-%d/*", from, to))
		w.WriteHeader(http.StatusPartialContent)
		w.Write(make([]byte, to-from+1))
		return true
	}
	p := slices.Collect(l.Payloads())[5]
	want := "the layer now holds other bytes than when it was read"
	if err := checkContent(t, e, p); err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("got %v, want %s", err, want)
	}
	for _, limit := range []int64{100, 1 << 20} {
		var got []session.Failed
		e.Do(t.Context(), session.Read{After: p, Limit: limit, Gen: 1}, func(m session.Msg) {
			if f, ok := m.(session.Failed); ok {
				got = append(got, f)
			}
		})
		if len(got) != 1 || !strings.Contains(got[0].Err.Error(), want) {
			t.Errorf("the first %d bytes: got %v, want %s", limit, got, want)
		}
	}
}

// TestExtractingFromARegistryAsksOnlyForWhatIsWanted takes files that lie together.
func TestExtractingFromARegistryAsksOnlyForWhatIsWanted(t *testing.T) {
	e, m, l := served(t, big("gzip"))
	var paths []string
	for n := 40; n < 50; n++ {
		paths = append(paths, fmt.Sprintf("/d/%02d", n))
	}
	var got []session.Extracted
	root := tree.Fold(nil, l)
	e.Do(t.Context(), session.Extract{Root: root, Paths: append(paths, "/large"), Dir: t.TempDir(), Gen: 1}, func(m session.Msg) {
		switch m := m.(type) {
		case session.Extracted:
			got = append(got, m)
		case session.Failed:
			t.Error(m.Err)
		}
	})
	if len(got) != 1 || got[0].Files != 11 || m.requests > 4 || m.bytes > 10_000_000 || m.whole > 0 {
		t.Errorf("got %+v, %d requests for %d bytes, %d for all", got, m.requests, m.bytes, m.whole)
	}
}
