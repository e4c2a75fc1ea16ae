package tui

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/imgtui/imgtui/model/session"
	"github.com/imgtui/imgtui/model/words"
	"github.com/imgtui/imgtui/tui/act"
	"github.com/imgtui/imgtui/tui/pane"
	"github.com/imgtui/imgtui/tui/widget"
)

// footer says what one can do now, or what has just been done.
func (m *screen) footer(e pane.Env) string {
	r := widget.NewRow(m.width).Pad(1)
	if text, bad := m.notice(e); text != "" {
		style := e.Theme.Strong
		if bad {
			style = e.Theme.Bad
		}
		return r.Put(style, text).String()
	}
	for _, h := range m.hints(e, r.Room()) {
		r.Put(e.Theme.Accent, h.key).Put(e.Theme.Dim, " "+h.name).Pad(2)
	}
	return r.String()
}

// hint is a key and what it does, in a word; wanted ranks it, 1 the most.
type hint struct {
	key, name string
	wanted    int
}

func (h hint) cells() int { return widget.Width(h.key) + 1 + widget.Width(h.name) + 2 }

// hints returns those most wanted that fit into the room, in the table's order.
func (m *screen) hints(e pane.Env, room int) []hint {
	switch t := e.Words.Screen.Menu; {
	case m.overlay != nil:
		return m.overlay.hints(e)
	case m.typist() != nil:
		return []hint{{"↑↓", t.Move, 0}, {"enter", t.Keep, 0}, {"esc", t.Close, 0}}
	}
	var all []hint
	for _, a := range act.Hints(m.scope()) {
		if m.useful(a) {
			all = append(all, hint{a.Hint(), e.Words.Actions[string(a.ID)].Short, a.Footer})
		}
	}
	ranked := slices.Clone(all)
	slices.SortStableFunc(ranked, func(a, b hint) int { return cmp.Compare(a.wanted, b.wanted) })
	for i, h := range ranked {
		if room -= h.cells(); room < -2 {
			left := ranked[i:]
			return slices.DeleteFunc(all, func(h hint) bool { return slices.Contains(left, h) })
		}
	}
	return all
}

// useful tells whether an action would do something now.
func (m *screen) useful(a act.Action) bool {
	k := m.state.Stacks[session.Was]
	switch a.ID {
	case "retry":
		return k.Err != nil || m.state.Choices != nil || len(k.Missing()) > 0
	case "cancel":
		return m.stoppable()
	case "back":
		return m.opened()
	case "quit":
		return k.Image == nil
	case "help", "palette":
		return true
	}
	if a.Rebuilds() {
		return m.meansBuild(a)
	}
	if m.focus == act.Layers && m.state.Rebuild() != nil && forImage[a.ID] {
		return false
	}
	return k.Image != nil
}

// forImage are the actions of the layers that mean nothing for a build.
var forImage = map[act.ID]bool{"sort": true, "reverse": true, "range": true, "mark": true, "base": true}

// notice returns what has just been done or has gone wrong.
func (m *screen) notice(e pane.Env) (text string, bad bool) {
	n, t := m.state.Notice, e.Words.Screen
	switch {
	case m.toast != "":
		return m.toast, false
	case n.Kind == session.Wrong:
		return "▲ " + words.Visible(n.Err.Error()), true
	case n.Kind == session.Taken:
		return m.taken(e, n)
	case n.Kind == session.SavedTo:
		return fmt.Sprintf(e.Words.Draft.Saved, words.Visible(n.Path)), false
	case n.Kind == session.OnlyForetold:
		return e.Words.Draft.OnlyForetold, false
	case n.Kind == session.Halted:
		return t.Halted, false
	case m.state.Departure != nil:
		return m.departing(e), false
	}
	return m.ofBuild(e, n)
}

// taken says what was written where, and what was left out.
func (m *screen) taken(e pane.Env, n session.Notice) (text string, bad bool) {
	t := e.Words.Screen
	text = fmt.Sprintf(t.Taken, t.FilesCount.Of(n.N), words.Bytes(n.Size), words.Visible(n.Path))
	if len(n.Skipped) == 0 {
		return text, false
	}
	return "▲ " + text + fmt.Sprintf(t.Skipped, words.Exact(len(n.Skipped)), words.Visible(n.Skipped[0])), true
}
