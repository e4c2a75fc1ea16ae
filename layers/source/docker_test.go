package source

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/imgtui/imgtui/model"
)

// mustOpen opens an image and closes it with the test.
func mustOpen(t *testing.T, ref string, o Options) *Image {
	t.Helper()
	img, err := Open(t.Context(), ref, o)
	if err != nil {
		t.Fatal(err, Hint(err))
	}
	t.Cleanup(func() { img.Close() })
	return img
}

// shorten replaces the image's ID, which is of no interest.
func (f *fakeEngine) shorten(all []string) []string {
	id := f.images["acct/app:1"].id
	for i := range all {
		all[i] = strings.ReplaceAll(all[i], id, "ID")
	}
	return all
}

func TestStepsCostInspectAndHistoryAlone(t *testing.T) {
	f := newFake(t, "1.41")
	img := mustOpen(t, "acct/app:1", Options{})
	want := []string{
		"GET /_ping", "GET /v1.41/images/acct/app:1/json", "GET /v1.41/images/ID/history",
	}
	if diff := cmp.Diff(want, f.shorten(f.requests())); diff != "" {
		t.Error(diff)
	}
	type row struct {
		ID, By, Comment string
		Unpacked        int64
	}
	var got []row
	for _, s := range img.Steps {
		r := row{s.ID, s.CreatedBy, s.Comment, -1}
		if s.Layer != nil {
			r.Unpacked = s.Layer.Unpacked
		}
		got = append(got, r)
	}
	wantRows := []row{
		{"sha256:" + strings.Repeat("c", 64), "ADD a", "", 10},
		{"", `CMD ["sh"]`, "", -1},
		{f.images["acct/app:1"].id, "COPY b /", "buildkit.dockerfile.v0", 5},
	}
	if diff := cmp.Diff(wantRows, got); diff != "" {
		t.Error(diff)
	}
	if img.Source != "docker" || img.Reference != "acct/app:1" || string(img.ID) != f.images["acct/app:1"].id ||
		img.Platform.String() != "linux/amd64" || img.Author != "an author" || img.Config.Cmd[0] != "sh" {
		t.Errorf("got %+v", img.Image)
	}
}

func TestLayersAreExportedOnceForAll(t *testing.T) {
	f := newFake(t, "1.41")
	var mu sync.Mutex
	var told int64
	img := mustOpen(t, "docker://acct/app:1", Options{Progress: func(done, _ int64) {
		mu.Lock()
		defer mu.Unlock()
		told = done
	}})
	var wg sync.WaitGroup
	for range 4 {
		for i, b := range img.Blobs {
			wg.Go(func() { checkBlob(t, b, []string{"aaaaaaaaaa", "bbbbb"}[i]) })
		}
	}
	wg.Wait()
	n := 0
	for _, r := range f.requests() {
		if strings.HasSuffix(r, "/get") {
			n++
		}
	}
	if n != 1 {
		t.Errorf("exported %d times, want once", n)
	}
	if want := int64(len(f.images["acct/app:1"].save)); told != want {
		t.Errorf("told of %d bytes, want %d", told, want)
	}
}

// checkBlob reads a layer and looks for a file's content in it.
func checkBlob(t *testing.T, b Blob, content string) {
	t.Helper()
	r, err := b.Open(t.Context())
	if err != nil {
		t.Error(err)
		return
	}
	defer r.Close()
	got, err := io.ReadAll(r)
	if err != nil || sha(got) != string(b.DiffID) || !strings.Contains(string(got), content) {
		t.Errorf("got %d bytes, %v; want %s in %s", len(got), err, content, b.DiffID)
	}
}

func TestNewEnginesAreAskedForThePlatform(t *testing.T) {
	const query = "?platform=%7B%22architecture%22%3A%22amd64%22%2C%22os%22%3A%22linux%22%2C%22variant%22%3A%22%22%7D"
	for _, c := range []struct {
		api, v             string
		inspect, hist, get string
	}{
		{"1.41", "v1.41", "", "", ""},
		{"1.48", "v1.48", "", query, query},
		{"1.52", "v1.49", query, query, query},
	} {
		f := newFake(t, c.api)
		img := mustOpen(t, "docker:acct/app:1", Options{Platform: model.Platform{OS: "linux", Architecture: "amd64"}})
		checkBlob(t, img.Blobs[0], "aaaaaaaaaa")
		want := []string{
			"GET /_ping", "GET /" + c.v + "/images/acct/app:1/json" + c.inspect,
			"GET /" + c.v + "/images/ID/history" + c.hist, "GET /" + c.v + "/images/ID/get" + c.get,
		}
		if diff := cmp.Diff(want, f.shorten(f.requests())); diff != "" {
			t.Errorf("API %s: %s", c.api, diff)
		}
	}
}

func TestAnImageOfAnotherPlatformIsNotTheOne(t *testing.T) {
	newFake(t, "1.41")
	_, err := Open(t.Context(), "docker://acct/app:1", Options{Platform: model.Platform{OS: "linux", Architecture: "arm64"}})
	want := "open docker://acct/app:1: it holds acct/app:1 for linux/amd64, not for linux/arm64"
	if err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
}

func TestAnEngineThatIsTooOldOrStrangeIsRefused(t *testing.T) {
	for _, api := range []string{"1.12", "", "2.0", "1.x"} {
		newFake(t, api)
		if _, err := Open(t.Context(), "docker://acct/app:1", Options{}); err == nil ||
			!strings.Contains(err.Error(), "API version") {
			t.Errorf("API %q: got %v", api, err)
		}
	}
}

func TestAnExportThatFailsIsTriedAgainForTheNext(t *testing.T) {
	f := newFake(t, "1.41")
	f.get = func(w http.ResponseWriter, _ *http.Request) {
		f.get = nil
		refuse(w, http.StatusInternalServerError, "no space\x1b[31m left\non device")
	}
	img := mustOpen(t, "acct/app:1", Options{})
	_, err := img.Blobs[0].Open(t.Context())
	if want := "docker: save: no space[31m left on device"; err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
	checkBlob(t, img.Blobs[0], "aaaaaaaaaa")
}

func TestAnExportEndsWithItsContext(t *testing.T) {
	f := newFake(t, "1.41")
	ctx, cancel := context.WithCancel(t.Context())
	f.get = func(w http.ResponseWriter, r *http.Request) {
		w.Write(make([]byte, 1<<20))
		cancel()
		<-r.Context().Done()
	}
	img := mustOpen(t, "acct/app:1", Options{})
	if _, err := img.Blobs[0].Open(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want context canceled", err)
	}
}

func TestAClosedImageHasNoLayers(t *testing.T) {
	newFake(t, "1.41")
	img := mustOpen(t, "acct/app:1", Options{})
	img.Close()
	if _, err := img.Blobs[0].Open(t.Context()); err == nil {
		t.Error("a layer opened after close")
	}
}

func TestPodmanSpeaksTheSame(t *testing.T) {
	f := newFake(t, "1.41")
	t.Setenv("CONTAINER_HOST", f.serve(t))
	t.Setenv("DOCKER_HOST", "unix:///nowhere.sock")
	img := mustOpen(t, "acct/app:1", Options{})
	if img.Source != "podman" {
		t.Errorf("got it from %s, want podman", img.Source)
	}
	checkBlob(t, img.Blobs[1], "bbbbb")
}

func TestAnImageIsFoundByItsID(t *testing.T) {
	f := newFake(t, "1.41")
	img := mustOpen(t, f.images["acct/app:1"].id, Options{})
	if img.Source != "docker" {
		t.Errorf("got it from %q, want docker", img.Source)
	}
}
