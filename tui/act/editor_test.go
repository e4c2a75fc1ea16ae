package act

import (
	"slices"
	"testing"

	"github.com/imgtui/imgtui/model/words"
)

func TestNoKeyOfTheEditorMeansTwoThings(t *testing.T) {
	for _, s := range []Scope{Typing, Browsing} {
		seen := map[string]ID{}
		for _, a := range Editor {
			for _, k := range a.Keys {
				if was, ok := seen[k]; ok && slices.Contains(a.Scopes, s) {
					t.Errorf("scope %d: %q means %s and %s", s, k, was, a.ID)
				}
				if slices.Contains(a.Scopes, s) {
					seen[k] = a.ID
				}
			}
		}
	}
}

// reserved are the keys that mean the whole screen's action even while text is
// typed; ctrl+z alone is the editor's.
var reserved = []string{"tab", "shift+tab", "ctrl+p", "ctrl+g", "ctrl+l", "ctrl+r", "ctrl+c"}

func TestTheEditorTakesNoKeyOfTheWholeScreen(t *testing.T) {
	for _, k := range reserved {
		if a, ok := InEditor(Typing, k); ok {
			t.Errorf("%q is %s", k, a.ID)
		}
	}
}

func TestWhileBrowsingTheKeysOfTheScreenStayWhatTheyAre(t *testing.T) {
	for _, a := range All {
		if !a.Global() {
			continue
		}
		for _, k := range a.Keys {
			if e, ok := InEditor(Browsing, k); ok {
				t.Errorf("%q means %s and, in the editor, %s", k, a.ID, e.ID)
			}
		}
	}
}

func TestEveryActionOfTheEditorHasAKeyAndWords(t *testing.T) {
	var ids []ID
	for _, a := range Editor {
		w := words.EditorEnglish.Actions[string(a.ID)]
		if len(a.Keys) == 0 || w.Short == "" || w.Long == "" {
			t.Errorf("action %s has keys %v and words %+v", a.ID, a.Keys, w)
		}
		other := slices.ContainsFunc(All, func(b Action) bool { return b.ID == a.ID })
		if other || slices.Contains(ids, a.ID) {
			t.Errorf("action %s stands twice", a.ID)
		}
		ids = append(ids, a.ID)
	}
	for id := range words.EditorEnglish.Actions {
		if !slices.Contains(ids, ID(id)) {
			t.Errorf("words for %s, which is no action", id)
		}
	}
}
