// Package widget holds what panes are drawn with: rows, frames, bars, windows
// on long lists, and menus.
package widget

import (
	"strings"

	"github.com/charmbracelet/x/ansi"

	"github.com/imgtui/imgtui/tui/theme"
)

// Row writes one line of exactly so many cells. Text must be free of control
// characters; what does not fit is cut with an ellipsis.
type Row struct {
	b      strings.Builder
	ground theme.Ground // under every segment
	used   int
	w      int
}

// NewRow starts a line of w cells.
func NewRow(w int) *Row {
	r := &Row{w: w}
	r.b.Grow(w + 64)
	return r
}

// On puts the line on a ground, before anything is written.
func (r *Row) On(g theme.Ground) *Row {
	r.ground = g
	return r
}

// Room returns how many cells are left.
func (r *Row) Room() int { return r.w - r.used }

// Cells returns how wide the line is.
func (r *Row) Cells() int { return r.w }

// Put writes s in a style.
func (r *Row) Put(style, s string) *Row { return r.put(style, s, r.Room()) }

// Fit writes s in exactly n cells, cut or padded at its right.
func (r *Row) Fit(style, s string, n int) *Row {
	n = min(n, r.Room())
	end := r.used + n
	return r.put(style, s, n).Pad(end - r.used)
}

// Right writes s in exactly n cells, at their right end.
func (r *Row) Right(style, s string, n int) *Row {
	n = min(n, r.Room())
	w := Width(s)
	return r.Pad(n-w).put(style, s, min(n, w))
}

// Pad writes n spaces.
func (r *Row) Pad(n int) *Row {
	n = min(n, r.Room())
	if n > 0 {
		r.style("", spaces(n))
		r.used += n
	}
	return r
}

// String ends the line: the rest is filled.
func (r *Row) String() string {
	r.Pad(r.Room())
	return r.b.String()
}

func (r *Row) put(style, s string, room int) *Row {
	if room <= 0 || s == "" {
		return r
	}
	w := Width(s)
	if w > room {
		s = Cut(s, room)
		w = Width(s)
	}
	r.style(style, s)
	r.used += w
	return r
}

func (r *Row) style(style, s string) {
	if r.ground.Alone {
		style = ""
	}
	if style == "" && r.ground.Start == "" {
		r.b.WriteString(s)
		return
	}
	r.b.WriteString(r.ground.Start)
	r.b.WriteString(style)
	r.b.WriteString(s)
	r.b.WriteString(theme.Reset)
}

// Width returns how many cells s takes.
func Width(s string) int {
	for i := range len(s) {
		if s[i] >= 0x80 || s[i] < ' ' {
			return ansi.StringWidth(s)
		}
	}
	return len(s)
}

const blank = "                                                                                                    "

func spaces(n int) string {
	if n <= len(blank) {
		return blank[:n]
	}
	return strings.Repeat(" ", n)
}

// Raw appends another row, whole.
func (r *Row) Raw(o *Row) *Row {
	r.b.WriteString(o.String())
	r.used += o.w
	return r
}
