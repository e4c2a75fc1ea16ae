package widget

import (
	"slices"
	"strings"

	"github.com/imgtui/imgtui/tui/highlight"
	"github.com/imgtui/imgtui/tui/theme"
)

// text draws the part of a line that is in sight.
func (e *Editor) text(t *theme.Theme, r *Row, s spot, m Mark) {
	line := e.buf.Line(s.line)
	p := painter{r: r, line: line, end: len(line), stop: r.used + e.place.text, escape: t.Bad}
	cut := false
	if e.wrap {
		p.col, p.end = e.piece(s)
	} else {
		cut = p.frame(t.Dim, e.away(s.line), e.place.text)
	}
	for _, piece := range e.pieces(t, s.line, p.col, p.end, m) {
		p.paint(piece)
	}
	if _, _, past := e.selected(s.line); past && p.col >= len(line) && r.used < p.stop {
		r.Put(t.Editor.Selection, " ")
	}
	if cut {
		r.Pad(p.stop - r.used)
		r.Put(t.Dim, "…")
	}
}

// frame finds where in a line the view of so many cells begins, of which some
// are scrolled away, and leaves a cell at the edges over which the line goes on.
func (p *painter) frame(dim string, left, width int) (cut bool) {
	if beyond, _ := seek(p.line, left+width); beyond < len(p.line) {
		p.stop--
		p.end = beyond // what comes then is out of sight
		cut = true
	}
	if left == 0 || p.line == "" {
		return cut
	}
	p.r.Put(dim, "…")
	p.col, p.cell = seek(p.line, left+1)
	if p.col < len(p.line) && p.cell < left+1 { // half of it is scrolled away
		g := glyphAt(p.line, p.col, p.cell)
		p.r.Pad(p.cell + g.w - left - 1)
		p.col, p.cell = g.end, p.cell+g.w
	}
	return cut
}

// piece is a part of a line in one style.
type piece struct {
	to    int
	style string
}

// painter draws a line from a column on.
type painter struct {
	r         *Row
	line      string
	col, cell int
	end, stop int // the column and the cell of the row before which it ends
	escape    string
}

// paint draws a part, as far as there is room. A character that begins in it is
// drawn whole.
func (p *painter) paint(s piece) {
	if p.col >= s.to {
		return
	}
	if room := p.stop - p.r.used; s.to-p.col <= room && plain(p.line[p.col:s.to]) && (s.to == len(p.line) || p.line[s.to] < 0x80) {
		p.r.Put(s.style, p.line[p.col:s.to])
		p.cell += s.to - p.col
		p.col = s.to
		return
	}
	var b strings.Builder
	room := p.stop - p.r.used
	flush := func(style string) {
		p.r.Put(style, b.String())
		b.Reset()
	}
	for p.col < s.to && room > 0 {
		g := glyphAt(p.line, p.col, p.cell)
		text, w := g.text, g.w
		if w > room {
			text, w = cutCells(text, room), room
		}
		source := p.line[p.col:g.end]
		if hidden := g.text != source && source != "\t"; hidden {
			flush(s.style)
			b.WriteString(text)
			flush(s.style + p.escape)
		} else {
			b.WriteString(text)
		}
		room -= w
		p.col, p.cell = g.end, p.cell+g.w
	}
	flush(s.style)
}

// cutCells returns what of a character fits: of an escape its start, else spaces.
func cutCells(text string, n int) string {
	if plain(text) {
		return text[:n]
	}
	return spaces(n)
}

// dress is what gives a line its styles, in columns.
type dress struct {
	spans    []highlight.Span
	found    [][2]int
	from, to int // selected
	mark     Mark
}

func (e *Editor) dress(n int, m Mark) dress {
	d := dress{spans: e.look.Spans(n), mark: m}
	d.from, d.to, _ = e.selected(n)
	if e.bar.finder != nil && (e.bar.kind == finding || e.bar.kind == replacing) {
		d.found = e.bar.finder.In(e.buf.Line(n))
	}
	return d
}

// cuts adds the columns at which the style changes.
func (d *dress) cuts(all []int) []int {
	for _, s := range d.spans {
		all = append(all, s.From, s.To)
	}
	for _, f := range d.found {
		all = append(all, f[0], f[1])
	}
	return append(all, d.from, d.to, d.mark.From, d.mark.To)
}

// style returns the style at a column. Columns are asked for in order.
func (d *dress) style(t *theme.Theme, at int) string {
	for len(d.spans) > 0 && d.spans[0].To <= at {
		d.spans = d.spans[1:]
	}
	if d.from <= at && at < d.to {
		return t.Editor.Selection
	}
	style := ""
	if len(d.spans) > 0 && d.spans[0].From <= at {
		style = paint(t, d.spans[0].Kind)
	}
	if d.mark.From <= at && at < d.mark.To {
		style += underline(t, d.mark.Lint)
	}
	if slices.ContainsFunc(d.found, func(f [2]int) bool { return f[0] <= at && at < f[1] }) {
		style += t.Match
	}
	return style
}

// pieces cuts columns of a line where the style changes. They hold until the
// next call.
func (e *Editor) pieces(t *theme.Theme, n, from, to int, m Mark) []piece {
	d := e.dress(n, m)
	cuts := append(d.cuts(e.cuts[:0]), to)
	for i := range cuts {
		cuts[i] = max(min(cuts[i], to), from)
	}
	slices.Sort(cuts)
	e.cuts = cuts
	out := e.parts[:0]
	for at, end := from, 0; len(cuts) > 0; cuts = cuts[1:] {
		if end = cuts[0]; end > at {
			out = append(out, piece{end, d.style(t, at)})
			at = end
		}
	}
	e.parts = out
	return out
}

func underline(t *theme.Theme, s Severity) string {
	switch s {
	case Warning:
		return t.Editor.Warning
	case Fault:
		return t.Editor.Fault
	}
	return ""
}

// paint returns the style of a piece of a Dockerfile.
func paint(t *theme.Theme, k highlight.Kind) string {
	switch k {
	case highlight.Instruction, highlight.Keyword:
		return t.Code.Keyword
	case highlight.Flag, highlight.Number:
		return t.Code.Number
	case highlight.String, highlight.Body:
		return t.Code.String
	case highlight.Variable:
		return t.Editor.Variable
	case highlight.Comment:
		return t.Code.Comment
	case highlight.Directive, highlight.Heredoc:
		return t.Code.Name
	case highlight.Operator:
		return t.Code.Keyword
	case highlight.Bracket, highlight.Continued:
		return t.Dim
	case highlight.Wrong:
		return t.Bad
	}
	return t.Text
}
