package widget

import (
	"github.com/charmbracelet/colorprofile"
	"strings"
	"testing"

	"github.com/imgtui/imgtui/tui/buffer"
	"github.com/imgtui/imgtui/tui/theme"
)

// placed returns where a text ends.
func placed(s string) buffer.Pos {
	return buffer.Pos{Line: strings.Count(s, "\n"), Col: len(s) - strings.LastIndexByte(s, '\n') - 1}
}

func TestEscEndsTheInnermost(t *testing.T) {
	t.Parallel()
	s := onScreen(t, "|FROM a")
	s.keys("enter ctrl+f a esc esc")
	s.until(func() bool { return s.d.e.typing })
	s.ends("FROM a|")
	if !s.until(func() bool { return s.d.e.Typing() }) {
		t.Fatal("the second esc ended the typing, not the selection alone")
	}
	s.keys("esc")
	if !s.until(func() bool { return !s.d.e.Typing() && s.d.last.Ended }) {
		t.Errorf("esc did not end the typing: %+v", s.d.last)
	}
	s.keys("x")
	s.keys("enter y")
	s.ends("FROM ay|")
}

func TestSavingTellsTheOwner(t *testing.T) {
	t.Parallel()
	s := onScreen(t, "a|")
	s.keys("enter b ctrl+s")
	if !s.until(func() bool { return s.d.saved == "ab" && !s.d.e.Dirty() }) {
		t.Errorf("saved %q, want %q", s.d.saved, "ab")
	}
	s.keys("ctrl+o")
	if !s.until(func() bool { return s.d.last.External }) {
		t.Errorf("ctrl+o came to %+v", s.d.last)
	}
}

func TestCopyGoesToTheTerminalsClipboard(t *testing.T) {
	t.Parallel()
	s := onScreen(t, "a|bc|d")
	s.keys("enter alt+c")
	if !s.until(func() bool { return strings.HasSuffix(s.copied, "YmM=") }) {
		t.Errorf("the clipboard holds %q, want bc in base64", s.copied)
	}
}

func TestUndoWhileBrowsing(t *testing.T) {
	t.Parallel()
	s := onScreen(t, "a|")
	s.keys("enter b esc u")
	s.ends("a|")
	s.keys("U")
	s.ends("ab|")
	s.keys("/ a esc")
	s.ends("|a|b")
}

func TestLongLinesAreWrappedByAKey(t *testing.T) {
	t.Parallel()
	s := onScreen(t, "|"+strings.Repeat("0123456789", 8)+"END")
	s.keys("enter alt+z")
	if !s.until(func() bool { return strings.Contains(s.em.String(), "END") }) {
		t.Errorf("the end of the line is not on the screen:\n%s", s.em.String())
	}
	s.keys("alt+z")
	if !s.until(func() bool { return !strings.Contains(s.em.String(), "END") && strings.Contains(s.em.String(), "…") }) {
		t.Errorf("the line is still wrapped:\n%s", s.em.String())
	}
}

func TestPasteComesInAtOnceAndIsTakenBackAtOnce(t *testing.T) {
	t.Parallel()
	s := onScreen(t, "|x")
	s.keys("enter")
	s.until(func() bool { return s.d.e.Typing() })
	s.em.SendText("\x1b[200~FROM a\rRUN b\r\x1b[201~")
	s.ends("FROM a\nRUN b\n|x")
	s.keys("ctrl+z")
	s.ends("|x")
}

func TestTheMouseSelects(t *testing.T) {
	t.Parallel()
	s := onScreen(t, "|one two three\nfour")
	const gutter = 6
	s.mouse(presses, gutter+5, 0)
	s.ends("one t|wo three\nfour")
	s.mouse(presses, gutter+5, 0)
	s.ends("one |two| three\nfour")
	s.mouse(presses, gutter+5, 0)
	s.ends("|one two three\n|four")
	s.mouse(presses, gutter+1, 0)
	s.mouse(drags, gutter+2, 1)
	s.ends("o|ne two three\nfo|ur")
}

func TestTheWheelScrollsAndTheCursorStays(t *testing.T) {
	t.Parallel()
	s := onScreen(t, "|first"+strings.Repeat("\nx", 40))
	s.mouse(wheels, 9, 3)
	if !s.until(func() bool { return !strings.Contains(s.em.String(), "first") && s.d.e.Line() == 0 }) {
		t.Errorf("after the wheel:\n%s", s.em.String())
	}
	s.keys("enter right")
	s.ends("f|irst" + strings.Repeat("\nx", 40))
}

func TestCandidatesComeWhileTyping(t *testing.T) {
	t.Parallel()
	s := onScreen(t, "|")
	s.keys("enter c o")
	s.shows("COPY")
	s.keys("tab - -")
	s.shows("a stage or an image")
	s.keys("f enter")
	s.shows("base")
	s.keys("down enter")
	s.ends("COPY --from=base|")
	s.keys("space - - esc x")
	s.ends("COPY --from=base --x|")
}

func (s *screen) shows(want string) {
	s.t.Helper()
	if !s.until(func() bool { return strings.Contains(s.em.String(), want) }) {
		s.t.Fatalf("waited in vain for %q on the screen:\n%s", want, s.em.String())
	}
}

func TestNoCandidateComesUninvited(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ from, keys string }{
		{"# |", "f r o"}, {"RUN <<EOF\n|", "f r o"}, {"RUN apt|", "- - g"}, {"RUN a \\\n|", "f r"}, {"|", "f r esc o"}, {"|", "f r o m"}, {"COPY |", "a p"},
	} {
		e := newEditor("")
		put(e, c.from)
		press(e, "enter "+c.keys)
		if e.popup.open {
			t.Errorf("%q, then %s: candidates %v", c.from, c.keys, e.popup.list.Items)
		}
	}
}

func TestTabIsTheScreensButWhereItMeansSomethingHere(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		from, keys string
		want       bool
	}{{"a|", "", false}, {"a|", "enter", false}, {"|a\nb|", "enter", true}, {"|", "enter f", true}, {"a|", "alt+r", true}, {"a|", "enter ctrl+f", false}} {
		e := newEditor("")
		put(e, c.from)
		press(e, c.keys)
		if got := e.Takes(keyNamed("tab")); got != c.want {
			t.Errorf("%q, then %s: takes tab %v, want %v", c.from, c.keys, got, c.want)
		}
		if got := e.Takes(keyNamed("ctrl+z")); got != e.Typing() {
			t.Errorf("%q, then %s: takes ctrl+z %v, typing %v", c.from, c.keys, got, e.Typing())
		}
		if got := e.Key(keyNamed("tab")).Handled; got != c.want {
			t.Errorf("%q, then %s: tab did something %v, want %v", c.from, c.keys, got, c.want)
		}
	}
}

func TestTheBarSaysHowTheSearchStands(t *testing.T) {
	t.Parallel()
	s := onScreen(t, "|a b a\na")
	s.keys("ctrl+f / a")
	s.shows("1 of 3")
	s.keys("enter")
	s.shows("2 of 3")
	s.keys("x")
	s.shows("no match")
	s.keys("backspace ( alt+x")
	s.shows("no regular expression")
	s.keys("esc alt+r")
	s.keys("backspace tab z alt+a")
	s.shows("3 replaced")
	s.keys("ctrl+z")
	s.shows("1 a b a")
	s.keys("ctrl+y esc")
	s.ends("z| b z\nz")
}

func TestAResizeStormKeepsTheCursorInSight(t *testing.T) {
	t.Parallel()
	e := newEditor(strings.Repeat("RUN echo 0123456789 0123456789 0123456789 0123456789\n", 60))
	th := theme.New("dark", theme.Terminal{Dark: true, Colors: colorprofile.TrueColor})
	for _, wrap := range []bool{false, true} {
		e.Type()
		if wrap {
			e.Do("soft-wrap")
		}
		for i := range 200 {
			press(e, []string{"down", "pgdown", "end", "up", "home", "pgup", "ctrl+end", "left"}[i%8])
			w, h := 8+i*37%120, 1+i*13%50
			exactFrame(t, e, th, w, h)
			if _, _, ok := e.Cursor(); !ok {
				t.Fatalf("%d × %d, wrap %v: the cursor at %v is out of sight", w, h, wrap, e.buf.Cursor())
			}
		}
	}
}
