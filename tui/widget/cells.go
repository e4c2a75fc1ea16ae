package widget

import (
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/imgtui/imgtui/model/words"
	"github.com/imgtui/imgtui/tui/buffer"
)

// tab is how many cells lie between two tab stops.
const tab = 8

// glyph is a character of a line as it is shown.
type glyph struct {
	end  int    // the column after it
	text string // fit to be shown
	w    int    // cells, at least 1
}

// glyphAt returns the character at a column that is shown at a cell.
func glyphAt(line string, col, cell int) glyph {
	c := line[col]
	switch {
	case c == '\t':
		w := tab - cell%tab
		return glyph{col + 1, spaces(w), w}
	case c >= ' ' && c < 0x7f && (col+1 == len(line) || line[col+1] < utf8.RuneSelf):
		return glyph{col + 1, line[col : col+1], 1}
	}
	end := buffer.Next(line, col)
	text := shown(line[col:end])
	return glyph{end, text, Width(text)}
}

// shown returns a character fit to be shown: a letter with its marks as it is.
// Of everything else each rune stands by itself, as an escape where it would
// not take its cells and nothing more.
func shown(cluster string) string {
	if words.Visible(cluster) == cluster && upright(cluster) {
		return cluster
	}
	var b strings.Builder
	for i := 0; i < len(cluster); {
		r, n := utf8.DecodeRuneInString(cluster[i:])
		piece := cluster[i : i+n]
		switch visible := words.Visible(piece); {
		case visible != piece:
			b.WriteString(visible)
		case r < utf8.RuneSelf, base(r) && Width(piece) > 0:
			b.WriteString(piece)
		default:
			quoted := strconv.QuoteToASCII(piece)
			b.WriteString(quoted[1 : len(quoted)-1])
		}
		i += n
	}
	return b.String()
}

// upright tells whether a character is one letter, and marks on it that take no
// cell of their own.
func upright(cluster string) bool {
	r, n := utf8.DecodeRuneInString(cluster)
	if !base(r) {
		return false
	}
	for _, m := range cluster[n:] {
		if !unicode.Is(unicode.Mn, m) {
			return false
		}
	}
	w := Width(cluster[:n])
	return w > 0 && w == Width(cluster)
}

// base tells whether a rune stands by itself: it is no mark, and does not draw
// in what comes after it.
func base(r rune) bool {
	switch {
	case r == 0x0d4e, r == 0x111c2, r == 0x111c3, r == 0x113d1, r == 0x1193f, r == 0x11941, r == 0x11a3a, r >= 0x11a84 && r <= 0x11a89, r == 0x11d46, r == 0x11f02:
		return false
	}
	return !unicode.Is(unicode.M, r)
}

// plain tells whether every byte of s is shown as itself in one cell.
func plain(s string) bool {
	for i := range len(s) {
		if s[i] < ' ' || s[i] >= 0x7f {
			return false
		}
	}
	return true
}

// cells measures a line as it is shown. It implements [buffer.Cells].
type cells struct{}

// Cell returns the cell at which the byte at a column is shown.
func (cells) Cell(line string, col int) int {
	if plain(line[:min(col+1, len(line))]) {
		return col
	}
	cell := 0
	for at := 0; at < col; {
		g := glyphAt(line, at, cell)
		at, cell = g.end, cell+g.w
	}
	return cell
}

// Col returns the column of the character that holds a cell.
func (cells) Col(line string, cell int) int {
	col, _ := seek(line, cell)
	return col
}

// seek returns the character that holds a cell, and at which cell it begins; at
// a line's end, the end.
func seek(line string, cell int) (col, at int) {
	if plain(line[:min(cell+2, len(line))]) {
		end := min(cell, len(line))
		return end, end
	}
	for col < len(line) {
		g := glyphAt(line, col, at)
		if at+g.w > cell {
			break
		}
		col, at = g.end, at+g.w
	}
	return col, at
}
