package widget

import (
	"strings"

	"github.com/imgtui/imgtui/model/words"
	"github.com/imgtui/imgtui/tui/buffer"
	"github.com/imgtui/imgtui/tui/complete"
	"github.com/imgtui/imgtui/tui/theme"
)

// popup is the list of candidates at the cursor.
type popup struct {
	open  bool
	list  complete.List
	win   Window
	away  buffer.Pos // where a list was sent away; it does not come back there unasked
	gone  bool       // away is set
	x, y  int        // where it was drawn
	w     int
	label int // cells of the longest candidate
}

// shownCandidates is how many rows a popup has at the most.
const shownCandidates = 8

// call tells whether candidates were asked for.
type call uint8

const (
	unasked call = iota
	asked
)

// suggest shows what may stand at the cursor, or narrows what is shown.
func (e *Editor) suggest(how call) {
	at := e.buf.Cursor()
	line := e.buf.Line(at.Line)
	was := e.popup
	env := e.Known()
	if how == unasked && !was.open {
		env.Paths = nil // never shown unasked, and dear
	}
	l := complete.At(e.look.State(at.Line), line, at.Col, env)
	start := buffer.Pos{Line: at.Line, Col: l.From}
	wanted := how == asked || l.Auto || was.open && was.list.From == l.From
	if !wanted || len(l.Items) == 0 || how == unasked && was.gone && was.away == start || stands(l, line[l.From:at.Col]) {
		e.popup = popup{away: was.away, gone: was.gone && was.away == start}
		return
	}
	e.popup = popup{open: true, list: l, win: Window{Count: len(l.Items)}}
	e.popup.win.Fit(len(l.Items), min(len(l.Items), shownCandidates))
}

// stands tells whether the only candidate stands there already, in letters of
// whatever size.
func stands(l complete.List, typed string) bool {
	return len(l.Items) == 1 && strings.EqualFold(l.Items[0].Text, typed)
}

// popupKey takes a key while candidates are shown and tells whether it meant one.
func (e *Editor) popupKey(name string) bool {
	p := &e.popup
	switch name {
	case "up":
		p.win.Go((p.win.Cursor + p.win.Count - 1) % p.win.Count)
	case "down", "ctrl+n", "ctrl+space":
		p.win.Go((p.win.Cursor + 1) % p.win.Count)
	case "pgup":
		p.win.Move(-shownCandidates)
	case "pgdown":
		p.win.Move(shownCandidates)
	case "tab", "enter":
		e.accept()
	case "esc":
		at := e.buf.Cursor()
		e.popup = popup{away: buffer.Pos{Line: at.Line, Col: p.list.From}, gone: true}
	default:
		return false
	}
	return true
}

// accept puts the chosen candidate where what was typed of it stands.
func (e *Editor) accept() {
	at := e.buf.Cursor()
	l, c := e.popup.list, e.popup.list.Items[e.popup.win.Cursor]
	text := c.Text
	rest := e.buf.Line(at.Line)[at.Col:]
	if c.Kind == complete.Instruction && !strings.HasPrefix(rest, " ") {
		text += " "
	}
	e.buf.Replace(buffer.Range{From: buffer.Pos{Line: at.Line, Col: l.From}, To: at}, text)
	e.popup = popup{}
	if strings.HasSuffix(text, "=") || c.Kind == complete.Path && strings.HasSuffix(text, "/") {
		e.suggest(asked)
	}
}

// overlay draws the candidates over lines, below the cursor's row where there
// is room, else above it.
func (p *popup) overlay(e *Editor, t *theme.Theme, lines []string, w int) {
	x, y, ok := e.Cursor()
	if !p.open || !ok || w < 12 {
		return
	}
	rows := p.fit(y, len(lines))
	if rows == 0 {
		return
	}
	typed := e.buf.Cursor().Col - p.list.From
	p.w = min(p.width(e.words), w)
	p.x = max(min(x-typed-2, w-p.w), 0)
	from, to := p.win.Rows()
	for i := from; i < to; i++ {
		at := p.y + i - from
		lines[at] = over(lines[at], p.row(t, e.words, i), p.x, p.w, w)
	}
}

// fit chooses where the rows go and how many there are.
func (p *popup) fit(y, h int) int {
	rows := min(len(p.list.Items), shownCandidates)
	below, above := h-y-1, y
	p.y = y + 1
	if below < rows && above > below {
		rows = min(rows, above)
		p.y = y - rows
	} else {
		rows = min(rows, below)
	}
	if rows > 0 {
		p.win.Fit(len(p.list.Items), rows)
	}
	return rows
}

// width measures the candidates.
func (p *popup) width(w *words.Editor) int {
	details := 0
	p.label = 0
	for _, c := range p.list.Items {
		p.label = max(p.label, Width(words.Visible(c.Text)))
		details = max(details, Width(detail(w, c)))
	}
	return p.label + details + 7
}

// detail says what a candidate is.
func detail(w *words.Editor, c complete.Candidate) string {
	if c.Detail != "" {
		return words.Visible(c.Detail)
	}
	if c.Kind == complete.Path || c.Kind == complete.Stage {
		return ""
	}
	return w.Candidates[c.Text]
}

func (p *popup) row(t *theme.Theme, w *words.Editor, i int) string {
	c := p.list.Items[i]
	base, sign := t.Resting, "  "
	if i == p.win.Cursor {
		base, sign = t.Selected, "❯ "
	}
	r := NewRow(p.w).On(base).Put(t.Accent, "│").Put(t.Accent, sign)
	r.Fit(t.Text, words.Visible(c.Text), min(p.label, r.Room()-2))
	return r.Right(t.Dim, detail(w, c), r.Room()-2).Pad(1).Put(t.Accent, "│").String()
}

// hit tells which candidate is at a cell, or −1.
func (p *popup) hit(x, y int) int {
	from, to := p.win.Rows()
	if !p.open || x < p.x || x >= p.x+p.w || y < p.y || y >= p.y+to-from {
		return -1
	}
	return from + y - p.y
}
