package enginetest

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-containerregistry/pkg/name"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/tarball"
)

// Engines are those that IMGTUI_TEST_BUILDKIT names, with a space between, as
// --engine takes them. Without one the test is skipped.
func Engines(t testing.TB) []string {
	t.Helper()
	all := strings.Fields(os.Getenv("IMGTUI_TEST_BUILDKIT"))
	if len(all) == 0 {
		t.Skip("IMGTUI_TEST_BUILDKIT is not set: no BuildKit to build with (.ci/buildkitd starts one)")
	}
	return all
}

// Base writes a docker archive of a base image with busybox in it, by that name,
// and returns its path. A nonce keeps the caches of other tests out.
func Base(t testing.TB, ref, nonce string) string {
	t.Helper()
	image := Busybox(t, v1.Config{Env: []string{"PATH=/bin"}}, File("etc/nonce", 0o644, nonce))
	config, err := image.ConfigFile()
	if err != nil {
		t.Fatal(err)
	}
	config = config.DeepCopy()
	config.History = []v1.History{{CreatedBy: "busybox"}}
	if image, err = mutate.ConfigFile(image, config); err != nil {
		t.Fatal(err)
	}
	tag, err := name.NewTag(ref)
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "base.tar")
	if err := tarball.WriteToFile(path, tag, image); err != nil {
		t.Fatal(err)
	}
	return path
}
