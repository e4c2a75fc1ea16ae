// Package complete tells what may stand at a place of a Dockerfile: names of
// instructions, flags and their values, stages, paths of the context, variables.
package complete

import (
	"slices"
	"strings"

	"github.com/imgtui/imgtui/tui/highlight"
)

// Kind is what a candidate is.
type Kind uint8

// The kinds.
const (
	Word Kind = iota
	Instruction
	Flag
	Value
	Stage
	Image
	Path
	Variable
)

// Candidate is a text that may stand there. Detail says more about it; "" is
// left to who shows it.
type Candidate struct {
	Text, Detail string
	Kind         Kind
}

// Env is what is known beside the text. Paths returns the paths of the context
// that begin with a prefix; it is asked while one types and must not wait. Any
// of it may be missing.
type Env struct {
	Stages, Images, Args []string
	Paths                func(prefix string) []string
}

// List is what may stand at a place, from a column of the line up to the place.
type List struct {
	From  int
	Items []Candidate
	Auto  bool // to be shown without being asked for
}

// At returns what may stand at a column of a line. Before the line the state is s.
func At(s highlight.State, line string, col int, env Env) List {
	head := line[:col]
	trimmed := strings.TrimLeft(head, " \t")
	if s.Inside || strings.HasPrefix(trimmed, "#") {
		return List{}
	}
	p := place{env: env, col: col, name: s.Name, flags: s.Place != highlight.AtArgs}
	fields := strings.FieldsFunc(head, space)
	if head != "" && !space(rune(head[len(head)-1])) {
		p.word, fields = fields[len(fields)-1], fields[:len(fields)-1]
	}
	if !s.Continues || s.Place == highlight.AtName {
		if fields = p.instruction(fields); fields == nil {
			return p.names()
		}
	}
	p.before(fields)
	return p.list()
}

func space(r rune) bool { return r == ' ' || r == '\t' }

// place is where something may stand: after an instruction's name, in a word.
type place struct {
	env   Env
	col   int
	name  string   // of the instruction, in capital letters
	word  string   // what stands there up to the column
	flags bool     // a flag can stand here
	given []string // the flags before
	args  int      // how many words are before that are no flags
}

// instruction takes the name off some words; nil means that it is the name
// that is written.
func (p *place) instruction(words []string) []string {
	if len(words) > 0 && strings.EqualFold(words[0], "ONBUILD") {
		words = words[1:]
	}
	if len(words) == 0 {
		return nil
	}
	p.name = strings.ToUpper(words[0])
	p.flags = true
	return words[1:]
}

// before goes through the words between the name and the place.
func (p *place) before(words []string) {
	for _, w := range words {
		if p.flags && strings.HasPrefix(w, "--") {
			p.given = append(p.given, w)
			continue
		}
		p.flags = false
		p.args++
	}
}

// names lists the instructions. A single letter is enough to be shown unasked;
// a name that is complete is not.
func (p *place) names() List {
	var items []Candidate
	for _, name := range highlight.Instructions {
		if name != "MAINTAINER" {
			items = append(items, Candidate{Text: name, Kind: Instruction})
		}
	}
	l := p.begins(p.word, items)
	l.Auto = p.word != "" && !slices.Contains(highlight.Instructions, strings.ToUpper(p.word))
	return l
}

// begins lists the items that begin with a prefix, which ends at the place.
// Capital and small letters are the same.
func (p *place) begins(prefix string, items []Candidate) List {
	l := List{From: p.col - len(prefix)}
	for _, c := range items {
		if len(c.Text) >= len(prefix) && strings.EqualFold(c.Text[:len(prefix)], prefix) {
			l.Items = append(l.Items, c)
		}
	}
	return l
}

func (p *place) list() List {
	if name, ok := variable(p.word); ok {
		return p.begins(name, candidates(Variable, p.env.Args))
	}
	if p.flags && strings.HasPrefix(p.word, "-") {
		return p.flag()
	}
	switch p.name {
	case "FROM":
		return p.from()
	case "COPY", "ADD":
		return p.sources()
	case "HEALTHCHECK":
		if p.args == 0 {
			return p.begins(p.word, candidates(Word, []string{"CMD", "NONE"}))
		}
	case "STOPSIGNAL":
		return p.begins(p.word, candidates(Value, []string{"SIGTERM", "SIGINT", "SIGQUIT", "SIGHUP", "SIGKILL", "SIGUSR1", "SIGUSR2", "SIGWINCH"}))
	}
	return List{}
}

// variable returns what of a variable's name a word ends with.
func variable(word string) (name string, ok bool) {
	i := strings.LastIndexByte(word, '$')
	if i < 0 {
		return "", false
	}
	name = strings.TrimPrefix(word[i+1:], "{")
	return name, strings.IndexFunc(name, func(r rune) bool {
		return r != '_' && (r < '0' || r > '9') && (r < 'A' || r > 'Z') && (r < 'a' || r > 'z')
	}) < 0
}

func candidates(k Kind, texts []string) []Candidate {
	all := make([]Candidate, len(texts))
	for i, t := range texts {
		all[i] = Candidate{Text: t, Kind: k}
	}
	return all
}

func (p *place) stages() []Candidate {
	return append(candidates(Stage, p.env.Stages), candidates(Image, p.env.Images)...)
}

// from lists what a stage can begin with, and after it AS.
func (p *place) from() List {
	switch p.args {
	case 0:
		return p.begins(p.word, append(p.stages(), Candidate{Text: "scratch", Kind: Image}))
	case 1:
		return p.begins(p.word, candidates(Word, []string{"AS"}))
	}
	return List{}
}

// sources lists paths of the context, where they are taken from there.
func (p *place) sources() List {
	if slices.ContainsFunc(p.given, func(f string) bool { return strings.HasPrefix(f, "--from=") }) {
		return List{}
	}
	return p.paths(strings.TrimLeft(p.word, `["`))
}

func (p *place) paths(prefix string) List {
	if p.env.Paths == nil {
		return List{}
	}
	return p.begins(prefix, candidates(Path, p.env.Paths(prefix)))
}
