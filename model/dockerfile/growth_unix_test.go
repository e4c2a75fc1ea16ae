//go:build unix

package dockerfile

import (
	"strings"
	"syscall"
	"testing"
	"time"
)

// TestTimeGrowsWithTheText parses texts that are known to make readers slow, at
// a size and at eight times that size: a quadratic one takes sixty-four times as long.
func TestTimeGrowsWithTheText(t *testing.T) {
	for name, text := range map[string]func(n int) string{
		"lines":        func(n int) string { return long(n / 20) },
		"faults":       func(n int) string { return "FROM a\n" + strings.Repeat("ENV a\n", n/6) },
		"heredocs":     func(n int) string { return "FROM a\n" + strings.Repeat("RUN <<E\nE\n", n/10) },
		"unended":      func(n int) string { return "FROM a\n" + strings.Repeat("RUN <<E\nF\n", n/10) },
		"continuation": func(n int) string { return "FROM a\nRUN b" + strings.Repeat(" \\\n c", n/5) },
		"one heredoc":  func(n int) string { return "FROM a\nRUN <<E\n" + strings.Repeat("x\n", n/2) + "E\n" },
		"many starts":  func(n int) string { return "FROM a\nRUN " + strings.Repeat("<<E \\\n", n/6) },
		"stages":       func(n int) string { return strings.Repeat("FROM a AS b\n", n/12) },
		"blank":        func(n int) string { return "FROM a\nRUN b \\\n" + strings.Repeat("\n", n) },
		"long names":   func(n int) string { return "FROM a\n" + strings.Repeat(strings.Repeat("x", 1_000)+"\n", n/1_000) },
		"dollars":      func(n int) string { return "FROM a\nENV " + strings.Repeat("A=$A \\\n", n/7) + "\n" },
		"flags":        func(n int) string { return "FROM a\nRUN " + strings.Repeat("--a \\\n", n/6) + "b" },
		"brackets":     func(n int) string { return "FROM a\nCMD " + strings.Repeat("[\\\n", n/3) },
		"ended by name": func(n int) string {
			return "FROM a\nRUN <<" + strings.Repeat("E", 1_000) + "\n" + strings.Repeat("E\n", n/2)
		},
	} {
		measure := func(n int) time.Duration {
			s, start := text(n), spent(t)
			Parse(s)
			return spent(t) - start
		}
		small, large := measure(Largest/256), measure(Largest/32)
		t.Logf("%-14s %10v %10v", name, small, large)
		if large > 32*small && large > 300*time.Millisecond {
			t.Errorf("%s: %v for 4 KB, %v for 32 KB", name, small, large)
		}
	}
}

// spent returns the processor's time that this process has taken: a busy
// machine does not change it.
func spent(t *testing.T) time.Duration {
	t.Helper()
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		t.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
