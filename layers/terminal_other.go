//go:build !unix

package layers

import (
	"os"
	"time"
)

// askable says that a terminal tells whether there is something to read.
const askable = false

// readable says that there may always be something to read: the terminal cannot
// be asked.
func readable(*os.File, time.Duration) (bool, error) { return true, nil }

// resizes tells of no change of size: there is no signal for it.
func resizes(<-chan struct{}) (told <-chan struct{}, still func()) { return nil, func() {} }
