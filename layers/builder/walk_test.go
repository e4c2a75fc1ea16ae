package builder_test

import (
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"github.com/moby/patternmatcher/ignorefile"
	"github.com/tonistiigi/fsutil"
	"github.com/tonistiigi/fsutil/types"
	"github.com/zeebo/xxh3"

	"github.com/imgtui/imgtui/model/plan"
	"github.com/imgtui/imgtui/model/tree"
)

// walk reads a build context as BuildKit's client would send it.
func walk(t testing.TB, dir string) *plan.Context {
	t.Helper()
	base, err := fsutil.NewFS(dir)
	if err != nil {
		t.Fatal(err)
	}
	sent, err := fsutil.NewFilterFS(base, &fsutil.FilterOpt{ExcludePatterns: ignored(t, dir)})
	if err != nil {
		t.Fatal(err)
	}
	b := tree.NewBuilder(0)
	err = sent.Walk(t.Context(), "", func(path string, e fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := e.Info()
		if err != nil {
			return err
		}
		entry := entryOf(path, info.Mode(), info.Sys().(*types.Stat))
		if entry.Kind == tree.File {
			entry.Content = contentOf(t, sent, path)
		}
		b.Add(entry)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return &plan.Context{Dir: dir, Root: b.Layer().Root}
}

func ignored(t testing.TB, dir string) []string {
	t.Helper()
	f, err := os.Open(filepath.Join(dir, ".dockerignore"))
	if os.IsNotExist(err) {
		return nil
	}
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	patterns, err := ignorefile.ReadAll(f)
	if err != nil {
		t.Fatal(err)
	}
	return patterns
}

func entryOf(path string, mode fs.FileMode, s *types.Stat) tree.Entry {
	a := tree.Attr{Kind: tree.File, Mode: uint32(mode.Perm()), Size: s.Size, ModTime: s.ModTime}
	for bit, has := range map[uint32]bool{0o4000: mode&fs.ModeSetuid != 0, 0o2000: mode&fs.ModeSetgid != 0, 0o1000: mode&fs.ModeSticky != 0} {
		if has {
			a.Mode |= bit
		}
	}
	switch {
	case mode.IsDir():
		a.Kind, a.Size = tree.Dir, 0
	case mode&fs.ModeSymlink != 0:
		a.Kind, a.Link, a.Size, a.Mode = tree.Symlink, s.Linkname, 0, 0o777
	case s.Linkname != "":
		a.Kind, a.Link = tree.Hardlink, s.Linkname
	}
	return tree.Entry{Path: path, Attr: a}
}

func contentOf(t testing.TB, from fsutil.FS, path string) uint64 {
	t.Helper()
	f, err := from.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	h := xxh3.New()
	if _, err := io.Copy(h, f); err != nil {
		t.Fatal(err)
	}
	return h.Sum64()
}
