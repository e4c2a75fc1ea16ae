package source

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	inmemory "github.com/google/go-containerregistry/pkg/registry"
)

// fakeRegistry is a registry in this process that keeps what it was asked.
type fakeRegistry struct {
	host  string // 127.0.0.1:port
	inner http.Handler
	stop  func()
	// gate, if set, answers in the registry's place and returns true.
	gate func(w http.ResponseWriter, r *http.Request) bool

	mu    sync.Mutex
	asked []string
}

// silent is where servers of tests complain.
var silent = log.New(io.Discard, "", 0)

// serveRegistry starts a registry without credentials of any kind in reach.
func serveRegistry(t *testing.T) *fakeRegistry {
	t.Helper()
	t.Setenv("DOCKER_CONFIG", filepath.Join(bareEnv(t), ".docker"))
	t.Setenv("DOCKER_HOST", "unix:///nowhere.sock")
	t.Setenv("CONTAINER_HOST", "unix:///nowhere.sock")
	f := &fakeRegistry{inner: inmemory.New(inmemory.Logger(silent))}
	s := httptest.NewUnstartedServer(f)
	s.Config.ErrorLog = silent // of the TLS that is tried first
	s.Start()
	t.Cleanup(s.Close)
	f.stop = s.Close
	f.host = s.Listener.Addr().String()
	return f
}

func (f *fakeRegistry) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	f.mu.Lock()
	f.asked = append(f.asked, r.Method+" "+r.URL.Path)
	f.mu.Unlock()
	if f.gate != nil && f.gate(w, r) {
		return
	}
	f.inner.ServeHTTP(w, r)
}

// requests returns what was asked since the last call, but for the question
// how to authenticate.
func (f *fakeRegistry) requests() []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	var all []string
	for _, r := range f.asked {
		if r != "GET /v2/" {
			all = append(all, r)
		}
	}
	f.asked = nil
	return all
}

// put stores a manifest or a blob past the gate and returns its digest.
func (f *fakeRegistry) put(t *testing.T, kind, name, mediaType string, body []byte) string {
	t.Helper()
	id := sha(body)
	method, path := http.MethodPut, fmt.Sprintf("/v2/acct/app/manifests/%s", name)
	if kind == "blobs" {
		method, path = http.MethodPost, "/v2/acct/app/blobs/uploads/?digest="+id
	}
	r := httptest.NewRequest(method, path, bytes.NewReader(body))
	r.Header.Set("Content-Type", mediaType)
	w := httptest.NewRecorder()
	f.inner.ServeHTTP(w, r)
	if w.Code != http.StatusCreated {
		t.Fatalf("%s %s: %d %s", method, path, w.Code, w.Body)
	}
	return id
}

// pushed is an image of one layer as a registry has it.
type pushed struct {
	layer                    []byte
	manifestID, configID, id string
}

// push stores an image of one layer under that tag.
func (f *fakeRegistry) push(t *testing.T, tag, arch, content string) pushed {
	t.Helper()
	p := pushed{layer: tarOf(t, "a", content)}
	p.id = f.put(t, "blobs", "", "", p.layer)
	p.configID = f.put(t, "blobs", "", "", fmt.Appendf(nil, `{"architecture":%q,"os":"linux",`+
		`"rootfs":{"type":"layers","diff_ids":[%q]},"history":[{"created_by":"ADD a"}]}`, arch, p.id))
	p.manifestID = f.put(t, "manifests", tag, ociManifest, manifestOf(t, p.configID, map[string]any{
		"mediaType": "application/vnd.oci.image.layer.v1.tar", "digest": p.id, "size": len(p.layer),
	}))
	return p
}

const (
	ociManifest = "application/vnd.oci.image.manifest.v1+json"
	ociIndex    = "application/vnd.oci.image.index.v1+json"
	ociConfig   = "application/vnd.oci.image.config.v1+json"
)

// manifestOf makes a manifest.
func manifestOf(t *testing.T, config string, layers ...map[string]any) []byte {
	t.Helper()
	b, err := json.Marshal(map[string]any{
		"schemaVersion": 2, "mediaType": ociManifest, "layers": layers,
		"config": map[string]any{"mediaType": ociConfig, "digest": config, "size": 1},
	})
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// indexOf makes an index of images by platform.
func indexOf(t *testing.T, images map[string]pushed) []byte {
	t.Helper()
	var all []map[string]any
	for platform, p := range images {
		os, arch, _ := strings.Cut(platform, "/")
		all = append(all, map[string]any{
			"mediaType": ociManifest, "digest": p.manifestID, "size": 1,
			"platform": map[string]string{"os": os, "architecture": arch},
		})
	}
	b, err := json.Marshal(map[string]any{"schemaVersion": 2, "mediaType": ociIndex, "manifests": all})
	if err != nil {
		t.Fatal(err)
	}
	return b
}
