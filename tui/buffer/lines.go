package buffer

import "strings"

// indent is how many spaces a stop of indentation has.
const indent = 4

// span returns the lines that the selection touches, or the cursor's. A line
// of which only the start is selected is not touched.
func (b *Buffer) span() (first, last int) {
	r, ok := b.Selection()
	if ok && r.To.Col == 0 && r.To.Line > r.From.Line {
		return r.From.Line, r.To.Line - 1
	}
	return r.From.Line, r.To.Line
}

// retype is what becomes of a line: at At, Cut bytes go and Put comes.
type retype struct {
	at, cut int
	put     string
}

// each changes every line from first to last at one place, as one edit; cursor
// and selection stay on their letters, a selection from a line's start on its whole.
func (b *Buffer) each(first, last int, f func(line string) retype) {
	how := make([]retype, last-first+1)
	now := make([]string, len(how))
	for i := range how {
		c := f(b.Line(first + i))
		how[i] = c
		l := b.lines[first+i]
		now[i] = l[:c.at] + c.put + l[c.at+c.cut:]
	}
	moved := func(p Pos) Pos {
		if p.Line < first || p.Line > last || b.caret.selecting && p.Col == 0 {
			return p
		}
		return Pos{p.Line, how[p.Line-first].col(p.Col)}
	}
	then := caret{moved(b.caret.at), moved(b.caret.anchor), b.caret.selecting}
	r := Range{Pos{first, 0}, Pos{last, len(b.lines[last])}}
	s := strings.Join(now, "\n")
	if b.Slice(r) != s {
		b.doAs(command, r, s, then)
	}
}

// col returns where the letter at a column is afterwards.
func (c retype) col(col int) int {
	if col < c.at {
		return col
	}
	return max(col-c.cut, c.at) + len(c.put)
}

// Indent moves the selected lines, or the cursor's, to the right.
func (b *Buffer) Indent() {
	first, last := b.span()
	b.each(first, last, func(line string) retype {
		switch {
		case line == "" && first != last:
			return retype{}
		case strings.HasPrefix(line, "\t"):
			return retype{put: "\t"}
		}
		return retype{put: strings.Repeat(" ", indent)}
	})
}

// Outdent moves the selected lines, or the cursor's, to the left: by a tab, or
// by as many spaces as a stop has.
func (b *Buffer) Outdent() {
	first, last := b.span()
	b.each(first, last, func(line string) retype {
		if strings.HasPrefix(line, "\t") {
			return retype{cut: 1}
		}
		return retype{cut: min(len(line)-len(strings.TrimLeft(line, " ")), indent)}
	})
}

// ToggleComment puts a # before the selected lines, or the cursor's; where all
// have one, it takes them away.
func (b *Buffer) ToggleComment() {
	first, last := b.span()
	margin, all := -1, true
	for n := first; n <= last; n++ {
		line := b.Line(n)
		in := indentation(line)
		if in == len(line) && first != last {
			continue
		}
		if margin < 0 || in < margin {
			margin = in
		}
		all = all && strings.HasPrefix(line[in:], "#")
	}
	if margin < 0 {
		return
	}
	b.each(first, last, func(line string) retype {
		in := indentation(line)
		switch {
		case in == len(line) && first != last:
			return retype{}
		case !all:
			return retype{at: margin, put: "# "}
		case strings.HasPrefix(line[in:], "# "):
			return retype{at: in, cut: 2}
		}
		return retype{at: in, cut: 1}
	})
}

// Duplicate puts the selected text once more after itself; without a
// selection, the line below itself.
func (b *Buffer) Duplicate() {
	if r, ok := b.Selection(); ok {
		s := b.Slice(r)
		b.doAs(command, Range{r.To, r.To}, s, caret{after(r.To, s), r.To, true})
		return
	}
	at := b.caret.at
	end := Pos{at.Line, b.End(at.Line)}
	b.doAs(command, Range{end, end}, b.ending(at.Line)+b.Line(at.Line), caret{at: Pos{at.Line + 1, at.Col}})
}

// MoveUp moves the selected lines, or the cursor's, above the line before them.
func (b *Buffer) MoveUp() {
	if first, last := b.span(); first > 0 {
		b.rotate(first-1, last, 1, -1)
	}
}

// MoveDown moves the selected lines, or the cursor's, below the line after them.
func (b *Buffer) MoveDown() {
	if first, last := b.span(); last < len(b.lines)-1 {
		b.rotate(first, last+1, last-first+1, 1)
	}
}

// rotate puts the first n of some lines behind the others; line ends stay where
// they are, and the cursor goes by so many lines with its own.
func (b *Buffer) rotate(first, last, n, by int) {
	var texts, ends []string
	for i := first; i <= last; i++ {
		texts = append(texts, b.Line(i))
		ends = append(ends, b.lines[i][b.End(i):])
	}
	texts = append(texts[n:len(texts):len(texts)], texts[:n]...)
	for i := range texts {
		texts[i] += ends[i]
	}
	then := b.caret
	then.at.Line += by
	then.anchor.Line += by
	b.doAs(command, Range{Pos{first, 0}, Pos{last, len(b.lines[last])}}, strings.Join(texts, "\n"), then)
}

// Join puts the selected lines, or the cursor's and the next, into one; what
// lies between them becomes a space.
func (b *Buffer) Join() {
	first, last := b.span()
	if first == last {
		last++
	}
	if last >= len(b.lines) {
		return
	}
	joined, at := b.Line(first), 0
	for n := first + 1; n <= last; n++ {
		joined = strings.TrimRight(joined, " \t")
		at = len(joined)
		if next := strings.TrimLeft(b.Line(n), " \t"); next != "" && joined != "" {
			joined += " " + next
		} else {
			joined += next
		}
	}
	b.doAs(command, Range{Pos{first, 0}, Pos{last, b.End(last)}}, joined, caret{at: Pos{first, at}})
}
