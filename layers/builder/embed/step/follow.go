//go:build linux && !noembed

package step

import (
	"fmt"
	"os"
	"os/signal"
	"strconv"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"
)

// forward hands on the signals that this process gets.
func forward(pid int) {
	all := make(chan os.Signal, 16)
	signal.Notify(all)
	go func() {
		for s := range all {
			if n, ok := s.(syscall.Signal); ok && n != syscall.SIGCHLD && n != syscall.SIGURG {
				_ = syscall.Kill(pid, n)
			}
		}
	}()
}

// reapAll ends the children of this process, and those that become its children
// when their parents end.
func reapAll() {
	for {
		for _, pid := range children() {
			_ = syscall.Kill(pid, syscall.SIGKILL)
		}
		if _, err := syscall.Wait4(-1, nil, 0, nil); err == syscall.ECHILD {
			return
		}
	}
}

func children() (pids []int) {
	tasks, err := os.ReadDir("/proc/self/task")
	if err != nil {
		return nil
	}
	for _, t := range tasks {
		all, err := os.ReadFile("/proc/self/task/" + t.Name() + "/children")
		if err != nil {
			continue
		}
		for word := range strings.FieldsSeq(string(all)) {
			if pid, err := strconv.Atoi(word); err == nil {
				pids = append(pids, pid)
			}
		}
	}
	return pids
}

// namespaces are what a container has of its own, in the order in which they
// can be entered: the files that name the others are seen until the last.
var namespaces = []struct {
	name string
	kind int
}{
	{"ipc", unix.CLONE_NEWIPC}, {"uts", unix.CLONE_NEWUTS}, {"net", unix.CLONE_NEWNET},
	{"cgroup", unix.CLONE_NEWCGROUP}, {"pid", unix.CLONE_NEWPID}, {"mnt", unix.CLONE_NEWNS},
}

// enter runs a program in a container that is there.
func enter(c Config) error {
	target, err := unix.PidfdOpen(c.Join, 0)
	if err != nil {
		return fmt.Errorf("find the container: %w", err)
	}
	if err := unix.Unshare(unix.CLONE_FS); err != nil {
		return err
	}
	for _, n := range namespaces {
		mine, err := os.Readlink("/proc/self/ns/" + n.name)
		if err != nil {
			return err
		}
		theirs, err := os.Readlink(fmt.Sprintf("/proc/%d/ns/%s", c.Join, n.name))
		if err != nil {
			return err
		}
		if mine == theirs { // entering it again may be refused
			continue
		}
		if err := unix.Setns(target, n.kind); err != nil {
			return fmt.Errorf("enter the container's %s namespace: %w", n.name, err)
		}
	}
	path, err := c.Program.ready(terminalOfSession)
	if err != nil {
		return err
	}
	attr := &syscall.SysProcAttr{Setsid: true, Setctty: c.Program.Terminal}
	return follow(path, c.Program, attr, func() {})
}
