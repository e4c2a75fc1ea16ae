package main

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// The walls of the house: model decides, layers does, tui shows, cmd
// introduces. Who fails here mends the code, not this table.

const (
	module    = "github.com/imgtui/imgtui"
	moduleDir = "../.."
)

// wall says what packages never come to depend on, themselves or by others.
type wall struct {
	who   string // a package, and all beneath it
	never []string
	why   string
}

var walls = []wall{
	{"model", []string{"layers", "tui", "cmd", "charm.land", "github.com/charmbracelet", "github.com/google/go-containerregistry", client, solver}, "model is pure"},
	{"tui", []string{"layers", "cmd", "github.com/google/go-containerregistry"}, "tui shows, and reaches for nothing"},
	{"layers", []string{"tui", "cmd", "charm.land", "github.com/charmbracelet"}, "layers knows no terminal"},
}

// What of BuildKit is no parser.
const (
	client = "github.com/moby/buildkit/client"
	solver = "github.com/moby/buildkit/solver"
)

// elsewhere stands for every module but this one and the standard library.
const elsewhere = "*"

// door says which packages alone import a vocabulary that is not ours. Packages
// for tests stand for the outside: they go in and out as they like.
type door struct {
	what []string
	only []string // packages, and all beneath them
}

var doors = []door{
	{[]string{"charm.land", "github.com/charmbracelet"}, []string{"tui"}},
	{[]string{"github.com/moby/buildkit"}, []string{"model/dockerfile", "layers/builder"}},
	{[]string{"github.com/tonistiigi/fsutil", "github.com/moby/patternmatcher", "github.com/fsnotify/fsnotify"}, []string{"layers"}},
	{[]string{"github.com/google/go-containerregistry"}, []string{"layers/source", "layers/index", "layers"}},
	{[]string{"github.com/spf13"}, []string{"cmd"}},
	{[]string{"github.com/docker/cli"}, []string{"cmd", "layers"}},
	{[]string{"net", "os", "io/fs", "syscall", "path/filepath", "crypto/tls"}, []string{"layers", "cmd", "tui: os/exec"}},
	{[]string{"sync", "golang.org/x/sync"}, []string{"layers", "tui", "model/tree: sync/atomic", "model/pattern: sync"}},
	{[]string{"math/rand", "math/rand/v2", "crypto/rand", "unsafe", "plugin", "reflect"}, []string{"layers", "tui", "cmd"}},
	{[]string{"unsafe", "plugin", "reflect"}, []string{"layers/index", "layers/builder/embed/step: unsafe"}},
}

func TestWallsStand(t *testing.T) {
	t.Parallel()
	deps := dependencies(t)
	for _, w := range walls {
		for pkg, all := range deps {
			if !beneath(pkg, w.who) || strings.HasSuffix(pkg, "test") {
				continue
			}
			for _, dep := range all {
				if forbidden(dep, w.never) {
					t.Errorf("%s comes to depend on %s: %s", pkg, dep, w.why)
				}
			}
		}
	}
}

// dependencies returns, for every package of this module, what its code comes
// to depend on outside of the standard library. Ours are without the module's path.
func dependencies(t *testing.T) map[string][]string {
	t.Helper()
	c := exec.CommandContext(t.Context(), "go", "list", "-deps", "-f", "{{if not .Standard}}{{.ImportPath}} {{join .Deps \" \"}}{{end}}", "./...")
	c.Dir = moduleDir
	out, err := c.Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	foreign, deps := map[string]bool{}, map[string][]string{}
	for line := range strings.Lines(string(out)) {
		all := strings.Fields(line)
		foreign[all[0]] = true
		if pkg, ok := strings.CutPrefix(all[0], module+"/"); ok {
			deps[pkg] = all[1:]
		}
	}
	for pkg, all := range deps {
		all = slices.DeleteFunc(all, func(d string) bool { return !foreign[d] })
		for i := range all {
			all[i] = strings.TrimPrefix(all[i], module+"/")
		}
		deps[pkg] = all
	}
	if len(deps) < 10 {
		t.Fatalf("go list told of %d packages", len(deps))
	}
	return deps
}

func beneath(pkg, at string) bool { return pkg == at || strings.HasPrefix(pkg, at+"/") }

func forbidden(dep string, never []string) bool {
	return slices.ContainsFunc(never, func(n string) bool {
		return beneath(dep, n) || n == elsewhere && strings.Contains(strings.Split(dep, "/")[0], ".")
	})
}

// TestModelImportsNothingForeign: only the Dockerfile's parser comes in, by one package.
func TestModelImportsNothingForeign(t *testing.T) {
	t.Parallel()
	for _, s := range sources(t) {
		if !beneath(s.pkg, "model") || s.pkg == "model/dockerfile" || strings.HasSuffix(s.pkg, "test") {
			continue
		}
		for _, i := range s.syntax.Imports {
			what, err := strconv.Unquote(i.Path.Value)
			if err != nil {
				t.Fatal(err)
			}
			if !strings.HasPrefix(what, module) && forbidden(what, []string{elsewhere}) {
				t.Errorf("%s imports %s: model stands on the standard library", s.name, what)
			}
		}
	}
}

func TestForeignWordsComeInByTheirDoor(t *testing.T) {
	t.Parallel()
	for _, s := range sources(t) {
		if strings.HasSuffix(s.pkg, "test") {
			continue
		}
		for _, i := range s.syntax.Imports {
			what, err := strconv.Unquote(i.Path.Value)
			if err != nil {
				t.Fatal(err)
			}
			for _, d := range doors {
				if forbidden(what, d.what) && !d.opens(s.pkg, what) {
					t.Errorf("%s imports %s, which is for %s alone", s.name, what, strings.Join(d.only, ", "))
				}
			}
		}
	}
}

// opens tells whether a package may import what the door is for. "PACKAGE: NAME"
// opens it for that one name.
func (d door) opens(pkg, what string) bool {
	return slices.ContainsFunc(d.only, func(who string) bool {
		who, one, ok := strings.Cut(who, ": ")
		return beneath(pkg, who) && (!ok || one == what)
	})
}

// goFile is a file of this module's that is no test.
type goFile struct {
	name, pkg string
	syntax    *ast.File
}

// sources parses every file of this module, whatever system it is for.
func sources(t *testing.T) []goFile {
	t.Helper()
	var all []goFile
	for _, top := range []string{"cmd", "layers", "model", "tui"} {
		err := filepath.WalkDir(filepath.Join(moduleDir, top), func(name string, d fs.DirEntry, err error) error {
			if err == nil && d.IsDir() && d.Name() == "testdata" {
				return filepath.SkipDir // programs that tests build, of no package of ours
			}
			if err != nil || d.IsDir() || !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, "_test.go") {
				return err
			}
			syntax, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.SkipObjectResolution)
			rel, _ := filepath.Rel(moduleDir, name)
			rel = filepath.ToSlash(rel)
			all = append(all, goFile{rel, path.Dir(rel), syntax})
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return all
}

// starters are the only places outside of layers that set something going.
var starters = map[string]string{
	"tui/tui.go":         "WaitGroup.Go",
	"tui/screen.go":      "WaitGroup.Go", // the one door by which requests go out
	"cmd/imgtui/main.go": "AfterFunc",    // a second interrupt kills
}

func TestOnlyLayersStartsGoroutines(t *testing.T) {
	t.Parallel()
	for _, s := range sources(t) {
		if beneath(s.pkg, "layers") {
			continue
		}
		var found []string
		ast.Inspect(s.syntax, func(n ast.Node) bool {
			if how := starts(n); how != "" {
				found = append(found, how)
			}
			return true
		})
		if slices.ContainsFunc(found, func(how string) bool { return how != starters[s.name] }) {
			t.Errorf("%s sets %s going: that is for layers", s.name, strings.Join(found, ", "))
		}
	}
}

// starts tells how a node starts a goroutine, if it does.
func starts(n ast.Node) string {
	switch n := n.(type) {
	case *ast.GoStmt:
		return "a go statement"
	case *ast.CallExpr:
		f, ok := n.Fun.(*ast.SelectorExpr)
		if !ok {
			return ""
		}
		if f.Sel.Name == "AfterFunc" {
			return "AfterFunc"
		}
		if f.Sel.Name == "Go" && len(n.Args) == 1 && !isCursor(f.X) && takesFunc(n.Args[0]) {
			return "WaitGroup.Go"
		}
	}
	return ""
}

// isCursor tells whether what has the method is a window or a text, whose Go
// moves a cursor.
func isCursor(x ast.Expr) bool {
	s, ok := x.(*ast.SelectorExpr)
	return ok && (s.Sel.Name == "win" || s.Sel.Name == "buf")
}

// takesFunc tells whether an argument is a function: a literal, or the value of
// a method. A row of a list, which Go also takes here, is neither.
func takesFunc(arg ast.Expr) bool {
	switch arg.(type) {
	case *ast.FuncLit, *ast.SelectorExpr:
		return true
	}
	return false
}

// clocks are what model must not ask: time comes to it as a message.
var clocks = []string{"Now", "Since", "Until", "Sleep", "After", "Tick", "NewTimer", "NewTicker"}

func TestModelKnowsNoClock(t *testing.T) {
	t.Parallel()
	for _, s := range sources(t) {
		if !beneath(s.pkg, "model") {
			continue
		}
		ast.Inspect(s.syntax, func(n ast.Node) bool {
			f, ok := n.(*ast.SelectorExpr)
			if !ok {
				return true
			}
			if x, ok := f.X.(*ast.Ident); ok && x.Name == "time" && slices.Contains(clocks, f.Sel.Name) {
				t.Errorf("%s asks for time.%s", s.name, f.Sel.Name)
			}
			return true
		})
	}
}

// topLevel is all that lies beside the folders and files with a dot.
var topLevel = []string{"LICENSE", "README.md", "cmd", "go.mod", "go.sum", "layers", "model", "tui"}

func TestTopLevelHoldsTheHouseAlone(t *testing.T) {
	t.Parallel()
	entries, err := os.ReadDir(moduleDir)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, e := range entries {
		if !strings.HasPrefix(e.Name(), ".") && !ignored(t, e.Name()) {
			got = append(got, e.Name())
		}
	}
	if !slices.Equal(got, topLevel) {
		t.Errorf("got %q at the top, want %q", got, topLevel)
	}
}

// ignored tells whether git leaves out a name of the top level.
func ignored(t *testing.T, name string) bool {
	t.Helper()
	rules, err := os.ReadFile(filepath.Join(moduleDir, ".gitignore"))
	if err != nil {
		t.Fatal(err)
	}
	for rule := range strings.FieldsSeq(string(rules)) {
		if ok, _ := path.Match(strings.Trim(rule, "/"), name); ok {
			return true
		}
	}
	return false
}

// noFolders are names that say nothing, and those that tools take for output.
var noFolders = []string{"util", "utils", "common", "helpers", "types", "interfaces", "misc", "build", "dist", "bin", "vendor"}

func TestFoldersAreNamedForWhatTheyHold(t *testing.T) {
	t.Parallel()
	for _, s := range sources(t) {
		for name := range strings.SplitSeq(s.pkg, "/") {
			if slices.Contains(noFolders, name) {
				t.Errorf("%s lies in a folder named %s", s.name, name)
			}
		}
	}
}
