// Package inflate undoes gzip in pure Go at the speed of the best decoders in
// C, and notes on the way where a later reader may begin in the middle.
//
// Where bytes do not stand in memory as deflate wants them, and with the tag
// purego, another decoder takes its place, which notes nothing.
package inflate

import "errors"

// The ways in which a stream is none.
var (
	ErrCorrupt  = errors.New("gzip: corrupt data")
	ErrHeader   = errors.New("gzip: invalid header")
	ErrChecksum = errors.New("gzip: invalid checksum")
)

// Window is how far back a deflate stream may look.
const Window = 32 << 10
