package highlight

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// args goes through the arguments of an instruction.
func (p *scan) args() {
	start := p.at
	if p.remark {
		p.at = len(p.line)
		p.mark(start, Comment)
		return
	}
	if p.quote != 0 {
		p.rest(start)
	}
	for p.at < len(p.line) {
		word := p.at == start || blank(p.line, p.at)
		if c := p.line[p.at]; !word && (named(c) || c == ' ') {
			p.at++
			continue
		}
		p.arg(word)
	}
}

// blank tells whether white space stands before a place.
func blank(line string, at int) bool {
	if c := line[at-1]; c < utf8.RuneSelf {
		return c == ' ' || '\t' <= c && c <= '\r'
	}
	r, n := utf8.DecodeLastRuneInString(line[:at])
	return n == 0 || unicode.IsSpace(r)
}

// arg passes one piece; word tells whether a word begins here.
func (p *scan) arg(word bool) {
	from := p.at
	switch c := p.line[p.at]; {
	case c == p.Escape():
		p.at = min(p.at+2, len(p.line))
	case c == '"' || c == '\'' && !p.json:
		p.quote = c
		p.at++
		p.rest(from)
	case c == '$' && p.variable():
	case p.json && strings.IndexByte("[],", c) >= 0:
		p.at++
		p.mark(from, Bracket)
	case word && p.heredoc():
	case word && c == '#' && p.shell():
		p.at = len(p.line)
		p.remark = true
		p.mark(from, Comment)
	case strings.IndexByte("&|;<>()", c) >= 0 && p.shell():
		for p.at < len(p.line) && strings.IndexByte("&|;<>()", p.line[p.at]) >= 0 {
			p.at++
		}
		p.mark(from, Operator)
	case word && p.Name == "FROM" && p.as():
	case p.Name == "EXPOSE" && digit(c):
		p.at += len(p.line[p.at:]) - len(strings.TrimLeft(p.line[p.at:], "0123456789"))
		p.mark(from, Number)
	default:
		p.at++
	}
}

func digit(c byte) bool { return '0' <= c && c <= '9' }

// shell tells whether a shell reads the arguments.
func (p *scan) shell() bool {
	switch p.Name {
	case "RUN", "CMD", "ENTRYPOINT", "HEALTHCHECK":
		return !p.json
	}
	return false
}

// as marks the AS of FROM.
func (p *scan) as() bool {
	from := p.at
	if !strings.EqualFold(p.word(), "as") {
		p.at = from
		return false
	}
	p.mark(from, Keyword)
	return true
}

// rest passes a string to its end, which may be on a later line; from is where
// it begins on this one.
func (p *scan) rest(from int) {
	for p.at < len(p.line) {
		c := p.line[p.at]
		switch {
		case c == p.quote:
			p.at++
			p.mark(from, String)
			p.quote = 0
			return
		case c == p.Escape() && p.quote == '"':
			p.at = min(p.at+2, len(p.line))
		case c == '$' && p.quote == '"' && !p.json:
			before := len(p.spans)
			p.mark(from, String)
			if p.variable() {
				from = p.at
				continue
			}
			p.spans = p.spans[:before] // it goes on
			p.at++
		default:
			p.at++
		}
	}
	p.mark(from, String)
}

// variable marks $NAME or ${NAME…}; it passes nothing where there is none.
func (p *scan) variable() bool {
	from, rest := p.at, p.line[p.at:]
	if !strings.HasPrefix(rest, "$") || len(rest) < 2 {
		return false
	}
	n := 1
	switch c := rest[1]; {
	case c == '{':
		n = braces(rest)
	case named(c):
		for n < len(rest) && (named(rest[n]) || digit(rest[n])) {
			n++
		}
	case digit(c), strings.IndexByte("@*#?$!-", c) >= 0 && p.shell():
		n = 2
	}
	if n < 2 {
		return false
	}
	p.at += n
	p.mark(from, Variable)
	return true
}

func named(c byte) bool { return c == '_' || 'A' <= c && c <= 'Z' || 'a' <= c && c <= 'z' }

// braces returns the length of ${…}, or 0 where no brace closes it.
func braces(s string) int {
	depth := 0
	for i := range len(s) {
		switch s[i] {
		case '{':
			depth++
		case '}':
			if depth--; depth == 0 {
				return i + 1
			}
		}
	}
	return 0
}
