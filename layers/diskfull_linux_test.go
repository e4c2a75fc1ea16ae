package layers

import (
	"errors"
	"os"
	"strings"
	"syscall"
	"testing"

	"github.com/imgtui/imgtui/layers/source/sourcetest"
)

// TestAFullDiskLeavesNoHalfFile needs root, for a disk of its own.
func TestAFullDiskLeavesNoHalfFile(t *testing.T) {
	_, e, root := stored(t, sourcetest.File("a", "small"), sourcetest.File("b", sourcetest.Noise(1, 200_000)))
	dir := t.TempDir()
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, "size=65536"); err != nil {
		t.Skipf("no disk of its own: %v", err)
	}
	t.Cleanup(func() { syscall.Unmount(dir, 0) })
	_, err := extract(t, e, root, dir, "/a", "/b")
	if !errors.Is(err, syscall.ENOSPC) {
		t.Errorf("got %v, want that the disk is full", err)
	}
	if got := listed(t, dir); len(got) != 1 || got[0] != "a -rw-r--r-- small" {
		t.Errorf("left %q", got)
	}
	t.Setenv("TMPDIR", dir)
	big := sourcetest.Legacy(sourcetest.App("a:1"), sourcetest.Image{Tags: []string{"b:1"}, Steps: []sourcetest.Step{{By: "x", Layer: sourcetest.Tar(sourcetest.File("f", sourcetest.Noise(2, 200_000)))}}})
	path := sourcetest.Write(t, "x", sourcetest.Gzip(big.Tar()))
	_, err = openOnly(t, path)
	if err == nil || !strings.HasPrefix(err.Error(), "open "+path+": temporary file: no space left in "+dir+" after ") {
		t.Errorf("a whole archive that is unpacked there: got %v", err)
	}
	if got, _ := os.ReadDir(dir); len(got) != 1 {
		t.Errorf("left %v", got)
	}
}
