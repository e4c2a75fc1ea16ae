package main

import (
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/charmbracelet/x/vt"
	"golang.org/x/sys/unix"
)

// seat is a user at a terminal of the kernel's, with imgtui on it.
type seat struct {
	t      *testing.T
	master *os.File
	mu     sync.Mutex
	em     *vt.Emulator
	ended  chan error // when all that it wrote is drawn
}

const seatWidth, seatHeight = 120, 36

// sit starts imgtui on a terminal.
func sit(t *testing.T, args ...string) *seat {
	t.Helper()
	master, slave := openPTY(t)
	s := &seat{t: t, master: master, em: vt.NewEmulator(seatWidth, seatHeight), ended: make(chan error, 1)}
	c := exec.CommandContext(t.Context(), "imgtui", args...)
	c.Stdin, c.Stdout, c.Stderr = slave, slave, slave
	c.Env = append(os.Environ(), "TERM=xterm-256color", "NO_COLOR=", "XDG_CACHE_HOME="+nowhere)
	c.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true}
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	slave.Close()
	shown := make(chan struct{})
	go func() {
		defer close(shown)
		s.show()
	}()
	go io.Copy(master, s.em) // what the terminal answers
	go func() {
		err := c.Wait()
		<-shown
		s.ended <- err
	}()
	t.Cleanup(func() {
		_ = c.Process.Kill()
		master.Close()
	})
	return s
}

// openPTY returns the two ends of a terminal.
func openPTY(t *testing.T) (master, slave *os.File) {
	t.Helper()
	master, err := os.OpenFile("/dev/ptmx", os.O_RDWR, 0)
	if err != nil {
		t.Skipf("no terminals here: %v", err)
	}
	fd := int(master.Fd())
	n, err := unix.IoctlGetInt(fd, unix.TIOCGPTN)
	if err == nil {
		err = unix.IoctlSetPointerInt(fd, unix.TIOCSPTLCK, 0)
	}
	if err == nil {
		err = unix.IoctlSetWinsize(fd, unix.TIOCSWINSZ, &unix.Winsize{Row: seatHeight, Col: seatWidth})
	}
	if err == nil {
		slave, err = os.OpenFile(fmt.Sprint("/dev/pts/", n), os.O_RDWR|unix.O_NOCTTY, 0)
	}
	if err != nil {
		t.Fatal(err)
	}
	return master, slave
}

// show draws what the program writes.
func (s *seat) show() {
	b := make([]byte, 32<<10)
	for {
		n, err := s.master.Read(b)
		if err != nil {
			return
		}
		s.mu.Lock()
		_, _ = s.em.Write(b[:n])
		s.mu.Unlock()
	}
}

func (s *seat) screen() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.em.String()
}

// until waits for a text on the screen.
func (s *seat) until(want string) {
	s.t.Helper()
	for end := time.Now().Add(60 * time.Second); !strings.Contains(s.screen(), want); {
		if time.Now().After(end) {
			s.t.Fatalf("waited in vain for %q on the screen:\n%s", want, s.screen())
		}
		time.Sleep(5 * time.Millisecond)
	}
}

// types types text as a keyboard sends it.
func (s *seat) types(text string) {
	s.t.Helper()
	if _, err := s.master.WriteString(text); err != nil {
		s.t.Fatal(err)
	}
}

// TestTheScreenOfARealBuild builds what fails on the screen, enters what the
// command left, comes back to the screen, and builds the mended text.
func TestTheScreenOfARealBuild(t *testing.T) {
	address, _, _ := strings.Cut(os.Getenv("IMGTUI_TEST_BUILDKIT"), " ")
	if address == "" || address == "docker" {
		t.Skip("no buildkitd: IMGTUI_TEST_BUILDKIT has no address (.ci/buildkitd starts one)")
	}
	busybox, err := exec.LookPath("busybox")
	if err != nil {
		t.Skip("no busybox")
	}
	dir := t.TempDir()
	b, err := os.ReadFile(busybox)
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(dir, "Dockerfile")
	for name, data := range map[string][]byte{"busybox": b, "Dockerfile": []byte("FROM scratch\nCOPY busybox /bin/sh\nRUN echo partly > /partly; exit 3\n")} {
		if err := os.WriteFile(filepath.Join(dir, name), data, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	s := sit(t, "--engine", address, "-f", file, "rootfs:"+t.TempDir(), dir)
	s.until("RUN echo partly")
	s.until("3 Dockerfile")
	s.types("\x02") // ctrl+b
	s.until("failed after")
	s.until("exit 3")
	s.until("partly ") // the file, in the list of what the command left
	s.types("!")
	s.until("exit leaves")
	s.types("read x < /partly; echo it was $x; stty size 2>/dev/null; exit 9\r")
	s.until("the shell ended with exit code 9")
	s.until("1 Layers")
	s.types("1e")
	s.until("esc done")
	s.types("\x1b[F\x7f0") // end, backspace: exit 0
	s.until("exit 0")
	s.types("\x02")
	s.until("built in")
	s.types("\x03") // ctrl+c
	if err := <-s.ended; err != nil {
		t.Errorf("it ended with %v", err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.em.IsAltScreen() {
		t.Error("the alternate screen is still on")
	}
}
