package widget

import (
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/charmbracelet/x/ansi"
)

var texts = []string{
	"", "a", "usr/lib/app.py", "/var/lib/apt/lists/archive_dists_noble-updates_main_Packages.lz4", "/a/", "/usr/share/",
	"文件/日本語のとても長い名前.txt", "e\u0301e\u0301e\u0301e\u0301e\u0301e\u0301", "no-slash-and-no-space-but-long.tar.gz", "/" + strings.Repeat("d/", 40) + "f",
}

func TestNothingIsCutThatFits(t *testing.T) {
	t.Parallel()
	for name, cut := range map[string]func(string, int) string{"Cut": Cut, "CutLeft": CutLeft, "CutMiddle": CutMiddle, "CutPath": CutPath} {
		for _, s := range texts {
			for n := range 80 {
				got := cut(s, n)
				if w := Width(got); w > n {
					t.Errorf("%s(%q, %d) has %d cells: %q", name, s, n, w, got)
				}
				if fits := Width(s) <= n; fits != (got == s) {
					t.Errorf("%s(%q, %d) = %q, want it as it is: %v", name, s, n, got, fits)
				}
				if Width(s) > n && n > 0 && strings.Count(got, "…") != 1 {
					t.Errorf("%s(%q, %d) = %q, want one ellipsis", name, s, n, got)
				}
			}
		}
	}
}

func TestWhatFitsIsTheMostThatDoes(t *testing.T) {
	t.Parallel()
	for _, s := range append(texts, "abce\u0301x", "a文b文", "e\u0301", "文", "ab\u0301") {
		for n := range 30 {
			got := Fits(s, n)
			if w := Width(s[:got]); w > n {
				t.Errorf("%d bytes of %q have %d cells, want %d at the most", got, s, w, n)
			}
			if rest := s[got:]; rest != "" {
				c, w := ansi.FirstGraphemeCluster(rest, ansi.GraphemeWidth)
				if Width(s[:got])+w <= n {
					t.Errorf("Fits(%q, %d) = %d, but %q fits as well", s, n, got, c)
				}
				if r, _ := utf8.DecodeRuneInString(rest); unicode.Is(unicode.M, r) {
					t.Errorf("Fits(%q, %d) = %d, within a letter and its mark", s, n, got)
				}
			}
		}
	}
}

func TestWhatACutKeeps(t *testing.T) {
	t.Parallel()
	cases := []struct {
		cut  func(string, int) string
		s    string
		n    int
		want string
	}{
		{CutLeft, "usr/lib/app.py", 8, "…/app.py"},
		{CutMiddle, "archive_Packages.lz4", 12, "archive….lz4"},
		{CutPath, "/var/lib/apt/lists/lock", 16, "/var/lib/a…/lock"},
		{CutPath, "/var/lib/apt/lists/", 14, "/var/l…/lists/"},
		{CutPath, "/a/very_long_name_indeed.txt", 16, "/a/very_lon….txt"},
		{Cut, "RUN pip install", 8, "RUN pip…"},
	}
	for _, c := range cases {
		if got := c.cut(c.s, c.n); got != c.want {
			t.Errorf("cut of %q to %d = %q, want %q", c.s, c.n, got, c.want)
		}
	}
}

func TestWrappedLinesFitAndLoseNothing(t *testing.T) {
	t.Parallel()
	for _, s := range append(texts, "one two  three", "    four", "  && indented and long enough to be broken", "wide 日本語日本語日本語 words", " ", "   ") {
		for w := 1; w < 60; w++ {
			lines := Wrap(s, w)
			for _, l := range lines {
				if n := Width(l); n > max(w, 2) || w > 4 && n > w {
					t.Errorf("Wrap(%q, %d): line %q has %d cells", s, w, l, n)
				}
			}
			got, want := strings.ReplaceAll(strings.Join(lines, ""), " ", ""), strings.ReplaceAll(s, " ", "")
			if got != want {
				t.Errorf("Wrap(%q, %d) = %q: letters are lost", s, w, lines)
			}
		}
	}
	if got := Wrap("x", 0); got != nil {
		t.Errorf("Wrap to nothing = %q, want none", got)
	}
}

func TestWhereLinesBreak(t *testing.T) {
	t.Parallel()
	cases := []struct {
		s    string
		w    int
		want string
	}{
		{"one two three", 8, "one two|three"},
		{"2026-09-01T10:00:00Z and on", 22, "2026-09-01T10:00:00Z|and on"},
		{"see /usr/lib/python3/app.py", 16, "see|/usr/lib/|python3/app.py"},
		{"    indented text", 12, "    indented|text"},
		{"abcdefghij", 4, "abcd|efgh|ij"},
	}
	for _, c := range cases {
		if got := strings.Join(Wrap(c.s, c.w), "|"); got != c.want {
			t.Errorf("Wrap(%q, %d) = %s, want %s", c.s, c.w, got, c.want)
		}
	}
}
