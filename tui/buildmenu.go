package tui

import (
	"cmp"
	"fmt"
	"slices"

	tea "charm.land/bubbletea/v2"

	"github.com/imgtui/imgtui/model/session"
	"github.com/imgtui/imgtui/model/words"
	"github.com/imgtui/imgtui/tui/widget"
)

// builds offers the builds of the session, the newest first, and the image.
func (m *screen) builds() tea.Cmd {
	m.overlay = m.choiceOfBuilds(m.o.Words.Build.BuildsTitle, m.state.Shown, func(gen int) tea.Cmd { return m.tell(session.Recall{Build: gen}) })
	return nil
}

// contrast asks what the shown build is compared with.
func (m *screen) contrast() tea.Cmd {
	if m.state.Rebuild() == nil {
		m.toast = m.o.Words.Build.NothingToMend
		return nil
	}
	m.overlay = m.choiceOfBuilds(m.o.Words.Build.ContrastTitle, m.state.Versus, func(gen int) tea.Cmd {
		cmd := m.tell(session.Contrast{Build: gen})
		if m.state.View != session.Against {
			return tea.Batch(cmd, m.tell(session.Show{View: session.Against}))
		}
		return cmd
	})
	return nil
}

func (m *screen) choiceOfBuilds(title string, now int, chosen func(int) tea.Cmd) *overlay {
	e, t := m.env(), m.o.Words.Build
	o := &overlay{kind: chooser, menu: widget.Menu{Title: title, Prompt: "/"}}
	for i := len(m.state.Builds) - 1; i >= 0; i-- {
		b := m.state.Builds[i]
		hint := e.Came(b)
		if total, known := m.state.Image(b).Total(); b.Outcome == session.Finished && known {
			hint += "  " + e.Size(total)
		}
		o.menu.Items = append(o.menu.Items, widget.Item{Label: marked(b.Of.Gen == now, fmt.Sprintf(t.BuildRow, b.Number, b.Began.Format("15:04:05"))), Hint: hint, Value: b.Of.Gen})
	}
	title = ""
	if k := m.state.Stacks[session.Was]; k.Image != nil {
		title = words.Visible(k.Image.Title())
	}
	o.menu.Items = append(o.menu.Items, widget.Item{Label: marked(now == 0, t.TheImage), Hint: title, Value: 0})
	o.menu.Start("")
	o.chosen = func(i widget.Item) tea.Cmd { return chosen(i.Value.(int)) }
	return o
}

// marked marks what is chosen now.
func marked(is bool, s string) string {
	if is {
		return "● " + s
	}
	return "  " + s
}

// askEngine looks for engines; the menu opens when they are known.
func (m *screen) askEngine() tea.Cmd {
	m.engines = true
	cmd := m.tell(session.Inquire{})
	if m.state.Surveying() {
		m.toast = m.o.Words.Build.Looking
	}
	return cmd
}

// engineMenu lists the engines: what they are, what each lacks, and why one
// cannot be used.
func (m *screen) engineMenu() *overlay {
	t, s := m.o.Words.Build, m.state
	o := &overlay{kind: chooser, menu: widget.Menu{Title: t.EngineTitle, Prompt: "/"}}
	now := cmp.Or(s.Options.Engine, "auto")
	o.menu.Items = append(o.menu.Items, widget.Item{Label: marked(now == "auto", t.Auto), Value: ""})
	for _, h := range s.Hosts {
		if h.Err != nil {
			o.menu.Items = append(o.menu.Items, widget.Item{Label: "  ▲ " + words.Visible(h.Name+": "+h.Err.Error()), Heading: true, Quiet: true})
			continue
		}
		o.menu.Items = append(o.menu.Items, widget.Item{Label: marked(now == h.Name, words.Visible(h.Name)), Hint: words.Visible(h.Version), Also: words.Visible(h.Address), Value: h.Name})
		for _, l := range h.Lacks {
			o.menu.Items = append(o.menu.Items, widget.Item{Label: "      " + words.Visible(fmt.Sprintf(t.Lacks, l.What, l.Why)), Heading: true, Quiet: true})
		}
	}
	if !slices.ContainsFunc(o.menu.Items, func(i widget.Item) bool { return i.Value == now }) && now != "auto" {
		o.menu.Items = append(o.menu.Items, widget.Item{Label: marked(true, words.Visible(now)), Value: now})
	}
	if len(s.Hosts) == 0 {
		o.menu.Note = t.NoEngine
	}
	o.menu.Start("")
	o.chosen = func(i widget.Item) tea.Cmd { return m.tell(session.Engage{Engine: i.Value.(string)}) }
	return o
}

// askCommand asks for a command to try in the selected step.
func (m *screen) askCommand() tea.Cmd {
	if _, why := m.state.Enterable(session.After); why != nil {
		m.toast = fmt.Sprintf(m.o.Words.Build.ShellNone, words.Visible(why.Error()))
		return nil
	}
	t := m.o.Words.Build
	o := &overlay{kind: folder, menu: widget.Menu{Title: t.TryTitle, Prompt: "$", Free: true, Note: t.TryNote}}
	o.menu.Start("")
	o.chosen = func(i widget.Item) tea.Cmd { return m.tell(session.Attempt{Command: i.Value.(string)}) }
	m.overlay = o
	return nil
}

// askLeave asks what is to be done with the image that was built.
func (m *screen) askLeave() tea.Cmd {
	t := m.o.Words.Build
	m.overlay = m.question(t.LeaveTitle,
		answer{t.Load, func() tea.Cmd { return m.askWhere(session.ToEngine, t.Load, m.tag()) }},
		answer{t.Push, func() tea.Cmd { return m.askWhere(session.ToPush, t.Push, m.tag()) }},
		answer{t.SaveOCI, func() tea.Cmd { return m.askWhere(session.ToOCI, t.SaveOCI, "./image.oci.tar") }},
		answer{t.SaveArchive, func() tea.Cmd { return m.askWhere(session.ToArchive, t.SaveArchive, "./image.tar") }},
		answer{t.Tag, m.askTag})
	return nil
}

// tag is what the image is called: as said, else as the one that was opened.
func (m *screen) tag() string {
	if tags := m.state.Options.Tags; len(tags) > 0 {
		return tags[0]
	}
	if k := m.state.Stacks[session.Was]; k.Image != nil && len(k.Image.Tags) > 0 {
		return k.Image.Tags[0]
	}
	return ""
}

func (m *screen) askWhere(way session.Way, title, to string) tea.Cmd {
	o := &overlay{kind: folder, menu: widget.Menu{Title: title, Prompt: "▸", Free: true}}
	o.menu.Start(to)
	o.chosen = func(i widget.Item) tea.Cmd { return m.tell(session.Export{Way: way, To: i.Value.(string)}) }
	m.overlay = o
	return nil
}

func (m *screen) askTag() tea.Cmd {
	o := &overlay{kind: folder, menu: widget.Menu{Title: m.o.Words.Build.Tag, Prompt: "▸", Free: true}}
	o.menu.Start(m.tag())
	o.chosen = func(i widget.Item) tea.Cmd { return m.tell(session.Name{Tag: i.Value.(string)}) }
	m.overlay = o
	return nil
}
