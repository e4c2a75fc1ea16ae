package builder

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"path"
	"strings"
	"sync"

	gateway "github.com/moby/buildkit/frontend/gateway/client"
	gatewaypb "github.com/moby/buildkit/frontend/gateway/pb"
	"github.com/moby/buildkit/solver/pb"

	sess "github.com/imgtui/imgtui/model/session"
	"github.com/imgtui/imgtui/model/tree"
)

// Terminal is where a shell's words go and come from: raw, with a window that may
// change its size.
type Terminal struct {
	In     io.Reader
	Out    io.Writer
	Size   func() (rows, cols int)
	Resize <-chan struct{} // told when Size changes; nil never
	Term   string          // the kind of terminal, for TERM
}

// room is a root that can be entered.
type room struct {
	mounts []gateway.Mount
	env    []string
	dir    string
	user   string
	net    pb.NetMode
	root   *tree.Node // as it is known; nil is not
}

// room returns the root at a line, before or after its instruction.
func (b *Build) room(line int, side sess.Side) (*room, error) {
	if b.failed != nil && b.failed.line == line && b.failed.exec != nil {
		return b.failed.room(side, b)
	}
	s := b.steps[line]
	if s == nil {
		return nil, fmt.Errorf("line %d has made no root that can be entered", line)
	}
	exec := s.vertex.op.GetExec()
	if side == sess.Before {
		if s = b.standsOn(b.goals[0].graph, s.vertex); s == nil {
			return nil, fmt.Errorf("line %d stands on nothing", line)
		}
	}
	select {
	case <-s.tree:
	default:
		return nil, fmt.Errorf("line %d is not built yet", line)
	}
	if s.err != nil {
		return nil, s.err
	}
	r := &room{mounts: []gateway.Mount{{Dest: pb.RootMount, Ref: s.ref, MountType: pb.MountType_BIND}}, root: s.root}
	b.furnish(r, exec)
	return r, nil
}

// furnish gives a room environment, user and folder: those of the command of its
// step, else those of the image.
func (b *Build) furnish(r *room, exec *pb.ExecOp) {
	if exec != nil {
		r.env, r.dir, r.user, r.net = exec.Meta.Env, exec.Meta.Cwd, exec.Meta.User, exec.Network
		return
	}
	r.env, r.dir, r.user = b.Config.Env, b.Config.WorkingDir, b.Config.User
	if r.dir == "" {
		r.dir = "/"
	}
	if r.root.Find(r.dir) == nil {
		r.dir = "/" // it is made by a later step
	}
	if b.goals[0].graph != nil && len(r.user) > 0 && r.root.Find("/etc/passwd") == nil {
		r.user = ""
	}
}

// room returns the root before or after the broken step, with all that was
// mounted for it.
func (f *breakage) room(side sess.Side, b *Build) (*room, error) {
	ids, root := f.mounts, f.after
	if side == sess.Before {
		ids, root = f.inputs, f.before
	}
	m := rootMount(f.exec)
	if m < 0 || m >= len(ids) || ids[m] == "" {
		return nil, errors.New("the engine holds no root of it")
	}
	r := &room{root: root}
	for i, m := range f.exec.Mounts {
		mount := gateway.Mount{
			Selector: m.Selector, Dest: m.Dest, Readonly: m.Readonly, MountType: m.MountType, CacheOpt: m.CacheOpt, SecretOpt: m.SecretOpt, SSHOpt: m.SSHOpt,
		}
		if i < len(ids) {
			mount.ResultID = ids[i]
		}
		r.mounts = append(r.mounts, mount)
	}
	b.furnish(r, f.exec)
	return r, nil
}

// container makes one of a room.
func (b *Build) container(ctx context.Context, r *room) (gateway.Container, error) {
	c, err := b.gateway.NewContainer(ctx, gateway.NewContainerRequest{Mounts: r.mounts, NetMode: r.net})
	if err != nil {
		return nil, b.said(ctx, err)
	}
	return c, nil
}

// shells are tried in this order where nothing is known of a root.
var shells = []string{"/bin/bash", "/bin/sh", "/bin/ash", "/busybox/sh", "/usr/bin/sh"}

// shell returns the shell of a root, with links followed.
func (r *room) shell() (string, error) {
	if r.root == nil {
		return "/bin/sh", nil
	}
	p := picker{root: r.root}
	for _, s := range shells {
		if _, n := p.resolve(s, true); n != nil && n.Kind != tree.Dir {
			return s, nil
		}
	}
	return "", &hinted{errors.New("there is no shell in it"), "its files can be looked at all the same"}
}

// Shell runs a shell in the root at a line until it ends, and returns its exit
// code. What it writes is thrown away.
func (b *Build) Shell(ctx context.Context, line int, side sess.Side, t Terminal) (int, error) {
	r, err := b.room(line, side)
	if err != nil {
		return -1, err
	}
	shell, err := r.shell()
	if err != nil {
		return -1, err
	}
	ctx, stop := b.living(ctx)
	defer stop()
	c, err := b.container(ctx, r)
	if err != nil {
		return -1, err
	}
	defer c.Release(context.WithoutCancel(ctx))
	p, err := c.Start(ctx, gateway.StartRequest{
		Args: []string{shell}, Env: r.with("TERM=" + t.Term), User: r.user, Cwd: r.dir, Tty: true,
		Stdin: io.NopCloser(t.In), Stdout: nopCloser{t.Out}, Stderr: nopCloser{t.Out},
	})
	if err != nil {
		return -1, b.said(ctx, err)
	}
	var sizes sync.WaitGroup
	watching, end := context.WithCancel(ctx)
	sizes.Go(func() { t.follow(watching, p) })
	code, err := exited(p.Wait())
	end()
	sizes.Wait()
	if err != nil {
		return -1, b.said(ctx, err)
	}
	return code, nil
}

// living is a context that also ends when the engine lets go of the build.
func (b *Build) living(ctx context.Context) (context.Context, func()) {
	ctx, cancel := context.WithCancel(ctx)
	stop := context.AfterFunc(b.life, cancel)
	return ctx, func() {
		stop()
		cancel()
	}
}

// follow tells a process how large its window is.
func (t Terminal) follow(ctx context.Context, p gateway.ContainerProcess) {
	defer func() { _ = recover() }() // the shell goes on without
	for {
		if t.Size != nil {
			if rows, cols := t.Size(); rows > 0 && cols > 0 {
				_ = p.Resize(ctx, gateway.WinSize{Rows: uint32(rows), Cols: uint32(cols)}) // it shows at the next change
			}
		}
		select {
		case _, ok := <-t.Resize:
			if !ok {
				return
			}
		case <-ctx.Done():
			return
		}
	}
}

// with is the environment with one variable set.
func (r *room) with(variable string) []string {
	name, value, _ := strings.Cut(variable, "=")
	if value == "" {
		return r.env
	}
	var all []string
	for _, e := range r.env {
		if !strings.HasPrefix(e, name+"=") {
			all = append(all, e)
		}
	}
	return append(all, variable)
}

// exited splits a process's end into its exit code and what else went wrong.
func exited(err error) (int, error) {
	var exit *gatewaypb.ExitError
	switch {
	case err == nil:
		return 0, nil
	case errors.As(err, &exit) && exit.ExitCode < gatewaypb.UnknownExitStatus:
		return int(exit.ExitCode), nil
	case errors.As(err, &exit) && exit.Err == nil:
		return int(exit.ExitCode), nil
	}
	return -1, err
}

// Tried is what a command did in a root.
type Tried struct {
	Before, After *tree.Node
	Output        string
	Code          int
}

// outputLimit is how much is kept of what a command writes, in bytes.
const outputLimit = 1 << 20

// Try runs a command in the root at a line and tells what it changes there. What
// it writes is thrown away.
func (b *Build) Try(ctx context.Context, line int, side sess.Side, command string) (Tried, error) {
	r, err := b.room(line, side)
	if err != nil {
		return Tried{}, err
	}
	caps := b.gateway.BuildOpts().Caps
	if caps.Supports(gatewaypb.CapGatewayExecFilesystem) != nil {
		return Tried{}, &hinted{errors.New("the engine cannot show what a command changes: its BuildKit is too old"), "a shell in the step works"}
	}
	args := append([]string{}, b.Config.Shell...)
	if len(args) == 0 {
		shell, err := r.shell()
		if err != nil {
			return Tried{}, err
		}
		args = []string{shell, "-c"}
	}
	ctx, stop := b.living(ctx)
	defer stop()
	c, err := b.container(ctx, r)
	if err != nil {
		return Tried{}, err
	}
	defer c.Release(context.WithoutCancel(ctx))
	out := &output{}
	p, err := c.Start(ctx, gateway.StartRequest{
		Args: append(args, command), Env: r.env, User: r.user, Cwd: r.dir,
		Stdin: io.NopCloser(strings.NewReader("")), Stdout: nopCloser{out}, Stderr: nopCloser{out},
	})
	if err != nil {
		return Tried{}, b.said(ctx, err)
	}
	t := Tried{Before: r.root}
	if t.Code, err = exited(p.Wait()); err != nil {
		return Tried{}, b.said(ctx, err)
	}
	t.Output = b.supplies.secrets.text(out.String())
	if t.After, err = readRoot(ctx, within(c), b.gate, append([]*tree.Node{r.root}, b.order.Known...)...); err != nil {
		return Tried{}, fmt.Errorf("what it changed cannot be read: %w", b.said(ctx, err))
	}
	return t, nil
}

// output keeps the beginning of what a command writes.
type output struct {
	mu sync.Mutex
	b  bytes.Buffer
}

// Write implements io.Writer.
func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if room := outputLimit - o.b.Len(); room > 0 {
		o.b.Write(p[:min(room, len(p))])
	}
	return len(p), nil
}

// String returns what was written so far.
func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.b.String()
}

// nopCloser lets who writes leave the stream open.
type nopCloser struct{ io.Writer }

// Close implements io.Closer.
func (nopCloser) Close() error { return nil }

// Open reads a file of the root at a line, a piece at a time.
func (b *Build) Open(ctx context.Context, line int, side sess.Side, name string) (io.ReadCloser, error) {
	r, err := b.room(line, side)
	if err != nil {
		return nil, err
	}
	n := r.root.Find(name)
	if n == nil || n.Payload() == nil {
		return nil, fmt.Errorf("read %s: no file of that name is in it", name)
	}
	ctx, stop := b.living(ctx)
	f := &file{ctx: ctx, b: b, name: path.Clean("/" + name), size: n.Size, stop: stop, ref: r.mounts[0].Ref}
	if f.ref == nil {
		if f.container, err = b.gateway.NewContainer(ctx, gateway.NewContainerRequest{Mounts: rootAlone(r.mounts)}); err != nil {
			stop()
			return nil, b.said(ctx, err)
		}
	}
	return f, nil
}

// file reads a file of a root that the engine holds, by its reference or by a
// container that runs nothing.
type file struct {
	ctx       context.Context
	b         *Build
	name      string
	at, size  int64
	piece     []byte
	ref       gateway.Reference
	container gateway.Container
	stop      func()
}

// pieceSize is how many bytes an engine is asked for at once.
const pieceSize = 2 << 20

// Read implements io.Reader.
func (f *file) Read(p []byte) (int, error) {
	if len(f.piece) == 0 {
		if f.at >= f.size {
			return 0, io.EOF
		}
		if err := f.next(); err != nil {
			return 0, fmt.Errorf("read %s: %w", f.name, f.b.said(f.ctx, err))
		}
	}
	n := copy(p, f.piece)
	f.piece, f.at = f.piece[n:], f.at+int64(n)
	return n, nil
}

func (f *file) next() (err error) {
	q := gateway.ReadRequest{Filename: f.name, Range: &gateway.FileRange{Offset: int(f.at), Length: int(min(pieceSize, f.size-f.at))}}
	if f.ref != nil {
		f.piece, err = f.ref.ReadFile(f.ctx, q)
	} else {
		f.piece, err = f.container.ReadFile(f.ctx, gateway.ReadContainerRequest{ReadRequest: q})
	}
	if err == nil && len(f.piece) == 0 {
		err = io.ErrUnexpectedEOF
	}
	return err
}

// Close implements io.Closer.
func (f *file) Close() error {
	if f.container != nil {
		_ = f.container.Release(context.WithoutCancel(f.ctx)) // it ends with the build
	}
	f.stop()
	return nil
}

// rootAlone leaves out what is mounted on the root.
func rootAlone(all []gateway.Mount) []gateway.Mount {
	for _, m := range all {
		if m.Dest == pb.RootMount {
			m.Readonly = false
			return []gateway.Mount{m}
		}
	}
	return nil
}
