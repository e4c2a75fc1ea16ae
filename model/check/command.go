package check

import (
	"strings"

	"github.com/imgtui/imgtui/model/dockerfile"
)

// command is one program that a RUN starts, as its words. What a shell would
// expand stands in them as it is written.
type command []string

// commands returns the programs that a RUN starts, in their order.
func commands(i dockerfile.Instruction) []command {
	if i.JSON {
		if len(i.Words) == 3 && strings.HasSuffix(i.Words[0], "sh") && strings.HasPrefix(i.Words[1], "-") {
			return split(i.Words[2])
		}
		return []command{i.Words}
	}
	all := split(i.Args)
	for _, h := range i.Heredocs {
		all = append(all, split(h.Content)...)
	}
	return all
}

// split cuts a shell's text at && || ; | & and line ends, outside of quotes,
// and drops the assignments before a program.
func split(text string) []command {
	s := splitter{}
	for n := 0; n < len(text); n++ {
		n += s.step(text, n)
	}
	s.endCommand()
	return s.all
}

// splitter is a text being cut.
type splitter struct {
	all   []command
	now   command
	word  strings.Builder
	open  bool // a word has begun
	quote byte
}

// step takes the byte at n and returns how many further ones it used up.
func (s *splitter) step(text string, n int) int {
	c := text[n]
	switch {
	case c == '\\' && s.quote != '\'' && n+1 < len(text):
		if text[n+1] != '\n' {
			s.take(text[n+1])
		}
		return 1
	case s.quote != 0 && c == s.quote:
		s.quote = 0
	case s.quote != 0:
		s.take(c)
	case c == '\'' || c == '"':
		s.quote, s.open = c, true
	case c == '#' && !s.open:
		return rest(text[n:])
	case c == ' ' || c == '\t' || c == '\r':
		s.endWord()
	case strings.IndexByte(";&|\n(){}", c) >= 0 && !(c == '{' && n > 0 && text[n-1] == '$') && !(c == '}' && s.open):
		s.endCommand()
	default:
		s.take(c)
	}
	return 0
}

// rest returns how many bytes of a comment follow its sign.
func rest(text string) int {
	if i := strings.IndexByte(text, '\n'); i >= 0 {
		return i - 1
	}
	return len(text) - 1
}

func (s *splitter) take(c byte) {
	s.word.WriteByte(c)
	s.open = true
}

func (s *splitter) endWord() {
	if s.open {
		s.now = append(s.now, s.word.String())
	}
	s.word.Reset()
	s.open = false
}

func (s *splitter) endCommand() {
	s.endWord()
	for len(s.now) > 0 && (assigns(s.now[0]) || prefixes[s.now[0]]) {
		s.now = s.now[1:]
	}
	if len(s.now) > 0 {
		s.all = append(s.all, s.now)
	}
	s.now = nil
}

// prefixes are words before the program that matters.
var prefixes = map[string]bool{"sudo": true, "exec": true, "time": true, "env": true, "if": true, "then": true, "else": true, "do": true, "!": true, "nice": true}

// assigns tells whether a word sets a variable.
func assigns(word string) bool {
	name, _, ok := strings.Cut(word, "=")
	if !ok || name == "" || name[0] >= '0' && name[0] <= '9' {
		return false
	}
	return strings.Trim(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_") == ""
}

// is tells whether the command is that program with that verb, flags between
// them passed over; an empty verb is any.
func (c command) is(program, verb string) bool {
	if base(c[0]) != program {
		return false
	}
	return verb == "" || c.verb() == verb
}

// verb returns the first word that is no flag.
func (c command) verb() string {
	for _, w := range c[1:] {
		if !strings.HasPrefix(w, "-") {
			return w
		}
	}
	return ""
}

func base(program string) string { return program[strings.LastIndexByte(program, '/')+1:] }
