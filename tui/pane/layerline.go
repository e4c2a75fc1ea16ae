package pane

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/imgtui/imgtui/model"
	"github.com/imgtui/imgtui/model/explain"
	"github.com/imgtui/imgtui/model/plan"
	"github.com/imgtui/imgtui/model/session"
	"github.com/imgtui/imgtui/model/words"
	"github.com/imgtui/imgtui/tui/theme"
	"github.com/imgtui/imgtui/tui/widget"
)

// layerWidths are the widths of the columns of [Layers]; 0 leaves one out.
type layerWidths struct {
	number, size, bar, dead, age int
	largest                      int64
}

// layerColumns depends on nothing that becomes known while layers are read, so
// that no column moves.
func layerColumns(e Env, w int) layerWidths {
	k := e.State.Stacks[session.Was]
	c := layerWidths{number: 1, size: 8}
	if k.Image == nil {
		return c
	}
	c.number = len(strconv.Itoa(len(k.Image.Steps) - 1))
	for i, s := range k.Image.Steps {
		c.largest = max(c.largest, k.Unpacked(i))
		c.age = max(c.age, widget.Width(words.Age(s.Created, e.State.Now)))
	}
	if c.age > 0 {
		c.age = max(c.age, widget.Width(e.Words.Screen.Age))
	}
	switch {
	case w >= 100:
		c.bar, c.dead = 16, 9
	case w >= 72:
		c.bar, c.dead = 12, 8
	case w >= 60:
		c.bar, c.dead = 8, 8
	case w >= 48:
		c.bar, c.dead = 5, 7
	case w >= 40:
		c.dead = 7
	default:
		c.age = 0
	}
	if e.Exact {
		c.size, c.bar = 14, 0
		c.dead = other(c.dead > 0 && w >= 60, 14, 0)
	}
	return c
}

// column writes a cell at the right of its column and a space after it.
func column(r *widget.Row, style, text string, n int) {
	if n > 0 {
		r.Right(style, text, n).Pad(1)
	}
}

func (p *Layers) head(e Env, c layerWidths, w int) string {
	t, dim := e.Words.Screen, e.Theme.Dim
	r := widget.NewRow(w).Pad(2)
	column(r, dim, "#", c.number)
	column(r, dim, t.Unpacked, c.size)
	column(r, dim, "", c.bar)
	column(r, dim, t.Dead, c.dead)
	column(r, dim, t.Age, c.age)
	return r.Pad(2).Put(dim, t.CreatedBy).String()
}

// totals sums up the columns.
func (p *Layers) totals(e Env, c layerWidths, w int) string {
	k, t := e.State.Stacks[session.Was], e.Theme
	r := widget.NewRow(w).Pad(2)
	if k.Image == nil {
		return r.String()
	}
	column(r, t.Dim, "Σ", c.number)
	sized(r, e, c.size, t.Strong, e.Total(k))
	r.Pad(1)
	column(r, t.Dim, "", c.bar)
	column(r, t.Removed, deadText(e, deadOf(k)), c.dead)
	column(r, t.Dim, "", c.age)
	s := e.Words.Screen
	return r.Pad(2).Put(t.Dim, s.Steps.Of(len(k.Image.Steps))+" · "+s.LayersCount.Of(len(k.Layers))).String()
}

func deadOf(k session.Stack) int64 {
	if k.Report == nil {
		return 0
	}
	return k.Report.Dead
}

func deadText(e Env, n int64) string {
	if n <= 0 {
		return ""
	}
	return e.Size(n)
}

func (p *Layers) line(e Env, c layerWidths, row, w int, focused bool) string {
	k, t, l := e.State.Stacks[session.Was], e.Theme, p.rows[row]
	s := k.Image.Steps[l.step]
	var ground theme.Ground
	sign := " "
	if row == p.win.Cursor {
		ground, sign = other(focused, t.Selected, t.Resting), "❯"
	}
	r := widget.NewRow(w).On(ground).Put(t.Accent, sign)
	style, mark := p.between(e, l)
	r.Put(style, mark)
	column(r, t.Dim, strconv.Itoa(l.step), c.number)
	n := size(k, l)
	p.size(r, e, k, l, n, c)
	r.Pad(1)
	if c.bar > 0 {
		r.Fit(t.Bar, widget.Bar(n, max(c.largest, n), c.bar), c.bar).Pad(1)
	}
	column(r, t.Removed, deadText(e, dead(k, l)), c.dead)
	column(r, t.Dim, words.Age(s.Created, e.State.Now), c.age)
	return p.told(r, e, k, l)
}

// size writes the size of a row, or how far its layer has been read.
func (p *Layers) size(r *widget.Row, e Env, k session.Stack, l layerRow, n int64, c layerWidths) {
	t := e.Theme
	layer := k.Of(l.step)
	switch {
	case layer != nil && layer.Err != nil:
		r.Right(t.Bad, "▲", c.size)
	case n == model.Unknown && layer != nil && layer.Total > 0 && layer.Done > 0:
		r.Right(t.Dim, fmt.Sprintf("%d %%", 100*min(layer.Done, layer.Total)/layer.Total), c.size)
	case n == model.Unknown:
		r.Right(t.Dim, about(e, k, l), c.size)
	default:
		sized(r, e, c.size, other(n == 0, t.Dim, t.Text), e.Size(n))
	}
}

// about is what the size of a row that has not been read is like.
func about(e Env, k session.Stack, l layerRow) string {
	if s := k.Image.Steps[l.step]; !l.base && s.Layer != nil && s.Layer.About > 0 {
		return "~" + e.Size(s.Layer.About)
	}
	return "…"
}

// sized writes a size at the right of n cells, its unit dimmed.
func sized(r *widget.Row, e Env, n int, style, text string) {
	if e.Exact {
		r.Right(style, text, n)
		return
	}
	number, unit, _ := strings.Cut(text, " ")
	r.Right(style, number, n-3).Right(e.Theme.Dim, unit, 3)
}

// between marks the steps that are compared and layers with a fault, else what a
// rebuild would do.
func (p *Layers) between(e Env, l layerRow) (style, mark string) {
	s, t := e.State, e.Theme
	switch {
	case s.Marked >= 0 && l.step == s.Marked:
		return t.Accent, "◆"
	case s.From >= 0 && l.step >= min(s.From, s.Step) && l.step <= max(s.From, s.Step):
		return t.Accent, "┃"
	case p.faulty(s.Stacks[session.Was], l):
		return t.Bad, "▲"
	}
	f, ok := s.Draft.Of(l.step)
	if !ok || l.base || s.Draft.Fault != nil {
		return t.Accent, " "
	}
	return other(f.Fate == plan.Same, t.Dim, t.Modified), e.Words.Plan.Signs[f.Fate]
}

// faulty tells whether something is wrong with the layer of a row.
func (p *Layers) faulty(k session.Stack, l layerRow) bool {
	return slices.ContainsFunc(k.Warnings(), func(w model.Warning) bool {
		step := k.Image.StepOf(w.Layer)
		return step == l.step || l.base && step >= 0 && step < l.step
	})
}

// told writes the instruction, and marks what comes from the base. The name
// goes before the mark where there is no room for both.
func (p *Layers) told(r *widget.Row, e Env, k session.Stack, l layerRow) string {
	t, s := e.Theme, k.Image.Steps[l.step]
	text, style := explain.Instruction(s.CreatedBy), other(s.Empty(), t.Dim, t.Text)
	var tags []string
	switch base := e.Words.Screen.Base; {
	case l.base:
		text, style = baseName(k.Image), t.Text
		tags = []string{base + " · " + e.Words.Screen.Steps.Of(l.step+1), base}
		r.Put(t.Dim, "▸ ")
	case s.Base:
		tags = []string{base}
		r.Pad(2)
	default:
		r.Pad(2)
	}
	for _, tag := range tags {
		if widget.Width(text)+widget.Width(tag)+2 <= r.Room() {
			return r.Fit(style, text, r.Room()-widget.Width(tag)-1).Put(t.Dim, tag).String()
		}
	}
	if l.base && k.Image.BaseName != "" { // its end tells more than its beginning
		text = widget.CutLeft(text, r.Room()-1)
	}
	return r.Fit(style, text, r.Room()-1).String()
}

// baseName is what the base is called, or else how it begins.
func baseName(i *model.Image) string {
	if i.BaseName != "" {
		return words.Visible(i.BaseName)
	}
	return explain.Instruction(i.Steps[0].CreatedBy)
}
