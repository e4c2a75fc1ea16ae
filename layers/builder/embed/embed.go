// Package embed is a BuildKit in a child process of this same binary, and the
// executor for its steps. It needs no daemon and no runtime, and runs as root or
// as an ordinary user.
//
// The child has a mount namespace, and where the kernel lets it a PID namespace,
// of its own, so that whatever ends it ends every step and every mount with it.
// Several programs share one child by a socket in its state folder. It ends with
// its last connection: the first is a pair of sockets made before it starts, so
// that there is no moment in which it runs for nobody.
//
// It is Linux alone, and the build tag noembed leaves it out.
package embed

import "io"

// Options say which engine is meant.
type Options struct {
	// StateDir holds the cache and the socket: one engine each. "" is
	// imgtui/engine below XDG_STATE_HOME.
	StateDir string
	// Runtime runs the steps: "" for the executor of this package, "runc" or "crun".
	// An engine that already runs keeps its own.
	Runtime string
	// KeepBytes is how large the cache may stay. 0 is a tenth of the disk, 20 GB
	// at most.
	KeepBytes int64
	// Log gets what the engine logs, where this call starts it.
	Log io.Writer
}

// Info tells what an engine can do here.
type Info struct {
	BuildKit    string    // its version
	Executor    string    // "own", "runc" or "crun"
	Sandbox     bool      // whether the processes of a step see themselves alone
	Rootless    string    // "" as root; "subordinate IDs" or "single ID" otherwise
	Snapshotter string    // how roots are stacked: "overlayfs" or "native"
	StateDir    string    // where the cache is
	PID         int       // of the engine, as this process sees it
	Missing     []Missing // what it cannot do here
}

// Missing is a thing that the engine cannot do here, and why.
type Missing struct{ What, Why string }
