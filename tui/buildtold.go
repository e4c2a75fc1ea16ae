package tui

import (
	"cmp"
	"fmt"

	tea "charm.land/bubbletea/v2"

	"github.com/imgtui/imgtui/model/progress"
	"github.com/imgtui/imgtui/model/session"
	"github.com/imgtui/imgtui/model/words"
	"github.com/imgtui/imgtui/tui/pane"
	"github.com/imgtui/imgtui/tui/widget"
)

// departing says how far an image has come on its way.
func (m *screen) departing(e pane.Env) string {
	d := m.state.Departure
	text := e.Spin + " " + fmt.Sprintf(e.Words.Build.Ways[d.Of.Way], words.Visible(d.Of.To))
	done, all := moved(d.Run)
	switch {
	case all > 0:
		text += fmt.Sprintf("  %s / %s", words.Bytes(done), words.Bytes(all))
	case done > 0:
		text += "  " + words.Bytes(done)
	}
	return text
}

// moved sums up what has been sent and what there is to send, where all is known.
func moved(r progress.Run) (done, all int64) {
	known := true
	for _, v := range r.Vertices {
		for _, c := range v.Counts {
			done, all = done+c.Done, all+c.Total
			known = known && c.Total > 0
		}
	}
	if !known {
		all = 0
	}
	return done, all
}

// ofBuild says what has just come of something that is about builds.
func (m *screen) ofBuild(e pane.Env, n session.Notice) (text string, bad bool) {
	t := e.Words.Build
	switch n.Kind {
	case session.Unbuildable:
		return t.Unbuildable, true
	case session.Unreadable:
		return "▲ " + fmt.Sprintf(t.Unreadable, n.N, words.Visible(n.Err.Error())), true
	case session.BuildStopped:
		return t.BuildStopped, false
	case session.NotHeld:
		return t.NotHeld, false
	case session.HeldBack:
		return fmt.Sprintf(t.HeldBack, words.Visible(n.Path)), false
	case session.LetRun:
		return fmt.Sprintf(t.LetRun, words.Visible(n.Path)), false
	case session.Unleavable:
		return t.Unleavable, false
	case session.Named:
		return fmt.Sprintf(t.NamedAs, words.Visible(n.Path)), false
	case session.Gone:
		return fmt.Sprintf(t.Went[n.Way], words.Visible(n.Path), words.Bytes(n.Size), words.Visible(string(n.Digest))), false
	}
	return "", false
}

// progress is the terminal's own bar: how many of the steps are over.
func (m *screen) progress() *tea.ProgressBar {
	b := m.state.Rebuild()
	if going := m.state.Building(); going != nil {
		b = going
	}
	switch {
	case b == nil || b.Over() && b.Outcome != session.Broken:
		return m.departed()
	case b.Outcome == session.Broken:
		return tea.NewProgressBar(tea.ProgressBarError, m.percent(b))
	case b.Host.Name == "":
		return tea.NewProgressBar(tea.ProgressBarIndeterminate, 0)
	}
	return tea.NewProgressBar(tea.ProgressBarDefault, m.percent(b))
}

func (m *screen) departed() *tea.ProgressBar {
	d := m.state.Departure
	if d == nil {
		return nil
	}
	if done, all := moved(d.Run); all > 0 {
		return tea.NewProgressBar(tea.ProgressBarDefault, int(100*min(done, all)/all))
	}
	return tea.NewProgressBar(tea.ProgressBarIndeterminate, 0)
}

// percent is how many of a build's steps that are work are over.
func (m *screen) percent(b *session.Rebuild) int {
	over, all := 0, 0
	for i := range b.Steps {
		s := &b.Steps[i]
		if !session.Works(s.Text) || s.Unused {
			continue
		}
		all++
		if s.Status == progress.Cached || s.Status == progress.Done {
			over++
		}
	}
	if all == 0 {
		return 0
	}
	return 100 * over / all
}

// engineRow stands at the right of the header: which engine builds, and whether
// live mode is on.
func (m *screen) engineRow(e pane.Env) *widget.Row {
	if !m.drafted() {
		return widget.NewRow(0)
	}
	s, t := m.state, e.Words.Build
	name := cmp.Or(s.Options.Engine, t.Auto)
	if b := s.Rebuild(); b != nil && b.Host.Name != "" {
		name = b.Host.Name
	}
	name = widget.CutMiddle(words.Visible(name), 24)
	live := ""
	if s.Live {
		live = " " + t.Live
	}
	return widget.NewRow(widget.Width(name+live)+2).Put(e.Theme.Dim, name).Put(e.Theme.Accent, live)
}
