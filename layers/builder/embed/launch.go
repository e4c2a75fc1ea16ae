//go:build linux && !noembed

package embed

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// start starts an engine in the best way that there is here. The start lock is held.
func (o Options) start(ctx context.Context) (net.Conn, Info, error) {
	try := orders{StateDir: o.StateDir, Runtime: o.Runtime, KeepBytes: o.KeepBytes, User: !privileged(), PIDs: true}
	for {
		c, g, err := try.launch(ctx, o.Log)
		var m mapFault
		switch {
		case errors.As(err, &m) && !try.Single:
			try.Single, try.NoRange = true, m.Error()
			continue
		case err != nil:
			return nil, Info{}, err
		case g.NoPID != "" && try.User && try.PIDs:
			c.Close()
			try.PIDs, try.NoPIDs = false, g.NoPID
			continue
		case g.Fault != "":
			c.Close()
			return nil, Info{}, fmt.Errorf("start the embedded engine: %s", g.Fault)
		}
		return c, g.Info, nil
	}
}

// launch starts an engine with one end of a connection, and waits until it
// answers on the other.
func (o orders) launch(ctx context.Context, logged io.Writer) (_ net.Conn, g greeting, err error) {
	var files cleanups
	defer func() { files.run() }()
	c, first, err := pair()
	if err != nil {
		return nil, g, err
	}
	files.add(func() { first.Close() })
	defer func() {
		if err != nil {
			c.Close()
		}
	}()
	told, tell, err := os.Pipe()
	if err != nil {
		return nil, g, err
	}
	files.add(func() { told.Close(); tell.Close() })
	mapped, maps, err := os.Pipe()
	if err != nil {
		return nil, g, err
	}
	files.add(func() { mapped.Close(); maps.Close() })
	copied, err := logPipe(logged, &files)
	if err != nil {
		return nil, g, err
	}
	journal, err := os.OpenFile(filepath.Join(o.StateDir, logName), os.O_CREATE|os.O_TRUNC|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		return nil, g, err
	}
	files.add(func() { journal.Close() })

	cmd := &exec.Cmd{
		Path: "/proc/self/exe", Args: []string{engineName}, Stdout: journal, Stderr: journal,
		ExtraFiles:  []*os.File{first, told, copied, mapped}, // in the order of their numbers
		SysProcAttr: &syscall.SysProcAttr{Cloneflags: unix.CLONE_NEWNS, Setsid: true},
	}
	if o.PIDs {
		cmd.SysProcAttr.Cloneflags |= unix.CLONE_NEWPID
	}
	if o.User {
		cmd.Args[0] = mappedName
		cmd.SysProcAttr.Cloneflags |= unix.CLONE_NEWUSER
	}
	if err := cmd.Start(); err != nil {
		if o.User {
			err = namespaceFault(err)
		}
		return nil, g, fmt.Errorf("start the embedded engine: %w", err)
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	pid := cmd.Process.Pid
	if err := o.tell(pid, tell, maps); err != nil {
		_ = cmd.Process.Kill()
		<-ended
		return nil, g, err
	}
	first.Close()
	if g, err = await(ctx, c); err != nil {
		_ = cmd.Process.Kill()
		<-ended
		return nil, g, silent(err, journal.Name())
	}
	g.Info.PID = pid
	return c, g, nil
}

// pair is a connection: one end to keep, and one to give away.
func pair() (net.Conn, *os.File, error) {
	fds, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return nil, nil, err
	}
	mine, theirs := os.NewFile(uintptr(fds[0]), "engine"), os.NewFile(uintptr(fds[1]), "first")
	defer mine.Close()
	c, err := net.FileConn(mine)
	if err != nil {
		theirs.Close()
		return nil, nil, err
	}
	return c, theirs, nil
}

// logPipe is where the engine writes a copy of its log for as long as both live.
func logPipe(to io.Writer, files *cleanups) (*os.File, error) {
	if to == nil {
		f, err := os.OpenFile(os.DevNull, os.O_WRONLY, 0)
		if err == nil {
			files.add(func() { f.Close() })
		}
		return f, err
	}
	r, w, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	files.add(func() { w.Close() })
	go func() {
		defer func() {
			_ = recover() // a log that cannot be shown is no reason to end
			r.Close()
		}()
		_, _ = io.Copy(to, r)
	}()
	return w, nil
}

// tell maps the engine's IDs, and gives it its orders.
func (o orders) tell(pid int, tell, maps *os.File) error {
	if o.User {
		if err := o.mapIDs(pid); err != nil {
			return err
		}
		if _, err := maps.Write([]byte{1}); err != nil {
			return fmt.Errorf("start the embedded engine: %w", err)
		}
	}
	if err := json.NewEncoder(tell).Encode(o); err != nil {
		return fmt.Errorf("start the embedded engine: %w", err)
	}
	return nil
}

// silent explains an engine that ended before it could say why.
func silent(err error, journal string) error {
	said, _ := os.ReadFile(journal)
	lines := strings.Split(strings.TrimSpace(string(said)), "\n")
	if first := strings.TrimSpace(lines[0]); first != "" && errors.Is(err, io.EOF) {
		return fmt.Errorf("start the embedded engine: %s (see %s)", first, journal)
	}
	return fmt.Errorf("start the embedded engine: %w", err)
}

// mapFault is why there are no subordinate IDs.
type mapFault struct{ error }

func (m mapFault) Unwrap() error { return m.error }

// mapIDs gives the engine the IDs that this user may use: its own as root, and
// the subordinate ones as all others; or its own alone.
func (o orders) mapIDs(pid int) error {
	if o.Single {
		return mapOne(pid)
	}
	name := strconv.Itoa(os.Geteuid())
	if u, err := user.Current(); err == nil {
		name = u.Username
	}
	for _, m := range []struct {
		file, tool string
		id         int
	}{{"/etc/subuid", "newuidmap", os.Geteuid()}, {"/etc/subgid", "newgidmap", os.Getegid()}} {
		first, count, err := subordinate(m.file, name, m.id)
		if err != nil {
			return mapFault{err}
		}
		out, err := exec.Command(m.tool, numbers(pid, 0, m.id, 1, 1, first, count)...).CombinedOutput()
		if err != nil {
			return mapFault{fmt.Errorf("%s: %w: %s", m.tool, err, strings.TrimSpace(string(out)))}
		}
	}
	return nil
}

func numbers(all ...int) (words []string) {
	for _, n := range all {
		words = append(words, strconv.Itoa(n))
	}
	return words
}

// subordinate finds the largest range of a user.
func subordinate(file, name string, id int) (first, count int, err error) {
	f, err := os.Open(file)
	if err != nil {
		return 0, 0, err
	}
	defer f.Close()
	s := bufio.NewScanner(f)
	for s.Scan() {
		p := strings.Split(strings.TrimSpace(s.Text()), ":")
		if len(p) != 3 || p[0] != name && p[0] != strconv.Itoa(id) {
			continue
		}
		a, errA := strconv.ParseUint(p[1], 10, 31)
		n, errN := strconv.ParseUint(p[2], 10, 31)
		if errA == nil && errN == nil && int(n) > count {
			first, count = int(a), int(n)
		}
	}
	if err := s.Err(); err != nil {
		return 0, 0, err
	}
	if count == 0 {
		return 0, 0, fmt.Errorf("%s has no range for %s", file, name)
	}
	return first, count, nil
}

// mapOne maps the own ID as root, and no other.
func mapOne(pid int) error {
	for _, m := range []struct{ file, text string }{
		{"setgroups", "deny"},
		{"uid_map", fmt.Sprintf("0 %d 1\n", os.Geteuid())},
		{"gid_map", fmt.Sprintf("0 %d 1\n", os.Getegid())},
	} {
		if err := os.WriteFile(fmt.Sprintf("/proc/%d/%s", pid, m.file), []byte(m.text), 0); err != nil {
			return fmt.Errorf("map the user: %w", err)
		}
	}
	return nil
}

// acquire waits until a lock is free. The kernel lets go of it with its holder.
func acquire(ctx context.Context, path string, wait time.Duration) (*os.File, error) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR|syscall.O_CLOEXEC, 0o600)
	if err != nil {
		return nil, err
	}
	tick := time.NewTicker(2 * time.Millisecond)
	defer tick.Stop()
	for end := time.Now().Add(wait); ; {
		err := unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB)
		if err == nil {
			return f, nil
		}
		if !errors.Is(err, unix.EWOULDBLOCK) && !errors.Is(err, unix.EINTR) || time.Now().After(end) {
			f.Close()
			return nil, fmt.Errorf("lock %s: another engine works there: %w", path, err)
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			f.Close()
			return nil, context.Cause(ctx)
		}
	}
}
