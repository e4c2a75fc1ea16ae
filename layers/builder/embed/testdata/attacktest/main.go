//go:build linux && amd64

// Command attack tries to get out of a step. It is run by the tests of package
// embed, in a step: it says "ESCAPED" with what it reached, or "held" with what
// stopped it.
package main

import (
	"bytes"
	"errors"
	"fmt"
	"os"
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
