package dockerfile

import (
	"strings"
	"unicode"

	"github.com/moby/buildkit/frontend/dockerfile/parser"
)

// instruction turns a node of BuildKit's parser, whose lines count from 1 in
// the whole text, into an Instruction.
func (r *reading) instruction(n *parser.Node) Instruction {
	i := r.place(n.StartLine-1, n.EndLine-1)
	i.fill(n, r.f.Escape)
	return i
}

// place makes an instruction of lines that count from 0. Blank lines and
// comments at its end are not its own, unless they are in a heredoc.
func (r *reading) place(first, last int) Instruction {
	for last > first && blank(r.line(last)) {
		last--
	}
	return Instruction{Line: first + 1, Last: last + 1, Start: r.start(first), End: r.start(last + 1), Stage: -1}
}

// blank tells whether a line says nothing. The end of a heredoc is never blank:
// its name is a word.
func blank(line string) bool {
	line = strings.TrimSpace(line)
	return line == "" || line[0] == '#'
}

func (i *Instruction) fill(n *parser.Node, escape byte) {
	i.split(n.Original, escape)
	i.Flags = n.Flags
	i.JSON = n.Attributes["json"]
	for _, h := range n.Heredocs {
		i.Heredocs = append(i.Heredocs, Heredoc{h.Name, h.Content, h.Expand, h.Chomp})
	}
	if i.Name == "ONBUILD" && n.Next != nil && len(n.Next.Children) > 0 {
		i.trigger(n, escape)
		return
	}
	if usage[i.Name] == "" {
		return
	}
	for w := n.Next; w != nil; w = w.Next {
		i.Words = append(i.Words, w.Value)
	}
	if i.Name == "ENV" || i.Name == "LABEL" {
		i.Words = pairs(i.Words)
	}
}

// trigger fills in what an ONBUILD holds.
func (i *Instruction) trigger(n *parser.Node, escape byte) {
	t := &Instruction{Line: i.Line, Last: i.Last, Start: i.Start, End: i.End, Stage: -1}
	t.fill(n.Next.Children[0], escape)
	t.Heredocs = i.Heredocs
	i.Trigger = t
	i.Words = append([]string{t.Name}, t.Words...)
}

// pairs puts together what the parser has as name, value, delimiter.
func pairs(words []string) []string {
	var all []string
	for n := 0; n+2 < len(words); n += 3 {
		all = append(all, words[n]+"="+words[n+1])
	}
	return all
}

// split reads name, flags and arguments from the joined lines of an instruction.
func (i *Instruction) split(line string, escape byte) {
	line = strings.TrimSpace(line)
	at := strings.IndexAny(line, "\t\v\f\r ")
	if at < 0 {
		i.Name = strings.ToUpper(line)
		return
	}
	i.Name = strings.ToUpper(line[:at])
	rest := strings.TrimLeft(line[at:], "\t\v\f\r ")
	i.Args = strings.TrimSpace(rest[flagsEnd(rest, escape):])
}

// flagsEnd returns where the arguments begin behind the flags, which are the
// leading words with two dashes. A word of two dashes alone ends them.
func flagsEnd(line string, escape byte) int {
	for at := 0; at < len(line); {
		if unicode.IsSpace(rune(line[at])) {
			at++
			continue
		}
		if !strings.HasPrefix(line[at:], "--") {
			return at
		}
		end, word := flagEnd(line, at, escape)
		if word == "--" && end < len(line) {
			return end
		}
		at = end
	}
	return len(line)
}

// flagEnd returns where the flag that begins at a place ends, and the flag with
// its quotes and escapes taken off.
func flagEnd(line string, at int, escape byte) (end int, word string) {
	var b strings.Builder
	quote := byte(0)
	for ; at < len(line); at++ {
		c := line[at]
		switch {
		case quote != 0 && c == quote:
			quote = 0
			continue
		case quote == 0 && unicode.IsSpace(rune(c)):
			return at, b.String()
		case quote == 0 && (c == '\'' || c == '"'):
			quote = c
			continue
		case c == escape:
			if at++; at == len(line) {
				return at, b.String()
			}
		}
		b.WriteByte(line[at])
	}
	return at, b.String()
}

// Flag returns the value of a flag: of "--from=build" for "from", "true" of a
// flag without a value. Of a flag that stands several times it is the last.
func (i *Instruction) Flag(name string) (value string, ok bool) {
	for _, f := range i.Flags {
		key, v, has := strings.Cut(strings.TrimPrefix(f, "--"), "=")
		if key != name {
			continue
		}
		if value, ok = v, true; !has {
			value = "true"
		}
	}
	return value, ok
}
