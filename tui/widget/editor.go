package widget

import (
	"slices"

	"github.com/imgtui/imgtui/model/words"
	"github.com/imgtui/imgtui/tui/buffer"
	"github.com/imgtui/imgtui/tui/complete"
	"github.com/imgtui/imgtui/tui/highlight"
)

// Editor edits a Dockerfile. It has two ways: while it is browsed, keys move and
// look and never change a letter; while Typing, letters are typed. Make one with
// [NewEditor].
type Editor struct {
	// Known is asked what may be offered beside the text's own words, whenever
	// candidates are shown. It must not wait.
	Known func() complete.Env

	words  *words.Editor
	buf    *buffer.Buffer
	look   *highlight.Cache
	marks  []Mark
	typing bool
	clip   clip
	bar    bar
	popup  popup

	top    spot // what is in the first row
	left   int  // cells of the cursor's line that are scrolled away; the others stay
	wrap   bool
	follow bool // the cursor is to be brought in sight
	place  geometry

	cuts  []int // kept from row to row: see pieces
	parts []piece
}

// clip is what was cut or copied; whole tells of lines.
type clip struct {
	text  string
	whole bool
}

// Mark is what stands beside a line. The zero value is nothing.
type Mark struct {
	Sign     string // one cell
	Tone     Tone   // of the sign
	Size     string // at the right, fit to be shown; "~" before it is its owner's to write
	Lint     Severity
	From, To int // the bytes that the finding is about; none where they are equal
}

// Tone is the colour that a sign has beside its shape.
type Tone uint8

// The tones.
const (
	Quiet Tone = iota
	Fresh      // what is new
	Busy       // what is not as it was
	Lost       // what goes
	Loud
)

// Severity is how bad a finding is.
type Severity uint8

// The severities.
const (
	Fine Severity = iota
	Advice
	Warning
	Fault
)

// Intent is what came of a key or the mouse.
type Intent struct {
	Handled  bool   // it meant something here
	Changed  bool   // the text is another
	Moved    bool   // the cursor is on another line
	Ended    bool   // typing is over
	Save     bool   // the text is to be saved: tell by [Editor.Saved]
	External bool   // the text is to be opened in $EDITOR
	Copied   string // what is to be put into the terminal's clipboard
}

// NewEditor returns an editor of a text.
func NewEditor(text string, w *words.Editor) *Editor {
	e := &Editor{words: w, Known: func() complete.Env { return complete.Env{} }}
	e.SetText(text)
	return e
}

// SetText gives another text, with nothing to take back.
func (e *Editor) SetText(text string) {
	e.buf = buffer.New(text)
	e.buf.Measure(cells{})
	e.buf.Watch(e.changed)
	e.look = highlight.NewCache(e.buf.Count(), func(n int) string { return e.buf.Line(n) })
	e.marks, e.popup = nil, popup{}
	e.top, e.left, e.follow = spot{}, 0, true
}

// Replace makes the text another one, in a way that can be taken back: what an
// outer editor or the disk has now.
func (e *Editor) Replace(text string) {
	e.buf.Become(text)
	e.popup = popup{}
}

// Text returns the text.
func (e *Editor) Text() string { return e.buf.Text() }

// Rev returns a number that is another after every change.
func (e *Editor) Rev() int { return e.buf.Rev() }

// Line returns the cursor's line, from 0.
func (e *Editor) Line() int { return e.buf.Cursor().Line }

// GoTo puts the cursor on a line.
func (e *Editor) GoTo(line int) {
	e.buf.Go(buffer.Pos{Line: line})
	e.follow = true
}

// Dirty tells whether the text is another than the one that was saved.
func (e *Editor) Dirty() bool { return e.buf.Dirty() }

// Saved tells that the text was saved.
func (e *Editor) Saved() { e.buf.Saved() }

// Typing tells whether letters are typed, into the text or a bar beneath it.
func (e *Editor) Typing() bool { return e.typing || e.bar.kind != closed }

// Type begins to take letters.
func (e *Editor) Type() { e.typing, e.follow = true, true }

// Rest takes letters no more.
func (e *Editor) Rest() {
	e.typing = false
	e.bar.kind = closed
	e.popup = popup{}
	e.buf.Seal()
}

// SetMarks gives what stands beside the lines, by line. Until the next ones they
// move along with their lines.
func (e *Editor) SetMarks(marks []Mark) { e.marks = marks }

func (e *Editor) mark(line int) Mark {
	if line < len(e.marks) {
		return e.marks[line]
	}
	return Mark{}
}

// changed takes highlighting and marks along with the lines.
func (e *Editor) changed(c buffer.Change) {
	e.look.Change(c.From, c.Old, c.New)
	if c.Old == c.New || c.From+1 >= len(e.marks) {
		return
	}
	end := min(c.From+c.Old, len(e.marks))
	e.marks = slices.Replace(slices.Clone(e.marks), c.From+1, end, make([]Mark, c.New-1)...)
}
