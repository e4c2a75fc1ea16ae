package layers_test

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/imgtui/imgtui/layers"
	"github.com/imgtui/imgtui/layers/builder/embed"
	"github.com/imgtui/imgtui/layers/index"
	"github.com/imgtui/imgtui/layers/source/sourcetest"
	"github.com/imgtui/imgtui/model/session"
)

// TestMain lets the test's own program open one image and say what it took, or be
// an engine.
func TestMain(m *testing.M) {
	if embed.Main() { // it is the engine of a build
		return
	}
	if path := os.Getenv("IMGTUI_TEST_OPEN"); path != "" {
		e := layers.New(layers.Options{})
		o := outcomeOf(settle(e, path))
		o.Peak = peak()
		e.Close()
		json.NewEncoder(os.Stdout).Encode(o)
		return
	}
	os.Exit(m.Run())
}

// settle opens an image and reads its layers, with nobody watching.
func settle(e *layers.Engine, refs ...string) session.State {
	var opens []session.Open
	for _, r := range refs {
		opens = append(opens, session.Open{Ref: r})
	}
	s, rs := session.Start(opens...)
	return session.Settle(background, s, rs, e.Do)
}

// outcome is what came of an image.
type outcome struct {
	Errors   []string // why it, or a layer, could not be read
	Warnings []string
	Peak     int64 // bytes of memory, at the most
}

func outcomeOf(s session.State) outcome {
	var o outcome
	k := s.Stacks[session.Was]
	if k.Err != nil {
		o.Errors = append(o.Errors, k.Err.Error())
	}
	for _, l := range k.Layers {
		if l.Err != nil {
			o.Errors = append(o.Errors, l.Err.Error())
		}
	}
	if s.Notice.Err != nil {
		o.Errors = append(o.Errors, s.Notice.Err.Error())
	}
	for _, w := range k.Warnings() {
		o.Warnings = append(o.Warnings, w.Text)
	}
	return o
}

// check holds what came of a case against what is due.
func (o outcome) check(t *testing.T, c sourcetest.Case) {
	t.Helper()
	said := append(o.Errors, o.Warnings...)
	if c.Opens != (len(o.Errors) == 0) || !strings.Contains(strings.Join(said, "\n"), c.Says) {
		t.Errorf("got errors %.400q and warnings %.400q; want %q, opens %v", o.Errors, o.Warnings, c.Says, c.Opens)
	}
	if len(said) == 0 {
		t.Error("nothing is said")
	}
	for _, text := range said {
		if strings.ContainsAny(text, "\n\r\x1b") || len(text) > 1000 || strings.Contains(text, "internal fault") {
			t.Errorf("no clear line: %.300q", text)
		}
	}
}

// TestNobodyIsHurtByHostileImages opens each, takes out of it what there is,
// and looks for what it left.
func TestNobodyIsHurtByHostileImages(t *testing.T) {
	cases := sourcetest.Hostile()
	if len(cases) < 25 {
		t.Fatalf("%d kinds, want at least 25", len(cases))
	}
	for _, c := range cases {
		if c.Heavy && (raced || peak() > 0) {
			continue // TestHostileImagesTakeLittleMemory opens it
		}
		t.Run(c.Name, func(t *testing.T) {
			path := c.Make(t)
			tmp, sandbox := t.TempDir(), t.TempDir()
			t.Setenv("TMPDIR", tmp)
			e := layers.New(layers.Options{Limits: lower()})
			began := time.Now()
			s := settle(e, path)
			outcomeOf(s).check(t, c)
			if took := time.Since(began); took > time.Minute*slowness {
				t.Errorf("took %s", took)
			}
			extractAll(t, e, s, filepath.Join(sandbox, "in/out"))
			if err := e.Close(); err != nil {
				t.Errorf("close: %v", err)
			}
			if left := names(t, tmp); len(left) > 0 {
				t.Errorf("temporary files are left: %q", left)
			}
			checkSandbox(t, sandbox)
		})
	}
}

// lower are limits that are reached sooner than the usual ones.
func lower() index.Limits {
	l := index.DefaultLimits
	l.Bytes, l.Held = 512<<20, 16<<20
	return l
}

// extractAll writes every file of the image to a folder, which may fail.
func extractAll(t *testing.T, e *layers.Engine, s session.State, dir string) {
	t.Helper()
	root, known := s.Stacks[session.Was].Top()
	if !known || root == nil || root.Count() > 5000 {
		return
	}
	e.Do(t.Context(), session.Extract{Root: root, Paths: []string{"/"}, Dir: dir, Gen: 1000}, func(m session.Msg) {
		if f, ok := m.(session.Failed); ok && strings.Contains(f.Err.Error(), "\n") {
			t.Errorf("extract: more than a line: %v", f.Err)
		}
	})
}

// checkSandbox holds that all that was written lies in one folder, and that no
// link in it leads out.
func checkSandbox(t *testing.T, sandbox string) {
	t.Helper()
	if got := names(t, sandbox); len(got) > 1 || len(got) == 1 && got[0] != "in" {
		t.Errorf("beside the folder: %q", got)
	}
	if got := names(t, filepath.Join(sandbox, "in")); len(got) > 1 {
		t.Errorf("beside the folder: %q", got)
	}
	if _, err := os.Lstat("/escaped"); err == nil {
		t.Error("a file stands at /escaped")
	}
	filepath.WalkDir(sandbox, func(path string, d os.DirEntry, err error) error {
		if err != nil || d.Type()&os.ModeSymlink == 0 {
			return nil
		}
		if to, err := filepath.EvalSymlinks(path); err == nil && !strings.HasPrefix(to, sandbox) {
			t.Errorf("%q leads to %s", path, to)
		}
		return nil
	})
}

// names are the files of a folder, none where there is no such folder.
func names(t *testing.T, dir string) []string {
	t.Helper()
	files, err := os.ReadDir(dir)
	if err != nil && !os.IsNotExist(err) {
		t.Fatal(err)
	}
	var all []string
	for _, f := range files {
		all = append(all, f.Name())
	}
	return all
}

// most is how much memory the program may take for an image that wants more.
const most = 200 << 20

// TestHostileImagesTakeLittleMemory opens each in a program of its own.
func TestHostileImagesTakeLittleMemory(t *testing.T) {
	if raced || peak() == 0 {
		t.Skip("the peak of a program's memory is not known, or not its own")
	}
	if testing.Short() {
		t.Skip("starts a program for each")
	}
	for _, c := range sourcetest.Hostile() {
		t.Run(c.Name, func(t *testing.T) {
			t.Parallel()
			if c.Long && os.Getenv("IMGTUI_TEST_LONG") == "" {
				t.Skip("takes long at the usual limits: set IMGTUI_TEST_LONG")
			}
			began := time.Now()
			cmd := exec.CommandContext(t.Context(), os.Args[0])
			cmd.Env = append(os.Environ(), "IMGTUI_TEST_OPEN="+c.Make(t), "TMPDIR="+t.TempDir(), "GODEBUG=", "GOGC=100")
			out, err := cmd.Output()
			if err != nil {
				t.Fatalf("%v: %s", err, out)
			}
			var o outcome
			if err := json.Unmarshal(out, &o); err != nil {
				t.Fatal(err)
			}
			o.check(t, c)
			t.Logf("%d MB, %s", o.Peak>>20, time.Since(began).Round(time.Millisecond))
			if o.Peak > most {
				t.Errorf("took %d MB, want at most %d", o.Peak>>20, most>>20)
			}
		})
	}
}

// peak is the most memory that this program has taken; 0 where that is not known.
func peak() int64 {
	b, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return 0
	}
	for line := range strings.Lines(string(b)) {
		var kB int64
		if n, _ := fmt.Sscanf(line, "VmHWM: %d kB", &kB); n == 1 {
			return kB << 10
		}
	}
	return 0
}
