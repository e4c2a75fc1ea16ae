package buffer

import (
	"fmt"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Query is what to look for. Without a capital letter in it, capital and small
// letters are the same.
type Query struct {
	Text   string
	Regexp bool // Text is a regular expression
	Word   bool // only where no letter is beside it
	Case   bool // capital and small letters differ in any case
}

// Finder finds a query in lines. An empty match is none.
type Finder struct {
	re    *regexp.Regexp // nil for plain text of ASCII
	plain string
	fold  bool // plain is in small letters and stands for both
	word  bool
	regex bool
}

// Compile makes a finder. It fails where a regular expression is wrong.
func (q Query) Compile() (*Finder, error) {
	fold := !q.Case && !capital(q)
	f := &Finder{word: q.Word, regex: q.Regexp}
	if !q.Regexp && (!fold || ascii(q.Text)) {
		f.plain, f.fold = q.Text, fold
		return f, nil
	}
	text := q.Text
	if !q.Regexp {
		text = regexp.QuoteMeta(text)
	}
	if fold {
		text = "(?i)" + text
	}
	re, err := regexp.Compile(text)
	if err != nil {
		return nil, fmt.Errorf("read pattern %q: %w", q.Text, err)
	}
	f.re = re
	return f, nil
}

// capital tells whether a capital letter is meant: not one that a backslash makes a class of.
func capital(q Query) bool {
	escaped := false
	for _, r := range q.Text {
		if unicode.IsUpper(r) && !escaped {
			return true
		}
		escaped = q.Regexp && r == '\\' && !escaped
	}
	return false
}

func ascii(s string) bool {
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

// index is strings.Index that may take capital and small letters as the same.
func (f *Finder) index(s string) int {
	if f.plain == "" {
		return -1
	}
	if !f.fold {
		return strings.Index(s, f.plain)
	}
	first := f.plain[0]
	for at := 0; at+len(f.plain) <= len(s); at++ {
		if lower(s[at]) == first && equalFold(s[at:at+len(f.plain)], f.plain) {
			return at
		}
	}
	return -1
}

func equalFold(s, small string) bool {
	for i := range len(small) {
		if lower(s[i]) != small[i] {
			return false
		}
	}
	return true
}

func lower(c byte) byte {
	if 'A' <= c && c <= 'Z' {
		return c + 'a' - 'A'
	}
	return c
}

// alone tells whether no letter stands beside line[from:to].
func alone(line string, from, to int) bool {
	before, n := utf8.DecodeLastRuneInString(line[:from])
	if n > 0 && classOf(before) == letter {
		return false
	}
	behind, n := utf8.DecodeRuneInString(line[to:])
	return n == 0 || classOf(behind) != letter
}

// In returns every match in a line, as columns from and to.
func (f *Finder) In(line string) [][2]int {
	var all [][2]int
	for _, m := range f.all(line) {
		all = append(all, [2]int{m[0], m[1]})
	}
	return all
}

// all returns where every match and its groups begin and end, as package
// regexp tells them.
func (f *Finder) all(line string) [][]int {
	if f.re == nil {
		return f.allPlain(line)
	}
	var all [][]int
	for _, m := range f.re.FindAllStringSubmatchIndex(line, -1) {
		if m[0] < m[1] && (!f.word || alone(line, m[0], m[1])) {
			all = append(all, m)
		}
	}
	return all
}

func (f *Finder) allPlain(line string) [][]int {
	var all [][]int
	for at := 0; ; {
		i := f.index(line[at:])
		if i < 0 {
			return all
		}
		from, to := at+i, at+i+len(f.plain)
		if f.word && !alone(line, from, to) {
			at = from + 1
			continue
		}
		all = append(all, []int{from, to})
		at = to
	}
}

// Matches returns every match in the text, in its order.
func (b *Buffer) Matches(f *Finder) []Range {
	var all []Range
	for n := range b.lines {
		for _, m := range f.all(b.Line(n)) {
			all = append(all, Range{Pos{n, m[0]}, Pos{n, m[1]}})
		}
	}
	return all
}

// FindNext selects the next match after the selection, from the text's end on
// at its start. It tells whether there is one.
func (b *Buffer) FindNext(f *Finder) bool {
	r, _ := b.Selection()
	return b.findFrom(f, r.To)
}

// FindHere selects the match at the selection's start, or the next one.
func (b *Buffer) FindHere(f *Finder) bool {
	r, _ := b.Selection()
	return b.findFrom(f, r.From)
}

func (b *Buffer) findFrom(f *Finder, p Pos) bool {
	for i := range len(b.lines) + 1 {
		n := (p.Line + i) % len(b.lines)
		for _, m := range f.all(b.Line(n)) {
			if i == 0 && m[0] < p.Col {
				continue
			}
			b.SelectRange(Range{Pos{n, m[0]}, Pos{n, m[1]}})
			return true
		}
	}
	return false
}

// FindPrevious selects the match before the selection, from the text's start on
// at its end.
func (b *Buffer) FindPrevious(f *Finder) bool {
	r, _ := b.Selection()
	p := r.From
	for i := range len(b.lines) + 1 {
		n := (p.Line - i + 2*len(b.lines)) % len(b.lines)
		all := f.all(b.Line(n))
		for k := len(all) - 1; k >= 0; k-- {
			m := all[k]
			if i == 0 && m[1] > p.Col {
				continue
			}
			b.SelectRange(Range{Pos{n, m[0]}, Pos{n, m[1]}})
			return true
		}
	}
	return false
}

// ReplaceOne replaces the selection, where it is a match, and selects the next
// match. It tells whether it replaced. In the replacement for a regular
// expression, $1 stands for its first group and $$ for $.
func (b *Buffer) ReplaceOne(f *Finder, with string) bool {
	r, ok := b.Selection()
	if !ok || r.From.Line != r.To.Line {
		b.FindHere(f)
		return false
	}
	line := b.Line(r.From.Line)
	for _, m := range f.all(line) {
		if m[0] == r.From.Col && m[1] == r.To.Col {
			b.do(command, r, string(f.expand(nil, line, with, m)))
			b.FindNext(f)
			return true
		}
	}
	b.FindHere(f)
	return false
}

// ReplaceAll replaces every match, as one edit, and returns how many there were.
func (b *Buffer) ReplaceAll(f *Finder, with string) int {
	count, first, last := 0, -1, 0
	var now []string
	for n := range b.lines {
		line, all := b.lines[n], f.all(b.Line(n))
		if len(all) > 0 {
			if first < 0 {
				first = n
			}
			last, count = n, count+len(all)
			line = f.replaced(line, with, all)
		}
		if first >= 0 {
			now = append(now, line)
		}
	}
	if count == 0 {
		return 0
	}
	now = now[:last-first+1]
	r := Range{Pos{first, 0}, Pos{last, len(b.lines[last])}}
	b.doAs(command, r, strings.Join(now, "\n"), caret{at: b.caret.at})
	return count
}

// replaced returns a line with its matches replaced.
func (f *Finder) replaced(line, with string, all [][]int) string {
	var out []byte
	at := 0
	for _, m := range all {
		out = append(out, line[at:m[0]]...)
		out = f.expand(out, line, with, m)
		at = m[1]
	}
	return string(append(out, line[at:]...))
}

func (f *Finder) expand(out []byte, line, with string, m []int) []byte {
	if !f.regex {
		return append(out, with...)
	}
	return f.re.ExpandString(out, with, line, m)
}
