//go:build linux && !noembed

package step

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"
)

// ready goes where the program is to start, gives up all that it is not to have
// and returns its path.
func (p Program) ready(of control) (string, error) {
	if err := chdir(p.Dir); err != nil {
		return "", fmt.Errorf("chdir %s: %w", p.Dir, err)
	}
	path, err := p.look()
	if err != nil {
		return "", err
	}
	if p.Terminal {
		if err := terminal(of); err != nil {
			return "", err
		}
	}
	return path, p.drop()
}

// chdir refuses what lies outside of the root, where a file that was left open
// by mistake could lead.
func chdir(dir string) error {
	if err := unix.Chdir(dir); err != nil {
		return err
	}
	var at [unix.PathMax]byte
	n, err := unix.Getcwd(at[:])
	if err != nil {
		return err
	}
	if n == 0 || at[0] != '/' {
		return errors.New("it is outside of the container")
	}
	return nil
}

// look finds the program as a shell would.
func (p Program) look() (string, error) {
	name := p.Args[0]
	if strings.Contains(name, "/") {
		return name, nil
	}
	dirs := "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
	for _, e := range p.Env {
		if v, ok := strings.CutPrefix(e, "PATH="); ok {
			dirs = v
		}
	}
	for _, dir := range filepath.SplitList(dirs) {
		path := filepath.Join(dir, name)
		if s, err := os.Stat(path); err == nil && s.Mode().IsRegular() && s.Mode()&0o111 != 0 {
			return path, nil
		}
	}
	return "", fmt.Errorf("exec: %q: executable file not found in $PATH", name)
}

// drop gives up rights, in the one order that works: the filter wants a right
// that goes with the capabilities, and those are to outlast the change of user.
// Set-user-ID files go on giving theirs where the spec says so: sudo and su are
// used in builds.
func (p Program) drop() error {
	for r, l := range p.Limits {
		if err := unix.Prlimit(0, r, &l, nil); err != nil {
			return fmt.Errorf("set limit %d: %w", r, err)
		}
	}
	if err := p.bound(); err != nil {
		return err
	}
	if p.NoNewRights {
		if err := unix.Prctl(unix.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0); err != nil {
			return fmt.Errorf("set no-new-privileges: %w", err)
		}
	}
	if err := p.fence(); err != nil {
		return err
	}
	if err := Filter(p.Filter, 0); err != nil {
		return err
	}
	if err := p.user(); err != nil {
		return err
	}
	if err := p.capabilities(); err != nil {
		return err
	}
	return leash()
}

// bound takes what is not kept from the bounding set: no program gets it back.
func (p Program) bound() error {
	keep := p.kept()
	for c := range 64 {
		if keep&(1<<c) != 0 {
			continue
		}
		if err := unix.Prctl(unix.PR_CAPBSET_DROP, uintptr(c), 0, 0, 0); errors.Is(err, unix.EINVAL) {
			return nil // the kernel has no more of them
		} else if err != nil {
			return fmt.Errorf("drop capability %d: %w", c, err)
		}
	}
	return nil
}

func (p Program) kept() (set uint64) {
	for _, c := range p.Caps {
		set |= 1 << c
	}
	return set
}

// user changes to the program's user. Capabilities are kept over it, to be set after.
func (p Program) user() error {
	if err := unix.Prctl(unix.PR_SET_KEEPCAPS, 1, 0, 0, 0); err != nil {
		return err
	}
	groups := make([]int, len(p.Groups))
	for i, g := range p.Groups {
		groups[i] = int(g)
	}
	// With a single ID the kernel refuses to set any; there are none to lose.
	if err := unix.Setgroups(groups); err != nil && (len(groups) > 0 || !errors.Is(err, unix.EPERM)) {
		return fmt.Errorf("set groups: %w", err)
	}
	if _, _, e := unix.RawSyscall(unix.SYS_SETRESGID, uintptr(p.GID), uintptr(p.GID), uintptr(p.GID)); e != 0 {
		return fmt.Errorf("set group %d: %w", p.GID, e)
	}
	if _, _, e := unix.RawSyscall(unix.SYS_SETRESUID, uintptr(p.UID), uintptr(p.UID), uintptr(p.UID)); e != 0 {
		return fmt.Errorf("set user %d: %w", p.UID, e)
	}
	return nil
}

// capabilities sets what root keeps. Others have none, as by execve(2).
func (p Program) capabilities() error {
	keep := p.kept()
	if p.UID != 0 {
		keep = 0
	}
	head := unix.CapUserHeader{Version: unix.LINUX_CAPABILITY_VERSION_3}
	var have, want [2]unix.CapUserData
	if err := unix.Capget(&head, &have[0]); err != nil {
		return fmt.Errorf("read capabilities: %w", err)
	}
	for i := range want {
		set := uint32(keep>>(32*i)) & have[i].Permitted // what is not there cannot be kept
		want[i] = unix.CapUserData{Effective: set, Permitted: set}
	}
	if err := unix.Capset(&head, &want[0]); err != nil {
		return fmt.Errorf("set capabilities: %w", err)
	}
	return nil
}

// Filter installs a seccomp program: with 0 on this thread, with
// SECCOMP_FILTER_FLAG_TSYNC on all.
func Filter(program []byte, flags uintptr) error {
	if len(program) == 0 {
		return nil
	}
	f := unix.SockFprog{Len: uint16(len(program) / 8), Filter: (*unix.SockFilter)(unsafe.Pointer(&program[0]))}
	if _, _, e := unix.RawSyscall(unix.SYS_SECCOMP, unix.SECCOMP_SET_MODE_FILTER, flags, uintptr(unsafe.Pointer(&f))); e != 0 {
		return fmt.Errorf("install the seccomp filter: %w", e)
	}
	return nil
}

// fence keeps the program from what is not behind a namespace of its own. Kernels
// before 6.12 cannot.
func (p Program) fence() error {
	if p.Scopes == 0 {
		return nil
	}
	rules := unix.LandlockRulesetAttr{Scoped: p.Scopes}
	fd, _, e := unix.Syscall(unix.SYS_LANDLOCK_CREATE_RULESET, uintptr(unsafe.Pointer(&rules)), unsafe.Sizeof(rules), 0)
	if e != 0 {
		return fmt.Errorf("make landlock rules: %w", e)
	}
	defer unix.Close(int(fd))
	if _, _, e := unix.Syscall(unix.SYS_LANDLOCK_RESTRICT_SELF, fd, 0, 0); e != 0 {
		return fmt.Errorf("apply landlock rules: %w", e)
	}
	return nil
}

// Landlock returns the version of the kernel's Landlock, 0 for none.
func Landlock() int {
	v, _, e := syscall.RawSyscall(unix.SYS_LANDLOCK_CREATE_RULESET, 0, 0, unix.LANDLOCK_CREATE_RULESET_VERSION)
	if e != 0 {
		return 0
	}
	return int(v)
}
