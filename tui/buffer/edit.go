package buffer

import "strings"

// Insert types text at the cursor, over what is selected.
func (b *Buffer) Insert(s string) {
	r, _ := b.Selection()
	b.do(typed, r, s)
}

// Newline breaks the line at the cursor; the new one begins with indent.
func (b *Buffer) Newline(indent string) {
	r, _ := b.Selection()
	b.do(command, r, b.ending(r.From.Line)+indent)
}

// Paste inserts text that came from elsewhere: its line ends become those of
// the text around it.
func (b *Buffer) Paste(s string) {
	r, _ := b.Selection()
	b.do(command, r, b.foreign(s, r.From.Line))
}

// foreign returns s with the line ends that are used at a line.
func (b *Buffer) foreign(s string, line int) string {
	if strings.Contains(s, "\r") {
		s = strings.ReplaceAll(strings.ReplaceAll(s, "\r\n", "\n"), "\r", "\n")
	}
	if end := b.ending(line); end != "\n" {
		s = strings.ReplaceAll(s, "\n", end)
	}
	return s
}

// Put inserts text as it is, over what is selected.
func (b *Buffer) Put(s string) {
	r, _ := b.Selection()
	b.do(command, r, s)
}

// PasteLines inserts whole lines, as they are, above the cursor's; the cursor
// stays where it was in its line.
func (b *Buffer) PasteLines(s string) {
	at := b.caret.at
	top := Pos{at.Line, 0}
	b.doAs(command, Range{top, top}, s, caret{at: Pos{at.Line + strings.Count(s, "\n"), at.Col}})
}

// Backspace removes the selection, or the character before the cursor; in
// spaces that indent a line, those back to the stop before.
func (b *Buffer) Backspace() { b.remove(erased, b.backward(b.caret.at)) }

// Delete removes the selection, or the character after the cursor.
func (b *Buffer) Delete() { b.remove(deleted, b.right(b.caret.at)) }

// DeleteWordLeft removes the selection, or what is before the cursor up to where a word begins.
func (b *Buffer) DeleteWordLeft() { b.remove(command, b.wordLeft(b.caret.at)) }

// DeleteWordRight removes the selection, or what is after the cursor up to where a word ends.
func (b *Buffer) DeleteWordRight() { b.remove(command, b.wordRight(b.caret.at)) }

// DeleteToStart removes what is before the cursor in its line; at its start, the line end before.
func (b *Buffer) DeleteToStart() {
	to := Pos{b.caret.at.Line, 0}
	if b.caret.at == to {
		to = b.left(to)
	}
	b.remove(command, to)
}

// DeleteToEnd removes what is after the cursor in its line; at its end, the line end.
func (b *Buffer) DeleteToEnd() {
	to := Pos{b.caret.at.Line, b.End(b.caret.at.Line)}
	if b.caret.at == to {
		to = b.right(to)
	}
	b.remove(command, to)
}

// remove removes the selection, or else what is between the cursor and a place.
func (b *Buffer) remove(k kind, to Pos) {
	if r, ok := b.Selection(); ok {
		b.do(command, r, "")
		return
	}
	r := Range{b.caret.at, to}
	if to.Before(b.caret.at) {
		r = Range{to, b.caret.at}
	}
	b.do(k, r, "")
}

// backward returns where a backspace leads: a character back, in spaces that
// indent to the stop before.
func (b *Buffer) backward(p Pos) Pos {
	head := b.Line(p.Line)[:p.Col]
	if p.Col > 0 && strings.Trim(head, " ") == "" {
		return Pos{p.Line, (p.Col - 1) / indent * indent}
	}
	return b.left(p)
}

// Copy returns the selected text; without a selection the whole line with a
// line end, and true.
func (b *Buffer) Copy() (s string, whole bool) {
	if r, ok := b.Selection(); ok {
		return b.Slice(r), false
	}
	n := b.caret.at.Line
	return b.Line(n) + b.ending(n), true
}

// Cut is [Buffer.Copy] that removes what it returns.
func (b *Buffer) Cut() (s string, whole bool) {
	s, whole = b.Copy()
	if !whole {
		b.remove(command, b.caret.at)
		return s, whole
	}
	b.removeLine(b.caret.at.Line)
	return s, whole
}

// removeLine removes a line with its end, the last one with the end before it.
func (b *Buffer) removeLine(n int) {
	r := Range{Pos{n, 0}, b.below(n)}
	if n > 0 && n == len(b.lines)-1 {
		r.From = Pos{n - 1, b.End(n - 1)}
	}
	b.doAs(command, r, "", caret{at: Pos{n, b.caret.at.Col}})
}

// Become makes the whole text another one, in a way that can be taken back.
// Lines that agree at the start and at the end stay as they are.
func (b *Buffer) Become(text string) {
	now := strings.Split(text, "\n")
	same := 0
	for same < min(len(now), len(b.lines))-1 && now[same] == b.lines[same] {
		same++
	}
	rest := 0
	for rest < min(len(now), len(b.lines))-same-1 && now[len(now)-1-rest] == b.lines[len(b.lines)-1-rest] {
		rest++
	}
	last := len(b.lines) - 1 - rest
	r := Range{Pos{same, 0}, Pos{last, len(b.lines[last])}}
	s := strings.Join(now[same:len(now)-rest], "\n")
	if b.Slice(r) != s {
		b.doAs(command, r, s, caret{at: b.caret.at})
	}
}

// Replace puts s where a range is, in a way that can be taken back.
func (b *Buffer) Replace(r Range, s string) { b.do(command, Range{b.Clamp(r.From), b.Clamp(r.To)}, s) }
