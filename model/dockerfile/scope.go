package dockerfile

import (
	"maps"
	"strings"

	"github.com/moby/buildkit/frontend/dockerfile/shell"
)

// Expand puts in the variables of a word and takes off its quotes and escapes,
// as BuildKit does. A word that it could not expand stays as it is.
func Expand(word string, env map[string]string) string { return expand(word, env, '\\') }

func (f *File) expand(word string, env map[string]string) string { return expand(word, env, f.Escape) }

func expand(word string, env map[string]string, escape byte) string {
	if plain(word, escape) {
		return word
	}
	out, _, err := shell.NewLex(rune(escape)).ProcessWord(word, variables(env))
	if err != nil {
		return word
	}
	return out
}

// plain tells whether a word says the same however it is expanded.
func plain(word string, escape byte) bool {
	return strings.IndexByte(word, escape) < 0 && !strings.ContainsAny(word, "$'\"")
}

// variables are what a word is expanded with.
type variables map[string]string

// Get implements shell.EnvGetter.
func (v variables) Get(name string) (string, bool) {
	value, ok := v[name]
	return value, ok
}

// Keys implements shell.EnvGetter.
func (v variables) Keys() []string {
	var all []string
	for k := range v {
		all = append(all, k)
	}
	return all
}

// Env returns the variables in force just before an instruction, given the
// build arguments: ARG and ENV of its stage and of the stages that it is built
// on; for a FROM and what stands before it those that may stand in a FROM. What
// a base image sets is not known here. The arguments that the builder itself
// gives, such as TARGETARCH, are looked for in args too.
func (f *File) Env(i int, args map[string]string) map[string]string {
	own := f.Instructions[i].Stage
	switch {
	case own < 0:
		return f.before(i, args)
	case i == f.Stages[own].First:
		return f.global(args)
	}
	found := map[string]string{}
	f.Walk(own, args, func(k int, env map[string]string) bool {
		if k == i {
			found = env
		}
		return k != i
	})
	return found
}

// Walk visits the instructions of a stage and of those that it is built on, in
// the order in which they are built and without their FROM, with the variables
// in force just before each. They change with the next visit. It ends when
// visit says false.
func (f *File) Walk(stage int, args map[string]string, visit func(i int, env map[string]string) bool) {
	s := scope{f: f, args: args, global: f.global(args), env: map[string]string{}}
	for _, n := range f.Chain(stage, args) {
		for k := f.Stages[n].First + 1; k <= f.Stages[n].Last; k++ {
			if !visit(k, s.env) {
				return
			}
			s.take(&f.Instructions[k])
		}
	}
}

// global returns the variables that may stand in a FROM.
func (f *File) global(args map[string]string) map[string]string {
	first := len(f.Instructions)
	if len(f.Stages) > 0 {
		first = f.Stages[0].First
	}
	return f.before(first, args)
}

// before returns the variables that are set before the first FROM, as they are
// just before an instruction there.
func (f *File) before(i int, args map[string]string) map[string]string {
	s := scope{f: f, args: args, env: platform(args)}
	for k := range i {
		s.take(&f.Instructions[k])
	}
	return s.env
}

// platform returns the arguments that hold in a FROM without any ARG.
func platform(args map[string]string) map[string]string {
	env := map[string]string{}
	for k, v := range args {
		if strings.HasPrefix(k, "TARGET") || strings.HasPrefix(k, "BUILD") {
			switch strings.TrimPrefix(strings.TrimPrefix(k, "TARGET"), "BUILD") {
			case "PLATFORM", "OS", "OSVERSION", "ARCH", "VARIANT", "STAGE":
				env[k] = v
			}
		}
	}
	return env
}

// scope is what ARG and ENV have set so far.
type scope struct {
	f            *File
	args, global map[string]string
	env          map[string]string
}

func (s *scope) take(i *Instruction) {
	switch i.Name {
	case "ARG":
		for _, w := range i.Words {
			s.arg(w)
		}
	case "ENV":
		was := s.env
		if len(i.Words) > 1 {
			was = maps.Clone(s.env)
		}
		for _, w := range i.Words {
			name, value, _ := strings.Cut(w, "=")
			s.env[s.f.expand(name, was)] = s.f.expand(value, was)
		}
	}
}

// arg declares NAME or NAME=value: what the builder was given comes first, then
// the value, then what an ARG before the first FROM has set.
func (s *scope) arg(word string) {
	name, value, has := strings.Cut(word, "=")
	name = s.f.expand(name, s.env)
	if given, ok := s.args[name]; ok {
		s.env[name] = given
	} else if has {
		s.env[name] = s.f.expand(value, s.env)
	} else if v, ok := s.global[name]; ok {
		s.env[name] = v
	}
}

// keep takes off the quotes and escapes of a word and leaves its variables.
func (f *File) keep(word string) string {
	if plain(word, f.Escape) {
		return word
	}
	l := shell.NewLex(rune(f.Escape))
	l.SkipUnsetEnv = true
	out, _, err := l.ProcessWord(word, variables(nil))
	if err != nil {
		return word
	}
	return out
}
