package layers

import (
	"runtime"
	"runtime/debug"
	"runtime/metrics"
	"sync"
)

// hoard keeps the garbage collector from running again and again over trees that
// grow, nearly all of which stay: that would take as long as the work. It may be
// used from several goroutines at once; a memory limit of the process holds all
// the same.
type hoard struct {
	mu        sync.Mutex
	recalling int
	reading   int
	was       int // percent of garbage that lets a collection begin
}

// recall lets no collection begin until the func that it returns is called, once
// or more often: while layers come out of the store and are laid over one
// another, all that they take stays.
func (h *hoard) recall() (end func()) { return h.begin(&h.recalling) }

// read lets none begin over a heap that is small: while layers are read, little is
// thrown away, but nobody knows how little.
func (h *hoard) read() (end func()) { return h.begin(&h.reading) }

func (h *hoard) begin(users *int) (end func()) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.reading+h.recalling == 0 {
		h.was = debug.SetGCPercent(-1)
	}
	*users++
	h.set()
	return sync.OnceFunc(func() {
		h.mu.Lock()
		defer h.mu.Unlock()
		*users--
		h.set()
	})
}

// smallHeap is how many bytes a heap may have that is not looked through.
const smallHeap = 72 << 20

// set lets collections begin as whoever is there wants it. It holds for the heap
// as it is: after a collection it is set again.
func (h *hoard) set() {
	switch {
	case h.recalling > 0:
		debug.SetGCPercent(-1)
	case h.reading > 0 && h.was >= 0:
		debug.SetGCPercent(max(h.was, untilSmall()))
		runtime.AddCleanup(new(collected), func(h *hoard) { h.again() }, h)
	default:
		debug.SetGCPercent(h.was)
	}
}

// collected is garbage from the beginning.
type collected struct{ _ *byte }

// again follows a collection.
func (h *hoard) again() {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.reading > 0 && h.recalling == 0 {
		h.set()
	}
}

// untilSmall is the percentage of what is there that lets the heap grow until it
// is no longer small.
func untilSmall() int {
	live := []metrics.Sample{{Name: "/gc/heap/live:bytes"}}
	metrics.Read(live)
	return int(100*smallHeap/max(live[0].Value.Uint64(), leastHeap)) - 100
}

// leastHeap is what the collector takes a smaller heap for.
const leastHeap = 4 << 20
