package source

import (
	"runtime"
	"strings"
	"testing"
	"time"
)

// waitForNone waits until no goroutine stands in a function, and fails after a while.
func waitForNone(t *testing.T, function string) {
	t.Helper()
	stacks := make([]byte, 1<<20)
	for deadline := time.Now().Add(time.Minute); ; time.Sleep(time.Millisecond) {
		n := runtime.Stack(stacks, true)
		if !strings.Contains(string(stacks[:n]), function) {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("goroutines are left in %s:\n%s", function, stacks[:n])
		}
	}
}

// within fails a test whose step does not end.
func within(t *testing.T, limit time.Duration, what string, f func()) {
	t.Helper()
	done := make(chan struct{})
	go func() { defer close(done); f() }()
	select {
	case <-done:
	case <-time.After(limit):
		t.Fatalf("%s took longer than %s", what, limit)
	}
}
