package dockerfile

import (
	"cmp"
	"io"
	"slices"
	"strings"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"
	"github.com/moby/buildkit/frontend/dockerfile/parser"
)

// Largest is the length of the longest text that is parsed.
const Largest = 1 << 20

// longestLine is the length of the longest line that BuildKit's parser reads.
const longestLine = 1<<16 - 1

// mostBroken is after how many instructions that the parser cannot read a text
// is given up: it begins anew behind each.
const mostBroken = 500

// Parse turns a text into a File. The File is never nil: a text with faults
// gives all instructions that can be told apart, the faulty ones with as much of
// Name, Flags and Args as can be read, and File.Faults; the error is then the
// first fault, an [*Error]. Of a text longer than [Largest] only Text is set, and
// what stands behind 500 faults may not be read.
func Parse(text string) (*File, error) {
	f := &File{Text: text, Escape: parser.DefaultEscapeToken}
	if len(text) > Largest {
		f.Faults = []*Error{{Text: "longer than 1 MB", Hint: "a Dockerfile holds instructions; bring data in with COPY"}}
		return f, f.Faults[0]
	}
	r := newReading(f)
	line := r.directives()
	for broken := 0; line < len(r.starts) && broken < mostBroken; broken++ {
		line = r.read(line)
	}
	f.stages()
	slices.SortStableFunc(f.Faults, func(a, b *Error) int { return cmp.Compare(a.Line, b.Line) })
	if len(f.Faults) > 0 {
		return f, f.Faults[0]
	}
	return f, nil
}

// reading is a text being parsed. Lines count from 0 in it.
type reading struct {
	f      *File
	starts []int // where each line begins
	end    int   // where the text that is parsed ends; what is behind is too long a line
}

const byteOrderMark = "\uFEFF"

func newReading(f *File) *reading {
	r := &reading{f: f, starts: make([]int, 0, strings.Count(f.Text, "\n")+1), end: len(f.Text)}
	for at := 0; at < len(f.Text); {
		r.starts = append(r.starts, at)
		n := strings.IndexByte(f.Text[at:], '\n')
		if n < 0 {
			n = len(f.Text) - at
		}
		if n > longestLine {
			f.fault(len(r.starts), "longer than 65,535 bytes", "break the line with a "+string(f.Escape)+" at its end")
			r.end, r.starts = at, r.starts[:len(r.starts)-1]
			break
		}
		at += n + 1
	}
	if strings.HasPrefix(f.Text[:r.end], byteOrderMark) {
		r.starts[0] = len(byteOrderMark)
	}
	return r
}

func (r *reading) start(line int) int {
	if line >= len(r.starts) {
		return r.end
	}
	return r.starts[line]
}

func (r *reading) line(n int) string { return r.f.Text[r.start(n):r.start(n+1)] }

// directives reads the parser directives and returns the first line behind them.
func (r *reading) directives() int {
	var p parser.DirectiveParser
	n := 0
	for ; n < len(r.starts); n++ {
		d, err := p.ParseLine([]byte(strings.TrimSpace(r.line(n))))
		if err != nil {
			r.f.fault(n+1, err.Error(), "")
			continue
		}
		if d == nil {
			break
		}
		r.direct(Directive{d.Name, d.Value, n + 1})
	}
	if strings.HasPrefix(r.f.Text, "#!") {
		if _, value, at, ok := parser.DetectSyntax([]byte(r.f.Text[:r.end])); ok && len(at) > 0 {
			r.direct(Directive{"syntax", value, at[0].Start.Line})
		}
	}
	return n
}

func (r *reading) direct(d Directive) {
	r.f.Directives = append(r.f.Directives, d)
	switch {
	case d.Name != "escape":
	case d.Value == "`" || d.Value == `\`:
		r.f.Escape = d.Value[0]
	default:
		r.f.fault(d.Line, "escape is "+d.Value, "it can be \\ or `")
	}
}

// read reads from a line up to the end or behind the next instruction that the
// parser cannot read, and returns the line to go on with.
func (r *reading) read(line int) int {
	nodes, first, last, err := r.parse(line, len(r.starts))
	if err == nil {
		r.add(nodes)
		return len(r.starts)
	}
	if first > line {
		nodes, _, _, before := r.parse(line, first)
		if before != nil {
			panic("a text is parsed whose beginning cannot be: " + before.Error())
		}
		r.add(nodes)
	}
	r.broken(first, last, err)
	return last + 1
}

// header puts a parser that begins within a text into the state that it would
// have there: it occupies two lines.
func (r *reading) header() string { return "# escape=" + string(r.f.Escape) + "\n#\n" }

const headerLines = 2

// parse gives lines to BuildKit's parser. An error comes with the lines from
// first to last that it is about. Lines without an instruction are no error.
func (r *reading) parse(from, to int) (nodes []*parser.Node, first, last int, err error) {
	text := r.f.Text[r.start(from):r.start(to)]
	result, err := parser.Parse(io.MultiReader(strings.NewReader(r.header()), strings.NewReader(text)))
	if err == nil {
		nodes = result.AST.Children
		for _, n := range nodes {
			n.StartLine += from - headerLines
			n.EndLine += from - headerLines
		}
		return nodes, 0, 0, nil
	}
	if isEmpty(err) {
		return nil, 0, 0, nil
	}
	first, last = lines(err)
	first, last = first+from-headerLines-1, last+from-headerLines-1
	return nil, min(max(first, from), to-1), min(max(first, last), to-1), err
}

// add takes over what the parser read, and checks each as BuildKit would.
func (r *reading) add(nodes []*parser.Node) {
	for _, n := range nodes {
		i := r.instruction(n)
		r.f.Instructions = append(r.f.Instructions, i)
		n.PrevComment = nil // a "check=" in one asks for a linter, and there is none
		if _, err := instructions.ParseInstruction(n); err != nil {
			r.f.Faults = append(r.f.Faults, explain(i, err))
		}
	}
}

// broken adds an instruction that the parser could not read.
func (r *reading) broken(first, last int, err error) {
	i := r.place(first, last)
	line, _ := strings.CutSuffix(strings.TrimRight(r.line(first), " \t\r\n"), string(r.f.Escape))
	i.split(strings.TrimSpace(line), r.f.Escape)
	r.f.Instructions = append(r.f.Instructions, i)
	r.f.Faults = append(r.f.Faults, explain(i, err))
}
