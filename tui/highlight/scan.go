package highlight

import (
	"slices"
	"strings"
	"unicode"
)

// Instructions lists every instruction.
var Instructions = []string{
	"ADD", "ARG", "CMD", "COPY", "ENTRYPOINT", "ENV", "EXPOSE", "FROM", "HEALTHCHECK", "LABEL", "MAINTAINER",
	"ONBUILD", "RUN", "SHELL", "STOPSIGNAL", "USER", "VOLUME", "WORKDIR",
}

// directives lists every parser directive.
var directives = []string{"syntax", "escape", "check"}

// scan goes through one line.
type scan struct {
	State
	line  string
	at    int
	spans []Span
	quiet bool // the state alone is asked for
}

func (p *scan) whole() {
	if p.Inside {
		p.body()
		return
	}
	p.text()
}

func trimLeft(s string) string { return strings.TrimLeftFunc(s, unicode.IsSpace) }

// mark adds a piece that ends where the scan is.
func (p *scan) mark(from int, k Kind) {
	if from < p.at && !p.quiet {
		p.spans = append(p.spans, Span{from, p.at, k})
	}
}

// blanks passes white space.
func (p *scan) blanks() { p.at = len(p.line) - len(trimLeft(p.line[p.at:])) }

// text goes through a line that is in no heredoc.
func (p *scan) text() {
	if !p.past && strings.HasPrefix(p.line, "\ufeff") {
		p.at = len("\ufeff")
	}
	p.blanks()
	switch {
	case p.at == len(p.line):
		p.past = true
		return
	case p.line[p.at] == '#':
		p.comment()
		return
	}
	p.past = true
	end := len(p.line)
	if from, ok := continued(p.line[p.at:], p.Escape()); ok {
		p.Continues, end = true, p.at+from
	} else {
		p.Continues = false
	}
	whole := p.line
	p.line = whole[:end]
	p.instruction()
	p.line = whole
	p.end(end)
}

// end marks what continues the line, or ends the instruction.
func (p *scan) end(at int) {
	if p.Continues {
		p.at = at + 1
		p.mark(at, Continued)
		return
	}
	p.Name, p.Place, p.json, p.quote, p.remark = "", AtName, false, 0, false
	p.Inside = p.Docs != ""
}

// continued tells whether a line goes on, and where the character is that says so.
func continued(line string, escape byte) (at int, ok bool) {
	at = len(strings.TrimRight(line, " \t")) - 1
	if at < 0 || line[at] != escape {
		return 0, false
	}
	return at, at == 0 || line[at-1] != escape
}

func (p *scan) comment() {
	from := p.at
	p.at = len(p.line)
	if p.past || p.Continues {
		p.mark(from, Comment)
		return
	}
	p.mark(from, p.directive(strings.TrimLeftFunc(p.line[from+1:], unicode.IsSpace)))
}

// directive reads "name=value" at the text's start and tells what it is.
func (p *scan) directive(s string) Kind {
	name, value, ok := strings.Cut(s, "=")
	i := slices.Index(directives, strings.ToLower(strings.TrimRightFunc(name, unicode.IsSpace)))
	value = strings.TrimSpace(value)
	if !ok || i < 0 || value == "" {
		p.past = true
		return Comment
	}
	if p.seen&(1<<i) != 0 {
		return Wrong
	}
	p.seen |= 1 << i
	if directives[i] == "escape" {
		if value != "`" && value != `\` {
			return Wrong
		}
		p.tick = value == "`"
	}
	return Directive
}

// instruction goes through name, flags and arguments, as far as they are on this line.
func (p *scan) instruction() {
	for p.Place == AtName && p.at < len(p.line) {
		p.name()
		p.blanks()
	}
	for p.Place == AtFlags && p.at < len(p.line) {
		if !strings.HasPrefix(p.line[p.at:], "--") {
			p.Place = AtArgs
			p.json = p.line[p.at] == '['
			p.keyword("HEALTHCHECK", "CMD", "NONE")
			break
		}
		p.flag()
		p.blanks()
	}
	if p.Place == AtArgs {
		p.args()
	}
}

// word passes what is there up to white space and returns it.
func (p *scan) word() string {
	rest := p.line[p.at:]
	if i := strings.IndexFunc(rest, unicode.IsSpace); i >= 0 {
		rest = rest[:i]
	}
	p.at += len(rest)
	return rest
}

func (p *scan) name() {
	from := p.at
	name := strings.ToUpper(p.word())
	if !slices.Contains(Instructions, name) {
		p.mark(from, Wrong)
		p.Name, p.Place = "", AtArgs
		return
	}
	p.mark(from, Instruction)
	if name != "ONBUILD" {
		p.Place = AtFlags
	}
	p.Name = name
}

// keyword marks one of some words after the flags of an instruction.
func (p *scan) keyword(name string, words ...string) {
	if p.Name != name {
		return
	}
	from := p.at
	if !slices.Contains(words, strings.ToUpper(p.word())) {
		p.at = from
		return
	}
	p.mark(from, Keyword)
	p.blanks()
	p.json = p.at < len(p.line) && p.line[p.at] == '['
}

// flag marks --name; its value is plain but for variables.
func (p *scan) flag() {
	from := p.at
	end := from + len(p.word())
	if i := strings.IndexByte(p.line[from:end], '='); i >= 0 {
		p.at = from + i
	}
	p.mark(from, Flag)
	for p.at < end {
		if !p.variable() {
			p.at++
		}
	}
}
