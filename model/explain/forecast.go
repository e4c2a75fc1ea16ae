package explain

import (
	"fmt"
	"strings"

	"github.com/imgtui/imgtui/model/plan"
	"github.com/imgtui/imgtui/model/words"
)

// Why says in a few words why a step has its fate; "" where there is nothing to say.
func Why(w words.Words, s plan.Step) string {
	p := w.Plan
	because := visible(strings.TrimPrefix(s.Because, "/"))
	switch s.Reason {
	case plan.FileChanged:
		if s.More > 0 {
			return fmt.Sprintf(p.Files, because, s.More)
		}
		return fmt.Sprintf(p.File, because)
	case plan.EarlierRuns:
		if s.Relinked {
			return p.Relinked
		}
		return fmt.Sprintf(p.Line, s.BecauseLine)
	case plan.BaseChanged:
		return fmt.Sprintf(p.Base, because)
	case plan.InputMaybe:
		return input(p, s, because)
	case plan.ValueChanged:
		if s.BecauseLine == 0 {
			return fmt.Sprintf(p.Values, because)
		}
		return fmt.Sprintf(p.Value, because, s.BecauseLine)
	}
	if s.Unused {
		return p.Unused
	}
	if int(s.Reason) < len(p.Reasons) {
		return p.Reasons[s.Reason]
	}
	return ""
}

// Sign is the sign of what a rebuild does with a step: one that is not part of
// the result has that of nothing.
func Sign(w words.Words, s plan.Step) string {
	if s.Unused {
		return w.Plan.Signs[plan.Unknown]
	}
	return w.Plan.Signs[s.Fate]
}

func input(p words.Plan, s plan.Step, because string) string {
	if because != "" {
		return fmt.Sprintf(p.Server, because)
	}
	return fmt.Sprintf(p.Input, s.BecauseLine)
}

// Counts tells how many steps have which fate: "3 kept · 2 run".
func Counts(w words.Words, p plan.Plan) []string {
	var n [6]int
	for _, s := range p.Steps {
		if int(s.Fate) < len(n) && !s.Unused {
			n[s.Fate]++
		}
	}
	var all []string
	for _, fate := range []plan.Fate{plan.Same, plan.Runs, plan.Maybe, plan.New, plan.Gone, plan.Unknown} {
		if n[fate] > 0 {
			all = append(all, fmt.Sprintf(w.Plan.Counts[fate], n[fate]))
		}
	}
	return all
}
