//go:build linux && !noembed

package embed

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/signal"
	"path/filepath"
	"runtime/debug"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/moby/buildkit/executor/oci"
	"github.com/sirupsen/logrus"
	"golang.org/x/sys/unix"

	"github.com/imgtui/imgtui/layers/builder/embed/step"
)

// The names in a state folder.
const (
	socketName = "socket"
	lockName   = "lock"       // held by the engine while it lives
	startName  = "start.lock" // held by whoever starts one
	logName    = "engine.log"
	tempName   = "tmp"
	selfName   = "self" // where the engine mounts its binary
)

// How long an engine waits for the one before it to let go of the state folder,
// and how long it takes to end by itself.
const (
	handover = 20 * time.Second
	farewell = 10 * time.Second
)

// mode is what an engine is made of here.
type mode struct {
	user, single bool // a user namespace, with a single ID
	pids         bool // a PID namespace
}

func (m mode) rootless() bool { return m.user }

// processes says whether the processes of a step see themselves alone.
func (m mode) processes() oci.ProcessMode {
	if m.pids {
		return oci.ProcessSandbox
	}
	return oci.NoProcessSandbox
}

// serve is the life of an engine.
func serve() {
	defer recovered()
	unix.CloseOnExec(firstConn)
	unix.CloseOnExec(logFile)
	f := os.NewFile(firstConn, "first")
	first, err := net.FileConn(f)
	f.Close()
	if err != nil {
		fmt.Fprintln(os.Stderr, "take the first connection:", err)
		return
	}
	o, err := readOrders()
	if err == nil {
		err = o.serve(first)
	}
	if err == nil {
		return
	}
	logrus.Error(err)
	g := greeting{Fault: err.Error()}
	var p pidFault
	if errors.As(err, &p) {
		g.NoPID = p.Error()
	}
	_ = g.send(first)
}

func (o orders) serve(first net.Conn) error {
	logTo(os.NewFile(logFile, "log"))
	m := mode{user: o.User, single: o.Single, pids: o.PIDs}
	if err := o.prepare(m); err != nil {
		return err
	}
	lock, err := acquire(context.Background(), filepath.Join(o.StateDir, lockName), handover)
	if err != nil {
		return err
	}
	defer lock.Close()
	mark, err := newMark(o.StateDir)
	if err != nil {
		return err
	}
	if err := o.tidy(); err != nil {
		return err
	}
	s, err := newServer(o, m)
	if err != nil {
		return err
	}
	l, err := listen(o.StateDir)
	if err != nil {
		s.close()
		return err
	}
	d := newDoor(greeting{Info: s.info})
	ended, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGINT)
	defer stop()
	context.AfterFunc(ended, d.close)
	go d.listen(l)
	go func() {
		defer recovered()
		d.admit(first)
		s.warm()
	}()
	served := make(chan struct{})
	go func() {
		defer close(served)
		_ = s.grpc.Serve(d) // ends with the door
	}()
	<-d.empty
	l.Close()
	s.stop(served)
	s.close()
	lock.Close()
	mark.settle()
	return nil
}

// prepare makes the engine's own world.
func (o orders) prepare(m mode) error {
	unix.Umask(0o022)
	if err := os.Chdir("/"); err != nil {
		return err
	}
	// What is unmounted outside is to be let go of here too.
	if err := unix.Mount("", "/", "", unix.MS_REC|unix.MS_SLAVE, ""); err != nil {
		return fmt.Errorf("make mounts of its own: %w", err)
	}
	if m.pids {
		if err := unix.Mount("proc", "/proc", "proc", unix.MS_NOSUID|unix.MS_NODEV|unix.MS_NOEXEC, ""); err != nil {
			return pidFault{fmt.Errorf("mount a proc of its own: %w", err)}
		}
	}
	calls := syncCalls
	if m.single {
		calls = append(slices.Clone(calls), ownerCalls...)
	}
	return step.Filter(answered(calls).bytes(), unix.SECCOMP_FILTER_FLAG_TSYNC)
}

// pidFault is why there can be no PID namespace.
type pidFault struct{ error }

func (p pidFault) Unwrap() error { return p.error }

// tidy removes what an engine that was killed left behind. The lock is held.
func (o orders) tidy() error {
	temp := filepath.Join(o.StateDir, tempName)
	if err := os.RemoveAll(temp); err != nil {
		return err
	}
	if err := os.Mkdir(temp, 0o700); err != nil {
		return err
	}
	short, err := shorten(temp, o.StateDir)
	if err != nil {
		return fmt.Errorf("mount the temporary folder: %w", err)
	}
	// A killed build leaves empty folders wherever temporary ones are made.
	return errors.Join(os.Setenv("TMPDIR", short), os.Setenv("XDG_RUNTIME_DIR", short))
}

// unneeded are folders that most systems have and no engine looks into.
var unneeded = []string{"/mnt", "/media", "/srv", "/opt", "/tmp"}

// shorten returns a path to the temporary folder which leaves room for the names
// of sockets in it: it is mounted elsewhere, where this engine alone sees it.
func shorten(temp, state string) (string, error) {
	const socket, longest = "/.buildkit-ssh-sock4294967295/ssh_auth_sock", 107
	if len(temp)+len(socket) <= longest {
		return temp, nil
	}
	for _, dir := range unneeded {
		if s, err := os.Lstat(dir); err != nil || !s.IsDir() || strings.HasPrefix(state, dir+"/") {
			continue
		}
		return dir, unix.Mount(temp, dir, "", unix.MS_BIND, "")
	}
	return temp, nil // all but an SSH agent works
}

// within returns a path to a file of a folder that is short enough for a socket.
func within(dir *os.File, name string) string {
	return fmt.Sprintf("/proc/self/fd/%d/%s", dir.Fd(), name)
}

// listen opens the socket. The lock is held, so what is there is nobody's.
func listen(state string) (net.Listener, error) {
	dir, err := os.Open(state)
	if err != nil {
		return nil, err
	}
	defer dir.Close()
	path := within(dir, socketName)
	if err := os.Remove(path); err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, err
	}
	old := unix.Umask(0o077) // nobody else may build as this user
	l, err := net.ListenUnix("unix", &net.UnixAddr{Net: "unix", Name: path})
	unix.Umask(old)
	if err != nil {
		return nil, err
	}
	l.SetUnlinkOnClose(false)
	return &socket{l, filepath.Join(state, socketName)}, nil
}

// socket goes with its file.
type socket struct {
	*net.UnixListener
	path string
}

// Close removes the socket and closes it.
func (s *socket) Close() error {
	return errors.Join(os.Remove(s.path), s.UnixListener.Close())
}

// logTo sends the log to the log file, of which this process has the streams,
// and to whoever started it while that one listens.
func logTo(other io.Writer) {
	logrus.SetLevel(logrus.ErrorLevel) // what BuildKit warns of is its own affair
	logrus.SetFormatter(&logrus.TextFormatter{DisableColors: true, FullTimestamp: true})
	logrus.SetOutput(&log{left: longestLog, other: other})
}

// longestLog is how much an engine may log, in bytes.
const longestLog = 4 << 20

// log writes to two places and ends in time. The logger holds a lock.
type log struct {
	left  int
	other io.Writer
}

func (l *log) Write(p []byte) (int, error) {
	if l.left <= 0 {
		return len(p), nil
	}
	if l.left -= len(p); l.left <= 0 {
		p = append(p[:len(p):len(p)], "the log is full\n"...)
	}
	_, _ = os.Stderr.Write(p)
	_, _ = l.other.Write(p)
	return len(p), nil
}

// recovered keeps a fault in one goroutine from ending all builds.
func recovered() {
	if r := recover(); r != nil {
		logrus.Errorf("panic: %v\n%s", r, debug.Stack())
	}
}
