package pane

import (
	tea "charm.land/bubbletea/v2"

	"github.com/imgtui/imgtui/model/words"
	"github.com/imgtui/imgtui/tui/widget"
)

// Typing implements [Typist]: a filter is being typed.
func (p *Files) Typing() bool { return p.filter.Typing() }

// Rest implements [Typist].
func (p *Files) Rest() { p.filter.Stop() }

// asks tells whether the filter has a line of its own.
func (p *Files) asks() bool { return p.filter.Typing() || p.want.filter != "" }

// Type implements [Typist]. The list narrows with every key while the arrows
// still move in it; enter keeps the filter, esc ends it.
func (p *Files) Type(m tea.Msg, e Env) {
	p.sync(e)
	defer p.hold(p.path())
	if k, ok := m.(tea.KeyPressMsg); ok && p.command(k.String()) {
		return
	}
	p.filter.Type(m)
	if p.want.filter == p.filter.Value() {
		return
	}
	p.want.filter, p.first = p.filter.Value(), true
	p.sync(e)
}

// command carries out what a key means beside text.
func (p *Files) command(key string) bool {
	switch key {
	case "enter":
		p.filter.Stop()
	case "esc":
		p.filter.Stop()
		p.want.filter = ""
	case "up":
		p.win.Move(-1)
	case "down":
		p.win.Move(1)
	case "pgup":
		p.win.Move(-p.win.Height)
	case "pgdown":
		p.win.Move(p.win.Height)
	default:
		return false
	}
	return true
}

// filterLine shows the filter, and how one is written.
func (p *Files) filterLine(e Env, w int) string {
	t := e.Words.Screen
	r := widget.NewRow(w).Put(e.Theme.Accent, " / ")
	note := ""
	switch {
	case p.want.filter == "":
		note = t.FilterHow
	case newMatcher(p.want.filter).bad:
		note = t.BadPattern
	}
	text := words.Visible(p.want.filter)
	if p.filter.Typing() {
		text, _ = p.filter.View(r.Room() - 1)
	}
	r.Put(e.Theme.Strong, text)
	if room := r.Room() - widget.Width(note) - 2; room >= 0 {
		r.Pad(room+1).Put(e.Theme.Dim, note)
	}
	return r.String()
}

// Cursor implements [Typist].
func (p *Files) Cursor() (x, y int, ok bool) {
	if !p.filter.Typing() {
		return 0, 0, false
	}
	_, at := p.filter.View(p.width - 6)
	return 1 + 3 + at, 1, true
}
