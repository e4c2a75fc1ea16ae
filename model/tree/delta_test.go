package tree_test

import (
	"path"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/imgtui/imgtui/model/tree"
	"github.com/imgtui/imgtui/model/tree/treetest"
)

// plainDelta compares two plain roots path by path.
type plainDelta struct{ before, after treetest.Root }

// bare is a file without what Compare does not look at: a hard link is the
// file that it is a name of, and no layer or inode counts.
func bare(f treetest.File) treetest.File {
	if f.Payload.Carried {
		f.Kind, f.Link = tree.File, ""
	}
	f.Payload = treetest.ID{Content: f.Payload.Content}
	f.Layer = 0
	return f
}

// same tells whether nothing differs at a path and beneath.
func (d plainDelta) same(p string) bool {
	for q, f := range d.before {
		if g, ok := d.after[q]; within(q, p) && (!ok || bare(f) != bare(g)) {
			return false
		}
	}
	for q := range d.after {
		if _, ok := d.before[q]; within(q, p) && !ok {
			return false
		}
	}
	return true
}

// change tells how a path itself differs, as PRODUCT.md has the words.
func (d plainDelta) change(p string) tree.Change {
	f, was := d.before[p]
	g, is := d.after[p]
	b, a := bare(f), bare(g)
	switch {
	case d.same(p):
		return tree.Same
	case !was:
		return tree.Added
	case !is:
		return tree.Removed
	case kindOf(b) != kindOf(a):
		return tree.Replaced
	case b.Size != a.Size || b.Payload != a.Payload || b.Link != a.Link || b.Major != a.Major || b.Minor != a.Minor:
		return tree.Modified
	case b.Mode != a.Mode || b.UID != a.UID || b.GID != a.GID || b.Xattrs != a.Xattrs:
		return tree.Touched
	case a.Kind == tree.Dir && d.differsBeneath(p):
		return tree.Within
	}
	return tree.Touched
}

// kindOf takes a link that leads nowhere for the file that it should be.
func kindOf(f treetest.File) tree.Kind {
	if f.Kind == tree.Hardlink {
		return tree.File
	}
	return f.Kind
}

func (d plainDelta) differsBeneath(p string) bool {
	return slices.ContainsFunc(d.kids(p), func(k string) bool { return !d.same(k) })
}

// kids returns the paths one name beneath p on either side, by name.
func (d plainDelta) kids(p string) []string {
	all := map[string]bool{}
	for _, r := range []treetest.Root{d.before, d.after} {
		for q := range r {
			if q != "/" && path.Dir(q) == p {
				all[q] = true
			}
		}
	}
	var sorted []string
	for q := range all {
		sorted = append(sorted, q)
	}
	slices.Sort(sorted)
	return sorted
}

// walk returns p and all beneath it that differs, in path order.
func (d plainDelta) walk(p string) []string {
	all := []string{p}
	for _, k := range d.kids(p) {
		if !d.same(k) {
			all = append(all, d.walk(k)...)
		}
	}
	return all
}

func (d plainDelta) totals() tree.Totals {
	var t tree.Totals
	for _, p := range d.walk("/") {
		switch d.change(p) {
		case tree.Added:
			t.Added++
		case tree.Modified:
			t.Modified++
		case tree.Touched:
			t.Touched++
		case tree.Replaced:
			t.Replaced++
		case tree.Removed:
			t.Removed++
		}
		grown := size(d.after[p]) - size(d.before[p])
		t.AddedBytes += max(grown, 0)
		t.RemovedBytes += max(-grown, 0)
	}
	return t
}

func size(f treetest.File) int64 {
	if f.Kind == tree.File {
		return f.Size
	}
	return 0
}

// outdate lets no comparison be known any more.
func outdate() {
	tree.Carried(0, 0, tree.Entry{Unread: true, Attr: tree.Attr{Size: 1}}).Learn(1)
}

// checkDelta holds a comparison of two roots against the plain one.
func checkDelta(t *testing.T, before, after stack) {
	t.Helper()
	d, plain := tree.Compare(before.root, after.root), plainDelta{before.plain, after.plain}
	fail := func(what string, got, want any) {
		t.Helper()
		if diff := cmp.Diff(want, got); diff != "" {
			t.Fatalf("before %s\nafter %s\n%s: (-want +got)\n%s", show(before.layers), show(after.layers), what, diff)
		}
	}
	fail("totals at first", d.Totals(), plain.totals())
	outdate()
	if before.root != nil && after.root != nil {
		fail("equal", tree.Equal(before.root, after.root), plain.same("/"))
		fail("equal the other way round", tree.Equal(after.root, before.root), plain.same("/"))
	}
	var walked []string
	d.Walk(func(p string, d tree.Delta) bool {
		walked = append(walked, p)
		fail("change of "+p, d.Change().Letter(), plain.change(p).Letter())
		fail("name of "+p, d.Name(), strings.TrimPrefix(path.Base(p), "/"))
		fail("kids of "+p, names(d.All()), bases(plain.kids(p)))
		fail("directory at "+p, d.IsDir(), plain.before[p].Kind == tree.Dir || plain.after[p].Kind == tree.Dir)
		found, ok := tree.Compare(before.root, after.root).Find(p)
		fail("found "+p, ok && found == d, true)
		return true
	})
	if before.root != nil || after.root != nil {
		fail("walked", walked, plain.walk("/"))
	}
	fail("totals", d.Totals(), plain.totals())
}

func names(ds []tree.Delta) []string {
	var all []string
	for _, d := range ds {
		all = append(all, d.Name())
	}
	return all
}

func bases(paths []string) []string {
	var all []string
	for _, p := range paths {
		all = append(all, path.Base(p))
	}
	return all
}

// TestAFileWithThePayloadOfAnotherIsComparedByIt holds that it does not matter
// which node carries a content.
func TestAFileWithThePayloadOfAnotherIsComparedByIt(t *testing.T) {
	t.Parallel()
	n := treetest.Build(0, treetest.Entries("f f 1")).Root.Find("/f")
	made := new(tree.Maker).Made("f", n.Attr(), n.Payload(), nil)
	if c := tree.Compare(n, made).Change(); c != tree.Same {
		t.Errorf("got %s, want no change", c.Letter())
	}
}
