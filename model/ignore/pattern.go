package ignore

import (
	"errors"
	"path"
	"regexp"
	"strings"
	"unicode/utf8"
)

// way is how a pattern is compared with a path.
type way uint8

const (
	whole  way = iota // the path is the text
	prefix            // the path begins with the text
	suffix            // the path ends with the text, or is the text without its slash
	wild              // the expression matches
)

// pattern is one pattern, ready to be matched.
type pattern struct {
	text       string // without "!" and, where the way says so, without "**"
	way        way
	negates    bool
	expression *regexp.Regexp
	head       string // which a path must begin with, of a wild pattern
	piece      string // which it must have in it
	stem       string // the pattern without a trailing "/*" or "/**"
	fixed      bool   // the stem has no wildcard
}

var errNothing = errors.New("negates nothing")

func compile(text string) (pattern, error) {
	var p pattern
	if text, p.negates = strings.CutPrefix(text, "!"); text == "" {
		return p, errNothing
	}
	if _, err := path.Match(text, "."); err != nil {
		return p, err
	}
	p.stem = strings.TrimSuffix(strings.TrimSuffix(text, "/**"), "/*")
	p.fixed = !strings.ContainsAny(p.stem, `*[]?^\`)
	t := translation{rest: text}
	t.run()
	p.text, p.way = text, t.way
	switch t.way {
	case prefix:
		p.text = strings.TrimSuffix(text, "**")
	case suffix:
		p.text = strings.TrimPrefix(text, "**")
	case wild:
		p.head, p.piece = literals(text)
		var err error
		p.expression, err = regexp.Compile(t.out.String() + "$")
		return p, err
	}
	return p, nil
}

// special are the letters that do not stand for themselves everywhere.
const special = `*?[]\^`

// literals returns what a path must begin with, and the longest text that must
// stand in it: most paths need not be tried then.
func literals(text string) (head, piece string) {
	if strings.ContainsAny(text, `[\^`) || !utf8.ValidString(text) {
		return "", ""
	}
	head = text[:strings.IndexAny(text, special)]
	for one := range strings.FieldsFuncSeq(text, func(r rune) bool { return strings.ContainsRune(special, r) }) {
		if one = strings.Trim(one, "/"); len(one) > len(piece) { // the slash after "**" may be missing in the path
			piece = one
		}
	}
	return head, piece
}

// match tells whether a path matches.
func (p *pattern) match(name string) bool {
	switch p.way {
	case prefix:
		return strings.HasPrefix(name, p.text)
	case suffix:
		return strings.HasSuffix(name, p.text) || p.text[0] == '/' && name == p.text[1:]
	case wild:
		return strings.HasPrefix(name, p.head) && strings.Contains(name, p.piece) && p.expression.MatchString(name)
	}
	return name == p.text
}

// translation turns a pattern into an expression, and finds the patterns that
// need none. Its odd cases are those of BuildKit's matcher: "**" eats a slash
// after it, a bracket is handed on as it is.
type translation struct {
	rest string
	way  way
	out  strings.Builder
}

func (t *translation) run() {
	t.out.WriteByte('^')
	for first := true; t.rest != ""; first = false {
		r, n := utf8.DecodeRuneInString(t.rest)
		letter := t.rest[:n]
		if r == utf8.RuneError {
			letter = string(utf8.RuneError)
		}
		t.rest = t.rest[n:]
		switch r {
		case '*':
			t.star(first)
		case '?':
			t.wild("[^/]")
		case '[', ']':
			t.wild(letter)
		case '\\':
			t.escaped()
		case '.', '+', '(', ')', '|', '{', '}', '$':
			t.out.WriteString(`\` + letter)
		default:
			t.out.WriteString(letter)
		}
	}
}

func (t *translation) wild(expression string) {
	t.out.WriteString(expression)
	t.way = wild
}

// star takes what follows a "*".
func (t *translation) star(first bool) {
	if !strings.HasPrefix(t.rest, "*") {
		t.wild("[^/]*")
		return
	}
	t.rest = strings.TrimPrefix(t.rest[1:], "/")
	switch {
	case t.rest != "":
		t.wild("(.*/)?")
	case t.way == whole:
		t.way = prefix
	default:
		t.wild(".*")
	}
	if first {
		t.way = suffix
	}
}

// escaped takes the letter after a backslash as it is.
func (t *translation) escaped() {
	if t.rest == "" {
		t.out.WriteString(`\`)
		return
	}
	_, n := utf8.DecodeRuneInString(t.rest)
	t.wild(`\` + t.rest[:n])
	t.rest = t.rest[n:]
}
