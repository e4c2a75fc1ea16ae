// Package act holds the table of actions: it dispatches keys, and help,
// palette, footer and README are read off it.
package act

import "slices"

// ID names an action; it is the key of its words.
type ID string

// Scope is where an action's keys work.
type Scope uint8

// The scopes. Everywhere stands behind every other.
const (
	Everywhere Scope = iota
	Layers
	Files
	Details
	Viewer
	Browsing // the Dockerfile while no text is typed: no key changes a letter but those that take changes back
	Typing   // the Dockerfile while letters are typed: only its own keys mean something else
)

// Action is one row: what keys do, where.
type Action struct {
	ID     ID
	Keys   []string // as the terminal library names them; the first is shown
	Scopes []Scope
	Footer int // how much it is wanted among the hints at the bottom, 1 the most; 0 is never there
	With   ID  // the action that shares its hint: up and down are "↑↓ move"
}

var (
	everywhere = []Scope{Everywhere}
	layers     = []Scope{Layers}
	files      = []Scope{Files}
	viewer     = []Scope{Viewer}
	lists      = []Scope{Layers, Files}
	contents   = []Scope{Files, Viewer}
	panes      = []Scope{Layers, Files, Details, Viewer, Browsing}
	views      = []Scope{Layers, Files, Browsing}
	steps      = []Scope{Layers, Files, Details, Browsing}
	details    = []Scope{Details}
)

// All lists the actions in the order in which the help and the hints show them.
var All = []Action{
	{"up", []string{"up", "k"}, panes, 2, "down"},
	{"down", []string{"down", "j"}, panes, 0, ""},
	{"page-up", []string{"pgup"}, panes, 0, ""},
	{"page-down", []string{"pgdown"}, panes, 0, ""},
	{"half-up", []string{"ctrl+u"}, panes, 0, ""},
	{"half-down", []string{"ctrl+d"}, panes, 0, ""},
	{"top", []string{"g", "home"}, panes, 0, ""},
	{"bottom", []string{"G", "end"}, panes, 0, ""},
	{"left", []string{"left", "h"}, panes, 0, ""},
	{"right", []string{"right", "l"}, panes, 0, ""},

	{"open", []string{"enter"}, lists, 3, ""},
	{"sort", []string{"s"}, lists, 7, ""},
	{"reverse", []string{"S"}, lists, 0, ""},
	{"view", []string{"c"}, views, 8, ""},

	{"range", []string{"v"}, layers, 9, ""},
	{"mark", []string{"m"}, layers, 10, ""},
	{"base", []string{"b"}, layers, 0, ""},

	{"flat", []string{"t"}, files, 11, ""},
	{"fold-all", []string{"-"}, files, 0, ""},
	{"unfold-all", []string{"=", "+"}, files, 0, ""},
	{"added", []string{"A"}, files, 0, ""},
	{"modified", []string{"M"}, files, 0, ""},
	{"touched", []string{"o"}, files, 0, ""},
	{"replaced", []string{"R"}, files, 0, ""},
	{"removed", []string{"D"}, files, 0, ""},
	{"select", []string{"space"}, files, 14, ""},

	{"filter", []string{"/"}, contents, 5, ""},
	{"next", []string{"n"}, contents, 12, ""},
	{"previous", []string{"N"}, contents, 0, ""},
	{"compare", []string{"d"}, contents, 10, ""},
	{"extract", []string{"x"}, contents, 9, ""},
	{"edit", []string{"e"}, contents, 13, ""},

	{"hex", []string{"X"}, viewer, 8, ""},
	{"wrap", []string{"w"}, viewer, 7, ""},

	{"build", []string{"ctrl+b"}, everywhere, 2, ""},
	{"live", []string{"L"}, everywhere, 12, ""},
	{"stop", []string{"Q"}, everywhere, 0, ""},
	{"hold", []string{"H"}, []Scope{Layers, Browsing}, 0, ""},
	{"builds", []string{"r"}, everywhere, 13, ""},
	{"contrast", []string{"C"}, everywhere, 0, ""},
	{"engine", []string{"E"}, everywhere, 0, ""},
	{"send", []string{"O"}, everywhere, 5, ""},
	{"shell", []string{"!"}, steps, 4, ""},
	{"shell-before", []string{"@"}, steps, 0, ""},
	{"try", []string{">"}, steps, 9, ""},
	{"mend", []string{"e"}, []Scope{Layers, Details}, 4, ""},
	{"whole-log", []string{"a"}, details, 6, ""},
	{"search-log", []string{"/"}, details, 5, ""},
	{"next-hit", []string{"n"}, details, 0, ""},
	{"previous-hit", []string{"N"}, details, 0, ""},

	{"copy", []string{"y"}, panes, 15, ""},
	{"about", []string{"i"}, panes, 16, ""},
	{"bytes", []string{"B"}, panes, 0, ""},

	{"back", []string{"esc", "backspace"}, everywhere, 4, ""},
	{"cancel", []string{"ctrl+g"}, everywhere, 1, ""},
	{"retry", []string{"ctrl+r"}, everywhere, 1, ""},
	{"next-pane", []string{"tab"}, everywhere, 6, ""},
	{"prev-pane", []string{"shift+tab"}, everywhere, 0, ""},
	{"pane-1", []string{"1"}, everywhere, 0, ""},
	{"pane-2", []string{"2"}, everywhere, 0, ""},
	{"pane-3", []string{"3"}, everywhere, 0, ""},
	{"pane-4", []string{"4"}, everywhere, 0, ""},
	{"zoom", []string{"z"}, everywhere, 17, ""},
	{"theme", []string{"T"}, everywhere, 0, ""},
	{"redraw", []string{"ctrl+l"}, everywhere, 0, ""},
	{"suspend", []string{"ctrl+z"}, everywhere, 0, ""},
	{"palette", []string{"ctrl+p", ":"}, everywhere, 4, ""},
	{"help", []string{"?"}, everywhere, 3, ""},
	{"quit", []string{"q"}, everywhere, 18, ""},
	{"interrupt", []string{"ctrl+c"}, everywhere, 0, ""},
}

// In tells whether the action's keys work in a scope.
func (a Action) In(s Scope) bool {
	return slices.Contains(a.Scopes, s) || s != Typing && slices.Contains(a.Scopes, Everywhere)
}

// Rebuilds tells whether the action is about builds.
func (a Action) Rebuilds() bool {
	first, last := slices.IndexFunc(All, named("build")), slices.IndexFunc(All, named("previous-hit"))
	at := slices.IndexFunc(All, named(a.ID))
	return at >= first && at <= last
}

func named(id ID) func(Action) bool { return func(a Action) bool { return a.ID == id } }

// Global tells whether the action is the whole screen's and not a pane's.
func (a Action) Global() bool { return slices.Contains(a.Scopes, Everywhere) }

// For returns the action that a key means in a scope.
func For(s Scope, key string) (Action, bool) {
	for _, a := range Every() {
		if a.In(s) && slices.Contains(a.Keys, key) {
			return a, true
		}
	}
	return Action{}, false
}

// Every returns all actions, those of the editor last.
func Every() []Action { return slices.Concat(All, Editor) }

// Named returns the action of that name.
func Named(id ID) (Action, bool) {
	all := Every()
	i := slices.IndexFunc(all, func(a Action) bool { return a.ID == id })
	if i < 0 {
		return Action{}, false
	}
	return all[i], true
}

// Hints returns the actions that the bottom line of a scope may name, in the
// table's order.
func Hints(s Scope) []Action {
	var all []Action
	for _, a := range Every() {
		if a.Footer > 0 && a.In(s) {
			all = append(all, a)
		}
	}
	return all
}

// Hint returns the key, or the keys, that a hint shows: "↑↓" for up with down.
func (a Action) Hint() string {
	label := Label(a.Keys[0])
	if other, ok := Named(a.With); ok {
		label += Label(other.Keys[0])
	}
	return label
}

// Label returns a key as it is shown: "↑" for "up".
func Label(key string) string {
	if l, ok := labels[key]; ok {
		return l
	}
	return key
}

var labels = map[string]string{"up": "↑", "down": "↓", "left": "←", "right": "→", "pgup": "PgUp", "pgdown": "PgDn"}
