package layers

import "runtime/debug"

// hoarding is how much garbage there may be while layers are read, in percent of
// what is no garbage: nearly all that is made then stays.
const hoarding = 400

// hoard lets garbage lie until the function that it returns is called.
func (e *Engine) hoard() func() {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.hoards++; e.hoards == 1 {
		if e.tidy = debug.SetGCPercent(hoarding); e.tidy < 0 || e.tidy > hoarding {
			debug.SetGCPercent(e.tidy) // the user wants it otherwise
		}
	}
	return func() {
		e.mu.Lock()
		defer e.mu.Unlock()
		if e.hoards--; e.hoards == 0 {
			debug.SetGCPercent(e.tidy)
		}
	}
}
