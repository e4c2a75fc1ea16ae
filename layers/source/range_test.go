package source

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/imgtui/imgtui/model"
)

// dialBlob returns a registry that holds a blob, and the blob.
func dialBlob(t *testing.T) (*fakeRegistry, *registry, layerDescriptor, []byte) {
	t.Helper()
	f := serveRegistry(t)
	p := f.push(t, "1", "amd64", strings.Repeat("0123456789", 1000))
	r, err := dialRegistry(t.Context(), f.host+"/acct/app:1", Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(r.close)
	r.pauses = []time.Duration{0, 0}
	return f, r, layerDescriptor{Digest: p.id, Size: int64(len(p.layer))}, p.layer
}

// TestAPartIsWhatWasAskedForOrNothing has registries that answer rightly and
// wrongly.
func TestAPartIsWhatWasAskedForOrNothing(t *testing.T) {
	f, r, l, blob := dialBlob(t)
	part := func(header string, from, to int) func(http.ResponseWriter) {
		return func(w http.ResponseWriter) {
			w.Header().Set("Content-Range", header)
			w.WriteHeader(http.StatusPartialContent)
			w.Write(blob[from:to])
		}
	}
	good := fmt.Sprintf("bytes 100-299/%d", l.Size)
	for _, c := range []struct {
		name   string
		answer func(w http.ResponseWriter)
		want   string // of the error
	}{
		{"right", part(good, 100, 300), ""},
		{"of a size that it does not tell", part("bytes 100-299/*", 100, 300), ""},
		{"more than was asked for", part(good, 100, 900), ""},
		{"another part", part(fmt.Sprintf("bytes 0-199/%d", l.Size), 0, 200), fmt.Sprintf(`asked for bytes=100-299 of %d, got "bytes 0-199/%d"`, l.Size, l.Size)},
		{"a shorter part", part(fmt.Sprintf("bytes 100-199/%d", l.Size), 100, 200), fmt.Sprintf(`asked for bytes=100-299 of %d, got "bytes 100-199/%d"`, l.Size, l.Size)},
		{"of another blob", part("bytes 100-299/999", 100, 300), fmt.Sprintf(`asked for bytes=100-299 of %d, got "bytes 100-299/999"`, l.Size)},
		{"no word which part", part("", 100, 300), fmt.Sprintf(`asked for bytes=100-299 of %d, got ""`, l.Size)},
		{"fewer bytes than it says, again and again", part(good, 100, 150), "asked for bytes=150-299"},
	} {
		f.gate = func(w http.ResponseWriter, _ *http.Request) bool { c.answer(w); return true }
		var got []byte
		body, err := r.openRange(t.Context(), l, piece{100, 200})
		if err == nil {
			got, err = io.ReadAll(body)
			body.Close()
		}
		if c.want == "" && (err != nil || string(got) != string(blob[100:300])) {
			t.Errorf("%s: got %d bytes, %v", c.name, len(got), err)
		}
		if c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)) {
			t.Errorf("%s: got %v, want %s", c.name, err, c.want)
		}
	}
	f.gate = nil
	f.requests()
	for _, p := range []piece{{0, 0}, {-1, 5}, {l.Size - 1, 2}, {5, -1}} {
		if _, err := r.openRange(t.Context(), l, p); err == nil {
			t.Errorf("%+v of %d bytes is asked for", p, l.Size)
		}
	}
	if asked := f.requests(); len(asked) > 0 {
		t.Errorf("asked %q", asked)
	}
}

func TestARegistryWithoutPartsIsAskedForThemOnce(t *testing.T) {
	for name, answer := range map[string]func(w http.ResponseWriter){
		"all of it": func(w http.ResponseWriter) { io.WriteString(w, "all of it") },
		"416":       func(w http.ResponseWriter) { w.WriteHeader(http.StatusRequestedRangeNotSatisfiable) },
	} {
		f, r, l, _ := dialBlob(t)
		f.requests()
		f.gate = func(w http.ResponseWriter, _ *http.Request) bool { answer(w); return true }
		for range 2 {
			if _, err := r.openRange(t.Context(), l, piece{100, 200}); !errors.Is(err, ErrNoRange) {
				t.Errorf("%s: got %v, want %v", name, err, ErrNoRange)
			}
		}
		if diff := cmp.Diff([]string{"GET /v2/acct/app/blobs/" + l.Digest}, f.requests()); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}

func TestABrokenPartGoesOnWhereItStood(t *testing.T) {
	f, r, l, blob := dialBlob(t)
	var asked []string
	f.gate = func(w http.ResponseWriter, q *http.Request) bool {
		asked = append(asked, q.Header.Get("Range"))
		var from, to int
		fmt.Sscanf(asked[len(asked)-1], "bytes=%d-%d", &from, &to)
		w.Header().Set("Content-Range", fmt.Sprintf("bytes %d-%d/%d", from, to, len(blob)))
		w.WriteHeader(http.StatusPartialContent)
		w.Write(blob[from:min(to+1, from+3000)])
		if to+1 > from+3000 {
			w.(http.Flusher).Flush()
			panic(http.ErrAbortHandler)
		}
		return true
	}
	body, err := r.openRange(t.Context(), l, piece{1000, 5000})
	if err != nil {
		t.Fatal(err)
	}
	defer body.Close()
	got, err := io.ReadAll(body)
	if err != nil || string(got) != string(blob[1000:6000]) {
		t.Errorf("got %d bytes, %v", len(got), err)
	}
	if diff := cmp.Diff([]string{"bytes=1000-5999", "bytes=4000-5999"}, asked); diff != "" {
		t.Error(diff)
	}
}

func TestAContentRangeIsReadStrictly(t *testing.T) {
	t.Parallel()
	p := piece{5, 10}
	for got, want := range map[string][2]bool{ // where the size is 20, and where it is not known
		"bytes 5-14/20": {true, true}, "bytes 5-14/*": {true, true}, "bytes 5-14/21": {false, true}, "bytes 5-14/": {false, false},
		"bytes 5-13/20": {false, false}, "bytes 5-14": {false, false}, "bytes=5-14/20": {false, false}, "": {false, false}, "Bytes 5-14/20": {false, false},
	} {
		if is := [2]bool{p.answers(got, 20), p.answers(got, model.Unknown)}; is != want {
			t.Errorf("%q: got %v, want %v", got, is, want)
		}
	}
}
