package source

import (
	"archive/tar"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// loader is a Docker Engine that takes archives, tags, and connections of another
// protocol.
type loader struct {
	files  map[string][]byte // of the archive that was loaded
	answer string
	asked  []string
}

func serveLoader(t *testing.T) *loader {
	t.Helper()
	l := &loader{answer: `{"stream":"Loaded image"}`}
	dir, err := os.MkdirTemp("", "e") // t.TempDir is too long for a socket
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	path := filepath.Join(dir, "s")
	listener, err := net.Listen("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	s := httptest.NewUnstartedServer(l)
	s.Listener.Close()
	s.Listener = listener
	s.Start()
	t.Cleanup(s.Close)
	t.Setenv("DOCKER_HOST", "unix://"+path)
	return l
}

func (l *loader) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Api-Version", "1.41")
	if r.URL.Path != "/_ping" {
		l.asked = append(l.asked, r.Method+" "+r.URL.RequestURI())
	}
	switch {
	case r.URL.Path == "/_ping":
	case strings.HasSuffix(r.URL.Path, "/version"):
		fmt.Fprint(w, `{"Version":"20.10.24"}`)
	case strings.HasSuffix(r.URL.Path, "/images/load"):
		l.files = map[string][]byte{}
		t := tar.NewReader(r.Body)
		for h, err := t.Next(); err == nil; h, err = t.Next() {
			l.files[h.Name], _ = io.ReadAll(t)
		}
		fmt.Fprintln(w, l.answer)
	case strings.HasSuffix(r.URL.Path, "/tag"):
		w.WriteHeader(http.StatusCreated)
	case r.URL.Path == "/echo":
		w.Header().Set("Upgrade", r.Header.Get("Upgrade"))
		w.Header().Set("Connection", "Upgrade")
		w.WriteHeader(http.StatusSwitchingProtocols)
		c, b, err := http.NewResponseController(w).Hijack()
		if err != nil {
			return
		}
		defer c.Close()
		fmt.Fprintf(c, "hello %s\n", r.Header.Get("X-Meta"))
		line, _ := b.ReadString('\n')
		io.WriteString(c, line)
	default:
		w.WriteHeader(http.StatusNotFound)
		fmt.Fprint(w, `{"message":"page not found"}`)
	}
}

func TestLoadGivesTheEngineAnArchive(t *testing.T) {
	l, i := serveLoader(t), pushable(t)
	p, err := Load(t.Context(), i, "acct/app:9", nil)
	if err != nil {
		t.Fatal(err)
	}
	if p.To != "docker://acct/app:9" || p.Bytes == 0 {
		t.Errorf("got %+v", p)
	}
	var m []struct {
		Config   string
		RepoTags []string
		Layers   []string
	}
	if err := json.Unmarshal(l.files["manifest.json"], &m); err != nil || len(m) != 1 {
		t.Fatalf("manifest.json: %v, %s", err, l.files["manifest.json"])
	}
	if len(m[0].RepoTags) != 1 || m[0].RepoTags[0] != "acct/app:9" || len(m[0].Layers) != len(i.Blobs) {
		t.Errorf("got %+v", m[0])
	}
	if digestOf(l.files[m[0].Config]) != i.ID {
		t.Error("the config is another one")
	}
	for _, name := range m[0].Layers {
		if len(l.files[name]) == 0 {
			t.Errorf("no layer %s", name)
		}
	}
}

// TestLoadTellsWhatTheEngineSays, also after it has said that all is well.
func TestLoadTellsWhatTheEngineSays(t *testing.T) {
	l, i := serveLoader(t), pushable(t)
	l.answer = `{"errorDetail":{"message":"no space"},"error":"no space\u001b[31m left\non device"}`
	_, err := Load(t.Context(), i, "acct/app:9", nil)
	if want := "load acct/app:9: no space[31m left on device"; err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
	if _, err := Load(t.Context(), i, "Acct:9", nil); err == nil || !strings.Contains(err.Error(), "lower case") {
		t.Errorf("got %v", err)
	}
	t.Setenv("DOCKER_HOST", "unix:///no/docker.sock")
	t.Setenv("CONTAINER_HOST", "unix:///no/podman.sock")
	if _, err := Load(t.Context(), i, "acct/app:9", nil); err == nil || !strings.Contains(err.Error(), "docker: ") || !strings.Contains(err.Error(), "podman: ") {
		t.Errorf("got %v", err)
	}
}

func TestAConnectionIsUpgraded(t *testing.T) {
	l := serveLoader(t)
	d, err := FindDocker(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	if d.Version != "20.10.24" {
		t.Errorf("got version %q", d.Version)
	}
	c, err := d.Upgrade(t.Context(), "/echo", "h2c", map[string][]string{"x-meta": {"there"}})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if _, err := io.WriteString(c, "back\n"); err != nil {
		t.Fatal(err)
	}
	all, err := io.ReadAll(c)
	if want := "hello there\nback\n"; string(all) != want || err != nil && !errors.Is(err, io.EOF) {
		t.Errorf("got %q, %v, want %q", all, err, want)
	}
	if _, err := d.Upgrade(t.Context(), "/nowhere", "h2c", nil); err == nil || !strings.Contains(err.Error(), "page not found") {
		t.Errorf("got %v", err)
	}
	if err := d.Tag(t.Context(), "sha256:abc", "acct/app:2"); err != nil || !strings.Contains(strings.Join(l.asked, " "), "tag=2") {
		t.Errorf("got %v: %q", err, l.asked)
	}
}
