package tree_test

import (
	"runtime"
	"syscall"
	"testing"
	"time"
)

// linear fails a test in which f costs much more than eight times as much for
// eight times as many. It counts the CPU of f's own thread, as other programs
// run too, and the best of several rounds.
func linear(t *testing.T, n int, f func(n int)) {
	t.Helper()
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	few, many := time.Hour, time.Hour
	for range 8 {
		few, many = min(few, spent(t, f, n)), min(many, spent(t, f, 8*n))
		if many < 24*few {
			return
		}
	}
	t.Errorf("%d cost %v, %d cost %v: that is not linear", n, few, 8*n, many)
}

// spent repeats f until the clock, which ticks slowly, can tell what it costs.
func spent(t *testing.T, f func(n int), n int) time.Duration {
	begun := cpu(t)
	for times := 1; ; times++ {
		f(n)
		if took := cpu(t) - begun; took > 50*time.Millisecond {
			return took / time.Duration(times)
		}
	}
}

func cpu(t *testing.T) time.Duration {
	const thread = 1 // RUSAGE_THREAD
	var u syscall.Rusage
	if err := syscall.Getrusage(thread, &u); err != nil {
		t.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
