package dockerfile

import (
	"strings"

	"github.com/moby/buildkit/frontend/dockerfile/parser"
)

// Says returns what an instruction tells the builder in a form in which it can
// be compared with the row of a history: of a RUN the command, of lists the
// elements with a space between them, of others the words with their variables
// put in. A nil env leaves variables alone and takes off quotes.
func (f *File) Says(i int, env map[string]string) string {
	n := &f.Instructions[i]
	switch n.Name {
	case "RUN":
		return n.command()
	case "CMD", "ENTRYPOINT", "SHELL", "HEALTHCHECK", "ONBUILD", "MAINTAINER":
		return strings.Join(n.Words, " ")
	}
	var all []string
	for _, w := range n.Words {
		switch {
		case n.JSON:
		case env == nil:
			w = f.bare(w)
		default:
			w = f.expand(w, env)
		}
		all = append(all, w)
	}
	return strings.Join(all, " ")
}

// bare takes off quotes and escapes and leaves variables.
func (f *File) bare(word string) string {
	name, value, ok := strings.Cut(word, "=")
	if !ok {
		return f.keep(word)
	}
	return f.keep(name) + "=" + f.keep(value)
}

// command returns what the shell of a RUN is given, as BuildKit does: of a
// document alone its content, else the line with its documents behind it.
func (i *Instruction) command() string {
	line := strings.Join(i.Words, " ")
	if len(i.Heredocs) == 0 {
		return line
	}
	if h := parser.MustParseHeredoc(line); h != nil {
		d := i.Heredocs[0]
		if d.Chomp {
			return parser.ChompHeredocContent(d.Content)
		}
		return d.Content
	}
	var b strings.Builder
	b.WriteString(line)
	for _, d := range i.Heredocs {
		b.WriteString("\n" + d.Content + d.Name)
	}
	return b.String()
}

// Says returns what a row tells, in the words of [File.Says].
func (r Row) Says() string {
	switch r.Name {
	case "CMD", "ENTRYPOINT", "SHELL", "VOLUME", "EXPOSE":
		if e, ok := r.elements(); ok {
			return strings.Join(e, " ")
		}
	case "ENV", "LABEL", "ARG":
		if r.Final {
			return r.Text
		}
		if f, err := Parse("FROM scratch\n" + r.Name + " " + r.Text); err == nil {
			return f.Says(1, nil)
		}
	}
	return r.Text
}

// elements reads the list of a row, which may be noted as a map.
func (r Row) elements() ([]string, bool) {
	if inner, ok := strings.CutPrefix(r.Text, "map["); ok {
		return strings.Fields(strings.ReplaceAll(strings.TrimSuffix(inner, "]"), ":{}", "")), true
	}
	return elements(r.Text)
}

// Check returns the flags of a HEALTHCHECK and what it says besides.
func (r Row) Check() (flags []string, says string) {
	if h, ok := readCheck(r.Text); ok {
		return h.flags, h.says()
	}
	f, err := Parse("FROM scratch\nHEALTHCHECK " + r.Text)
	if err != nil {
		return nil, r.Text
	}
	return f.Instructions[1].Flags, f.Says(1, nil)
}

// Copied returns what a row says that tells only a checksum of what was copied:
// the target. It is "" for other rows.
func (r Row) Copied() (target string) {
	if m := summed().FindStringSubmatch(r.Text); m != nil && (r.Name == "COPY" || r.Name == "ADD") {
		return strings.TrimSpace(m[3])
	}
	return ""
}
