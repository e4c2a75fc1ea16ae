package widget

import (
	"strings"

	tea "charm.land/bubbletea/v2"

	"github.com/imgtui/imgtui/tui/theme"
)

// Item is a row of a [Menu].
type Item struct {
	Label, Hint string // at the left and at the right
	Also        string // another word for it, by which it is found too
	Heading     bool   // cannot be chosen
	Quiet       bool   // of a heading: it says no more than it must
	Value       any
}

// Menu is a box over the screen with a list that narrows while one types. With
// Free the typed text itself is what is chosen.
type Menu struct {
	Title  string
	Prompt string // before the text that is typed
	Items  []Item
	Free   bool
	Note   string // a line beneath the list

	input Input
	win   Window
	shown []int
	said  string
	ready bool
}

// Start opens the menu with a text to begin with.
func (m *Menu) Start(text string) {
	m.input.Start(text)
	m.narrow()
}

// Text returns what has been typed.
func (m *Menu) Text() string { return m.input.Value() }

// Key takes a key and tells whether an item has been chosen.
func (m *Menu) Key(k tea.KeyPressMsg) (Item, bool) {
	switch k.String() {
	case "up", "ctrl+k":
		m.step(-1)
	case "down", "ctrl+j":
		m.step(1)
	case "pgup":
		m.step(-m.win.Height)
	case "pgdown":
		m.step(m.win.Height)
	case "enter":
		return m.choice()
	default:
		m.Type(k)
	}
	return Item{}, false
}

// Type takes a key or a paste as text.
func (m *Menu) Type(msg tea.Msg) {
	m.input.Type(msg)
	m.narrow()
}

func (m *Menu) choice() (Item, bool) {
	if m.Free {
		return Item{Label: m.input.Value(), Value: m.input.Value()}, m.input.Value() != ""
	}
	if m.win.Cursor >= len(m.shown) {
		return Item{}, false
	}
	item := m.Items[m.shown[m.win.Cursor]]
	return item, !item.Heading
}

// step moves by so many rows, and on to one that can be chosen.
func (m *Menu) step(by int) {
	m.win.Move(by)
	for range m.shown {
		if m.win.Cursor >= len(m.shown) || !m.Items[m.shown[m.win.Cursor]].Heading {
			return
		}
		m.win.Move(1)
	}
}

// narrow shows the items in which every typed word stands.
func (m *Menu) narrow() {
	if m.ready && m.said == m.input.Value() {
		return
	}
	m.said, m.ready = m.input.Value(), true
	m.shown = m.shown[:0]
	words := strings.Fields(strings.ToLower(m.said))
	for i, item := range m.Items {
		if item.Heading && len(words) > 0 && !m.Free {
			continue
		}
		if m.Free || holds(strings.ToLower(item.Label+" "+item.Hint+" "+item.Also), words) {
			m.shown = append(m.shown, i)
		}
	}
	m.win.Count = len(m.shown)
	m.win.Go(0)
	m.step(0)
}

func holds(s string, words []string) bool {
	for _, w := range words {
		if !strings.Contains(s, w) {
			return false
		}
	}
	return true
}

// Click takes a press at a cell of the box and tells whether it chose an item.
func (m *Menu) Click(y int) (Item, bool) {
	row := m.win.Top + y - 3
	if y < 3 || row >= len(m.shown) || y-3 >= m.win.Height {
		return Item{}, false
	}
	m.win.Go(row)
	return m.choice()
}

// Wheel scrolls the list.
func (m *Menu) Wheel(by int) { m.win.Scroll(by) }

// Size returns how large the box wants to be on a screen of w × h.
func (m *Menu) Size(w, h int) (int, int) {
	width := Width(m.Title) + 8
	for _, i := range m.Items {
		width = max(width, Width(i.Label)+Width(i.Hint)+8)
	}
	height := len(m.Items) + 4
	if m.Note != "" {
		height++
	}
	return min(max(width, 44), w-2), min(height, h-2)
}

// View draws the box in w × h cells; the cursor stands at x, y of it.
func (m *Menu) View(t *theme.Theme, w, h int) (lines []string, x, y int) {
	inner := w - 2
	text, cursor := m.input.View(inner - Width(m.Prompt) - 3)
	head := NewRow(inner).Pad(1).Put(t.Accent, m.Prompt+" ").Put(t.Strong, text).String()
	rule := NewRow(inner).Put(t.Dim, strings.Repeat("─", inner)).String()
	lines = append(lines, head, rule)
	rows := h - 4
	if m.Note != "" {
		rows--
	}
	m.win.Fit(len(m.shown), rows)
	from, to := m.win.Rows()
	for i := from; i < to && len(lines) < h-2; i++ {
		lines = append(lines, m.line(t, i, inner))
	}
	for len(lines) < rows+2 {
		lines = append(lines, NewRow(inner).String())
	}
	if m.Note != "" {
		lines = append(lines, NewRow(inner).Pad(1).Put(t.Dim, m.Note).String())
	}
	return Frame{Title: m.Title, Focused: true}.Draw(t, w, h, lines), 1 + 1 + Width(m.Prompt) + 1 + cursor, 1
}

func (m *Menu) line(t *theme.Theme, row, w int) string {
	item := m.Items[m.shown[row]]
	if item.Heading {
		style := t.Strong
		if item.Quiet {
			style = t.Dim
		}
		return NewRow(w).Pad(1).Put(style, item.Label).String()
	}
	r, sign := NewRow(w), "  "
	if row == m.win.Cursor && !m.Free {
		r, sign = r.On(t.Selected), "❯ "
	}
	r.Put(t.Accent, sign)
	return r.Fit(t.Text, item.Label, r.Room()-Width(item.Hint)-2).Pad(1).Put(t.Accent, item.Hint).String()
}
