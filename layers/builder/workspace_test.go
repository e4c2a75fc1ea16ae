package builder_test

import (
	"crypto/rand"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	v1 "github.com/google/go-containerregistry/pkg/v1"

	"github.com/imgtui/imgtui/layers/builder"
	"github.com/imgtui/imgtui/layers/builder/enginetest"
	"github.com/imgtui/imgtui/model"
	"github.com/imgtui/imgtui/model/plan"
)

// workspace is a Dockerfile with its context and base, on the way from before
// an edit to after it.
type workspace struct {
	t       testing.TB
	dir     string
	text    string
	nonce   string // differs in each test: no cache of another helps
	args    map[string]string
	target  string
	secrets map[string]string
	served  map[string]string // by path, of the server that SERVER names
	base    v1.Config
	rootfs  map[string]string // files of the base beyond busybox
}

func newWorkspace(t testing.TB, s scenario) *workspace {
	t.Helper()
	w := &workspace{
		t: t, dir: t.TempDir(), nonce: strings.ToLower(rand.Text()),
		args: maps.Clone(s.args), secrets: map[string]string{"token": "open sesame"}, served: map[string]string{"/page.txt": "first\n"},
	}
	if w.args == nil {
		w.args = map[string]string{}
	}
	w.rootfs = map[string]string{"nonce": w.nonce}
	w.base = v1.Config{Env: []string{"PATH=/bin", "FROM_BASE=yes"}, OnBuild: slices.Clone(s.onbuild)}
	w.text = w.fill(s.text)
	for path, content := range s.files {
		w.write(path, w.fill(content))
	}
	for path, target := range s.links {
		w.link(target, path)
	}
	return w
}

// fill puts what is of this test alone into a text.
func (w *workspace) fill(s string) string {
	return strings.NewReplacer("{{base}}", w.name(), "{{nonce}}", w.nonce).Replace(s)
}

func (w *workspace) name() string { return "imgtui-forecast-" + w.nonce + ":1" }

// The verbs of edits. Each fails the test where it changes nothing.

func (w *workspace) replace(old, new string) {
	w.t.Helper()
	old, new = w.fill(old), w.fill(new)
	if !strings.Contains(w.text, old) {
		w.t.Fatalf("%q is not in the Dockerfile", old)
	}
	w.text = strings.Replace(w.text, old, new, 1)
}

func (w *workspace) write(path, content string) {
	w.t.Helper()
	at := filepath.Join(w.dir, path)
	w.must(os.MkdirAll(filepath.Dir(at), 0o755))
	if strings.HasSuffix(path, ".tar") {
		content = string(enginetest.Tar(w.t, enginetest.File("unpacked.txt", 0o644, content)))
	}
	w.must(os.WriteFile(at, []byte(content), 0o644))
}

func (w *workspace) remove(path string) {
	w.t.Helper()
	w.must(os.RemoveAll(filepath.Join(w.dir, path)))
}

func (w *workspace) rename(from, to string) {
	w.t.Helper()
	w.must(os.Rename(filepath.Join(w.dir, from), filepath.Join(w.dir, to)))
}

func (w *workspace) chmod(path string, mode os.FileMode) {
	w.t.Helper()
	w.must(os.Chmod(filepath.Join(w.dir, path), mode))
}

func (w *workspace) link(target, path string) {
	w.t.Helper()
	w.must(os.Symlink(target, filepath.Join(w.dir, path)))
}

func (w *workspace) must(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

// image makes the base: busybox, and what the workspace adds.
func (w *workspace) image() v1.Image {
	w.t.Helper()
	return enginetest.Busybox(w.t, w.base, append(entriesOf(w.rootfs),
		enginetest.File("etc/passwd", 0o644, "root:x:0:0::/:/bin/sh\nuser:x:1000:1000::/:/bin/sh\n"),
		enginetest.File("etc/group", 0o644, "root:x:0:\nuser:x:1000:\n"))...)
}

// entriesOf returns entries of an archive, by their names.
func entriesOf(all map[string]string) []enginetest.Entry {
	var entries []enginetest.Entry
	for _, name := range slices.Sorted(maps.Keys(all)) {
		entries = append(entries, enginetest.File(name, 0o644, all[name]))
	}
	return entries
}

// ask is what an engine gets to build.
func (w *workspace) ask(server string) build {
	return build{
		dir: w.dir, text: strings.ReplaceAll(w.text, "{{server}}", server), args: w.args, target: w.target, secrets: w.secrets,
		bases: map[string]v1.Image{w.name(): w.image()},
	}
}

// convert is what the forecast is made from.
func (w *workspace) convert(b build, memory *builder.Memory) *plan.Graph {
	w.t.Helper()
	g, err := builder.Convert(w.t.Context(), builder.Job{
		Text: b.text, Args: b.args, Target: b.target, Platform: model.Platform{OS: "linux", Architecture: "amd64"},
		Context: walk(w.t, b.dir), Memory: memory,
		Base: func(name, _ string, _ model.Platform) (builder.Image, bool) {
			image, ok := b.bases[name]
			if !ok {
				return builder.Image{}, false
			}
			config, err := image.RawConfigFile()
			w.must(err)
			sum, err := image.Digest()
			w.must(err)
			return builder.Image{Config: config, Digest: model.Digest(sum.String())}, true
		},
	})
	w.must(err)
	return g
}
