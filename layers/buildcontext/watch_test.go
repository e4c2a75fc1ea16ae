//go:build unix

package buildcontext_test

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/imgtui/imgtui/layers/buildcontext"
	"github.com/imgtui/imgtui/model/plan"
)

// watching keeps a folder true while a test changes it.
type watching struct {
	t      *testing.T
	dir    string
	folder *buildcontext.Folder
	seen   chan plan.Context
	paths  chan []string
}

func watch(t *testing.T, dir string, o buildcontext.Options) *watching {
	t.Helper()
	w := &watching{t: t, dir: dir, folder: open(t, dir, o), seen: make(chan plan.Context, 100), paths: make(chan []string, 100)}
	walk(t, w.folder)
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error)
	go func() {
		done <- w.folder.Watch(ctx, func(paths []string) {
			c, err := w.folder.Update(ctx, paths)
			if err == nil {
				w.seen <- c
			}
			w.paths <- paths
		})
	}()
	t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			t.Errorf("watch ended with %v, want nil", err)
		}
	})
	w.settle()
	return w
}

// settle waits until the watch is on: until it sees a file come.
func (w *watching) settle() {
	w.t.Helper()
	for i := range 200 {
		lay(w.t, w.dir, "settled="+string(rune('a'+i)))
		select {
		case <-w.paths:
			w.until("it is settled", func(c plan.Context) bool { return c.Root.Find("/settled") != nil })
			return
		case <-time.After(300 * time.Millisecond):
		}
	}
	w.t.Fatal("nothing is seen to change")
}

// until waits for a context that satisfies.
func (w *watching) until(what string, ok func(plan.Context) bool) {
	w.t.Helper()
	deadline := time.After(time.Minute)
	for {
		select {
		case c := <-w.seen:
			if ok(c) {
				return
			}
		case <-deadline:
			w.t.Fatalf("%s: not seen in a minute", what)
		}
	}
}

func TestWatchSeesWhatHappens(t *testing.T) {
	t.Parallel()
	for name, o := range map[string]buildcontext.Options{"told": {}, "polled": {Poll: 50 * time.Millisecond}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			lay(t, dir, "a=1", "sub/deep/b=2", ".dockerignore=out\n")
			w := watch(t, dir, o)
			size := func(p string, bytes int64) func(plan.Context) bool {
				return func(c plan.Context) bool {
					n := c.Root.Find(p)
					return n != nil && n.Size == bytes
				}
			}
			lay(t, dir, "sub/deep/b=changed")
			w.until("a changed file", size("/sub/deep/b", 7))
			lay(t, dir, "new/er/c=12345")
			w.until("a new folder", size("/new/er/c", 5))
			lay(t, dir, "new/er/d=123")
			w.until("a file in a new folder", size("/new/er/d", 3))
			if err := os.RemoveAll(filepath.Join(dir, "sub")); err != nil {
				t.Fatal(err)
			}
			w.until("a folder that is gone", func(c plan.Context) bool { return c.Root.Find("/sub") == nil })
			if err := os.Chmod(filepath.Join(dir, "a"), 0o755); err != nil {
				t.Fatal(err)
			}
			w.until("another mode", func(c plan.Context) bool { return c.Root.Find("/a").Mode == 0o755 })
			lay(t, dir, ".dockerignore=new\n", "out/x=1")
			w.until("new rules", func(c plan.Context) bool { return c.Root.Find("/new") == nil && c.Root.Find("/out/x") != nil })
			lay(t, dir, "out/y=22")
			w.until("a file in a folder that was ignored", size("/out/y", 2))
		})
	}
}

func TestWhatIsIgnoredIsNotTold(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	lay(t, dir, "out/x=1", ".dockerignore=out\n")
	w := watch(t, dir, buildcontext.Options{})
	for len(w.paths) > 0 {
		<-w.paths
	}
	lay(t, dir, "out/y=1", "out/x=2", "out/sub/z=3")
	time.Sleep(250 * time.Millisecond)
	lay(t, dir, "last=1")
	for deadline := time.After(time.Minute); ; {
		var paths []string
		select {
		case paths = <-w.paths:
		case <-deadline:
			t.Fatal("not told of the last")
		}
		for _, p := range paths {
			if len(p) > 3 && p[:4] == "out/" {
				t.Fatalf("told of %q, want nothing of what is ignored", p)
			}
		}
		if slices.Contains(paths, "last") {
			return
		}
	}
}
