package layers

import (
	"runtime/debug"
	"testing"
)

// TestGarbageIsCollectedAsBeforeAfterTheLast is for no others beside it: what it
// sets is the process's.
func TestGarbageIsCollectedAsBeforeAfterTheLast(t *testing.T) {
	defer debug.SetGCPercent(debug.SetGCPercent(100))
	for _, c := range []struct{ was, percent, while int }{{77, 400, 400}, {77, -1, -1}, {800, 400, 800}, {800, -1, -1}, {-1, 400, -1}} {
		debug.SetGCPercent(c.was)
		h := hoard{percent: c.percent}
		first, second := h.begin(), h.begin()
		first()
		if got := percent(); got != c.while {
			t.Errorf("%+v: while one is left it is %d", c, got)
		}
		second()
		if got := percent(); got != c.was {
			t.Errorf("%+v: afterwards it is %d", c, got)
		}
	}
}

func percent() int {
	p := debug.SetGCPercent(-1)
	debug.SetGCPercent(p)
	return p
}
