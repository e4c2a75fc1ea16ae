package pane

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/imgtui/imgtui/model"
	"github.com/imgtui/imgtui/model/session"
	"github.com/imgtui/imgtui/model/words"
	"github.com/imgtui/imgtui/tui/act"
	"github.com/imgtui/imgtui/tui/widget"
)

// Layers lists the steps of the image.
type Layers struct {
	win      widget.Window
	bySize   bool
	reversed bool
	unfolded bool // the steps of the base are shown one by one
	rows     []layerRow
	made     layersKey
}

// layerRow is a step, or all of the base's in one; then Step is its last.
type layerRow struct {
	step int
	base bool
}

// layersKey says what rows were made of; they are not sorted anew while sizes
// stream in, so that nothing moves under the cursor.
type layersKey struct {
	image              *model.Image
	bySize, rev, plain bool
	read               bool
}

// Scope implements [Pane].
func (p *Layers) Scope() act.Scope { return act.Layers }

// sync makes the rows anew where what they stand on has changed. What the wheel
// has scrolled stays so until the selection moves.
func (p *Layers) sync(e Env) {
	k := e.State.Stacks[session.Was]
	key := layersKey{k.Image, p.bySize, p.reversed, p.unfolded, p.bySize && k.Read}
	if key != p.made {
		p.made = key
		p.rows = p.arrange(k)
	}
	if to := p.row(e.State.Step); to != p.win.Cursor || len(p.rows) != p.win.Count {
		p.win.Count = len(p.rows)
		p.win.Go(to)
	}
}

func (p *Layers) arrange(k session.Stack) []layerRow {
	if k.Image == nil {
		return nil
	}
	var rows []layerRow
	base := k.Image.Base()
	if base > 1 && !p.unfolded {
		rows = append(rows, layerRow{base - 1, true})
	} else {
		base = 0
	}
	for i := base; i < len(k.Image.Steps); i++ {
		rows = append(rows, layerRow{i, false})
	}
	if p.bySize {
		slices.SortStableFunc(rows, func(a, b layerRow) int { return cmp.Compare(size(k, b), size(k, a)) })
	}
	if p.reversed {
		slices.Reverse(rows)
	}
	return rows
}

func size(k session.Stack, r layerRow) int64 {
	if !r.base {
		return k.Unpacked(r.step)
	}
	var sum int64
	for i := range r.step + 1 {
		n := k.Unpacked(i)
		if n == model.Unknown {
			return n
		}
		sum += n
	}
	return sum
}

func dead(k session.Stack, r layerRow) int64 {
	if !r.base {
		return k.Dead(r.step)
	}
	var sum int64
	for i := range r.step + 1 {
		sum += k.Dead(i)
	}
	return sum
}

// row returns the row that shows a step.
func (p *Layers) row(step int) int {
	for i, r := range p.rows {
		if r.step == step || r.base && step < r.step {
			return i
		}
	}
	return 0
}

// Wants returns how many rows high the pane would like to be.
func (p *Layers) Wants(e Env) int {
	p.sync(e)
	return len(p.rows) + 2 + borders
}

// Do implements [Pane].
func (p *Layers) Do(id act.ID, e Env) ([]session.Msg, Turn) {
	p.sync(e)
	to := p.win.Cursor
	if move(id, p.win.Height, func(n int) { to += n }, func(n int) { to = n }) {
		return p.choose(to), Stay
	}
	s := e.State
	switch id {
	case "open":
		return nil, Into
	case "right":
		return nil, p.unfold()
	case "back":
		return nil, Out
	case "range":
		return []session.Msg{session.Range{From: other(s.From >= 0, -1, s.Step)}}, Stay
	case "mark":
		return []session.Msg{session.Mark{Step: s.Step}}, Stay
	case "view":
		return []session.Msg{next(s)}, Stay
	case "sort":
		p.bySize = !p.bySize
	case "reverse":
		p.reversed = !p.reversed
	case "base":
		p.unfolded = !p.unfolded
	case "left":
		p.unfolded = p.unfolded && s.Stacks[session.Was].Image != nil && s.Step >= s.Stacks[session.Was].Image.Base()
	}
	return nil, Stay
}

// unfold shows the base's steps one by one; any other row leads to its files.
func (p *Layers) unfold() Turn {
	if p.win.Cursor >= len(p.rows) || !p.rows[p.win.Cursor].base {
		return Into
	}
	p.unfolded = true
	return Stay
}

func other[T any](is bool, yes, no T) T {
	if is {
		return yes
	}
	return no
}

func (p *Layers) choose(row int) []session.Msg {
	if len(p.rows) == 0 {
		return nil
	}
	row = max(min(row, len(p.rows)-1), 0)
	p.win.Go(row)
	return []session.Msg{session.Select{Step: p.rows[row].step}}
}

// Click implements [Pane]: a press selects, another one on the base unfolds it.
func (p *Layers) Click(e Env, _, y int, again bool) []session.Msg {
	p.sync(e)
	row := p.win.Top + y - 2
	if y < 2 || row >= len(p.rows) {
		return nil
	}
	if again && p.rows[row].base {
		p.unfolded = true
		return nil
	}
	return p.choose(row)
}

// Wheel implements [Pane]. The list moves, the selection stays.
func (p *Layers) Wheel(by int) { p.win.Top = max(min(p.win.Top+by, p.win.Count-p.win.Height), 0) }

// borders are the rows of a frame's own.
const borders = 2

// totalled is the least height of the pane with a row of totals.
const totalled = 8

// View implements [Pane].
func (p *Layers) View(e Env, w, h int, focused bool) []string {
	foot := other(h >= totalled, 1, 0)
	p.sync(e)
	if rows := max(h-borders-1-foot, 1); rows != p.win.Height {
		p.win.Fit(len(p.rows), rows)
	}
	c := layerColumns(e, w-2)
	lines := []string{p.head(e, c, w-2)}
	from, to := p.win.Rows()
	for i := from; i < to; i++ {
		lines = append(lines, p.line(e, c, i, w-2, focused))
	}
	lines = append(lines, widget.Blank(w-2, h-borders-foot-len(lines))...)
	if foot > 0 {
		lines = append(lines, p.totals(e, c, w-2))
	}
	return p.frame(e, focused, foot > 0).Draw(e.Theme, w, h, lines)
}

func (p *Layers) frame(e Env, focused, totals bool) widget.Frame {
	k, t := e.State.Stacks[session.Was], e.Words.Screen
	f := widget.Frame{Number: "1", Title: t.Layers, Focused: focused, How: other(p.bySize, t.BySize, t.ByOrder) + other(p.reversed, " ↑", "")}
	if k.Image == nil || len(k.Image.Steps) == 0 {
		return f
	}
	f.Left = fmt.Sprintf(t.StepOf, words.Exact(e.State.Step), words.Exact(len(k.Image.Steps)-1))
	if missing := k.Missing(); len(missing) > 0 {
		f.Alert = "▲ " + t.LayersUnread.Of(len(missing))
	}
	done, all := k.Progress()
	switch {
	case !k.Read && all > 0:
		f.Right = fmt.Sprintf("%s %s %d %%", e.Spin, t.Reading, 100*min(done, all)/all)
	case !k.Read:
		f.Right = e.Spin + " " + t.Reading
	case !totals:
		f.Right = e.Total(k)
	}
	return f
}

// Total tells the size of all steps, with a sign while one is not known.
func (e Env) Total(k session.Stack) string {
	switch sum, known := k.Total(); {
	case known:
		return e.Size(sum)
	case sum > 0:
		return "~" + e.Size(sum)
	}
	return "…"
}
