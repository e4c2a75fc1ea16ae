//go:build linux && !noembed

package embed

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime"
	"slices"
	"sync"
	"syscall"
	"time"

	"github.com/containerd/console"
	"github.com/moby/buildkit/executor"
	gateway "github.com/moby/buildkit/frontend/gateway/pb"
	"golang.org/x/sys/unix"

	"github.com/imgtui/imgtui/layers/builder/embed/step"
)

// drain is how long output may still come when a process has ended, where what
// it left behind holds the pipe.
const drain = 300 * time.Millisecond

// started is a process that waits to become a step, with what is open towards it.
type started struct {
	cmd      *exec.Cmd
	fault    *os.File // says why it does not start
	orders   *os.File
	line     *os.File // where its terminal comes from
	in       *os.File
	out, err *os.File
	ended    chan error
}

// process gives a waiting process its orders, and stays until it has ended.
func (e *own) process(ctx context.Context, as string, c step.Config, namespaces uintptr, p executor.ProcessInfo, begun func(pid int)) error {
	c.Program.Terminal = p.Meta.Tty
	s, err := e.take(as, namespaces)
	if err != nil {
		return err
	}
	defer s.close()
	pid := s.cmd.Process.Pid
	stop := context.AfterFunc(ctx, func() { kill(pid) })
	defer stop()
	if err := json.NewEncoder(s.orders).Encode(c); err != nil && !errors.Is(err, syscall.EPIPE) {
		kill(pid)
		return errors.Join(err, <-s.ended)
	}
	s.orders.Close()
	fault, err := io.ReadAll(s.fault) // ends when the program takes over
	if err != nil {
		kill(pid)
	}
	var terminal console.Console
	if len(fault) == 0 {
		if p.Meta.Tty {
			if terminal, err = receive(s.line); err != nil {
				kill(pid)
				return errors.Join(err, <-s.ended)
			}
			defer terminal.Close()
		}
		begun(pid)
	}
	err = s.attend(p, terminal)
	return e.full(exit(ctx, err, fault, p.Meta.ValidExitCodes))
}

// full says where a step failed with the disk full: few programs do.
func (e *own) full(err error) error {
	var fail *gateway.ExitError
	var s unix.Statfs_t
	const nothing = 1 << 20
	if !errors.As(err, &fail) || unix.Statfs(e.dir, &s) != nil || int64(s.Bavail)*int64(s.Bsize) > nothing {
		return err
	}
	fail.Err = fmt.Errorf("%s, and the disk of %s is full", fail, e.state)
	return fail
}

// kill ends a process and those that it leads.
func kill(pid int) {
	_ = syscall.Kill(-pid, syscall.SIGKILL)
	_ = syscall.Kill(pid, syscall.SIGKILL)
}

// late are the namespaces that a step makes itself when its orders come: of mounts,
// because its root is mounted just before, and of the network, because few have one.
const late = unix.CLONE_NEWNS | unix.CLONE_NEWNET

// usual are the others.
func (e *own) usual() uintptr {
	set := uintptr(unix.CLONE_NEWUTS | unix.CLONE_NEWIPC | unix.CLONE_NEWPID)
	if unified() {
		set |= unix.CLONE_NEWCGROUP
	}
	return set
}

// take returns a process that waits. One is kept ready: this binary takes longer
// to start than most of a step does.
func (e *own) take(as string, namespaces uintptr) (*started, error) {
	if as != step.Run || namespaces != e.usual() {
		return e.start(as, namespaces)
	}
	defer func() { go e.warm() }()
	select {
	case s := <-e.spare:
		return s, nil
	default:
		return e.start(as, namespaces)
	}
}

// warm sees to it that there is a spare process. They end with the engine.
func (e *own) warm() {
	defer recovered()
	if !e.warming.TryLock() {
		return
	}
	defer e.warming.Unlock()
	if len(e.spare) > 0 || !e.mode.pids {
		return
	}
	if s, err := e.start(step.Run, e.usual()); err == nil { // otherwise the next step says why
		e.spare <- s
	}
}

// start starts a process with its streams. It waits for its orders.
func (e *own) start(as string, namespaces uintptr) (_ *started, err error) {
	s := &started{ended: make(chan error, 1)}
	var theirs cleanups
	defer func() {
		theirs.run()
		if err != nil {
			s.close()
		}
	}()
	s.cmd = &exec.Cmd{
		Path: e.self, Args: []string{as}, Env: []string{},
		SysProcAttr: &syscall.SysProcAttr{Cloneflags: namespaces, Setsid: true},
	}
	var files [5]*os.File // as it has them: its streams, fault and orders
	for i, mine := range []**os.File{&s.in, &s.out, &s.err, &s.fault, &s.orders} {
		r, w, err := os.Pipe()
		if err != nil {
			return nil, err
		}
		if mine == &s.in || mine == &s.orders {
			r, w = w, r
		}
		*mine, files[i] = r, w
		theirs.add(func() { w.Close() })
	}
	fds, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return nil, err
	}
	s.line = os.NewFile(uintptr(fds[0]), "line")
	line := os.NewFile(uintptr(fds[1]), "line")
	theirs.add(func() { line.Close() })
	s.cmd.Stdin, s.cmd.Stdout, s.cmd.Stderr = files[0], files[1], files[2]
	s.cmd.ExtraFiles = []*os.File{files[3], files[4], line}
	begun := make(chan error)
	go s.run(begun)
	if err := <-begun; err != nil {
		return nil, fmt.Errorf("start a step: %w", err)
	}
	return s, nil
}

// run starts the process and waits for it on one thread: the kernel ends a step
// with the thread that started it, so that one has to live as long.
func (s *started) run(begun chan<- error) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	err := s.cmd.Start()
	begun <- err
	if err == nil {
		s.ended <- s.cmd.Wait()
	}
}

func (s *started) close() {
	for _, f := range []*os.File{s.fault, s.orders, s.line, s.in, s.out, s.err} {
		if f != nil {
			f.Close()
		}
	}
}

// receive takes the other end of the step's terminal.
func receive(line *os.File) (console.Console, error) {
	raw, err := line.SyscallConn()
	if err != nil {
		return nil, err
	}
	var n int
	var fault error
	room := make([]byte, unix.CmsgSpace(4))
	if err := raw.Read(func(fd uintptr) bool {
		_, n, _, _, fault = unix.Recvmsg(int(fd), make([]byte, 1), room, unix.MSG_CMSG_CLOEXEC)
		return !errors.Is(fault, unix.EAGAIN)
	}); err != nil {
		return nil, err
	}
	if fault != nil {
		return nil, fault
	}
	all, err := unix.ParseSocketControlMessage(room[:n])
	if err != nil || len(all) != 1 {
		return nil, fmt.Errorf("take the terminal: %d messages: %w", len(all), err)
	}
	fds, err := unix.ParseUnixRights(&all[0])
	if err != nil || len(fds) != 1 {
		return nil, fmt.Errorf("take the terminal: %d files: %w", len(fds), err)
	}
	return console.ConsoleFromFile(os.NewFile(uintptr(fds[0]), "terminal"))
}

// attend passes on what is typed, signals and sizes until the process has ended
// and its last output is out.
func (s *started) attend(p executor.ProcessInfo, terminal console.Console) error {
	copied := s.connect(p, terminal)
	for {
		select {
		case n, ok := <-p.Signal:
			if !ok {
				p.Signal = nil
				continue
			}
			_ = s.cmd.Process.Signal(n)
		case size, ok := <-p.Resize:
			if !ok {
				p.Resize = nil
				continue
			}
			if terminal != nil {
				_ = terminal.Resize(console.WinSize{Height: uint16(size.Rows), Width: uint16(size.Cols)})
			}
		case err := <-s.ended:
			select {
			case <-copied:
			case <-time.After(drain):
			}
			return err
		}
	}
}

// connect copies what is typed and what is said. The channel is closed when all
// has been said.
func (s *started) connect(p executor.ProcessInfo, terminal console.Console) <-chan struct{} {
	type stream struct {
		to   io.Writer
		from io.Reader
	}
	var in io.WriteCloser = s.in
	said := []stream{{p.Stdout, s.out}, {p.Stderr, s.err}}
	if terminal != nil {
		s.in.Close()
		in, said = terminal, []stream{{p.Stdout, terminal}}
	}
	var all sync.WaitGroup
	for _, x := range said {
		all.Go(func() {
			defer recovered()
			to := x.to
			if to == nil {
				to = io.Discard
			}
			_, _ = io.Copy(to, x.from) // that the process has ended is no fault
		})
	}
	if p.Stdin == nil {
		if terminal == nil {
			in.Close()
		}
	} else {
		go func() {
			defer recovered()
			_, _ = io.Copy(in, p.Stdin)
			if terminal == nil {
				in.Close()
			}
		}()
	}
	copied := make(chan struct{})
	go func() {
		all.Wait()
		close(copied)
	}()
	return copied
}

// exit is what BuildKit is told about the end of a process.
func exit(ctx context.Context, err error, fault []byte, valid []int) error {
	if len(fault) > 0 {
		return &gateway.ExitError{ExitCode: step.Unstarted, Err: errors.New(string(bytes.TrimSpace(fault)))}
	}
	code := 0
	var end *exec.ExitError
	if errors.As(err, &end) {
		status, _ := end.Sys().(syscall.WaitStatus)
		if code = status.ExitStatus(); status.Signaled() {
			code = 128 + int(status.Signal())
		}
	} else if err != nil {
		return &gateway.ExitError{ExitCode: gateway.UnknownExitStatus, Err: err}
	}
	if valid == nil {
		valid = []int{0}
	}
	if slices.Contains(valid, code) {
		return nil
	}
	fail := &gateway.ExitError{ExitCode: uint32(code)}
	if ctx.Err() != nil {
		fail.Err = context.Cause(ctx)
	}
	return fail
}
