// Package enginetest builds Dockerfiles with a real BuildKit, wherever one is,
// and tells what came of it: for tests that hold one engine against another.
package enginetest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/containerd/containerd/v2/core/content"
	"github.com/containerd/containerd/v2/plugins/content/local"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/layout"
	"github.com/google/go-containerregistry/pkg/v1/tarball"
	"github.com/moby/buildkit/client"
	"github.com/moby/buildkit/session"
	"github.com/moby/buildkit/session/secrets/secretsprovider"
	"github.com/moby/buildkit/session/sshforward/sshprovider"
	"github.com/moby/buildkit/util/staticfs"
	"github.com/tonistiigi/fsutil"
	"github.com/tonistiigi/fsutil/types"
)

// Engine is a BuildKit.
type Engine struct {
	Name string
	*client.Client
	// Provide lets an engine that takes no image from its client have one by
	// name. nil for all others.
	Provide func(t testing.TB, name string, image v1.Image)
	// Fetch gets an image out of an engine that does not send it. nil for all others.
	Fetch func(t testing.TB, name string) io.ReadCloser

	mu     sync.Mutex
	dir    string // for the layouts of bases
	stores map[v1.Hash]content.Store
}

// Connect returns the engine that dial reaches. Its connection is closed with
// the test.
func Connect(t testing.TB, name string, dial func(context.Context) (net.Conn, error)) *Engine {
	t.Helper()
	c, err := client.New(t.Context(), "", client.WithContextDialer(func(ctx context.Context, _ string) (net.Conn, error) { return dial(ctx) }))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return New(t, name, c)
}

// New returns the engine of a client.
func New(t testing.TB, name string, c *client.Client) *Engine {
	return &Engine{Name: name, Client: c, dir: t.TempDir()}
}

// Job is what an engine is asked to build.
type Job struct {
	Text    string
	Context map[string]string // files by path; what ends in / is a folder, "-> x" a link
	Args    map[string]string // and other attributes of the frontend, by their whole names
	Attrs   map[string]string
	Secrets map[string]string
	Agent   string // the socket of an SSH agent
	Bases   map[string]v1.Image

	dir string // of the context, where it is there already
}

// Outcome is what came of a build.
type Outcome struct {
	Image v1.Image
	Log   string
	Ran   int // steps that were not cached
}

// Build builds, and fails the test where that does.
func (e *Engine) Build(t testing.TB, j Job) Outcome {
	t.Helper()
	o, err := e.Try(t, j)
	if err != nil {
		t.Fatalf("%s: %v\n%s\n%s", e.Name, err, j.Text, o.Log)
	}
	return o
}

// Try builds and returns the image.
func (e *Engine) Try(t testing.TB, j Job) (Outcome, error) {
	t.Helper()
	if e.Fetch != nil {
		return e.tryFetched(t, j)
	}
	var image bytes.Buffer
	o, err := e.solve(t, j, client.ExportEntry{
		Type: client.ExporterDocker, Attrs: map[string]string{"name": "imgtui.invalid/test:1"},
		Output: func(map[string]string) (io.WriteCloser, error) { return closer{&image}, nil },
	})
	if err == nil {
		o.Image, err = tarball.Image(func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(image.Bytes())), nil }, nil)
	}
	return o, err
}

type closer struct{ io.Writer }

func (closer) Close() error { return nil }

func (e *Engine) tryFetched(t testing.TB, j Job) (Outcome, error) {
	t.Helper()
	name := strings.ToLower("imgtui-conformance:" + rand(t))
	o, err := e.solve(t, j, client.ExportEntry{Type: "moby", Attrs: map[string]string{"name": name}})
	if err != nil {
		return o, err
	}
	r := e.Fetch(t, name)
	defer r.Close()
	all, err := io.ReadAll(r)
	if err != nil {
		return o, err
	}
	o.Image, err = tarball.Image(func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(all)), nil }, nil)
	return o, err
}

// Run builds without taking the image.
func (e *Engine) Run(t testing.TB, j Job) (Outcome, error) {
	t.Helper()
	return e.solve(t, j)
}

// lay makes an OCI layout of an image.
func (e *Engine) lay(image v1.Image) (content.Store, error) {
	dir, err := os.MkdirTemp(e.dir, "base")
	if err != nil {
		return nil, err
	}
	path, err := layout.Write(dir, empty.Index)
	if err != nil {
		return nil, err
	}
	if err := path.AppendImage(image); err != nil {
		return nil, err
	}
	return local.NewStore(dir)
}

// RunIn builds with a folder as it is for the context.
func (e *Engine) RunIn(t testing.TB, dir string, j Job) (Outcome, error) {
	t.Helper()
	j.dir = dir
	return e.solve(t, j)
}

// RunWith builds until ctx ends, and writes what the steps print as it comes.
func (e *Engine) RunWith(ctx context.Context, t testing.TB, j Job, log io.Writer) (Outcome, error) {
	t.Helper()
	opt, err := e.Options(t, j)
	if err != nil {
		return Outcome{}, err
	}
	return e.Follow(ctx, opt, log)
}

func (e *Engine) solve(t testing.TB, j Job, exports ...client.ExportEntry) (Outcome, error) {
	t.Helper()
	opt, err := e.Options(t, j)
	if err != nil {
		t.Fatal(err)
	}
	opt.Exports = exports
	return e.Follow(t.Context(), opt, io.Discard)
}

// Options turns a job into BuildKit's words.
func (e *Engine) Options(t testing.TB, j Job) (client.SolveOpt, error) {
	t.Helper()
	dir := j.dir
	if dir == "" {
		dir = t.TempDir()
		Write(t, dir, j.Context)
	}
	files, err := fsutil.NewFS(dir)
	if err != nil {
		return client.SolveOpt{}, err
	}
	text := staticfs.NewFS()
	text.Add("Dockerfile", &types.Stat{Mode: 0o644, ModTime: time.Now().UnixNano()}, []byte(j.Text))
	secrets := map[string][]byte{}
	for k, v := range j.Secrets {
		secrets[k] = []byte(v)
	}
	opt := client.SolveOpt{
		SharedKey: dir, Frontend: "dockerfile.v0",
		FrontendAttrs: map[string]string{"cmdline": "built in"},
		LocalMounts:   map[string]fsutil.FS{"context": files, "dockerfile": text},
		OCIStores:     map[string]content.Store{},
		Session:       []session.Attachable{secretsprovider.FromMap(secrets)},
	}
	if j.Agent != "" {
		agent, err := sshprovider.NewSSHAgentProvider([]sshprovider.AgentConfig{{Paths: []string{j.Agent}}})
		if err != nil {
			return opt, err
		}
		opt.Session = append(opt.Session, agent)
	}
	for k, v := range j.Args {
		opt.FrontendAttrs["build-arg:"+k] = v
	}
	maps.Copy(opt.FrontendAttrs, j.Attrs)
	for name, image := range j.Bases {
		if err := e.provide(t, &opt, name, image); err != nil {
			return opt, err
		}
	}
	return opt, nil
}

// provide lets an engine have an image without a registry.
func (e *Engine) provide(t testing.TB, opt *client.SolveOpt, name string, image v1.Image) error {
	t.Helper()
	if e.Provide != nil {
		e.Provide(t, name, image)
		return nil
	}
	sum, err := image.Digest()
	if err != nil {
		return err
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	store := e.stores[sum]
	if store == nil {
		if store, err = e.lay(image); err != nil {
			return err
		}
		if e.stores == nil {
			e.stores = map[v1.Hash]content.Store{}
		}
		e.stores[sum] = store
	}
	id := fmt.Sprint("base", len(opt.OCIStores))
	opt.OCIStores[id] = store
	opt.FrontendAttrs["context:"+name] = "oci-layout://" + id + "@" + sum.String()
	return nil
}

// Follow solves, gathers what the steps print, and writes it to log as well.
func (e *Engine) Follow(ctx context.Context, opt client.SolveOpt, log io.Writer) (Outcome, error) {
	status := make(chan *client.SolveStatus)
	var o Outcome
	var text strings.Builder
	var all sync.WaitGroup
	all.Go(func() {
		for s := range status {
			for _, v := range s.Vertexes {
				if v.Completed != nil && !v.Cached && strings.Contains(v.Name, "] RUN") {
					o.Ran++
				}
			}
			for _, l := range s.Logs {
				text.Write(l.Data)
				_, _ = log.Write(l.Data)
			}
		}
	})
	_, err := e.Solve(ctx, nil, opt, status)
	all.Wait()
	o.Log = text.String()
	return o, err
}

// Write makes files below a folder.
func Write(t testing.TB, dir string, files map[string]string) {
	t.Helper()
	for path, text := range files {
		at := filepath.Join(dir, path)
		err := os.MkdirAll(filepath.Dir(at), 0o755)
		target, link := strings.CutPrefix(text, "-> ")
		switch {
		case strings.HasSuffix(path, "/"):
			err = errors.Join(err, os.MkdirAll(at, 0o755))
		case link:
			err = errors.Join(err, os.Symlink(target, at))
		default:
			err = errors.Join(err, os.WriteFile(at, []byte(text), 0o644))
		}
		if err != nil {
			t.Fatal(err)
		}
	}
}
