package layers

import (
	"runtime"
	"testing"
	"time"
)

// collectsAt has the process collect garbage at a percentage while the test, which
// is for no others beside it, runs.
func collectsAt(t *testing.T, percent int) {
	set := func(percent int) (was int) {
		garbage.mu.Lock()
		defer garbage.mu.Unlock()
		garbage.begin()
		was, garbage.was = garbage.was, percent
		garbage.set(0)
		return was
	}
	was := set(percent)
	t.Cleanup(func() { set(was) })
}

func TestGarbageIsCollectedAsBeforeAfterTheLast(t *testing.T) {
	large := make([]byte, 2*restHeap)
	for _, was := range []int{77, -1} {
		collectsAt(t, was)
		first, second, reading := garbage.recall(), garbage.recall(), garbage.read()
		first()
		if got := percent(); got != -1 {
			t.Errorf("%d: while one is left it is %d, want -1", was, got)
		}
		second()
		if got := percent(); got < was || was < 0 && got >= 0 {
			t.Errorf("%d: while layers are read it is %d", was, got)
		}
		reading()
		runtime.GC()
		if !comes(was) {
			t.Errorf("%d: afterwards it is %d", was, percent())
		}
	}
	runtime.KeepAlive(large)
}

func TestWhatWasReadIsNotCollectedAtOnce(t *testing.T) {
	collectsAt(t, 10)
	runtime.GC()
	end := garbage.recall()
	large := make([]byte, smallHeap)
	before := sample(cyclesName)
	end()
	for range 6 {
		runtime.KeepAlive(make([]byte, 1<<20))
	}
	if now := sample(cyclesName); now != before {
		t.Errorf("%d collections", now-before)
	}
	runtime.KeepAlive(large)
}

func TestALargeHeapIsCollectedWhileLayersAreRead(t *testing.T) {
	collectsAt(t, 77)
	runtime.GC()
	defer garbage.read()()
	if got := percent(); got <= 77 {
		t.Errorf("over a small heap it is %d", got)
	}
	large := make([]byte, smallHeap)
	runtime.GC()
	if !comes(77) {
		t.Errorf("over a large one it is %d, want 77", percent())
	}
	runtime.KeepAlive(large)
}

// comes waits until collections begin at that percentage.
func comes(want int) bool {
	for range 60_000 {
		if percent() == want {
			return true
		}
		time.Sleep(time.Millisecond)
	}
	return false
}

// percent is −1 where no collection begins.
func percent() int { return int(sample("/gc/gogc:percent")) }
