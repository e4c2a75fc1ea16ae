// Package progress folds the events of a build into where the build stands.
package progress

import "time"

// Event is one thing that happened in a build.
type Event struct {
	Vertex      string // digest of what it happened to: two vertices may have one name
	Name        string // of the vertex, as BuildKit words it; "" where only Vertex tells
	Line        int    // of the Dockerfile, from 1; 0 where it belongs to none
	Kind        Kind
	At          time.Time
	Text        string // a piece of the log, a warning, an error, or what is counted
	Done, Total int64  // of Counted, in bytes or pieces; Total 0 where nobody knows
}

// Kind says what an [Event] tells.
type Kind uint8

// The kinds.
const (
	Started Kind = iota
	Hit          // the engine had the result
	Ended        // it is done
	Logged       // Text is what it wrote
	Warned       // Text is what BuildKit warns of
	Counted      // Done of Total have been sent, fetched or written
	Broke        // it failed; Text says why
)
