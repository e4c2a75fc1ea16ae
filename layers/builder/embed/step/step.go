//go:build linux && !noembed

// Package step is the process that becomes a step of a build: it makes the
// step's own mounts, gives up what the step is not to have, and turns into its
// program.
//
// It stands on the standard library and the kernel's calls alone. Nothing here
// trusts the root filesystem: every path in it is opened below it, so that no
// link of an image leads out.
package step

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"runtime"
	"syscall"

	"golang.org/x/sys/unix"
)

// The names by which the binary is started as a step.
const (
	Run  = "imgtui-step"      // makes a container and runs its program
	Exec = "imgtui-step-exec" // runs one more program in a container
)

// What a process finds open beside its streams.
const (
	Fault  = 3 // to be written to when the step cannot start; closed when it has
	Orders = 4 // a [Config] in JSON
	Line   = 5 // a socket by which the terminal is handed out
)

// Unstarted is the exit code of a step whose program did not start: Fault says why.
const Unstarted = 125

// Config is what a step is to be.
type Config struct {
	Root       string // the folder that becomes /
	Readonly   bool   // whether / can be written to
	Hostname   string // "" for the one that is there
	Mounts     []Mount
	Masked     []string // paths that show nothing
	Fixed      []string // paths that can be read alone
	Late       uintptr  // the namespaces that the step makes itself
	OwnNetwork bool     // with a loopback device and nothing else
	Alone      bool     // it is the first of a PID namespace, whose end ends all that it started
	Faked      bool     // one ID is all there is, and APT is to know
	Join       int      // the process whose namespaces [Exec] enters
	Groups     []string // cgroup folders to go into
	Program    Program
}

// Mount is one thing mounted below the root.
type Mount struct {
	Kind, Source, Dest, Data string
	Flags                    uintptr // as mount(2) has them, of those that last
	Bind, Deep               bool    // Deep: with what is mounted beneath
	Optional                 bool    // the kernel may refuse it
}

// Program is what runs, and with which rights.
type Program struct {
	Args, Env   []string
	Dir         string
	UID, GID    uint32
	Groups      []uint32
	Caps        []int // what remains
	NoNewRights bool  // set-user-ID files give none
	Limits      map[int]unix.Rlimit
	Terminal    bool
	Filter      []byte // seccomp programs, as the kernel has them
	Owners      []byte // a second one, that answers for the calls of a single ID
	Scopes      uint64 // what of others it cannot reach, as Landlock names it
}

// Main turns the process into a step where it was started as one, and does not
// come back then. The thread is kept: rights and namespaces are a thread's.
func Main() {
	become := map[string]func(Config) error{Run: run, Exec: enter}[os.Args[0]]
	if become == nil {
		return
	}
	runtime.LockOSThread()
	c, err := orders()
	if err == nil {
		err = become(c)
	}
	f := os.NewFile(Fault, "fault")
	_, _ = fmt.Fprint(f, err)
	os.Exit(Unstarted)
}

// orders reads the config. Where the engine is gone, it ends before it comes.
func orders() (c Config, err error) {
	if err := leash(); err != nil {
		return c, err
	}
	f := os.NewFile(Orders, "orders")
	defer f.Close()
	if err := json.NewDecoder(f).Decode(&c); err != nil {
		return c, fmt.Errorf("read orders: %w", err)
	}
	unix.CloseOnExec(Fault)
	// The keys of whoever started the engine are none of the step's. A kernel
	// without keys has none to hide.
	_, _ = unix.KeyctlJoinSessionKeyring("")
	return c, enroll(c.Groups)
}

// leash has the kernel end this process with the engine. It is undone when a
// process changes its user, and has to be renewed then.
func leash() error { return unix.Prctl(unix.PR_SET_PDEATHSIG, uintptr(unix.SIGKILL), 0, 0, 0) }

// enroll puts this process under the limits of cgroups.
func enroll(groups []string) error {
	for _, g := range groups {
		if err := os.WriteFile(g+"/cgroup.procs", []byte("0"), 0); err != nil {
			return fmt.Errorf("enter cgroup: %w", err)
		}
	}
	return nil
}

// run makes the container, and then is its program.
func run(c Config) error {
	if err := unix.Unshare(int(c.Late)); err != nil {
		return fmt.Errorf("make namespaces: %w", err)
	}
	if err := world(c); err != nil {
		return err
	}
	if c.Hostname != "" {
		if err := unix.Sethostname([]byte(c.Hostname)); err != nil {
			return fmt.Errorf("set the host name: %w", err)
		}
	}
	if c.OwnNetwork {
		if err := loopback(); err != nil {
			return fmt.Errorf("start the loopback device: %w", err)
		}
	}
	path, err := c.Program.ready(terminalHere)
	if err != nil {
		return err
	}
	if !c.Alone {
		return supervise(path, c.Program)
	}
	if err := seal(); err != nil {
		return err
	}
	return fmt.Errorf("exec %s: %w", path, unix.Exec(path, c.Program.Args, c.Program.Env))
}

func loopback() error {
	s, err := unix.Socket(unix.AF_INET, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return err
	}
	defer unix.Close(s)
	lo, err := unix.NewIfreq("lo")
	if err != nil {
		return err
	}
	lo.SetUint16(unix.IFF_UP | unix.IFF_RUNNING)
	return unix.IoctlIfreq(s, unix.SIOCSIFFLAGS, lo)
}

// seal keeps every file of ours from the program.
func seal() error {
	if err := unix.CloseRange(3, 1<<32-1, unix.CLOSE_RANGE_CLOEXEC); err != nil {
		return fmt.Errorf("close files: %w", err)
	}
	return nil
}

// supervise runs a program without a PID namespace, and ends all that it leaves.
func supervise(path string, p Program) error {
	if err := unix.Prctl(unix.PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0); err != nil {
		return err
	}
	return follow(path, p, &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}, reapAll)
}

// follow starts a program, hands signals on to it and ends as it does.
func follow(path string, p Program, attr *syscall.SysProcAttr, after func()) error {
	if err := seal(); err != nil {
		return err
	}
	pid, err := syscall.ForkExec(path, p.Args, &syscall.ProcAttr{Env: p.Env, Files: []uintptr{0, 1, 2}, Sys: attr})
	if err != nil {
		return fmt.Errorf("exec %s: %w", path, err)
	}
	unix.Close(Fault)
	forward(pid)
	status, err := wait(pid)
	if err != nil {
		return err
	}
	after()
	if status.Signaled() {
		os.Exit(128 + int(status.Signal()))
	}
	os.Exit(status.ExitStatus())
	return nil
}

func wait(pid int) (status syscall.WaitStatus, err error) {
	for {
		if _, err = syscall.Wait4(pid, &status, 0, nil); !errors.Is(err, syscall.EINTR) {
			return status, err
		}
	}
}
