package tui

import (
	"maps"
	"slices"

	tea "charm.land/bubbletea/v2"

	"github.com/imgtui/imgtui/model/session"
	"github.com/imgtui/imgtui/tui/act"
	"github.com/imgtui/imgtui/tui/pane"
)

// key dispatches a key: to the overlay, to text that is being typed, else by
// the table of actions.
func (m *screen) key(k tea.KeyPressMsg) tea.Cmd {
	m.hush()
	name := k.String()
	if name == "ctrl+c" {
		return tea.Quit
	}
	if m.overlay != nil {
		return m.overlayKey(k)
	}
	if m.focus == act.Browsing && m.draft.Typing() && (!reserved(name) || m.draft.Takes(k)) {
		return m.draftKey(k)
	}
	if t := m.typist(); t != nil && !reserved(name) {
		t.Type(k, m.env())
		return nil
	}
	if name == "enter" && m.state.Choices != nil {
		return m.retry()
	}
	scope := m.scope()
	if scope == act.Typing {
		scope = act.Browsing // the keys that mean the same in both
	}
	if a, ok := act.For(scope, name); ok {
		return m.do(a)
	}
	return nil
}

// hush takes away what was said about the last thing done.
func (m *screen) hush() {
	m.toast = ""
	if m.state.Notice.Kind != session.Quiet {
		m.state, _ = m.state.Update(session.Dismiss{})
	}
}

// reserved tells whether a key means an action even while text is typed.
func reserved(name string) bool {
	switch name {
	case "tab", "shift+tab", "ctrl+p", "ctrl+g", "ctrl+l", "ctrl+r", "ctrl+z", "ctrl+b":
		return true
	}
	return false
}

func (m *screen) paste(p tea.PasteMsg) tea.Cmd {
	switch t := m.typist(); {
	case m.overlay != nil:
		m.overlay.menu.Type(p)
	case m.focus == act.Browsing:
		return m.tell(m.draft.Paste(p.Content, m.env())...)
	case t != nil:
		t.Type(p, m.env())
	}
	return nil
}

// do carries out an action: the screen's own, else the pane's.
func (m *screen) do(a act.Action) tea.Cmd {
	if run, ok := m.own()[a.ID]; ok {
		return run()
	}
	if a.In(act.Typing) && m.focus != act.Browsing {
		m.lookAtDraft()
	}
	before := m.state.File
	msgs, turn := m.pane(m.scope()).Do(a.ID, m.env())
	cmd := m.tell(msgs...)
	if before == nil && m.state.File != nil {
		m.look(act.Files)
	}
	switch {
	case turn == pane.Into:
		m.look(act.Files)
	case turn == pane.Out && a.ID == "back":
		return m.back()
	case turn == pane.Out:
		m.look(act.Layers)
	}
	return cmd
}

// back ends what the panes did not end by themselves: a comparison, a view,
// the zoom; at last it leads to the layers.
func (m *screen) back() tea.Cmd {
	switch s := m.state; {
	case s.Trial != nil:
		return m.tell(session.Forget{})
	case s.From >= 0:
		return m.tell(session.Range{From: -1})
	case s.Marked >= 0:
		return m.tell(session.Mark{Step: s.Marked})
	case s.View != session.Changed:
		return m.tell(session.Show{View: session.Changed})
	case m.zoomed:
		m.zoomed = false
	case m.focus == act.Layers && s.Rebuild() != nil && !s.Rebuild().Over():
		return m.tell(session.StopBuild{})
	case m.focus == act.Layers && s.Rebuild() != nil:
		return m.tell(session.Recall{})
	default:
		m.look(act.Layers)
	}
	return nil
}

// opened tells whether esc has something to end.
func (m *screen) opened() bool {
	s := m.state
	return s.From >= 0 || s.Marked >= 0 || s.View != session.Changed || m.zoomed || m.focus != act.Layers || s.Rebuild() != nil || s.Trial != nil
}

// own holds the actions of the whole screen.
func (m *screen) own() map[act.ID]func() tea.Cmd {
	own := m.ofBuilds()
	maps.Copy(own, map[act.ID]func() tea.Cmd{
		"quit":        m.leave,
		"save":        m.save,
		"fix":         m.fix,
		"inputs":      m.inputs,
		"reload":      func() tea.Cmd { return m.tell(session.Reload{}) },
		"open-editor": m.lend,
		"pane-3":      func() tea.Cmd { m.lookAtDraft(); return nil },
		"interrupt":   func() tea.Cmd { return tea.Quit },
		"suspend":     func() tea.Cmd { return tea.Suspend },
		"redraw":      func() tea.Cmd { return tea.ClearScreen },
		"help":        func() tea.Cmd { m.overlay = m.help(); return nil },
		"palette":     func() tea.Cmd { m.overlay = m.palette(); return nil },
		"copy":        m.copies,
		"extract":     m.askFolder,
		"edit":        m.askEditor,
		"about":       func() tea.Cmd { m.look(act.Details); m.details.Do("about", m.env()); return nil },
		"next-pane":   func() tea.Cmd { m.step(1); return nil },
		"prev-pane":   func() tea.Cmd { m.step(-1); return nil },
		"pane-1":      func() tea.Cmd { m.look(act.Layers); return nil },
		"pane-2":      func() tea.Cmd { m.look(act.Files); return nil },
		"pane-4":      func() tea.Cmd { m.look(act.Details); return nil },
		"zoom":        func() tea.Cmd { m.zoomed = !m.zoomed; return nil },
		"theme":       m.nextTheme,
		"bytes":       func() tea.Cmd { m.exact = !m.exact; return nil },
		"retry":       m.retry,
		"cancel":      m.cancel,
	})
	return own
}

// retry says so where there is nothing to try again.
func (m *screen) retry() tea.Cmd {
	if m.state.Choices != nil {
		m.overlay = m.chooser()
		return nil
	}
	gen, rev := m.state.Generation(), m.state.Rev
	cmd := m.tell(session.Retry{})
	if m.state.Generation() == gen && m.state.Rev == rev {
		m.toast = m.o.Words.Screen.NothingToRetry
	}
	return cmd
}

// cancel says so where nothing is under way.
func (m *screen) cancel() tea.Cmd {
	before := m.stoppable()
	cmd := m.tell(session.Cancel{})
	if !before {
		m.toast = m.o.Words.Screen.Idle
	}
	return cmd
}

func (m *screen) step(by int) {
	order := m.order()
	if i := slices.Index(order, m.focus); i >= 0 {
		m.look(order[(i+by+len(order))%len(order)])
	}
}

// lookAtDraft gives the Dockerfile the focus, where there is one.
func (m *screen) lookAtDraft() {
	if m.drafted() {
		m.look(act.Browsing)
	}
}

// look gives a pane the focus. Who was typing in another one is done there.
func (m *screen) look(s act.Scope) {
	if t := m.typist(); t != nil && s != m.focus {
		t.Rest()
	}
	m.focus = s
	if s != act.Layers {
		m.lower = s
	}
	if s != act.Details {
		m.subject = s
	}
}
