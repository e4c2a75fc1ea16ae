//go:build linux && amd64

package main

import (
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
