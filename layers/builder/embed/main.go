//go:build linux && !noembed

package embed

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"sync/atomic"
	"syscall"

	"github.com/imgtui/imgtui/layers/builder/embed/step"
)

// The names by which the binary is started as an engine.
const (
	engineName = "imgtui-engine"
	mappedName = "imgtui-engine-mapped" // waits for its IDs first
)

// What an engine finds open beside its streams.
const (
	firstConn  = 3 + iota // the connection of whoever starts it
	ordersFile            // [orders] in JSON
	logFile               // where a copy of its log goes
	mapsFile              // a byte comes when the IDs are mapped
)

// orders is what an engine is told by whoever starts it.
type orders struct {
	StateDir  string
	Runtime   string
	KeepBytes int64
	User      bool   // it has a user namespace of its own
	Single    bool   // with one ID in it
	PIDs      bool   // it has a PID namespace of its own
	NoPIDs    string // why not
	NoRange   string // why it has a single ID
}

// hooked tells whether [Main] was called: a process that did not would, started
// again as an engine, be itself once more.
var hooked atomic.Bool

// Main is what the child runs. It is to be called before anything else: in an
// ordinary process it returns false at once, in an engine it returns true when
// the engine has ended, and in a step it does not return.
//
// It is no package init: BuildKit's own, which run before, cost a step some
// milliseconds, and in return nothing runs that main does not call.
func Main() bool {
	step.Main()
	switch os.Args[0] {
	case mappedName:
		mapped()
		return true
	case engineName:
		serve()
		return true
	}
	hooked.Store(true)
	return false
}

// mapped waits until the IDs of its user namespace are there and starts over as
// their root: only a program that is started gets the rights.
func mapped() {
	f := os.NewFile(mapsFile, "maps")
	_, err := io.ReadFull(f, make([]byte, 1))
	f.Close()
	if err != nil {
		return // whoever was to map them is gone
	}
	err = syscall.Exec("/proc/self/exe", []string{engineName}, os.Environ())
	fmt.Fprintln(os.Stderr, "start the engine:", err)
}

func readOrders() (o orders, err error) {
	f := os.NewFile(ordersFile, "orders")
	defer f.Close()
	if err := json.NewDecoder(f).Decode(&o); err != nil {
		return o, fmt.Errorf("read orders: %w", err)
	}
	return o, nil
}
