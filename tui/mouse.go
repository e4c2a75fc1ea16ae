package tui

import (
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/imgtui/imgtui/tui/act"
	"github.com/imgtui/imgtui/tui/pane"
)

// press is the last press of the mouse's button.
type press struct {
	at    time.Time
	x, y  int
	drags drag
}

// drag is what a press moves along.
type drag uint8

const (
	nothing drag = iota
	columns      // the border between the files and what stands at their left
	rows         // the border beneath the layers
)

// notch is how many rows a notch of the wheel scrolls.
const notch = 3

func (m *screen) mouse(msg tea.MouseMsg) tea.Cmd {
	at := msg.Mouse()
	switch msg.(type) {
	case tea.MouseClickMsg:
		if at.Button == tea.MouseLeft {
			return m.click(at.X, at.Y)
		}
	case tea.MouseReleaseMsg:
		m.press.drags = nothing
	case tea.MouseMotionMsg:
		m.drag(at.X, at.Y)
	case tea.MouseWheelMsg:
		m.wheel(at)
	}
	return nil
}

func (m *screen) click(x, y int) tea.Cmd {
	now := m.o.Now()
	again := now.Sub(m.press.at) < pane.Clickable && m.press.y == y
	m.press = press{at: now, x: x, y: y}
	if m.overlay != nil {
		return m.overlayClick(x, y)
	}
	places := m.places()
	for _, p := range places {
		if !p.holds(x, y) {
			continue
		}
		if m.press.drags = grip(places, p, x, y); m.press.drags != nothing {
			return nil
		}
		m.look(p.scope)
		return m.tell(m.pane(p.scope).Click(m.env(), x-p.x, y-p.y, again)...)
	}
	return m.clickStrip(x, y)
}

// grip returns what a press on a pane's border moves: the border of the pane
// beside or above counts as well.
func grip(places []placed, p placed, x, y int) drag {
	for _, q := range places {
		switch {
		case q.x > 0 && (x == q.x || x == q.x-1):
			return columns
		case q.scope == act.Layers && len(places) > 1 && x < q.x+q.w && (y == q.y+q.h-1 || y == q.y+q.h) && p.x == q.x:
			return rows
		}
	}
	return nothing
}

// drag draws a border to where the mouse is.
func (m *screen) drag(x, y int) {
	a := m.arrangement().moved(m.press.drags, x, y)
	m.split, m.rise = a.split, a.rise
}

func (m *screen) wheel(at tea.Mouse) {
	by := 0
	switch at.Button {
	case tea.MouseWheelUp:
		by = -notch
	case tea.MouseWheelDown:
		by = notch
	}
	if m.overlay != nil {
		m.overlay.menu.Wheel(by)
		return
	}
	for _, p := range m.places() {
		if p.holds(at.X, at.Y) {
			m.pane(p.scope).Wheel(by)
		}
	}
}
