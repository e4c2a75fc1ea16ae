// Package waste finds the bytes that an image carries and never shows, each
// with the layer that added them and the layer that hid them.
package waste

// How says in which way bytes died.
type How uint8

// The ways in which a payload dies.
const (
	Deleted   How = iota + 1 // a whiteout or opaque mark hid it
	Rewritten                // other content took its name
	Copied                   // the same content took its name: chmod, chown, touch
	Twice                    // a later entry of the same layer replaced it
)

// Dead is one payload that the final root does not reach.
type Dead struct {
	Path   string // where its layer puts it
	Bytes  int64
	Added  int // layer that carries it
	Hidden int // layer after which no name reaches it
	How    How
}

// Report weighs an image: dead bytes are payload bytes that are in some layer
// and not reachable in the final root; hard links count once.
type Report struct {
	Total, Live, Dead int64
	Paths             []Dead  // largest first, then by path
	ByLayer           []int64 // dead bytes that each layer carries
	HiddenBy          []int64 // dead bytes that each layer hid
}

// Efficiency returns 1 − dead/all; 1 for an image without bytes.
func (r Report) Efficiency() float64 {
	if r.Total == 0 {
		return 1
	}
	return 1 - float64(r.Dead)/float64(r.Total)
}
