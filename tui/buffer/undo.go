package buffer

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// edit is one change that can be taken back: where old was there is now.
type edit struct {
	id            int
	kind          kind
	from          Pos
	old, now      string
	before, after caret
}

// kind tells which edits grow together into one.
type kind uint8

const (
	command kind = iota // stands alone
	typed
	erased // to the left
	deleted
)

// do changes the text in a way that can be taken back, and leaves the cursor
// after what is new.
func (b *Buffer) do(k kind, r Range, s string) {
	b.doAs(k, r, s, caret{at: after(r.From, s)})
}

// doAs is do with the cursor and selection that shall be there afterwards.
func (b *Buffer) doAs(k kind, r Range, s string, then caret) {
	if r.Empty() && s == "" {
		return
	}
	before := b.caret
	old := b.replace(r, s)
	b.set(then)
	b.ids++
	b.future = nil
	if b.open && b.grow(k, r, old, s) {
		return
	}
	b.past = append(b.past, edit{b.ids, k, r.From, old, s, before, b.caret})
	b.open = k != command
}

// grow adds a change to the last edit where both belong to one word.
func (b *Buffer) grow(k kind, r Range, old, s string) bool {
	last := &b.past[len(b.past)-1]
	if last.kind != k {
		return false
	}
	switch k {
	case typed:
		if old != "" || r.From != after(last.from, last.now) || turns(last.now, s) {
			return false
		}
		last.now += s
	case erased:
		if after(r.From, old) != last.from || turns(old, last.old) {
			return false
		}
		last.from, last.old = r.From, old+last.old
	case deleted:
		if r.From != last.from || turns(last.old, old) {
			return false
		}
		last.old += old
	default:
		return false
	}
	last.id, last.after = b.ids, b.caret
	return true
}

// turns tells whether a new word begins with s after was: a letter after white
// space, or a line end on either side.
func turns(was, s string) bool {
	if strings.Contains(was, "\n") || strings.Contains(s, "\n") {
		return true
	}
	end, _ := utf8.DecodeLastRuneInString(was)
	start, _ := utf8.DecodeRuneInString(s)
	return unicode.IsSpace(end) && !unicode.IsSpace(start)
}

// Seal ends the word that is being typed: what follows is taken back apart.
func (b *Buffer) Seal() { b.open = false }

// Undo takes the last edit back and tells whether there was one.
func (b *Buffer) Undo() bool {
	if len(b.past) == 0 {
		return false
	}
	e := b.past[len(b.past)-1]
	b.past = b.past[:len(b.past)-1]
	b.replace(Range{e.from, after(e.from, e.now)}, e.old)
	b.future = append(b.future, e)
	b.open = false
	b.set(e.before)
	return true
}

// Redo makes the edit again that was taken back last, and tells whether there was one.
func (b *Buffer) Redo() bool {
	if len(b.future) == 0 {
		return false
	}
	e := b.future[len(b.future)-1]
	b.future = b.future[:len(b.future)-1]
	b.replace(Range{e.from, after(e.from, e.old)}, e.now)
	b.past = append(b.past, e)
	b.open = false
	b.set(e.after)
	return true
}

// Saved remembers the text as saved.
func (b *Buffer) Saved() {
	b.open = false
	b.saved = b.state()
}

// Dirty tells whether the text is another than the one that was saved, or given
// to [New].
func (b *Buffer) Dirty() bool { return b.state() != b.saved }

// state returns the id of the edit that made the text what it is.
func (b *Buffer) state() int {
	if len(b.past) == 0 {
		return 0
	}
	return b.past[len(b.past)-1].id
}

// set puts cursor and selection where they shall be, as far as the text has
// such places; within a character, after it.
func (b *Buffer) set(c caret) {
	c.at = b.whole(c.at)
	if c.selecting {
		c.anchor = b.whole(c.anchor)
	} else {
		c.anchor = c.at
	}
	b.caret, b.goal = c, -1
}

// whole returns the first place from p on that is within no character.
func (b *Buffer) whole(p Pos) Pos {
	p = b.Clamp(p)
	line := b.Line(p.Line)
	if p.Col > 0 && p.Col < len(line) {
		p.Col = Next(line, Prev(line, p.Col))
	}
	return p
}
