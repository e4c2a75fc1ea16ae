//go:build linux && !noembed

package embed_test

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/moby/buildkit/client"

	"github.com/imgtui/imgtui/layers/builder/embed"
	"github.com/imgtui/imgtui/layers/builder/enginetest"
)

// TestACacheThatWasNotWrittenOutIsThrownAway: the mark of an engine that an
// earlier run of the machine had costs the cache; that of this run does not.
func TestACacheThatWasNotWrittenOutIsThrownAway(t *testing.T) {
	supported(t)
	for _, c := range []struct {
		name, mark string
		ran        int
	}{
		{"none", "", 0},
		{"of this run", string(bytes.TrimSpace(bootID(t))) + " SOMEBODY\n", 0},
		{"of an earlier run", "00000000-0000-4000-8000-000000000000 SOMEBODY\n", 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir := folder(t)
			job := enginetest.Job{Text: "FROM box\nRUN echo x >/f\n", Bases: bases(t)}
			for _, want := range []int{1, c.ran} {
				e, pid := running(t, embed.Options{StateDir: dir})
				o, err := e.Run(t, job)
				if err != nil || o.Ran != want {
					t.Fatalf("%d steps ran, want %d (%v)", o.Ran, want, err)
				}
				e.Close()
				gone(t, pid)
				if c.mark != "" {
					enginetest.Write(t, dir, map[string]string{"unwritten": c.mark})
				} else if left, err := os.ReadFile(filepath.Join(dir, "unwritten")); err == nil {
					t.Errorf("the mark %q is left", left)
				}
			}
		})
	}
}

func bootID(t *testing.T) []byte {
	t.Helper()
	b, err := os.ReadFile("/proc/sys/kernel/random/boot_id")
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// TestTheCacheIsCutDown: what is beyond the limit goes when the engine ends.
func TestTheCacheIsCutDown(t *testing.T) {
	enginetest.Long(t)
	supported(t)
	dir := folder(t)
	const limit = 12 << 20
	o := embed.Options{StateDir: dir, KeepBytes: limit}
	e, pid := running(t, o)
	for n := range 4 {
		text := fmt.Sprintf("FROM box\nRUN head -c 8000000 /dev/urandom >/f%d\n", n)
		if _, err := e.Run(t, enginetest.Job{Text: text, Bases: bases(t)}); err != nil {
			t.Fatal(err)
		}
	}
	if used := usage(t, e); used <= limit {
		t.Fatalf("%d bytes are used, want more than %d for this test", used, limit)
	}
	e.Close()
	gone(t, pid)
	if used := usage(t, engine(t, o)); used > limit {
		t.Errorf("%d bytes are used, want %d at most", used, limit)
	}
}

func usage(t *testing.T, e *enginetest.Engine) (n int64) {
	t.Helper()
	all, err := e.DiskUsage(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, u := range all {
		n += u.Size
	}
	return n
}

// TestAFullDiskIsOneLine fills a small disk. The engine goes on, and builds when
// there is room again.
func TestAFullDiskIsOneLine(t *testing.T) {
	supported(t)
	if os.Getuid() != 0 {
		t.Skip("only root can mount a small disk")
	}
	dir := folder(t)
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, "size=24m"); err != nil {
		t.Skip("no small disk: ", err)
	}
	t.Cleanup(func() { _ = syscall.Unmount(dir, syscall.MNT_DETACH) })
	e := engine(t, embed.Options{StateDir: dir})
	base := bases(t)
	o, err := e.Run(t, enginetest.Job{Text: "FROM box\nRUN head -c 64000000 /dev/zero >/big\n", Bases: base})
	if err == nil || !strings.Contains(err.Error(), "the disk of "+dir+" is full") || strings.Contains(err.Error(), "\n") {
		t.Errorf("got %v and %q, want a line that says that the disk is full", err, o.Log)
	}
	if err := e.Prune(t.Context(), nil, client.PruneAll); err != nil {
		t.Errorf("prune: %v", err)
	}
	if _, err := e.Run(t, enginetest.Job{Text: "FROM box\nRUN echo small >/f\n", Bases: base}); err != nil {
		t.Errorf("build when there is room again: %v", err)
	}
	fill(t, filepath.Join(dir, "ballast"))
	_, err = e.Run(t, enginetest.Job{Text: "FROM box\nRUN echo other >/f && cp /bin/busybox /copy\n", Bases: base})
	if err == nil || strings.Contains(err.Error(), "\n") {
		t.Errorf("got %v, want one line", err)
	}
}

func TestAFullDiskAtTheStartIsOneLine(t *testing.T) {
	supported(t)
	if os.Getuid() != 0 {
		t.Skip("only root can mount a small disk")
	}
	dir := folder(t)
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, "size=64k"); err != nil {
		t.Skip("no small disk: ", err)
	}
	t.Cleanup(func() { _ = syscall.Unmount(dir, syscall.MNT_DETACH) })
	fill(t, filepath.Join(dir, "ballast"))
	_, err := embed.Describe(t.Context(), embed.Options{StateDir: dir})
	if err == nil || !strings.Contains(err.Error(), "no space left on device") || strings.Contains(err.Error(), "\n") {
		t.Errorf("got %v, want a line that says that the disk is full", err)
	}
}

func fill(t *testing.T, path string) {
	t.Helper()
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for {
		if _, err := f.Write(make([]byte, 4096)); err != nil {
			return
		}
	}
}

// TestMemoryIsLimited: a step that is told how much it may have is held to it.
func TestMemoryIsLimited(t *testing.T) {
	enginetest.Long(t)
	e := engine(t, embed.Options{})
	job := enginetest.Job{
		Text: "FROM box\nRUN awk 'BEGIN { s = \"x\"; while (length(s) < 200000000) s = s s; print length(s) }'\n", Bases: bases(t),
		Attrs: map[string]string{"memory": "33554432"},
	}
	o, err := e.Run(t, job)
	switch {
	case err != nil && strings.Contains(err.Error(), "limit a step: "):
		if strings.Contains(err.Error(), "\n") {
			t.Errorf("got %v, want one line", err)
		}
		t.Skip("there are no limits here: ", err)
	case err == nil:
		t.Errorf("a step had more than its limit: %q", o.Log)
	}
	job.Attrs = nil
	if o, err := e.Run(t, job); err != nil {
		t.Errorf("without a limit: %v\n%s", err, o.Log)
	}
}
