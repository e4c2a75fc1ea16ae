package pane

import (
	"fmt"

	tea "charm.land/bubbletea/v2"

	"github.com/imgtui/imgtui/model/session"
	"github.com/imgtui/imgtui/model/words"
	"github.com/imgtui/imgtui/tui/act"
	"github.com/imgtui/imgtui/tui/theme"
	"github.com/imgtui/imgtui/tui/widget"
)

// Log shows what the selected step of a build wrote, and at the end what has
// come of it. It follows what is written until somebody looks back.
type Log struct {
	win   widget.Window
	back  bool // somebody looks back: it does not follow
	whole bool // of all steps, not of the selected one
	find  search
	width int
	made  logKey
	parts []logPart
	rows  []logRow // of the parts, in one
	ends  []logRow // beneath them: what has come of it
}

// logKey says what a log is of; what is another one is read anew.
type logKey struct {
	build, line, trial, width int
	whole                     bool
	theme                     *theme.Theme
}

// Scope implements [Pane].
func (p *Log) Scope() act.Scope { return act.Details }

// Do implements [Pane].
func (p *Log) Do(id act.ID, e Env) ([]session.Msg, Turn) {
	p.sync(e)
	by := func(n int) { p.Wheel(n) }
	to := func(n int) { p.Wheel(n - p.win.Top) }
	if move(id, p.win.Height, by, to) {
		return nil, Stay
	}
	switch id {
	case "whole-log":
		p.whole, p.back = !p.whole, false
	case "search-log":
		p.find.start()
	case "next-hit":
		p.show(p.find.step(1))
	case "previous-hit":
		p.show(p.find.step(-1))
	case "back":
		if p.find.query != "" {
			p.find.end()
			return nil, Stay
		}
		return nil, Out
	}
	return nil, Stay
}

// Click implements [Pane].
func (p *Log) Click(Env, int, int, bool) []session.Msg { return nil }

// Wheel implements [Pane]. At the bottom the log is followed again.
func (p *Log) Wheel(by int) {
	last := max(p.win.Count-p.win.Height, 0)
	p.win.Top = max(min(p.win.Top+by, last), 0)
	p.back = p.win.Top < last
}

// Whole tells whether the log is that of all steps.
func (p *Log) Whole() bool { return p.whole }

// sync lays out what is new.
func (p *Log) sync(e Env) {
	s, b := e.State, e.State.Rebuild()
	key := logKey{width: p.width, whole: p.whole, theme: e.Theme}
	if b != nil {
		key.build = b.Of.Gen
	}
	if !p.whole {
		key.line = s.At
		if m := s.Made(); m != nil {
			key.line = m.Line
		}
	}
	if s.Trial != nil {
		key.trial = s.Trial.Of.Gen
	}
	fresh := key != p.made
	if fresh {
		if key.build != p.made.build || key.line != p.made.line || key.trial != p.made.trial || key.whole != p.made.whole {
			p.back = false
			p.find.end()
		}
		p.made, p.parts, p.rows = key, nil, nil
	}
	if b != nil && s.Trial == nil {
		fresh = p.read(e, b, key.line) || fresh
	}
	p.ends = p.end(e, b)
	p.win.Count = len(p.rows) + len(p.ends)
	if fresh && p.find.query != "" {
		at := p.find.at
		p.find.all = p.spots(folded(p.find.query), mostSpots)
		p.find.at = max(min(at, len(p.find.all)-1), 0)
	}
	if p.width > 0 && !p.back {
		p.win.Top = max(p.win.Count-p.win.Height, 0)
	}
	p.win.Top = max(min(p.win.Top, p.win.Count-p.win.Height), 0)
}

// row returns a row of the log, or of what stands beneath it.
func (p *Log) row(i int) logRow {
	if i < len(p.rows) {
		return p.rows[i]
	}
	return p.ends[i-len(p.rows)]
}

func (p *Log) text(i int) string { return p.row(i).text }

func (p *Log) spots(find string, most int) []spot {
	return spotsIn(len(p.rows)+len(p.ends), p.text, find, most)
}

// View implements [Pane].
func (p *Log) View(e Env, w, h int, focused bool) []string {
	p.width = w
	rows := h - 2
	if p.find.open() {
		rows--
	}
	p.win.Height = max(rows, 1)
	p.sync(e)
	var lines []string
	if p.find.open() {
		lines = append(lines, p.find.line(e, w-2))
	}
	find := folded(p.find.query)
	for i := p.win.Top; i < p.win.Count && len(lines) < h-2; i++ {
		l, r := p.row(i), widget.NewRow(w-2)
		r.Put(e.Theme.Accent, other(find != "" && p.find.on(i), "❯", " "))
		line(r, e, l.style, l.text, 0, find)
		lines = append(lines, r.String())
	}
	lines = append(lines, widget.Blank(w-2, max(h-2-len(lines), 0))...)
	return p.frame(e, focused).Draw(e.Theme, w, h, lines)
}

func (p *Log) frame(e Env, focused bool) widget.Frame {
	t := e.Words
	f := widget.Frame{Number: "4", Title: t.Screen.Details, Focused: focused, Subject: fmt.Sprintf(t.Build.Log, p.made.line)}
	b := e.State.Rebuild()
	switch {
	case e.State.Trial != nil:
		f.Subject = words.Visible(e.State.Trial.Of.Command)
	case p.whole:
		f.Subject = t.Build.WholeLog
	}
	if b != nil && !b.Over() && !p.back {
		f.Left = t.Build.Follows
	}
	if p.win.Count > p.win.Height {
		f.Right = fmt.Sprintf(t.Screen.Of, words.Exact(min(p.win.Top+p.win.Height, p.win.Count)), words.Exact(p.win.Count))
	}
	return f
}

// Typing implements [Typist].
func (p *Log) Typing() bool { return p.find.input.Typing() }

// Rest implements [Typist].
func (p *Log) Rest() { p.find.input.Stop() }

// Type implements [Typist]: what is found moves along with every key.
func (p *Log) Type(m tea.Msg, e Env) {
	p.sync(e)
	if !p.find.typed(m) {
		return
	}
	p.find.all, p.find.at = nil, 0
	if p.find.query != "" {
		p.find.all = p.spots(folded(p.find.query), mostSpots)
	}
	p.show(p.find.from(p.win.Top))
}

// show brings a place into sight.
func (p *Log) show(s spot, ok bool) {
	if ok && (s.row < p.win.Top || s.row >= p.win.Top+p.win.Height) {
		p.Wheel(s.row - p.win.Height/2 - p.win.Top)
	}
	p.back = p.back || ok
}

// Cursor implements [Typist].
func (p *Log) Cursor() (x, y int, ok bool) {
	if !p.Typing() {
		return 0, 0, false
	}
	_, at := p.find.input.View(p.width - 6)
	return 1 + 3 + at, 1, true
}
