package tui

import (
	"fmt"
	"strings"

	tea "charm.land/bubbletea/v2"

	"github.com/imgtui/imgtui/model/session"
	"github.com/imgtui/imgtui/model/words"
	"github.com/imgtui/imgtui/tui/pane"
	"github.com/imgtui/imgtui/tui/widget"
)

// View implements tea.Model.
func (m *screen) View() tea.View {
	lines, cursor := m.frame()
	v := tea.NewView(strings.Join(lines, "\n"))
	v.AltScreen = true
	v.Cursor = cursor
	v.WindowTitle = "imgtui"
	if k := m.state.Stacks[session.Was]; k.Image != nil {
		v.WindowTitle = "imgtui " + words.Visible(k.Image.Title())
	}
	v.ProgressBar = m.progress()
	if !m.o.NoMouse {
		v.MouseMode = tea.MouseModeCellMotion
	}
	return v
}

// frame returns exactly height lines of exactly width cells.
func (m *screen) frame() ([]string, *tea.Cursor) {
	if m.width <= 0 || m.height <= 0 {
		return nil, nil
	}
	places := m.places()
	if places == nil {
		return m.tooSmall(), nil
	}
	e := m.env()
	lines := append(make([]string, 0, m.height), m.header(e, len(places) < len(m.order())))
	lines = append(lines, m.body(e, places)...)
	lines = append(lines, m.footer(e))
	if m.overlay != nil {
		return m.overlay.over(m, lines)
	}
	return lines, m.cursor(places)
}

func (m *screen) places() []placed { return layout(m.arrangement()) }

func (m *screen) arrangement() arrangement {
	rows := leastLayers
	if m.state.Stacks[session.Was].Image != nil {
		rows = m.layers.Wants(m.env())
		if m.state.Rebuild() != nil {
			rows = m.rebuild.Wants(m.env())
		}
	}
	return arrangement{m.width, m.height, m.focus, m.lower, m.zoomed, m.split, m.rise, rows, m.drafted()}
}

// body draws the panes and puts those side by side together.
func (m *screen) body(e pane.Env, places []placed) []string {
	if m.state.Stacks[session.Was].Image == nil {
		return m.waiting(e)
	}
	lines := make([]string, m.height-2)
	for _, x := range []bool{true, false} {
		for _, p := range places {
			if (p.x == 0) != x {
				continue
			}
			for i, l := range m.pane(p.scope).View(e, p.w, p.h, p.scope == m.focus) {
				lines[p.y-1+i] += l
			}
		}
	}
	return lines
}

// waiting says what is being opened, or why it could not be.
func (m *screen) waiting(e pane.Env) []string {
	k, t := m.state.Stacks[session.Was], e.Words.Screen
	ref := words.Visible(m.reference())
	var say []string
	switch {
	case k.Err != nil:
		say = m.trouble(e, k.Err)
	case m.state.Choices != nil:
		say = pane.Wrapped(e.Theme.Text, "", fmt.Sprintf(t.Choose, ref), m.width, 2, 2)
		say = append(say, pane.Wrapped(e.Theme.Dim, "› ", t.Retry, m.width, 2, 4)...)
	default:
		say = pane.Wrapped(e.Theme.Text, e.Spin+" ", fmt.Sprintf(t.Opening, ref), m.width, 2, 4)
	}
	out := append(widget.Blank(m.width, 1), say...)
	return append(out, widget.Blank(m.width, m.height-2-len(out))...)[:m.height-2]
}

// hinter is an error that knows what the user can do.
type hinter interface{ Hint() string }

// trouble says what went wrong and what can be done. The hint's lines that
// stand in go on with the one above.
func (m *screen) trouble(e pane.Env, err error) []string {
	t := e.Theme
	out := pane.Wrapped(t.Bad, "▲ ", e.Reason(err), m.width, 2, 4)
	out = append(out, widget.Blank(m.width, 1)...)
	if h, ok := hintOf(err); ok {
		for l := range strings.SplitSeq(h, "\n") {
			sign, text := "› ", strings.TrimLeft(l, " ")
			if text != l {
				sign = "    "
			}
			out = append(out, pane.Wrapped(t.Text, sign, words.Visible(text), m.width, 2, 2+len([]rune(sign)))...)
		}
	}
	return append(out, pane.Wrapped(t.Dim, "› ", e.Words.Screen.Retry, m.width, 2, 4)...)
}

func (m *screen) reference() string {
	if len(m.o.Requests) > 0 {
		if o, ok := m.o.Requests[0].(session.Open); ok {
			return o.Ref
		}
	}
	return ""
}

func (m *screen) tooSmall() []string {
	text := fmt.Sprintf(m.o.Words.Screen.TooSmall, m.width, m.height)
	lines := widget.Blank(m.width, m.height)
	for i, l := range widget.Wrap(text, m.width) {
		if i < m.height {
			lines[i] = widget.NewRow(m.width).Put("", l).String()
		}
	}
	return lines
}

// cursor is where text is being typed.
func (m *screen) cursor(places []placed) *tea.Cursor {
	t := m.typist()
	if t == nil {
		return nil
	}
	x, y, ok := t.Cursor()
	if !ok {
		return nil
	}
	for _, p := range places {
		if p.scope == m.focus {
			return tea.NewCursor(p.x+x, p.y+y)
		}
	}
	return nil
}
