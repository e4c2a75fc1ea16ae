package source

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	registrylib "github.com/google/go-containerregistry/pkg/registry"

	"github.com/imgtui/imgtui/layers/source/sourcetest"
	"github.com/imgtui/imgtui/model"
)

// takers is a registry that images are pushed to, and what was asked of it.
type takers struct {
	host string
	mu   sync.Mutex
	all  []string
	gate func(w http.ResponseWriter, r *http.Request) bool // tells whether it has answered
}

func serveTaker(t *testing.T) *takers {
	t.Helper()
	k := &takers{}
	r := registrylib.New(registrylib.Logger(log.New(io.Discard, "", 0)))
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
		k.mu.Lock()
		k.all = append(k.all, q.Method+" "+q.URL.Path+"?"+q.URL.RawQuery)
		gate := k.gate
		k.mu.Unlock()
		if gate == nil || !gate(w, q) {
			r.ServeHTTP(w, q)
		}
	}))
	t.Cleanup(s.Close)
	k.host = s.Listener.Addr().String()
	return k
}

// count returns how many requests begin so, and forgets all.
func (k *takers) count(prefix string) int {
	k.mu.Lock()
	defer k.mu.Unlock()
	n := 0
	for _, a := range k.all {
		if strings.HasPrefix(a, prefix) {
			n++
		}
	}
	return n
}

func (k *takers) forget() {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.all = nil
}

// pushable is an image of some layers in a docker archive.
func pushable(t *testing.T) *Image {
	t.Helper()
	path := filepath.Join(t.TempDir(), "image.tar")
	if err := os.WriteFile(path, sourcetest.Legacy(sourcetest.App()).Tar(), 0o644); err != nil {
		t.Fatal(err)
	}
	i, err := Open(t.Context(), path, Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { i.Close() })
	return i
}

// TestASecondPushSendsNoBlob, and what is sent is told to its end.
func TestASecondPushSendsNoBlob(t *testing.T) {
	t.Setenv("DOCKER_CONFIG", t.TempDir())
	k, i := serveTaker(t), pushable(t)
	var mu sync.Mutex
	whole := map[model.Digest]bool{}
	first, err := Push(t.Context(), i, k.host+"/acct/app:1", Options{}, func(blob model.Digest, done, total int64) {
		mu.Lock()
		defer mu.Unlock()
		whole[blob] = done == total
	})
	if err != nil {
		t.Fatal(err)
	}
	if first.Bytes == 0 || len(whole) != len(i.Blobs) {
		t.Errorf("got %d bytes of %d layers, told of %v", first.Bytes, len(i.Blobs), whole)
	}
	for blob, done := range whole {
		if !done {
			t.Errorf("the end of %s was not told", blob)
		}
	}
	k.forget()
	second, err := Push(t.Context(), i, k.host+"/acct/app:2", Options{}, nil)
	if err != nil {
		t.Fatal(err)
	}
	if second.Bytes != 0 || k.count("PATCH") != 0 || k.count("POST") != 0 {
		t.Errorf("got %d bytes, %d uploads, want none", second.Bytes, k.count("POST"))
	}
	if second.Digest != first.Digest {
		t.Errorf("got digest %s, then %s", first.Digest, second.Digest)
	}
	got, err := Open(t.Context(), "registry://"+k.host+"/acct/app:2", Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer got.Close()
	if got.Digest != first.Digest || got.ID != i.ID {
		t.Errorf("got digest %s and ID %s, want %s and %s", got.Digest, got.ID, first.Digest, i.ID)
	}
}

// TestBlobsOfAnotherRepositoryAreOnlyNamed where the registry lets that be done.
func TestBlobsOfAnotherRepositoryAreOnlyNamed(t *testing.T) {
	t.Setenv("DOCKER_CONFIG", t.TempDir())
	k, i := serveTaker(t), pushable(t)
	if _, err := Push(t.Context(), i, k.host+"/acct/app:1", Options{}, nil); err != nil {
		t.Fatal(err)
	}
	there, err := Open(t.Context(), "registry://"+k.host+"/acct/app:1", Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer there.Close()
	k.gate = func(w http.ResponseWriter, r *http.Request) bool {
		switch {
		case r.Method == http.MethodHead && strings.Contains(r.URL.Path, "/other/app/blobs/"):
			w.WriteHeader(http.StatusNotFound)
		case r.URL.Query().Get("mount") != "":
			w.Header().Set("Location", "/v2/other/app/blobs/"+r.URL.Query().Get("mount"))
			w.WriteHeader(http.StatusCreated)
		default:
			return false
		}
		return true
	}
	k.forget()
	p, err := Push(t.Context(), there, k.host+"/other/app:1", Options{}, nil)
	if err != nil {
		t.Fatal(err)
	}
	mounts := 0
	for _, a := range k.all {
		if strings.Contains(a, "from=acct%2Fapp") && strings.Contains(a, "mount=") {
			mounts++
		}
	}
	if p.Bytes != 0 || mounts != len(i.Blobs) || k.count("GET /v2/acct/app/blobs") != 0 {
		t.Errorf("%d bytes were sent, %d of %d layers were named: %q", p.Bytes, mounts, len(i.Blobs), k.all)
	}
}

func TestABrokenConnectionIsToldFromOtherFaults(t *testing.T) {
	for _, c := range []struct {
		err  error
		want bool
	}{
		{&net.OpError{Op: "write", Err: net.ErrClosed}, true},
		{&net.OpError{Op: "write", Err: os.NewSyscallError("write", syscall.EPIPE)}, true},
		{&net.OpError{Op: "read", Err: os.NewSyscallError("read", syscall.ECONNRESET)}, true},
		{io.ErrUnexpectedEOF, true},
		{&net.OpError{Op: "dial", Err: os.NewSyscallError("connect", syscall.ECONNREFUSED)}, false},
		{context.Canceled, false},
	} {
		if got := isBroken(&url.Error{Op: "Patch", Err: c.err}); got != c.want {
			t.Errorf("%v: got %v, want %v", c.err, got, c.want)
		}
	}
}

// TestACutUploadIsTriedAgain, from its beginning.
func TestACutUploadIsTriedAgain(t *testing.T) {
	t.Setenv("DOCKER_CONFIG", t.TempDir())
	old := pushBackoff
	pushBackoff.Duration = time.Millisecond
	t.Cleanup(func() { pushBackoff = old })
	k, i := serveTaker(t), pushable(t)
	cuts := 2
	k.gate = func(w http.ResponseWriter, r *http.Request) bool {
		k.mu.Lock()
		cut := r.Method == http.MethodPatch && cuts > 0
		if cut {
			cuts--
		}
		k.mu.Unlock()
		if cut {
			hang(w)
		}
		return cut
	}
	p, err := Push(t.Context(), i, k.host+"/acct/app:1", Options{}, nil)
	if err != nil || cuts != 0 {
		t.Fatalf("got %v, %d cuts left", err, cuts)
	}
	got, err := Open(t.Context(), "registry://"+k.host+"/acct/app:1", Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer got.Close()
	if got.Digest != p.Digest {
		t.Errorf("got %s, want %s", got.Digest, p.Digest)
	}
	k.gate = func(w http.ResponseWriter, r *http.Request) bool {
		if r.Method == http.MethodPut {
			hang(w)
		}
		return r.Method == http.MethodPut
	}
	_, err = Push(t.Context(), i, k.host+"/third/app:1", Options{}, nil)
	if err == nil || strings.Contains(err.Error(), "\n") || !strings.Contains(err.Error(), k.host) {
		t.Errorf("a registry that always hangs up: got %v", err)
	}
}

// hang ends a connection without an answer.
func hang(w http.ResponseWriter) {
	c, _, err := http.NewResponseController(w).Hijack()
	if err == nil {
		if tcp, ok := c.(*net.TCPConn); ok {
			tcp.SetLinger(0)
		}
		c.Close()
	}
}

// TestWrongCredentialsSayWhose they are: the registry, and the helper or file
// that gave them.
func TestWrongCredentialsSayWhose(t *testing.T) {
	helpers := t.TempDir()
	script := "#!/bin/sh\necho '{\"Username\":\"me\",\"Secret\":\"hunter2\"}'\n"
	if err := os.WriteFile(filepath.Join(helpers, "docker-credential-wrong"), []byte(script), 0o755); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PATH", helpers+string(os.PathListSeparator)+os.Getenv("PATH"))
	i := pushable(t)
	for name, c := range map[string]struct{ config, want string }{
		"helper of the registry": {`{"credHelpers":{"HOST":"wrong"}}`, "the helper docker-credential-wrong"},
		"helper of all":          {`{"credsStore":"wrong"}`, "the helper docker-credential-wrong"},
		"file":                   {`{"auths":{"HOST":{"auth":"bWU6aHVudGVyMg=="}}}`, "config.json"},
		"nothing":                {`{}`, "no credentials are stored"},
	} {
		t.Run(name, func(t *testing.T) {
			k := serveTaker(t)
			k.gate = func(w http.ResponseWriter, r *http.Request) bool {
				w.Header().Set("WWW-Authenticate", `Basic realm="here"`)
				w.WriteHeader(http.StatusUnauthorized)
				fmt.Fprint(w, `{"errors":[{"code":"UNAUTHORIZED","message":"who are you"}]}`)
				return true
			}
			dir := t.TempDir()
			t.Setenv("DOCKER_CONFIG", dir)
			if err := os.WriteFile(filepath.Join(dir, "config.json"), []byte(strings.ReplaceAll(c.config, "HOST", k.host)), 0o600); err != nil {
				t.Fatal(err)
			}
			_, err := Push(t.Context(), i, k.host+"/acct/app:1", Options{}, nil)
			if err == nil {
				t.Fatal("it was pushed")
			}
			for _, want := range []string{k.host, c.want, "401"} {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("got %q, want %q in it", err, want)
				}
			}
			if strings.Contains(err.Error(), "hunter2") || !strings.Contains(Hint(err), "docker login "+k.host) {
				t.Errorf("got %q, hint %q", err, Hint(err))
			}
		})
	}
}

// TestAPushEndsWithItsContext at once.
func TestAPushEndsWithItsContext(t *testing.T) {
	t.Setenv("DOCKER_CONFIG", t.TempDir())
	k, i := serveTaker(t), pushable(t)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	k.gate = func(http.ResponseWriter, *http.Request) bool {
		cancel()
		return false
	}
	if _, err := Push(ctx, i, k.host+"/acct/app:1", Options{}, nil); !errors.Is(err, ctx.Err()) || err == nil {
		t.Errorf("got %v, want a cancel", err)
	}
}
