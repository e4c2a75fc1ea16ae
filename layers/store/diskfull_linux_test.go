package store

import (
	"strings"
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestAFullDiskKeepsWhatItHas needs root, for a disk of its own.
func TestAFullDiskKeepsWhatItHas(t *testing.T) {
	cache := t.TempDir()
	if err := syscall.Mount("tmpfs", cache, "tmpfs", 0, "size=65536"); err != nil {
		t.Skipf("no disk of its own: %v", err)
	}
	t.Cleanup(func() { syscall.Unmount(cache, 0) })
	var said string
	n := 0
	for ; said == "" && n < 100; n++ {
		said = put(cache, Options{}, n).said()
	}
	if !strings.Contains(said, "no space left on device") {
		t.Fatalf("after %d entries it said %q", n, said)
	}
	s, _ := at(cache, Options{})
	for i := range n - 1 {
		if e, ok := s.Get(key(i), Tree, Places); !ok || !cmp.Equal(e, entry(i)) {
			t.Errorf("entry %d: got %+v, %v", i, e, ok)
		}
	}
	missed(t, cache, n-1, "")
	for _, name := range names(t, cache) {
		if strings.HasSuffix(name, aside) {
			t.Errorf("left %s", name)
		}
	}
}
