package widget

import (
	"strconv"

	"github.com/imgtui/imgtui/tui/theme"
)

// spot is a row of the text: a line, and which row of it where it is wrapped.
type spot struct{ line, row int }

// geometry is how the view is divided.
type geometry struct {
	rows   int // of text
	gutter int // cells before the text
	text   int // cells of the text
	right  int // cells behind it
	lint   bool
}

// margins are how much stays in sight around the cursor where there is room.
const (
	marginRows  = 2
	marginCells = 5
)

// View draws exactly h lines of exactly w cells.
func (e *Editor) View(t *theme.Theme, w, h int, focused bool) []string {
	if w <= 0 || h <= 0 {
		return Blank(w, h)
	}
	e.divide(w, h)
	if e.follow {
		e.reveal()
	} else {
		e.scroll(0)
	}
	lines := make([]string, 0, h)
	s := e.top
	for range e.place.rows {
		lines = append(lines, e.row(t, s, w, focused))
		s = e.next(s)
	}
	e.popup.overlay(e, t, lines, w)
	if e.place.rows < h {
		lines = append(lines, e.bar.draw(e, t, w))
	}
	return lines
}

// divide measures the columns. What is beside the text goes where there is no
// room for it.
func (e *Editor) divide(w, h int) {
	g := geometry{rows: h, text: w}
	if e.bar.kind != closed {
		g.rows--
	}
	if gutter := 4 + max(len(strconv.Itoa(e.buf.Count())), 2); w >= gutter+12 {
		g.gutter = gutter
	}
	size := 0
	for _, m := range e.marks {
		size = max(size, Width(m.Size))
		g.lint = g.lint || m.Lint != Fine
	}
	if size > 0 {
		g.right = size + 2
	}
	if g.lint {
		g.right += 2
	}
	if g.right > 0 && w-g.gutter-g.right < 24 {
		g.right, g.lint = 0, false
	}
	g.text = w - g.gutter - g.right
	e.place = g
	e.buf.SetPage(max(g.rows-1, 1))
}

// next returns the row after a row.
func (e *Editor) next(s spot) spot {
	if e.wrap && s.line < e.buf.Count() && s.row+1 < len(e.breaks(s.line)) {
		return spot{s.line, s.row + 1}
	}
	return spot{s.line + 1, 0}
}

// previous returns the row before a row; the first has none.
func (e *Editor) previous(s spot) (spot, bool) {
	switch {
	case s.row > 0:
		return spot{s.line, s.row - 1}, true
	case s.line == 0:
		return s, false
	case e.wrap:
		return spot{s.line - 1, len(e.breaks(s.line-1)) - 1}, true
	}
	return spot{s.line - 1, 0}, true
}

func (e *Editor) spotAt(y int) spot {
	if !e.wrap {
		return spot{e.top.line + y, 0}
	}
	s := e.top
	for range y {
		s = e.next(s)
	}
	return s
}

// wrapped is how many cells a row of a wrapped line has: one is left to the cursor.
func (e *Editor) wrapped() int { return max(e.place.text-1, 1) }

// breaks returns the columns at which the rows of a wrapped line begin.
func (e *Editor) breaks(n int) []int {
	line, width := e.buf.Line(n), e.wrapped()
	all := []int{0}
	if len(line) <= width && plain(line) {
		return all
	}
	cell := 0
	for col := 0; col < len(line); {
		g := glyphAt(line, col, cell)
		if cell > 0 && cell+g.w > width {
			all = append(all, col)
			cell = 0
			g = glyphAt(line, col, cell)
		}
		col, cell = g.end, cell+g.w
	}
	return all
}

// piece returns the columns of a wrapped row.
func (e *Editor) piece(s spot) (from, to int) {
	all := e.breaks(s.line)
	row := min(s.row, len(all)-1)
	if row+1 < len(all) {
		return all[row], all[row+1]
	}
	return all[row], e.buf.End(s.line)
}

// away returns how many cells of a line are scrolled away.
func (e *Editor) away(line int) int {
	if line == e.Line() {
		return e.left
	}
	return 0
}

// cursorSpot returns the row the cursor is in, and its cell there.
func (e *Editor) cursorSpot() (spot, int) {
	at := e.buf.Cursor()
	line := e.buf.Line(at.Line)
	if !e.wrap {
		return spot{at.Line, 0}, cells{}.Cell(line, at.Col)
	}
	s := spot{line: at.Line}
	all := e.breaks(at.Line)
	for s.row+1 < len(all) && all[s.row+1] <= at.Col {
		s.row++
	}
	cell := 0
	for col := all[s.row]; col < at.Col; {
		g := glyphAt(line, col, cell)
		col, cell = g.end, cell+g.w
	}
	return s, cell
}

// scroll moves what is in sight by so many rows.
func (e *Editor) scroll(by int) {
	for ; by < 0; by++ {
		s, ok := e.previous(e.top)
		if !ok {
			break
		}
		e.top = s
	}
	for ; by > 0; by-- {
		e.top = e.next(e.top)
	}
	last := max(e.buf.Count()-e.place.rows, 0)
	if e.wrap {
		last = e.buf.Count() - 1
	}
	if e.top.line > last {
		e.top = spot{last, 0}
	}
	if e.wrap {
		e.top.row = min(e.top.row, len(e.breaks(e.top.line))-1)
	}
}

// reveal brings the cursor in sight.
func (e *Editor) reveal() {
	s, cell := e.cursorSpot()
	if e.wrap {
		e.revealRow(s)
		return
	}
	keep := min(marginRows, (e.place.rows-1)/2)
	e.top.line = max(min(e.top.line, s.line-keep), s.line-e.place.rows+1+keep, 0)
	e.scroll(0)
	if e.top.line > s.line {
		e.top.line = s.line
	}
	e.revealCell(e.buf.Line(s.line), cell)
}

// revealCell brings a cell of the cursor's line in sight; a line that fits is
// shown from its start.
func (e *Editor) revealCell(line string, cell int) {
	side := min(marginCells, e.place.text/4)
	end, _ := seek(line, e.place.text-1)
	switch {
	case end == len(line), e.left <= side && cell < e.place.text-1-side:
		e.left = 0
	case cell < e.left+side:
		e.left = max(cell-side, 0)
	case cell > e.left+e.place.text-1-side:
		e.left = cell - e.place.text + 1 + side
	}
}

// revealRow brings a row of a wrapped line in sight.
func (e *Editor) revealRow(s spot) {
	if s.line < e.top.line || s.line == e.top.line && s.row < e.top.row {
		e.top = s
	}
	e.scroll(0)
	from := s
	for range e.place.rows - 1 {
		before, ok := e.previous(from)
		if !ok {
			break
		}
		from = before
	}
	if e.top.line < from.line || e.top.line == from.line && e.top.row < from.row {
		e.top = from
	}
}

// Cursor returns the cell of the view at which the terminal's cursor is while
// something is typed.
func (e *Editor) Cursor() (x, y int, ok bool) {
	if e.bar.kind != closed {
		return e.bar.x, e.place.rows, true
	}
	if !e.typing {
		return 0, 0, false
	}
	s, cell := e.cursorSpot()
	at := e.top
	for y := range e.place.rows {
		if at == s {
			x := cell - e.left
			return x + e.place.gutter, y, x >= 0 && x < max(e.place.text, 1)
		}
		at = e.next(at)
	}
	return 0, 0, false
}

// row draws a row: what is beside the line, and the line.
func (e *Editor) row(t *theme.Theme, s spot, w int, focused bool) string {
	if s.line >= e.buf.Count() {
		return spaces(w)
	}
	at := e.buf.Cursor()
	r := &Row{w: w}
	if at.Line == s.line && focused {
		r.ground.Start = t.Editor.Line
	}
	r.b.Grow(4 * w)
	m := e.mark(s.line)
	if e.place.gutter > 0 {
		e.gutter(t, r, s, m, focused)
	}
	e.text(t, r, s, m)
	if e.place.right > 0 {
		r.Pad(w - e.place.right - r.used)
		e.aside(t, r, s, m)
	}
	return r.String()
}

func (e *Editor) gutter(t *theme.Theme, r *Row, s spot, m Mark, focused bool) {
	number := t.Dim
	pointer := " "
	if e.buf.Cursor().Line == s.line {
		number, pointer = t.Strong, "❯"
	}
	style := t.Dim
	if focused {
		style = t.Accent
	}
	if s.row > 0 {
		r.Pad(e.place.gutter)
		return
	}
	r.Put(style, pointer).Fit(tone(t, m.Tone), m.Sign, 1)
	r.Right(number, strconv.Itoa(s.line+1), e.place.gutter-3).Pad(1)
}

func tone(t *theme.Theme, of Tone) string {
	switch of {
	case Fresh:
		return t.Added
	case Busy:
		return t.Modified
	case Lost:
		return t.Removed
	case Loud:
		return t.Bad
	}
	return t.Dim
}

// aside draws the finding and the size of a line.
func (e *Editor) aside(t *theme.Theme, r *Row, s spot, m Mark) {
	if s.row > 0 {
		return
	}
	if e.place.lint {
		switch m.Lint {
		case Advice:
			r.Put(t.Accent, " ›")
		case Warning:
			r.Put(t.Modified, " ▲")
		case Fault:
			r.Put(t.Bad, " ✗")
		default:
			r.Pad(2)
		}
	}
	r.Right(t.Dim, m.Size, r.Room()-1)
}

// selected returns the selected columns of a line, and whether its end is
// selected too.
func (e *Editor) selected(n int) (from, to int, end bool) {
	r, ok := e.buf.Selection()
	if !ok || n < r.From.Line || n > r.To.Line {
		return 0, 0, false
	}
	to = e.buf.End(n)
	if n == r.From.Line {
		from = r.From.Col
	}
	if n == r.To.Line {
		return from, r.To.Col, false
	}
	return from, to, true
}
