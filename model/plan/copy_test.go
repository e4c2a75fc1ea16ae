package plan_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/imgtui/imgtui/model/plan"
	"github.com/imgtui/imgtui/model/tree"
)

// root makes a root of entries; a path that ends with a slash is a directory,
// "link -> target" a link, "name <> target" a hard link.
func root(paths ...string) *tree.Node {
	b := tree.NewBuilder(0)
	for i, p := range paths {
		e := tree.Entry{Attr: tree.Attr{Kind: tree.File, Mode: 0o640, Size: int64(i + 1), ModTime: int64(i+1)*int64(time.Second) + 5}, Content: uint64(i + 1)}
		if name, target, ok := strings.Cut(p, " -> "); ok {
			p, e.Attr = name, tree.Attr{Kind: tree.Symlink, Mode: 0o777, Link: target}
		} else if name, target, ok := strings.Cut(p, " <> "); ok {
			p, e.Attr = name, tree.Attr{Kind: tree.Hardlink, Mode: 0o640, Link: target}
		} else if strings.HasSuffix(p, "/") {
			e.Attr = tree.Attr{Kind: tree.Dir, Mode: 0o750}
		}
		e.Path = p
		b.Add(e)
	}
	return tree.Fold(nil, b.Layer())
}

// lines returns the entries of a layer, one a line.
func lines(l *tree.Layer) []string {
	var all []string
	l.Root.Walk(func(p string, n *tree.Node) bool {
		if !l.Carries(p) {
			return true
		}
		line := fmt.Sprintf("%c%o %d:%d %s", n.Kind.Letter(), n.Mode, n.UID, n.GID, p)
		if n.Payload() != nil {
			line += fmt.Sprintf(" %d", n.Payload().Size)
		}
		if n.Link != "" {
			line += " > " + n.Link
		}
		all = append(all, line)
		return true
	})
	return all
}

const passwd = "root:x:0:0::/:\n# no line\napp:x:12:34::/:\n"

func TestCopyMakesTheLayerOfBuildKit(t *testing.T) {
	from := root("a", "dir/", "dir/x", "dir/y", "dir/hard <> dir/x", "up -> dir", "t.tar")
	lower := root("there/dir/k", "etc/", "etc/passwd", "old/", "old/x", "to -> /old")
	archive := tree.NewBuilder(0)
	archive.Add(tree.Entry{Path: "in/", Attr: tree.Attr{Kind: tree.Dir, Mode: 0o700, UID: 7}})
	archive.Add(tree.Entry{Path: "in/f", Attr: tree.Attr{Kind: tree.File, Mode: 0o600, UID: 7, Size: 9}})
	archive.Add(tree.Entry{Path: "implied/f", Attr: tree.Attr{Kind: tree.File, Mode: 0o600, Size: 8}})
	unpacked := archive.Layer()
	archives := func(p string) (*tree.Layer, bool) { return unpacked, p == "/t.tar" }
	for _, c := range []struct {
		name string
		spec plan.CopySpec
		want []string
	}{
		{"a file to a file", plan.CopySpec{Sources: []string{"a"}, Dest: "/b"}, []string{"-640 0:0 /b 1"}},
		{"a file into a new folder", plan.CopySpec{Sources: []string{"a"}, Dest: "new/", WorkDir: "/w"}, []string{"d755 0:0 /w", "d755 0:0 /w/new", "-640 0:0 /w/new/a 1"}},
		{"a folder to a new name keeps nothing of its own", plan.CopySpec{Sources: []string{"dir"}, Dest: "/d"}, []string{"d755 0:0 /d", "-640 0:0 /d/hard 3", "-640 0:0 /d/x 3 > d/hard", "-640 0:0 /d/y 4"}},
		{"through a link in the root beneath", plan.CopySpec{Sources: []string{"a"}, Dest: "/to/"}, []string{"d750 0:0 /old", "-640 0:0 /old/a 1"}},
		{"but not with --link", plan.CopySpec{Sources: []string{"a"}, Dest: "/to/", Link: true}, []string{"d755 0:0 /to", "-640 0:0 /to/a 1"}},
		{"though --chmod undoes --link", plan.CopySpec{Sources: []string{"a"}, Dest: "/to/", Link: true, Chmod: "4711"}, []string{"d750 0:0 /old", "-4711 0:0 /old/a 1"}},
		{"a name in passwd", plan.CopySpec{Sources: []string{"a"}, Dest: "/n/", Chown: "app", Passwd: passwd}, []string{"d755 12:34 /n", "-640 12:34 /n/a 1"}},
		{"a name that nobody has", plan.CopySpec{Sources: []string{"a"}, Dest: "/n/", Chown: "who:5", Passwd: passwd}, []string{"d755 0:5 /n", "-640 0:5 /n/a 1"}},
		{"an octal mode counts for folders on the way", plan.CopySpec{Sources: []string{"a"}, Dest: "/n/m/", Chmod: "4750"}, []string{"d750 0:0 /n", "d750 0:0 /n/m", "-4750 0:0 /n/m/a 1"}},
		{"a symbolic one does not", plan.CopySpec{Sources: []string{"a"}, Dest: "/n/", Chmod: "a+x"}, []string{"d755 0:0 /n", "-751 0:0 /n/a 1"}},
		{"heredocs come after sources", plan.CopySpec{Sources: []string{"a"}, Inline: []plan.Inline{{Name: "a", Size: 77}}, Dest: "/n/"}, []string{"d755 0:0 /n", "-644 0:0 /n/a 77"}},
		{"parents bring their own modes", plan.CopySpec{Sources: []string{"dir/x"}, Dest: "/n/", Parents: true}, []string{"d755 0:0 /n", "d750 0:0 /n/dir", "-640 0:0 /n/dir/x 3"}},
		{"and give them to folders that are there", plan.CopySpec{Sources: []string{"dir/x"}, Dest: "/there", Parents: true}, []string{"d755 0:0 /there", "d750 0:0 /there/dir", "-640 0:0 /there/dir/x 3"}},
		{"as folders do, but for the topmost", plan.CopySpec{Sources: []string{"."}, Dest: "/there", Exclude: []string{"*", "!dir"}}, []string{"d755 0:0 /there", "d750 0:0 /there/dir", "-640 0:0 /there/dir/hard 3", "-640 0:0 /there/dir/x 3 > there/dir/hard", "-640 0:0 /there/dir/y 4"}},
		{"an archive is unpacked by ADD", plan.CopySpec{Sources: []string{"t.tar"}, Dest: "/n", Unpack: true}, []string{"d755 0:0 /n", "d755 0:0 /n/implied", "-600 0:0 /n/implied/f 8", "d700 7:0 /n/in", "-600 7:0 /n/in/f 9"}},
		{"and copied by COPY", plan.CopySpec{Sources: []string{"t.tar"}, Dest: "/n"}, []string{"-640 0:0 /n 7"}},
		{"a pattern that matches nothing", plan.CopySpec{Sources: []string{"no*"}, Dest: "/n/"}, nil},
	} {
		l, err := plan.Copy(from, lower, c.spec, archives)
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		if diff := cmp.Diff(c.want, lines(l)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", c.name, diff)
		}
	}
}

// What is there already, just so, is not in the layer again. The layers of a
// base image know times in whole seconds only: there it is.
func TestWhatIsThereJustSoIsNotCopiedAgain(t *testing.T) {
	from := root("a", "dir/", "dir/x")
	first, err := plan.Copy(from, nil, plan.CopySpec{Sources: []string{"."}, Dest: "/"}, nil)
	if err != nil {
		t.Fatal(err)
	}
	for base, want := range map[int]int{0: 0, 1: 3} {
		again, err := plan.Copy(from, tree.Fold(nil, first), plan.CopySpec{Sources: []string{"."}, Dest: "/", Layer: 1, Base: base}, nil)
		if err != nil {
			t.Fatal(err)
		}
		if got := lines(again); len(got) != want {
			t.Errorf("with %d layers of a base: got %q, want %d entries", base, got, want)
		}
	}
}

func TestCopySaysWhatIsWrong(t *testing.T) {
	from := root("a", "dir/", "dir/x", "gone -> nowhere", "loop -> loop", "t.tar")
	lower := root("file", "d/", "d/a/")
	unknown := func(string) (*tree.Layer, bool) { return nil, true }
	for _, c := range []struct {
		spec  plan.CopySpec
		lower *tree.Node
		want  string
	}{
		{plan.CopySpec{Sources: []string{"missing"}, Dest: "/"}, lower, `"/missing": not found`},
		{plan.CopySpec{Sources: []string{"a", "gone"}, Dest: "/x/"}, lower, `"/gone": not found`},
		{plan.CopySpec{Sources: []string{"loop"}, Dest: "/"}, lower, "too many links"},
		{plan.CopySpec{Sources: []string{"a["}, Dest: "/"}, lower, "invalid includepatterns: [a[]: syntax error in pattern"},
		{plan.CopySpec{Sources: []string{"a"}, Dest: "/file/"}, lower, "mkdir /file: not a directory"},
		{plan.CopySpec{Sources: []string{"dir"}, Dest: "/file"}, lower, "cannot copy to non-directory: /file"},
		{plan.CopySpec{Sources: []string{"a"}, Dest: "/d/"}, lower, "cannot replace to directory /d/a with file"},
		{plan.CopySpec{Sources: []string{"a"}, Dest: "/", Chown: "app"}, nil, "--chown=app: invalid user index -1"},
		{plan.CopySpec{Sources: []string{"a"}, Dest: "/", Chmod: "8"}, lower, "invalid chmod parameter: '8'. it should be octal string and between 0 and 07777"},
		{plan.CopySpec{Sources: []string{"a"}, Dest: "/", Chmod: "rw"}, lower, "invalid syntax"},
		{plan.CopySpec{Sources: []string{"."}, Exclude: []string{"a"}, Dest: "/x/"}, lower, `"/gone": not found`},
		{plan.CopySpec{Sources: []string{"t.tar"}, Dest: "/", Unpack: true}, lower, "unpack /t.tar: what it brings is not known before it is built"},
	} {
		_, err := plan.Copy(from, c.lower, c.spec, unknown)
		if err == nil || err.Error() != c.want {
			t.Errorf("%+v: got the error %v, want %s", c.spec, err, c.want)
		}
		if strings.HasPrefix(c.want, "unpack") && !errors.Is(err, plan.ErrUnforetold) {
			t.Errorf("%v is not ErrUnforetold", err)
		}
	}
}

func TestWorkDirMakesWhatIsMissing(t *testing.T) {
	lower := root("d/", "to -> d")
	for _, c := range []struct {
		spec plan.CopySpec
		to   string
		want []string
	}{
		{plan.CopySpec{Dest: "/a/b", Chown: "5"}, "/a/b", []string{"d755 5:5 /a", "d755 5:5 /a/b"}},
		{plan.CopySpec{Dest: "b", WorkDir: "/to"}, "/to/b", []string{"d750 0:0 /d", "d755 0:0 /d/b"}},
		{plan.CopySpec{Dest: "/d"}, "/d", nil},
	} {
		l, to, err := plan.WorkDir(lower, c.spec)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(c.want, lines(l)); diff != "" || to != c.to {
			t.Errorf("WORKDIR %s: leads to %s, want %s; the layer (-want +got):\n%s", c.spec.Dest, to, c.to, diff)
		}
	}
	if l, to, err := plan.WorkDir(lower, plan.CopySpec{Dest: "/"}); l != nil || to != "/" || err != nil {
		t.Errorf("WORKDIR /: got %v, %s, %v, want no layer", l, to, err)
	}
}
