package pane

import (
	"fmt"
	"strings"

	"github.com/imgtui/imgtui/model/explain"
	"github.com/imgtui/imgtui/model/session"
	"github.com/imgtui/imgtui/model/tree"
	"github.com/imgtui/imgtui/model/words"
	"github.com/imgtui/imgtui/tui/act"
	"github.com/imgtui/imgtui/tui/theme"
	"github.com/imgtui/imgtui/tui/widget"
)

// Details says in words what the selected step, the path under the cursor or
// the image is.
type Details struct {
	top, height int
	image       bool // about the image, not the step
	lines       []string
	made        detailsKey
}

// detailsKey says what the lines were made of.
type detailsKey struct {
	about detailsAbout
	rev   int
	w     int
	exact bool
	theme *theme.Theme
	read  bool // the dead bytes are known
}

// detailsAbout says what the lines tell of; what is another thing is read from
// its top.
type detailsAbout struct {
	line  int // of the Dockerfile; 0 where the details are not about it
	path  string
	step  int
	image bool
}

// Scope implements [Pane].
func (p *Details) Scope() act.Scope { return act.Details }

// Image tells whether the details are about the image.
func (p *Details) Image() bool { return p.image }

// Do implements [Pane].
func (p *Details) Do(id act.ID, _ Env) ([]session.Msg, Turn) {
	if move(id, p.height, p.Wheel, func(n int) { p.top = n }) {
		p.clamp()
		return nil, Stay
	}
	switch {
	case id == "about":
		p.image = !p.image
	case id == "back" && p.image:
		p.image = false
	case id == "back":
		return nil, Out
	}
	return nil, Stay
}

func (p *Details) clamp() { p.top = max(min(p.top, len(p.lines)-p.height), 0) }

// Click implements [Pane].
func (p *Details) Click(Env, int, int, bool) []session.Msg { return nil }

// Wheel implements [Pane].
func (p *Details) Wheel(by int) {
	p.top += by
	p.clamp()
}

// View implements [Pane].
func (p *Details) View(e Env, w, h int, focused bool) []string {
	p.height = max(h-2, 1)
	key := detailsKey{
		about: detailsAbout{e.line(), e.Path, e.State.Step, p.image}, rev: e.State.Rev, w: w,
		exact: e.Exact, theme: e.Theme, read: e.State.Stacks[session.Was].Report != nil,
	}
	if key != p.made {
		if key.about != p.made.about {
			p.top = 0
		}
		p.made = key
		p.lines = p.tell(e, w-2)
	}
	p.clamp()
	t := e.Words.Screen
	f := widget.Frame{Number: "4", Title: t.Details, Focused: focused, Subject: p.subject(e)}
	if len(p.lines) > p.height {
		f.Right = fmt.Sprintf(t.Of, words.Exact(min(p.top+p.height, len(p.lines))), words.Exact(len(p.lines)))
	}
	lines := p.lines[p.top:min(p.top+p.height, len(p.lines))]
	return f.Draw(e.Theme, w, h, append(lines[:len(lines):len(lines)], widget.Blank(w-2, p.height-len(lines))...))
}

func (p *Details) subject(e Env) string {
	k := e.State.Stacks[session.Was]
	switch {
	case k.Image == nil:
		return ""
	case p.image:
		return words.Visible(k.Image.Title())
	case e.line() > 0:
		return fmt.Sprintf(e.Words.Plan.At, e.line())
	case e.Path != "":
		return words.Visible(e.Path)
	case len(k.Image.Steps) == 0:
		return ""
	}
	return fmt.Sprintf("%s %d", e.Words.Screen.Step, e.State.Step)
}

func (p *Details) tell(e Env, w int) []string {
	var out []string
	for _, l := range p.about(e) {
		out = append(out, p.wrap(e, l, w)...)
	}
	return out
}

func (p *Details) about(e Env) []explain.Line {
	s := e.State
	k := s.Stacks[session.Was]
	switch {
	case k.Image == nil || len(k.Image.Steps) == 0 && !p.image:
		return nil
	case p.image:
		return explain.Image(*e.Words, k.Image, k.Report, k.Warnings())
	case e.line() > 0:
		return explain.Draft(*e.Words, placeOf(s))
	case e.Path != "":
		if d, ok := s.Files().Delta.Find(e.Path); ok {
			return explain.Path(*e.Words, k.Image, layersOf(k), e.Path, d)
		}
	}
	return explain.Step(*e.Words, subjectOf(e))
}

// line is the line of the Dockerfile that the details are about; 0 is none.
func (e Env) line() int {
	if d := e.State.Draft; e.Draft && d != nil && d.Origin != session.Nowhere {
		return d.Line
	}
	return 0
}

// placeOf gathers what is known of the line under the cursor.
func placeOf(s session.State) explain.Place {
	d := s.Draft
	p := explain.Place{Line: d.Line, Plan: d.Plan, Findings: d.Findings, Context: d.Context}
	p.Step, p.Known = d.At()
	if d.Fault != nil {
		p.Fault, p.Hint, p.FaultAt = d.Fault.Text, d.Fault.Hint, d.Fault.Line
		p.Known = false
	}
	if d.Told != nil {
		p.Fault, p.FaultAt = d.Told.Error(), d.Line
	}
	return p
}

func layersOf(k session.Stack) []*tree.Layer {
	var ls []*tree.Layer
	for _, l := range k.Layers {
		if l.Tree != nil {
			ls = append(ls, l.Tree)
		}
	}
	return ls
}

func subjectOf(e Env) explain.Subject {
	s := e.State
	k := s.Stacks[session.Was]
	f := explain.Subject{Image: k.Image, Step: s.Step, Report: k.Report, Now: s.Now, Totals: e.Book.Totals}
	before, ok := k.At(s.Step - 1)
	after, also := k.At(s.Step)
	f.Before, f.After, f.Known = before, after, ok && also
	if l := k.Of(s.Step); l != nil {
		f.Layer, f.Err, f.Tar, f.DiffID = l.Tree, l.Err, l.Tar, l.DiffID
		for _, w := range k.Warnings() {
			if w.Layer == k.Image.Steps[s.Step].Layer.Index {
				f.Faults = append(f.Faults, w)
			}
		}
	}
	return f
}

// wrap lays a line out in w cells.
func (p *Details) wrap(e Env, l explain.Line, w int) []string {
	t := e.Theme
	switch l.Kind {
	case explain.Gap:
		return widget.Blank(w, 1)
	case explain.Heading:
		return Wrapped(t.Strong, "", l.Text, w, 1, 1)
	case explain.Bad:
		return Wrapped(t.Bad, "▲ ", l.Text, w, 1, 3)
	case explain.Advice:
		return Wrapped(t.Accent, "› ", l.Text, w, 1, 3)
	case explain.Code:
		return Wrapped(t.Text, "", l.Text, w, 1, 5)
	case explain.List:
		return Wrapped(t.Text, "", l.Text, w, 3, 5)
	case explain.Item:
		r := widget.NewRow(w).Pad(1).Right(t.Text, l.Key, itemWidth).Pad(2)
		cut := other(strings.HasPrefix(l.Text, "/"), widget.CutPath, widget.Cut)
		return []string{r.Put(t.Text, cut(l.Text, r.Room()-1)).String()}
	case explain.Remark:
		return Wrapped(t.Dim, "", l.Text, w, 1+itemWidth+2, 1+itemWidth+2)
	case explain.Pair:
		return p.pair(e, l, w)
	}
	return Wrapped(t.Text, "", l.Text, w, 1, 1)
}

// The widths of what stands before a text: the key of a pair, the size of an item.
const (
	keyWidth  = 13
	itemWidth = 8
)

func (p *Details) pair(e Env, l explain.Line, w int) []string {
	var out []string
	for i, part := range widget.Wrap(l.Text, max(w-keyWidth-2, 8)) {
		out = append(out, widget.NewRow(w).Pad(1).Fit(e.Theme.Dim, other(i == 0, l.Key, ""), keyWidth).Put(e.Theme.Text, part).String())
	}
	return out
}

// Wrapped breaks text into rows of w cells: the first line stands in by indent,
// the others by hang.
func Wrapped(style, sign, text string, w, indent, hang int) []string {
	var out []string
	for i, part := range widget.Wrap(text, max(w-hang-1, 8)) {
		r := widget.NewRow(w).Pad(other(i == 0, indent, hang))
		if i == 0 {
			r.Put(style, sign)
		}
		out = append(out, r.Put(style, part).String())
	}
	return out
}
