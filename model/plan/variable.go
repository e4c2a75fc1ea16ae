package plan

import (
	"strings"

	"github.com/imgtui/imgtui/model/dockerfile"
)

// variables returns the names of the variables in a text: $NAME and ${NAME…}.
func variables(text string) []string {
	var all []string
	for {
		_, after, ok := strings.Cut(text, "$")
		if !ok {
			return all
		}
		text = strings.TrimPrefix(after, "{")
		n := nameLength(text)
		if n > 0 {
			all = append(all, text[:n])
		}
		text = text[n:]
	}
}

func nameLength(s string) int {
	n := 0
	for n < len(s) && (s[n] == '_' || s[n] >= 'a' && s[n] <= 'z' || s[n] >= 'A' && s[n] <= 'Z' || n > 0 && s[n] >= '0' && s[n] <= '9') {
		n++
	}
	return n
}

// declared returns the names that an ENV or ARG gives a value.
func declared(in *dockerfile.Instruction) []string {
	if in.Name != "ENV" && in.Name != "ARG" {
		return nil
	}
	var all []string
	for i, word := range fields(in.Args) {
		name, _, valued := strings.Cut(word, "=")
		if in.Name == "ENV" && !valued {
			if i == 0 {
				return []string{name} // ENV NAME value
			}
			continue
		}
		all = append(all, name)
	}
	return all
}

// fields splits at white space outside of quotes.
func fields(s string) []string {
	var all []string
	var quote byte
	start := -1
	for i := 0; i < len(s); i++ {
		c := s[i]
		space := quote == 0 && (c == ' ' || c == '\t' || c == '\n' || c == '\r')
		switch {
		case space && start >= 0:
			all, start = append(all, s[start:i]), -1
		case !space && start < 0:
			start = i
		}
		switch {
		case c == '\\':
			i++
		case quote == 0 && (c == '"' || c == '\''):
			quote = c
		case c == quote:
			quote = 0
		}
	}
	if start >= 0 {
		all = append(all, s[start:])
	}
	return all
}
