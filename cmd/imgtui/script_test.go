package main

import (
	"errors"
	"flag"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

var update = flag.Bool("update", false, "write what is expected anew: documents of the scripts, tables of README")

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"imgtui": main})
}

// TestScripts runs every command as a user does, in a folder with made images.
func TestScripts(t *testing.T) {
	t.Parallel()
	images, servers := madeFiles(t), serve(t)
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata",
		RequireExplicitExec: true,
		UpdateScripts:       *update,
		Setup: func(e *testscript.Env) error {
			e.Vars = append(e.Vars,
				"HOME="+e.WorkDir+"/home", "DOCKER_CONFIG="+e.WorkDir+"/docker", "XDG_RUNTIME_DIR="+e.WorkDir+"/run",
				"DOCKER_HOST=unix:///no/docker.sock", "CONTAINER_HOST=unix:///no/podman.sock", "TZ=UTC",
				"GORACE=atexit_sleep_ms=0") // under the race detector every run would end a second later
			e.Vars = append(e.Vars, servers...)
			return link(images, e.WorkDir)
		},
		Cmds: map[string]func(ts *testscript.TestScript, neg bool, args []string){
			"code": code, "harmless": harmless,
		},
	})
}

// nowhere is where tests outside of the scripts, which have homes of their own, keep
// what they read: nothing of the user's cache is used, and nothing left there.
const nowhere = os.DevNull + "/cache"

// noCache is the environment of what runs in the test's own process.
func noCache(name string) string {
	if name == "XDG_CACHE_HOME" {
		return nowhere
	}
	return os.Getenv(name)
}

// madeFiles writes the images of the scripts to a folder.
func madeFiles(t *testing.T) string {
	dir := t.TempDir()
	whole := saved(t, app())
	writeAll(t, dir, map[string][]byte{
		"app.tar": whole, "next.tar": saved(t, next()), "app.oci.tar": packed(t, layout(t, app())),
		"two.tar": saved(t, app(), next()), "broken.tar": whole[:len(whole)/2], "empty.tar": {}, "text.txt": []byte("no image\n"),
		"odd.tar": saved(t, odd()), "oddly.tar": oddArchive(t), "twice.tar": saved(t, odd(), odd()), "lacking.tar": lacking(t), "lying.tar": lying(t),
		"none.tar": saved(t, madeImage{tag: "none:1"}), "bare.tar": saved(t, madeImage{tag: "bare:1", steps: []madeStep{{by: "LABEL a=b", created: "2024-05-01T10:00:00Z"}}}),
	})
	writeAll(t, filepath.Join(dir, "platforms"), layout(t, app().on("s390x"), app().on("mips64le")))
	return dir
}

// link puts the files of a folder into another one, each by a name that a test
// may remove without harm to the others.
func link(from, to string) error {
	entries, err := os.ReadDir(from)
	for _, e := range entries {
		if err == nil {
			err = os.Symlink(filepath.Join(from, e.Name()), filepath.Join(to, e.Name()))
		}
	}
	return err
}

// said is all that may be on standard error: warnings, what was left out, and
// at the end what is wrong in one line, with hints.
var said = regexp.MustCompile(`^((warning|left out): .*\n)*(imgtui: .*\n(hint: .*\n)*)?$`)

// code runs a program that has to end with an exit code. With 2 it writes
// nothing and says in one line why; with others it says nothing is wrong.
func code(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: code N program [args...]")
	}
	got := 0
	if err := ts.Exec(args[1], args[2:]...); err != nil {
		var exit *exec.ExitError
		if !errors.As(err, &exit) {
			ts.Fatalf("%v", err)
		}
		got = exit.ExitCode()
	}
	out, errs := ts.ReadFile("stdout"), ts.ReadFile("stderr")
	if strconv.Itoa(got) != args[0] {
		ts.Fatalf("%q: got exit %d, want %s\n%s%s", args[1:], got, args[0], out, errs)
	}
	if !said.MatchString(errs) || (got == wrong) != strings.Contains(errs, "imgtui: ") || got == wrong && out != "" {
		ts.Fatalf("%q: exit %d, but it wrote\n%s\nand said\n%s", args[1:], got, out, errs)
	}
}

// harmless checks that what was written does not move the cursor, colour the
// screen or turn the writing around.
func harmless(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) == 0 {
		ts.Fatalf("usage: harmless stdout|stderr...")
	}
	for _, name := range args {
		if text := ts.ReadFile(name); harm(text) != "" {
			ts.Fatalf("%s holds %s: %q", name, harm(text), text)
		}
	}
}
