package main

import (
	"bytes"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-containerregistry/pkg/registry"
)

// serve starts a registry with and one without TLS, which hold acct/app:1, and
// an engine. It returns the variables by which scripts find them.
func serve(t *testing.T) (vars []string) {
	silent := log.New(io.Discard, "", 0)
	r := registry.New(registry.Logger(silent))
	push(t, r, app())
	plain, secure := httptest.NewUnstartedServer(r), httptest.NewUnstartedServer(r)
	plain.Config.ErrorLog, secure.Config.ErrorLog = silent, silent
	plain.Start()
	secure.StartTLS()
	t.Cleanup(plain.Close)
	t.Cleanup(secure.Close)
	return []string{
		"REGISTRY=" + plain.Listener.Addr().String(),
		"TLS_REGISTRY=" + secure.Listener.Addr().String(),
		"ENGINE=unix://" + serveEngine(t),
	}
}

// push puts an image into a registry.
func push(t *testing.T, r http.Handler, m madeImage) {
	name, tag, _ := strings.Cut(m.tag, ":")
	manifest, blobs := m.blobs(t)
	for digest, b := range blobs {
		send(t, r, http.MethodPost, "/v2/"+name+"/blobs/uploads/?digest="+digest, "application/octet-stream", b)
	}
	send(t, r, http.MethodPut, "/v2/"+name+"/manifests/"+tag, ociManifest, manifest)
}

func send(t *testing.T, h http.Handler, method, path, mediaType string, body []byte) {
	t.Helper()
	r := httptest.NewRequestWithContext(t.Context(), method, path, bytes.NewReader(body))
	r.Header.Set("Content-Type", mediaType)
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	if w.Code != http.StatusCreated {
		t.Fatalf("%s %s: %d %s", method, path, w.Code, w.Body)
	}
}

// serveEngine starts what answers as a Docker Engine does: it lists images, and
// tells the history of one of them that it cannot export.
func serveEngine(t *testing.T) (socket string) {
	dir, err := os.MkdirTemp("", "e") // t.TempDir is too long for a socket
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	socket = filepath.Join(dir, "s")
	l, err := net.Listen("unix", socket)
	if err != nil {
		t.Fatal(err)
	}
	s := httptest.NewUnstartedServer(http.HandlerFunc(engineAnswers))
	s.Listener.Close()
	s.Listener = l
	s.Start()
	t.Cleanup(s.Close)
	return socket
}

func engineAnswers(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Api-Version", "1.41")
	switch {
	case r.URL.Path == "/_ping":
		io.WriteString(w, "OK")
	case strings.HasSuffix(r.URL.Path, "/images/json"):
		io.WriteString(w, engineList)
	case strings.HasSuffix(r.URL.Path, "/images/acct/app:1/json"):
		io.WriteString(w, engineImage)
	case strings.HasSuffix(r.URL.Path, "/history"):
		io.WriteString(w, engineHistory)
	case strings.HasSuffix(r.URL.Path, "/get"):
		w.WriteHeader(http.StatusInternalServerError)
		io.WriteString(w, `{"message":"no space left\u001b[31m\non device"}`)
	default:
		w.WriteHeader(http.StatusNotFound)
		io.WriteString(w, `{"message":"No such image"}`)
	}
}

const engineList = `[
{"Id":"sha256:1111111111111111111111111111111111111111111111111111111111111111","RepoTags":["acct/app:1","acct/app:latest"],"Created":1714557600,"Size":388000000},
{"Id":"sha256:2222222222222222222222222222222222222222222222222222222222222222","RepoTags":["<none>:<none>"],"Created":1714471200,"Size":1204},
{"Id":"sha256:3333333333333333333333333333333333333333333333333333333333333333","RepoTags":["docker:latest","history"],"Created":1714384800,"Size":64000000}
]`

const engineImage = `{"Id":"sha256:1111111111111111111111111111111111111111111111111111111111111111","RepoTags":["acct/app:1"],"Os":"linux","Architecture":"riscv64",
"Config":{},"RootFS":{"Layers":["sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa","sha256:bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"]}}`

const engineHistory = `[
{"Id":"sha256:1111111111111111111111111111111111111111111111111111111111111111","Created":1714557600,"CreatedBy":"CMD [\"sh\"]","Size":0,"Comment":"buildkit.dockerfile.v0"},
{"Id":"<missing>","Created":1714557600,"CreatedBy":"COPY a /","Size":1204,"Comment":"buildkit.dockerfile.v0"},
{"Id":"sha256:4444444444444444444444444444444444444444444444444444444444444444","Created":1714471200,"CreatedBy":"ADD rootfs.tar /","Size":388000000,"Comment":""}
]`
