package widget

import (
	"strings"

	tea "charm.land/bubbletea/v2"

	"github.com/imgtui/imgtui/tui/act"
	"github.com/imgtui/imgtui/tui/buffer"
	"github.com/imgtui/imgtui/tui/highlight"
)

// Takes tells whether a key that is the whole screen's even while letters are
// typed means something here now: ctrl+z takes back; tab takes a candidate, goes
// to a bar's next field, or moves selected lines.
func (e *Editor) Takes(k tea.KeyPressMsg) bool {
	switch k.String() {
	case "ctrl+z":
		return e.Typing()
	case "tab", "shift+tab":
		return e.bar.kind == replacing || e.bar.kind == closed && e.typing && (e.popup.open || e.severalLines())
	}
	return false
}

func (e *Editor) scope() act.Scope {
	if e.typing {
		return act.Typing
	}
	return act.Browsing
}

func (e *Editor) severalLines() bool {
	r, _ := e.buf.Selection()
	return r.From.Line < r.To.Line
}

// Key takes a key.
func (e *Editor) Key(k tea.KeyPressMsg) Intent {
	return e.noted(func() Intent { return e.key(k) })
}

// noted tells of what was done whether text or line are others now.
func (e *Editor) noted(do func() Intent) Intent {
	rev, line := e.buf.Rev(), e.Line()
	i := do()
	i.Changed = e.buf.Rev() != rev
	i.Moved = e.Line() != line
	if i.Handled {
		e.follow = true
	}
	return i
}

func (e *Editor) key(k tea.KeyPressMsg) Intent {
	name := k.String()
	if e.bar.kind != closed {
		return e.barKey(k, name)
	}
	if e.popup.open && e.popupKey(name) {
		return Intent{Handled: true}
	}
	if name == "tab" || name == "shift+tab" {
		return e.tab(name)
	}
	if a, ok := act.InEditor(e.scope(), name); ok {
		return e.Do(a.ID)
	}
	if e.typing && printable(k) {
		e.buf.Insert(k.Text)
		e.suggest(unasked)
		return Intent{Handled: true}
	}
	return Intent{}
}

// printable tells whether a key types its text. AltGr comes as ctrl and alt.
func printable(k tea.KeyPressMsg) bool {
	held := k.Mod & (tea.ModCtrl | tea.ModAlt | tea.ModMeta | tea.ModSuper | tea.ModHyper)
	return k.Text != "" && (held == 0 || held == tea.ModCtrl|tea.ModAlt)
}

// tab moves selected lines; else it is the screen's.
func (e *Editor) tab(name string) Intent {
	if !e.typing || !e.severalLines() {
		return Intent{}
	}
	if name == "tab" {
		e.buf.Indent()
	} else {
		e.buf.Outdent()
	}
	return Intent{Handled: true}
}

// Paste takes text from the terminal. While the text is browsed it is not taken.
func (e *Editor) Paste(text string) Intent {
	return e.noted(func() Intent {
		switch {
		case e.bar.kind != closed:
			first, _, _ := strings.Cut(text, "\n")
			e.bar.input().Type(tea.PasteMsg{Content: strings.TrimSuffix(first, "\r")})
			e.searched()
		case e.typing:
			e.buf.Paste(text)
			e.popup = popup{}
		default:
			return Intent{}
		}
		return Intent{Handled: true}
	})
}

// Do carries out an action of [act.Editor].
func (e *Editor) Do(id act.ID) Intent {
	return e.noted(func() Intent {
		if f, ok := intents[id]; ok {
			return f(e)
		}
		f, ok := edits[id]
		if !ok {
			return Intent{}
		}
		f(e.buf)
		if id == "erase" && e.popup.open {
			e.suggest(asked)
		} else {
			e.popup = popup{}
		}
		return Intent{Handled: true}
	})
}

// edits are the actions that the buffer carries out alone.
var edits = map[act.ID]func(*buffer.Buffer){
	"undo": func(b *buffer.Buffer) { b.Undo() }, "redo": func(b *buffer.Buffer) { b.Redo() },
	"take-back": func(b *buffer.Buffer) { b.Undo() }, "do-again": func(b *buffer.Buffer) { b.Redo() },
	"comment": (*buffer.Buffer).ToggleComment, "indent": (*buffer.Buffer).Indent, "outdent": (*buffer.Buffer).Outdent,
	"duplicate": (*buffer.Buffer).Duplicate, "line-up": (*buffer.Buffer).MoveUp, "line-down": (*buffer.Buffer).MoveDown, "join": (*buffer.Buffer).Join,
	"erase": (*buffer.Buffer).Backspace, "delete": (*buffer.Buffer).Delete,
	"erase-word": (*buffer.Buffer).DeleteWordLeft, "delete-word": (*buffer.Buffer).DeleteWordRight,
	"erase-to-start": (*buffer.Buffer).DeleteToStart, "delete-to-end": (*buffer.Buffer).DeleteToEnd,
	"char-left": move(buffer.Left), "char-right": move(buffer.Right), "row-up": move(buffer.Up), "row-down": move(buffer.Down),
	"word-left": move(buffer.WordLeft), "word-right": move(buffer.WordRight), "line-start": move(buffer.LineStart), "line-end": move(buffer.LineEnd),
	"screen-up": move(buffer.PageUp), "screen-down": move(buffer.PageDown), "text-start": move(buffer.TextStart), "text-end": move(buffer.TextEnd),
	"select-left": extend(buffer.Left), "select-right": extend(buffer.Right), "select-up": extend(buffer.Up), "select-down": extend(buffer.Down),
	"select-word-left": extend(buffer.WordLeft), "select-word-right": extend(buffer.WordRight),
	"select-line-start": extend(buffer.LineStart), "select-line-end": extend(buffer.LineEnd),
	"select-screen-up": extend(buffer.PageUp), "select-screen-down": extend(buffer.PageDown),
	"select-text-start": extend(buffer.TextStart), "select-text-end": extend(buffer.TextEnd),
	"select-word": (*buffer.Buffer).SelectWord, "select-line": (*buffer.Buffer).SelectLine, "select-all": (*buffer.Buffer).SelectAll,
}

func move(m buffer.Motion) func(*buffer.Buffer)   { return func(b *buffer.Buffer) { b.Move(m) } }
func extend(m buffer.Motion) func(*buffer.Buffer) { return func(b *buffer.Buffer) { b.Select(m) } }

// intents are the actions that more than the buffer has part in.
var intents = map[act.ID]func(*Editor) Intent{
	"type":          func(e *Editor) Intent { e.Type(); return Intent{Handled: true} },
	"rest":          (*Editor).escape,
	"save":          func(e *Editor) Intent { e.buf.Seal(); return Intent{Handled: true, Save: true} },
	"open-editor":   func(e *Editor) Intent { e.popup = popup{}; return Intent{Handled: true, External: true} },
	"cut":           (*Editor).cut,
	"copy-text":     (*Editor).copy,
	"paste":         (*Editor).paste,
	"complete":      func(e *Editor) Intent { e.suggest(asked); return Intent{Handled: true} },
	"find":          func(e *Editor) Intent { return e.openBar(finding) },
	"search":        func(e *Editor) Intent { return e.openBar(finding) },
	"replace":       func(e *Editor) Intent { return e.openBar(replacing) },
	"go-to-line":    func(e *Editor) Intent { return e.openBar(going) },
	"find-next":     func(e *Editor) Intent { return e.again((*buffer.Buffer).FindNext) },
	"find-previous": func(e *Editor) Intent { return e.again((*buffer.Buffer).FindPrevious) },
	"new-line":      (*Editor).newline,
	"soft-wrap":     func(e *Editor) Intent { e.wrap, e.left, e.top.row = !e.wrap, 0, 0; return Intent{Handled: true} },
}

// escape ends the innermost: the selection, else the typing.
func (e *Editor) escape() Intent {
	if e.buf.Unselect() {
		return Intent{Handled: true}
	}
	e.Rest()
	return Intent{Handled: true, Ended: true}
}

func (e *Editor) newline() Intent {
	e.popup = popup{}
	r, _ := e.buf.Selection()
	head := e.buf.Line(r.From.Line)[:r.From.Col]
	e.buf.Newline(highlight.Indent(e.look.State(r.From.Line), head))
	return Intent{Handled: true}
}

func (e *Editor) copy() Intent {
	e.clip.text, e.clip.whole = e.buf.Copy()
	return Intent{Handled: true, Copied: e.clip.text}
}

func (e *Editor) cut() Intent {
	e.popup = popup{}
	e.clip.text, e.clip.whole = e.buf.Cut()
	return Intent{Handled: true, Copied: e.clip.text}
}

// paste puts in what was cut or copied here; whole lines above the cursor's.
func (e *Editor) paste() Intent {
	e.popup = popup{}
	if _, selected := e.buf.Selection(); e.clip.whole && !selected {
		e.buf.PasteLines(e.clip.text)
	} else {
		e.buf.Put(e.clip.text)
	}
	return Intent{Handled: true}
}
