//go:build linux && !noembed

package embed_test

import (
	"bytes"
	"io"
	"os"
	"os/exec"
	machine "runtime"
	"testing"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/tarball"

	"github.com/imgtui/imgtui/layers/builder/embed"
	"github.com/imgtui/imgtui/layers/builder/enginetest"
)

// TestDebianInstallsPackages builds upon a root that debootstrap made, packed by
// tar, with apt in a step over the host's network. No registry is asked.
func TestDebianInstallsPackages(t *testing.T) {
	root := os.Getenv("IMGTUI_TEST_DEBIAN")
	if root == "" {
		t.Skip("IMGTUI_TEST_DEBIAN names no tar of what debootstrap made")
	}
	body, err := os.ReadFile(root)
	if err != nil {
		t.Fatal(err)
	}
	layer, err := tarball.LayerFromOpener(func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(body)), nil }, tarball.WithCompressionLevel(1))
	if err != nil {
		t.Fatal(err)
	}
	image, err := mutate.AppendLayers(empty.Image, layer)
	if err != nil {
		t.Fatal(err)
	}
	config, err := image.ConfigFile()
	if err != nil {
		t.Fatal(err)
	}
	config = config.DeepCopy()
	config.OS, config.Architecture = "linux", machine.GOARCH
	if image, err = mutate.ConfigFile(image, config); err != nil {
		t.Fatal(err)
	}
	for _, runtime := range []string{"", "runc"} {
		t.Run("runtime "+runtime, func(t *testing.T) {
			if _, err := exec.LookPath("runc"); runtime != "" && (err != nil || os.Getuid() != 0) {
				t.Skip("no runc, or not for this user")
			}
			e := engine(t, embed.Options{Runtime: runtime})
			o := e.Build(t, enginetest.Job{
				Text: `FROM debian-of-this-test
RUN apt-get update && apt-get install -y --no-install-recommends python3-flask && rm -rf /var/lib/apt/lists/*
RUN useradd --create-home app && chown -R app /home/app
RUN python3 -c 'import flask; print(flask.Flask("x"))'
`, Bases: map[string]v1.Image{"debian-of-this-test": image},
			})
			tree := enginetest.TreeOf(t, o.Image)
			for _, want := range []string{"/usr/lib/python3/dist-packages/flask/app.py", "/home/app"} {
				if tree[want] == "" {
					t.Errorf("%s is not in the image", want)
				}
			}
			t.Logf("%d files", len(tree))
		})
	}
}
