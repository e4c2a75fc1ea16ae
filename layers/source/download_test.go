package source

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// cutting serves a blob and breaks the connection after some bytes of each
// answer, for as many answers as there are cuts.
type cutting struct {
	blob   []byte
	mu     sync.Mutex // each connection is served by a goroutine of its own
	cuts   []int
	ranges []string // what was asked for
	deaf   bool     // does not know ranges
}

func (c *cutting) gate(w http.ResponseWriter, r *http.Request) bool {
	if !strings.HasSuffix(r.URL.Path, sha(c.blob)) {
		return false
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.ranges = append(c.ranges, r.Header.Get("Range"))
	body := c.blob
	if from, ok := strings.CutPrefix(r.Header.Get("Range"), "bytes="); ok && !c.deaf {
		n, _ := strconv.Atoi(strings.TrimSuffix(from, "-"))
		body = body[n:]
		w.Header().Set("Content-Range", "bytes "+strconv.Itoa(n)+"-"+strconv.Itoa(len(c.blob)-1)+"/"+strconv.Itoa(len(c.blob)))
		w.WriteHeader(http.StatusPartialContent)
	}
	if len(c.cuts) == 0 {
		w.Write(body)
		return true
	}
	w.Write(body[:c.cuts[0]])
	w.(http.Flusher).Flush()
	c.cuts = c.cuts[1:]
	panic(http.ErrAbortHandler)
}

// openCutting opens a blob behind a server that cuts, without pauses.
func openCutting(t *testing.T, ctx context.Context, c *cutting) (io.ReadCloser, error) {
	t.Helper()
	f := serveRegistry(t)
	p := f.push(t, "1", "amd64", strings.Repeat("0123456789", 100_000))
	c.blob, f.gate = p.layer, c.gate
	r, err := dialRegistry(ctx, f.host+"/acct/app:1", Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(r.close)
	r.pauses = []time.Duration{0, 0, 0}
	return r.openBlob(ctx, layerDescriptor{Digest: p.id, Size: int64(len(p.layer))})
}

func TestABrokenDownloadGoesOnWhereItStood(t *testing.T) {
	for _, deaf := range []bool{false, true} {
		c := &cutting{cuts: []int{100_000, 200_000, 300_000}, deaf: deaf}
		want := []string{"", "bytes=100000-", "bytes=300000-", "bytes=600000-"}
		if deaf { // each answer begins at 0, and so the cuts are where they say
			want = []string{"", "bytes=100000-", "bytes=200000-", "bytes=300000-"}
		}
		r, err := openCutting(t, t.Context(), c)
		if err != nil {
			t.Fatal(err)
		}
		got, err := io.ReadAll(r)
		r.Close()
		if err != nil || sha(got) != sha(c.blob) {
			t.Errorf("deaf %v: got %d bytes, %v; want %d", deaf, len(got), err, len(c.blob))
		}
		if diff := cmp.Diff(want, c.ranges); diff != "" {
			t.Errorf("deaf %v: %s", deaf, diff)
		}
	}
}

func TestADownloadThatKeepsBreakingSaysHowFarItCame(t *testing.T) {
	c := &cutting{cuts: []int{100_000, 200_000, 300_000, 100_000}}
	r, err := openCutting(t, t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	n, err := io.Copy(io.Discard, r)
	want := "the connection broke at 700kB of 1.002MB and could not be resumed: unexpected EOF"
	if n != 700_000 || err == nil || err.Error() != want || !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("got %d bytes and %v, want 700000 and %s", n, err, want)
	}
}

func TestADownloadStopsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	r, err := openCutting(t, ctx, &cutting{cuts: []int{100_000}})
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	cancel()
	if _, err := io.Copy(io.Discard, r); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want context canceled", err)
	}
}

func TestABlobLongerThanItsManifestSaysIsCutOff(t *testing.T) {
	f := serveRegistry(t)
	p := f.push(t, "1", "amd64", "content")
	r, err := dialRegistry(t.Context(), f.host+"/acct/app:1", Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer r.close()
	body, err := r.openBlob(t.Context(), layerDescriptor{Digest: p.id, Size: 10})
	if err != nil {
		t.Fatal(err)
	}
	defer body.Close()
	_, err = io.Copy(io.Discard, body)
	if want := "the blob is longer than the 10 bytes that its manifest says"; err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
}

func TestADigestThatBendsThePathIsNotAsked(t *testing.T) {
	f := serveRegistry(t)
	r, err := dialRegistry(t.Context(), f.host+"/acct/app:1", Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer r.close()
	f.requests()
	for _, id := range []string{"", "x", "../../secret", "sha256:../x", "sha256:a?b", "sha256:a\x1b"} {
		if _, err := r.openBlob(t.Context(), layerDescriptor{Digest: id}); err == nil {
			t.Errorf("%q was asked for", id)
		}
	}
	if asked := f.requests(); len(asked) != 0 {
		t.Errorf("asked %q", asked)
	}
}
