package pane

import (
	"strings"

	"github.com/alecthomas/chroma/v2"

	"github.com/imgtui/imgtui/tui/language"
	"github.com/imgtui/imgtui/tui/theme"
)

// highlighter tells the styles of a text, line by line and only as far as it
// is looked at.
type highlighter struct {
	next  chroma.Iterator // nil where nothing is left, or nothing is known
	lines [][]token
	open  []token // of the line that is not complete yet
	left  int     // tokens that may still be read for this frame
}

// token is a piece of a line as the file has it.
type token struct {
	kind chroma.TokenType
	text string
}

// segment is a piece of a line as it is shown.
type segment struct{ style, text string }

// What is highlighted at the most, and how many tokens are read for a frame: a
// key does not wait for all that stands above the last line.
const (
	markedBytes = 128 << 10
	markedLines = 3000
	aFrame      = 1000
)

// newHighlighter chooses a language by the file's name; a program without one
// by its first line.
func newHighlighter(name string, data []byte) *highlighter {
	l := language.OfFile(name)
	if l == nil {
		l = interpreter(string(data[:min(len(data), 80)]))
	}
	if l == nil {
		return &highlighter{}
	}
	it, err := l.Tokenise(nil, strings.ToValidUTF8(head(data), "?"))
	if err != nil {
		return &highlighter{}
	}
	return &highlighter{next: it}
}

// head returns what is highlighted of a file: what stands before a line that is
// too long to be.
func head(data []byte) string {
	s := string(data[:min(len(data), markedBytes)])
	from := 0
	for line := range strings.Lines(s) {
		if len(line) > marked {
			return s[:from]
		}
		from += len(line)
	}
	return s
}

func interpreter(head string) chroma.Lexer {
	first, _, _ := strings.Cut(head, "\n")
	if !strings.HasPrefix(first, "#!") {
		return nil
	}
	for _, name := range []string{"python", "bash", "perl", "ruby", "node", "php", "lua"} {
		if strings.Contains(first, name) {
			return language.Named(name)
		}
	}
	return language.Named("bash")
}

// line returns a piece of a line in styled segments. Where the tokens do not
// make up what is shown (escapes, tabs), it comes in one.
func (h *highlighter) line(e Env, n, from int, shown string) []segment {
	plain := []segment{{e.Theme.Text, shown}}
	if from != 0 {
		return plain
	}
	if h.upTo(n); n >= len(h.lines) {
		return plain
	}
	var out []segment
	var whole strings.Builder
	for _, t := range h.lines[n] {
		text := expand(t.text, whole.Len())
		if whole.WriteString(text); whole.Len() > len(shown) {
			return plain
		}
		out = append(out, segment{style(e.Theme, t.kind), text})
	}
	if whole.String() != shown {
		return plain
	}
	return out
}

// behind tells whether line n will be known later.
func (h *highlighter) behind(n int) bool {
	return h.next != nil && n >= len(h.lines) && len(h.lines) < markedLines
}

// expand writes tabs as [visible] does, for text that begins at a column.
func expand(s string, column int) string {
	if !strings.Contains(s, "\t") {
		return s
	}
	var b strings.Builder
	for i, part := range strings.Split(s, "\t") {
		if i > 0 {
			b.WriteString("        "[:8-(column+b.Len())%8])
		}
		b.WriteString(part)
	}
	return b.String()
}

// upTo reads tokens until line n is complete, or enough for now. The library
// panics where a language's rules fail: then the rest is shown plain.
func (h *highlighter) upTo(n int) {
	defer func() {
		if recover() != nil {
			h.next = nil
		}
	}()
	for ; h.next != nil && len(h.lines) <= n && len(h.lines) < markedLines && h.left > 0; h.left-- {
		t := h.next()
		if t == chroma.EOF {
			h.next = nil
			h.lines = append(h.lines, h.open)
			return
		}
		for i, part := range strings.Split(t.Value, "\n") {
			if i > 0 {
				h.lines = append(h.lines, h.open)
				h.open = nil
			}
			if part != "" {
				h.open = append(h.open, token{t.Type, strings.TrimSuffix(part, "\r")})
			}
		}
	}
}

func style(t *theme.Theme, k chroma.TokenType) string {
	switch {
	case k.InCategory(chroma.Comment):
		return t.Code.Comment
	case k.InCategory(chroma.Keyword):
		return t.Code.Keyword
	case k.InSubCategory(chroma.LiteralString):
		return t.Code.String
	case k.InSubCategory(chroma.LiteralNumber):
		return t.Code.Number
	case k == chroma.NameFunction, k == chroma.NameClass, k == chroma.NameTag, k == chroma.NameDecorator:
		return t.Code.Name
	}
	return t.Text
}
