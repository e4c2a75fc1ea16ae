package scan

import "runtime"

// Others are the goroutines that wait while one reads: where all cores read, they
// would wait 10 ms, and the screen is among them.
type Others struct{ pieces uint8 }

// Turn is called for each piece that is read, and lets the others go first after
// some, as that has its price.
func (o *Others) Turn() {
	if o.pieces++; o.pieces%8 == 0 {
		runtime.Gosched()
	}
}
