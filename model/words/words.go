// Package words holds every sentence shown to a user, by language, and how
// numbers and names are written. A second language is a second table.
package words

import "maps"

// Words is one language's table. A format's verbs are told beside it.
type Words struct {
	Screen  Screen
	Actions map[string]Action // by action name
	Explain Explain
	Notes   Notes
	Viewer  Viewer
	Checks  map[string]Check // by the check's name
	Plan    Plan
	Editor  Editor
	Draft   Draft
	Build   Build
}

// Action is how an action is named in the palette and told in the help.
type Action struct{ Short, Long string }

// English is the table that others follow.
var English = Words{Screen: screenEnglish, Actions: together(actionsEnglish, buildActionsEnglish, editorActionsEnglish), Explain: explainEnglish, Notes: notesEnglish, Viewer: viewerEnglish, Checks: checksEnglish, Plan: planEnglish, Editor: EditorEnglish, Draft: draftEnglish, Build: buildEnglish}

// together puts tables of actions into one.
func together(tables ...map[string]Action) map[string]Action {
	all := map[string]Action{}
	for _, t := range tables {
		maps.Copy(all, t)
	}
	return all
}
