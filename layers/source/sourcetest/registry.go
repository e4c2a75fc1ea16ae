package sourcetest

import (
	"bytes"
	"encoding/json"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/imgtui/imgtui/model"
)

// Registry serves the images of a layout as acct/app, by their names and
// digests, and keeps what it was asked. Nothing else of the machine's settings
// is in reach meanwhile.
type Registry struct {
	Host string // 127.0.0.1:port

	mu    sync.Mutex
	parts Parts
	asked []string
	gate  func(w http.ResponseWriter, r *http.Request) bool
}

// Serve starts a registry.
func Serve(t testing.TB, parts Parts) *Registry {
	t.Helper()
	home := t.TempDir()
	for name, value := range map[string]string{
		"HOME": home, "DOCKER_CONFIG": home, "XDG_RUNTIME_DIR": home, "XDG_CONFIG_HOME": home, "REGISTRY_AUTH_FILE": "",
		"DOCKER_HOST": "unix:///nowhere.sock", "CONTAINER_HOST": "unix:///nowhere.sock",
	} {
		t.Setenv(name, value)
	}
	r := &Registry{parts: parts}
	s := httptest.NewUnstartedServer(r)
	s.Config.ErrorLog = log.New(io.Discard, "", 0) // of the TLS that is tried first
	s.Start()
	t.Cleanup(s.Close)
	r.Host = s.Listener.Addr().String()
	return r
}

// Ref is the reference of an image by its name.
func (g *Registry) Ref(name string) string { return "registry://" + g.Host + "/acct/app:" + name }

// Gate lets a function answer instead: it returns whether it has. Nil ends that.
func (g *Registry) Gate(f func(w http.ResponseWriter, r *http.Request) bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.gate = f
}

// Asked returns what was asked since the last call: "manifests NAME", "blobs
// DIGEST", or the path of anything else.
func (g *Registry) Asked() []string {
	g.mu.Lock()
	defer g.mu.Unlock()
	all := g.asked
	g.asked = nil
	return all
}

// ServeHTTP implements http.Handler.
func (g *Registry) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	what := r.URL.Path
	if of, ok := strings.CutPrefix(what, "/v2/acct/app/"); ok {
		what = strings.Replace(of, "/", " ", 1)
	}
	g.mu.Lock()
	g.asked = append(g.asked, what)
	gate := g.gate
	g.mu.Unlock()
	if gate != nil && gate(w, r) {
		return
	}
	kind, id, _ := strings.Cut(what, " ")
	switch {
	case r.URL.Path == "/v2/":
		return
	case kind == "manifests":
		g.manifest(w, r, id)
	case kind == "blobs":
		g.serve(w, r, "application/octet-stream", model.Digest(id))
	default:
		http.NotFound(w, r)
	}
}

func (g *Registry) manifest(w http.ResponseWriter, r *http.Request, id string) {
	var ix struct{ Manifests []Descriptor }
	check(json.Unmarshal(g.parts.Get("index.json"), &ix))
	if !strings.HasPrefix(id, "sha256:") {
		i := slices.IndexFunc(ix.Manifests, func(d Descriptor) bool { return d.Annotations["org.opencontainers.image.ref.name"] == id })
		if i < 0 {
			http.NotFound(w, r)
			return
		}
		id = string(ix.Manifests[i].Digest)
	}
	mediaType := struct{ MediaType string }{}
	if json.Unmarshal(g.parts.Get(BlobPath(model.Digest(id))), &mediaType) != nil {
		http.NotFound(w, r)
		return
	}
	g.serve(w, r, mediaType.MediaType, model.Digest(id))
}

func (g *Registry) serve(w http.ResponseWriter, r *http.Request, mediaType string, d model.Digest) {
	b := g.parts.Get(BlobPath(d))
	if b == nil {
		http.NotFound(w, r)
		return
	}
	w.Header().Set("Content-Type", mediaType)
	w.Header().Set("Docker-Content-Digest", string(d))
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(b))
}
