package layers

import (
	"errors"
	"fmt"
	"io"
	"os"
	"testing"
	"time"

	"golang.org/x/sys/unix"
	"golang.org/x/term"
)

// pty returns the two ends of a terminal.
func pty(t *testing.T) (master, slave *os.File) {
	t.Helper()
	master, err := os.OpenFile("/dev/ptmx", os.O_RDWR, 0)
	if err != nil {
		t.Skipf("no terminals here: %v", err)
	}
	t.Cleanup(func() { master.Close() })
	n, err := unix.IoctlGetInt(int(master.Fd()), unix.TIOCGPTN)
	if err == nil {
		err = unix.IoctlSetPointerInt(int(master.Fd()), unix.TIOCSPTLCK, 0)
	}
	if err != nil {
		t.Fatal(err)
	}
	slave, err = os.OpenFile(fmt.Sprint("/dev/pts/", n), os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { slave.Close() })
	return master, slave
}

func TestATakenTerminalIsGivenBackAndTakesNoKeyOfOthers(t *testing.T) {
	master, slave := pty(t)
	before, err := term.GetState(int(slave.Fd()))
	if err != nil {
		t.Fatal(err)
	}
	if err := unix.IoctlSetWinsize(int(slave.Fd()), unix.TIOCSWINSZ, &unix.Winsize{Row: 33, Col: 77}); err != nil {
		t.Fatal(err)
	}
	tm, give, err := TakeTerminal(slave, slave, "xterm")
	if err != nil {
		t.Fatal(err)
	}
	if rows, cols := tm.Size(); rows != 33 || cols != 77 {
		t.Errorf("size %d × %d, want 33 × 77", rows, cols)
	}
	if err := unix.Kill(os.Getpid(), unix.SIGWINCH); err != nil {
		t.Fatal(err)
	}
	select {
	case <-tm.Resize:
	case <-time.After(60 * time.Second):
		t.Error("nobody told of another size")
	}
	master.Write([]byte{3}) // ^C goes through as a key
	b := make([]byte, 8)
	if n, err := tm.In.Read(b); err != nil || n != 1 || b[0] != 3 {
		t.Fatalf("read %q, %v; want ^C", b[:n], err)
	}
	ended := make(chan error, 1)
	go func() {
		_, err := tm.In.Read(b)
		ended <- err
	}()
	give()
	give()
	master.Write([]byte("x\n")) // at once: nobody may still look for a key
	select {
	case err := <-ended:
		if !errors.Is(err, io.EOF) {
			t.Errorf("who read on got %v, want the end", err)
		}
	case <-time.After(60 * time.Second):
		t.Fatal("who read on still waits for a key")
	}
	after, err := term.GetState(int(slave.Fd()))
	if err != nil || *after != *before {
		t.Errorf("the terminal is not as it was: %v, %v", after, err)
	}
	if n, err := slave.Read(b); err != nil || string(b[:n]) != "x\n" {
		t.Errorf("the next one read %q, %v; want the key meant for it", b[:n], err)
	}
}
