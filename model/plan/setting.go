package plan

import (
	"crypto/sha256"
	"maps"
	"slices"
	"strings"

	"github.com/imgtui/imgtui/model/dockerfile"
)

// names are variables with the line that gave each another value.
type names map[string]int

// set tells an instruction that is no work for an engine: it only changes what
// the image's config says or what later lines see.
func (s *seer) set(i int, t *Step) {
	name, _, valued := s.mentioned(i)
	switch {
	case s.pairs == nil:
		t.Fate, t.Reason = Runs, SettingsOnly
		if s.was.Set != nil && s.was.Set.keys[settingKey(&s.file.Instructions[i], s.now.Args)] {
			t.Fate, t.Reason = Same, Unsaid
		}
	case s.isNew(i):
		t.Fate, t.Reason = New, SettingsOnly
	case s.reworded(i):
		t.Fate, t.Reason = Runs, SettingsOnly
	case valued:
		t.Fate, t.Reason, t.Because = Runs, SettingsOnly, name
	default:
		t.Fate = Same
	}
}

// settingKey stands for an instruction that is no work for an engine, with the
// build args that it names.
func settingKey(in *dockerfile.Instruction, args map[string]string) Key {
	h := sha256.New()
	h.Write([]byte("setting\x00" + wording(in)))
	for _, name := range uses(in) {
		if v, ok := args[name]; ok {
			h.Write([]byte("\x00" + name + "=" + v))
		}
	}
	return Key(h.Sum(nil)[:len(Key{})])
}

// uses returns the variables on whose values an instruction depends: those in
// its text, and what an ARG declares.
func uses(in *dockerfile.Instruction) []string {
	all := variables(in.Args)
	for _, f := range in.Flags {
		all = append(all, variables(f)...)
	}
	if in.Name == "ARG" {
		all = append(all, declared(in)...)
	}
	return all
}

// mentioned returns a variable that an instruction uses and whose value is
// another, with the line that gives it.
func (s *seer) mentioned(i int) (string, int, bool) {
	in := &s.file.Instructions[i]
	if in.Name == "RUN" {
		return "", 0, false // its shell looks them up: they are in its environment
	}
	changed := s.changed[s.scope(in)]
	for _, name := range uses(in) {
		if line, ok := changed[name]; ok {
			return name, line, true
		}
		if in.Name == "ARG" && s.argChanged(name) {
			return name, in.Line, true
		}
	}
	return "", 0, false
}

// scope is where the variables of an instruction live.
func (s *seer) scope(in *dockerfile.Instruction) int {
	if in.Stage < 0 || in.Name == "FROM" {
		return len(s.changed) - 1
	}
	return in.Stage
}

func (s *seer) argChanged(name string) bool {
	if s.was.Graph == nil {
		return false
	}
	before, had := s.was.Graph.Args[name]
	after, has := s.now.Args[name]
	return had != has || before != after
}

// note remembers the variables that an instruction gives another value.
func (s *seer) note(i int, t *Step) {
	in := &s.file.Instructions[i]
	if in.Name == "FROM" {
		s.inherit(in.Stage)
		return
	}
	if (in.Name != "ENV" && in.Name != "ARG") || t.Fate == Same || t.Fate == Unknown {
		return
	}
	scope := s.scope(in)
	if s.changed[scope] == nil {
		s.changed[scope] = names{}
	}
	for _, name := range declared(in) {
		s.changed[scope][name] = in.Line
	}
	if old := s.counterpart(i); old >= 0 {
		for _, name := range declared(&s.was.File.Instructions[old]) {
			s.changed[scope][name] = in.Line
		}
	}
}

// inherit gives a stage the changed variables of the stage it starts from.
func (s *seer) inherit(stage int) {
	if stage < 0 || stage >= len(s.file.Stages) {
		return
	}
	if from := stageNamed(s.file, s.file.Stages[stage].Base, stage); from >= 0 && s.changed[from] != nil {
		s.changed[stage] = names{}
		maps.Copy(s.changed[stage], s.changed[from])
	}
}

// definition returns the line before i that gives a variable its value; 0 is none.
func (s *seer) definition(i int, name string) int {
	stage := s.file.Instructions[i].Stage
	for stage >= 0 {
		for k := i - 1; k >= 0; k-- {
			in := &s.file.Instructions[k]
			if in.Stage == stage && (in.Name == "ENV" || in.Name == "ARG") && slices.Contains(declared(in), name) {
				return in.Line
			}
		}
		next := stageNamed(s.file, s.file.Stages[stage].Base, stage)
		i, stage = len(s.file.Instructions), next
	}
	return 0
}

// changedSetting returns the line of the nearest instruction before i, in its
// stage or the ones it starts from, that changes how commands run; 0 is none.
func (s *seer) changedSetting(i int) int {
	for stage := s.file.Instructions[i].Stage; stage >= 0; stage = stageNamed(s.file, s.file.Stages[stage].Base, stage) {
		for k := min(i, len(s.steps)) - 1; k >= 0; k-- {
			in := &s.file.Instructions[k]
			if in.Stage == stage && shapes(in.Name) && s.steps[k].Fate != Same {
				return in.Line
			}
		}
	}
	return 0
}

// shapes tells whether an instruction of that name changes how later ones work.
func shapes(name string) bool {
	switch name {
	case "USER", "SHELL", "WORKDIR", "ENV", "ARG", "FROM":
		return true
	}
	return false
}

// variable returns the name in "NAME=value".
func variable(s string) string {
	name, _, _ := strings.Cut(s, "=")
	return name
}
