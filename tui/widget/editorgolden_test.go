package widget

import (
	"flag"
	"github.com/charmbracelet/colorprofile"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/charmbracelet/x/ansi"

	"github.com/imgtui/imgtui/tui/theme"
)

var update = flag.Bool("update", false, "write the golden frames anew")

var editorFrames = []struct {
	name   string
	w, h   int
	theme  string
	keys   string
	styled bool
}{
	{"browse-80x24", 80, 24, "dark", "", false},
	{"type-120x40", 120, 40, "dark", "enter ctrl+end C", false},
	{"select-80x24", 80, 24, "dark", "enter down down shift+down shift+end", true},
	{"find-80x24", 80, 24, "dark", "/ a p t", false},
	{"replace-120x40", 120, 40, "dark", "alt+r f l a s k tab x", false},
	{"scrolled-60x15", 60, 15, "dark", "enter ctrl+end up up end", false},
	{"wrapped-60x15", 60, 15, "dark", "enter alt+z ctrl+end up", false},
	{"light-80x24", 80, 24, "light", "enter down", true},
	{"mono-80x24", 80, 24, "mono", "enter down shift+end", true},
	{"ansi-80x24", 80, 24, "ansi", "enter down", true},
	{"narrow-20x6", 20, 6, "dark", "enter down down", false},
}

func TestEditorsLookAsReviewed(t *testing.T) {
	for _, f := range editorFrames {
		t.Run(f.name, func(t *testing.T) {
			e := newEditor(workshop)
			e.SetMarks(workshopMarks())
			press(e, f.keys)
			got := strings.Join(exactFrame(t, e, theme.New(f.theme, theme.Terminal{Dark: true, Colors: colorprofile.TrueColor}), f.w, f.h), "\n") + "\n"
			if !f.styled {
				got = ansi.Strip(got)
			}
			golden(t, "editor-"+f.name, got)
		})
	}
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	file := filepath.Join("testdata", name+".golden")
	if *update {
		if err := os.MkdirAll("testdata", 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("frame %s differs; got:\n%s\nwant:\n%s", name, got, want)
	}
}
