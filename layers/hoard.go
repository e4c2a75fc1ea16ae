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
// the same, and so does GOGC=off.
type hoard struct {
	mu        sync.Mutex
	begun     bool
	turn      int    // counts what is set
	cycles    uint64 // collections before that was set
	recalling int
	reading   int
	was       int // percent of garbage that lets a collection begin
}

// garbage is the process's, as the collector is.
var garbage hoard

// HoldGarbage keeps the collector from running while the program begins, when there
// is hardly anything to collect.
func HoldGarbage() {
	garbage.mu.Lock()
	defer garbage.mu.Unlock()
	garbage.begin()
	garbage.set(0)
}

func (h *hoard) begin() {
	if !h.begun {
		h.was, h.begun = debug.SetGCPercent(-1), true
	}
}

// recall lets no collection begin until the func that it returns is called, once
// or more often: while layers come out of the store and are laid over one
// another, all that they take stays.
func (h *hoard) recall() (end func()) { return h.use(&h.recalling) }

// read lets none begin over a heap that is small: while layers are read, little is
// thrown away, but nobody knows how little.
func (h *hoard) read() (end func()) { return h.use(&h.reading) }

func (h *hoard) use(users *int) (end func()) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.begin()
	*users++
	h.set(0)
	return sync.OnceFunc(func() {
		h.mu.Lock()
		defer h.mu.Unlock()
		*users--
		h.set(grown())
	})
}

// How many bytes a heap may have that is not looked through: while layers are read,
// and at rest.
const (
	smallHeap = 72 << 20
	restHeap  = 20 << 20
)

// set lets collections begin as whoever is there wants it; at rest not over a heap
// that is as small as that, either.
func (h *hoard) set(small uint64) {
	switch {
	case h.recalling > 0:
		debug.SetGCPercent(-1)
	case h.was < 0:
		debug.SetGCPercent(h.was)
	case h.reading > 0:
		h.until(smallHeap)
	default:
		h.until(max(restHeap, small))
	}
}

// grown is somewhat more than there is: what was read is not looked through at its
// end.
func grown() uint64 {
	heap := sample("/memory/classes/heap/objects:bytes")
	return heap + heap/4
}

// until lets the heap grow to about that size. It holds for the heap as it is: after a
// collection it is set again.
func (h *hoard) until(size uint64) {
	h.cycles = sample(cyclesName)
	percent := 100 * size / leastHeap
	if live := sample("/gc/heap/live:bytes"); live > leastHeap {
		percent = 100*max(size, live)/live - 100
	}
	debug.SetGCPercent(max(h.was, int(percent)))
	h.turn++
	runtime.AddCleanup(new(collected), h.again, h.turn)
}

// collected is garbage from the beginning.
type collected struct{ _ *byte }

// again follows a collection, sometimes late: what has been set since then holds.
func (h *hoard) again(turn int) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if turn == h.turn && h.recalling == 0 {
		h.set(0)
	}
}

// look sets again what a collection has outdated. Where all cores are busy nobody is
// told of one in time.
func (h *hoard) look() {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.recalling == 0 && h.begun && sample(cyclesName) != h.cycles {
		h.set(0)
	}
}

// leastHeap is what the collector takes a smaller heap for.
const leastHeap = 4 << 20

const cyclesName = "/gc/cycles/total:gc-cycles"

// sample is a measure of the runtime's.
func sample(name string) uint64 {
	s := []metrics.Sample{{Name: name}}
	metrics.Read(s)
	return s[0].Value.Uint64()
}
