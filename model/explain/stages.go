package explain

import (
	"fmt"
	"slices"
	"strings"

	"github.com/imgtui/imgtui/model/plan"
	"github.com/imgtui/imgtui/model/words"
)

// StageRow is a stage of the tree in words.
type StageRow struct {
	Stage      int
	Tree, Name string // Tree draws its place: "│ └ "
	Does       string // "copied from, line 9 · FROM golang:1 · 2 kept · 1 run"
}

// Stages tells the tree of the stages; nil where there is but one.
func Stages(w words.Words, p plan.Plan) []StageRow {
	if len(p.Stages) < 2 {
		return nil
	}
	var open []bool // of each depth: more follow
	all := make([]StageRow, 0, len(p.Stages))
	for _, b := range p.Stages {
		open = append(open[:min(b.Depth, len(open))], !b.Last)
		row := StageRow{Stage: b.Stage, Tree: branch(open, b), Name: visible(b.Name)}
		parts := []string{w.Plan.Uses[b.Use]}
		if b.Use != plan.Result && b.Use != plan.Idle {
			parts[0] += ", " + fmt.Sprintf(w.Plan.At, b.Line)
		}
		switch {
		case b.Again:
			parts = append(parts, w.Plan.StageAgain)
		default:
			if b.Image != "" {
				parts = append(parts, fmt.Sprintf(w.Plan.StageOn, visible(b.Image)))
			}
			parts = append(parts, Counts(w, plan.Plan{Steps: ofStage(p.Steps, b.Stage)})...)
		}
		row.Does = strings.Join(parts, " · ")
		all = append(all, row)
	}
	return all
}

// branch draws the lines that lead to a stage.
func branch(open []bool, b plan.Branch) string {
	if b.Use == plan.Idle {
		return "· "
	}
	var s strings.Builder
	for depth := 1; depth < b.Depth; depth++ {
		if open[depth] {
			s.WriteString("│ ")
		} else {
			s.WriteString("  ")
		}
	}
	switch {
	case b.Depth == 0:
	case b.Last:
		s.WriteString("└ ")
	default:
		s.WriteString("├ ")
	}
	return s.String()
}

func ofStage(steps []plan.Step, stage int) []plan.Step {
	return slices.DeleteFunc(slices.Clone(steps), func(s plan.Step) bool { return s.Stage != stage || s.Fate == plan.Gone })
}

// stages tells the tree; the stage of the line is marked.
func (t *text) stages(w words.Words, p plan.Plan, here int) {
	for n, r := range Stages(w, p) {
		if n == 0 {
			t.heading(w.Plan.Stages)
		}
		mark := "  "
		if r.Stage == here {
			mark = "❯ "
		}
		t.add(List, mark+r.Tree+r.Name+"  "+r.Does)
	}
}

// unknown tells of a base image of which only the name is known.
func (t *text) unknown(w words.Words, p Place) {
	for _, b := range p.Plan.Stages {
		if b.Stage == p.Step.Stage && b.Unknown {
			t.heading(w.Plan.UnknownBases)
			t.add(Text, fmt.Sprintf(w.Plan.UnknownBase, visible(b.Image)))
			t.add(Advice, w.Plan.UnknownTry)
			return
		}
	}
}

// Unknown tells of all base images of which only the name is known, and what to
// do about it; nil where there is none.
func Unknown(w words.Words, p plan.Plan) []string {
	var all []string
	for _, name := range p.Unknown {
		name = strings.TrimPrefix(strings.TrimPrefix(name, "docker.io/"), "library/")
		all = append(all, visible(name))
	}
	if len(all) == 0 {
		return nil
	}
	return []string{fmt.Sprintf(w.Plan.UnknownBase, strings.Join(all, ", ")), w.Plan.UnknownTry}
}
