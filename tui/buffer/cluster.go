package buffer

import (
	"unicode/utf8"

	"github.com/clipperhouse/uax29/v2/graphemes"
)

// Next returns where the character that begins at a column ends: a letter with
// its marks, or several runes that are shown as one.
func Next(line string, col int) int {
	if col+1 >= len(line) {
		return len(line)
	}
	r, n := utf8.DecodeRuneInString(line[col:])
	if s, _ := utf8.DecodeRuneInString(line[col+n:]); single(r) && single(s) {
		return col + n
	}
	g := graphemes.FromString(line[col:reach(line, col)])
	if !g.Next() { // a byte that is no UTF-8
		return col + 1
	}
	return col + len(g.Value())
}

// single tells whether a rune makes no character together with another single one.
func single(r rune) bool {
	switch {
	case r < utf8.RuneSelf, r >= 0xc0 && r < 0x300, r >= 0x400 && r <= 0x482:
		return true
	case r >= 0x3041 && r <= 0x3096, r >= 0x30a1 && r <= 0x30fa, r >= 0x4e00 && r <= 0x9fff, r >= 0xac00 && r <= 0xd7a3:
		return true
	}
	return false
}

// longest is how many bytes a character has at the most; what a hostile text
// piles up beyond is taken for another one.
const longest = 256

// reach returns how far the character at col can reach: over UTF-8 alone.
func reach(line string, col int) int {
	end := min(len(line), col+longest)
	for at := col; at < end; {
		r, n := utf8.DecodeRuneInString(line[at:end])
		if r == utf8.RuneError && n == 1 {
			return at
		}
		if at > col && r < utf8.RuneSelf {
			return at + 1
		}
		at += n
	}
	return end
}

// Prev returns where the character begins that holds the byte before a column.
func Prev(line string, col int) int {
	if col <= 1 {
		return 0
	}
	from := sure(line, col-1)
	for {
		next := Next(line, from)
		if next >= col {
			return from
		}
		from = next
	}
}

// sure returns the last place at or before col where a character begins for
// certain: the line's start, or between two single runes.
func sure(line string, col int) int {
	for ; col > 0; col-- {
		if !utf8.RuneStart(line[col]) {
			continue
		}
		r, _ := utf8.DecodeRuneInString(line[col:])
		if before, _ := utf8.DecodeLastRuneInString(line[:col]); single(r) && single(before) {
			return col
		}
	}
	return 0
}

// clusters measures text where nothing is known of its cells: one a character.
type clusters struct{}

func (clusters) Cell(line string, col int) int {
	n := 0
	for at := 0; at < col; n++ {
		at = Next(line, at)
	}
	return n
}

func (clusters) Col(line string, cell int) int {
	at := 0
	for ; cell > 0 && at < len(line); cell-- {
		at = Next(line, at)
	}
	return at
}
