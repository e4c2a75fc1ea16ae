package widget

import "github.com/imgtui/imgtui/tui/buffer"

// Click is told of a press at a cell of the view: the first one puts the cursor
// there, a second selects the word, a third the line. On a candidate it takes it.
func (e *Editor) Click(x, y, times int) Intent {
	return e.noted(func() Intent {
		if i := e.popup.hit(x, y); i >= 0 {
			e.popup.win.Go(i)
			e.accept()
			return Intent{Handled: true}
		}
		e.popup = popup{}
		at, ok := e.at(x, y)
		if !ok {
			return Intent{}
		}
		e.buf.Go(at)
		switch {
		case times == 2:
			e.buf.SelectWord()
		case times > 2:
			e.buf.SelectLine()
		}
		return Intent{Handled: true}
	})
}

// Drag is told of a move with the button held, after a click: it selects up to
// there. Beyond the view it scrolls.
func (e *Editor) Drag(x, y int) Intent {
	return e.noted(func() Intent {
		switch {
		case y < 0:
			e.scroll(y)
		case y >= e.place.rows:
			e.scroll(y - e.place.rows + 1)
		}
		at, ok := e.at(max(x, 0), max(min(y, e.place.rows-1), 0))
		if !ok {
			return Intent{}
		}
		e.buf.Extend(at)
		return Intent{Handled: true}
	})
}

// Wheel scrolls by so many rows; the cursor stays.
func (e *Editor) Wheel(by int) {
	if e.popup.open {
		e.popup.win.Move(by)
		return
	}
	e.scroll(by)
	e.follow = false
}

// at returns the place in the text that a cell of the view shows.
func (e *Editor) at(x, y int) (buffer.Pos, bool) {
	if y < 0 || y >= e.place.rows {
		return buffer.Pos{}, false
	}
	s := e.spotAt(y)
	if s.line >= e.buf.Count() {
		last := e.buf.Count() - 1
		return buffer.Pos{Line: last, Col: e.buf.End(last)}, true
	}
	line := e.buf.Line(s.line)
	cell := max(x-e.place.gutter, 0)
	if !e.wrap {
		return buffer.Pos{Line: s.line, Col: cells{}.Col(line, cell+e.away(s.line))}, true
	}
	from, to := e.piece(s)
	col := from
	for at := 0; col < to; {
		g := glyphAt(line, col, at)
		if at+g.w > cell {
			break
		}
		col, at = g.end, at+g.w
	}
	return buffer.Pos{Line: s.line, Col: col}, true
}
