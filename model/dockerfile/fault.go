package dockerfile

import (
	"errors"
	"maps"
	"slices"
	"strings"

	"github.com/moby/buildkit/frontend/dockerfile/command"
	"github.com/moby/buildkit/frontend/dockerfile/instructions"
	"github.com/moby/buildkit/frontend/dockerfile/parser"
)

func (f *File) fault(line int, text, hint string) {
	f.Faults = append(f.Faults, &Error{Line: line, Text: text, Hint: hint})
}

// lines returns the first and the last line of an error of the parser, from 1.
func lines(err error) (first, last int) {
	var at *parser.LocationError
	if !errors.As(err, &at) {
		return 0, 0
	}
	for _, l := range at.Locations {
		if len(l) > 0 {
			return l[0].Start.Line, l[len(l)-1].End.Line
		}
	}
	return 0, 0
}

// isEmpty tells whether the parser found no instruction.
func isEmpty(err error) bool { return strings.HasPrefix(err.Error(), "file with no instructions") }

// explain turns what BuildKit finds wrong with an instruction into a fault.
func explain(i Instruction, err error) *Error {
	var unknown *instructions.UnknownInstructionError
	text, hint := suggestion(err.Error())
	e := &Error{Line: i.Line, Text: text, Hint: hint}
	switch {
	case errors.As(err, &unknown):
		e.Text, e.Hint = unknown.Error(), meant(i.Name)
	case text == "unterminated heredoc":
		e.Text, e.Hint = "heredoc is not ended", unended(i.Args)
	case hint == "" && usage[i.Name] != "":
		e.Hint = "write " + usage[i.Name]
	}
	return e
}

// suggestion parts a text of BuildKit from what it takes for meant.
func suggestion(text string) (what, hint string) {
	what, meant, ok := strings.Cut(text, " (did you mean ")
	if !ok {
		return text, ""
	}
	meant, _, _ = strings.Cut(meant, "?)")
	return what, "did you mean " + meant + "?"
}

// unended says how the first heredoc of an instruction ends.
func unended(args string) string {
	for w := range strings.FieldsSeq(args) {
		if h := parser.MustParseHeredoc(w); h != nil {
			return "write " + h.Name + " alone on the line behind it"
		}
	}
	return "write its name alone on the line behind it"
}

// meant returns which instruction an unknown name is likely to be, or "".
func meant(name string) string {
	best, least := "", 3
	if len(name) > 2*len("HEALTHCHECK") {
		return ""
	}
	for _, known := range names() {
		if d := distance(name, known); d < least && d < len(known) {
			best, least = known, d
		}
	}
	if best == "" {
		return ""
	}
	return "did you mean " + best + "?"
}

// names returns the instructions, in the order in which a tie is decided: the
// ones that most Dockerfiles have come first.
func names() []string {
	often := []string{"FROM", "RUN", "COPY", "ENV", "CMD", "WORKDIR", "ADD", "ARG"}
	for _, n := range slices.Sorted(maps.Keys(command.Commands)) {
		if n = strings.ToUpper(n); !slices.Contains(often, n) {
			often = append(often, n)
		}
	}
	return often
}

// distance returns how many letters have to be added, taken away, replaced or
// swapped with their neighbour to make a into b.
func distance(a, b string) int {
	before, last, row := []int(nil), make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range last {
		last[j] = j
	}
	for i := range len(a) {
		row[0] = i + 1
		for j := range len(b) {
			cost := 1
			if a[i] == b[j] {
				cost = 0
			}
			row[j+1] = min(last[j+1]+1, row[j]+1, last[j]+cost)
			if before != nil && j > 0 && a[i] == b[j-1] && a[i-1] == b[j] {
				row[j+1] = min(row[j+1], before[j-1]+1)
			}
		}
		before, last, row = last, row, make([]int, len(b)+1)
	}
	return last[len(b)]
}

// usage is how each instruction is written.
var usage = map[string]string{
	"ADD":         "ADD SOURCE… TARGET",
	"ARG":         "ARG NAME or ARG NAME=value",
	"CMD":         `CMD ["program", "argument"]`,
	"COPY":        "COPY SOURCE… TARGET",
	"ENTRYPOINT":  `ENTRYPOINT ["program", "argument"]`,
	"ENV":         "ENV NAME=value",
	"EXPOSE":      "EXPOSE PORT or EXPOSE PORT/udp",
	"FROM":        "FROM IMAGE or FROM IMAGE AS NAME",
	"HEALTHCHECK": "HEALTHCHECK CMD command, or HEALTHCHECK NONE",
	"LABEL":       `LABEL name="value"`,
	"MAINTAINER":  "MAINTAINER name",
	"ONBUILD":     "ONBUILD INSTRUCTION arguments",
	"RUN":         "RUN command",
	"SHELL":       `SHELL ["program", "argument"]`,
	"STOPSIGNAL":  "STOPSIGNAL SIGNAL",
	"USER":        "USER name or USER uid:gid",
	"VOLUME":      `VOLUME ["/path"]`,
	"WORKDIR":     "WORKDIR /path",
}
