//go:build linux

package builder_test

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/moby/buildkit/client"
	"github.com/moby/buildkit/frontend/dockerfile/instructions"
	"github.com/moby/buildkit/frontend/dockerfile/parser"
	"github.com/tonistiigi/fsutil"
	"github.com/zeebo/xxh3"

	"github.com/imgtui/imgtui/layers/buildcontext"
	"github.com/imgtui/imgtui/layers/index"
	"github.com/imgtui/imgtui/layers/source"
	"github.com/imgtui/imgtui/model/plan"
	"github.com/imgtui/imgtui/model/tree"
)

// foretelling foretells the layers of a Dockerfile that only copies.
type foretelling struct {
	t       *testing.T
	dir     string
	context plan.Context
	folder  *buildcontext.Folder
	roots   map[string]*tree.Node // of the stages, by name and by number
	time    int64
}

// foretoldStage is a stage being foretold.
type foretoldStage struct {
	root    *tree.Node
	workdir string
	user    string
	layers  []*tree.Layer
}

// run foretells the layers of the last stage.
func (f *foretelling) run(dockerfile string) ([]*tree.Layer, error) {
	r, err := parser.Parse(strings.NewReader(dockerfile))
	if err != nil {
		f.t.Fatal(err)
	}
	stages, _, err := instructions.Parse(r.AST, nil)
	if err != nil {
		f.t.Fatal(err)
	}
	var last foretoldStage
	for i, s := range stages {
		last = foretoldStage{}
		if base, ok := f.roots[s.BaseName]; ok {
			last.root = base
		}
		for _, c := range s.Commands {
			if err := f.step(&last, c); err != nil {
				return nil, err
			}
		}
		f.roots[fmt.Sprint(i)], f.roots[s.Name] = last.root, last.root
	}
	return last.layers, nil
}

func (f *foretelling) step(s *foretoldStage, c instructions.Command) error {
	spec := plan.CopySpec{WorkDir: s.workdir, Time: f.time, Layer: len(s.layers), Passwd: f.file("passwd"), Group: f.file("group")}
	var l *tree.Layer
	var err error
	switch c := c.(type) {
	case *instructions.WorkdirCommand:
		spec.Dest, spec.Chown = c.Path, s.user
		l, s.workdir, err = plan.WorkDir(s.root, spec)
	case *instructions.UserCommand:
		s.user = c.User
		return nil
	case *instructions.CopyCommand:
		spec.Chown, spec.Chmod, spec.Parents, spec.Link, spec.Exclude = c.Chown, c.Chmod, c.Parents, c.Link, c.ExcludePatterns
		l, err = f.copy(s, spec, c.SourcesAndDest, c.From)
	case *instructions.AddCommand:
		spec.Chown, spec.Chmod, spec.Link, spec.Exclude = c.Chown, c.Chmod, c.Link, c.ExcludePatterns
		spec.Unpack = c.Unpack == nil || *c.Unpack
		l, err = f.copy(s, spec, c.SourcesAndDest, "")
	default:
		f.t.Fatalf("%s cannot be foretold here", c.Name())
	}
	if err != nil {
		return err
	}
	if l == nil {
		return nil
	}
	s.layers = append(s.layers, l)
	s.root = tree.Fold(s.root, l)
	return nil
}

// file returns what names are looked up in: the tests copy it to /etc.
func (f *foretelling) file(name string) string {
	b, _ := os.ReadFile(filepath.Join(f.dir, name)) // most cases have none
	return string(b)
}

func (f *foretelling) copy(s *foretoldStage, spec plan.CopySpec, sd instructions.SourcesAndDest, from string) (*tree.Layer, error) {
	spec.Sources, spec.Dest = sd.SourcePaths, sd.DestPath
	for _, i := range sd.SourceContents {
		in := plan.Inline{Name: i.Path, Size: int64(len(i.Data))}
		if in.Size > 0 {
			in.Content = xxh3.HashString(i.Data)
		}
		spec.Inline = append(spec.Inline, in)
	}
	root := f.context.Root
	if spec.Stage = from != ""; spec.Stage {
		root = f.roots[from]
	}
	return plan.Copy(root, s.root, spec, func(p string) (*tree.Layer, bool) {
		l, ok, err := f.folder.Archive(f.t.Context(), p)
		if err != nil {
			f.t.Fatal(err)
		}
		return l, ok
	})
}

// foretell foretells with a context from disk.
func foretell(t *testing.T, dir, dockerfile string, at int64) ([]*tree.Layer, error) {
	t.Helper()
	folder, err := buildcontext.Open(dir, buildcontext.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer folder.Close()
	c, err := folder.Walk(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	f := foretelling{t: t, dir: dir, context: c, folder: folder, roots: map[string]*tree.Node{}, time: at}
	return f.run(dockerfile)
}

// truly builds with a real BuildKit and returns the layers of the image.
func truly(t *testing.T, c *client.Client, dir, dockerfile string) ([]*tree.Layer, error) {
	t.Helper()
	text := t.TempDir()
	if err := os.WriteFile(filepath.Join(text, "Dockerfile"), []byte(dockerfile), 0o644); err != nil {
		t.Fatal(err)
	}
	archive := filepath.Join(t.TempDir(), "image.tar")
	local, err := fsutil.NewFS(dir)
	if err != nil {
		t.Fatal(err)
	}
	texts, err := fsutil.NewFS(text)
	if err != nil {
		t.Fatal(err)
	}
	_, err = c.Solve(t.Context(), nil, client.SolveOpt{
		Frontend:      "dockerfile.v0",
		FrontendAttrs: map[string]string{"cmdline": "here", "no-cache": ""},
		LocalMounts:   map[string]fsutil.FS{"context": local, "dockerfile": texts},
		Exports: []client.ExportEntry{{Type: client.ExporterOCI, Output: func(map[string]string) (io.WriteCloser, error) {
			return os.Create(archive)
		}}},
	}, nil)
	if err != nil {
		return nil, err
	}
	return layersOf(t, archive), nil
}

func layersOf(t *testing.T, archive string) []*tree.Layer {
	t.Helper()
	image, err := source.Open(t.Context(), "oci-archive:"+archive, source.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer image.Close()
	var all []*tree.Layer
	for i, b := range image.Blobs {
		l, facts, err := index.Layer(t.Context(), i, b, index.Options{})
		if err != nil || len(facts.Faults) > 0 {
			t.Fatal(err, facts.Faults)
		}
		all = append(all, l)
	}
	return all
}

// old is younger than all that the tests make, and older than every build.
var old = time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC).UnixNano()

// told is what is compared of a path. Times are left out where they are those
// of a build, be it an earlier one from BuildKit's cache, and for directories:
// BuildKit keeps the folders of a context from one build to the next, and
// their times then follow what it wrote into them.
func told(l *tree.Layer) map[string]string {
	all := map[string]string{}
	l.Root.Walk(func(p string, n *tree.Node) bool {
		if !l.Carries(p) {
			return true
		}
		when := "of the build"
		if n.Kind == tree.Dir {
			when = ""
		} else if n.ModTime < old {
			when = time.Unix(0, n.ModTime).UTC().Format(time.RFC3339Nano)
		}
		content := ""
		if n.Payload() != nil {
			content = fmt.Sprintf(" %d %x", n.Payload().Size, n.Payload().Content())
		}
		all[p] = fmt.Sprintf("%c%04o %d:%d%s %s %q %d,%d %q", n.Kind.Letter(), n.Mode, n.UID, n.GID, content, when, n.Link, n.Major, n.Minor, n.Xattrs)
		return true
	})
	return all
}

// buildkit connects to the BuildKit that the tests may use.
func buildkit(t *testing.T) *client.Client {
	t.Helper()
	address := os.Getenv("IMGTUI_TEST_BUILDKIT")
	if address == "" {
		t.Skip("IMGTUI_TEST_BUILDKIT is not set: no BuildKit to compare with")
	}
	c, err := client.New(t.Context(), address)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	if _, err := c.ListWorkers(ctx); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return c
}

// foretoldContext is the folder that all cases copy from.
func foretoldContext(t *testing.T) string {
	dir := t.TempDir()
	for _, err := range []error{
		layFiles(dir),
		laySpecials(dir),
		age(dir),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// age makes a folder look as if it had been there for long, each file with an
// age of its own.
func age(dir string) error {
	n := 0
	return filepath.WalkDir(dir, func(p string, d os.DirEntry, err error) error {
		if err != nil || d.Type()&os.ModeSymlink != 0 {
			return err
		}
		n++
		when := time.Date(2021, 3, 4, 5, 6, n, 123456789+n, time.UTC)
		return os.Chtimes(p, when, when)
	})
}

func same(t *testing.T, got, want []*tree.Layer) {
	t.Helper()
	if len(got) != len(want) {
		t.Errorf("got %d layers, want %d", len(got), len(want))
	}
	for i := range min(len(got), len(want)) {
		g, w := told(got[i]), told(want[i])
		for p := range w {
			if g[p] != w[p] {
				t.Errorf("layer %d, %s:\n  got  %s\n  want %s", i, p, cmp.Or(g[p], "nothing"), w[p])
			}
			delete(g, p)
		}
		for p := range g {
			t.Errorf("layer %d, %s:\n  got  %s\n  want nothing", i, p, g[p])
		}
		if got[i].Unpacked != want[i].Unpacked {
			t.Errorf("layer %d: got %d unpacked bytes, want %d", i, got[i].Unpacked, want[i].Unpacked)
		}
	}
}

// mounts are the folders that BuildKit's errors name beside ours.
var mounts = regexp.MustCompile(`/[^ ]*/buildkit[0-9]+`)

// agrees tells whether an error of ours is that of BuildKit.
func agrees(ours, theirs error) bool {
	for errors.Unwrap(ours) != nil {
		ours = errors.Unwrap(ours)
	}
	return strings.Contains(mounts.ReplaceAllString(theirs.Error(), ""), ours.Error())
}
