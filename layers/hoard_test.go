package layers

import (
	"runtime"
	"runtime/debug"
	"runtime/metrics"
	"testing"
	"time"
)

// TestGarbageIsCollectedAsBeforeAfterTheLast is for no others beside it: what it
// sets is the process's.
func TestGarbageIsCollectedAsBeforeAfterTheLast(t *testing.T) {
	defer debug.SetGCPercent(debug.SetGCPercent(100))
	for _, was := range []int{77, -1} {
		debug.SetGCPercent(was)
		var h hoard
		first, second, reading := h.recall(), h.recall(), h.read()
		first()
		if got := percent(); got != -1 {
			t.Errorf("%d: while one is left it is %d, want -1", was, got)
		}
		second()
		if got := percent(); got < was || was < 0 && got >= 0 {
			t.Errorf("%d: while layers are read it is %d", was, got)
		}
		reading()
		if got := percent(); got != was {
			t.Errorf("%d: afterwards it is %d", was, got)
		}
	}
}

// TestALargeHeapIsCollectedWhileLayersAreRead is for no others beside it, too.
func TestALargeHeapIsCollectedWhileLayersAreRead(t *testing.T) {
	defer debug.SetGCPercent(debug.SetGCPercent(77))
	runtime.GC()
	var h hoard
	defer h.read()()
	if got := percent(); got <= 77 {
		t.Errorf("over a small heap it is %d", got)
	}
	large := make([]byte, smallHeap)
	runtime.GC()
	for deadline := time.Now().Add(time.Minute); percent() != 77 && time.Now().Before(deadline); {
		time.Sleep(time.Millisecond)
	}
	if got := percent(); got != 77 {
		t.Errorf("over a large one it is %d, want 77", got)
	}
	runtime.KeepAlive(large)
}

// percent is −1 where no collection begins.
func percent() int {
	is := []metrics.Sample{{Name: "/gc/gogc:percent"}}
	metrics.Read(is)
	return int(is[0].Value.Uint64())
}
