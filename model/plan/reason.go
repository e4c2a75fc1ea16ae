package plan

import "slices"

// explain gives the reason why an operation of an instruction is not had: what
// is about the instruction itself goes before what lies beneath it.
func (s *seer) explain(i, o int, t *Step) {
	op, old := &s.now.Ops[o], s.oldOp(i, o)
	switch {
	case s.was.Set != nil && s.was.Set.Len() == 0:
		t.Reason = NotKnown
	case len(op.Missing) > 0:
		t.Reason, t.Because = FileChanged, op.Missing[0]
	case s.reworded(i):
		t.Reason = LineChanged
	case old != nil && old.Own != op.Own:
		s.explainOwn(i, op, old, t)
	case old != nil && old.Content != op.Content:
		t.Reason = FileChanged
		t.Because, t.More = old.difference(op)
	case old == nil && s.was.Set != nil && !s.was.Set.owns[op.Own]:
		s.explainOwn(i, op, op, t)
	case op.Asked:
		t.Reason, t.Because, t.BecauseLine = InputMaybe, op.Image, t.Line
	default:
		s.explainBelow(o, old, t)
	}
}

// oldOp returns the operation that o was in the older graph, or nil: the one of
// its kind with the same place in the instruction's counterpart.
func (s *seer) oldOp(i, o int) *Op {
	was := s.counterpart(i)
	if was < 0 || s.oldOps == nil {
		return nil
	}
	place := 0
	for _, other := range s.ops[i] {
		if other == o {
			break
		}
		if s.now.Ops[other].Kind == s.now.Ops[o].Kind {
			place++
		}
	}
	for _, other := range s.oldOps[was] {
		old := &s.was.Graph.Ops[other]
		if old.Kind != s.now.Ops[o].Kind {
			continue
		}
		if place == 0 {
			return old
		}
		place--
	}
	return nil
}

// explainOwn tells why an instruction that reads as before does something else.
func (s *seer) explainOwn(i int, op, old *Op, t *Step) {
	if op.Kind == Base {
		t.Reason, t.Because = BaseChanged, op.Image
		return
	}
	if name, ok := changedEnv(old.Env, op.Env); ok {
		t.Reason, t.Because, t.BecauseLine = ValueChanged, name, s.definition(i, name)
		return
	}
	if name, line, ok := s.mentioned(i); ok {
		t.Reason, t.Because, t.BecauseLine = ValueChanged, name, line
		return
	}
	if line := s.changedSetting(i); line > 0 {
		t.Reason, t.BecauseLine = EarlierRuns, line
		return
	}
	t.Reason = LineChanged
}

// changedEnv returns the first variable that a command sees otherwise.
func changedEnv(before, after []string) (string, bool) {
	if slices.Equal(before, after) {
		return "", false
	}
	for _, v := range after {
		if !slices.Contains(before, v) {
			return variable(v), true
		}
	}
	for _, v := range before {
		if !slices.Contains(after, v) {
			return variable(v), true
		}
	}
	for n := range after {
		if n >= len(before) || before[n] != after[n] {
			return variable(after[n]), true
		}
	}
	return "", false
}

// explainBelow tells which of the lines beneath is the cause. Without an older
// operation the instruction was not part of the result.
func (s *seer) explainBelow(o int, old *Op, t *Step) {
	cause := -1
	for _, in := range s.now.Ops[o].Inputs {
		if s.fates[in.Op] != Same && (cause < 0 || cost(s.fates[in.Op]) > cost(s.fates[cause])) {
			cause = in.Op
		}
	}
	if cause < 0 {
		t.Reason = InputMaybe
		switch {
		case t.Fate == Runs && old == nil:
			t.Reason = LineChanged
		case t.Fate == Runs:
			t.Reason = OtherBelow
		}
		return
	}
	t.Reason = EarlierRuns
	if t.Fate == Maybe {
		t.Reason = InputMaybe
	}
	t.BecauseLine = s.root(cause, t.Line)
}

// root returns the line where a cause began.
func (s *seer) root(o, line int) int {
	for _, r := range s.now.Ops[o].Lines {
		if r.First < 0 || r.First >= len(s.at) || s.at[r.First] == 0 || s.at[r.First] > len(s.steps) {
			continue
		}
		told := &s.steps[s.at[r.First]-1]
		if told.BecauseLine > 0 && (told.Reason == EarlierRuns || told.Reason == InputMaybe) {
			return told.BecauseLine
		}
		return told.Line
	}
	return line
}

// difference returns a path that an operation took otherwise than the older o,
// and how many more there are.
func (o *Op) difference(now *Op) (string, int) {
	if len(o.Differs) > 0 {
		return o.Differs[0], len(o.Differs) - 1
	}
	return difference(o.Picked, now.Picked)
}

// difference returns the first path that is not in both as it was, and how many
// more there are.
func difference(before, after []Picked) (string, int) {
	c := comparison{}
	c.lists(before, after)
	if len(c.paths) == 0 {
		return firstPath(after), 0
	}
	slices.Sort(c.paths)
	paths := slices.Compact(c.paths)
	return paths[0], len(paths) - 1
}

func firstPath(all []Picked) string {
	if len(all) == 0 {
		return ""
	}
	return all[0].Path
}
