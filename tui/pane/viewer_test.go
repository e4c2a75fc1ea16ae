package pane

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"unicode/utf8"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/colorprofile"
	"github.com/charmbracelet/x/ansi"

	"github.com/imgtui/imgtui/model/session"
	"github.com/imgtui/imgtui/model/session/sessiontest"
	"github.com/imgtui/imgtui/tui/act"
	"github.com/imgtui/imgtui/tui/theme"
)

// opened is a file with a content, before and after, in an open viewer.
func opened(t testing.TB, name, before, after string) (*Viewer, Env) {
	t.Helper()
	w := sessiontest.Make(
		sessiontest.Step{By: "COPY a", Files: []string{fmt.Sprintf("%s %d 1", name, len(before))}},
		sessiontest.Step{By: "COPY b", Files: []string{fmt.Sprintf("%s %d 2", name, len(after))}},
	)
	w.Text["0/"+name], w.Text["1/"+name] = before, after
	e := env(t, w, session.Select{Step: 1}, session.Peek{Path: "/" + name, Side: session.Both})
	if e.State.File == nil {
		t.Fatalf("%s is not open", name)
	}
	f := *e.State.File
	f.Side = session.After
	e.State.File = &f
	return &Viewer{}, e
}

// seen returns what a pane of w × h shows within its border, without styles.
func seen(p Pane, e Env, w, h int) []string {
	lines := p.View(e, w, h, true)
	var out []string
	for _, l := range lines[1 : len(lines)-1] {
		out = append(out, strings.TrimRight(ansi.Strip(ansi.Cut(l, 1, w-1)), " "))
	}
	return out
}

func has(lines []string, want string) bool { return strings.Contains(strings.Join(lines, "\n"), want) }

func text(p Typist, e Env, s string) {
	for _, r := range s {
		p.Type(tea.KeyPressMsg{Code: r, Text: string(r)}, e)
	}
}

func TestTextHasItsLinesAndNumbers(t *testing.T) {
	t.Parallel()
	cases := []struct {
		content string
		want    []string
	}{
		{"one\ntwo\n", []string{"     1  one", "     2  two", ""}},
		{"no newline", []string{"     1  no newline", ""}},
		{"\n\nx", []string{"     1", "     2", "     3  x", ""}},
		{"a\tb\tc", []string{"     1  a       b       c", ""}},
		{"dos\r\nlines\r\n", []string{"     1  dos", "     2  lines", ""}},
		{"esc \x1b[31m", []string{`     1  esc \x1b[31m`, ""}},
		{strings.Repeat("x", 200), []string{"     1  " + strings.Repeat("x", 49) + "…", ""}},
	}
	for _, c := range cases {
		p, e := opened(t, "f.none", "", c.content)
		got := seen(p, e, 60, 8)
		for i, want := range c.want {
			if got[i] != want {
				t.Errorf("%q: row %d is %q, want %q", c.content, i, got[i], want)
			}
		}
	}
}

func TestALongLineWrapsOrIsScrolled(t *testing.T) {
	t.Parallel()
	content := strings.Repeat("0123456789", 20) + "the end\nnext"
	p, e := opened(t, "f.none", "", content)
	if got := seen(p, e, 60, 10); has(got, "the end") || got[1] != "     2  next" {
		t.Errorf("a long line takes more than its row:\n%s", strings.Join(got, "\n"))
	}
	for range 20 {
		p.Do("right", e)
	}
	if got := seen(p, e, 60, 10); !has(got, "the end") {
		t.Errorf("scrolled to the right the end is not in sight:\n%s", strings.Join(got, "\n"))
	}
	p.Do("wrap", e)
	if got := seen(p, e, 60, 10); !has(got, "the end") || got[0][:12] != "     1  0123" || strings.TrimSpace(got[1][:7]) != "" {
		t.Errorf("wrapped:\n%s", strings.Join(got, "\n"))
	}
}

func TestBytesAreSixteenARowOrEight(t *testing.T) {
	t.Parallel()
	content := "ABCDEFGHIJKLMNOP\x00\xff\nxyz"
	for _, c := range []struct {
		w    int
		want string
	}{
		{100, "  00000000  41 42 43 44 45 46 47 48  49 4a 4b 4c 4d 4e 4f 50  ABCDEFGHIJKLMNOP\n  00000010  00 ff 0a 78 79 7a                                 ...xyz"},
		{62, "  00000000  41 42 43 44  45 46 47 48  ABCDEFGH\n  00000008  49 4a 4b 4c  4d 4e 4f 50  IJKLMNOP\n  00000010  00 ff 0a 78  79 7a        ...xyz"},
	} {
		p, e := opened(t, "f.bin", "", content)
		seen(p, e, c.w, 10)
		if got := strings.TrimRight(strings.Join(seen(p, e, c.w, 10), "\n"), "\n"); got != c.want {
			t.Errorf("%d cells:\n%s\nwant:\n%s", c.w, got, c.want)
		}
	}
}

func TestADiffHasBothNumbersAndSigns(t *testing.T) {
	t.Parallel()
	before := "a\nb\nc\nd\ne\nf\ng\nh\ni\nj\n"
	after := "a\nb\nc\nd\nE\nf\ng\nh\ni\nj\nk\n"
	p, e := opened(t, "f.none", before, after)
	f := *e.State.File
	f.Side = session.Both
	e.State.File = &f
	got := seen(p, e, 60, 20)
	want := []string{
		"  @@ −2 +2 @@", "     2     2   b", "     3     3   c", "     4     4   d", "     5       − e", "           5 + E", "     6     6   f",
		"     7     7   g", "     8     8   h", "     9     9   i", "    10    10   j", "          11 + k",
	}
	for i, w := range want {
		if got[i] != w {
			t.Errorf("row %d is %q, want %q", i, got[i], w)
		}
	}
	if how := p.doc.how(e.Words.Viewer); !strings.Contains(how, "+2 −1") {
		t.Errorf("it says %q, want the numbers of lines", how)
	}
}

// TestADiffTellsWhatChanged: without the signs, was and is come out again.
func TestADiffTellsWhatChanged(t *testing.T) {
	t.Parallel()
	for seed := range uint64(200) {
		r := rand.New(rand.NewPCG(seed, 4))
		lines := func() string {
			var b strings.Builder
			for range r.IntN(12) {
				fmt.Fprintln(&b, r.IntN(4))
			}
			return b.String()
		}
		before, after := lines(), lines()
		d := newDiff(before, after)
		was, now := strings.SplitAfter(before, "\n"), strings.SplitAfter(after, "\n")
		plus, minus := 0, 0
		for _, row := range d.rows {
			if row.was > 0 && was[row.was-1] != row.text+"\n" || row.now > 0 && now[row.now-1] != row.text+"\n" {
				t.Fatalf("seed %d: row %+v is no line of %q and %q", seed, row, before, after)
			}
			plus, minus = plus+count1(row.sign == '+'), minus+count1(row.sign == '-')
		}
		if plus-minus != strings.Count(after, "\n")-strings.Count(before, "\n") || plus != d.added || minus != d.removed {
			t.Fatalf("seed %d: %d added, %d removed between %q and %q", seed, plus, minus, before, after)
		}
	}
}

func count1(is bool) int { return other(is, 1, 0) }

func TestASearchGoesRoundAllPlaces(t *testing.T) {
	t.Parallel()
	content := strings.Repeat("nothing\n", 50) + "one Needle and a needle\n" + strings.Repeat("nothing\n", 50) + strings.Repeat("x", 300) + "NEEDLE"
	p, e := opened(t, "f.none", "", content)
	seen(p, e, 60, 12)
	p.Do("filter", e)
	text(p, e, "needle")
	for i, want := range []struct{ note, row string }{{"1 of 3", "51  one Needle"}, {"2 of 3", "51  one Needle"}, {"3 of 3", "NEEDLE"}, {"1 of 3", "51  one"}} {
		if i > 0 {
			p.Do("next", e)
		}
		if got := seen(p, e, 60, 12); !has(got, want.note) || !has(got, want.row) {
			t.Errorf("place %d: want %q and %q in\n%s", i, want.note, want.row, strings.Join(got, "\n"))
		}
	}
	p.Do("previous", e)
	if got := seen(p, e, 60, 12); !has(got, "3 of 3") {
		t.Errorf("one back from the first is not the last:\n%s", strings.Join(got, "\n"))
	}
	text(p, e, "x")
	if got := seen(p, e, 60, 12); !has(got, "not found") {
		t.Errorf("what is not there is not told:\n%s", strings.Join(got, "\n"))
	}
}

// TestEveryPlaceIsFound compares with a look at every byte.
func TestEveryPlaceIsFound(t *testing.T) {
	t.Parallel()
	for seed := range uint64(200) {
		r := rand.New(rand.NewPCG(seed, 5))
		var b []byte
		for range r.IntN(200) {
			b = append(b, "abAB\n\xffÄä "[r.IntN(10)])
		}
		for _, find := range []string{"a", "ab", "aba", "\xff", "b a"} {
			var want []int
			for i := 0; i+len(find) <= len(b); i++ {
				if s := string(b[i : i+len(find)]); s == find || utf8.ValidString(s) && strings.EqualFold(s, find) {
					want = append(want, i)
					i += len(find) - 1
				}
			}
			got := indexes(folded(string(b)), find, 1000)
			if fmt.Sprint(got) != fmt.Sprint(want) {
				t.Fatalf("seed %d: %q in %q is at %v, want %v", seed, find, b, got, want)
			}
		}
	}
}

func TestFoldedTextKeepsItsBytes(t *testing.T) {
	t.Parallel()
	for _, s := range []string{"", "abc", "ABC", "ÄÖÜ", "İSTANBUL", "\xff\xfeA", "K", "ẞ"} {
		if got := folded(s); len(got) != len(s) {
			t.Errorf("folded(%q) = %q, which has %d bytes, want %d", s, got, len(got), len(s))
		}
	}
	if got := folded("ÄBC İ\xffX"); got != "äbc İ\xffx" {
		t.Errorf("folded = %q", got)
	}
}

func TestHighlightedTextIsTheText(t *testing.T) {
	t.Parallel()
	files := map[string]string{
		"a.py":       "def f(x):\n\t\"\"\"doc\nmore\"\"\"\n\treturn x  # end\n",
		"Dockerfile": "FROM a\nRUN x && \\\n  y\n",
		"a.json":     "{\"a\": [1, 2.5, \"x\\n\"]}\r\n",
		"run":        "#!/bin/sh\nif true; then echo \"$x\"; fi\n",
		"a.go":       "package a\n\nfunc f() { return `raw\nstring` }\n",
		"a.html":     "<a href='x'>y</a>\xff\x00",
		"empty.py":   "\n\n",
	}
	for name, content := range files {
		marked, e := opened(t, name, "", content)
		plain, f := opened(t, "x.none", "", content)
		a, b := seen(marked, e, 80, 12), seen(plain, f, 80, 12)
		if strings.Join(a, "\n") != strings.Join(b, "\n") {
			t.Errorf("%s is shown as\n%s\nwant\n%s", name, strings.Join(a, "\n"), strings.Join(b, "\n"))
		}
	}
}

func TestWhatHasNoContentSaysSo(t *testing.T) {
	t.Parallel()
	w := sessiontest.Make(sessiontest.Step{By: "RUN x", Files: []string{"link -> /etc/passwd", "empty 0"}})
	w.Text["0/empty"] = ""
	for path, want := range map[string]string{"/link": "A symbolic link to /etc/passwd.", "/empty": "An empty file."} {
		e := env(t, w, session.Peek{Path: path})
		if got := seen(&Viewer{}, e, 60, 8); !has(got, want) {
			t.Errorf("%s shows %q, want %q", path, got, want)
		}
	}
}

func TestAFileThatCannotBeReadSaysWhy(t *testing.T) {
	t.Parallel()
	p, e := opened(t, "f", "", "x")
	f := *e.State.File
	f.Err = fmt.Errorf("layer 3: %w", fmt.Errorf("unexpected EOF"))
	e.State.File = &f
	if got := seen(p, e, 60, 8); !has(got, "▲ layer 3: unexpected EOF") {
		t.Errorf("got %q", got)
	}
}

func TestKeysOfTheViewerKeepItInBounds(t *testing.T) {
	t.Parallel()
	p, e := opened(t, "f.py", "a\n", strings.Repeat("line\n", 100))
	r := rand.New(rand.NewPCG(1, 6))
	for range 500 {
		a := act.All[r.IntN(len(act.All))]
		if a.In(act.Viewer) && !a.Global() {
			p.Do(a.ID, e)
		}
		if p.Typing() {
			text(p, e, "e")
			p.Rest()
		}
		w, h := 10+r.IntN(100), 4+r.IntN(40)
		lines := p.View(e, w, h, true)
		for _, l := range lines {
			if ansi.StringWidth(l) != w || len(lines) != h {
				t.Fatalf("after %s: %d lines, one of %d cells, want %d × %d", a.ID, len(lines), ansi.StringWidth(l), w, h)
			}
		}
	}
}

// BenchmarkDiff is how long two files of a megabyte take that have nothing, or
// nearly all, in common.
func BenchmarkDiff(b *testing.B) {
	text := func(salt, every int) string {
		var s strings.Builder
		for i := 0; s.Len() < session.Limit; i++ {
			fmt.Fprintf(&s, "line %d of %d\n", i*7919, other(i%every == 0, salt, 0))
		}
		return s.String()
	}
	for name, every := range map[string]int{"nothing": 1, "nearly-all": 1000} {
		b.Run(name, func(b *testing.B) {
			before, after := text(1, every), text(2, every)
			for b.Loop() {
				newDiff(before, after)
			}
		})
	}
}

// BenchmarkViewer is a key in a file of a megabyte.
func BenchmarkViewer(b *testing.B) {
	for name, content := range map[string]string{
		"lines": strings.Repeat("def f(x): return x + 1  # comment\n", 1<<20/34), "one-line": strings.Repeat("abcdefgh ", 1<<20/9), "wide": strings.Repeat("文字", 1<<20/6),
	} {
		for key, do := range map[string]func(*Viewer, Env){
			"down": func(p *Viewer, e Env) { p.Do("down", e) }, "right": func(p *Viewer, e Env) { p.Do("right", e) }, "hex": func(p *Viewer, e Env) { p.Do("hex", e) }, "wrap": func(p *Viewer, e Env) { p.Do("wrap", e) },
			"search": func(p *Viewer, e Env) { p.Do("filter", e); text(p, e, "e"); p.Do("back", e); p.Rest() },
		} {
			b.Run(name+"/"+key, func(b *testing.B) {
				p, e := opened(b, "f.py", "", content)
				p.View(e, 120, 40, true)
				for b.Loop() {
					do(p, e)
					p.View(e, 120, 40, true)
				}
			})
		}
	}
}

func TestTheEndOfALongTextIsHighlightedFrameByFrame(t *testing.T) {
	t.Parallel()
	p, e := opened(t, "f.py", "", strings.Repeat("def f(x): return x + 1  # a comment\n", 2500))
	e.Theme = theme.New("dark", theme.Terminal{Dark: true, Colors: colorprofile.TrueColor})
	p.View(e, 80, 20, true)
	p.Do("bottom", e)
	if last := p.View(e, 80, 20, true)[17]; strings.Contains(last, e.Theme.Code.Keyword) || !p.Busy() {
		t.Fatalf("the last line waited for all above it: %q, busy %v", last, p.Busy())
	}
	frames := 0
	for ; p.Busy() && frames < 1000; frames++ {
		p.View(e, 80, 20, true)
	}
	if last := p.View(e, 80, 20, true)[17]; !strings.Contains(last, e.Theme.Code.Keyword) {
		t.Errorf("after %d frames the last line is %q, want it highlighted", frames, last)
	}
}
