//go:build unix

package layers

import (
	"errors"
	"os"
	"os/signal"
	"sync"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// askable says that a terminal tells whether there is something to read.
const askable = true

// readable waits until there is something to read, or until so much time is over.
func readable(f *os.File, most time.Duration) (bool, error) {
	fds := []unix.PollFd{{Fd: int32(f.Fd()), Events: unix.POLLIN}}
	n, err := unix.Poll(fds, int(most.Milliseconds()))
	if errors.Is(err, unix.EINTR) {
		return false, nil
	}
	return n > 0, err
}

// resizes tells of every change of the terminal's size until done is closed;
// still waits for its end.
func resizes(done <-chan struct{}) (told <-chan struct{}, still func()) {
	from, to := make(chan os.Signal, 1), make(chan struct{}, 1)
	signal.Notify(from, syscall.SIGWINCH)
	var w sync.WaitGroup
	w.Go(func() {
		defer signal.Stop(from)
		for {
			select {
			case <-from:
				select {
				case to <- struct{}{}:
				default: // one is on its way
				}
			case <-done:
				return
			}
		}
	})
	return to, w.Wait
}
