package explain

import (
	"testing"

	"github.com/imgtui/imgtui/model/tree"
	"github.com/imgtui/imgtui/model/words"
)

// rooted returns the root of a layer with that one entry.
func rooted(a tree.Attr, content uint64) *tree.Node {
	b := tree.NewBuilder(0)
	b.Add(tree.Entry{Path: "x", Attr: a, Content: content})
	return tree.Fold(nil, b.Layer())
}

func TestANoteSaysHowAPathChanged(t *testing.T) {
	t.Parallel()
	file := tree.Attr{Kind: tree.File, Mode: 0o644, Size: 1200, ModTime: 5}
	with := func(f func(*tree.Attr)) tree.Attr {
		a := file
		f(&a)
		return a
	}
	for _, c := range []struct {
		name          string
		before, after *tree.Node
		want          string
	}{
		{"added", nil, rooted(file, 1), ""},
		{"removed", rooted(file, 1), nil, ""},
		{"content", rooted(file, 1), rooted(with(func(a *tree.Attr) { a.Size = 1400 }), 2), "content 1.20 kB → 1.40 kB"},
		{"mode", rooted(file, 1), rooted(with(func(a *tree.Attr) { a.Mode = 0o600 }), 1), "mode 0644 → 0600"},
		{"owner", rooted(file, 1), rooted(with(func(a *tree.Attr) { a.UID, a.GID = 7, 8 }), 1), "owner 0:0 → 7:8"},
		{"time", rooted(file, 1), rooted(with(func(a *tree.Attr) { a.ModTime = 6 }), 1), "mtime"},
		{"mode and time", rooted(file, 1), rooted(with(func(a *tree.Attr) { a.Mode, a.ModTime = 0o600, 6 }), 1), "mode 0644 → 0600"},
		{"xattr", rooted(file, 1), rooted(with(func(a *tree.Attr) { a.Xattrs = "k=v\x00" }), 1), "xattr"},
		{"kind", rooted(file, 1), rooted(tree.Attr{Kind: tree.Symlink, Link: "y"}, 0), "file → symlink"},
		{"link", rooted(tree.Attr{Kind: tree.Symlink, Link: "y"}, 0), rooted(tree.Attr{Kind: tree.Symlink, Link: "z"}, 0), "link target"},
	} {
		d, _ := tree.Compare(c.before, c.after).Find("/x")
		if got := Note(words.English, d); got != c.want {
			t.Errorf("%s: got %q, want %q", c.name, got, c.want)
		}
	}
}
