package pane

import (
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/imgtui/imgtui/model/words"
	"github.com/imgtui/imgtui/tui/widget"
)

// textDocument shows text, with line numbers and highlighting.
type textDocument struct {
	rows  []textRow
	lines int
	marks *highlighter
}

// textRow is a line, or a piece of a long one; number is 0 for what goes on.
type textRow struct {
	number int
	text   string // fit to be shown
	line   int    // which line of the file, from 0
	from   int    // where in the line's visible text the piece begins
}

// marked is how long a line may be, in bytes, to be highlighted.
const marked = 2000

func newText(e Env, path string, data []byte, wrap int) *textDocument {
	d := &textDocument{marks: newHighlighter(path, data)}
	text := string(data)
	text = strings.TrimSuffix(text, "\n")
	for line := range strings.SplitSeq(text, "\n") {
		d.lines++
		d.add(visible(strings.TrimSuffix(line, "\r")), wrap)
	}
	return d
}

// visible returns a line fit to be shown, with its tabs as spaces.
func visible(line string) string {
	if !strings.Contains(line, "\t") {
		return words.Visible(line)
	}
	var b strings.Builder
	for i, part := range strings.Split(line, "\t") {
		if i > 0 {
			b.WriteString("        "[:8-b.Len()%8])
		}
		b.WriteString(words.Visible(part))
	}
	return b.String()
}

// add appends a line: a row, or where lines wrap the pieces that fit into one.
func (d *textDocument) add(line string, wrap int) {
	number := d.lines
	for from := 0; ; {
		n := len(line) - from
		if wrap > 0 {
			n = fits(line[from:], max(wrap-numbers-1, 1))
		}
		d.rows = append(d.rows, textRow{number, line[from : from+n], d.lines - 1, from})
		if from += n; from >= len(line) {
			return
		}
		number = 0
	}
}

// fits returns how many bytes of s fit into so many cells, at least one
// character.
func fits(s string, cells int) int {
	if n := widget.Fits(s, cells); n > 0 || s == "" {
		return n
	}
	_, n := utf8.DecodeRuneInString(s)
	return n
}

// begin begins a frame.
func (d *textDocument) begin() { d.marks.left = aFrame }

// behind tells whether more will be highlighted of the rows before one.
func (d *textDocument) behind(to int) bool {
	return to > 0 && to <= len(d.rows) && d.marks.behind(d.rows[to-1].line)
}

func (d *textDocument) count() int { return len(d.rows) }

func (d *textDocument) how(w words.Viewer) string {
	return w.Text + " · " + fmt.Sprintf(other(d.lines == 1, w.Line, w.Lines), words.Exact(d.lines))
}

// numbers is how wide the column of line numbers is.
const numbers = 7

func (d *textDocument) row(e Env, i, w, left int, find string) string {
	l := d.rows[i]
	number := ""
	if l.number > 0 {
		number = strconv.Itoa(l.number)
	}
	r := widget.NewRow(w).Right(e.Theme.Dim, number, numbers-2).Pad(2)
	if find != "" || len(l.text) > marked {
		line(r, e, e.Theme.Text, l.text, left, find)
		return r.String()
	}
	skip := left
	for _, s := range d.marks.line(e, l.line, l.from, l.text) {
		put(r, s.style, s.text, &skip)
	}
	return r.String()
}

// put writes text but for the cells that are scrolled away.
func put(r *widget.Row, style, text string, skip *int) {
	if *skip > 0 {
		w := widget.Width(text)
		if w <= *skip {
			*skip -= w
			return
		}
		text = text[widget.Fits(text, *skip):]
		*skip = 0
	}
	if r.Room() > 0 {
		r.Put(style, text)
	}
}

// line writes what of a line is in sight, with what was searched for marked.
func line(r *widget.Row, e Env, style, text string, left int, find string) {
	text = sight(text, left, r.Room())
	done := 0
	for _, at := range indexes(folded(text), find, len(text)) {
		if at < done {
			continue
		}
		r.Put(style, text[done:at]).Put(style+e.Theme.Match, text[at:at+len(find)])
		done = at + len(find)
	}
	r.Put(style, text[done:])
}

// sight returns the part of a line from a cell on that fills so many cells,
// and one more if there is more.
func sight(text string, left, cells int) string {
	text = text[widget.Fits(text, left):]
	return text[:widget.Fits(text, cells+1)]
}

func (d *textDocument) spots(find string, most int) []spot {
	return spotsIn(len(d.rows), d.text, find, most)
}

func (d *textDocument) text(row int) string { return d.rows[row].text }
