package buffer

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestTheTextReadIsTheTextWritten(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"", "\n", "a", "a\n", "a\r\nb\n\r\n", "\r", "a\r", "\xff\xfe\x00", "\t \n", "\ufeffFROM a", "e\u0301\r\r\n"} {
		if got := New(text).Text(); got != text {
			t.Errorf("New(%q).Text() = %q", text, got)
		}
	}
}

func TestACharacterIsNeverSplit(t *testing.T) {
	t.Parallel()
	for _, c := range []string{"a", "é", "e\u0301", "e\u0301\u0323", "👩\u200d🚀", "🇩🇪", "👍🏽", "한", "\u1112\u1161\u11ab", "日", "\xff", "❤\ufe0f"} {
		b := New("x" + c + "y")
		b.Move(Right)
		b.Move(Right)
		if got := b.Cursor().Col; got != 1+len(c) {
			t.Errorf("right over %q: at %d, want %d", c, got, 1+len(c))
		}
		b.Move(Left)
		if got := b.Cursor().Col; got != 1 {
			t.Errorf("left over %q: at %d, want 1", c, got)
		}
		b.Delete()
		if got := b.Text(); got != "xy" {
			t.Errorf("delete %q: left %q", c, got)
		}
		b.Undo()
		b.Go(Pos{0, 1 + len(c)})
		b.Backspace()
		if got := b.Text(); got != "xy" {
			t.Errorf("backspace over %q: left %q", c, got)
		}
	}
}

// motions walks: text with | where the cursor begins, the motion, and with |
// where it is then.
var motions = []struct {
	from string
	m    Motion
	want string
}{
	{"one t|wo three", WordLeft, "one |two three"},
	{"one |two", WordLeft, "|one two"},
	{"a --from=b|uild", WordLeft, "a --from=|build"},
	{"a --from=|build", WordLeft, "a --from|=build"},
	{"x\n|y", WordLeft, "x|\ny"},
	{"|one two", WordRight, "one| two"},
	{"one| two", WordRight, "one two|"},
	{"one|\n  two", WordRight, "one\n|  two"},
	{"  x|y", LineStart, "  |xy"},
	{"  |xy", LineStart, "|  xy"},
	{"|  xy", LineStart, "  |xy"},
	{"|ab\r\nc", LineEnd, "ab|\r\nc"},
	{"ab|\r\nc", Right, "ab\r\n|c"},
	{"ab\r\n|c", Left, "ab|\r\nc"},
	{"a|b", Up, "|ab"},
	{"a|b", Down, "ab|"},
	{"abc|\nx\nabcd", Down, "abc\nx|\nabcd"},
	{"a\nb|\nc", TextStart, "|a\nb\nc"},
	{"|a\nb", TextEnd, "a\nb|"},
	{"1\n2\n3\n4\n5|", PageUp, "1\n2|\n3\n4\n5"},
	{"|1\n2\n3\n4\n5", PageDown, "1\n2\n3\n|4\n5"},
	{"|", Left, "|"},
	{"|", WordRight, "|"},
}

func TestMotionsGoWhereTheySay(t *testing.T) {
	t.Parallel()
	for _, c := range motions {
		b := marked(c.from)
		b.SetPage(3)
		b.Move(c.m)
		if got := shown(b); got != c.want {
			t.Errorf("motion %d from %q: got %q, want %q", c.m, c.from, got, c.want)
		}
	}
}

// marked returns a buffer with the cursor where the text has |, and, with two
// of them, what is between them selected.
func marked(text string) *Buffer {
	parts := strings.Split(text, "|")
	b := New(strings.Join(parts, ""))
	at := func(n int) Pos { return place(b.Text(), len(strings.Join(parts[:n], ""))) }
	b.Go(at(1))
	if len(parts) == 3 {
		b.Extend(at(2))
	}
	return b
}

func shown(b *Buffer) string {
	r, ok := b.Selection()
	from, to := offset(b.Text(), r.From), offset(b.Text(), r.To)
	if ok {
		return b.Text()[:from] + "|" + b.Text()[from:to] + "|" + b.Text()[to:]
	}
	return b.Text()[:from] + "|" + b.Text()[from:]
}

func TestTheCursorKeepsItsCellOverShortLines(t *testing.T) {
	t.Parallel()
	b := marked("abcd|\n\nab\nabcdef")
	b.Move(Down)
	b.Move(Down)
	b.Move(Down)
	if got, want := shown(b), "abcd\n\nab\nabcd|ef"; got != want {
		t.Errorf("three times down: got %q, want %q", got, want)
	}
}

var commands = []struct {
	name, from string
	do         func(*Buffer)
	want       string
}{
	{"backspace joins CRLF lines", "a\r\n|b", (*Buffer).Backspace, "a|b"},
	{"delete joins CRLF lines", "a|\r\nb", (*Buffer).Delete, "a|b"},
	{"newline as around it", "a|b\r\nc", func(b *Buffer) { b.Newline("") }, "a\r\n|b\r\nc"},
	{"newline in the last line", "a\r\nb|", func(b *Buffer) { b.Newline("  ") }, "a\r\nb\r\n  |"},
	{"backspace in an indentation", "      |x", (*Buffer).Backspace, "    |x"},
	{"backspace at the start", "|x", (*Buffer).Backspace, "|x"},
	{"delete at the end", "x|", (*Buffer).Delete, "x|"},
	{"word to the left", "RUN apt-get|", (*Buffer).DeleteWordLeft, "RUN apt-|"},
	{"word to the right", "RUN| apt-get", (*Buffer).DeleteWordRight, "RUN|-get"},
	{"rest of the line", "ab|cd\nx", (*Buffer).DeleteToEnd, "ab|\nx"},
	{"line end", "ab|\r\nx", (*Buffer).DeleteToEnd, "ab|x"},
	{"start of the line", "ab|cd", (*Buffer).DeleteToStart, "|cd"},
	{"selection goes", "a|bc|d", (*Buffer).Delete, "a|d"},
	{"typing over", "a|bc|d", func(b *Buffer) { b.Insert("X") }, "aX|d"},
	{"paste takes the ends around", "a\r\n|", func(b *Buffer) { b.Paste("x\ny\rz") }, "a\r\nx\r\ny\r\nz|"},
	{"cut a line", "a\nb|c\nd", func(b *Buffer) { b.Cut() }, "a\nd|"},
	{"cut the last line", "a\nb|", func(b *Buffer) { b.Cut() }, "a|"},
	{"cut the only line", "b|", func(b *Buffer) { b.Cut() }, "|"},
	{"indent one", "a|b", (*Buffer).Indent, "    a|b"},
	{"indent selected", "|a\n\nb|", (*Buffer).Indent, "|    a\n\n    b|"},
	{"indent not the line after", "|a\n|b", (*Buffer).Indent, "|    a\n|b"},
	{"indent by tab", "\ta|", (*Buffer).Indent, "\t\ta|"},
	{"outdent", "|      a\n\tb\n c|", (*Buffer).Outdent, "|  a\nb\nc|"},
	{"comment", "  a|", (*Buffer).ToggleComment, "  # a|"},
	{"comment at the least margin", "|  a\n\n    b|", (*Buffer).ToggleComment, "|  # a\n\n  #   b|"},
	{"comment off", "|# a\n  #b|", (*Buffer).ToggleComment, "|a\n  b|"},
	{"comment a mix", "|# a\nb|", (*Buffer).ToggleComment, "|# # a\n# b|"},
	{"comment an empty line", "|", (*Buffer).ToggleComment, "# |"},
	{"duplicate a line", "a|b\r\nc", (*Buffer).Duplicate, "ab\r\na|b\r\nc"},
	{"duplicate a selection", "a|b|c", (*Buffer).Duplicate, "ab|b|c"},
	{"move up keeps the ends", "a\r\nb|", (*Buffer).MoveUp, "b|\r\na"},
	{"move down", "|a|\nb\nc", (*Buffer).MoveDown, "b\n|a|\nc"},
	{"move up at the top", "a|\nb", (*Buffer).MoveUp, "a|\nb"},
	{"move down at the end", "a\nb|", (*Buffer).MoveDown, "a\nb|"},
	{"join", "a|  \n   b\nc", (*Buffer).Join, "a| b\nc"},
	{"join selected", "|a\nb\nc|", (*Buffer).Join, "a b| c"},
	{"join the last", "a|", (*Buffer).Join, "a|"},
	{"select word", "RUN apt-g|et x", (*Buffer).SelectWord, "RUN apt-|get| x"},
	{"select line", "a\nb|c\nd", (*Buffer).SelectLine, "a\n|bc\n|d"},
	{"select a second line", "a\n|b\n|c\nd", (*Buffer).SelectLine, "a\n|b\nc\n|d"},
	{"select all", "a\nb|", (*Buffer).SelectAll, "|a\nb|"},
	{"left from a selection", "a|bc|d", func(b *Buffer) { b.Move(Left) }, "a|bcd"},
	{"right from a selection", "a|bc|d", func(b *Buffer) { b.Move(Right) }, "abc|d"},
	{"become keeps the cursor", "a\nb|\nc", func(b *Buffer) { b.Become("a\nb\nd") }, "a\nb|\nd"},
}

func TestCommandsDoWhatTheySay(t *testing.T) {
	t.Parallel()
	for _, c := range commands {
		b := marked(c.from)
		c.do(b)
		if got := shown(b); got != c.want {
			t.Errorf("%s: %q became %q, want %q", c.name, c.from, got, c.want)
		}
		for b.Undo() {
		}
		if got, want := b.Text(), strings.ReplaceAll(c.from, "|", ""); got != want {
			t.Errorf("%s undone: got %q, want %q", c.name, got, want)
		}
	}
}

func TestTypingIsUndoneByWords(t *testing.T) {
	t.Parallel()
	b := New("")
	for _, r := range "RUN apt get" {
		b.Insert(string(r))
	}
	b.Newline("")
	b.Insert("x")
	b.Move(Left)
	b.Insert("y")
	var got []string
	for b.Undo() {
		got = append(got, b.Text())
	}
	want := []string{"RUN apt get\nx", "RUN apt get\n", "RUN apt get", "RUN apt ", "RUN ", ""}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("texts on the way back (-want +got):\n%s", d)
	}
}

func TestErasingIsUndoneByWords(t *testing.T) {
	t.Parallel()
	b := marked("one two|")
	for range 7 {
		b.Backspace()
	}
	b.Undo()
	first := b.Text()
	b.Undo()
	if got, want := []string{first, b.Text()}, []string{"one ", "one two"}; !cmp.Equal(got, want) {
		t.Errorf("undone twice: got %q, want %q", got, want)
	}
}

func TestSavedTextIsCleanAgainAfterUndo(t *testing.T) {
	t.Parallel()
	b := New("a")
	b.Insert("x")
	b.Saved()
	b.Insert("y")
	dirty := []bool{b.Dirty()}
	b.Undo()
	dirty = append(dirty, b.Dirty())
	b.Undo()
	dirty = append(dirty, b.Dirty())
	b.Insert("z")
	dirty = append(dirty, b.Dirty())
	if want := []bool{true, false, true, true}; !cmp.Equal(dirty, want) {
		t.Errorf("typed, undone, undone past the save, typed: dirty %v, want %v", dirty, want)
	}
}

func BenchmarkPasteOfAMegabyte(b *testing.B) {
	for name, text := range map[string]string{
		"lines": strings.Repeat("RUN echo hello world\n", 50_000), "one line": strings.Repeat("x", 1<<20), "wide": strings.Repeat("日本", 1<<18),
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				buf := New("FROM a\nRUN b\n")
				buf.Go(Pos{1, 3})
				buf.Paste(text)
				buf.Insert("x")
				buf.Backspace()
				buf.Undo()
			}
		})
	}
}

func BenchmarkKey(b *testing.B) {
	for _, n := range []int{50, 500, 2000, 20000} {
		b.Run(fmt.Sprintf("lines=%d", n), func(b *testing.B) {
			buf := New(strings.Repeat("RUN --mount=type=cache,target=/x apt-get update && echo \"$A\"\n", n))
			buf.Go(Pos{n / 2, 10})
			b.ReportAllocs()
			for i := 0; b.Loop(); i++ {
				switch i % 8 {
				case 0, 1, 2:
					buf.Insert("x")
				case 6:
					buf.Newline("")
				default:
					buf.Backspace()
				}
			}
		})
	}
}
