package widget

import (
	"fmt"
	"github.com/charmbracelet/colorprofile"
	"math/rand/v2"
	"strings"
	"testing"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"

	"github.com/imgtui/imgtui/model/words"
	"github.com/imgtui/imgtui/tui/act"
	"github.com/imgtui/imgtui/tui/complete"
	"github.com/imgtui/imgtui/tui/theme"
)

const workshop = `# syntax=docker/dockerfile:1
FROM ubuntu:24.04 AS build
ARG VERSION=3.1
RUN apt-get update \
    && apt-get install -y "python3" # pip
COPY --chown=1:1 . /opt/source-code
RUN <<EOF
echo "$VERSION"
EOF
EXPOSE 5000
ENTRYPOINT FLASK_APP=/opt/source-code/app.py flask run --host=0.0.0.0
CMDD ["x"]
`

func workshopMarks() []Mark {
	return []Mark{
		{}, {Sign: "=", Size: "117 MB"}, {Sign: "="}, {Sign: "↻", Tone: Busy, Size: "~41.3 MB"}, {}, {Sign: "?", Tone: Busy, Size: "31.0 kB"},
		{Sign: "+", Tone: Fresh}, {}, {}, {}, {Sign: "↻", Tone: Busy, Lint: Warning, From: 11, To: 20}, {Sign: "−", Tone: Lost, Lint: Fault, From: 0, To: 4},
	}
}

func known() complete.Env {
	return complete.Env{Stages: []string{"build", "base"}, Args: []string{"VERSION"}, Paths: func(prefix string) []string {
		var all []string
		for _, p := range []string{"app.py", "requirements.txt"} {
			if strings.HasPrefix(p, prefix) {
				all = append(all, p)
			}
		}
		return all
	}}
}

func newEditor(text string) *Editor {
	e := NewEditor(text, &words.EditorEnglish)
	e.Known = known
	return e
}

// exactFrame fails unless the view has exactly its cells, and the cursor is in it.
func exactFrame(t *testing.T, e *Editor, th *theme.Theme, w, h int) []string {
	t.Helper()
	lines := e.View(th, w, h, true)
	if len(lines) != h {
		t.Fatalf("%d × %d: %d lines", w, h, len(lines))
	}
	for i, l := range lines {
		bare := ansi.Strip(l)
		if n := ansi.StringWidth(l); n != w {
			t.Fatalf("%d × %d, line %d has %d cells: %q\nof %q", w, h, i, n, bare, e.Text())
		}
		if strings.ContainsFunc(bare, func(r rune) bool { return r < ' ' || r >= 0x7f && r < 0xa0 || r >= 0x202a && r <= 0x202e }) {
			t.Fatalf("%d × %d, line %d holds a control character: %q", w, h, i, bare)
		}
	}
	if x, y, ok := e.Cursor(); ok && w > 0 && h > 0 && (x < 0 || x >= w || y < 0 || y >= h) {
		t.Fatalf("%d × %d: cursor at %d, %d", w, h, x, y)
	}
	return lines
}

func TestNoSizeBreaksTheEditor(t *testing.T) {
	t.Parallel()
	th := theme.New("dark", theme.Terminal{Dark: true, Colors: colorprofile.TrueColor})
	for _, keys := range []string{"", "enter", "enter alt+z ctrl+end", "alt+g", "enter ctrl+f F R", "alt+r", "enter ctrl+end ctrl+space", "enter ctrl+a"} {
		e := newEditor(workshop + strings.Repeat("RUN echo a very long line that goes on \t and on\n", 5))
		e.SetMarks(workshopMarks())
		press(e, keys)
		for w := 0; w <= 130; w += 3 {
			for h := 0; h <= 50; h += 4 {
				exactFrame(t, e, th, w, h)
			}
		}
	}
}

// press presses keys, separated by spaces.
func press(e *Editor, keys string) (last Intent) {
	for name := range strings.FieldsSeq(keys) {
		last = e.Key(keyNamed(name))
	}
	return last
}

var hostile = []string{
	"FROM a", "\t", "日本語", "e\u0301", "\u0301", "\x1b[31m", "\x00", "\u202e", "\u200b", "👩\u200d🚀", "👍🏽", "🇩🇪", "\xff", "\xe2\x82", "क्ष", "\u0d4e", "ﷺ", "\u1112\u1161", "한",
	" ", "$A", "\"", "\\", "<<EOF", "\r", "\n", "\r\n", "long long long long long", "\ufeff", "\u2028", "❤\ufe0f", "\u0600", "\U0001193f",
}

func TestHostileTextKeepsItsCells(t *testing.T) {
	t.Parallel()
	th := theme.New("dark", theme.Terminal{Dark: true, Colors: colorprofile.TrueColor})
	for seed := range uint64(300) {
		r := rand.New(rand.NewPCG(seed, 11))
		var text strings.Builder
		for range r.IntN(30) {
			text.WriteString(hostile[r.IntN(len(hostile))])
		}
		e := newEditor(text.String())
		e.Type()
		for range 6 {
			e.Do(act.Editor[r.IntN(len(act.Editor))].ID)
			e.Type()
			exactFrame(t, e, th, 1+r.IntN(70), 1+r.IntN(12))
		}
	}
}

func FuzzHostileTextKeepsItsCells(f *testing.F) {
	for _, s := range hostile {
		f.Add(s+"x"+s, uint8(9), uint8(3))
	}
	th := theme.New("dark", theme.Terminal{Dark: true, Colors: colorprofile.TrueColor})
	f.Fuzz(func(t *testing.T, text string, w, left uint8) {
		e := newEditor(text)
		e.Type()
		for range left % 16 {
			e.Do("select-right")
		}
		exactFrame(t, e, th, int(w), 4)
		e.Do("soft-wrap")
		exactFrame(t, e, th, int(w), 4)
	})
}

func TestTheCursorIsWhereItsTextIs(t *testing.T) {
	t.Parallel()
	th := theme.New("dark", theme.Terminal{Dark: true, Colors: colorprofile.TrueColor})
	for _, text := range []string{"abcdefghij klmnop qrstuvw xyz", "日本語日本語日本語日本語日本語日本語", "a\tb\tc\td\te", "e\u0301x\u202ey\xffz0123456789012345678901234567890"} {
		for _, wrap := range []bool{false, true} {
			e := newEditor(text)
			e.Type()
			e.wrap = wrap
			for range 60 {
				lines := exactFrame(t, e, th, 30, 6)
				x, y, ok := e.Cursor()
				if !ok {
					t.Fatalf("%q: no cursor", text)
				}
				at := e.buf.Cursor()
				if at.Col > 0 && at.Col < len(text) {
					g := glyphAt(text, at.Col, cells{}.Cell(text, at.Col))
					got := strings.TrimRight(ansi.Strip(ansi.Cut(lines[y], x, x+g.w)), " …")
					if !strings.HasPrefix(g.text, got) || got == "" && strings.TrimSpace(g.text) != "" {
						t.Errorf("%q at %d, wrap %v: the cursor stands on %q, want %q", text, at.Col, wrap, got, g.text)
					}
				}
				if back, _ := e.at(x, y); back != at {
					t.Errorf("%q, wrap %v: the cell of the cursor at %v is the place %v", text, wrap, at, back)
				}
				press(e, "right")
			}
		}
	}
}

func TestBrowsingNeverChangesALetter(t *testing.T) {
	t.Parallel()
	meant := "uUe"
	for r := ' '; r < 0x7f; r++ {
		if strings.ContainsRune(meant, r) {
			continue
		}
		e := newEditor(workshop)
		e.View(theme.New("dark", theme.Terminal{Dark: true, Colors: colorprofile.TrueColor}), 80, 24, true)
		e.Click(10, 3, 2)
		i := e.Key(tea.KeyPressMsg{Code: r, Text: string(r)})
		if e.Typing() && r != '/' {
			t.Errorf("%q begins to type", r)
		}
		if i.Changed || e.Text() != workshop {
			t.Errorf("%q changed the text", r)
		}
	}
	e := newEditor(workshop)
	if e.Paste("x"); e.Text() != workshop {
		t.Error("a paste changed the text that is only browsed")
	}
}

func TestMarksMoveAlongWithTheirLines(t *testing.T) {
	t.Parallel()
	e := newEditor("FROM a\nRUN b\nRUN c")
	e.SetMarks([]Mark{{Sign: "1"}, {Sign: "2"}, {Sign: "3"}})
	signs := func() string {
		var s strings.Builder
		for n := range e.buf.Count() {
			s.WriteString(e.mark(n).Sign + ".")
		}
		return s.String()
	}
	press(e, "enter end enter")
	got := []string{signs()}
	press(e, "ctrl+z")
	got = append(got, signs())
	press(e, "ctrl+home ctrl+k ctrl+k")
	got = append(got, signs())
	want := []string{"1..2.3.", "1.2.3.", "1.3."}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("new line, undone, lines joined: got %q, want %q", got, want)
	}
}

func BenchmarkPasteOfAMegabyte(b *testing.B) {
	th := theme.New("dark", theme.Terminal{Dark: true, Colors: colorprofile.TrueColor})
	for name, text := range map[string]string{"lines": strings.Repeat("RUN echo \"hello $WORLD\" && true\n", 32768), "one line": strings.Repeat("x", 1<<20)} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				e := newEditor("FROM a\n")
				e.Type()
				e.Paste(text)
				e.View(th, 120, 50, true)
			}
		})
	}
}

func BenchmarkEditorKey(b *testing.B) {
	th := theme.New("dark", theme.Terminal{Dark: true, Colors: colorprofile.TrueColor})
	for _, n := range []int{50, 500, 2000, 20000} {
		b.Run(fmt.Sprintf("lines=%d", n), func(b *testing.B) {
			e := newEditor(strings.Repeat(workshop, n/12+1))
			e.Type()
			e.GoTo(n / 2)
			e.View(th, 120, 50, true)
			x, back := keyNamed("x"), keyNamed("backspace")
			b.ReportAllocs()
			for b.Loop() {
				e.Key(x)
				e.Key(back)
			}
		})
	}
}

func BenchmarkEditorFrame(b *testing.B) {
	th := theme.New("dark", theme.Terminal{Dark: true, Colors: colorprofile.TrueColor})
	for _, n := range []int{50, 2000, 20000} {
		b.Run(fmt.Sprintf("lines=%d", n), func(b *testing.B) {
			e := newEditor(strings.Repeat(workshop, n/12+1))
			e.SetMarks(workshopMarks())
			e.Type()
			e.GoTo(n / 2)
			b.ReportAllocs()
			for b.Loop() {
				e.View(th, 120, 50, true)
			}
		})
	}
}
