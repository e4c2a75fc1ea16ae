package builder_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/containerd/containerd/v2/core/content"
	"github.com/containerd/containerd/v2/plugins/content/local"
	"github.com/google/go-containerregistry/pkg/name"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/layout"
	"github.com/google/go-containerregistry/pkg/v1/tarball"
	"github.com/moby/buildkit/client"
	"github.com/moby/buildkit/session"
	"github.com/moby/buildkit/session/secrets/secretsprovider"
	"github.com/moby/buildkit/util/staticfs"
	"github.com/tonistiigi/fsutil"
	"github.com/tonistiigi/fsutil/types"
)

// engine is a real BuildKit that a test builds with.
type engine struct {
	*client.Client
	docker *dockerd // nil where it is a buildkitd

	// dir is the folder of bases. One that a build has given may be asked for by
	// another, so that it stays until the engine goes.
	dir    string
	mu     sync.Mutex
	stores map[v1.Hash]content.Store
}

// build is what an engine is asked for.
type build struct {
	dir, text string
	args      map[string]string
	target    string
	secrets   map[string]string
	bases     map[string]v1.Image // by the name that FROM uses
}

// outcome is what an engine did, by the name of its vertex: whether it had the
// result.
type outcome map[string]bool

// run builds and returns what had to run.
func (e *engine) run(t *testing.T, b build) (outcome, error) { return e.build(t, b) }

func (e *engine) build(t testing.TB, b build) (outcome, error) {
	t.Helper()
	files, err := fsutil.NewFS(b.dir)
	if err != nil {
		t.Fatal(err)
	}
	text := staticfs.NewFS()
	text.Add("Dockerfile", &types.Stat{Mode: 0o644, ModTime: time.Now().UnixNano()}, []byte(b.text))
	opt := client.SolveOpt{
		SharedKey:     b.dir, // with one key for two folders, equal size and time pass for equal files
		Frontend:      "dockerfile.v0",
		FrontendAttrs: map[string]string{"cmdline": "built in", "target": b.target},
		LocalMounts:   map[string]fsutil.FS{"context": files, "dockerfile": text},
		OCIStores:     map[string]content.Store{},
		Session:       []session.Attachable{secretsprovider.FromMap(contents(b.secrets))},
	}
	for k, v := range b.args {
		opt.FrontendAttrs["build-arg:"+k] = v
	}
	for name, image := range b.bases {
		e.provide(t, &opt, name, image)
	}
	return e.follow(t.Context(), opt)
}

func contents(all map[string]string) map[string][]byte {
	m := map[string][]byte{}
	for k, v := range all {
		m[k] = []byte(v)
	}
	return m
}

// provide lets an engine have an image without a registry.
func (e *engine) provide(t testing.TB, opt *client.SolveOpt, name string, image v1.Image) {
	t.Helper()
	if e.docker != nil {
		e.docker.load(t, name, image)
		return
	}
	sum, err := image.Digest()
	if err != nil {
		t.Fatal(err)
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.stores[sum] == nil {
		if e.stores == nil {
			e.stores = map[v1.Hash]content.Store{}
		}
		e.stores[sum] = e.lay(t, image)
	}
	id := fmt.Sprint("base", len(opt.OCIStores))
	opt.OCIStores[id] = e.stores[sum]
	opt.FrontendAttrs["context:"+name] = "oci-layout://" + id + "@" + sum.String()
}

// lay makes an OCI layout of an image.
func (e *engine) lay(t testing.TB, image v1.Image) content.Store {
	t.Helper()
	dir, err := os.MkdirTemp(e.dir, "base")
	if err != nil {
		t.Fatal(err)
	}
	path, err := layout.Write(dir, empty.Index)
	if err != nil {
		t.Fatal(err)
	}
	if err := path.AppendImage(image); err != nil {
		t.Fatal(err)
	}
	store, err := local.NewStore(dir)
	if err != nil {
		t.Fatal(err)
	}
	return store
}

// follow solves and gathers what was cached.
func (e *engine) follow(ctx context.Context, opt client.SolveOpt) (outcome, error) {
	status := make(chan *client.SolveStatus)
	last := map[string]*client.Vertex{}
	var all sync.WaitGroup
	all.Go(func() {
		for s := range status {
			for _, v := range s.Vertexes {
				if v.Completed != nil {
					last[string(v.Digest)] = v
				}
			}
		}
	})
	_, err := e.Solve(ctx, nil, opt, status)
	all.Wait()
	got := outcome{}
	for _, v := range last {
		if cached, ok := got[v.Name]; !ok || cached {
			got[v.Name] = v.Cached
		}
	}
	return got, err
}

// The engines that IMGTUI_TEST_BUILDKIT names, with a space between: the address
// of a buildkitd, and "docker" for the Docker Engine of this machine. Hundreds of
// builds are nothing for a plain go test, so an engine is not looked for.

// buildkitd returns the buildkitd that is named.
func buildkitd(t *testing.T) *engine {
	t.Helper()
	for address := range strings.FieldsSeq(os.Getenv("IMGTUI_TEST_BUILDKIT")) {
		if !strings.Contains(address, "://") {
			continue
		}
		c, err := client.New(t.Context(), address)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { c.Close() })
		return &engine{Client: c, dir: t.TempDir()}
	}
	t.Skip("no buildkitd: IMGTUI_TEST_BUILDKIT has no address (.ci/buildkitd starts one)")
	return nil
}

// dockerEngine returns the BuildKit of the Docker Engine, where it is named.
func dockerEngine(t *testing.T) *engine {
	t.Helper()
	if !slices.Contains(strings.Fields(os.Getenv("IMGTUI_TEST_BUILDKIT")), "docker") {
		t.Skip("no Docker Engine: IMGTUI_TEST_BUILDKIT does not say docker")
	}
	d := &dockerd{socket: socketPath(os.Getenv("DOCKER_HOST"))}
	if _, err := d.do(t.Context(), http.MethodGet, "/_ping", nil); err != nil {
		t.Fatalf("IMGTUI_TEST_BUILDKIT says docker: %v", err)
	}
	c, err := client.New(t.Context(), "",
		client.WithContextDialer(func(ctx context.Context, _ string) (net.Conn, error) {
			return d.hijack(ctx, "/grpc", "h2c", nil)
		}),
		client.WithSessionDialer(func(ctx context.Context, proto string, meta map[string][]string) (net.Conn, error) {
			return d.hijack(ctx, "/session", proto, meta)
		}))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return &engine{Client: c, docker: d}
}

func socketPath(host string) string {
	if path, ok := strings.CutPrefix(host, "unix://"); ok {
		return path
	}
	return "/var/run/docker.sock"
}

// dockerd speaks with a Docker Engine over its socket.
type dockerd struct{ socket string }

func (d *dockerd) dial(ctx context.Context) (net.Conn, error) {
	return (&net.Dialer{}).DialContext(ctx, "unix", d.socket)
}

func (d *dockerd) do(ctx context.Context, method, path string, body io.Reader) (string, error) {
	r, err := http.NewRequestWithContext(ctx, method, "http://docker"+path, body)
	if err != nil {
		return "", err
	}
	c := http.Client{Transport: &http.Transport{
		DialContext:       func(ctx context.Context, _, _ string) (net.Conn, error) { return d.dial(ctx) },
		DisableKeepAlives: true,
	}}
	resp, err := c.Do(r)
	if err != nil {
		return "", err
	}
	defer resp.Body.Close()
	answer, err := io.ReadAll(resp.Body)
	if err == nil && resp.StatusCode >= 300 {
		err = fmt.Errorf("%s %s: %s: %s", method, path, resp.Status, answer)
	}
	return string(answer), err
}

// hijack turns a request into a connection of another protocol.
func (d *dockerd) hijack(ctx context.Context, path, proto string, meta map[string][]string) (net.Conn, error) {
	conn, err := d.dial(ctx)
	if err != nil {
		return nil, err
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://docker"+path, nil)
	if err != nil {
		return nil, err
	}
	for k, v := range meta {
		r.Header[http.CanonicalHeaderKey(k)] = v
	}
	r.Header.Set("Connection", "Upgrade")
	r.Header.Set("Upgrade", proto)
	if err := r.Write(conn); err != nil {
		return nil, err
	}
	buffered := bufio.NewReader(conn)
	resp, err := http.ReadResponse(buffered, r)
	if err != nil {
		return nil, err
	}
	if resp.StatusCode != http.StatusSwitchingProtocols {
		return nil, fmt.Errorf("POST %s: %s", path, resp.Status)
	}
	return &bufferedConn{conn, buffered}, nil
}

// bufferedConn gives back first what was read too far.
type bufferedConn struct {
	net.Conn
	r *bufio.Reader
}

func (c *bufferedConn) Read(p []byte) (int, error) { return c.r.Read(p) }

// load puts an image into the engine until the test ends.
func (d *dockerd) load(t testing.TB, ref string, image v1.Image) {
	t.Helper()
	tag, err := name.NewTag(ref)
	if err != nil {
		t.Fatal(err)
	}
	r, w := io.Pipe()
	go func() { w.CloseWithError(tarball.Write(tag, image, w)) }()
	answer, err := d.do(t.Context(), http.MethodPost, "/images/load?quiet=1", r)
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(answer, `"error"`) { // of an image that it did not take, after a 200
		t.Fatal(answer)
	}
	t.Cleanup(func() {
		// The name may have been taken over by a later image.
		_, _ = d.do(context.WithoutCancel(t.Context()), http.MethodDelete, "/images/"+url.PathEscape(ref)+"?force=1", nil)
	})
}
