package tui

import (
	"fmt"
	"maps"
	"os/exec"
	"path"
	"slices"
	"strings"

	tea "charm.land/bubbletea/v2"

	"github.com/imgtui/imgtui/model"
	"github.com/imgtui/imgtui/model/session"
	"github.com/imgtui/imgtui/model/words"
	"github.com/imgtui/imgtui/tui/act"
	"github.com/imgtui/imgtui/tui/widget"
)

// draftKey gives a key to the text that is being typed.
func (m *screen) draftKey(k tea.KeyPressMsg) tea.Cmd {
	i, msgs := m.draft.Key(k, m.env())
	cmd := m.tell(msgs...)
	switch {
	case i.Save:
		return tea.Batch(cmd, m.save())
	case i.External:
		return tea.Batch(cmd, m.lend())
	case i.Copied != "":
		return tea.Batch(cmd, tea.SetClipboard(i.Copied))
	}
	return cmd
}

// save writes the Dockerfile, and asks where to where that is not known.
func (m *screen) save() tea.Cmd {
	switch d := m.state.Draft; {
	case d == nil || d.Origin == session.Nowhere:
		return nil
	case d.Disk != nil:
		m.overlay = m.overwrite()
	case d.Path == "":
		m.overlay = m.saveAs()
	default:
		return m.tell(session.Save{})
	}
	return nil
}

// saveAs asks for the name of the file.
func (m *screen) saveAs() *overlay {
	o := &overlay{kind: folder, menu: widget.Menu{Title: m.o.Words.Draft.SaveAs, Prompt: "▸", Free: true}}
	o.menu.Start("./Dockerfile")
	o.chosen = func(i widget.Item) tea.Cmd { return m.tell(session.Save{Path: i.Value.(string)}) }
	return o
}

// answer is a row of a question.
type answer struct {
	text string
	do   func() tea.Cmd
}

// question asks for one of some answers.
func (m *screen) question(title string, all ...answer) *overlay {
	o := &overlay{kind: chooser, menu: widget.Menu{Title: title, Prompt: "/"}}
	for _, a := range all {
		o.menu.Items = append(o.menu.Items, widget.Item{Label: a.text, Value: a.do})
	}
	o.menu.Start("")
	o.chosen = func(i widget.Item) tea.Cmd { return i.Value.(func() tea.Cmd)() }
	return o
}

// overwrite asks what becomes of a file that another program has written.
func (m *screen) overwrite() *overlay {
	t := m.o.Words.Draft
	return m.question(t.Overwrite,
		answer{t.LeaveStay, func() tea.Cmd { return nil }},
		answer{t.TakeDisk, func() tea.Cmd { return m.tell(session.Reload{}) }},
		answer{t.Overwritten, func() tea.Cmd { return m.tell(session.Save{Force: true}) }})
}

// leave ends the program, unless the text would be lost.
func (m *screen) leave() tea.Cmd {
	if !m.state.Draft.Unsaved() {
		return tea.Quit
	}
	t := m.o.Words.Draft
	m.overlay = m.question(t.Leave,
		answer{t.LeaveStay, func() tea.Cmd { return nil }},
		answer{t.LeaveSave, func() tea.Cmd { m.leaving = m.state.Draft.Path != ""; return m.save() }},
		answer{t.LeaveDrop, func() tea.Cmd { return tea.Quit }})
	return nil
}

// fix mends what is found on the cursor's line.
func (m *screen) fix() tea.Cmd {
	msgs, mended := m.draft.Fix(m.env())
	m.toast = m.o.Words.Draft.NoFix
	if mended {
		m.toast = m.o.Words.Draft.Fixed
	}
	return m.tell(msgs...)
}

// inputs asks for other build arguments, another target or platform.
func (m *screen) inputs() tea.Cmd {
	d, t := m.state.Draft, m.o.Words.Draft
	if d == nil || d.File == nil {
		return nil
	}
	o := &overlay{kind: folder, menu: widget.Menu{Title: t.Inputs, Prompt: "▸", Free: true}}
	for _, s := range d.File.Stages {
		if s.Name != "" {
			o.menu.Items = append(o.menu.Items, widget.Item{Label: "target=" + words.Visible(s.Name), Hint: t.Target, Value: "target=" + s.Name})
		}
	}
	for _, i := range d.File.Instructions {
		if i.Name == "ARG" {
			for _, w := range i.Words {
				o.menu.Items = append(o.menu.Items, widget.Item{Label: words.Visible(w), Hint: t.Argument, Value: w})
			}
		}
	}
	o.menu.Start("")
	o.chosen = func(i widget.Item) tea.Cmd { return m.adjust(i.Value.(string)) }
	m.overlay = o
	return nil
}

// adjust takes one input. An argument without a value is taken away.
func (m *screen) adjust(text string) tea.Cmd {
	d := m.state.Draft
	a := session.Adjust{Args: map[string]string{}, Target: d.Target, Platform: d.Platform}
	maps.Copy(a.Args, d.Args)
	name, value, ok := strings.Cut(text, "=")
	switch {
	case !ok || name == "":
		m.toast = fmt.Sprintf(m.o.Words.Draft.WrongInput, words.Visible(text))
		return nil
	case name == "target":
		a.Target = value
	case name == "platform":
		p, err := model.ParsePlatform(value)
		if err != nil && value != "" {
			m.toast = words.Visible(err.Error())
			return nil
		}
		a.Platform = p
	case value == "":
		delete(a.Args, name)
	default:
		a.Args[name] = value
	}
	return m.tell(a)
}

// lend asks for a copy for the user's editor.
func (m *screen) lend() tea.Cmd {
	if len(m.o.Editor) == 0 {
		m.toast = m.o.Words.Screen.NoEditor
		return nil
	}
	return m.tell(session.Lend{})
}

// returned is sent when the editor has been left that had the Dockerfile.
type returned struct {
	path string
	err  error
}

// hand gives the terminal to the editor.
func (m *screen) hand(file string) tea.Cmd {
	m.editing = true
	argv := append(slices.Clone(m.o.Editor), file)
	return tea.Exec(&guest{exec.CommandContext(m.ctx, argv[0], argv[1:]...)}, func(err error) tea.Msg { return returned{file, err} })
}

func (m *screen) returned(msg returned) tea.Cmd {
	m.editing = false
	if msg.err != nil {
		m.toast = "▲ " + words.Visible(path.Base(m.o.Editor[0])+": "+msg.err.Error())
	}
	return m.tell(session.Regain{Path: msg.path})
}

// drafted tells whether there is a Dockerfile pane.
func (m *screen) drafted() bool { return m.state.Draft != nil }

// order are the panes in the order of their numbers.
func (m *screen) order() []act.Scope {
	if m.drafted() {
		return []act.Scope{act.Layers, act.Files, act.Browsing, act.Details}
	}
	return []act.Scope{act.Layers, act.Files, act.Details}
}
