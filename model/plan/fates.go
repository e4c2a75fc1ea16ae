package plan

import "github.com/imgtui/imgtui/model/dockerfile"

// Was is what a forecast is compared with. Fates come from Set where there is
// one, else from Graph; reasons come from File and Graph.
type Was struct {
	Name  string // in words, for Plan.Was
	File  *dockerfile.File
	Graph *Graph
	Set   *Set
}

// known tells what an engine has.
type known struct{ keys, loose map[Key]bool }

func (w Was) known() (known, bool) {
	if w.Set != nil {
		return known{w.Set.keys, w.Set.loose}, true
	}
	if w.Graph == nil {
		return known{}, false
	}
	k := known{make(map[Key]bool, len(w.Graph.Ops)), make(map[Key]bool, len(w.Graph.Ops))}
	for i := range w.Graph.Ops {
		k.keys[w.Graph.Ops[i].Key], k.loose[w.Graph.Ops[i].Loose] = true, true
	}
	return k, true
}

// fates tells what an engine that knows k will do with each operation.
func fates(g *Graph, k known) []Fate {
	all := make([]Fate, len(g.Ops))
	for i := range g.Ops {
		all[i] = fate(&g.Ops[i], k, all)
	}
	return all
}

// fate: an operation is had where its key is; it may be had where all but the
// content of its inputs is known; and what stands on one that runs, runs.
func fate(o *Op, k known, below []Fate) Fate {
	f := Same
	switch {
	case o.Fresh, len(o.Missing) > 0:
		return Runs
	case o.Asked && k.keys[o.Key]:
		f = Maybe
	case k.keys[o.Key]:
	case k.loose[o.Loose] && !o.Asked:
		f = Maybe
	default:
		return Runs
	}
	for _, in := range o.Inputs {
		switch b := below[in.Op]; {
		case b == Runs && !in.Content:
			return Runs
		case b != Same:
			f = Maybe
		}
	}
	return f
}

// worse returns the fate of two that costs more.
func worse(a, b Fate) Fate {
	if cost(b) > cost(a) {
		return b
	}
	return a
}

func cost(f Fate) int {
	switch f {
	case Same:
		return 1
	case Maybe:
		return 2
	case Runs, New:
		return 3
	}
	return 0
}
