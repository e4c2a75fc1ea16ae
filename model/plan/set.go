package plan

import (
	"encoding/json"
	"maps"
	"slices"

	"github.com/imgtui/imgtui/model/dockerfile"
)

// Set is what one engine is known to have: the keys of the builds that it
// finished. It goes to JSON and back; the zero value is empty.
type Set struct {
	keys, loose, owns map[Key]bool
}

// Add notes a build that was finished.
func (s *Set) Add(f *dockerfile.File, g *Graph) {
	if s.keys == nil {
		s.keys, s.loose, s.owns = map[Key]bool{}, map[Key]bool{}, map[Key]bool{}
	}
	for i := range g.Ops {
		s.keys[g.Ops[i].Key], s.loose[g.Ops[i].Loose], s.owns[g.Ops[i].Own] = true, true, true
	}
	for i := range f.Instructions {
		s.keys[settingKey(&f.Instructions[i], g.Args)] = true
	}
}

// Forget empties the set: the engine's cache was pruned, or is another one.
func (s *Set) Forget() { *s = Set{} }

// Len returns how many keys are known.
func (s *Set) Len() int { return len(s.keys) }

// sets is a Set as JSON has it.
type sets struct {
	Keys  []Key `json:"keys"`
	Loose []Key `json:"loose"`
	Owns  []Key `json:"owns"`
}

// MarshalJSON implements [json.Marshaler].
func (s *Set) MarshalJSON() ([]byte, error) {
	return json.Marshal(sets{sorted(s.keys), sorted(s.loose), sorted(s.owns)})
}

// UnmarshalJSON implements [json.Unmarshaler].
func (s *Set) UnmarshalJSON(body []byte) error {
	var read sets
	if err := json.Unmarshal(body, &read); err != nil {
		return err
	}
	*s = Set{keys: setOf(read.Keys), loose: setOf(read.Loose), owns: setOf(read.Owns)}
	return nil
}

func sorted(set map[Key]bool) []Key {
	return slices.SortedFunc(maps.Keys(set), func(a, b Key) int { return slices.Compare(a[:], b[:]) })
}

func setOf(keys []Key) map[Key]bool {
	set := make(map[Key]bool, len(keys))
	for _, k := range keys {
		set[k] = true
	}
	return set
}
