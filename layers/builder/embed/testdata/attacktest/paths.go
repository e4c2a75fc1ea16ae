//go:build linux && amd64

package main

import (
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"unsafe"
)

func chroot(marker string, _ int) error {
	out, err := syscall.Open("/", syscall.O_RDONLY, 0)
	if err != nil {
		return err
	}
	_ = os.Mkdir("/jail", 0o755)
	if err := syscall.Chroot("/jail"); err != nil {
		return err
	}
	if err := syscall.Fchdir(out); err != nil {
		return err
	}
	for range 100 {
		_ = syscall.Chdir("..")
	}
	if err := syscall.Chroot("."); err != nil {
		return err
	}
	return reached(marker)
}

func above(marker string, _ int) error {
	up := strings.Repeat("/..", 60)
	return reached(marker, up+marker, "/proc/self/cwd"+up+marker, "/proc/self/root"+up+marker, "/dev/fd/.."+up+marker)
}

func procs() []string {
	p, _ := filepath.Glob("/proc/[0-9]*")
	return append(p, "/proc/self", "/proc/thread-self")
}

func procRoot(marker string, pid int) error {
	var paths []string
	for _, p := range append(procs(), fmt.Sprint("/proc/", pid)) {
		paths = append(paths, p+"/root"+marker, p+"/cwd/../../../../../../.."+marker)
	}
	return reached(paths...)
}

// mknod makes the node of a disk wherever that may be opened.
func mknod(string, int) error {
	b, err := os.ReadFile("/proc/partitions")
	if err != nil {
		return err
	}
	devices := [][2]int{{1, 1}} // /dev/mem
	for line := range strings.Lines(string(b)) {
		f := strings.Fields(line)
		if len(f) == 4 {
			major, e1 := strconv.Atoi(f[0])
			minor, e2 := strconv.Atoi(f[1])
			if e1 == nil && e2 == nil {
				devices = append(devices, [2]int{major, minor})
			}
		}
	}
	var tries []func() error
	for _, dir := range []string{"/", "/dev", "/dev/shm", "/dev/pts", "/dev/mqueue", "/tmpfs", "/cache", "/bind"} {
		for _, d := range devices {
			tries = append(tries, func() error {
				path := filepath.Join(dir, fmt.Sprintf("node-%d-%d", d[0], d[1]))
				kind := uint32(syscall.S_IFBLK)
				if d[0] == 1 && d[1] == 1 {
					kind = syscall.S_IFCHR
				}
				if err := syscall.Mknod(path, kind|0o666, d[0]<<8|d[1]&0xff|d[1]&^0xff<<12); err != nil {
					return err
				}
				defer os.Remove(path)
				f, err := os.Open(path)
				if err != nil {
					return errors.Unwrap(err)
				}
				_, err = f.Read(make([]byte, 512))
				return err
			})
		}
	}
	return all(tries...)
}

func mount(string, int) error {
	_ = os.Mkdir("/m", 0o755)
	return all(
		func() error { return syscall.Mount("tmpfs", "/m", "tmpfs", 0, "") },
		func() error { return syscall.Mount("proc", "/m", "proc", 0, "") },
		func() error { return syscall.Mount("sysfs", "/m", "sysfs", 0, "") },
		func() error { return syscall.Mount("/", "/m", "", syscall.MS_BIND|syscall.MS_REC, "") },
		func() error { return syscall.Mount("", "/", "", syscall.MS_SHARED|syscall.MS_REC, "") },
		func() error { return syscall.Unmount("/proc/sys", syscall.MNT_DETACH) },
		func() error { return syscall.PivotRoot("/", "/m") },
	)
}

func remount(string, int) error {
	const bind = syscall.MS_BIND | syscall.MS_REMOUNT
	return all(
		func() error { return syscall.Mount("", "/", "", bind, "") }, // without nodev
		func() error { return syscall.Mount("", "/dev", "", bind, "") },
		func() error { return syscall.Mount("", "/proc/sys", "", bind, "") },
		func() error { return syscall.Mount("", "/sys", "", syscall.MS_REMOUNT, "") },
	)
}

func newMount(string, int) error {
	const fsopen, openTree, moveMount, mountSetattr = 430, 428, 429, 442
	at := ^uintptr(99) // AT_FDCWD
	return all(
		func() error { return do(fsopen, str("tmpfs"), 0) },
		func() error { return do(openTree, at, str("/"), 1) },
		func() error { return do(moveMount, at, str("/proc"), at, str("/m"), 0) },
		func() error {
			var a [4]uint64
			a[1] = 4
			return do(mountSetattr, at, str("/"), 0, uintptr(unsafe.Pointer(&a)), 32)
		},
	)
}

func releaseAgent(string, int) error {
	agents, _ := filepath.Glob("/sys/fs/cgroup/*/release_agent")
	procs, _ := filepath.Glob("/sys/fs/cgroup/*/cgroup.procs")
	more, _ := filepath.Glob("/sys/fs/cgroup/cgroup.*")
	tries := []func() error{
		func() error { _ = os.Mkdir("/cg", 0o755); return syscall.Mount("cgroup", "/cg", "cgroup", 0, "memory") },
		func() error { return syscall.Mount("cgroup2", "/cg", "cgroup2", 0, "") },
		func() error { return os.Mkdir("/sys/fs/cgroup/x", 0o755) },
	}
	for _, f := range append(append(agents, procs...), more...) {
		tries = append(tries, func() error { return os.WriteFile(f, []byte("1"), 0) })
	}
	return all(tries...)
}

func fileHandles(string, int) error {
	var handle [64]byte
	binary.NativeEndian.PutUint32(handle[0:], 8)
	binary.NativeEndian.PutUint32(handle[4:], 1)
	binary.NativeEndian.PutUint64(handle[8:], 2) // the root of most filesystems
	var tries []func() error
	for _, at := range []string{"/etc/hosts", "/etc/resolv.conf", "/"} {
		tries = append(tries, func() error {
			f, err := os.Open(at)
			if err != nil {
				return err
			}
			return do(304, f.Fd(), uintptr(unsafe.Pointer(&handle)), 0)
		})
	}
	return all(tries...)
}

// openFiles looks for what was left open.
func openFiles(string, int) error {
	names, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		return err
	}
	for _, n := range names {
		target, err := os.Readlink("/proc/self/fd/" + n.Name())
		if err != nil || strings.HasPrefix(target, "pipe:") || strings.HasPrefix(target, "anon_inode:") || target == "/dev/null" || strings.HasPrefix(target, "/proc/") {
			continue
		}
		fmt.Println(n.Name(), target)
		return nil
	}
	if len(os.Environ()) > 0 {
		for _, e := range os.Environ() {
			if strings.HasPrefix(e, "HOME=/root") || strings.HasPrefix(e, "PATH=") || strings.HasPrefix(e, "SHLVL=") || strings.HasPrefix(e, "PWD=/") || strings.HasPrefix(e, "APT_CONFIG=") {
				continue
			}
			fmt.Println(e)
			return nil
		}
	}
	return errors.New("nothing was left open")
}

func procSys(string, int) error {
	var tries []func() error
	for _, f := range []string{
		"/proc/sys/kernel/core_pattern", "/proc/sys/kernel/modprobe", "/proc/sys/kernel/hostname", "/proc/sys/vm/panic_on_oom", "/proc/sys/net/ipv4/ip_forward",
		"/proc/sysrq-trigger", "/proc/irq/default_smp_affinity", "/proc/bus/pci/00/00.0", "/proc/acpi/x", "/sys/kernel/uevent_helper",
		"/sys/kernel/mm/transparent_hugepage/enabled", "/sys/power/state", "/sys/module/kernel/parameters/panic", "/proc/1/oom_score_adj/x",
	} {
		tries = append(tries, func() error {
			w, err := os.OpenFile(f, os.O_WRONLY, 0)
			if err != nil {
				return err
			}
			defer w.Close()
			fmt.Println(f)
			return nil
		})
	}
	return all(tries...)
}

func masked(string, int) error {
	var tries []func() error
	for _, f := range []string{"/proc/kcore", "/proc/keys", "/proc/timer_list", "/proc/interrupts"} {
		tries = append(tries, func() error {
			b := make([]byte, 1)
			r, err := os.Open(f)
			if err == nil {
				_, err = r.Read(b)
			}
			return err
		})
	}
	for _, d := range []string{"/proc/acpi", "/sys/firmware", "/sys/devices/virtual/powercap", "/proc/scsi"} {
		tries = append(tries, func() error {
			e, err := os.ReadDir(d)
			if err == nil && len(e) == 0 {
				err = errors.New("it is empty")
			}
			return err
		})
	}
	return all(tries...)
}
