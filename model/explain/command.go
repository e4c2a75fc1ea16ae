package explain

import (
	"strings"

	"github.com/imgtui/imgtui/model/words"
)

// commandLines returns an instruction as it is best read: a RUN has a line for
// each command that && joins, other text the lines that it came with.
func commandLines(createdBy string) []string {
	s := strings.ReplaceAll(plain(createdBy), "\r\n", "\n")
	if verb, _ := split(s); verb != "RUN" || strings.Contains(s, "<<") {
		return shownLines(strings.Split(s, "\n"))
	}
	var out []string
	for i, line := range strings.Split(strings.ReplaceAll(s, "\\\n", " "), "\n") {
		for j, part := range commands(line) {
			switch {
			case j > 0:
				part = "  && " + part
			case i > 0:
				part = "  " + part
			}
			out = append(out, part)
		}
	}
	return shownLines(out)
}

// commands parts a line at its && and squeezes blanks, neither within quotes
// nor within parentheses.
func commands(line string) []string {
	var out []string
	var b strings.Builder
	var q quoting
	for i := 0; i < len(line); i++ {
		c := line[i]
		q.take(c)
		switch {
		case !q.open() && strings.HasPrefix(line[i:], "&&"):
			out = append(out, strings.TrimSpace(b.String()))
			b.Reset()
			i++
		case !q.open() && blank(c) && (b.Len() == 0 || strings.HasSuffix(b.String(), " ")):
		case !q.open() && blank(c):
			b.WriteByte(' ')
		default:
			b.WriteByte(c)
		}
	}
	return append(out, strings.TrimSpace(b.String()))
}

func blank(c byte) bool { return c == ' ' || c == '\t' }

// quoting follows a shell's quotes and parentheses from byte to byte.
type quoting struct {
	quote   byte // the one that is open, or 0
	escaped bool
	depth   int
}

func (q *quoting) open() bool { return q.quote != 0 || q.depth > 0 }

func (q *quoting) take(c byte) {
	switch {
	case q.escaped:
		q.escaped = false
	case c == '\\' && q.quote != '\'':
		q.escaped = true
	case q.quote != 0:
		if c == q.quote {
			q.quote = 0
		}
	case c == '\'' || c == '"' || c == '`':
		q.quote = c
	case c == '(' || c == '{':
		q.depth++
	case (c == ')' || c == '}') && q.depth > 0:
		q.depth--
	}
}

// shownLines are the lines that hold something, fit to be shown.
func shownLines(lines []string) []string {
	var out []string
	for _, l := range lines {
		if l = strings.TrimRight(l, " \t"); l != "" {
			out = append(out, words.Visible(strings.ReplaceAll(l, "\t", "  ")))
		}
	}
	return out
}
