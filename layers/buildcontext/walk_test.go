//go:build unix

package buildcontext_test

import (
	"context"
	"fmt"
	"io"
	gofs "io/fs"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/moby/patternmatcher/ignorefile"
	"github.com/tonistiigi/fsutil"
	"github.com/tonistiigi/fsutil/types"
	"github.com/zeebo/xxh3"

	"github.com/imgtui/imgtui/layers/buildcontext"
	"github.com/imgtui/imgtui/model/plan"
	"github.com/imgtui/imgtui/model/tree"
)

// make puts files into a folder: "dir/", "file=content", "link->target",
// "name<>of" for a hard link, "pipe|".
func lay(t testing.TB, dir string, specs ...string) {
	t.Helper()
	for _, s := range specs {
		if err := layOne(dir, s); err != nil {
			t.Fatal(err)
		}
	}
}

func layOne(dir, s string) error {
	at := func(name string) string {
		p := filepath.Join(dir, name)
		_ = os.MkdirAll(filepath.Dir(p), 0o755)
		return p
	}
	if name, target, ok := strings.Cut(s, "->"); ok {
		return os.Symlink(target, at(name))
	}
	if name, old, ok := strings.Cut(s, "<>"); ok {
		return os.Link(filepath.Join(dir, old), at(name))
	}
	if name, ok := strings.CutSuffix(s, "|"); ok {
		return syscall.Mkfifo(at(name), 0o640)
	}
	if strings.HasSuffix(s, "/") {
		return os.MkdirAll(filepath.Join(dir, s), 0o755)
	}
	name, content, _ := strings.Cut(s, "=")
	return os.WriteFile(at(name), []byte(content), 0o644)
}

// sent is a path as the oracle and the walk are compared by.
type sent struct {
	Kind    tree.Kind
	Mode    uint32
	Size    int64
	ModTime int64
	Link    string
	Content uint64
}

// oracle is what BuildKit's own client sends.
func oracle(t testing.TB, dir, ignore string) map[string]sent {
	t.Helper()
	excludes, err := ignorefile.ReadAll(strings.NewReader(ignore))
	if err != nil {
		t.Fatal(err)
	}
	disk, err := fsutil.NewFS(dir)
	if err != nil {
		t.Fatal(err)
	}
	filtered, err := fsutil.NewFilterFS(disk, &fsutil.FilterOpt{ExcludePatterns: excludes})
	if err != nil {
		t.Fatal(err)
	}
	filtered = fsutil.WithHardlinkReset(filtered)
	all := map[string]sent{}
	err = filtered.Walk(t.Context(), "/", func(p string, e gofs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		i, err := e.Info()
		if err != nil {
			return err
		}
		all["/"+p] = sentOf(t, filtered, p, i)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func sentOf(t testing.TB, disk fsutil.FS, p string, i gofs.FileInfo) sent {
	st := i.Sys().(*types.Stat)
	m := i.Mode()
	s := sent{Kind: tree.File, Mode: uint32(m.Perm()), ModTime: st.ModTime}
	for bit, octal := range map[os.FileMode]uint32{os.ModeSetuid: 0o4000, os.ModeSetgid: 0o2000, os.ModeSticky: 0o1000} {
		if m&bit != 0 {
			s.Mode |= octal
		}
	}
	switch {
	case m.IsDir():
		s.Kind = tree.Dir
	case m&os.ModeSymlink != 0:
		s.Kind, s.Link = tree.Symlink, st.Linkname
	case m&os.ModeNamedPipe != 0:
		s.Kind = tree.Fifo
	case st.Linkname != "":
		s.Kind, s.Link = tree.Hardlink, st.Linkname
	default:
		f, err := disk.Open(p)
		if err != nil {
			return s // BuildKit's client sends it without content
		}
		defer f.Close()
		b, err := io.ReadAll(f)
		if err != nil {
			t.Fatal(err)
		}
		if s.Size = int64(len(b)); len(b) > 0 {
			s.Content = xxh3.Hash(b)
		}
	}
	return s
}

// walked is what the walk found, in the same form.
func walked(c plan.Context) map[string]sent {
	all := map[string]sent{}
	c.Root.Walk(func(p string, n *tree.Node) bool {
		if p == "/" {
			return true
		}
		s := sent{Kind: n.Kind, Mode: n.Mode, ModTime: n.ModTime, Link: n.Link}
		if n.Kind == tree.File {
			s.Size, s.Content = n.Size, n.Payload().Content()
		}
		all[p] = s
		return true
	})
	return all
}

func open(t testing.TB, dir string, o buildcontext.Options) *buildcontext.Folder {
	t.Helper()
	f, err := buildcontext.Open(dir, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() })
	return f
}

func walk(t testing.TB, f *buildcontext.Folder) plan.Context {
	t.Helper()
	c, err := f.Walk(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// sends checks a folder against the oracle, with and without a memory.
func sends(t testing.TB, dir, ignore string) {
	t.Helper()
	f := open(t, dir, buildcontext.Options{})
	want := oracle(t, dir, ignore)
	for _, round := range []string{"cold", "warm"} {
		if diff := cmp.Diff(want, walked(walk(t, f))); diff != "" {
			t.Errorf("%s, .dockerignore %q (-want +got):\n%s", round, ignore, diff)
		}
	}
}

var project = []string{
	"Dockerfile=FROM scratch", "README.md=read", "main.go=package main", "empty=", ".git/HEAD=ref", ".git/objects/ab/cd=blob", ".env=SECRET=1",
	"src/a.go=a", "src/b/b.go=b", "src/b/test/b_test.go=t", "src/.hidden=h", "node_modules/x/index.js=js", "node_modules/keep/me=1", "node_modules/keep/not=2",
	"docs/a.md=a", "docs/README.md=r", "docs/deep/er/c.md=c", "link->src/a.go", "out->/etc", "dangling->nowhere", "dirlink->src", "void/", "pipe|",
	"zz<>src/a.go", "src/aa<>src/a.go", "with space/ü.txt=u", "Case=1", "case=2", "[odd]/*=star", `back\slash=b`, "src/b/Dockerfile=x",
}

func TestWalkSendsWhatBuildKitSends(t *testing.T) {
	t.Parallel()
	for _, ignore := range []string{
		"", "# nothing\n", "*\n", "**\n", "*\n!src\n", "**/*.md\n!README.md\n", "*.md\n!README*.md\nREADME.md\n", ".git\nnode_modules\n", "node_modules\n!node_modules/keep\n",
		"node_modules\n!node_modules/keep/me\n", "node_modules/\n", "/src/b\n", "src/*\n!src/b\n", "src\n!src/b/test\nsrc/b/test/*_test.go\n", "**/b\n", "**/test/**\n", "docs/**\n!docs/**/c.md\n",
		"*\n!**/*.go\n", "src/**/b.go\n", "?ase\n", "[Cc]ase\n", "with space\n", "**/ü*\n", "src/a.go\n", "zz\nsrc/a.go\n", "link\nout\ndirlink/a.go\n", ".*\n!.env\n", "Dockerfile\n.dockerignore\n",
		"docs\n!docs/deep/er\n", "*\n!docs/*.md\n", "\\[odd\\]\n", "**/*_test.go\r\nvoid\r\n", "!src\nsrc\n", "src\n!src\n", "..\n../x\n", "void\npipe\n",
	} {
		t.Run(strings.ReplaceAll(strings.TrimSpace(ignore), "\n", " "), func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			lay(t, dir, project...)
			lay(t, dir, ".dockerignore="+ignore)
			sends(t, dir, ignore)
		})
	}
}

func TestWalkOfRandomFoldersSendsWhatBuildKitSends(t *testing.T) {
	t.Parallel()
	for seed := range uint64(25) {
		random := rand.New(rand.NewPCG(seed, 7))
		dir := t.TempDir()
		names := []string{"a", "b", "c.go", "d.md", ".h", "ab"}
		pick := func() string { return names[random.IntN(len(names))] }
		for range 60 {
			var p strings.Builder
			p.WriteString(pick())
			for range random.IntN(4) {
				p.WriteString("/" + pick())
			}
			_ = layOne(dir, p.String()+[]string{"=1", "/", "->a/b", "=" + p.String()}[random.IntN(4)]) // where something else is, it stays
		}
		var lines []string
		for range 1 + random.IntN(5) {
			var line strings.Builder
			line.WriteString([]string{"", "!", ""}[random.IntN(3)])
			for i := range 1 + random.IntN(3) {
				if i > 0 {
					line.WriteString("/")
				}
				line.WriteString([]string{"*", "**", "a", "b", "*.go", "?", "ab", "[ab]"}[random.IntN(8)])
			}
			lines = append(lines, line.String())
		}
		ignore := strings.Join(lines, "\n")
		lay(t, dir, ".dockerignore="+ignore)
		sends(t, dir, ignore)
		if t.Failed() {
			t.Fatalf("seed %d", seed)
		}
	}
}

func TestModesAreSentAsTheyAre(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for _, m := range []os.FileMode{0, 0o7, 0o600, 0o755, 0o777, os.ModeSetuid | 0o755, os.ModeSetgid | 0o755, os.ModeSticky | 0o777, os.ModeSetuid | os.ModeSetgid | os.ModeSticky | 0o111} {
		name := fmt.Sprintf("f%o", uint32(m))
		lay(t, dir, name+"=x", "d"+name+"/")
		for _, n := range []string{name, "d" + name} {
			if err := os.Chmod(filepath.Join(dir, n), m|0o500); err != nil {
				t.Fatal(err)
			}
		}
	}
	sends(t, dir, "")
}

func TestTheIgnoreFileOfTheDockerfileComesFirst(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name  string
		files []string
		want  []string
	}{
		{"named", []string{"deploy/app.Dockerfile.dockerignore=b\n", ".dockerignore=a\n"}, []string{"/.dockerignore", "/a", "/deploy", "/deploy/app.Dockerfile.dockerignore"}},
		{"named and empty", []string{"deploy/app.Dockerfile.dockerignore=", ".dockerignore=a\n"}, []string{"/.dockerignore", "/a", "/b", "/deploy", "/deploy/app.Dockerfile.dockerignore"}},
		{"own", []string{".dockerignore=a\n"}, []string{"/.dockerignore", "/b"}},
		{"none", nil, []string{"/a", "/b"}},
		{"own by a link", []string{"x=a\nx\n", ".dockerignore->x"}, []string{"/.dockerignore", "/b"}},
		{"a folder", []string{".dockerignore/a=1"}, []string{"/.dockerignore", "/.dockerignore/a", "/a", "/b"}},
	} {
		dir := t.TempDir()
		lay(t, dir, "a=1", "b=2")
		lay(t, dir, c.files...)
		got := walked(walk(t, open(t, dir, buildcontext.Options{Dockerfile: filepath.Join(dir, "deploy/app.Dockerfile")})))
		if names := slices.Sorted(maps.Keys(got)); !cmp.Equal(names, c.want) {
			t.Errorf("%s: got %q, want %q", c.name, names, c.want)
		}
	}
}

func TestIgnoredPathsAreSummedAtTheirTop(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	lay(t, dir, "n/a/x=12345", "n/b/y=123", "n/keep/z=1", "n/keep/w=12", "m.log=1234567", "src/t.log=1", "src/a=a", ".dockerignore=n\n!n/keep/z\n**/*.log\nempty\n", "empty/")
	c := walk(t, open(t, dir, buildcontext.Options{}))
	want := []plan.Ignored{{Path: "/n", Files: 3, Bytes: 10}, {Path: "/m.log", Files: 1, Bytes: 7}, {Path: "/src/t.log", Files: 1, Bytes: 1}, {Path: "/empty"}}
	if diff := cmp.Diff(want, c.Ignored); diff != "" {
		t.Errorf("ignored (-want +got):\n%s", diff)
	}
	if c.Files != 3 || c.Bytes != int64(1+1+len("n\n!n/keep/z\n**/*.log\nempty\n")) {
		t.Errorf("sent: got %d files and %d bytes, want 3 and %d", c.Files, c.Bytes, 2+len("n\n!n/keep/z\n**/*.log\nempty\n"))
	}
}

func TestCancelStopsAWalk(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	lay(t, dir, project...)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := open(t, dir, buildcontext.Options{}).Walk(ctx); err != context.Canceled && !strings.Contains(fmt.Sprint(err), "canceled") {
		t.Errorf("walk after cancel: got %v, want it to be canceled", err)
	}
}
