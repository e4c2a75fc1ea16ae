package pane

import (
	"bytes"
	"fmt"
	"unicode/utf8"

	"github.com/imgtui/imgtui/model/session"
	"github.com/imgtui/imgtui/model/tree"
	"github.com/imgtui/imgtui/model/words"
	"github.com/imgtui/imgtui/tui/act"
	"github.com/imgtui/imgtui/tui/widget"
)

// Viewer shows the file that is open: as text, as bytes, or against the layer
// below.
type Viewer struct {
	win   widget.Window
	left  int // cells scrolled to the right
	wrap  bool
	hex   bool
	find  search
	width int
	made  viewerKey
	doc   document
}

// viewerKey says what the document was made of.
type viewerKey struct {
	file *session.File
	hex  bool
	wrap int // width that lines are broken to; 0 is none
	per  int // bytes in a row
}

// document is what a file looks like, row by row. Rows are made when drawn.
type document interface {
	count() int
	// row draws a row from cell left on; what is found is marked.
	row(e Env, i, w, left int, find string) string
	// spots returns where a text, folded by [folded], stands: in order and at
	// most so many.
	spots(find string, most int) []spot
	// text returns what a spot's byte is one of; "" where rows are not scrolled.
	text(row int) string
	how(w words.Viewer) string
}

// Scope implements [Pane].
func (p *Viewer) Scope() act.Scope { return act.Viewer }

// Do implements [Pane].
func (p *Viewer) Do(id act.ID, e Env) ([]session.Msg, Turn) {
	p.sync(e)
	if move(id, p.win.Height, p.win.Scroll, p.to) {
		return nil, Stay
	}
	switch id {
	case "back":
		return p.back(), Stay
	case "left":
		p.left = max(p.left-8, 0)
	case "right":
		p.left += 8
	case "hex":
		p.hex, p.left = !p.hex, 0
	case "wrap":
		p.wrap, p.left = !p.wrap, 0
	case "filter":
		p.find.start()
	case "next":
		p.show(p.find.step(1))
	case "previous":
		p.show(p.find.step(-1))
	case "compare":
		return p.compare(e), Stay
	}
	return nil, Stay
}

func (p *Viewer) to(row int) {
	p.win.Go(row)
	p.win.Scroll(row - p.win.Top)
}

func (p *Viewer) back() []session.Msg {
	if p.find.query != "" {
		p.find.end()
		return nil
	}
	return []session.Msg{session.Unpeek{}}
}

// compare shows the file against the layer below, or by itself again.
func (p *Viewer) compare(e Env) []session.Msg {
	f := e.State.File
	if f == nil {
		return nil
	}
	side := session.Both
	if f.Side == session.Both {
		side = other(f.Delta.After == nil, session.Before, session.After)
	}
	p.hex = false
	return []session.Msg{session.Peek{Path: f.Path, Side: side}}
}

// Busy tells whether another frame would show more.
func (p *Viewer) Busy() bool {
	d, ok := p.doc.(*textDocument)
	_, to := p.win.Rows()
	return ok && d.behind(to)
}

// Click implements [Pane].
func (p *Viewer) Click(Env, int, int, bool) []session.Msg { return nil }

// Wheel implements [Pane].
func (p *Viewer) Wheel(by int) { p.win.Scroll(by) }

// sync makes the document anew where the file, or how it is shown, has changed.
func (p *Viewer) sync(e Env) {
	key := viewerKey{file: e.State.File, hex: p.hex, per: perRow(p.width - 3)}
	if p.wrap {
		key.wrap = max(p.width-3, 20)
	}
	if key == p.made && p.doc != nil {
		return
	}
	if p.made.file == nil || key.file == nil || p.made.file.Path != key.file.Path {
		p.win, p.left, p.find = widget.Window{Height: p.win.Height}, 0, search{}
		key.hex, p.hex = false, false
	}
	p.made = key
	p.doc = open(e, key)
	p.find.in(p.doc)
	p.win.Fit(p.doc.count(), p.win.Height)
}

// open makes the document of a file.
func open(e Env, key viewerKey) document {
	f, w := key.file, e.Words.Viewer
	if f == nil || f.Loading || f.Err != nil {
		return said{}
	}
	data, was := f.After, f.Before
	if f.Side == session.Before {
		data = f.Before
	}
	switch {
	case data == nil && was == nil:
		return said{what(w, f.Delta)}
	case key.hex:
		return hexDocument{other(data == nil, was, data), key.per}
	case f.Side == session.Both:
		return compared(e, f)
	case len(data) == 0:
		return said{w.Empty}
	case binary(data):
		return hexDocument{data, key.per}
	}
	return newText(e, f.Path, data, key.wrap)
}

// binary tells whether bytes are no text: they hold a NUL, or are mostly no UTF-8.
func binary(data []byte) bool {
	head := data[:min(len(data), 8<<10)]
	if bytes.IndexByte(head, 0) >= 0 {
		return true
	}
	bad := 0
	for i := 0; i < len(head); {
		r, n := utf8.DecodeRune(head[i:])
		if r == utf8.RuneError && n == 1 || r < ' ' && r != '\n' && r != '\t' && r != '\r' && r != 0x1b && r != '\f' {
			bad++
		}
		i += n
	}
	return bad > len(head)/10
}

// what says what a path without content is.
func what(w words.Viewer, d tree.Delta) string {
	n := d.Node()
	switch n.Kind {
	case tree.Symlink:
		return fmt.Sprintf(w.Link, words.Visible(n.Link))
	case tree.Hardlink:
		return fmt.Sprintf(w.Dangling, words.Visible(n.Link))
	case tree.Dir:
		return w.Dir
	case tree.Char, tree.Block:
		return w.Device
	case tree.Fifo:
		return w.Fifo
	}
	return w.Empty
}

// View implements [Pane].
func (p *Viewer) View(e Env, w, h int, focused bool) []string {
	p.width = w
	p.sync(e)
	var lines []string
	if p.find.open() {
		lines = append(lines, p.find.line(e, w-2))
	}
	p.win.Fit(p.doc.count(), h-2-len(lines))
	from, to := p.win.Rows()
	lines = append(lines, p.notice(e, w-2)...)
	if d, ok := p.doc.(*textDocument); ok {
		d.begin()
	}
	for i := from; i < to && len(lines) < h-2; i++ {
		sign := other(p.find.on(i), "❯", " ")
		row := p.doc.row(e, i, w-3, p.left, folded(p.find.query))
		lines = append(lines, widget.NewRow(1).Put(e.Theme.Accent, sign).String()+row)
	}
	lines = append(lines, widget.Blank(w-2, max(h-2-len(lines), 0))...)
	return p.frame(e, focused).Draw(e.Theme, w, h, lines)
}

// notice says why there is nothing to read yet, or at all.
func (p *Viewer) notice(e Env, w int) []string {
	f := e.State.File
	switch {
	case f == nil:
		return nil
	case f.Loading:
		return []string{widget.NewRow(w).Pad(1).Put(e.Theme.Dim, e.Spin+" "+e.Words.Viewer.Loading).String()}
	case f.Err != nil:
		return Wrapped(e.Theme.Bad, "▲ ", words.Visible(f.Err.Error()), w, 1, 3)
	}
	return nil
}

func (p *Viewer) frame(e Env, focused bool) widget.Frame {
	f, t := e.State.File, e.Words
	frame := widget.Frame{Number: "2", Title: t.Screen.Files, Focused: focused}
	if f == nil {
		return frame
	}
	frame.Subject, frame.How = words.Visible(f.Path), p.doc.how(t.Viewer)
	if f.Delta.After == nil {
		frame.How = t.Viewer.Was + " · " + frame.How
	}
	if n := p.doc.count(); n > 1 {
		frame.Left = fmt.Sprintf(t.Screen.Of, words.Exact(min(p.win.Top+p.win.Height, n)), words.Exact(n))
	}
	if f.AfterMore || f.BeforeMore {
		frame.Alert = fmt.Sprintf(t.Viewer.More, words.Bytes(session.Limit))
	}
	n := f.Delta.Node()
	frame.Right = words.Mode(n.Kind.Letter(), n.Mode) + "  " + e.Size(n.Size)
	return frame
}

// said is a document of one sentence.
type said struct{ says string }

func (s said) count() int { return other(s.says == "", 0, 1) }

func (s said) row(e Env, _, w, _ int, _ string) string {
	return widget.NewRow(w).Pad(1).Put(e.Theme.Text, s.says).String()
}

func (said) spots(string, int) []spot { return nil }

func (said) text(int) string { return "" }

func (said) how(words.Viewer) string { return "" }
