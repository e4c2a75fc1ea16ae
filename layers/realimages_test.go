package layers_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/imgtui/imgtui/layers"
	"github.com/imgtui/imgtui/model"
	"github.com/imgtui/imgtui/model/session"
	"github.com/imgtui/imgtui/model/tree"
)

// realImage opens an image that others built, from the folder that
// IMGTUI_TEST_IMAGES names. Without it the test is skipped.
func realImage(t *testing.T, name string) session.Stack {
	t.Helper()
	return realImages(t, name)[session.Was]
}

// realImages opens one or two of them.
func realImages(t *testing.T, names ...string) [2]session.Stack {
	t.Helper()
	dir := os.Getenv("IMGTUI_TEST_IMAGES")
	if dir == "" {
		t.Skip("IMGTUI_TEST_IMAGES names no folder of images that others built")
	}
	var refs []string
	for _, name := range names {
		path := filepath.Join(dir, name)
		if _, err := os.Stat(path); err != nil {
			t.Skip(err)
		}
		refs = append(refs, path)
	}
	e := layers.New(layers.Options{})
	t.Cleanup(func() { e.Close() })
	s := settle(e, refs...)
	if o := outcomeOf(s); len(o.Errors)+len(o.Warnings) > 0 {
		t.Errorf("%s: errors %q, warnings %q", names, o.Errors, o.Warnings)
	}
	return s.Stacks
}

// The images, as they are named there.
const (
	dockerSave   = "dive-docker-save-14layers.tar"
	kaniko       = "dive-kaniko-gzlayers-14layers.tar"
	estargz      = "dive-oci-estargz.tar"
	dockerHybrid = "snykcli-docker25-hybrid-5layers-arm64.tar"
	ociGzip      = "snykcli-oci-gzip-5layers-arm64.tar"
	wholeGzip    = "trivy-alpine-3.11-docker-save.tar.gz"
)

func TestRealImagesOpenWholeAndWithoutAWord(t *testing.T) {
	t.Parallel()
	// The figures were counted by another program, which knows the layer rules alone.
	type facts struct {
		Source, Platform string
		Steps, Layers    int
		Unpacked, Dead   int64
		Paths            int // of the final root
	}
	for name, want := range map[string]facts{
		dockerSave:   {"docker-archive", "linux/amd64", 15, 14, 1_220_598, 32_025, 424},
		kaniko:       {"docker-archive", "linux/amd64", 15, 14, 1_326_410, 46_245, 430},
		estargz:      {"oci-archive", "linux/arm64", 1, 1, 11_189, 0, 2},
		dockerHybrid: {"docker-archive", "linux/arm64", 7, 5, 8_309_161, 248_687, 988},
		ociGzip:      {"oci-archive", "linux/arm64", 7, 5, 8_309_161, 248_687, 988},
		wholeGzip:    {"docker-archive", "linux/amd64", 2, 1, 5_595_566, 0, 489},
	} {
		k := realImage(t, name)
		total, known := k.Total()
		top, _ := k.Top()
		if !known || top == nil || k.Report == nil {
			t.Errorf("%s: sizes known %v, top root %v, weighed %v", name, known, top != nil, k.Report != nil)
			continue
		}
		got := facts{k.Image.Source, k.Image.Platform.String(), len(k.Image.Steps), len(k.Layers), total, k.Report.Dead, top.Count()}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
		for n, l := range k.Image.Layers() {
			if l.DiffID == "" || k.Layers[n].DiffID != l.DiffID {
				t.Errorf("%s: layer %d reads as %s, the config says %s", name, n, k.Layers[n].DiffID, l.DiffID)
			}
		}
	}
}

// TestOneImageInTwoFormsIsTheSame has the image of a docker save of today, and
// the same as an OCI archive.
func TestOneImageInTwoFormsIsTheSame(t *testing.T) {
	t.Parallel()
	a, b := realImage(t, dockerHybrid), realImage(t, ociGzip)
	if a.Image.ID != b.Image.ID || a.Image.Digest != b.Image.Digest {
		t.Errorf("got IDs %s and %s, digests %s and %s", a.Image.ID, b.Image.ID, a.Image.Digest, b.Image.Digest)
	}
	if diff := cmp.Diff(a.Image.Steps, b.Image.Steps); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(a.Image.Config, b.Image.Config); diff != "" {
		t.Error(diff)
	}
	for step := range a.Image.Steps {
		x, _ := a.At(step)
		y, _ := b.At(step)
		if got := tree.Compare(x, y).Totals(); got != (tree.Totals{}) || x == nil || !tree.Equal(x, y) {
			t.Errorf("step %d: they differ by %+v", step, got)
		}
	}
}

// instruction is what a row says, however a builder writes it down.
func instruction(by string) string {
	by = strings.TrimSpace(strings.TrimPrefix(strings.TrimPrefix(by, "/bin/sh -c "), "#(nop) "))
	by = strings.TrimPrefix(by, "RUN ")
	return regexp.MustCompile(`^ADD \S+ (in )?`).ReplaceAllString(by, "ADD … ")
}

// changes are the paths that a step changed, each with its letter.
func changes(k session.Stack, step int) []string {
	before, _ := k.At(step - 1)
	after, _ := k.At(step)
	var all []string
	tree.Compare(before, after).Walk(func(path string, d tree.Delta) bool {
		if c := d.Change(); c != tree.Within && c != tree.Same {
			all = append(all, c.Letter()+" "+path)
		}
		return true
	})
	return all
}

// TestTwoBuildersOfOneDockerfileMakeTheSameSteps holds what docker made of a
// Dockerfile in 2018 against what kaniko made of it in 2021: another busybox, a
// longer README, and another script in the folder that is added.
func TestTwoBuildersOfOneDockerfileMakeTheSameSteps(t *testing.T) {
	t.Parallel()
	both := realImages(t, dockerSave, kaniko)
	d, k := both[session.Was], both[session.Now]
	if len(d.Image.Steps) != len(k.Image.Steps) {
		t.Fatalf("%d steps and %d", len(d.Image.Steps), len(k.Image.Steps))
	}
	for n := range d.Image.Steps {
		x, y := d.Image.Steps[n], k.Image.Steps[n]
		if instruction(x.CreatedBy) != instruction(y.CreatedBy) || x.Empty() != y.Empty() {
			t.Errorf("step %d: %q and %q", n, x.CreatedBy, y.CreatedBy)
		}
		if n < 2 {
			continue // the base image, which is another
		}
		want := changes(d, n)
		for i := range want {
			want[i] = strings.Replace(want[i], "/.data/test.sh", "/.data/test-coverage.sh", 1)
		}
		if diff := cmp.Diff(want, changes(k, n)); diff != "" {
			t.Errorf("step %d, %q: %s", n, x.CreatedBy, diff)
		}
	}
	checkHonest(t, d, k)
}

// checkHonest holds the differences of the final roots, but for the base's.
func checkHonest(t *testing.T, d, k session.Stack) {
	t.Helper()
	x, _ := d.Top()
	y, _ := k.Top()
	var got []string
	tree.Compare(x, y).Walk(func(path string, d tree.Delta) bool {
		c := d.Change()
		ours := strings.HasPrefix(path, "/root/") || strings.HasPrefix(path, "/tmp/") || path == "/somefile.txt"
		if ours && c != tree.Within {
			got = append(got, c.Letter()+" "+path)
		}
		return true
	})
	want := []string{
		"M /root/.data/saved.again2.txt", "m /root/.data/tag.sh", "A /root/.data/test-coverage.sh", "D /root/.data/test.sh",
		"M /root/.saved.txt", "M /root/saved.txt", "M /somefile.txt", "M /tmp/saved.again1.txt",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if a, b := x.Find("/root/.data/test.sh"), y.Find("/root/.data/test-coverage.sh"); a == nil || b == nil || a.Size == model.Unknown {
		t.Errorf("the scripts are %v and %v", a, b)
	}
}
