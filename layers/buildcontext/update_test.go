//go:build unix

package buildcontext_test

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/imgtui/imgtui/layers/buildcontext"
	"github.com/imgtui/imgtui/model/plan"
	"github.com/imgtui/imgtui/model/tree"
)

// alike compares what was updated with what a walk of its own finds.
func alike(t *testing.T, what string, got, want plan.Context) {
	t.Helper()
	if d := tree.Compare(want.Root, got.Root); d.Change() != tree.Same {
		t.Errorf("%s: the tree differs (-walk +update):\n%s", what, cmp.Diff(walked(want), walked(got)))
	}
	got.Root, want.Root = nil, nil
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("%s (-walk +update):\n%s", what, diff)
	}
}

// Whatever happens to a folder, looking again at what changed gives what a
// walk gives.
func TestUpdateFindsWhatAWalkFinds(t *testing.T) {
	t.Parallel()
	for seed := range uint64(15) {
		random := rand.New(rand.NewPCG(seed, 9))
		dir := t.TempDir()
		ignore := []string{"", "b\n", "**/*.go\n", "b\n!b/a\n", "*\n!a\n"}[random.IntN(5)]
		lay(t, dir, "a/a=1", "a/b/c.go=2", "b/a/d.md=3", "d.md=4", ".dockerignore="+ignore)
		f := open(t, dir, buildcontext.Options{})
		walk(t, f)
		for range 15 {
			var paths []string
			for range 1 + random.IntN(3) {
				paths = append(paths, strings.Split(disturb(t, dir, random), "\x00")...)
			}
			got, err := f.Update(t.Context(), paths)
			if err != nil {
				t.Fatal(err)
			}
			alike(t, fmt.Sprintf("seed %d, rules %q, %q", seed, ignore, paths), got, walk(t, open(t, dir, buildcontext.Options{})))
			if t.Failed() {
				return
			}
		}
	}
}

// disturb does something to a folder and returns the path that says so.
func disturb(t *testing.T, dir string, random *rand.Rand) string {
	t.Helper()
	names := []string{"a", "b", "c.go", "d.md"}
	p := names[random.IntN(len(names))]
	for range random.IntN(3) {
		p = filepath.Join(p, names[random.IntN(len(names))])
	}
	at := filepath.Join(dir, p)
	switch random.IntN(7) {
	case 0:
		_ = os.RemoveAll(at)
	case 1:
		_ = os.Chmod(at, 0o700|os.FileMode(random.IntN(8)))
	case 2:
		_ = layOne(dir, p+"->x")
	case 3:
		_ = layOne(dir, p+"/")
	case 4:
		_ = os.Link(filepath.Join(dir, "a/a"), at)
	case 5:
		_ = os.Rename(filepath.Join(dir, "a"), filepath.Join(dir, "c.go"))
		return "c.go\x00a"
	default:
		if _, err := os.Readlink(at); err == nil {
			return p // what is written goes elsewhere
		}
		_ = layOne(dir, p+"="+strings.Repeat("x", random.IntN(9)))
	}
	return p
}

func TestANewIgnoreFileIsHeeded(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	lay(t, dir, "a=1", "b=2")
	f := open(t, dir, buildcontext.Options{})
	walk(t, f)
	lay(t, dir, ".dockerignore=b\n")
	c, err := f.Update(t.Context(), []string{".dockerignore"})
	if err != nil {
		t.Fatal(err)
	}
	if got, want := slices.Sorted(maps.Keys(walked(c))), []string{"/.dockerignore", "/a"}; !cmp.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

// A file may be written twice within one tick of the clock, with the same
// size: its times then say nothing.
func TestAFileWrittenTwiceWithinATickIsReadAgain(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	at := filepath.Join(dir, "a")
	lay(t, dir, "a=one")
	f := open(t, dir, buildcontext.Options{})
	before := walk(t, f).Root.Find("/a").Payload().Content()
	i, err := os.Stat(at)
	if err != nil {
		t.Fatal(err)
	}
	w, err := os.OpenFile(at, os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	if _, err := w.WriteString("two"); err != nil {
		t.Fatal(err)
	}
	if err := os.Chtimes(at, i.ModTime(), i.ModTime()); err != nil {
		t.Fatal(err)
	}
	if after := walk(t, f).Root.Find("/a").Payload().Content(); after == before {
		t.Error("the file was written anew with the same size and time, and is taken for the old one")
	}
}

func TestFilesThatAreAsTheyWereAreNotReadAgain(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	lay(t, dir, "a=one", "b/c=three")
	past := time.Now().Add(-time.Hour)
	for _, p := range []string{"a", "b/c"} {
		if err := os.Chtimes(filepath.Join(dir, p), past, past); err != nil {
			t.Fatal(err)
		}
	}
	time.Sleep(2100 * time.Millisecond) // the files' own clock has to be past what may be racy
	var m buildcontext.Memory
	var read int64
	o := buildcontext.Options{Memory: &m, Progress: func(_, bytes int64) { read = bytes }}
	walk(t, open(t, dir, o))
	if read != 8 || m.Len() != 2 {
		t.Fatalf("cold: read %d bytes and remember %d files, want 8 and 2", read, m.Len())
	}
	read = 0
	walk(t, open(t, dir, o))
	if read != 0 {
		t.Errorf("warm: read %d bytes, want none", read)
	}
	stored, err := m.MarshalBinary()
	if err != nil {
		t.Fatal(err)
	}
	var other buildcontext.Memory
	if err := other.UnmarshalBinary(append([]byte{1}, stored...)); err == nil {
		t.Error("a memory that is not whole is taken")
	}
	if err := other.UnmarshalBinary(stored); err != nil {
		t.Fatal(err)
	}
	walk(t, open(t, dir, buildcontext.Options{Memory: &other, Progress: o.Progress}))
	if read != 0 {
		t.Errorf("with a memory from an earlier run: read %d bytes, want none", read)
	}
	if err := os.Remove(filepath.Join(dir, "a")); err != nil {
		t.Fatal(err)
	}
	walk(t, open(t, dir, o))
	if m.Len() != 1 {
		t.Errorf("after a file is gone: %d files are remembered, want 1", m.Len())
	}
}
