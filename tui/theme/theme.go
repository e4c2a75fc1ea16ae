// Package theme holds the colours and glyphs of the screen: styles of Lip Gloss,
// made once per theme and kept as the escape sequences that rows are written with.
package theme

import (
	"slices"
	"strings"

	"charm.land/lipgloss/v2"
	"github.com/charmbracelet/colorprofile"
)

// Theme is a set of prepared styles. Each is the SGR sequence that starts the
// style, "" for plain text; Reset ends it. Green, yellow and red mean added,
// modified and removed and nothing else.
type Theme struct {
	Name     string
	Text     string // plain
	Dim      string // units, hints, counters
	Edge     string // the borders of panes without focus
	Strong   string // titles
	Accent   string // the border with focus, keys
	Title    string // the title of the pane with focus
	Added    string
	Modified string
	Removed  string
	Bad      string // errors and warnings, always with a sign
	Bar      string // shares of a whole
	Match    string // what a filter found
	Selected Ground // the row under the cursor, in the pane with focus
	Resting  Ground // the row under the cursor, elsewhere
	Code     Code
	Editor   Editor
}

// Ground is what a whole row stands on. Where it is Alone, no other style shows
// on it: on a reversed row a colour would become a patch.
type Ground struct {
	Start string
	Alone bool
}

// Code are the styles of a text with highlighting.
type Code struct{ Keyword, String, Comment, Number, Name string }

// Reset ends every style.
const Reset = "\x1b[m"

// All lists the themes in the order in which a key walks through them. The
// first follows the terminal's background.
var All = []string{"auto", "dark", "light", "ansi", "mono"}

// Known tells whether there is a theme of that name.
func Known(name string) bool { return slices.Contains(All, name) }

// Next returns the theme after name.
func Next(name string) string {
	return All[(slices.Index(All, name)+1)%len(All)]
}

// Terminal is what a theme depends on: whether the background is dark, and how
// many colours there are.
type Terminal struct {
	Dark   bool
	Colors colorprofile.Profile
}

// New makes a theme by name. Whatever the name, a terminal without colours gets
// one without: its signs must do.
func New(name string, t Terminal) *Theme {
	ink := light
	if name == "dark" || name != "light" && t.Dark {
		ink = dark
	}
	switch {
	case name == "mono" || t.Colors < colorprofile.ANSI:
		return mono(name)
	case name == "ansi":
		t.Colors = colorprofile.ANSI
	}
	return colored(name, ink, t.Colors)
}

// colored makes a theme of a palette, from the column that fits the terminal.
func colored(name string, p palette, colors colorprofile.Profile) *Theme {
	pick := lipgloss.Complete(colors)
	fg := func(i ink) lipgloss.Style {
		full := lipgloss.Color(i.full)
		return lipgloss.NewStyle().Foreground(pick(lipgloss.Color(i.ansi), full, full))
	}
	strong := fg(p.strong).Bold(true)
	t := &Theme{
		Name: name,
		Dim:  start(fg(p.dim)), Edge: start(fg(p.edge)), Strong: start(strong), Bad: start(strong),
		Accent: start(fg(p.accent)), Title: start(fg(p.accent).Bold(true)),
		Added: start(fg(p.added)), Modified: start(fg(p.modified)), Removed: start(fg(p.removed)),
		Bar: start(fg(p.bar)), Match: start(fg(p.accent).Underline(true)),
		Selected: ground(p.selected), Resting: ground(p.resting),
		Code: Code{start(fg(p.keyword)), start(fg(p.text)), start(fg(p.dim)), start(fg(p.number)), start(fg(p.name))},
	}
	t.Editor = Editor{
		Line: ground(p.line).Start, Selection: reversed.Start, Variable: start(fg(p.variable)),
		Warning: start(wavy.UnderlineColor(lipgloss.Color(p.modified.full))), Fault: start(wavy.UnderlineColor(lipgloss.Color(p.removed.full))),
	}
	if colors == colorprofile.ANSI {
		t.Selected, t.Resting = reversed, heavy
		t.Editor.Line, t.Editor.Warning, t.Editor.Fault = "", underlined.Start, underlined.Start
	}
	return t
}

func mono(name string) *Theme {
	bold, faint := lipgloss.NewStyle().Bold(true), lipgloss.NewStyle().Faint(true)
	return &Theme{
		Name: name,
		Dim:  start(faint), Edge: start(faint), Strong: start(bold), Accent: start(bold), Title: start(bold.Reverse(true)),
		Bad: start(bold), Match: start(lipgloss.NewStyle().Underline(true)),
		Selected: reversed, Resting: heavy,
		Code:   Code{Keyword: start(bold), Comment: start(faint)},
		Editor: Editor{Selection: reversed.Start, Variable: start(lipgloss.NewStyle().Italic(true)), Warning: underlined.Start, Fault: underlined.Start},
	}
}

// wavy is what lies under a fault where the terminal can.
var wavy = lipgloss.NewStyle().UnderlineStyle(lipgloss.UnderlineCurly)

var (
	reversed   = Ground{start(lipgloss.NewStyle().Reverse(true)), true}
	underlined = Ground{start(lipgloss.NewStyle().Underline(true)), true}
	heavy      = Ground{start(lipgloss.NewStyle().Bold(true)), true}
)

func ground(hex string) Ground {
	return Ground{Start: start(lipgloss.NewStyle().Background(lipgloss.Color(hex)))}
}

// start returns the sequence that begins a style.
func start(s lipgloss.Style) string {
	before, _, _ := strings.Cut(s.Render("x"), "x")
	return before
}
