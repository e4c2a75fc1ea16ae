package buffer

import (
	"unicode"
	"unicode/utf8"
)

// class tells runes apart by what they do to words.
type class uint8

const (
	blank class = iota
	letter
	sign
)

func classOf(r rune) class {
	switch {
	case unicode.IsSpace(r):
		return blank
	case r == '_', unicode.IsLetter(r), unicode.IsDigit(r), unicode.IsMark(r):
		return letter
	}
	return sign
}

// wordLeft returns where the word before p begins; at a line's start, the end
// of the line above.
func (b *Buffer) wordLeft(p Pos) Pos {
	if p.Col == 0 {
		return b.left(p)
	}
	line := b.Line(p.Line)
	at := back(line, p.Col, blank)
	if at > 0 {
		at = back(line, at, classAt(line, Prev(line, at)))
	}
	return Pos{p.Line, at}
}

// wordRight returns where the word after p ends; at a line's end, the start of
// the line below.
func (b *Buffer) wordRight(p Pos) Pos {
	if p.Col == b.End(p.Line) {
		return b.right(p)
	}
	line := b.Line(p.Line)
	at := on(line, p.Col, blank)
	if at < len(line) {
		at = on(line, at, classAt(line, at))
	}
	return Pos{p.Line, at}
}

// back returns where the run of a class begins that ends at a column. A
// character is of the class of its first rune.
func back(line string, col int, c class) int {
	for col > 0 {
		from := Prev(line, col)
		if classAt(line, from) != c {
			break
		}
		col = from
	}
	return col
}

// on returns where the run of a class ends that begins at a column.
func on(line string, col int, c class) int {
	for col < len(line) && classAt(line, col) == c {
		col = Next(line, col)
	}
	return col
}

func classAt(line string, col int) class {
	r, _ := utf8.DecodeRuneInString(line[col:])
	return classOf(r)
}

// WordAt returns the run of letters, signs or white space around a place.
func (b *Buffer) WordAt(p Pos) Range {
	p = b.snap(p)
	line := b.Line(p.Line)
	if line == "" {
		return Range{p, p}
	}
	at := min(p.Col, Prev(line, len(line)))
	c := classAt(line, at)
	return Range{Pos{p.Line, back(line, at, c)}, Pos{p.Line, on(line, at, c)}}
}

// SelectWord selects the word at the cursor.
func (b *Buffer) SelectWord() { b.SelectRange(b.WordAt(b.caret.at)) }

// SelectLine selects the cursor's line with its end; again, the next one too.
func (b *Buffer) SelectLine() {
	from := Pos{b.caret.at.Line, 0}
	if r, ok := b.Selection(); ok && r.From.Col == 0 {
		from = r.From
	}
	b.SelectRange(Range{from, b.below(b.caret.at.Line)})
}

// SelectAll selects the whole text.
func (b *Buffer) SelectAll() { b.SelectRange(Range{To: b.horizontal(TextEnd)}) }

// SelectRange selects a range; the cursor is at its end.
func (b *Buffer) SelectRange(r Range) {
	b.open = false
	b.set(caret{r.To, r.From, true})
}

// Unselect ends the selection and tells whether there was one.
func (b *Buffer) Unselect() bool {
	_, was := b.Selection()
	b.set(caret{at: b.caret.at})
	return was
}

// below returns the start of the line after n, or the text's end.
func (b *Buffer) below(n int) Pos {
	if n == len(b.lines)-1 {
		return Pos{n, b.End(n)}
	}
	return Pos{n + 1, 0}
}
