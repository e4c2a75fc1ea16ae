package pane

import (
	"fmt"
	"strings"

	"github.com/imgtui/imgtui/model/plan"
	"github.com/imgtui/imgtui/model/progress"
	"github.com/imgtui/imgtui/model/session"
	"github.com/imgtui/imgtui/model/words"
	"github.com/imgtui/imgtui/tui/act"
	"github.com/imgtui/imgtui/tui/widget"
)

// Rebuild lists the steps of the build that is shown: where each stands while it
// goes, and at the end what is against what was.
type Rebuild struct {
	win  widget.Window
	gen  int // of the build
	line int // the selected one, when last looked at
}

// Scope implements [Pane].
func (p *Rebuild) Scope() act.Scope { return act.Layers }

// sync brings the selected step into sight where it is another one.
func (p *Rebuild) sync(e Env) *session.Rebuild {
	b := e.State.Rebuild()
	if b == nil {
		return nil
	}
	p.win.Count = len(b.Steps)
	if b.Of.Gen != p.gen || e.State.At != p.line {
		p.gen, p.line = b.Of.Gen, e.State.At
		for i := range b.Steps {
			if m := &b.Steps[i]; m.Fate != plan.Gone && m.Line <= p.line && p.line <= m.Last {
				p.win.Go(i)
			}
		}
	}
	return b
}

// Wants returns how many rows high the pane would like to be.
func (p *Rebuild) Wants(e Env) int {
	if b := e.State.Rebuild(); b != nil {
		return len(b.Steps) + 2 + borders
	}
	return borders
}

// Do implements [Pane].
func (p *Rebuild) Do(id act.ID, e Env) ([]session.Msg, Turn) {
	b := p.sync(e)
	if b == nil {
		return nil, Out
	}
	to := p.win.Cursor
	if move(id, p.win.Height, func(n int) { to += n }, func(n int) { to = n }) {
		return p.choose(b, to), Stay
	}
	switch id {
	case "open", "right":
		return nil, Into
	case "back":
		return nil, Out
	case "view":
		return []session.Msg{next(e.State)}, Stay
	}
	return nil, Stay
}

// choose selects a row, or the next one that is in the text.
func (p *Rebuild) choose(b *session.Rebuild, row int) []session.Msg {
	if len(b.Steps) == 0 {
		return nil
	}
	row = max(min(row, len(b.Steps)-1), 0)
	by := other(row >= p.win.Cursor, 1, -1)
	for row >= 0 && row < len(b.Steps) && b.Steps[row].Fate == plan.Gone {
		row += by
	}
	if row < 0 || row >= len(b.Steps) {
		return nil
	}
	p.win.Go(row)
	return []session.Msg{session.Point{Line: b.Steps[row].Line}}
}

// Click implements [Pane].
func (p *Rebuild) Click(e Env, _, y int, _ bool) []session.Msg {
	b := p.sync(e)
	row := p.win.Top + y - 2
	if b == nil || y < 2 || row >= len(b.Steps) || b.Steps[row].Fate == plan.Gone {
		return nil
	}
	return p.choose(b, row)
}

// Wheel implements [Pane]. The list moves, the selection stays.
func (p *Rebuild) Wheel(by int) { p.win.Top = max(min(p.win.Top+by, p.win.Count-p.win.Height), 0) }

// View implements [Pane].
func (p *Rebuild) View(e Env, w, h int, focused bool) []string {
	b := p.sync(e)
	if b == nil {
		return widget.Frame{}.Draw(e.Theme, w, h, nil)
	}
	foot := other(h >= totalled && b.Outcome == session.Finished, 1, 0)
	if rows := max(h-borders-1-foot, 1); rows != p.win.Height {
		p.win.Fit(len(b.Steps), rows)
	}
	c := rebuildColumns(e, b, w-2)
	lines := []string{p.head(e, b, c, w-2)}
	var run map[int]progress.Line
	if !b.Over() {
		run = b.Run.Lines()
	}
	from, to := p.win.Rows()
	for i := from; i < to; i++ {
		lines = append(lines, p.row(e, b, c, i, w-2, focused, run))
	}
	lines = append(lines, widget.Blank(w-2, h-borders-foot-len(lines))...)
	if foot > 0 {
		lines = append(lines, p.totals(e, b, c, w-2))
	}
	return p.frame(e, b, focused).Draw(e.Theme, w, h, lines)
}

func (p *Rebuild) frame(e Env, b *session.Rebuild, focused bool) widget.Frame {
	t := e.Words.Build
	f := widget.Frame{Number: "1", Title: e.Words.Screen.Layers, Focused: focused, Subject: e.Came(b)}
	if b.Number > 1 {
		f.How = fmt.Sprintf(t.Number, b.Number)
	}
	var counts []string
	n := b.Counts()
	for _, s := range []progress.Status{progress.Cached, progress.Done, progress.Running, progress.Failed, progress.Waits} {
		if n[s] > 0 && !(s == progress.Waits && b.Over()) {
			counts = append(counts, fmt.Sprintf(t.Counts[s], n[s]))
		}
	}
	f.Left = strings.Join(counts, e.Words.Draft.Counts)
	switch {
	case !b.Over():
		f.Right = t.Stops
		return f
	case b.Fault != nil:
		f.Alert = "✗ " + fmt.Sprintf(t.Line, b.Fault.Line, broke(e, b.Fault))
	case b.Err != nil:
		f.Alert = "✗ " + e.Reason(b.Err)
	}
	if b.Outcome == session.Finished {
		if b.Number == 1 {
			f.How = t.AgainstImage
		}
		if v := e.State.Of(e.State.Versus); v != nil {
			f.How = fmt.Sprintf(t.AgainstBuild, v.Number)
		}
	}
	f.Right = t.Leaves
	return f
}

// Came says where a build stands, and how long it took to come there.
func (e Env) Came(b *session.Rebuild) string {
	t := e.Words.Build
	how := [...]string{session.Going: t.Building, session.Finished: t.Done, session.Broken: t.Failed, session.Stopped: t.Stopped, session.Holding: t.Held}
	return fmt.Sprintf(how[b.Outcome], words.Lasts(b.Elapsed(e.State.Now)))
}

// broke says in a word how a step broke.
func broke(e Env, f *session.BuildError) string {
	if f.Code >= 0 {
		return fmt.Sprintf(e.Words.Build.Exit, f.Code)
	}
	return e.Words.Build.Statuses[progress.Failed]
}
