package plan

import (
	"path"
	"slices"
	"strings"
	"time"

	"github.com/imgtui/imgtui/model"
	"github.com/imgtui/imgtui/model/dockerfile"
)

// instructions returns what the instructions of a stage and of those beneath
// it say, once as written and once with variables put in.
func instructions(f *dockerfile.File, stage int, args map[string]string) []statement {
	var all []statement
	var live map[string]string
	t := teller{shell: "/bin/sh -c"}
	f.Walk(stage, args, func(i int, env map[string]string) bool {
		narrow(f, all, env)
		live = env
		n := &f.Instructions[i]
		s := statement{index: i, name: n.Name}
		for _, text := range t.tell(n, f.Says(i, nil), f.Says(i, env)) {
			s.say(text)
		}
		all = append(all, s)
		return true
	})
	narrow(f, all, live)
	for n := range all {
		all[n].hash()
	}
	return all
}

// narrow adds to an ARG just visited the values that it has come to.
func narrow(f *dockerfile.File, all []statement, env map[string]string) {
	if len(all) == 0 || all[len(all)-1].name != "ARG" {
		return
	}
	last := &all[len(all)-1]
	var words []string
	for _, w := range f.Instructions[last.index].Words {
		name, _, _ := strings.Cut(w, "=")
		if v, ok := env[name]; ok {
			name += "=" + v
		}
		words = append(words, name)
	}
	last.say(strings.Join(words, " "))
}

// teller tells what instructions and rows say. It keeps what earlier ones have
// set.
type teller struct{ shell, dir string }

// tell returns the ways in which a row may say what an instruction says.
func (t *teller) tell(n *dockerfile.Instruction, ways ...string) []string {
	var all []string
	for _, says := range ways {
		switch n.Name {
		case "RUN":
			if n.JSON {
				says = strings.TrimPrefix(says, t.shell+" ")
			}
		case "CMD", "ENTRYPOINT":
			if !n.JSON {
				all = append(all, t.shell+" "+says)
			}
		case "ONBUILD":
			says = n.Args
		case "HEALTHCHECK":
			says = strings.Join(append(durations(n.Flags), says), " ")
		case "WORKDIR":
			all = append(all, says)
			says = t.within(says)
		case "COPY", "ADD":
			says = normal(n.Name, says)
			all = append(all, into(says[strings.LastIndexByte(says, ' ')+1:]))
		default:
			says = normal(n.Name, says)
		}
		all = append(all, says)
	}
	t.follow(n.Name, all[len(all)-1])
	return all
}

// into is what a COPY or ADD says where its row tells the target alone.
func into(target string) string { return "into " + strings.TrimPrefix(target, "./") }

// follow takes over what holds for later ones.
func (t *teller) follow(name, says string) {
	switch name {
	case "SHELL":
		t.shell = says
	case "WORKDIR":
		t.dir = says
	}
}

// within returns a folder as it is from the last one.
func (t *teller) within(dir string) string {
	if path.IsAbs(dir) {
		return path.Clean(dir)
	}
	return path.Join(t.dir, dir)
}

// normal writes the words of an instruction as all builders could have.
func normal(name, says string) string {
	words := strings.Fields(says)
	switch name {
	case "COPY", "ADD":
		words = slices.DeleteFunc(words, func(w string) bool { return strings.HasPrefix(w, "--") })
		for n, w := range words {
			words[n] = strings.TrimPrefix(strings.Replace(w, "<<-", "<<", 1), "./")
		}
	case "EXPOSE":
		for n, w := range words {
			if !strings.Contains(w, "/") {
				words[n] = w + "/tcp"
			}
		}
		slices.Sort(words)
	}
	return strings.Join(words, " ")
}

// durations writes the flags of a HEALTHCHECK in one way.
func durations(flags []string) []string {
	var all []string
	for _, f := range flags {
		name, value, _ := strings.Cut(f, "=")
		if d, err := time.ParseDuration(value); err == nil {
			value = d.String()
		}
		if value != "0s" && value != "0" {
			all = append(all, name+"="+value)
		}
	}
	slices.Sort(all)
	return all
}

// rows returns what the steps of an image say.
func rows(img *model.Image) []statement {
	all := make([]statement, 0, len(img.Steps))
	t, read := teller{}, dockerfile.NewReader(img)
	for n, step := range img.Steps {
		s := t.row(read.Read(step))
		s.index, s.base = n, step.Base
		s.hash()
		all = append(all, s)
	}
	return all
}

// row returns what a step says.
func (t *teller) row(r dockerfile.Row) statement {
	s := statement{name: r.Name}
	says := r.Says()
	switch r.Name {
	case "HEALTHCHECK":
		flags, rest := r.Check()
		says = strings.Join(append(durations(flags), rest), " ")
	case "WORKDIR":
		s.say(says)
		says = t.within(says)
	case "COPY", "ADD", "EXPOSE":
		says = normal(r.Name, says)
		if target := r.Copied(); target != "" {
			says = into(target)
		}
	}
	s.say(says)
	t.follow(r.Name, says)
	return s
}
