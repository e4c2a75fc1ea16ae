package tui

import (
	"context"
	"sync"
	"time"

	"charm.land/bubbles/v2/spinner"
	tea "charm.land/bubbletea/v2"
	uv "github.com/charmbracelet/ultraviolet"

	"github.com/imgtui/imgtui/model/session"
	"github.com/imgtui/imgtui/tui/act"
	"github.com/imgtui/imgtui/tui/pane"
	"github.com/imgtui/imgtui/tui/theme"
)

// screen is the program's one model.
type screen struct {
	ctx     context.Context
	o       Options
	state   session.State
	send    func(tea.Msg)
	running sync.WaitGroup

	book    *pane.Book
	listing *pane.Listing // the newest that was begun in the background
	layers  *pane.Layers
	files   *pane.Files
	details *pane.Details
	rebuild *pane.Rebuild
	log     *pane.Log
	viewer  *pane.Viewer
	draft   *pane.Dockerfile

	focus         act.Scope // Layers, Files, Browsing or Details
	subject       act.Scope // Layers, Files or Browsing: what the details tell about
	lower         act.Scope // the pane beneath the layers where two are in sight
	zoomed        bool
	overlay       *overlay
	toast         string // what was just done
	width, height int
	split, rise   int // columns and rows that borders were moved by
	press         press
	terminal      theme.Terminal
	theme         *theme.Theme
	themeName     string
	exact         bool
	spin          spinner.Model
	spinning      bool
	editing       bool
	engines       bool // the user waits for the list of engines
	leaving       bool // the program ends when the Dockerfile is saved
	asked         bool // the user has been asked which image is meant
}

// Update implements tea.Model.
func (m *screen) Update(msg tea.Msg) (tea.Model, tea.Cmd) {
	cmd := m.update(msg)
	m.list()
	if m.spinning || !m.busy() {
		return m, cmd
	}
	m.spinning = true
	return m, tea.Batch(cmd, m.spin.Tick)
}

// mostWait is how long a key waits for a list of files: one that takes no
// longer is in the key's own frame.
const mostWait = 6 * time.Millisecond

// list lets a list of files be made in the background, if it takes long.
func (m *screen) list() {
	l := m.files.Waiting(m.env())
	if l == nil || l == m.listing {
		return
	}
	m.listing = l
	made := make(chan tea.Msg, 1)
	m.running.Go(func() {
		defer func() {
			if p := recover(); p != nil {
				made <- fault{p}
			}
		}()
		made <- l.Run()
	})
	select {
	case msg := <-made:
		m.update(msg)
	case <-time.After(mostWait):
		m.running.Go(func() { m.send(<-made) })
	}
}

// fault is a panic of another goroutine: the program's own gives the terminal
// back first.
type fault struct{ of any }

func (m *screen) update(msg tea.Msg) tea.Cmd {
	switch msg := msg.(type) {
	case tea.WindowSizeMsg:
		m.width, m.height = msg.Width, msg.Height
	case tea.BackgroundColorMsg:
		m.shade(msg.IsDark())
	case uv.DarkColorSchemeEvent:
		m.shade(true)
	case uv.LightColorSchemeEvent:
		m.shade(false)
	case tea.ColorProfileMsg:
		m.terminal.Colors = msg.Profile
		m.paint(m.themeName)
	case tea.KeyPressMsg:
		return m.key(msg)
	case tea.PasteMsg:
		return m.paste(msg)
	case tea.MouseMsg:
		return m.mouse(msg)
	case pane.Listed:
		m.files.Take(msg)
	case fault:
		panic(msg.of)
	case session.Extracted:
		if !msg.Of.Edit {
			m.files.Unmark()
		}
		return m.tell(msg)
	case session.Msg:
		return m.tell(msg)
	case spinner.TickMsg:
		return m.turn(msg)
	case tick:
		return tea.Batch(m.tell(session.Clock{Now: msg.now}), m.tick())
	case edited:
		return m.edited(msg)
	case returned:
		return m.returned(msg)
	case shelled:
		return m.shelled(msg)
	}
	return nil
}

func (m *screen) shade(dark bool) {
	m.terminal.Dark = dark
	m.paint(m.themeName)
}

// turn moves the spinner on while something is under way.
func (m *screen) turn(msg spinner.TickMsg) tea.Cmd {
	m.spinning = m.busy()
	if !m.spinning {
		return nil
	}
	var cmd tea.Cmd
	m.spin, cmd = m.spin.Update(msg)
	m.state, _ = m.state.Update(session.Clock{Now: m.o.Now()})
	return cmd
}

// busy tells whether the screen will change by itself.
func (m *screen) busy() bool {
	return m.stoppable() || m.files.Busy() || m.state.File != nil && m.viewer.Busy()
}

// stoppable tells whether something is under way that the user can stop.
func (m *screen) stoppable() bool {
	return m.state.Opening() || m.state.Reading() || m.state.File != nil && m.state.File.Loading || m.state.Taking() ||
		m.state.Building() != nil || m.state.Departure != nil || m.state.Surveying() || m.state.Trial != nil && m.state.Trial.Loading
}

// tell moves the session on and sees to what it then wants.
func (m *screen) tell(msgs ...session.Msg) tea.Cmd {
	if len(msgs) == 0 {
		return nil
	}
	var all []session.Request
	m.state, _ = m.state.Update(session.Clock{Now: m.o.Now()})
	before := m.state
	for _, msg := range msgs {
		var rs []session.Request
		m.state, rs = m.state.Update(msg)
		all = append(all, rs...)
	}
	m.attend(before)
	return tea.Batch(m.wish(all), m.follow())
}

// follow opens what the session now asks the user for.
func (m *screen) follow() tea.Cmd {
	if m.state.Choices != nil && !m.asked {
		m.overlay, m.asked = m.chooser(), true
	}
	if m.state.Edit != nil && !m.editing {
		return m.edit(*m.state.Edit)
	}
	if d := m.state.Draft; d != nil && d.Lent != "" && !m.editing {
		return m.hand(d.Lent)
	}
	if m.engines && !m.state.Surveying() {
		m.engines, m.toast = false, ""
		m.overlay = m.engineMenu()
	}
	if m.leaving && !m.state.Draft.Unsaved() {
		return tea.Quit
	}
	return nil
}

// env is what panes may look at.
func (m *screen) env() pane.Env {
	e := pane.Env{State: m.state, Theme: m.theme, Words: m.o.Words, Exact: m.exact, Spin: m.spin.View(), Book: m.book}
	e.Draft = m.subject == act.Browsing
	if m.subject == act.Files {
		e.Path = m.files.Path(e)
	}
	if m.state.File != nil && e.Path != "" {
		e.Path = m.state.File.Path
	}
	return e
}

// scope returns which pane keys mean: an open file stands in for the files.
func (m *screen) scope() act.Scope {
	switch {
	case m.focus == act.Files && m.state.File != nil:
		return act.Viewer
	case m.focus == act.Browsing:
		return m.draft.Scope()
	}
	return m.focus
}

// pane returns the pane of a scope.
func (m *screen) pane(s act.Scope) pane.Pane {
	switch s {
	case act.Files:
		if m.state.File != nil {
			return m.viewer
		}
		return m.files
	case act.Viewer:
		return m.viewer
	case act.Details:
		if m.built() {
			return m.log
		}
		return m.details
	case act.Browsing, act.Typing:
		return m.draft
	}
	if m.state.Rebuild() != nil {
		return m.rebuild
	}
	return m.layers
}

// built tells whether the details are the log of a build.
func (m *screen) built() bool { return m.state.Rebuild() != nil && !m.details.Image() }

// typist returns the pane that takes text now, or nil.
func (m *screen) typist() pane.Typist {
	if t, ok := m.pane(m.scope()).(pane.Typist); ok && t.Typing() {
		return t
	}
	return nil
}
