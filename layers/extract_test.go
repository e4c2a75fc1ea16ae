package layers

import (
	"archive/tar"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/imgtui/imgtui/layers/source/sourcetest"
	"github.com/imgtui/imgtui/model/session"
	"github.com/imgtui/imgtui/model/tree"
)

// stored opens an image of one layer and returns its root.
func stored(t *testing.T, entries ...sourcetest.Entry) (*fake, *Engine, *tree.Node) {
	t.Helper()
	f := made(sourcetest.Tar(entries...))
	e := with(t, f, Options{})
	return f, e, of[session.Rooted](all(t, e, session.Index{Gen: 1}))[0].Root
}

// extract takes paths out into a folder.
func extract(t *testing.T, e *Engine, root *tree.Node, dir string, paths ...string) (session.Extracted, error) {
	t.Helper()
	for _, m := range all(t, e, session.Extract{Root: root, Paths: paths, Dir: dir, Gen: 9}) {
		switch m := m.(type) {
		case session.Extracted:
			return m, nil
		case session.Failed:
			return session.Extracted{}, m.Err
		}
	}
	t.Fatal("no answer")
	return session.Extracted{}, nil
}

// listed is a folder: "mode path content" or "mode path -> target".
func listed(t *testing.T, dir string) []string {
	t.Helper()
	var all []string
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || path == dir {
			return err
		}
		name, _ := filepath.Rel(dir, path)
		i, err := d.Info()
		if err != nil {
			return err
		}
		switch {
		case i.Mode()&fs.ModeSymlink != 0:
			to, err := os.Readlink(path)
			all = append(all, name+" -> "+to)
			return err
		case i.IsDir():
			all = append(all, fmt.Sprintf("%s/ %s", name, i.Mode().Perm()))
			return nil
		}
		b, err := os.ReadFile(path)
		all = append(all, fmt.Sprintf("%s %s %s", name, i.Mode(), b))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func moded(e sourcetest.Entry, mode int64) sourcetest.Entry {
	e.Mode = mode
	return e
}

func special(name string, flag byte) sourcetest.Entry {
	e := sourcetest.File(name, "")
	e.Typeflag = flag
	return e
}

func TestWhatIsExtractedIsWhatIsInTheImage(t *testing.T) {
	t.Parallel()
	f, e, root := stored(t,
		sourcetest.Dir("bin/"), moded(sourcetest.File("bin/su", "su"), 0o4755), sourcetest.Hardlink("bin/again", "bin/su"), sourcetest.Symlink("bin/sh", "su"),
		moded(sourcetest.Dir("closed/"), 0o555), moded(sourcetest.File("closed/secret", "s"), 0o400), moded(sourcetest.Dir("tmp/"), 0o1777),
		sourcetest.File("empty", ""), sourcetest.Symlink("up", "bin/../etc"), sourcetest.Symlink("etc/lib", "../bin"))
	f.opens()
	dir := t.TempDir()
	got, err := extract(t, e, root, dir, "/")
	if err != nil {
		t.Fatal(err)
	}
	want := []string{
		"bin/ -rwxr-xr-x", "bin/again -rwxr-xr-x su", "bin/sh -> su", "bin/su -rwxr-xr-x su",
		"closed/ -rwxr-xr-x", "closed/secret -rw------- s", "empty -rw-r--r-- ", "etc/ -rwxr-xr-x", "etc/lib -> ../bin", "tmp/ -rwxrwxrwx",
	}
	if diff := cmp.Diff(want, listed(t, dir)); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{"up: its link leads out of the folder, to bin/../etc"}, got.Skipped); diff != "" {
		t.Error(diff)
	}
	if got.Files != 6 || got.Bytes != 3 || got.Dir != dir {
		t.Errorf("told of %d files with %d bytes in %s, want 6 with 3 in %s", got.Files, got.Bytes, got.Dir, dir)
	}
	su, again := info(t, dir, "bin/su"), info(t, dir, "bin/again")
	if !os.SameFile(su, again) {
		t.Error("a hard link is a file of its own")
	}
	for _, name := range []string{"bin", "bin/su", "closed", "empty"} {
		if got := info(t, dir, name).ModTime(); !got.Equal(sourcetest.Noon) {
			t.Errorf("%s is of %s, want %s", name, got, sourcetest.Noon)
		}
	}
	if opens := f.opens(); len(opens) != 1 {
		t.Errorf("the layer was opened %d times, want once for all files", len(opens))
	}
}

func info(t *testing.T, dir, name string) fs.FileInfo {
	t.Helper()
	i, err := os.Lstat(filepath.Join(dir, name))
	if err != nil {
		t.Fatal(err)
	}
	return i
}

func TestWhatIsNamedIsExtractedUnderItsLastName(t *testing.T) {
	t.Parallel()
	_, e, root := stored(t, sourcetest.File("a/b/c", "1"), sourcetest.File("a/d", "2"), sourcetest.File("e/d", "3"))
	for _, c := range []struct {
		paths []string
		want  []string
		err   error
	}{
		{[]string{"/a/b/c"}, []string{"c -rw-r--r-- 1"}, nil},
		{[]string{"/a/b"}, []string{"b/ -rwxr-xr-x", "b/c -rw-r--r-- 1"}, nil},
		{[]string{"/a/b/c", "/a/d"}, []string{"c -rw-r--r-- 1", "d -rw-r--r-- 2"}, nil},
		{[]string{"/a", "/a/b/c"}, []string{"a/ -rwxr-xr-x", "a/b/ -rwxr-xr-x", "a/b/c -rw-r--r-- 1", "a/d -rw-r--r-- 2", "c -rw-r--r-- 1"}, nil},
		{[]string{"/a/d", "/e/d"}, []string{"d -rw-r--r-- 2"}, fs.ErrExist},
		{[]string{"/nowhere"}, nil, fs.ErrNotExist},
	} {
		dir := filepath.Join(t.TempDir(), "new/folder")
		_, err := extract(t, e, root, dir, c.paths...)
		if !errors.Is(err, c.err) {
			t.Errorf("%v: got %v, want %v", c.paths, err, c.err)
		}
		if diff := cmp.Diff(c.want, listed(t, dir)); diff != "" {
			t.Errorf("%v: %s", c.paths, diff)
		}
	}
}

func TestNothingIsOverwritten(t *testing.T) {
	t.Parallel()
	_, e, root := stored(t, sourcetest.File("etc/motd", "new"), sourcetest.Symlink("link", "etc"), moded(sourcetest.Dir("etc/"), 0o755))
	for name, c := range map[string]struct {
		there func(dir string) error
		path  string
		kept  string
	}{
		"a file":              {func(d string) error { return os.WriteFile(d+"/motd", []byte("old"), 0o600) }, "/etc/motd", "motd -rw------- old"},
		"a folder for a file": {func(d string) error { return os.Mkdir(d+"/motd", 0o700) }, "/etc/motd", "motd/ -rwx------"},
		"a link for a file":   {func(d string) error { return os.Symlink("/etc/passwd", d+"/motd") }, "/etc/motd", "motd -> /etc/passwd"},
		"a file for a folder": {func(d string) error { return os.WriteFile(d+"/etc", []byte("old"), 0o600) }, "/etc", "etc -rw------- old"},
		"a link for a folder": {func(d string) error { return os.Symlink("/usr", d+"/etc") }, "/etc", "etc -> /usr"},
		"a file for a link":   {func(d string) error { return os.WriteFile(d+"/link", []byte("old"), 0o600) }, "/link", "link -rw------- old"},
		"a file in the folder": {func(d string) error {
			return errors.Join(os.Mkdir(d+"/etc", 0o700), os.WriteFile(d+"/etc/motd", nil, 0o600))
		}, "/etc", "etc/ -rwx------"},
	} {
		dir := t.TempDir()
		if err := c.there(dir); err != nil {
			t.Fatal(err)
		}
		before := listed(t, dir)
		if _, err := extract(t, e, root, dir, c.path); !errors.Is(err, fs.ErrExist) {
			t.Errorf("%s: got %v, want that it exists", name, err)
		}
		if diff := cmp.Diff(before, listed(t, dir)); diff != "" || !slices.Contains(before, c.kept) {
			t.Errorf("%s: %s", name, diff)
		}
	}
}

func TestAFolderThatIsThereStaysAsItIsWithMoreInIt(t *testing.T) {
	t.Parallel()
	_, e, root := stored(t, sourcetest.File("etc/motd", "new"), moded(sourcetest.Dir("etc/"), 0o777))
	dir := t.TempDir()
	old := time.Date(2001, 1, 1, 0, 0, 0, 0, time.UTC)
	etc := filepath.Join(dir, "etc")
	if err := errors.Join(os.Mkdir(etc, 0o700), os.WriteFile(etc+"/mine", nil, 0o600), os.Chmod(etc, 0o711), os.Chtimes(etc, old, old)); err != nil {
		t.Fatal(err)
	}
	if _, err := extract(t, e, root, dir, "/etc"); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"etc/ -rwx--x--x", "etc/mine -rw------- ", "etc/motd -rw-r--r-- new"}, listed(t, dir)); diff != "" {
		t.Error(diff)
	}
	if got := info(t, dir, "etc").ModTime(); got.Equal(sourcetest.Noon) {
		t.Error("a folder of the user's got the time of the image's")
	}
}

// TestNoLinkLeadsOutOfTheFolder tries names that look harmless.
func TestNoLinkLeadsOutOfTheFolder(t *testing.T) {
	t.Parallel()
	links := map[string]string{
		"abs": "/etc/passwd", "up": "..", "d/up2": "../..", "d/e/up3": "../../..", "dot": ".", "d/self": ".", "d/chain": "self/../..", "d/far": "self/../../x",
		"d/ok": "../f", "d/e/ok": "../../d/./f", "d/e/ok2": "..//..//f", "nul": "f\x00", "back": "d/../f", "empty": "",
	}
	var entries []sourcetest.Entry
	for name, to := range links {
		if to != "" && !strings.Contains(to, "\x00") {
			entries = append(entries, sourcetest.Symlink(name, to))
		}
	}
	_, e, root := stored(t, append(entries, sourcetest.File("f", "1"))...)
	outer := t.TempDir()
	dir := filepath.Join(outer, "in")
	if _, err := extract(t, e, root, dir, "/"); err != nil {
		t.Fatal(err)
	}
	for name, to := range links {
		path := filepath.Join(dir, name)
		_, err := os.Lstat(path)
		made := err == nil
		if want := strings.Contains(name, "ok") || name == "dot" || name == "d/self"; made != want {
			t.Errorf("%s -> %q: made %v, want %v", name, to, made, want)
		}
		if at, err := filepath.EvalSymlinks(path); made && err == nil && at != dir && !strings.HasPrefix(at, dir+"/") {
			t.Errorf("%s -> %q leads to %s", name, to, at)
		}
		if stays(name, to) && (to == "" || strings.Contains(to, "\x00")) {
			t.Errorf("%s -> %q is taken for a link that stays", name, to)
		}
	}
	if got := listed(t, outer); got[0] != "in/ -rwxr-xr-x" {
		t.Errorf("beside the folder: %q", got[0])
	}
}

// TestStaysAgreesWithTheFilesystem tries every short link in a tree of links.
func TestStaysAgreesWithTheFilesystem(t *testing.T) {
	t.Parallel()
	outer := t.TempDir()
	dir := filepath.Join(outer, "in")
	if err := errors.Join(os.MkdirAll(filepath.Join(dir, "d/e"), 0o755), os.Symlink("d", filepath.Join(dir, "s")), os.Symlink("e", filepath.Join(dir, "d/t")),
		os.Symlink("..", filepath.Join(dir, "d/u"))); err != nil {
		t.Fatal(err)
	}
	names := []string{"..", ".", "d", "e", "s", "t", "u"}
	tried := 0
	for n := range len(names) * len(names) * len(names) * len(names) {
		var parts []string
		for ; n > 0; n /= len(names) {
			parts = append(parts, names[n%len(names)])
		}
		link := strings.Join(parts, "/")
		for _, at := range []string{"l", "d/l", "d/e/l"} {
			if link == "" || !stays(at, link) {
				continue
			}
			to, err := filepath.EvalSymlinks(filepath.Dir(filepath.Join(dir, at)) + "/" + link)
			if tried++; err == nil && to != dir && !strings.HasPrefix(to, dir+"/") {
				t.Errorf("%s -> %s is taken for one that stays, and leads to %s", at, link, to)
			}
		}
	}
	if tried < 1000 {
		t.Errorf("%d links were tried", tried)
	}
}

func TestWhatCannotBeMadeIsSaid(t *testing.T) {
	t.Parallel()
	_, e, root := stored(t, special("null", tar.TypeChar), special("disk", tar.TypeBlock), special("pipe", tar.TypeFifo), sourcetest.Hardlink("lost", "nowhere"),
		sourcetest.File("f", "1"))
	dir := t.TempDir()
	got, err := extract(t, e, root, dir, "/")
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, text := range got.Skipped {
		name, why, _ := strings.Cut(text, ": ")
		names = append(names, name)
		if len(why) < 10 {
			t.Errorf("%s is left out because of %q", name, why)
		}
	}
	if diff := cmp.Diff([]string{"disk", "lost", "null", "pipe"}, names); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{"f -rw-r--r-- 1"}, listed(t, dir)); diff != "" {
		t.Error(diff)
	}
}

func TestAFailingReadLeavesNoHalfFile(t *testing.T) {
	t.Parallel()
	f, e, root := stored(t, sourcetest.File("a", "whole"), sourcetest.File("b", sourcetest.Noise(1, 1<<20)))
	reads := 0
	f.read = func(int) error {
		if reads++; reads > 100 {
			return errBroken
		}
		return nil
	}
	dir := t.TempDir()
	if _, err := extract(t, e, root, dir, "/"); !errors.Is(err, errBroken) || !strings.HasPrefix(err.Error(), "extract to "+dir+": layer 0: ") {
		t.Errorf("got %v", err)
	}
	if diff := cmp.Diff([]string{"a -rw-r--r-- whole"}, listed(t, dir)); diff != "" {
		t.Error(diff)
	}
}

func TestACancelledExtractionLeavesNoHalfFile(t *testing.T) {
	t.Parallel()
	f, e, root := stored(t, sourcetest.File("b", sourcetest.Noise(1, 1<<20)))
	ctx, cancel := context.WithCancel(t.Context())
	reads := 0
	f.read = func(int) error {
		if reads++; reads > 100 {
			cancel()
		}
		return nil
	}
	dir := t.TempDir()
	var got error
	e.Do(ctx, session.Extract{Root: root, Paths: []string{"/b"}, Dir: dir, Gen: 3}, func(m session.Msg) { got = m.(session.Failed).Err })
	if !errors.Is(got, context.Canceled) || len(listed(t, dir)) > 0 {
		t.Errorf("got %v, left %q", got, listed(t, dir))
	}
}

func TestCopiesForAnEditorAreOnesOwnAndGoneAfterAFailure(t *testing.T) {
	tmp := t.TempDir()
	t.Setenv("TMPDIR", tmp)
	f, e, root := stored(t, moded(sourcetest.File("bin/tool", "#!/bin/sh\n"), 0o4777))
	ms := all(t, e, session.Extract{Root: root, Paths: []string{"/bin/tool"}, Dir: "/nowhere", Edit: true, Gen: 2})
	got := of[session.Extracted](ms)
	if len(got) != 1 || filepath.Dir(got[0].Dir) != tmp {
		t.Fatalf("got %v", ms)
	}
	if diff := cmp.Diff([]string{"tool -rw------- #!/bin/sh\n"}, listed(t, got[0].Dir)); diff != "" {
		t.Error(diff)
	}
	if mode := info(t, tmp, filepath.Base(got[0].Dir)).Mode().Perm(); mode != 0o700 {
		t.Errorf("the folder is %s, want it closed to others", mode)
	}
	if err := os.RemoveAll(got[0].Dir); err != nil {
		t.Fatal(err)
	}
	f.hook = only(0, errBroken)
	failure(t, all(t, e, session.Extract{Root: root, Paths: []string{"/bin/tool"}, Edit: true, Gen: 3}))
	if left := listed(t, tmp); len(left) > 0 {
		t.Errorf("after a failure there is left %q", left)
	}
}

func TestTheHomeFolderIsMeantByATilde(t *testing.T) {
	home := t.TempDir()
	t.Setenv("HOME", home)
	_, e, root := stored(t, sourcetest.File("f", "1"))
	if _, err := extract(t, e, root, "~/out", "/f"); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"out/ -rwxr-xr-x", "out/f -rw-r--r-- 1"}, listed(t, home)); diff != "" {
		t.Error(diff)
	}
}

func TestAFolderThatCannotBeMadeIsAnError(t *testing.T) {
	t.Parallel()
	_, e, root := stored(t, sourcetest.File("f", "1"))
	in := sourcetest.Write(t, "file", nil)
	for _, dir := range []string{in, in + "/folder", "bad\x00name"} {
		if _, err := extract(t, e, root, dir, "/f"); err == nil || strings.Contains(err.Error(), "\n") {
			t.Errorf("%q: got %v", dir, err)
		}
	}
}
