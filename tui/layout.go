package tui

import "github.com/imgtui/imgtui/tui/act"

// rect is a part of the screen in cells.
type rect struct{ x, y, w, h int }

func (r rect) holds(x, y int) bool { return x >= r.x && x < r.x+r.w && y >= r.y && y < r.y+r.h }

// placed is a pane and where it stands.
type placed struct {
	scope act.Scope
	rect
}

// The least screen that imgtui draws on, the widths and heights from which more
// panes are in sight, and the least that a pane has of each.
const (
	leastWidth, leastHeight = 60, 15
	wide                    = 120
	tall                    = 20
	leastPane               = 40
	leastLayers             = 8
	leastLower              = 6
)

// arrangement is what layout depends on.
type arrangement struct {
	w, h         int
	focus, lower act.Scope
	zoomed       bool
	split, rise  int  // columns and rows that the user moved the borders by
	rows         int  // that the layers would like
	drafted      bool // there is a Dockerfile
}

// layout places the panes between the header and the footer.
func layout(a arrangement) []placed {
	body := rect{0, 1, a.w, a.h - 2}
	switch {
	case a.w < leastWidth || a.h < leastHeight:
		return nil
	case a.zoomed || a.w < wide && a.h < tall:
		return []placed{{a.focus, body}}
	case a.w < wide:
		return stacked(a, body)
	}
	return sideBySide(a, body)
}

// top returns the height of the layers: what they like up to half of the body, as
// much as the files beside them need, and as the user moved the border.
func (a arrangement) top(body rect) int {
	return max(min(a.usualTop(body)+a.rise, body.h-leastLower), leastLower)
}

func (a arrangement) usualTop(body rect) int {
	top := max(min(a.rows, body.h/2), leastLayers)
	if a.squared() {
		top = max(top, body.h*2/5)
	}
	return top
}

// squared tells whether the panes stand in two rows of two.
func (a arrangement) squared() bool { return a.w >= wide && a.drafted }

// left returns the width of the panes at the left, as the user moved the border.
func (a arrangement) left() int {
	return min(max(a.usualLeft()+a.split, leastPane), a.w-leastPane)
}

func (a arrangement) usualLeft() int { return max(a.w*2/5, 56) }

// moved returns the arrangement with a border drawn to a cell.
func (a arrangement) moved(d drag, x, y int) arrangement {
	body := rect{0, 1, a.w, a.h - 2}
	switch d {
	case columns:
		a.split = x - a.usualLeft()
		a.split = a.left() - a.usualLeft()
	case rows:
		a.rise = y - body.y - a.usualTop(body)
		a.rise = a.top(body) - a.usualTop(body)
	}
	return a
}

// stacked has the layers over one other pane.
func stacked(a arrangement, body rect) []placed {
	top := a.top(body)
	return []placed{
		{act.Layers, rect{body.x, body.y, body.w, top}},
		{a.lower, rect{body.x, body.y + top, body.w, body.h - top}},
	}
}

// sideBySide has the layers over the details at the left of the files.
func sideBySide(a arrangement, body rect) []placed {
	left, top := a.left(), a.top(body)
	if a.squared() {
		return square(a, body)
	}
	return []placed{
		{act.Layers, rect{0, body.y, left, top}},
		{act.Files, rect{left, body.y, a.w - left, body.h}},
		{act.Details, rect{0, body.y + top, left, body.h - top}},
	}
}

// square has the layers over the Dockerfile, and beside them the files over the
// details.
func square(a arrangement, body rect) []placed {
	left, top := a.left(), a.top(body)
	return []placed{
		{act.Layers, rect{0, body.y, left, top}},
		{act.Files, rect{left, body.y, a.w - left, top}},
		{act.Browsing, rect{0, body.y + top, left, body.h - top}},
		{act.Details, rect{left, body.y + top, a.w - left, body.h - top}},
	}
}
