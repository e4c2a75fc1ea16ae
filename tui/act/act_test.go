package act

import (
	"slices"
	"testing"

	"github.com/imgtui/imgtui/model/words"
)

func TestNoKeyMeansTwoThingsInOneScope(t *testing.T) {
	for _, s := range []Scope{Layers, Files, Details, Viewer} {
		seen := map[string]ID{}
		for _, a := range All {
			if !a.In(s) {
				continue
			}
			for _, k := range a.Keys {
				if was, ok := seen[k]; ok {
					t.Errorf("scope %d: %q means %s and %s", s, k, was, a.ID)
				}
				seen[k] = a.ID
			}
		}
	}
}

func TestEveryActionHasAKeyAndWords(t *testing.T) {
	var ids []ID
	for _, a := range All {
		if len(a.Keys) == 0 || len(a.Scopes) == 0 {
			t.Errorf("action %s has keys %v and scopes %v", a.ID, a.Keys, a.Scopes)
		}
		if w := words.English.Actions[string(a.ID)]; w.Short == "" || w.Long == "" {
			t.Errorf("action %s has no words", a.ID)
		}
		if slices.Contains(ids, a.ID) {
			t.Errorf("action %s stands twice", a.ID)
		}
		ids = append(ids, a.ID)
	}
	for id := range words.English.Actions {
		if _, ok := Named(ID(id)); !ok {
			t.Errorf("words for %s, which is no action", id)
		}
	}
}
