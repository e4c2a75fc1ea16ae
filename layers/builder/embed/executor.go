//go:build linux && !noembed

package embed

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"sync"

	"github.com/containerd/containerd/v2/core/mount"
	containerdoci "github.com/containerd/containerd/v2/pkg/oci"
	"github.com/containerd/continuity/fs"
	"github.com/moby/buildkit/executor"
	"github.com/moby/buildkit/executor/oci"
	"github.com/moby/buildkit/executor/resources/types"
	"github.com/moby/buildkit/identity"
	"github.com/moby/buildkit/solver/pb"
	"github.com/moby/buildkit/util/network"
	"github.com/moby/buildkit/util/rootless/specconv"
	"github.com/moby/sys/user"
	"github.com/opencontainers/runtime-spec/specs-go"

	"github.com/imgtui/imgtui/layers/builder/embed/step"
)

// own runs steps as processes of this binary.
type own struct {
	dir      string // for what a container needs while it runs
	state    string // folder
	self     string // the binary, where no step can write to it
	mode     mode
	networks map[pb.NetMode]network.Provider
	filters  filters
	limiter  limiter

	mu   sync.Mutex
	live map[string]*container

	spare   chan *started // one at most
	warming sync.Mutex
}

// container is a step that runs, or is about to.
type container struct {
	root    string
	config  step.Config
	pid     int
	started chan struct{}
	ended   chan struct{}
}

func newOwn(dir, state, self string, m mode, networks map[pb.NetMode]network.Provider, l limiter) (*own, error) {
	// What an engine that was killed left.
	if err := os.RemoveAll(dir); err != nil {
		return nil, err
	}
	if err := os.MkdirAll(dir, 0o711); err != nil {
		return nil, err
	}
	return &own{dir: dir, state: state, self: self, mode: m, networks: networks, limiter: l, live: map[string]*container{}, spare: make(chan *started, 1)}, nil
}

// Run makes a container and runs its first process until that ends, and all
// others with it. started is closed when the process runs, or will not.
func (e *own) Run(ctx context.Context, id string, root executor.Mount, mounts []executor.Mount, p executor.ProcessInfo, started chan<- struct{}) (types.Recorder, error) {
	if id == "" {
		id = identity.NewID()
	}
	if err := executor.ValidContainerID(id); err != nil {
		return nil, err
	}
	c := &container{started: make(chan struct{}), ended: make(chan struct{})}
	e.mu.Lock()
	e.live[id] = c
	e.mu.Unlock()
	var once sync.Once
	begun := func() {
		once.Do(func() {
			if started != nil {
				close(started)
			}
		})
	}
	defer func() {
		e.mu.Lock()
		delete(e.live, id)
		e.mu.Unlock()
		close(c.ended)
		begun()
	}()
	return nil, e.run(ctx, id, c, root, mounts, p, begun)
}

func (e *own) run(ctx context.Context, id string, c *container, root executor.Mount, mounts []executor.Mount, p executor.ProcessInfo, begun func()) (err error) {
	var undo cleanups
	defer func() { undo.run() }()

	meta := p.Meta
	if meta.Proxy != nil {
		return fmt.Errorf("the own executor has no proxy network")
	}
	provider, ok := e.networks[meta.NetMode]
	if !ok {
		return fmt.Errorf("network mode %s is not known", meta.NetMode)
	}
	net, err := provider.New(ctx, meta.Hostname, network.NamespaceOptions{})
	if err != nil {
		return err
	}
	undo.add(func() { _ = net.Close() })

	c.root, err = e.mountRoot(ctx, id, root, &undo)
	if err != nil {
		return err
	}
	undo.add(executor.MountStubsCleaner(context.WithoutCancel(ctx), c.root, mounts, meta.RemoveMountStubsRecursive))
	spec, err := e.spec(ctx, id, c.root, root.Readonly, net, mounts, meta, &undo)
	if err != nil {
		return err
	}
	if e.mode.rootless() {
		hidden, err := specconv.ToRootless(spec)
		if err != nil {
			return err
		}
		// As root these are mounted, and leave their folders in the image.
		undo.add(func() { _ = executor.CreateMountStubs(c.root, hidden, 0, 0) })
	}
	var namespaces uintptr
	if c.config, namespaces, err = e.translate(spec); err != nil {
		return err
	}
	if c.config.Groups, err = e.limiter.group(id, meta.LinuxResources, &undo); err != nil {
		return err
	}
	return e.process(ctx, step.Run, c.config, namespaces, p, func(pid int) {
		c.pid = pid
		close(c.started)
		begun()
	})
}

// mountRoot mounts the root of a step where it can be worked on.
func (e *own) mountRoot(ctx context.Context, id string, root executor.Mount, undo *cleanups) (string, error) {
	m, err := root.Src.Mount(ctx, false)
	if err != nil {
		return "", err
	}
	layers, release, err := m.Mount()
	if err != nil {
		return "", err
	}
	if release != nil {
		undo.add(func() { _ = release() })
	}
	dir := filepath.Join(e.dir, id)
	if err := os.Mkdir(dir, 0o711); err != nil {
		return "", err
	}
	undo.add(func() { _ = os.RemoveAll(dir) })
	at := filepath.Join(dir, "rootfs")
	if err := os.Mkdir(at, 0o700); err != nil {
		return "", err
	}
	if err := mount.All(layers, at); err != nil {
		return "", fmt.Errorf("mount the root of a step: %w", err)
	}
	undo.add(func() { _ = mount.Unmount(at, 0) })
	return at, nil
}

// spec says in OCI's words what BuildKit wants to run.
func (e *own) spec(ctx context.Context, id, root string, readonly bool, net network.Namespace, mounts []executor.Mount, meta executor.Meta, undo *cleanups) (*specs.Spec, error) {
	state, err := os.OpenRoot(e.dir)
	if err != nil {
		return nil, err
	}
	defer state.Close()
	resolv, err := oci.GetResolvConf(ctx, state, nil, nil, meta.NetMode)
	if err != nil {
		return nil, err
	}
	hosts, clean, err := oci.GetHostsFile(ctx, state, meta.ExtraHosts, nil, meta.Hostname)
	if err != nil {
		return nil, err
	}
	if clean != nil {
		undo.add(clean)
	}
	uid, gid, groups, err := oci.GetUser(root, meta.User)
	if err != nil {
		return nil, err
	}
	opts := []containerdoci.SpecOpts{oci.WithUIDGID(uid, gid, groups)}
	if meta.ReadonlyRootFS {
		opts = append(opts, containerdoci.WithRootFSReadonly())
	}
	s, release, err := oci.GenerateSpec(ctx, meta, mounts, id, filepath.Join(e.dir, resolv), filepath.Join(e.dir, hosts), net, "", e.mode.processes(), nil, "", false, "", nil, opts...)
	if err != nil {
		return nil, err
	}
	undo.add(release)
	s.Root.Path = root
	s.Root.Readonly = s.Root.Readonly || readonly
	s.Process.Terminal = meta.Tty
	return s, e.workdir(root, meta.Cwd, int(uid), int(gid))
}

// workdir makes the folder in which a step starts.
func (e *own) workdir(root, dir string, uid, gid int) error {
	at, err := fs.RootPath(root, dir)
	if err != nil {
		return fmt.Errorf("working directory %s: %w", dir, err)
	}
	if _, err := os.Stat(at); err == nil {
		return nil
	}
	return user.MkdirAllAndChown(at, 0o755, uid, gid)
}

// Exec runs one more process in a container.
func (e *own) Exec(ctx context.Context, id string, p executor.ProcessInfo) error {
	e.mu.Lock()
	c := e.live[id]
	e.mu.Unlock()
	if c == nil {
		return fmt.Errorf("no container %s runs", id)
	}
	select {
	case <-c.started:
	case <-c.ended:
		return fmt.Errorf("container %s has ended", id)
	case <-ctx.Done():
		return context.Cause(ctx)
	}
	config, err := c.more(p.Meta, e.mode)
	if err != nil {
		return err
	}
	return e.process(ctx, step.Exec, config, 0, p, func(int) {})
}

// more is the config of one more process.
func (c *container) more(m executor.Meta, mode mode) (step.Config, error) {
	config := step.Config{Join: c.pid, Alone: c.config.Alone, Groups: c.config.Groups, Program: c.config.Program}
	p := &config.Program
	p.Args, p.Terminal = m.Args, m.Tty
	if m.Cwd != "" {
		p.Dir = m.Cwd
	}
	if len(m.Env) > 0 {
		p.Env = m.Env
	}
	if m.User == "" || mode.single {
		return config, nil
	}
	var err error
	p.UID, p.GID, p.Groups, err = oci.GetUser(c.root, m.User)
	return config, err
}

// cleanups are run in the reverse of their order.
type cleanups struct{ all []func() }

func (c *cleanups) add(f func()) { c.all = append(c.all, f) }

func (c *cleanups) run() {
	for i := len(c.all) - 1; i >= 0; i-- {
		c.all[i]()
	}
}
