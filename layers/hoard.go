package layers

import (
	"runtime/debug"
	"sync"
)

// hoard lets garbage lie while somebody does what nearly all stays of that is made
// for it: looking for garbage again and again as it grows would take as long as
// the work. It may be used from several goroutines at once; a memory limit of the
// process holds all the same.
type hoard struct {
	percent int // of garbage to what is none; −1 is any

	mu    sync.Mutex
	users int
	was   int
}

// How much garbage may lie while layers are read, and while they come out of the
// store, which makes none to speak of.
const (
	whileRead     = 400
	whileRecalled = -1
)

// begin lets garbage lie until the func that it returns is called.
func (h *hoard) begin() (end func()) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.users++; h.users == 1 {
		h.was = debug.SetGCPercent(h.percent)
		if h.was < 0 || h.percent >= 0 && h.was > h.percent {
			debug.SetGCPercent(h.was) // the user wants it otherwise
		}
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
