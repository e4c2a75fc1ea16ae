package tui

import (
	tea "charm.land/bubbletea/v2"

	"github.com/imgtui/imgtui/model/session"
	"github.com/imgtui/imgtui/tui/act"
)

// ofBuilds holds the actions that are about builds.
func (m *screen) ofBuilds() map[act.ID]func() tea.Cmd {
	return map[act.ID]func() tea.Cmd{
		"build":        func() tea.Cmd { return m.tell(session.BuildNow{}) },
		"live":         m.live,
		"stop":         m.stopBuild,
		"hold":         func() tea.Cmd { return m.tell(session.Hold{Line: m.line()}) },
		"builds":       m.builds,
		"contrast":     m.contrast,
		"engine":       m.askEngine,
		"send":         m.askLeave,
		"shell":        func() tea.Cmd { return m.shell(session.After) },
		"shell-before": func() tea.Cmd { return m.shell(session.Before) },
		"try":          m.askCommand,
		"mend":         m.mend,
	}
}

// attend brings the log into sight where two panes are, and the user stands on
// the layers: when a build begins, and when one breaks.
func (m *screen) attend(before session.State) {
	b := m.state.Rebuild()
	if b == nil || m.focus != act.Layers {
		return
	}
	was := before.Of(b.Of.Gen)
	if was == nil || was.Outcome != b.Outcome && b.Outcome == session.Broken {
		m.lower = act.Details
	}
}

// line is the line of the Dockerfile that the user stands on.
func (m *screen) line() int {
	if b := m.state.Rebuild(); b != nil && m.focus != act.Browsing && m.state.Current(b) {
		return m.state.At
	}
	if m.state.Draft == nil {
		return 0
	}
	return m.state.Draft.Line
}

func (m *screen) live() tea.Cmd {
	if m.state.Draft == nil {
		m.toast = m.o.Words.Build.Unbuildable
		return nil
	}
	on := !m.state.Live
	cmd := m.tell(session.GoLive{On: on})
	m.toast = m.o.Words.Build.LiveOff
	if on {
		m.toast = m.o.Words.Build.LiveOn
	}
	return cmd
}

func (m *screen) stopBuild() tea.Cmd {
	if m.state.Building() == nil {
		m.toast = m.o.Words.Screen.Idle
		return nil
	}
	return m.tell(session.StopBuild{})
}

// mend goes to the line of the selected step, to edit it.
func (m *screen) mend() tea.Cmd {
	b := m.state.Rebuild()
	if b == nil {
		m.toast = m.o.Words.Build.NothingToMend
		return nil
	}
	m.lookAtDraft()
	cmd := m.tell(session.Stand{Line: m.state.At})
	msgs, _ := m.draft.Do("type", m.env())
	return tea.Batch(cmd, m.tell(msgs...))
}

// meansBuild tells whether an action about builds would do something now.
func (m *screen) meansBuild(a act.Action) bool {
	s := m.state
	b := s.Rebuild()
	switch a.ID {
	case "build", "live", "engine":
		return m.drafted()
	case "builds":
		return len(s.Builds) > 0
	case "send":
		return b != nil && b.Outcome == session.Finished && s.AtHand(b)
	case "shell", "try":
		_, why := s.Enterable(session.After)
		return why == nil
	case "mend":
		return b != nil && b.Fault != nil
	}
	return b != nil
}
