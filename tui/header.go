package tui

import (
	"fmt"
	"slices"
	"strings"

	tea "charm.land/bubbletea/v2"

	"github.com/imgtui/imgtui/model/session"
	"github.com/imgtui/imgtui/model/words"
	"github.com/imgtui/imgtui/tui/act"
	"github.com/imgtui/imgtui/tui/pane"
	"github.com/imgtui/imgtui/tui/widget"
)

// header says what image is open and how much it weighs.
func (m *screen) header(e pane.Env, narrow bool) string {
	t, k := e.Theme, m.state.Stacks[session.Was]
	r := widget.NewRow(m.width).Pad(1)
	if !narrow {
		r.Put(t.Accent, "imgtui  ")
	}
	if k.Image == nil {
		return r.Put(t.Strong, widget.CutLeft(words.Visible(m.reference()), r.Room()-1)).String()
	}
	strip, gap := m.engineRow(e), 0
	if narrow {
		strip, gap = m.strip(e), 2
	}
	left := widget.NewRow(r.Room() - strip.Cells())
	all := m.facts(e, k, narrow)
	left.Put(t.Strong, widget.CutLeft(words.Visible(k.Image.Title()), min(max(left.Room()-gap-need(all), leastTitle), left.Room()-1)))
	for _, f := range all {
		if widget.Width(f.text)+2+gap <= left.Room() {
			left.Pad(2).Put(f.style, f.text)
		}
	}
	return r.Raw(left).Raw(strip).String()
}

// leastTitle is how many cells the image's name has at least; facts give way.
const leastTitle = 22

// fact is a piece of the header.
type fact struct{ style, text string }

// need is how many cells facts take.
func need(all []fact) int {
	n := 0
	for _, f := range all {
		n += widget.Width(f.text) + 2
	}
	return n
}

// roomy is the width from which all facts stand beside the engine.
const roomy = 140

// facts are what the header says of the image. What is known at once comes
// first, so that it stays where it is while the rest grows.
func (m *screen) facts(e pane.Env, k session.Stack, narrow bool) []fact {
	w, t := e.Words.Screen, e.Theme
	size := e.Total(k)
	var all []fact
	if n := len(k.Warnings()); n > 0 {
		all = append(all, fact{t.Bad, "▲ " + w.Warnings.Of(n)})
	}
	if narrow && m.state.Live {
		all = append(all, fact{t.Accent, e.Words.Build.Live})
	}
	if narrow {
		return append(all, append([]fact{{t.Text, size}}, m.dead(e, k, narrow)...)...)
	}
	all = append(all, fact{t.Text, words.Visible(k.Image.Platform.String())})
	if !m.drafted() || m.width >= roomy { // the engine takes its place
		all = append(all, fact{t.Text, w.Steps.Of(len(k.Image.Steps)) + " · " + w.LayersCount.Of(len(k.Layers))})
	}
	if d := k.Image.Download(); d > 0 {
		all = append(all, fact{t.Text, e.Size(d) + " " + w.Download})
	}
	all = append(all, fact{t.Text, size + " " + strings.ToLower(w.Unpacked)})
	return append(all, m.dead(e, k, narrow)...)
}

// dead tells the dead bytes, once they are known.
func (m *screen) dead(e pane.Env, k session.Stack, short bool) []fact {
	if k.Report == nil {
		return nil
	}
	style, text := e.Theme.Dim, strings.ToLower(e.Words.Screen.Dead)+" "+e.Size(k.Report.Dead)
	if k.Report.Dead > 0 {
		style = e.Theme.Removed
		if !short {
			text = fmt.Sprintf("%s (%s)", text, words.Percent(k.Report.Dead, k.Report.Total))
		}
	}
	return []fact{{style, text}}
}

// strip names the panes where not all are in sight.
func (m *screen) strip(e pane.Env) *widget.Row {
	w := 0
	for _, s := range m.strips() {
		w += widget.Width(m.label(e, s)) + 2
	}
	r := widget.NewRow(w)
	for _, s := range m.strips() {
		style := e.Theme.Dim
		if s.scope == m.focus {
			style = e.Theme.Title
		}
		r.Put(style, m.label(e, s)).Pad(2)
	}
	return r
}

// clickStrip gives the pane that is named there the focus.
func (m *screen) clickStrip(x, y int) tea.Cmd {
	places := m.places()
	if y != 0 || len(places) == 0 || len(places) == len(m.order()) {
		return nil
	}
	e := m.env()
	at := m.width - m.strip(e).Cells()
	for _, s := range m.strips() {
		w := widget.Width(m.label(e, s))
		if x >= at && x < at+w {
			m.look(s.scope)
		}
		at += w + 2
	}
	return nil
}

type tab struct {
	scope act.Scope
	key   string
	name  func(words.Screen) string
}

// cramped is the width beneath which the last pane's name gives way to what the
// header tells of the image, where there are four.
const cramped = 90

func (m *screen) label(e pane.Env, t tab) string {
	if t.scope == act.Details && m.drafted() && m.width < cramped && m.focus != act.Details {
		return t.key
	}
	return t.key + " " + t.name(e.Words.Screen)
}

// strips returns the panes that there are.
func (m *screen) strips() []tab {
	return slices.DeleteFunc(slices.Clone(strips), func(t tab) bool { return t.scope == act.Browsing && !m.drafted() })
}

var strips = []tab{
	{act.Layers, "1", func(t words.Screen) string { return t.Layers }},
	{act.Files, "2", func(t words.Screen) string { return t.Files }},
	{act.Browsing, "3", func(t words.Screen) string { return t.Dockerfile }},
	{act.Details, "4", func(t words.Screen) string { return t.Details }},
}
