//go:build linux && !noembed

package embed

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"github.com/imgtui/imgtui/layers/home"
)

// Supported says why there can be no embedded engine here: nil, or one line.
func Supported() error {
	if !hooked.Load() {
		return errors.New("this program does not start with embed.Main")
	}
	// The newest of the calls that are needed: mount_setattr came with Linux 5.12.
	if err := unix.MountSetattr(-1, "", 0, &unix.MountAttr{}); errors.Is(err, unix.ENOSYS) {
		return errors.New("the embedded engine needs Linux 5.12")
	}
	if privileged() {
		return nil
	}
	return userNamespaces()
}

// privileged tells whether this process may mount. Root of a container may not.
func privileged() bool {
	head := unix.CapUserHeader{Version: unix.LINUX_CAPABILITY_VERSION_3}
	var have [2]unix.CapUserData
	err := unix.Capget(&head, &have[0])
	return err == nil && have[0].Effective&(1<<unix.CAP_SYS_ADMIN) != 0
}

// userNamespaces says why an ordinary user cannot have a namespace. It is tried
// with a program that is not there: what is said about that comes after.
func userNamespaces() error {
	_, err := syscall.ForkExec("/dev/null/none", []string{"none"}, &syscall.ProcAttr{
		Sys: &syscall.SysProcAttr{Cloneflags: unix.CLONE_NEWUSER | unix.CLONE_NEWNS},
	})
	if errors.Is(err, unix.ENOTDIR) {
		return nil
	}
	return namespaceFault(err)
}

// switches are files that say whether an ordinary user may have namespaces.
var switches = []struct{ path, value, said string }{
	{"/proc/sys/kernel/unprivileged_userns_clone", "0", "kernel.unprivileged_userns_clone is 0"},
	{"/proc/sys/user/max_user_namespaces", "0", "user.max_user_namespaces is 0"},
	{"/proc/sys/kernel/apparmor_restrict_unprivileged_userns", "1", "kernel.apparmor_restrict_unprivileged_userns is 1"},
}

// namespaceFault adds to what the kernel said what it means.
func namespaceFault(err error) error {
	for _, s := range switches {
		if b, e := os.ReadFile(s.path); e == nil && string(b) == s.value+"\n" {
			return fmt.Errorf("an ordinary user can have no user namespace here: %s", s.said)
		}
	}
	return fmt.Errorf("an ordinary user can have no user namespace here: %w", err)
}

// Dial returns a connection to the embedded BuildKit of this user, started where
// none runs. The engine ends with its last connection, and so with its last
// client, however that ends.
func Dial(ctx context.Context, o Options) (net.Conn, error) {
	c, _, err := dial(ctx, o)
	return c, err
}

// Describe tells what the engine can do here. Where none runs, one does for as
// long as that takes.
func Describe(ctx context.Context, o Options) (Info, error) {
	c, info, err := dial(ctx, o)
	if err != nil {
		return Info{}, err
	}
	return info, c.Close()
}

func dial(ctx context.Context, o Options) (net.Conn, Info, error) {
	if err := Supported(); err != nil {
		return nil, Info{}, err
	}
	o, err := o.settled()
	if err != nil {
		return nil, Info{}, err
	}
	if c, info, ok := join(ctx, o.StateDir); ok {
		return c, info, nil
	}
	lock, err := acquire(ctx, filepath.Join(o.StateDir, startName), patience)
	if err != nil {
		return nil, Info{}, err
	}
	defer lock.Close()
	if c, info, ok := join(ctx, o.StateDir); ok { // another was quicker
		return c, info, nil
	}
	return o.start(ctx)
}

// settled fills in what is not said, and makes the state folder.
func (o Options) settled() (Options, error) {
	if o.Runtime != "" && o.Runtime != "runc" && o.Runtime != "crun" {
		return o, fmt.Errorf("runtime %q is not known: it is runc or crun, or none for the own one", o.Runtime)
	}
	if o.StateDir == "" {
		state, err := home.State(os.Getenv)
		if err != nil {
			return o, fmt.Errorf("no folder for the engine's state: %w", err)
		}
		o.StateDir = filepath.Join(state, "engine")
	}
	dir, err := filepath.Abs(o.StateDir)
	if err != nil {
		return o, err
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return o, err
	}
	// Overlays are mounted by name, and a name with these in it is taken apart.
	if o.StateDir, err = filepath.EvalSymlinks(dir); err != nil {
		return o, err
	}
	// What lies there is built upon: it must be this user's.
	if err := home.Own(o.StateDir); err != nil {
		return o, fmt.Errorf("the engine's state: %w", err)
	}
	return o, nil
}

// join connects to an engine that runs.
func join(ctx context.Context, state string) (net.Conn, Info, bool) {
	dir, err := os.Open(state)
	if err != nil {
		return nil, Info{}, false
	}
	defer dir.Close()
	c, err := (&net.Dialer{}).DialContext(ctx, "unix", within(dir, socketName))
	if err != nil {
		return nil, Info{}, false
	}
	g, err := await(ctx, c)
	if err != nil || g.Fault != "" {
		c.Close()
		return nil, Info{}, false
	}
	pid(c, &g.Info)
	return c, g.Info, true
}

// await reads the greeting while there is time.
func await(ctx context.Context, c net.Conn) (greeting, error) {
	stop := context.AfterFunc(ctx, func() { _ = c.SetReadDeadline(time.Unix(1, 0)) })
	g, err := greeted(c)
	if !stop() {
		return g, context.Cause(ctx)
	}
	return g, err
}

// pid fills in the engine's process as this process sees it: it does not know.
func pid(c net.Conn, info *Info) {
	u, ok := c.(*net.UnixConn)
	if !ok {
		return
	}
	raw, err := u.SyscallConn()
	if err != nil {
		return
	}
	_ = raw.Control(func(fd uintptr) {
		if cred, err := unix.GetsockoptUcred(int(fd), unix.SOL_SOCKET, unix.SO_PEERCRED); err == nil {
			info.PID = int(cred.Pid)
		}
	})
}

// shortSum tells state folders apart in names.
func shortSum(s string) string {
	sum := sha256.Sum256([]byte(s))
	return hex.EncodeToString(sum[:6])
}
