package enginetest

import (
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-containerregistry/pkg/name"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/tarball"
)

// Docker answers as a Docker Engine that holds images.
type Docker struct {
	mu     sync.Mutex
	images map[string]v1.Image
	saved  int
}

// Serve makes it the one that DOCKER_HOST names.
func (f *Docker) Serve(t *testing.T) {
	t.Helper()
	dir, err := os.MkdirTemp("", "d") // t.TempDir is too long for a socket
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	l, err := net.Listen("unix", filepath.Join(dir, "s"))
	if err != nil {
		t.Fatal(err)
	}
	s := httptest.NewUnstartedServer(f)
	s.Listener.Close()
	s.Listener = l
	s.Start()
	t.Cleanup(s.Close)
	t.Setenv("DOCKER_HOST", "unix://"+l.Addr().String())
}

// Saved is how often an image was exported.
func (f *Docker) Saved() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.saved
}

// Hold gives an image a name, and its ID.
func (f *Docker) Hold(t *testing.T, ref string, image v1.Image) {
	t.Helper()
	id, err := image.ConfigName()
	if err != nil {
		t.Fatal(err)
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.images == nil {
		f.images = map[string]v1.Image{}
	}
	f.images[ref], f.images[id.String()] = image, image
}

// ServeHTTP implements http.Handler.
func (f *Docker) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Api-Version", "1.41")
	_, path, _ := strings.Cut(r.URL.Path, "/images/")
	at := strings.LastIndexByte(path, '/')
	f.mu.Lock()
	defer f.mu.Unlock()
	image := f.images[path[:max(at, 0)]]
	if image == nil {
		if r.URL.Path != "/_ping" {
			w.WriteHeader(http.StatusNotFound)
		}
		fmt.Fprint(w, `{"message":"no such image"}`)
		return
	}
	config, err := image.ConfigFile()
	id, idErr := image.ConfigName()
	if err != nil || idErr != nil {
		panic(fmt.Sprint(err, idErr))
	}
	var answer any
	switch path[at+1:] {
	case "json":
		var layers []string
		for _, d := range config.RootFS.DiffIDs {
			layers = append(layers, d.String())
		}
		answer = map[string]any{
			"Id": id.String(), "Architecture": config.Architecture, "Os": config.OS, "Config": config.Config,
			"RootFS": map[string]any{"Type": "layers", "Layers": layers},
		}
	case "history":
		rows := []map[string]any{}
		for range config.RootFS.DiffIDs {
			rows = append(rows, map[string]any{"Id": "<missing>", "CreatedBy": "ADD rootfs /", "Size": 1})
		}
		answer = rows
	case "get":
		f.saved++
		tag, err := name.NewTag("saved:1")
		if err == nil {
			err = tarball.Write(tag, image, w)
		}
		if err != nil {
			panic(err)
		}
		return
	}
	if err := json.NewEncoder(w).Encode(answer); err != nil {
		panic(err)
	}
}
