package widget

import (
	"math"
	"strings"
	"testing"
	"unicode"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/colorprofile"
	"github.com/charmbracelet/x/ansi"

	"github.com/imgtui/imgtui/model/words"
	"github.com/imgtui/imgtui/tui/theme"
)

func TestARowHasExactlyItsCells(t *testing.T) {
	for _, s := range []string{"", "abc", "日本語日本語", "e\u0301e\u0301e\u0301", "a→b", strings.Repeat("x", 300)} {
		for w := range 40 {
			for _, base := range []theme.Ground{{}, {Start: "\x1b[7m"}, {Start: "\x1b[7m", Alone: true}} {
				got := NewRow(w).On(base).Put("\x1b[1m", s).Fit("", s, 7).Right("", s, 5).Put("", s).String()
				if n := ansi.StringWidth(got); n != w {
					t.Errorf("row of %d cells with %q has %d: %q", w, s, n, got)
				}
			}
		}
	}
}

// TestTerminalsAgreeOnWhatIsVisible tries every code point, and of the two
// largest scripts every 61st, by itself, doubled and among letters: by clusters
// and by letters it takes as many cells.
func TestTerminalsAgreeOnWhatIsVisible(t *testing.T) {
	t.Parallel()
	for r := rune(0x80); r <= unicode.MaxRune; r++ {
		c := string(r)
		if unicode.In(r, unicode.Han, unicode.Hangul) && r%61 != 0 || words.Visible("a"+c) != "a"+c {
			continue
		}
		for _, s := range []string{c, "a" + c + "a", "\u0915" + c + "\u0915", c + c, "文" + c + "文"} {
			s = words.Visible(s)
			if a, b := ansi.StringWidth(s), ansi.StringWidthWc(s); a != b {
				t.Errorf("%U: %+q has %d cells by clusters and %d by letters", r, s, a, b)
			}
		}
	}
}

func TestAFrameHasExactlyItsCells(t *testing.T) {
	th := theme.New("dark", theme.Terminal{Colors: colorprofile.TrueColor})
	f := Frame{Number: "2", Title: "Files", Subject: "RUN 日本語 pip install", How: "this layer · by size", Left: "7 of 1 260", Right: "+18.4 MB  A 3"}
	for w := range 90 {
		for h := range 12 {
			lines := f.Draw(th, w, h, Blank(max(w-2, 0), h))
			if len(lines) != h {
				t.Fatalf("%d × %d: %d lines", w, h, len(lines))
			}
			for _, l := range lines {
				if n := ansi.StringWidth(l); n != w {
					t.Fatalf("%d × %d: a line has %d cells: %q", w, h, n, ansi.Strip(l))
				}
			}
		}
	}
}

func TestABarShowsShares(t *testing.T) {
	cases := []struct {
		part, whole int64
		want        string
	}{{0, 10, ""}, {10, 10, "████"}, {5, 10, "██"}, {1, 1000, "▏"}, {20, 10, "████"}, {9, 16, "██▎"}, {-1, 10, ""}, {1, 0, ""}}
	for _, c := range cases {
		if got := Bar(c.part, c.whole, 4); got != c.want {
			t.Errorf("Bar(%d, %d, 4) = %q, want %q", c.part, c.whole, got, c.want)
		}
	}
}

func TestTheCursorStaysInSight(t *testing.T) {
	var w Window
	for _, count := range []int{0, 1, 5, 100} {
		for _, height := range []int{1, 2, 3, 10} {
			for _, by := range []int{1, 7, -3, 50, -200, math.MaxInt32, 2, -1} {
				w.Fit(count, height)
				w.Move(by)
				from, to := w.Rows()
				if count > 0 && (w.Cursor < from || w.Cursor >= to) || w.Cursor < 0 || count == 0 && w.Cursor != 0 {
					t.Fatalf("count %d, height %d: cursor %d is outside %d–%d", count, height, w.Cursor, from, to)
				}
			}
			w.Scroll(4)
			if from, to := w.Rows(); count > 0 && (w.Cursor < from || w.Cursor >= to) {
				t.Fatalf("scrolled: cursor %d is outside %d–%d", w.Cursor, from, to)
			}
		}
	}
}

func key(s string) tea.KeyPressMsg {
	switch s {
	case "down":
		return tea.KeyPressMsg{Code: tea.KeyDown}
	case "enter":
		return tea.KeyPressMsg{Code: tea.KeyEnter}
	}
	return tea.KeyPressMsg{Code: rune(s[0]), Text: s}
}

func TestAMenuNarrowsAndChooses(t *testing.T) {
	m := Menu{Title: "Actions", Prompt: ":", Items: []Item{{Label: "Layers", Heading: true}, {Label: "Sort by size", Value: 1}, {Label: "Fold all", Value: 2}, {Label: "Sort by name", Value: 3}}}
	m.Start("")
	if item, ok := m.Key(key("enter")); !ok || item.Value != 1 {
		t.Errorf("at first enter chose %v, %v; want the first that can be chosen", item, ok)
	}
	for _, k := range []string{"s", "o", "r", "t", "down"} {
		m.Key(key(k))
	}
	if item, ok := m.Key(key("enter")); !ok || item.Value != 3 {
		t.Errorf("after typing chose %v, %v; want the second that is left", item, ok)
	}
	for _, k := range []string{"x", "y"} {
		m.Key(key(k))
	}
	if item, ok := m.Key(key("enter")); ok {
		t.Errorf("of nothing chose %v", item)
	}
}

func TestAFreeMenuTakesWhatIsTyped(t *testing.T) {
	m := Menu{Title: "extract to", Prompt: ">", Free: true}
	m.Start("./")
	m.Key(key("o"))
	if item, ok := m.Key(key("enter")); !ok || item.Value != "./o" {
		t.Errorf("chose %v, %v; want ./o", item.Value, ok)
	}
}
