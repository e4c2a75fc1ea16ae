//go:build linux && !noembed

package embed

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"

	"github.com/containerd/containerd/v2/core/diff/apply"
	ctdmetadata "github.com/containerd/containerd/v2/core/metadata"
	"github.com/containerd/containerd/v2/core/snapshots"
	"github.com/containerd/containerd/v2/pkg/seccomp"
	"github.com/containerd/containerd/v2/plugins/content/local"
	"github.com/containerd/containerd/v2/plugins/diff/walking"
	"github.com/containerd/containerd/v2/plugins/snapshots/native"
	"github.com/containerd/containerd/v2/plugins/snapshots/overlay"
	"github.com/containerd/containerd/v2/plugins/snapshots/overlay/overlayutils"
	"github.com/containerd/platforms"
	"github.com/moby/buildkit/cache/metadata"
	"github.com/moby/buildkit/client"
	"github.com/moby/buildkit/executor"
	"github.com/moby/buildkit/executor/resources"
	"github.com/moby/buildkit/executor/runcexecutor"
	"github.com/moby/buildkit/snapshot/containerd"
	"github.com/moby/buildkit/solver/pb"
	"github.com/moby/buildkit/util/db/boltutil"
	"github.com/moby/buildkit/util/leaseutil"
	"github.com/moby/buildkit/util/network"
	"github.com/moby/buildkit/worker/base"
	"github.com/moby/buildkit/worker/label"
	ocispecs "github.com/opencontainers/image-spec/specs-go/v1"
	"golang.org/x/sys/unix"

	"github.com/imgtui/imgtui/layers/builder/embed/step"
)

// namespace is the one of BuildKit's in containerd's stores.
const namespace = "buildkit"

// workerOpt opens the stores of a worker. What is open when it does not come to
// one is closed with the process.
func (s *server) workerOpt(o orders, m mode) (opt base.WorkerOpt, err error) {
	snapshotter, name, err := s.snapshotter(o.StateDir)
	if err != nil {
		return opt, err
	}
	root := filepath.Join(o.StateDir, name)
	monitor, err := resources.NewMonitor()
	if err != nil {
		return opt, err
	}
	networks := map[pb.NetMode]network.Provider{
		pb.NetMode_UNSET: network.NewHostProvider(),
		pb.NetMode_HOST:  network.NewHostProvider(),
		pb.NetMode_NONE:  network.NewNoneProvider(),
	}
	s.missing("a network of its own for a step", "no bridge is set up: a step has the host's network or none")
	steps, err := s.executor(o, m, filepath.Join(root, "executor"), networks, monitor)
	if err != nil {
		return opt, err
	}
	blobs, err := local.NewStore(filepath.Join(root, "content"))
	if err != nil {
		return opt, fmt.Errorf("open the build state: %w", err)
	}
	db, err := boltutil.Open(filepath.Join(root, "containerdmeta.db"), 0o600, boltOptions())
	if err != nil {
		return opt, fmt.Errorf("open the build state: %w", err)
	}
	meta := ctdmetadata.NewDB(db, blobs, map[string]snapshots.Snapshotter{name: snapshotter})
	if err := meta.Init(context.Background()); err != nil {
		return opt, fmt.Errorf("open the build state: %w", err)
	}
	refs, err := metadata.NewStore(filepath.Join(root, "metadata_v2.db"))
	if err != nil {
		return opt, fmt.Errorf("open the build state: %w", err)
	}
	id, err := base.ID(root)
	if err != nil {
		return opt, err
	}
	content := containerd.NewContentStore(meta.ContentStore(), namespace)
	return base.WorkerOpt{
		ID: id, Root: root, Executor: steps, NetworkProviders: networks, ResourceMonitor: monitor,
		Labels: map[string]string{
			label.Executor: "oci", label.Snapshotter: name, label.Network: "host", label.OCIProcessMode: m.processes().String(),
		},
		GCPolicy:        s.policy(),
		BuildkitVersion: client.BuildkitVersion{Package: buildkit, Version: s.info.BuildKit},
		MetadataStore:   refs, ContentMetadata: db, ContentStore: content,
		Snapshotter:    containerd.NewSnapshotter(name, meta.Snapshotter(name), namespace, nil),
		Applier:        apply.NewFileSystemApplier(content),
		Differ:         walking.NewWalkingDiff(content),
		Platforms:      []ocispecs.Platform{platforms.Normalize(platforms.DefaultSpec())},
		LeaseManager:   leaseutil.WithNamespace(ctdmetadata.NewLeaseManager(meta), namespace),
		GarbageCollect: meta.GarbageCollect,
		MountPoolRoot:  filepath.Join(root, "cachemounts"),
	}, nil
}

// snapshotter stacks roots where the kernel can, and copies them where it cannot.
func (s *server) snapshotter(state string) (snapshots.Snapshotter, string, error) {
	why := overlayutils.Supported(state)
	s.info.Snapshotter = "overlayfs"
	if why != nil {
		s.info.Snapshotter = "native"
		s.missing("stacked roots, so each step copies all files", why.Error())
	}
	root := filepath.Join(state, s.info.Snapshotter)
	if err := os.MkdirAll(root, 0o700); err != nil {
		return nil, "", err
	}
	var made snapshots.Snapshotter
	var err error
	if why == nil {
		made, err = overlay.NewSnapshotter(filepath.Join(root, "snapshots"), overlay.AsynchronousRemove)
	} else {
		made, err = native.NewSnapshotter(filepath.Join(root, "snapshots"))
	}
	if err != nil {
		return nil, "", fmt.Errorf("open the build state: %w", err)
	}
	return made, s.info.Snapshotter, nil
}

// executor is what runs the steps, and notes what it cannot do.
func (s *server) executor(o orders, m mode, dir string, networks map[pb.NetMode]network.Provider, monitor *resources.Monitor) (executor.Executor, error) {
	if !m.pids {
		s.missing("a process sandbox: a step sees the processes of this user", o.NoPIDs)
	}
	if m.single {
		s.missing("more than one user: owners are not kept, and USER is not obeyed", o.NoRange)
	}
	if o.Runtime != "" {
		if m.single {
			return nil, fmt.Errorf("%s needs more IDs than one, which the own executor does not: %s", o.Runtime, o.NoRange)
		}
		s.info.Executor = o.Runtime
		return foreign(o.Runtime, dir, m, networks, monitor)
	}
	limiter := newLimiter(o.StateDir, m.rootless())
	if limiter.why != nil {
		s.missing("limits of memory and CPU", limiter.why.Error())
	}
	if step.Landlock() < 6 {
		s.missing("a wall before the abstract sockets of the host", "the kernel's Landlock is older than version 6 (Linux 6.12)")
	}
	if !seccomp.IsEnabled() {
		s.missing("a filter of system calls", "the kernel has no seccomp")
	}
	s.missing("device nodes that a step makes", "they can be made, and not opened: that would reach the host's disks")
	self, err := readOnlySelf(o.StateDir)
	if err != nil {
		return nil, err
	}
	e, err := newOwn(dir, o.StateDir, self, m, networks, limiter)
	if err != nil {
		return nil, err
	}
	s.warm = e.warm
	return e, nil
}

// foreign runs the steps with a runtime of this machine's.
func foreign(name, dir string, m mode, networks map[pb.NetMode]network.Provider, monitor *resources.Monitor) (executor.Executor, error) {
	path, err := exec.LookPath(name)
	if err != nil {
		return nil, fmt.Errorf("find the runtime: %w", err)
	}
	if err := sweep(dir); err != nil {
		return nil, err
	}
	if !m.rootless() {
		// What it notes of its containers would outlive an engine that is killed.
		notes := "/run/" + name
		if err := os.MkdirAll(notes, 0o700); err != nil {
			return nil, err
		}
		if err := unix.Mount("tmpfs", notes, "tmpfs", unix.MS_NOSUID|unix.MS_NODEV, "mode=700"); err != nil {
			return nil, fmt.Errorf("mount %s: %w", notes, err)
		}
	}
	return runcexecutor.New(runcexecutor.Opt{
		Root: dir, CommandCandidates: []string{path}, Rootless: m.rootless(), ProcessMode: m.processes(), ResourceMonitor: monitor,
	}, networks)
}

// sweep removes the containers of an engine that was killed, and their cgroups:
// those are named alike.
func sweep(dir string) error {
	left, err := os.ReadDir(dir)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	for _, d := range left {
		for _, pattern := range []string{"", "*/"} {
			groups, _ := filepath.Glob(cgroupFolder + "/" + pattern + d.Name())
			for _, g := range groups {
				_ = os.Remove(g)
			}
		}
	}
	return os.RemoveAll(dir)
}

// readOnlySelf mounts this binary where it cannot be written to. A step that
// gets at the file of the process which became it gets at this one: otherwise
// root in a step could put another program in the place of imgtui.
func readOnlySelf(state string) (string, error) {
	path := filepath.Join(state, selfName)
	if err := os.Remove(path); err != nil && !errors.Is(err, os.ErrNotExist) {
		return "", err
	}
	source, err := self(path)
	if err != nil {
		return "", fmt.Errorf("find this binary: %w", err)
	}
	if err := unix.Mount(source, path, "", unix.MS_BIND, ""); err != nil {
		return "", fmt.Errorf("mount this binary: %w", err)
	}
	return path, unix.MountSetattr(unix.AT_FDCWD, path, 0, &unix.MountAttr{Attr_set: unix.MOUNT_ATTR_RDONLY})
}

// self returns a path to this binary, and sees to it that there is a file at
// another. The kernel's own link leads to a mount of another namespace, and what
// lies at its name may be a newer binary by now: then a copy is made.
func self(at string) (string, error) {
	path, err := os.Readlink("/proc/self/exe")
	if err != nil {
		return "", err
	}
	var here, there unix.Stat_t
	if err := unix.Stat("/proc/self/exe", &here); err != nil {
		return "", err
	}
	if unix.Stat(path, &there) == nil && here.Dev == there.Dev && here.Ino == there.Ino {
		return path, os.WriteFile(at, nil, 0o600)
	}
	body, err := os.ReadFile("/proc/self/exe")
	if err != nil {
		return "", err
	}
	return at, os.WriteFile(at, body, 0o700)
}

// diskSize is how large the disk of a folder is, in bytes.
func diskSize(dir string) (int64, error) {
	var s unix.Statfs_t
	if err := unix.Statfs(dir, &s); err != nil {
		return 0, fmt.Errorf("stat %s: %w", dir, err)
	}
	return int64(s.Blocks) * int64(s.Bsize), nil
}
