package buffer

import "strings"

// Motion is a way for the cursor to go.
type Motion uint8

// The motions.
const (
	Left Motion = iota
	Right
	Up
	Down
	WordLeft
	WordRight
	LineStart // to the first letter, from there to the margin
	LineEnd
	PageUp
	PageDown
	TextStart
	TextEnd
)

// Move moves the cursor and ends the selection. From a selection, left and
// right go to its ends.
func (b *Buffer) Move(m Motion) {
	b.open = false
	if r, ok := b.Selection(); ok && (m == Left || m == Right) {
		b.set(caret{at: map[Motion]Pos{Left: r.From, Right: r.To}[m]})
		return
	}
	to, goal := b.target(m)
	b.set(caret{at: to})
	b.goal = goal
}

// Select moves the cursor and takes the selection along.
func (b *Buffer) Select(m Motion) {
	b.open = false
	to, goal := b.target(m)
	b.extend(to)
	b.goal = goal
}

// Go puts the cursor to a place and ends the selection.
func (b *Buffer) Go(p Pos) {
	b.open = false
	b.set(caret{at: b.snap(p)})
}

// Extend puts the cursor to a place and takes the selection along.
func (b *Buffer) Extend(p Pos) {
	b.open = false
	b.extend(b.snap(p))
}

func (b *Buffer) extend(to Pos) {
	c := b.caret
	if !c.selecting {
		c.anchor = c.at
	}
	b.set(caret{to, c.anchor, true})
}

// target returns where a motion leads, and the cell it keeps to.
func (b *Buffer) target(m Motion) (to Pos, goal int) {
	switch m {
	case Up:
		return b.vertical(-1)
	case Down:
		return b.vertical(1)
	case PageUp:
		return b.vertical(-b.page)
	case PageDown:
		return b.vertical(b.page)
	}
	return b.horizontal(m), -1
}

func (b *Buffer) horizontal(m Motion) Pos {
	at := b.caret.at
	switch m {
	case Left:
		return b.left(at)
	case Right:
		return b.right(at)
	case WordLeft:
		return b.wordLeft(at)
	case WordRight:
		return b.wordRight(at)
	case LineStart:
		return Pos{at.Line, b.margin(at)}
	case LineEnd:
		return Pos{at.Line, b.End(at.Line)}
	case TextEnd:
		last := len(b.lines) - 1
		return Pos{last, b.End(last)}
	}
	return Pos{}
}

// vertical goes by so many lines. Beyond the first and last line it goes to the
// text's start and end.
func (b *Buffer) vertical(by int) (Pos, int) {
	at := b.caret.at
	goal := b.goal
	if goal < 0 {
		goal = b.cells.Cell(b.Line(at.Line), at.Col)
	}
	switch to := at.Line + by; {
	case to < 0 && at.Line == 0:
		return Pos{}, -1
	case to >= len(b.lines) && at.Line == len(b.lines)-1:
		return b.horizontal(TextEnd), -1
	default:
		to = max(min(to, len(b.lines)-1), 0)
		return Pos{to, b.cells.Col(b.Line(to), goal)}, goal
	}
}

func (b *Buffer) left(p Pos) Pos {
	if p.Col > 0 {
		return Pos{p.Line, Prev(b.Line(p.Line), p.Col)}
	}
	if p.Line == 0 {
		return p
	}
	return Pos{p.Line - 1, b.End(p.Line - 1)}
}

func (b *Buffer) right(p Pos) Pos {
	if p.Col < b.End(p.Line) {
		return Pos{p.Line, Next(b.Line(p.Line), p.Col)}
	}
	if p.Line == len(b.lines)-1 {
		return p
	}
	return Pos{p.Line + 1, 0}
}

// margin returns the column of the line's first letter, or 0 where p is there already.
func (b *Buffer) margin(p Pos) int {
	first := indentation(b.Line(p.Line))
	if p.Col == first {
		return 0
	}
	return first
}

// indentation returns how many bytes of white space a line begins with.
func indentation(line string) int { return len(line) - len(strings.TrimLeft(line, " \t")) }

// snap returns the place nearest before p at which a character begins.
func (b *Buffer) snap(p Pos) Pos {
	p = b.Clamp(p)
	if line := b.Line(p.Line); p.Col < len(line) {
		p.Col = Prev(line, p.Col+1)
	}
	return p
}
