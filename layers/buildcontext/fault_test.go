//go:build unix

package buildcontext_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/imgtui/imgtui/layers/buildcontext"
)

func TestWhatCannotBeReadIsSaid(t *testing.T) {
	t.Parallel()
	if os.Getuid() == 0 {
		t.Skip("root reads everything")
	}
	dir := t.TempDir()
	lay(t, dir, "a=1", "closed=secret", "room/x=1", "out/x=1", ".dockerignore=out\n!out/y\n", ".wh.b=1")
	for _, p := range []string{"closed", "room", "out"} {
		if err := os.Chmod(filepath.Join(dir, p), 0); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { os.Chmod(filepath.Join(dir, p), 0o700) })
	}
	c := walk(t, open(t, dir, buildcontext.Options{}))
	want := []string{
		"/closed: permission denied: it is sent empty",
		"/room: permission denied: the build stops at a folder that cannot be read",
		"/.wh.b: an image takes this name for the mark of a removed file",
	}
	if diff := cmp.Diff(want, c.Faults); diff != "" {
		t.Errorf("faults (-want +got):\n%s", diff)
	}
	if n := c.Root.Find("/closed"); n == nil || n.Size != 0 {
		t.Errorf("a file that cannot be read: got %+v, want an empty one", n)
	}
	if c.Root.Find("/out") != nil {
		t.Error("an ignored folder that cannot be read is sent")
	}
}

func TestAFolderThatIsNoneIsAnError(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	lay(t, dir, "file=1")
	for _, name := range []string{"file", "missing"} {
		if _, err := buildcontext.Open(filepath.Join(dir, name), buildcontext.Options{}); err == nil {
			t.Errorf("open %s: got none, want an error", name)
		}
	}
}

func TestBadRulesAreAnError(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	lay(t, dir, ".dockerignore=a\n[b\n")
	_, err := open(t, dir, buildcontext.Options{}).Walk(t.Context())
	if want := `read .dockerignore: pattern "[b": syntax error in pattern`; err == nil || err.Error() != want {
		t.Errorf("got the error %v, want %s", err, want)
	}
}
