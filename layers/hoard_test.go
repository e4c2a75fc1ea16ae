package layers

import (
	"runtime/debug"
	"testing"
)

// TestGarbageIsCollectedAsBeforeAfterTheLast is for no others beside it: what it
// sets is the process's.
func TestGarbageIsCollectedAsBeforeAfterTheLast(t *testing.T) {
	defer debug.SetGCPercent(debug.SetGCPercent(100))
	for _, was := range []int{77, -1} {
		debug.SetGCPercent(was)
		var h hoard
		first, second := h.begin(), h.begin()
		first()
		if got := percent(); got != -1 {
			t.Errorf("%d: while one is left it is %d, want -1", was, got)
		}
		second()
		if got := percent(); got != was {
			t.Errorf("%d: afterwards it is %d", was, got)
		}
	}
}

func percent() int {
	p := debug.SetGCPercent(-1)
	debug.SetGCPercent(p)
	return p
}
