package tui

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"

	"github.com/imgtui/imgtui/model/session"
	"github.com/imgtui/imgtui/model/words"
	"github.com/imgtui/imgtui/tui/act"
	"github.com/imgtui/imgtui/tui/pane"
	"github.com/imgtui/imgtui/tui/theme"
	"github.com/imgtui/imgtui/tui/widget"
)

// overlayKind tells what an overlay asks for.
type overlayKind uint8

const (
	helper overlayKind = iota
	commander
	copier
	chooser
	folder
)

// overlay is a menu over the screen; chosen carries out what was picked.
type overlay struct {
	kind   overlayKind
	menu   widget.Menu
	chosen func(widget.Item) tea.Cmd
	x, y   int
	w, h   int
}

// hints says what keys do while the overlay is open.
func (o *overlay) hints(e pane.Env) []hint {
	t := e.Words.Screen.Menu
	does := []string{helper: t.Run, commander: t.Run, copier: t.Copy, chooser: t.Choose, folder: t.Write}[o.kind]
	hints := []hint{{"enter", does, 0}, {"esc", t.Close, 0}}
	if o.kind == folder {
		return hints
	}
	return append([]hint{{"↑↓", t.Move, 0}, {t.Type, t.Search, 0}}, hints...)
}

func (m *screen) overlayKey(k tea.KeyPressMsg) tea.Cmd {
	if k.String() == "esc" || k.String() == "ctrl+g" {
		return m.closeOverlay()
	}
	item, ok := m.overlay.menu.Key(k)
	return m.pick(item, ok)
}

func (m *screen) overlayClick(x, y int) tea.Cmd {
	o := m.overlay
	if x < o.x || x >= o.x+o.w || y < o.y || y >= o.y+o.h {
		return m.closeOverlay()
	}
	item, ok := o.menu.Click(y - o.y)
	return m.pick(item, ok)
}

func (m *screen) pick(item widget.Item, ok bool) tea.Cmd {
	if !ok {
		return nil
	}
	o := m.overlay
	m.overlay = nil
	return o.chosen(item)
}

func (m *screen) closeOverlay() tea.Cmd {
	m.overlay = nil
	return nil
}

// over draws the overlay in the middle of the screen's lines.
func (o *overlay) over(m *screen, lines []string) ([]string, *tea.Cursor) {
	o.w, o.h = o.menu.Size(m.width, m.height)
	o.x, o.y = (m.width-o.w)/2, max((m.height-o.h)/3, 0)
	box, cx, cy := o.menu.View(m.theme, o.w, o.h)
	for i, l := range box {
		at := o.y + i
		if at >= len(lines) {
			break
		}
		lines[at] = splice(lines[at], l, o.x, o.w, m.width)
	}
	return lines, tea.NewCursor(o.x+cx, o.y+cy)
}

// splice puts part over cells x to x+w of a line. A wide character that stands
// across an edge goes.
func splice(line, part string, x, w, width int) string {
	left, right := ansi.Truncate(line, x, ""), ansi.TruncateLeft(line, x+w, "")
	if widget.Width(right) > width-x-w {
		right = ansi.TruncateLeft(line, x+w+1, "")
	}
	gap := func(n int) string { return theme.Reset + strings.Repeat(" ", max(n, 0)) }
	return left + gap(x-widget.Width(left)) + part + gap(width-x-w-widget.Width(right)) + right
}

// help lists every key, by where it works.
func (m *screen) help() *overlay {
	o := &overlay{kind: helper, menu: widget.Menu{Title: m.o.Words.Screen.Help, Prompt: "/"}}
	last := ""
	for _, a := range m.actions() {
		if heading := m.heading(a); heading != last {
			o.menu.Items = append(o.menu.Items, widget.Item{Label: heading, Heading: true})
			last = heading
		}
		o.menu.Items = append(o.menu.Items, m.item(a))
	}
	o.menu.Start("")
	o.chosen = m.run
	return o
}

// actions are those that there is a pane for.
func (m *screen) actions() []act.Action {
	if m.drafted() {
		return act.Every()
	}
	return slices.DeleteFunc(slices.Clone(act.All), act.Action.Rebuilds)
}

// heading says where an action's keys work.
func (m *screen) heading(a act.Action) string {
	t := m.o.Words.Screen.Scopes
	switch {
	case a.Rebuilds():
		return t.Builds
	case a.Global():
		return t.Everywhere
	case a.In(act.Details):
		return t.Panes
	case home(a) == act.Browsing || home(a) == act.Typing:
		return m.o.Words.Screen.Dockerfile
	case a.In(act.Layers) && a.In(act.Files):
		return t.Lists
	case a.In(act.Layers):
		return t.Layers
	case a.In(act.Files) && a.In(act.Viewer):
		return t.Contents
	case a.In(act.Viewer):
		return t.Viewer
	}
	return t.Files
}

// palette lists every action that can be meant now, those of this pane first.
func (m *screen) palette() *overlay {
	o := &overlay{kind: commander, menu: widget.Menu{Title: m.o.Words.Screen.Palette, Prompt: ":"}}
	for _, here := range []bool{true, false} {
		for _, a := range m.actions() {
			if m.meant(a) && a.In(m.scope()) == here {
				o.menu.Items = append(o.menu.Items, m.item(a))
			}
		}
	}
	o.menu.Start("")
	o.chosen = m.run
	return o
}

// meant tells whether an action could mean something: what is for a file wants one open.
func (m *screen) meant(a act.Action) bool {
	return m.state.File != nil || a.Global() || home(a) != act.Viewer
}

func (m *screen) item(a act.Action) widget.Item {
	var keys []string
	for _, k := range a.Keys {
		keys = append(keys, act.Label(k))
	}
	w := m.o.Words.Actions[string(a.ID)]
	return widget.Item{Label: w.Long, Hint: strings.Join(keys, " "), Also: w.Short, Value: a}
}

// run carries out an action where it means something.
func (m *screen) run(i widget.Item) tea.Cmd {
	a := i.Value.(act.Action)
	if a.In(m.scope()) {
		return m.do(a)
	}
	switch home(a) {
	case act.Layers:
		m.look(act.Layers)
	case act.Details:
		m.look(act.Details)
	case act.Browsing, act.Typing:
		m.lookAtDraft()
		return m.do(a)
	default:
		m.look(act.Files)
	}
	if !a.In(m.scope()) {
		return nil
	}
	return m.do(a)
}

// home returns the first pane in which an action means something.
func home(a act.Action) act.Scope { return a.Scopes[0] }

// chooser asks which of several images is meant.
func (m *screen) chooser() *overlay {
	o := &overlay{kind: chooser, menu: widget.Menu{Title: fmt.Sprintf(m.o.Words.Screen.Choose, words.Visible(m.reference())), Prompt: "/"}}
	for _, c := range m.state.Choices {
		o.menu.Items = append(o.menu.Items, widget.Item{Label: words.Visible(c.Label), Hint: words.Visible(c.Platform.String()), Value: c})
	}
	o.menu.Start("")
	o.chosen = func(i widget.Item) tea.Cmd { return m.tell(session.Choose{Choice: i.Value.(session.Choice)}) }
	return o
}

// copies offers what can be copied from where the user stands.
func (m *screen) copies() tea.Cmd {
	all := m.copyable()
	if len(all) == 0 {
		m.toast = m.o.Words.Screen.NothingToCopy
		return nil
	}
	o := &overlay{kind: copier, menu: widget.Menu{Title: m.o.Words.Actions["copy"].Short, Prompt: "/"}}
	for _, c := range all {
		o.menu.Items = append(o.menu.Items, widget.Item{Label: widget.Cut(words.Visible(c.text), 60), Hint: c.what, Value: c.text})
	}
	o.menu.Start("")
	o.chosen = func(i widget.Item) tea.Cmd {
		m.toast = fmt.Sprintf(m.o.Words.Screen.Copied, words.Visible(i.Value.(string)))
		return tea.SetClipboard(i.Value.(string))
	}
	m.overlay = o
	return nil
}

// hintOf returns what an error, or one beneath it, says the user can do.
func hintOf(err error) (string, bool) {
	var h hinter
	if !errors.As(err, &h) {
		return "", false
	}
	return h.Hint(), h.Hint() != ""
}
