package widget

import (
	"strings"

	"charm.land/lipgloss/v2"

	"github.com/imgtui/imgtui/tui/theme"
)

// Frame is a pane's border: a number and a title at the top left, how it is
// shown at the top right, counters at the bottom.
type Frame struct {
	Number         string
	Title, Subject string // "Files", "RUN pip install flask"
	How            string // "this layer · by size"
	Left, Right    string // at the bottom
	Alert          string // at the bottom left instead of Left, in the style of faults
	Focused        bool
}

var edges = lipgloss.RoundedBorder()

// Draw puts the border round lines, so that w × h cells come out.
func (f Frame) Draw(t *theme.Theme, w, h int, lines []string) []string {
	if w < 4 || h < 3 {
		return Blank(w, h)
	}
	out := make([]string, 0, h)
	edge := t.Edge
	if f.Focused {
		edge = t.Accent
	}
	side := edge + edges.Left + theme.Reset
	out = append(out, f.top(t, edge, w))
	empty := spaces(w - 2)
	for i := range h - 2 {
		line := empty
		if i < len(lines) {
			line = lines[i]
		}
		out = append(out, side+line+side)
	}
	return append(out, f.bottom(t, edge, w))
}

func (f Frame) top(t *theme.Theme, edge string, w int) string {
	title, strong := f.Title, t.Strong
	if f.Number != "" {
		title = f.Number + " " + title
	}
	if f.Focused {
		strong = t.Title
	}
	end := NewRow(1)
	if room := w - Width(title) - 10; f.How != "" && room > 6 {
		how := Cut(f.How, room)
		end = NewRow(Width(how)+4).Put(t.Dim, " "+how+" ").Put(edge, edges.Top)
	}
	end.Put(edge, edges.TopRight)
	r := NewRow(w-end.Cells()).Put(edge, edges.TopLeft).Put(strong, " "+title+" ")
	if f.Subject != "" && r.Room() > 8 {
		r.Put(edge, edges.Top+edges.Top).Put(t.Text, " "+Cut(f.Subject, r.Room()-3)+" ")
	}
	r.Put(edge, strings.Repeat(edges.Top, max(r.Room(), 0)))
	return r.Raw(end).String()
}

func (f Frame) bottom(t *theme.Theme, edge string, w int) string {
	left, style := f.Left, t.Dim
	if f.Alert != "" {
		left, style = f.Alert, t.Bad
	}
	right := ""
	if f.Right != "" && Width(f.Right) < w-6 {
		right = " " + f.Right + " "
	}
	r := NewRow(w-2-Width(right)).Put(edge, edges.BottomLeft)
	if left != "" && r.Room() > 4 {
		r.Put(style, " "+Cut(left, r.Room()-3)+" ")
	}
	r.Put(edge, strings.Repeat(edges.Top, max(r.Room(), 0)))
	return r.String() + NewRow(2+Width(right)).Put(t.Dim, right).Put(edge, edges.Bottom+edges.BottomRight).String()
}

// Blank returns h empty lines of w cells.
func Blank(w, h int) []string {
	out := make([]string, max(h, 0))
	for i := range out {
		out[i] = spaces(max(w, 0))
	}
	return out
}
