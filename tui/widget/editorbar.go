package widget

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	tea "charm.land/bubbletea/v2"

	"github.com/imgtui/imgtui/model/words"
	"github.com/imgtui/imgtui/tui/buffer"
	"github.com/imgtui/imgtui/tui/theme"
)

// barKind tells what the line beneath the text asks for.
type barKind uint8

const (
	closed barKind = iota
	finding
	replacing
	going
)

// bar is a line beneath the text in which something is typed.
type bar struct {
	kind   barKind
	fields [2]Input // what to find or where to go, and what to put there
	field  int
	query  buffer.Query
	finder *buffer.Finder // nil where there is nothing to find
	wrong  bool           // the pattern is no regular expression
	origin buffer.Pos     // where the cursor was
	said   string         // what was done last

	counted counted
	x       int // of the cursor, as drawn
}

// counted are the matches of a finder in a revision of the text.
type counted struct {
	finder *buffer.Finder
	rev    int
	all    []buffer.Range
}

func (b *bar) input() *Input { return &b.fields[b.field] }

// openBar asks; what is selected within a line is what to find at first.
func (e *Editor) openBar(k barKind) Intent {
	e.popup = popup{}
	e.buf.Seal()
	b := &e.bar
	text := b.query.Text
	if r, ok := e.buf.Selection(); ok && r.From.Line == r.To.Line {
		text = e.buf.Slice(r)
	}
	if k == going {
		text = ""
	}
	with := b.fields[1].Value()
	b.kind, b.field, b.said = k, 0, ""
	b.fields[0].Start(text)
	b.fields[1].Start(with)
	r, _ := e.buf.Selection()
	b.origin = r.From
	if k != going {
		e.compile()
	}
	return Intent{Handled: true}
}

// compile makes the finder of what is typed.
func (e *Editor) compile() {
	b := &e.bar
	b.query.Text = b.fields[0].Value()
	b.finder, b.wrong = nil, false
	if b.query.Text == "" {
		return
	}
	f, err := b.query.Compile()
	if err != nil {
		b.wrong = true
		return
	}
	b.finder = f
}

// searched selects the first match from where the search began on.
func (e *Editor) searched() {
	if e.bar.kind == going || e.bar.field == 1 {
		return
	}
	e.compile()
	e.buf.Go(e.bar.origin)
	if e.bar.finder != nil {
		e.buf.FindHere(e.bar.finder)
	}
}

// again goes to another match of what was searched for last.
func (e *Editor) again(find func(*buffer.Buffer, *buffer.Finder) bool) Intent {
	if e.bar.finder != nil {
		find(e.buf, e.bar.finder)
	}
	return Intent{Handled: true}
}

func (e *Editor) barKey(k tea.KeyPressMsg, name string) Intent {
	b := &e.bar
	b.said = ""
	switch name {
	case "esc":
		b.kind = closed
	case "enter":
		e.enter()
	case "down", "f3", "alt+n", "ctrl+f":
		return e.again((*buffer.Buffer).FindNext)
	case "shift+enter", "up", "shift+f3", "alt+p":
		return e.again((*buffer.Buffer).FindPrevious)
	case "ctrl+z":
		e.buf.Undo()
	case "ctrl+y":
		e.buf.Redo()
	case "alt+r":
		if b.kind == finding {
			b.kind = replacing
		}
	case "tab", "shift+tab":
		if b.kind != replacing {
			return Intent{}
		}
		b.field = 1 - b.field
	case "alt+a":
		e.replaceAll()
	case "alt+x":
		e.turn(&b.query.Regexp)
	case "alt+w":
		e.turn(&b.query.Word)
	case "alt+c":
		e.turn(&b.query.Case)
	default:
		return e.barText(k)
	}
	return Intent{Handled: true}
}

// barText types into the field. Keys with ctrl that mean nothing in a line of
// text are left to the screen.
func (e *Editor) barText(k tea.KeyPressMsg) Intent {
	if !printable(k) && !slices.Contains(lineKeys, k.String()) {
		return Intent{}
	}
	was := e.bar.input().Value()
	e.bar.input().Type(k)
	if e.bar.input().Value() != was {
		e.searched()
	}
	return Intent{Handled: true}
}

// lineKeys are the keys that edit a line of text beside letters.
var lineKeys = []string{
	"backspace", "delete", "left", "right", "home", "end", "ctrl+a", "ctrl+e", "ctrl+b", "ctrl+k", "ctrl+u", "ctrl+w", "ctrl+left", "ctrl+right",
	"alt+left", "alt+right", "alt+b", "alt+f", "alt+d", "alt+backspace",
}

// turn switches how is searched.
func (e *Editor) turn(how *bool) {
	*how = !*how
	e.compile()
	if e.bar.finder != nil {
		e.buf.FindHere(e.bar.finder)
	}
}

// enter goes to the next match, replaces this one, or goes to a line.
func (e *Editor) enter() {
	b := &e.bar
	switch b.kind {
	case going:
		e.goTo(b.fields[0].Value())
		b.kind = closed
	case replacing:
		if b.finder != nil {
			e.buf.ReplaceOne(b.finder, b.fields[1].Value())
		}
	default:
		e.again((*buffer.Buffer).FindNext)
	}
}

// goTo goes to "line" or "line:column", counted from 1.
func (e *Editor) goTo(text string) {
	line, col, _ := strings.Cut(strings.TrimSpace(text), ":")
	n, err := strconv.Atoi(line)
	if err != nil {
		return
	}
	n = max(min(n-1, e.buf.Count()-1), 0)
	c, _ := strconv.Atoi(col)
	e.buf.Go(buffer.Pos{Line: n, Col: cells{}.Col(e.buf.Line(n), max(c-1, 0))})
}

func (e *Editor) replaceAll() {
	b := &e.bar
	if b.kind == replacing && b.finder != nil {
		n := e.buf.ReplaceAll(b.finder, b.fields[1].Value())
		b.said = fmt.Sprintf(e.words.Replaced, words.Exact(n))
	}
}

// count returns which match is selected, from 1, and how many there are.
func (e *Editor) count() (n, of int) {
	c := &e.bar.counted
	if c.finder != e.bar.finder || c.rev != e.buf.Rev() {
		*c = counted{e.bar.finder, e.buf.Rev(), e.buf.Matches(e.bar.finder)}
	}
	r, _ := e.buf.Selection()
	i, ok := slices.BinarySearchFunc(c.all, r, func(a, b buffer.Range) int {
		switch {
		case a.From.Before(b.From):
			return -1
		case b.From.Before(a.From):
			return 1
		}
		return 0
	})
	if ok && c.all[i] == r {
		n = i + 1
	}
	return n, len(c.all)
}

// state says how the search stands.
func (e *Editor) state() string {
	b := &e.bar
	switch {
	case b.said != "":
		return b.said
	case b.wrong:
		return e.words.WrongPattern
	case b.finder == nil:
		return ""
	}
	n, of := e.count()
	if of == 0 {
		return e.words.NoMatch
	}
	return fmt.Sprintf(e.words.Match, words.Exact(n), words.Exact(of))
}

// draw returns the bar in w cells.
func (b *bar) draw(e *Editor, t *theme.Theme, w int) string {
	state, hints := "", ""
	if b.kind != going {
		state, hints = e.state(), e.words.FindKeys
		if b.kind == replacing {
			hints = e.words.ReplaceKeys
		}
		state += b.switches(e.words)
	}
	r := NewRow(w)
	if room := w - Width(hints) - 2; b.kind == going || room < 40 {
		hints = ""
	}
	right := Width(state)
	if hints != "" {
		right += 2 + Width(hints)
	}
	labels := []string{map[barKind]string{finding: e.words.Find, replacing: e.words.Replace, going: e.words.GoTo}[b.kind]}
	if b.kind == replacing {
		labels = append(labels, e.words.With)
	}
	free := max(w-right-2, min(w, 20)) / len(labels)
	for i, label := range labels {
		r.Put(t.Accent, " "+label+" ")
		text, x := b.fields[i].View(max(free-Width(label)-3, 1))
		if i == b.field {
			b.x = min(r.used+x, w-1)
		}
		r.Fit(t.Strong, words.Visible(text), free-Width(label)-2)
	}
	if hints == "" {
		return r.Right(t.Dim, state, r.Room()).String()
	}
	return r.Right(t.Text, state, r.Room()-Width(hints)-2).Pad(2).Put(t.Dim, hints).String()
}

// switches names how is searched, where not in the plain way.
func (b *bar) switches(w *words.Editor) string {
	var s strings.Builder
	for _, on := range []struct {
		is   bool
		name string
	}{{b.query.Regexp, w.Regexp}, {b.query.Word, w.WholeWord}, {b.query.Case, w.CaseSame}} {
		if on.is {
			s.WriteString("  " + on.name)
		}
	}
	return s.String()
}
