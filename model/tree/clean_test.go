package tree

import (
	"strings"
	"testing"
	"time"
)

func TestCleanKeepsAPathInTheRoot(t *testing.T) {
	for in, want := range map[string]string{
		"": "/", "/": "/", ".": "/", "..": "/", "../../..": "/", "a": "/a", "./a//b/": "/a/b", "/a/../b": "/b", "../../a": "/a",
		"a/..": "/", "a/../..": "/", "a/b/../../../c": "/c", "a/./../b/.": "/b", "...": "/...", "..a": "/..a", "a/.wh.b": "/a/.wh.b",
	} {
		if got := Clean(in); got != want {
			t.Errorf("Clean(%q) = %q, want %q", in, got, want)
		}
	}
}

// TestCleanCostsItsLength holds a hostile path against a plain one: names that
// are taken back, each of which must not copy what is before it.
func TestCleanCostsItsLength(t *testing.T) {
	const n = 20_000
	hostile := strings.Repeat("a/", n) + strings.Repeat("b/../", n)
	plain := strings.Repeat("a/", n) + strings.Repeat("b/bb/", n)
	if got, want := Clean(hostile), "/"+strings.TrimSuffix(strings.Repeat("a/", n), "/"); got != want {
		t.Fatalf("got %d bytes, want %d", len(got), len(want))
	}
	if h, p := quickest(hostile), quickest(plain); h > 10*p {
		t.Errorf("%d names taken back cost %s, as many kept %s", n, h, p)
	}
}

// quickest is the shortest time in which a path was cleaned.
func quickest(path string) time.Duration {
	least := time.Hour
	for range 5 {
		began := time.Now()
		Clean(path)
		least = min(least, time.Since(began))
	}
	return least
}
