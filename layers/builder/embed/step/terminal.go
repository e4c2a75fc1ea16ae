//go:build linux && !noembed

package step

import (
	"fmt"

	"golang.org/x/sys/unix"
)

// control says whose terminal a new one becomes.
type control bool

const (
	terminalHere      control = true  // this process's
	terminalOfSession control = false // that of the session which the program starts
)

// terminal opens a terminal of the container's own, hands the other end of it
// to the engine and makes it the streams of this process.
func terminal(of control) error {
	other, err := unix.Open("/dev/ptmx", unix.O_RDWR|unix.O_NOCTTY|unix.O_CLOEXEC, 0)
	if err != nil {
		return fmt.Errorf("open /dev/ptmx: %w", err)
	}
	if err := unix.IoctlSetPointerInt(other, unix.TIOCSPTLCK, 0); err != nil {
		return fmt.Errorf("unlock the terminal: %w", err)
	}
	// By number and not by name: /dev/pts is the step's own, and so may be its links.
	own, _, e := unix.Syscall(unix.SYS_IOCTL, uintptr(other), unix.TIOCGPTPEER, unix.O_RDWR|unix.O_NOCTTY|unix.O_CLOEXEC)
	if e != 0 {
		return fmt.Errorf("open the terminal: %w", e)
	}
	if err := unix.Sendmsg(Line, []byte{0}, unix.UnixRights(other), nil, 0); err != nil {
		return fmt.Errorf("hand out the terminal: %w", err)
	}
	unix.Close(other)
	unix.Close(Line)
	if of == terminalHere {
		if err := unix.IoctlSetInt(int(own), unix.TIOCSCTTY, 0); err != nil {
			return fmt.Errorf("take the terminal: %w", err)
		}
	}
	for fd := range 3 {
		if err := unix.Dup3(int(own), fd, 0); err != nil {
			return err
		}
	}
	return nil
}
