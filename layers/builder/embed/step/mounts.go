//go:build linux && !noembed

package step

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// world makes the step's mounts and moves into its root.
func world(c Config) error {
	if err := unix.Mount("", "/", "", unix.MS_REC|unix.MS_PRIVATE, ""); err != nil {
		return fmt.Errorf("make / private: %w", err)
	}
	if err := base(c.Root); err != nil {
		return fmt.Errorf("mount the root: %w", err)
	}
	root, err := unix.Open(c.Root, unix.O_PATH|unix.O_DIRECTORY|unix.O_CLOEXEC, 0)
	if err != nil {
		return err
	}
	defer unix.Close(root)
	for _, m := range c.Mounts {
		if err := m.mount(root); err != nil && !m.Optional {
			return fmt.Errorf("mount %s on %s: %w", m.Kind, m.Dest, err)
		}
		if m.Dest == "/dev" && !m.Bind {
			if err := devices(root, c.Faked); err != nil {
				return fmt.Errorf("make /dev: %w", err)
			}
		}
	}
	if err := pivot(root); err != nil {
		return err
	}
	return c.close()
}

// base makes the root a mount of its own on which no device can be opened: a
// step may make the node of a disk, but then it is of no use to it.
func base(root string) error {
	if err := unix.Mount(root, root, "", unix.MS_BIND|unix.MS_REC, ""); err != nil {
		return err
	}
	return unix.MountSetattr(unix.AT_FDCWD, root, 0, &unix.MountAttr{Attr_set: unix.MOUNT_ATTR_NODEV})
}

// pivot makes root the root, and lets go of what was.
func pivot(root int) error {
	if err := unix.Fchdir(root); err != nil {
		return err
	}
	if err := unix.PivotRoot(".", "."); err != nil {
		return fmt.Errorf("change the root: %w", err)
	}
	if err := unix.Unmount(".", unix.MNT_DETACH); err != nil {
		return fmt.Errorf("leave the old root: %w", err)
	}
	return unix.Chdir("/")
}

// close takes away what a step must not see or change. What the image lacks
// needs no cover.
func (c Config) close() error {
	for _, p := range c.Fixed {
		if err := fix(p); err != nil && !errors.Is(err, unix.ENOENT) {
			return fmt.Errorf("make %s read-only: %w", p, err)
		}
	}
	for _, p := range c.Masked {
		if err := mask(p); err != nil && !errors.Is(err, unix.ENOENT) {
			return fmt.Errorf("hide %s: %w", p, err)
		}
	}
	if !c.Readonly {
		return nil
	}
	return unix.MountSetattr(unix.AT_FDCWD, "/", 0, &unix.MountAttr{Attr_set: unix.MOUNT_ATTR_RDONLY})
}

// fix mounts a path on itself, read-only with all beneath.
func fix(path string) error {
	t, err := unix.OpenTree(unix.AT_FDCWD, path, unix.OPEN_TREE_CLONE|unix.OPEN_TREE_CLOEXEC|unix.AT_RECURSIVE)
	if err != nil {
		return err
	}
	defer unix.Close(t)
	if err := unix.MountSetattr(t, "", unix.AT_EMPTY_PATH|unix.AT_RECURSIVE, &unix.MountAttr{Attr_set: unix.MOUNT_ATTR_RDONLY}); err != nil {
		return err
	}
	return unix.MoveMount(t, "", unix.AT_FDCWD, path, unix.MOVE_MOUNT_F_EMPTY_PATH)
}

func mask(path string) error {
	var s unix.Stat_t
	if err := unix.Stat(path, &s); err != nil {
		return err
	}
	if s.Mode&unix.S_IFMT == unix.S_IFDIR {
		return unix.Mount("tmpfs", path, "tmpfs", unix.MS_RDONLY|unix.MS_NOSUID|unix.MS_NODEV, "size=0k")
	}
	return unix.Mount("/dev/null", path, "", unix.MS_BIND, "")
}

// in opens a path as if root were /.
func in(root int, path string, flags uint64) (int, error) {
	path = strings.TrimLeft(path, "/")
	if path == "" {
		path = "."
	}
	return unix.Openat2(root, path, &unix.OpenHow{Flags: flags | unix.O_CLOEXEC, Resolve: unix.RESOLVE_IN_ROOT | unix.RESOLVE_NO_MAGICLINKS})
}

// place opens what is to be mounted upon, and makes it where it is not there.
func place(root int, dest string, file bool) (int, error) {
	at, err := in(root, dest, unix.O_PATH)
	if !errors.Is(err, unix.ENOENT) {
		return at, err
	}
	parts := strings.Split(strings.Trim(dest, "/"), "/")
	for i, name := range parts {
		above := strings.Join(parts[:i], "/")
		dir, err := in(root, above, unix.O_PATH|unix.O_DIRECTORY)
		if err != nil {
			return -1, err
		}
		err = create(dir, name, file && i == len(parts)-1)
		unix.Close(dir)
		if err != nil && !errors.Is(err, unix.EEXIST) {
			return -1, fmt.Errorf("create /%s/%s: %w", above, name, err)
		}
	}
	return in(root, dest, unix.O_PATH)
}

func create(dir int, name string, file bool) error {
	if !file {
		return unix.Mkdirat(dir, name, 0o755)
	}
	f, err := unix.Openat(dir, name, unix.O_CREAT|unix.O_EXCL|unix.O_RDONLY|unix.O_NOFOLLOW|unix.O_CLOEXEC, 0o644)
	if err == nil {
		unix.Close(f)
	}
	return err
}

func (m Mount) mount(root int) error {
	if m.Bind {
		return m.bind(root)
	}
	at, err := place(root, m.Dest, false)
	if err != nil {
		return err
	}
	defer unix.Close(at)
	return unix.Mount(m.Source, "/proc/self/fd/"+strconv.Itoa(at), m.Kind, m.Flags, m.Data)
}

// bind mounts a copy of what is elsewhere. Its flags are set before it can be
// seen, and on all that is mounted beneath it.
func (m Mount) bind(root int) error {
	var deep uint
	if m.Deep {
		deep = unix.AT_RECURSIVE
	}
	t, err := unix.OpenTree(unix.AT_FDCWD, m.Source, unix.OPEN_TREE_CLONE|unix.OPEN_TREE_CLOEXEC|deep)
	if err != nil {
		return err
	}
	defer unix.Close(t)
	if set := attributes(m.Flags); set != 0 {
		if err := unix.MountSetattr(t, "", unix.AT_EMPTY_PATH|deep, &unix.MountAttr{Attr_set: set}); err != nil {
			return err
		}
	}
	var s unix.Stat_t
	if err := unix.Fstat(t, &s); err != nil {
		return err
	}
	at, err := place(root, m.Dest, s.Mode&unix.S_IFMT != unix.S_IFDIR)
	if err != nil {
		return err
	}
	defer unix.Close(at)
	return unix.MoveMount(t, "", at, "", unix.MOVE_MOUNT_F_EMPTY_PATH|unix.MOVE_MOUNT_T_EMPTY_PATH)
}

// attributes are the flags of mount(2) in the words of mount_setattr(2).
func attributes(flags uintptr) (set uint64) {
	for _, f := range []struct {
		old uintptr
		now uint64
	}{
		{unix.MS_RDONLY, unix.MOUNT_ATTR_RDONLY}, {unix.MS_NOSUID, unix.MOUNT_ATTR_NOSUID},
		{unix.MS_NODEV, unix.MOUNT_ATTR_NODEV}, {unix.MS_NOEXEC, unix.MOUNT_ATTR_NOEXEC},
	} {
		if flags&f.old != 0 {
			set |= f.now
		}
	}
	return set
}

// nodes are the devices that a step has. They are the host's, mounted one by
// one: on a /dev that opens no others.
var nodes = []string{"null", "zero", "full", "random", "urandom", "tty"}

// links are the names by which programs know their own streams.
var links = []struct{ name, target string }{
	{"fd", "/proc/self/fd"}, {"stdin", "/proc/self/fd/0"}, {"stdout", "/proc/self/fd/1"},
	{"stderr", "/proc/self/fd/2"}, {"ptmx", "pts/ptmx"},
}

// devices fills /dev.
func devices(root int, faked bool) error {
	dev, err := in(root, "dev", unix.O_PATH|unix.O_DIRECTORY)
	if err != nil {
		return err
	}
	defer unix.Close(dev)
	for _, name := range nodes {
		if err := node(dev, name); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
	}
	for _, l := range links {
		if err := unix.Symlinkat(l.target, dev, l.name); err != nil {
			return fmt.Errorf("%s: %w", l.name, err)
		}
	}
	if faked {
		return noSandbox(dev)
	}
	return nil
}

func node(dev int, name string) error {
	t, err := unix.OpenTree(unix.AT_FDCWD, "/dev/"+name, unix.OPEN_TREE_CLONE|unix.OPEN_TREE_CLOEXEC)
	if err != nil {
		return err
	}
	defer unix.Close(t)
	if err := create(dev, name, true); err != nil {
		return err
	}
	return unix.MoveMount(t, "", dev, name, unix.MOVE_MOUNT_F_EMPTY_PATH)
}

// AptConfig is a file in /dev of a step with a single ID. APT looks whether it
// lost its rights, which it then cannot: it is told not to try.
const AptConfig = "/dev/.apt.conf"

func noSandbox(dev int) error {
	f, err := unix.Openat(dev, ".apt.conf", unix.O_CREAT|unix.O_EXCL|unix.O_WRONLY|unix.O_CLOEXEC, 0o644)
	if err != nil {
		return err
	}
	defer unix.Close(f)
	_, err = unix.Write(f, []byte("APT::Sandbox::User \"root\";\n"))
	return err
}
