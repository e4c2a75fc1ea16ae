package words

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Visible returns s fit to be shown: control characters, bidirectional and
// other format characters, unassigned and private code points, joiners, marks
// without a letter, modifiers and whatever else makes widths uncertain, and
// invalid bytes become escapes such as \n, \x1b or \u202e. What is harmless
// stays as it is, letter by letter.
func Visible(s string) string {
	for i, r := range s {
		if !harmless(s[i:], r) || i == 0 && unicode.Is(unicode.M, r) {
			return escape(s, i)
		}
	}
	return s
}

// harmless tells whether the rune at the start of rest takes its cells and nothing more.
func harmless(rest string, r rune) bool {
	if r < utf8.RuneSelf {
		return r >= ' ' && r != 0x7f
	}
	if r == utf8.RuneError {
		_, n := utf8.DecodeRuneInString(rest)
		return n > 1
	}
	return unicode.IsPrint(r) && !uncertain(r)
}

// uncertain tells whether terminals disagree on how many cells a cluster with r takes.
func uncertain(r rune) bool {
	switch {
	case r >= 0xfe00 && r <= 0xfe0f, r >= 0xe0100 && r <= 0xe01ef: // variation selectors
		return true
	case r >= 0x1f3fb && r <= 0x1f3ff, r >= 0x1f1e6 && r <= 0x1f1ff: // skin tones, flags
		return true
	case r >= 0x1100 && r <= 0x11ff, r >= 0xa960 && r <= 0xa97f, r >= 0xd7b0 && r <= 0xd7ff: // conjoining jamo
		return true
	case r == 0x115f, r == 0x3164, r == 0xffa0, r == 0x2800: // blank letters
		return true
	}
	return unicode.In(r, unicode.Mc, unicode.Me, joining)
}

// joining are letters and marks that make one cluster of two letters, or of a
// letter before or after them: some terminals count a cluster, others its letters.
var joining = &unicode.RangeTable{
	R16: []unicode.Range16{
		{0x094d, 0x094d, 1}, {0x09cd, 0x09cd, 1}, {0x0acd, 0x0acd, 1}, {0x0b4d, 0x0b4d, 1}, {0x0c4d, 0x0c4d, 1},
		{0x0d4d, 0x0d4e, 1}, {0x0e33, 0x0e33, 1}, {0x0eb3, 0x0eb3, 1}, {0x1039, 0x1039, 1}, {0x17d2, 0x17d2, 1},
		{0x1a60, 0x1a60, 1}, {0x1bab, 0x1bab, 1}, {0xaaf6, 0xaaf6, 1}, {0xff9e, 0xff9f, 1},
	},
	R32: []unicode.Range32{
		{0x10a3f, 0x10a3f, 1}, {0x11133, 0x11133, 1}, {0x111c2, 0x111c3, 1}, {0x1193e, 0x1193f, 1}, {0x11941, 0x11941, 1},
		{0x11a47, 0x11a47, 1}, {0x11a84, 0x11a89, 1}, {0x11a99, 0x11a99, 1}, {0x11d46, 0x11d46, 1}, {0x11f02, 0x11f02, 1},
		{0x11f42, 0x11f42, 1},
	},
}

func escape(s string, from int) string {
	var b strings.Builder
	b.Grow(len(s) + 8)
	b.WriteString(s[:from])
	letter := from > 0 // what stands before can carry a mark
	for i := from; i < len(s); {
		r, n := utf8.DecodeRuneInString(s[i:])
		ok := harmless(s[i:], r) && (letter || !unicode.Is(unicode.M, r))
		switch {
		case ok:
			b.WriteString(s[i : i+n])
		case r == utf8.RuneError && n == 1:
			fmt.Fprintf(&b, `\x%02x`, s[i])
		default:
			b.WriteString(named(r))
		}
		letter = ok
		i += n
	}
	return b.String()
}

func named(r rune) string {
	switch r {
	case '\n':
		return `\n`
	case '\r':
		return `\r`
	case '\t':
		return `\t`
	}
	switch {
	case r < 0x100:
		return fmt.Sprintf(`\x%02x`, r)
	case r < 0x10000:
		return fmt.Sprintf(`\u%04x`, r)
	}
	return fmt.Sprintf(`\U%08x`, r)
}
