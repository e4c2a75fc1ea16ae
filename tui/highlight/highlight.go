// Package highlight tells what the pieces of a Dockerfile's lines are, line by
// line: what one line leaves open is carried to the next in a state.
package highlight

// Kind is what a piece of a line is.
type Kind uint8

// The kinds.
const (
	Plain       Kind = iota
	Instruction      // RUN
	Flag             // --mount
	String           // "text", with its quotes
	Variable         // $NAME, ${NAME:-word}
	Comment          // # to the line's end
	Directive        // # syntax=… at the text's start
	Heredoc          // <<EOF, and the EOF that ends it
	Body             // what stands in a heredoc
	Operator         // && | ; >
	Keyword          // AS after FROM, CMD and NONE after HEALTHCHECK
	Number           // a port after EXPOSE
	Bracket          // [ , ] of a JSON form
	Continued        // the character that continues the line
	Wrong            // an instruction or a directive that there is not
)

// Span is a piece of a line, in bytes.
type Span struct {
	From, To int
	Kind     Kind
}

// State is what a line leaves to the next. The zero value stands before a text's
// first line. States can be compared.
type State struct {
	Name      string // of the instruction that goes on, in capital letters; "" is none yet, or one that there is not
	Continues bool   // an instruction goes on
	Place     Place  // where in the instruction the line begins
	Docs      string // heredocs that are to come, or that the line is in: see doc
	Inside    bool   // the line is in the first of Docs

	json   bool // the arguments have the JSON form
	quote  byte // a string is open
	tick   bool // ` continues lines, not \
	past   bool // no directive can come any more
	seen   uint8
	remark bool // a shell's comment is open: it goes on to the instruction's end
}

// Place is where in an instruction a line begins.
type Place uint8

// The places.
const (
	AtName Place = iota
	AtFlags
	AtArgs
)

// Escape returns the character that continues lines.
func (s State) Escape() byte {
	if s.tick {
		return '`'
	}
	return '\\'
}

// Line returns the pieces of a line, in order, and the state after it. What is
// between them is plain.
func Line(s State, line string) ([]Span, State) {
	p := scan{State: s, line: line, spans: make([]Span, 0, 8)}
	p.whole()
	return p.spans, p.State
}

// After returns the state after a line.
func After(s State, line string) State {
	p := scan{State: s, line: line, quiet: true}
	p.whole()
	return p.State
}

// Indent returns the white space that a new line after this one begins with:
// within an instruction that goes on it stands in, within a heredoc it keeps
// what there is.
func Indent(s State, line string) string {
	margin := line[:len(line)-len(trimLeft(line))]
	next := After(s, line)
	switch {
	case next.Inside && s.Inside:
		return margin
	case !next.Continues:
		return ""
	case s.Continues && margin != "":
		return margin
	}
	return "    "
}
