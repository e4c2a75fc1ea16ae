package layers

import (
	"runtime"

	"golang.org/x/sys/unix"
)

// stepBack lets everything else go before the calling goroutine, which takes its
// thread along when it ends.
func stepBack() {
	runtime.LockOSThread()
	unix.Setpriority(unix.PRIO_PROCESS, unix.Gettid(), 19) // which may be forbidden; then it does not step back
}
