package tree_test

import (
	"path"
	"testing"

	"github.com/imgtui/imgtui/model/tree"
)

func TestPathsAreCleanedAsAbsoluteOnes(t *testing.T) {
	for in, want := range map[string]string{
		"": "/", "/": "/", ".": "/", "./": "/", "..": "/", "a": "/a", "/a": "/a", "a/": "/a", "./a": "/a", "//a//b//": "/a/b",
		"a/./b": "/a/b", "a/../b": "/b", "../../a": "/a", "a/b/../../..": "/", "a/.b": "/a/.b", ".a/..b": "/.a/..b", "a/b...": "/a/b...",
		"/a/b/c": "/a/b/c", "a\\b": "/a\\b", "a b/\n": "/a b/\n", "\xff/\x00": "/\xff/\x00",
	} {
		if got := tree.Clean(in); got != want {
			t.Errorf("Clean(%q) = %q, want %q", in, got, want)
		}
	}
}

// FuzzClean cleans any path as the standard library cleans an absolute one.
func FuzzClean(f *testing.F) {
	f.Add("a/../..//b/./.c/")
	f.Add("/usr/lib/x")
	f.Fuzz(func(t *testing.T, p string) {
		got := tree.Clean(p)
		if want := path.Clean("/" + p); got != want {
			t.Errorf("Clean(%q) = %q, want %q", p, got, want)
		}
		if again := tree.Clean(got); again != got {
			t.Errorf("Clean(%q) = %q, and cleaned again %q", p, got, again)
		}
	})
}
