package tui

import (
	"flag"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"sync"
	"testing"
	"unicode"

	"github.com/charmbracelet/x/ansi"

	"github.com/imgtui/imgtui/model/session"
	"github.com/imgtui/imgtui/model/session/sessiontest"
	"github.com/imgtui/imgtui/tui/theme"
)

var update = flag.Bool("update", false, "write the golden frames anew")

func stripped(s string) string { return ansi.Strip(s) }

// golden compares text with a file of testdata.
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

// exact fails unless the frame has exactly the cells of the screen, however a
// terminal counts them, its borders stand where the panes are, and nothing in
// it but the theme's own styles is a control character.
func exact(t *testing.T, m *screen) {
	t.Helper()
	lines, _ := m.frame()
	if len(lines) != max(m.height, 0) {
		t.Errorf("%d × %d: frame has %d lines", m.width, m.height, len(lines))
	}
	plain := make([]string, len(lines))
	for i, l := range lines {
		plain[i] = stripped(l)
		if a, b := ansi.StringWidth(l), ansi.StringWidthWc(plain[i]); a != m.width || b != m.width {
			t.Errorf("%d × %d: line %d has %d cells by clusters and %d by letters: %q", m.width, m.height, i, a, b, plain[i])
		}
		if at := strings.IndexFunc(unstyled(m.theme, l), unicode.IsControl); at >= 0 {
			t.Errorf("%d × %d: line %d holds a control character that is no style: %q", m.width, m.height, i, l)
		}
	}
	if m.overlay == nil && m.state.Stacks[session.Was].Image != nil {
		bordered(t, m, plain)
	}
}

// strippers take off the sequences of a theme, by theme.
var strippers sync.Map

// unstyled takes off the sequences of a theme, and no others.
func unstyled(th *theme.Theme, line string) string {
	if s, ok := strippers.Load(th); ok {
		return s.(*strings.Replacer).Replace(line)
	}
	var own []string
	v := reflect.ValueOf(*th)
	for _, v := range []reflect.Value{v, reflect.ValueOf(th.Code), reflect.ValueOf(th.Editor), reflect.ValueOf(th.Selected), reflect.ValueOf(th.Resting)} {
		for _, f := range v.Fields() {
			if f.Kind() == reflect.String && strings.HasPrefix(f.String(), "\x1b") {
				own = append(own, f.String(), "")
			}
		}
	}
	s := strings.NewReplacer(append(own, theme.Reset, "")...)
	strippers.Store(th, s)
	return s.Replace(line)
}

// bordered fails unless every pane has its border round it.
func bordered(t *testing.T, m *screen, plain []string) {
	t.Helper()
	for _, p := range m.places() {
		for y := p.y; y < p.y+p.h; y++ {
			left, right := ansi.Cut(plain[y], p.x, p.x+1), ansi.Cut(plain[y], p.x+p.w-1, p.x+p.w)
			want := "││"
			switch y {
			case p.y:
				want = "╭╮"
			case p.y + p.h - 1:
				want = "╰╯"
			}
			if left+right != want {
				t.Errorf("%d × %d: line %d of pane %d is bordered by %q, want %q: %q", m.width, m.height, y-p.y, p.scope, left+right, want, plain[y])
			}
		}
	}
}

var frames = []struct {
	name   string
	w, h   int
	theme  string
	keys   string
	styled bool
}{
	{"start-80x24", 80, 24, "dark", "", false},
	{"start-120x40", 120, 40, "dark", "", false},
	{"start-200x60", 200, 60, "dark", "", false},
	{"start-60x15", 60, 15, "dark", "", false},
	{"start-dark", 100, 24, "dark", "", true},
	{"start-light", 100, 24, "light", "", true},
	{"start-mono", 100, 24, "mono", "", true},
	{"start-ansi", 100, 24, "ansi", "", true},
	{"files-80x24", 80, 24, "dark", "down 2", false},
	{"files-whole-120x40", 120, 40, "dark", "j j 2 c", false},
	{"files-flat-120x40", 120, 40, "dark", "2 t s", false},
	{"files-filter-80x24", 80, 24, "dark", "2 c / p y", false},
	{"empty-step-80x24", 80, 24, "dark", "1 G", false},
	{"range-120x40", 120, 40, "dark", "v j j", false},
	{"mark-120x40", 120, 40, "dark", "m G", false},
	{"details-60x15", 60, 15, "dark", "4", false},
	{"image-120x40", 120, 40, "dark", "i", false},
	{"help-80x24", 80, 24, "dark", "?", false},
	{"palette-120x40", 120, 40, "dark", "ctrl+p s o r t", false},
	{"copy-80x24", 80, 24, "dark", "y", false},
	{"extract-80x24", 80, 24, "dark", "2 G x", false},
}

func TestFramesLookAsReviewed(t *testing.T) {
	for _, f := range frames {
		t.Run(f.name, func(t *testing.T) {
			m := settled(t, sessiontest.Workshop(), Options{Theme: f.theme}, f.w, f.h)
			typed(t, m, f.keys)
			exact(t, m)
			lines, _ := m.frame()
			got := strings.Join(lines, "\n") + "\n"
			if !f.styled {
				got = stripped(got)
			}
			golden(t, f.name, got)
		})
	}
}
