package layers

import (
	"runtime/debug"
	"sync"
)

// hoard keeps the garbage collector from running while layers come out of the
// store: all that they take stays, and to look through it again and again as it
// grows would take as long as the work. It may be used from several goroutines at
// once; a memory limit of the process holds all the same.
type hoard struct {
	mu    sync.Mutex
	users int
	was   int // percent of garbage that lets a collection begin
}

// begin lets no collection begin until the func that it returns is called.
func (h *hoard) begin() (end func()) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.users++; h.users == 1 {
		h.was = debug.SetGCPercent(-1)
	}
	return h.end
}

func (h *hoard) end() {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.users--; h.users == 0 {
		debug.SetGCPercent(h.was)
	}
}
