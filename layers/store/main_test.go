package store

import (
	"bytes"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/imgtui/imgtui/layers/index"
	"github.com/imgtui/imgtui/model"
)

// TestMain lets the test's own program be another process on the same store.
func TestMain(m *testing.M) {
	switch os.Getenv("IMGTUI_TEST_STORE") {
	case "share":
		share()
		return
	case "write":
		writeForEver()
		return
	}
	os.Exit(m.Run())
}

// logged is what a store has said.
type logged struct {
	mu sync.Mutex
	b  bytes.Buffer
}

// Write implements io.Writer.
func (l *logged) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

// said returns what was said since the last call.
func (l *logged) said() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	defer l.b.Reset()
	return l.b.String()
}

// at opens the store of a cache folder.
func at(cache string, o Options) (*Store, *logged) {
	l := &logged{}
	o.Env = func(name string) string { return map[string]string{"XDG_CACHE_HOME": cache}[name] }
	o.Log = slog.New(slog.NewTextHandler(l, &slog.HandlerOptions{Level: slog.LevelDebug}))
	o.Patience = time.Hour // a test waits for what it has asked for
	return Open(o), l
}

// key is the key of a made layer.
func key(n int) Key { return ByDigest(digest(n)) }

func digest(n int) model.Digest { return model.Digest(fmt.Sprintf("sha256:%064x", n+1)) }

// entry is what is kept of a made layer.
func entry(n int) Entry {
	return Entry{
		Facts:   index.Facts{Tar: int64(1000 + n), Unread: n%2 == 1, Held: 9000, Files: int64(500 + n), DiffID: digest(n + 100), Digest: digest(n)},
		Entries: 7 + n, Met: "the others",
		Sections: map[string][]byte{
			Tree:   bytes.Repeat(fmt.Appendf(nil, "tree of %d ", n), 40),
			Places: fmt.Appendf(nil, "places of %d", n),
		},
	}
}

// put keeps entries and waits until they are.
func put(cache string, o Options, ns ...int) *logged {
	s, l := at(cache, o)
	for _, n := range ns {
		s.Put(key(n), func() (Entry, error) { return entry(n), nil })
	}
	s.Close()
	return l
}

// place is where the entry of a made layer lies.
func place(cache string, n int) string {
	return filepath.Join(cache, "imgtui", version, filepath.FromSlash(key(n).file()))
}

// names are all files below a cache folder, by their last element.
func names(t *testing.T, cache string) []string {
	t.Helper()
	var all []string
	err := filepath.WalkDir(cache, func(name string, d os.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			all = append(all, d.Name())
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// missed holds that nothing is kept of a layer, and that the log says why.
func missed(t *testing.T, cache string, n int, why string) {
	t.Helper()
	s, l := at(cache, Options{})
	if e, ok := s.Get(key(n), Tree); ok {
		t.Errorf("got %+v, want none", e)
	}
	if said := l.said(); !strings.Contains(said, why) || why == "" && said != "" {
		t.Errorf("said %q, want %q", said, why)
	}
}
