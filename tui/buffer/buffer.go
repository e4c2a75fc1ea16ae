// Package buffer holds a text that is being edited: its lines, a cursor with a
// selection, and every change that can be taken back. It loses no byte of what
// it was given: line ends of both kinds, invalid UTF-8 and a missing last line
// end stay as they are.
package buffer

import (
	"slices"
	"strings"
	"unicode/utf8"
)

// Pos is a place in the text: a line from 0, and a byte of it from 0.
type Pos struct{ Line, Col int }

// Before tells whether p comes earlier in the text than q.
func (p Pos) Before(q Pos) bool { return p.Line < q.Line || p.Line == q.Line && p.Col < q.Col }

// Range is a piece of the text: From, and the place after its end.
type Range struct{ From, To Pos }

// Empty tells whether nothing is in the range.
func (r Range) Empty() bool { return r.From == r.To }

// Change tells what happened to the lines: where the Old lines beginning at
// From were there are New lines now.
type Change struct{ From, Old, New int }

// Cells tells how wide text is when it is shown; the cursor keeps its cell when
// it moves up and down.
type Cells interface {
	Cell(line string, col int) int // of a byte
	Col(line string, cell int) int // the byte whose cells hold cell, or the line's end
}

// Buffer is a text with a cursor. A line holds no line end but the \r before
// it, which the cursor never passes. Make one with [New].
type Buffer struct {
	lines []string
	caret caret
	goal  int // the cell that moving up and down keeps to; −1 is the cursor's own
	page  int // lines a page has

	past, future []edit
	open         bool // the last edit may still grow
	ids          int  // edits made so far
	saved        int  // id of the state that was saved
	rev          int

	text    string
	textRev int // the revision that text belongs to; −1 is none

	cells   Cells
	changed func(Change)
}

// caret is where the cursor and the other end of the selection are.
type caret struct {
	at, anchor Pos
	selecting  bool
}

// New returns a buffer with a text and the cursor at its start.
func New(text string) *Buffer {
	return &Buffer{lines: strings.Split(text, "\n"), goal: -1, page: 1, text: text, cells: clusters{}, changed: func(Change) {}}
}

// Watch lets f know of every change after it was made. There is one watcher.
func (b *Buffer) Watch(f func(Change)) { b.changed = f }

// Measure sets how wide text is shown.
func (b *Buffer) Measure(c Cells) { b.cells = c }

// SetPage sets how many lines a page has.
func (b *Buffer) SetPage(lines int) { b.page = max(lines, 1) }

// Text returns the whole text.
func (b *Buffer) Text() string {
	if b.textRev != b.rev {
		b.text, b.textRev = strings.Join(b.lines, "\n"), b.rev
	}
	return b.text
}

// Rev returns a number that is another after every change.
func (b *Buffer) Rev() int { return b.rev }

// Count returns how many lines there are: one more than line ends.
func (b *Buffer) Count() int { return len(b.lines) }

// Line returns a line without its end.
func (b *Buffer) Line(n int) string { return b.lines[n][:b.End(n)] }

// End returns the column of a line's end.
func (b *Buffer) End(n int) int {
	s := b.lines[n]
	if n < len(b.lines)-1 && strings.HasSuffix(s, "\r") {
		return len(s) - 1
	}
	return len(s)
}

// Cursor returns where the cursor is.
func (b *Buffer) Cursor() Pos { return b.caret.at }

// Selection returns what is selected, and whether anything is.
func (b *Buffer) Selection() (Range, bool) {
	c := b.caret
	if !c.selecting || c.at == c.anchor {
		return Range{c.at, c.at}, false
	}
	if c.at.Before(c.anchor) {
		return Range{c.at, c.anchor}, true
	}
	return Range{c.anchor, c.at}, true
}

// Slice returns the text of a range.
func (b *Buffer) Slice(r Range) string {
	if r.From.Line == r.To.Line {
		return b.lines[r.From.Line][r.From.Col:r.To.Col]
	}
	var s strings.Builder
	s.WriteString(b.lines[r.From.Line][r.From.Col:])
	for _, l := range b.lines[r.From.Line+1 : r.To.Line] {
		s.WriteByte('\n')
		s.WriteString(l)
	}
	s.WriteByte('\n')
	s.WriteString(b.lines[r.To.Line][:r.To.Col])
	return s.String()
}

// Clamp returns the place nearest to p that the text has.
func (b *Buffer) Clamp(p Pos) Pos {
	if p.Line < 0 {
		return Pos{}
	}
	if p.Line >= len(b.lines) {
		p = Pos{len(b.lines) - 1, len(b.lines[len(b.lines)-1])}
	}
	line := b.Line(p.Line)
	p.Col = max(min(p.Col, len(line)), 0)
	for p.Col > 0 && p.Col < len(line) && !utf8.RuneStart(line[p.Col]) && !stray(line, p.Col) {
		p.Col--
	}
	return p
}

// stray tells whether the byte at i, which goes on a rune, has none to go on.
func stray(s string, i int) bool {
	for from := i - 1; from >= 0 && i-from < utf8.UTFMax; from-- {
		if utf8.RuneStart(s[from]) {
			_, n := utf8.DecodeRuneInString(s[from:])
			return from+n <= i
		}
	}
	return true
}

// replace is the one way in which the text changes. It returns what was there.
func (b *Buffer) replace(r Range, s string) (old string) {
	old = b.Slice(r)
	head, tail := b.lines[r.From.Line][:r.From.Col], b.lines[r.To.Line][r.To.Col:]
	b.rev++
	if r.From.Line == r.To.Line && !strings.Contains(s, "\n") {
		b.lines[r.From.Line] = head + s + tail
		b.changed(Change{r.From.Line, 1, 1})
		return old
	}
	now := strings.Split(s, "\n")
	now[0] = head + now[0]
	now[len(now)-1] += tail
	b.lines = slices.Replace(b.lines, r.From.Line, r.To.Line+1, now...)
	b.changed(Change{r.From.Line, r.To.Line - r.From.Line + 1, len(now)})
	return old
}

// after returns where s ends that begins at p.
func after(p Pos, s string) Pos {
	i := strings.LastIndexByte(s, '\n')
	if i < 0 {
		return Pos{p.Line, p.Col + len(s)}
	}
	return Pos{p.Line + strings.Count(s, "\n"), len(s) - i - 1}
}

// ending returns how a new line ends here: as this line does, or the one before.
func (b *Buffer) ending(line int) string {
	if line == len(b.lines)-1 {
		line--
	}
	if line >= 0 && strings.HasSuffix(b.lines[line], "\r") {
		return "\r\n"
	}
	return "\n"
}
