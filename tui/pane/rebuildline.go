package pane

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/imgtui/imgtui/model"
	"github.com/imgtui/imgtui/model/plan"
	"github.com/imgtui/imgtui/model/progress"
	"github.com/imgtui/imgtui/model/session"
	"github.com/imgtui/imgtui/model/words"
	"github.com/imgtui/imgtui/tui/theme"
	"github.com/imgtui/imgtui/tui/widget"
)

// rebuildWidths are the widths of the columns of [Rebuild]; 0 leaves one out.
type rebuildWidths struct{ line, now, was, change, forecast, time, note int }

// rebuildColumns depends on nothing that becomes known while a build goes.
func rebuildColumns(e Env, b *session.Rebuild, w int) rebuildWidths {
	c := rebuildWidths{line: 2}
	if n := len(b.Steps); n > 0 {
		c.line = max(len(strconv.Itoa(b.Steps[n-1].Line)), 2)
	}
	if b.Outcome != session.Finished {
		c.time, c.note = 8, max(min(w/3, 44), 8)
		return c
	}
	size := other(e.Exact, 14, 8)
	c.now, c.change, c.forecast = size, other(e.Exact, 15, 9), 8
	switch {
	case w >= 76:
		c.was, c.time = size, 7
	case w >= 64:
		c.time = 7
	}
	if e.Exact && w < 76 {
		c.forecast = 0
	}
	return c
}

func (p *Rebuild) head(e Env, b *session.Rebuild, c rebuildWidths, w int) string {
	t, dim := e.Words.Build, e.Theme.Dim
	r := widget.NewRow(w).Pad(3)
	column(r, dim, "#", c.line)
	column(r, dim, t.Now, c.now)
	column(r, dim, t.Was, c.was)
	column(r, dim, t.Change, c.change)
	if c.forecast > 0 {
		r.Fit(dim, t.Forecast, c.forecast).Pad(1)
	}
	column(r, dim, t.Time, c.time)
	r.Fit(dim, "", c.note)
	return r.Pad(1).Put(dim, e.Words.Screen.CreatedBy).String()
}

func (p *Rebuild) row(e Env, b *session.Rebuild, c rebuildWidths, i, w int, focused bool, run map[int]progress.Line) string {
	m, t := &b.Steps[i], e.Theme
	var ground theme.Ground
	cursor := " "
	if i == p.win.Cursor {
		ground, cursor = other(focused, t.Selected, t.Resting), "❯"
	}
	r := widget.NewRow(w).On(ground).Put(t.Accent, cursor)
	sign, style := e.sign(b, m)
	r.Put(style, sign).Pad(1)
	column(r, t.Dim, other(m.Fate == plan.Gone, "", strconv.Itoa(m.Line)), c.line)
	text := other(m.Unused || m.Fate == plan.Gone || !session.Works(m.Text) && session.Verb(m.Text) != "FROM", t.Dim, t.Text)
	if b.Outcome == session.Finished {
		p.came(r, e, b, m, c)
	} else {
		p.goes(r, e, b, m, c, run[m.Line])
	}
	return r.Pad(1).Put(text, words.Visible(m.Text)).String()
}

// heldSign stands before a step that live mode does not run.
const heldSign = "‖"

// sign returns what stands before a step: where it is, or what it was foretold.
func (e Env) sign(b *session.Rebuild, m *session.Made) (sign, style string) {
	t, w := e.Theme, e.Words.Build
	switch {
	case m.Fate == plan.Gone:
		return e.Words.Plan.Signs[plan.Gone], t.Removed
	case m.Status == progress.Failed:
		return w.Signs[progress.Failed], t.Bad
	case m.Status == progress.Running && !b.Over():
		return e.Spin, t.Accent
	case b.Outcome == session.Holding && m.Held:
		return heldSign, t.Bad
	case m.Status == progress.Done:
		return w.Signs[progress.Done], t.Modified
	case m.Status == progress.Cached:
		return w.Signs[progress.Cached], t.Dim
	case m.Fate == plan.Unknown || !session.Works(m.Text):
		return w.Signs[progress.Waits], t.Dim
	}
	return e.Words.Plan.Signs[m.Fate], t.Dim
}

// goes tells of a step while the build goes: how long, and what it wrote last.
func (p *Rebuild) goes(r *widget.Row, e Env, b *session.Rebuild, m *session.Made, c rebuildWidths, l progress.Line) {
	t, w := e.Theme, e.Words.Build
	now, note, style := "", "", t.Dim
	switch {
	case m.Fate == plan.Gone:
		note = w.Gone
	case b.Outcome == session.Holding && m.Held:
		note, style = w.HeldStep, t.Bad
	case m.Status == progress.Running && !b.Over():
		now, style = words.Lasts(l.Elapsed(b.Engine(e.State.Now))), t.Text
		note = other(l.Last() != "", words.Logged(l.Last()), w.Statuses[progress.Running])
		if n, ok := l.Count(); ok {
			note = transferred(n)
		}
	case m.Status == progress.Failed && b.Fault != nil && b.Fault.Line == m.Line:
		now, note, style = words.Lasts(m.Took), broke(e, b.Fault), t.Bad
	case m.Status == progress.Cached:
		note = w.Statuses[progress.Cached]
	case m.Status == progress.Done:
		now, note = words.Lasts(m.Took), w.Statuses[progress.Done]
	case session.Works(m.Text) && !m.Unused && !b.Over():
		note = w.Statuses[progress.Waits]
		if m.Bytes != model.Unknown && m.Bytes > 0 {
			now = "~" + words.Bytes(m.Bytes)
		}
	}
	column(r, style, now, c.time)
	r.Fit(style, strings.TrimSpace(note), c.note)
}

// transferred tells how far a transfer has come.
func transferred(c progress.Count) string {
	if c.Total > 0 {
		return words.Bytes(c.Done) + " / " + words.Bytes(c.Total)
	}
	return words.Bytes(c.Done)
}

// came tells of a step what it is against what it was, and what was foretold.
func (p *Rebuild) came(r *widget.Row, e Env, b *session.Rebuild, m *session.Made, c rebuildWidths) {
	t := e.Theme
	now, was, about := e.State.Bytes(b, m, e.Book.Totals)
	e.weight(r, now, c.now, about)
	if c.was > 0 {
		e.weight(r, was, c.was, false)
	}
	style, change := e.change(now, was, about, m.Fate == plan.Gone)
	column(r, style, change, c.change)
	if c.forecast > 0 {
		fate, verdict, style := "", " ", t.Dim
		if session.Works(m.Text) || m.Fate == plan.Gone {
			fate = e.Words.Build.Fates[m.Fate]
		}
		switch b.Verdict(m) {
		case session.Right:
			verdict, style = "✓", t.Accent
		case session.Cautious, session.Elsewhere:
			verdict = "~"
		case session.Mistaken:
			verdict, style = "✗", t.Bad
		}
		r.Fit(t.Dim, fate, c.forecast-2).Put(style, verdict).Pad(2)
	}
	took := ""
	if m.Status == progress.Done {
		took = words.Lasts(m.Took)
	}
	column(r, t.Dim, took, c.time)
}

// weight writes a size at the right of its column; what nobody knows is left out.
func (e Env) weight(r *widget.Row, n int64, w int, about bool) {
	switch {
	case n == model.Unknown:
		r.Right(e.Theme.Dim, "–", w)
	case about:
		r.Right(e.Theme.Dim, "~"+e.Size(n), w)
	default:
		sized(r, e, w, other(n == 0, e.Theme.Dim, e.Theme.Text), e.Size(n))
	}
	r.Pad(1)
}

// change tells the difference of two sizes.
func (e Env) change(now, was int64, about, gone bool) (style, text string) {
	t := e.Theme
	switch {
	case gone && was != model.Unknown:
		now = 0
	case now == model.Unknown || about:
		return t.Dim, ""
	case was == model.Unknown:
		was = 0
	}
	switch d := now - was; {
	case d > 0:
		return t.Added, e.signed(d)
	case d < 0:
		return t.Removed, e.signed(d)
	}
	return t.Dim, "="
}

// totals sums up: what the image weighs now and weighed, and how many forecasts
// came true.
func (p *Rebuild) totals(e Env, b *session.Rebuild, c rebuildWidths, w int) string {
	t, s := e.Theme, e.State
	r := widget.NewRow(w).Pad(3)
	column(r, t.Dim, "Σ", c.line)
	now, known := s.Image(b).Total()
	was, also := s.Image(s.Of(s.Versus)).Total()
	e.weight(r, other(known, now, model.Unknown), c.now, false)
	if c.was > 0 {
		e.weight(r, other(also, was, model.Unknown), c.was, false)
	}
	style, change := e.change(other(known, now, model.Unknown), was, !also, false)
	column(r, style, change, c.change)
	n := b.Verdicts()
	right, mistaken := n[session.Right], n[session.Mistaken]
	if all := right + n[session.Cautious] + mistaken; c.forecast > 0 && all > 0 {
		text := fmt.Sprintf("%d/%d", right, all)
		r.Fit(t.Dim, text, c.forecast-2).Put(other(mistaken > 0, t.Bad, t.Accent), other(mistaken > 0, "✗", "✓")).Pad(2)
	} else if c.forecast > 0 {
		r.Pad(c.forecast + 1)
	}
	column(r, t.Dim, words.Lasts(b.Elapsed(s.Now)), c.time)
	engine := b.Host.Name
	if b.Host.Version != "" {
		engine = fmt.Sprintf(e.Words.Build.Version, engine, b.Host.Version)
	}
	return r.Pad(1).Put(t.Dim, words.Visible(engine)).String()
}
