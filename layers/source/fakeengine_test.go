package source

import (
	"archive/tar"
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
)

// fakeEngine answers as a Docker Engine does, and keeps what it was asked.
type fakeEngine struct {
	api    string // "1.41"
	images map[string]*fakeImage
	// get, if set, answers for the export.
	get http.HandlerFunc

	mu    sync.Mutex
	asked []string
}

// fakeImage is an image that a fake engine holds.
type fakeImage struct {
	id      string
	inspect map[string]any
	history []historyRow // newest first, as engines tell it
	save    []byte
}

var imagePath = regexp.MustCompile(`^/v(1\.\d+)/images/(.+)/(json|history|get)$`)

// serve lets the engine listen on a socket and returns its address.
func (f *fakeEngine) serve(t *testing.T) (address string) {
	t.Helper()
	dir, err := os.MkdirTemp("", "e") // t.TempDir is too long for a socket
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	path := filepath.Join(dir, "s")
	l, err := net.Listen("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	s := httptest.NewUnstartedServer(f)
	s.Listener.Close()
	s.Listener = l
	s.Start()
	t.Cleanup(s.Close)
	return "unix://" + path
}

// requests returns what was asked so far.
func (f *fakeEngine) requests() []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return append([]string(nil), f.asked...)
}

func (f *fakeEngine) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	f.mu.Lock()
	f.asked = append(f.asked, r.Method+" "+r.URL.RequestURI())
	f.mu.Unlock()
	w.Header().Set("Api-Version", f.api)
	if r.URL.Path == "/_ping" {
		fmt.Fprint(w, "OK")
		return
	}
	if strings.HasSuffix(r.URL.Path, "/images/json") {
		f.list(w)
		return
	}
	m := imagePath.FindStringSubmatch(r.URL.Path)
	if m == nil {
		refuse(w, http.StatusNotFound, "page not found")
		return
	}
	img := f.images[m[2]]
	if img == nil {
		refuse(w, http.StatusNotFound, "No such image: "+m[2])
		return
	}
	switch m[3] {
	case "json":
		json.NewEncoder(w).Encode(img.inspect)
	case "history":
		json.NewEncoder(w).Encode(img.history)
	case "get":
		if f.get != nil {
			f.get(w, r)
			return
		}
		w.Write(img.save)
	}
}

// list answers with the images, once each.
func (f *fakeEngine) list(w http.ResponseWriter) {
	var all []map[string]any
	for name, img := range f.images {
		if name == img.id {
			all = append(all, map[string]any{
				"Id": img.id, "RepoTags": img.inspect["RepoTags"], "Size": 15, "Created": 1_700_000_000,
			})
		}
	}
	json.NewEncoder(w).Encode(all)
}

// refuse answers as engines do.
func refuse(w http.ResponseWriter, status int, message string) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	json.NewEncoder(w).Encode(map[string]string{"message": message})
}

// newFake makes an engine that holds one image of two layers and a setting.
func newFake(t *testing.T, api string) *fakeEngine {
	t.Helper()
	layers := [][]byte{tarOf(t, "a", "aaaaaaaaaa"), tarOf(t, "b", "bbbbb")}
	diffIDs := []string{sha(layers[0]), sha(layers[1])}
	config := fmt.Sprintf(`{"architecture":"amd64","os":"linux","created":"2023-11-14T22:13:20Z",`+
		`"config":{"Cmd":["sh"],"Env":["A=1"]},"rootfs":{"type":"layers","diff_ids":[%q,%q]},"history":[`+
		`{"created":"2023-11-14T22:13:20Z","created_by":"ADD a"},`+
		`{"created":"2023-11-14T22:13:21Z","created_by":"CMD [\"sh\"]","empty_layer":true},`+
		`{"created":"2023-11-14T22:13:22Z","created_by":"COPY b /","comment":"buildkit.dockerfile.v0"}]}`,
		diffIDs[0], diffIDs[1])
	img := &fakeImage{
		id: sha([]byte(config)),
		history: []historyRow{
			{ID: sha([]byte(config)), Created: 1_700_000_002, CreatedBy: "COPY b /",
				Comment: "buildkit.dockerfile.v0", Size: 5},
			{ID: "<missing>", Created: 1_700_000_001, CreatedBy: `CMD ["sh"]`},
			{ID: "sha256:" + strings.Repeat("c", 64), Created: 1_700_000_000, CreatedBy: "ADD a", Size: 10},
		},
	}
	img.inspect = map[string]any{
		"Id": img.id, "RepoTags": []string{"acct/app:1"}, "Created": "2023-11-14T22:13:20.5Z",
		"Architecture": "amd64", "Os": "linux", "Size": 15, "Author": "an author",
		"Config": map[string]any{"Cmd": []string{"sh"}, "Env": []string{"A=1"}},
		"RootFS": map[string]any{"Type": "layers", "Layers": diffIDs},
	}
	img.save = archiveOf(t, config, layers)
	f := &fakeEngine{api: api, images: map[string]*fakeImage{"acct/app:1": img, img.id: img}}
	bareEnv(t)
	t.Setenv("DOCKER_HOST", f.serve(t))
	return f
}

func sha(b []byte) string { return fmt.Sprintf("sha256:%x", sha256.Sum256(b)) }

// tarOf makes a tar of pairs of name and content.
func tarOf(t *testing.T, pairs ...string) []byte {
	t.Helper()
	var b bytes.Buffer
	w := tar.NewWriter(&b)
	for i := 0; i < len(pairs); i += 2 {
		h := &tar.Header{Name: pairs[i], Typeflag: tar.TypeReg, Mode: 0o644, Size: int64(len(pairs[i+1]))}
		if err := w.WriteHeader(h); err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write([]byte(pairs[i+1])); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// archiveOf makes what an engine exports.
func archiveOf(t *testing.T, config string, layers [][]byte) []byte {
	t.Helper()
	var pairs, names []string
	for i, l := range layers {
		names = append(names, fmt.Sprintf("%d/layer.tar", i))
		pairs = append(pairs, names[i], string(l))
	}
	manifest, err := json.Marshal([]map[string]any{
		{"Config": "config.json", "RepoTags": []string{"acct/app:1"}, "Layers": names},
	})
	if err != nil {
		t.Fatal(err)
	}
	return tarOf(t, append(pairs, "config.json", config, "manifest.json", string(manifest))...)
}
