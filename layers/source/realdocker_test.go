package source

import (
	"bytes"
	"context"
	"crypto/rand"
	"io"
	"net/http"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/imgtui/imgtui/model"
)

// realEngine is the engine of this machine. Without one the test is skipped.
func realEngine(t *testing.T) *engine {
	t.Helper()
	e, err := connect(t.Context(), "docker", findDocker)
	if err != nil {
		t.Skipf("no Docker Engine answers: %v", err)
	}
	t.Cleanup(e.close)
	return e
}

// load imports a tar as an image of one layer, and removes it with the test.
func (e *engine) load(t *testing.T, layer []byte) (ref string) {
	t.Helper()
	repo := "imgtui-test-" + strings.ToLower(rand.Text())
	e.do(t, t.Context(), http.MethodPost,
		"/images/create?fromSrc=-&message=made+by+a+test&changes=ENV+A%3D1&repo="+repo+"&tag=1", layer)
	t.Cleanup(func() { e.do(t, context.Background(), http.MethodDelete, "/images/"+repo+":1", nil) })
	return repo + ":1"
}

// do changes something in the engine.
func (e *engine) do(t *testing.T, ctx context.Context, method, path string, body []byte) {
	t.Helper()
	req, err := http.NewRequestWithContext(ctx, method, e.base+path, bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	res, err := e.client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	if answer, _ := io.ReadAll(res.Body); res.StatusCode != http.StatusOK {
		t.Fatalf("%s %s: %s: %s", method, path, res.Status, answer)
	}
}

// export writes what the engine saves to a file.
func (e *engine) export(t *testing.T, ref string) (path string) {
	t.Helper()
	body, err := e.stream(t.Context(), "/images/"+ref+"/get", nil)
	if err != nil {
		t.Fatal(err)
	}
	defer body.Close()
	f, err := os.Create(t.TempDir() + "/image.tar")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if _, err := io.Copy(f, body); err != nil {
		t.Fatal(err)
	}
	return f.Name()
}

func TestRealDockerAndItsArchiveAreTheSame(t *testing.T) {
	e := realEngine(t)
	layer := tarOf(t, "etc/motd", "hello\n", "bin/tool", strings.Repeat("x", 1000))
	ref := e.load(t, layer)
	live := mustOpen(t, ref, Options{})
	kept := mustOpen(t, e.export(t, ref), Options{})
	if live.Source != "docker" || kept.Source != "docker-archive" {
		t.Errorf("got them from %s and %s", live.Source, kept.Source)
	}
	for _, img := range []*Image{live, kept} {
		if len(img.Steps) != 1 || img.Steps[0].Comment != "made by a test" || img.Config.Env[0] != "A=1" {
			t.Errorf("%s: got %+v", img.Source, img.Image)
		}
		checkBlob(t, img.Blobs[0], "hello\n")
	}
	if live.ID != kept.ID {
		t.Errorf("got IDs %s and %s", live.ID, kept.ID)
	}
	if got := live.Steps[0].Layer.Unpacked; got != 1006 {
		t.Errorf("got %d unpacked bytes, want 1006", got)
	}
	if diff := cmp.Diff(diffIDs(kept), diffIDs(live)); diff != "" {
		t.Error(diff)
	}
}

// emptyLooking makes layers without bytes, and steps that change nothing.
const emptyLooking = `FROM scratch
COPY a /a
WORKDIR /w
WORKDIR /w
COPY empty /empty
`

func TestRealDockerStepsAreThoseOfTheConfig(t *testing.T) {
	e := realEngine(t)
	repo := "imgtui-test-" + strings.ToLower(rand.Text())
	e.do(t, t.Context(), http.MethodPost, "/build?t="+repo,
		tarOf(t, "Dockerfile", emptyLooking, "a", "content of a", "empty", ""))
	t.Cleanup(func() { e.do(t, context.Background(), http.MethodDelete, "/images/"+repo, nil) })
	live := mustOpen(t, repo, Options{})
	kept := mustOpen(t, e.export(t, repo), Options{})
	type row struct {
		By     string
		DiffID model.Digest
	}
	rows := func(img *Image) (all []row) {
		for _, s := range img.Steps {
			r := row{By: s.CreatedBy}
			if s.Layer != nil {
				r.DiffID = s.Layer.DiffID
			}
			all = append(all, r)
		}
		return all
	}
	if diff := cmp.Diff(rows(kept), rows(live)); diff != "" || len(live.Warnings) > 0 {
		t.Errorf("%s%v", diff, live.Warnings)
	}
}

// diffIDs returns those of the layers, lowest first.
func diffIDs(img *Image) []model.Digest {
	var all []model.Digest
	for _, l := range img.Layers() {
		all = append(all, l.DiffID)
	}
	return all
}

func TestRealDockerListsItsImages(t *testing.T) {
	ref := realEngine(t).load(t, tarOf(t, "a", "b"))
	found, _ := Local(t.Context())
	for _, f := range found {
		if f.Name == ref {
			return
		}
	}
	t.Errorf("%s is not among %d images", ref, len(found))
}

func TestRealDockerLacksWhatItLacks(t *testing.T) {
	realEngine(t)
	ref := "imgtui-test-" + strings.ToLower(rand.Text())
	_, err := Open(t.Context(), ref, Options{Pull: PullNever})
	if !strings.Contains(Hint(err), "  docker: no such image\n") {
		t.Errorf("got %v\n%s", err, Hint(err))
	}
}
