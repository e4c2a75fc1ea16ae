package tui

import (
	"strconv"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/colorprofile"

	"github.com/imgtui/imgtui/model/session"
	"github.com/imgtui/imgtui/model/words"
	"github.com/imgtui/imgtui/tui/act"
	"github.com/imgtui/imgtui/tui/theme"
	"github.com/imgtui/imgtui/tui/widget"
)

// chosen returns the paths that an action on files means.
func (m *screen) chosen() []string {
	switch {
	case m.subject != act.Files:
		return nil
	case m.state.File != nil:
		return []string{m.state.File.Path}
	}
	return m.files.Chosen()
}

// askFolder asks where to write the chosen files.
func (m *screen) askFolder() tea.Cmd {
	paths := m.chosen()
	if len(paths) == 0 {
		return nil
	}
	t := m.o.Words.Screen
	o := &overlay{kind: folder, menu: widget.Menu{Title: t.ExtractTo, Prompt: "▸", Free: true}}
	for _, p := range paths {
		o.menu.Items = append(o.menu.Items, widget.Item{Label: words.Visible(p), Heading: true})
	}
	o.menu.Start("./")
	o.chosen = func(i widget.Item) tea.Cmd {
		return m.tell(session.Take{Paths: paths, Dir: i.Value.(string)})
	}
	m.overlay = o
	return nil
}

func (m *screen) nextTheme() tea.Cmd {
	if m.terminal.Colors < colorprofile.ANSI {
		m.toast = m.o.Words.Screen.NoColours
		return nil
	}
	m.paint(theme.Next(m.themeName))
	m.toast = m.o.Words.Actions["theme"].Short + ": " + m.themeName
	return nil
}

// copyable is a text that the user may want elsewhere.
type copyable struct{ what, text string }

func (m *screen) copyable() []copyable {
	k := m.state.Stacks[session.Was]
	if k.Image == nil || len(k.Image.Steps) == 0 {
		return nil
	}
	var all []copyable
	add := func(what, text string) {
		if text != "" {
			all = append(all, copyable{what, text})
		}
	}
	t := m.o.Words.Screen
	for _, p := range m.chosen() {
		add(t.CopyPath, p)
	}
	s := k.Image.Steps[m.state.Step]
	add(t.CopyInstruction, s.CreatedBy)
	if s.Layer != nil {
		add(t.CopyDiffID, string(s.Layer.DiffID))
		add(t.CopyDigest, string(s.Layer.Digest))
	}
	add(t.CopyReference, k.Image.Reference)
	add(t.CopyImageID, string(k.Image.ID))
	add(t.CopyManifest, string(k.Image.Digest))
	for _, c := range m.commands(k) {
		add(t.CopyCommand, c)
	}
	return all
}

// commands are the ways to get at what is on the screen without it.
func (m *screen) commands(k session.Stack) []string {
	ref := quote(k.Image.Reference)
	step := strconv.Itoa(m.state.Step)
	cs := []string{"imgtui history " + ref, "imgtui diff " + ref + " --step " + step}
	for _, p := range m.chosen() {
		cs = append(cs, "imgtui cat "+ref+" "+quote(p)+" --step "+step)
	}
	return cs
}
