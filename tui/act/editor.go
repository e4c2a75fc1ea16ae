package act

import "slices"

var (
	typing   = []Scope{Typing}
	browsing = []Scope{Browsing}
	editing  = []Scope{Typing, Browsing}
)

// Editor lists the actions of the editor. Terminals set its limits: ctrl+c
// leaves the program, so alt+c copies; ctrl+h is backspace in some, so alt+r
// replaces; ctrl+[ is esc and alt+[ begins a sequence, so alt+, outdents;
// ctrl+/ arrives as ctrl+_ from most. While one only looks, ctrl+z suspends as
// everywhere and u takes back. What some terminals do not send has a second key:
// alt+p for shift+f3, alt+backspace for ctrl+backspace.
var Editor = []Action{
	{"type", []string{"enter", "e"}, browsing, 2, ""},
	{"rest", []string{"esc"}, typing, 1, ""},
	{"fix", []string{"f"}, browsing, 3, ""},
	{"inputs", []string{"a"}, browsing, 6, ""},
	{"reload", []string{"ctrl+t"}, browsing, 0, ""},
	{"save", []string{"ctrl+s"}, editing, 3, ""},
	{"open-editor", []string{"ctrl+o"}, editing, 0, ""},
	{"undo", []string{"ctrl+z", "alt+u"}, typing, 4, ""},
	{"redo", []string{"ctrl+y", "ctrl+shift+z"}, typing, 0, ""},
	{"take-back", []string{"u"}, browsing, 4, ""},
	{"do-again", []string{"U"}, browsing, 0, ""},

	{"cut", []string{"ctrl+x", "shift+delete"}, typing, 0, ""},
	{"copy-text", []string{"alt+c", "ctrl+insert"}, editing, 0, ""},
	{"paste", []string{"ctrl+v", "shift+insert"}, typing, 0, ""},
	{"complete", []string{"ctrl+space", "ctrl+n"}, typing, 5, ""},
	{"find", []string{"ctrl+f"}, typing, 6, ""},
	{"search", []string{"/"}, browsing, 5, ""},
	{"replace", []string{"alt+r"}, editing, 0, ""},
	{"find-next", []string{"f3", "alt+n"}, editing, 0, ""},
	{"find-previous", []string{"shift+f3", "alt+p"}, editing, 0, ""},
	{"go-to-line", []string{"alt+g"}, editing, 0, ""},

	{"comment", []string{"ctrl+/", "ctrl+_"}, typing, 7, ""},
	{"indent", []string{"ctrl+]", "alt+."}, typing, 0, ""},
	{"outdent", []string{"alt+,"}, typing, 0, ""},
	{"duplicate", []string{"ctrl+d"}, typing, 0, ""},
	{"line-up", []string{"alt+up"}, typing, 0, ""},
	{"line-down", []string{"alt+down"}, typing, 0, ""},
	{"join", []string{"alt+j"}, typing, 0, ""},
	{"soft-wrap", []string{"alt+z"}, editing, 0, ""},

	{"new-line", []string{"enter", "shift+enter"}, typing, 0, ""},
	{"erase", []string{"backspace", "shift+backspace"}, typing, 0, ""},
	{"delete", []string{"delete"}, typing, 0, ""},
	{"erase-word", []string{"ctrl+w", "alt+backspace", "ctrl+backspace"}, typing, 0, ""},
	{"delete-word", []string{"alt+d", "ctrl+delete", "alt+delete"}, typing, 0, ""},
	{"erase-to-start", []string{"ctrl+u"}, typing, 0, ""},
	{"delete-to-end", []string{"ctrl+k"}, typing, 0, ""},

	{"char-left", []string{"left"}, typing, 0, ""},
	{"char-right", []string{"right"}, typing, 0, ""},
	{"row-up", []string{"up"}, typing, 0, ""},
	{"row-down", []string{"down"}, typing, 0, ""},
	{"word-left", []string{"ctrl+left", "alt+b", "alt+left"}, typing, 0, ""},
	{"word-right", []string{"ctrl+right", "alt+f", "alt+right"}, typing, 0, ""},
	{"line-start", []string{"home"}, typing, 0, ""},
	{"line-end", []string{"end", "ctrl+e"}, typing, 0, ""},
	{"screen-up", []string{"pgup"}, typing, 0, ""},
	{"screen-down", []string{"pgdown"}, typing, 0, ""},
	{"text-start", []string{"ctrl+home"}, typing, 0, ""},
	{"text-end", []string{"ctrl+end"}, typing, 0, ""},

	{"select-left", []string{"shift+left"}, typing, 0, ""},
	{"select-right", []string{"shift+right"}, typing, 0, ""},
	{"select-up", []string{"shift+up"}, typing, 0, ""},
	{"select-down", []string{"shift+down"}, typing, 0, ""},
	{"select-word-left", []string{"ctrl+shift+left", "alt+shift+left"}, typing, 0, ""},
	{"select-word-right", []string{"ctrl+shift+right", "alt+shift+right"}, typing, 0, ""},
	{"select-line-start", []string{"shift+home"}, typing, 0, ""},
	{"select-line-end", []string{"shift+end"}, typing, 0, ""},
	{"select-screen-up", []string{"shift+pgup"}, typing, 0, ""},
	{"select-screen-down", []string{"shift+pgdown"}, typing, 0, ""},
	{"select-text-start", []string{"ctrl+shift+home"}, typing, 0, ""},
	{"select-text-end", []string{"ctrl+shift+end"}, typing, 0, ""},
	{"select-word", []string{"alt+w"}, typing, 0, ""},
	{"select-line", []string{"alt+l"}, typing, 0, ""},
	{"select-all", []string{"ctrl+a"}, typing, 0, ""},
}

// InEditor returns the action of the editor that a key means in a scope.
func InEditor(s Scope, key string) (Action, bool) {
	i := slices.IndexFunc(Editor, func(a Action) bool { return slices.Contains(a.Scopes, s) && slices.Contains(a.Keys, key) })
	if i < 0 {
		return Action{}, false
	}
	return Editor[i], true
}
