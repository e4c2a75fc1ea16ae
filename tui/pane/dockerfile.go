package pane

import (
	"fmt"
	"path"
	"strings"

	tea "charm.land/bubbletea/v2"

	"github.com/imgtui/imgtui/model"
	"github.com/imgtui/imgtui/model/check"
	"github.com/imgtui/imgtui/model/explain"
	"github.com/imgtui/imgtui/model/plan"
	"github.com/imgtui/imgtui/model/progress"
	"github.com/imgtui/imgtui/model/session"
	"github.com/imgtui/imgtui/model/tree"
	"github.com/imgtui/imgtui/model/words"
	"github.com/imgtui/imgtui/tui/act"
	"github.com/imgtui/imgtui/tui/complete"
	"github.com/imgtui/imgtui/tui/widget"
)

// Dockerfile edits the text beside the image: what a rebuild would do with each
// line stands before it, what it weighs behind it.
type Dockerfile struct {
	editor *widget.Editor
	told   string // the text that the session has, as far as this pane knows
	line   int    // the line that the session has
	saved  string
	made   marksKey
	known  complete.Env
	inside struct{ w, h int } // of the editor, when it was drawn last
}

// marksKey says what marks were made of.
type marksKey struct {
	rev   int
	exact bool
	build *session.Rebuild
}

// NewDockerfile returns a pane without a text.
func NewDockerfile(w *words.Words) *Dockerfile {
	p := &Dockerfile{editor: widget.NewEditor("", &w.Editor), line: 1}
	p.editor.Known = func() complete.Env { return p.known }
	return p
}

// Scope implements [Pane].
func (p *Dockerfile) Scope() act.Scope {
	if p.editor.Typing() {
		return act.Typing
	}
	return act.Browsing
}

// sync takes over what the session knows and the editor does not: another text,
// another line, another forecast.
func (p *Dockerfile) sync(e Env) {
	d := e.State.Draft
	if d == nil {
		return
	}
	switch {
	case d.Text == p.told:
	case p.told == "" && p.editor.Text() == "":
		p.editor.SetText(d.Text)
		p.told = d.Text
	default:
		p.editor.Replace(d.Text)
		p.told = d.Text
	}
	if d.Saved != p.saved && d.Saved == d.Text {
		p.editor.Saved()
	}
	p.saved = d.Saved
	if d.Line != p.line {
		p.line = d.Line
		p.editor.GoTo(d.Line - 1)
	}
	if key := (marksKey{e.State.Rev, e.Exact, e.State.Rebuild()}); key != p.made && !d.Ahead {
		p.made = key
		p.editor.SetMarks(marks(e, d))
		p.known = offers(d)
	}
}

// tells returns what the session is to know of what the editor did.
func (p *Dockerfile) tells(d *session.Draft) []session.Msg {
	var all []session.Msg
	if text := p.editor.Text(); d != nil && text != p.told {
		p.told = text
		all = append(all, session.Edit{Text: text})
	}
	if line := p.editor.Line() + 1; line != p.line {
		p.line = line
		all = append(all, session.Stand{Line: line})
	}
	return all
}

// browse says which of the editor's actions a pane's action is while no text is typed.
var browse = map[act.ID]act.ID{
	"up": "row-up", "down": "row-down", "left": "char-left", "right": "char-right", "page-up": "screen-up", "page-down": "screen-down",
	"half-up": "screen-up", "half-down": "screen-down", "top": "text-start", "bottom": "text-end",
}

// Do implements [Pane].
func (p *Dockerfile) Do(id act.ID, e Env) ([]session.Msg, Turn) {
	p.sync(e)
	d := e.State.Draft
	if d == nil || d.Origin == session.Nowhere {
		return nil, other(id == "back", Out, Stay)
	}
	switch id {
	case "view":
		return []session.Msg{next(e.State)}, Stay
	case "back":
		return nil, Out
	case "save":
		return []session.Msg{session.Save{}}, Stay
	}
	if to, ok := browse[id]; ok {
		id = to
	}
	p.editor.Do(id)
	return p.tells(d), Stay
}

// Fix mends what is found on the cursor's line, in a way that can be taken back,
// and tells whether there was something to mend.
func (p *Dockerfile) Fix(e Env) ([]session.Msg, bool) {
	p.sync(e)
	d := e.State.Draft
	if d == nil || d.Ahead || d.File == nil || d.File.Text != p.editor.Text() {
		return nil, false
	}
	for _, f := range d.Findings {
		if f.Fix != nil && f.Line <= d.Line && d.Line <= f.Last {
			p.editor.Replace(f.Fix.Apply(d.Text))
			return p.tells(d), true
		}
	}
	return nil, false
}

// Put makes the text another one, in a way that can be taken back.
func (p *Dockerfile) Put(e Env, text string) []session.Msg {
	p.sync(e)
	p.editor.Replace(text)
	return p.tells(e.State.Draft)
}

// Typing implements [Typist].
func (p *Dockerfile) Typing() bool { return p.editor.Typing() }

// Takes tells whether a key that means something for the whole screen means
// something to the text now.
func (p *Dockerfile) Takes(k tea.KeyPressMsg) bool { return p.editor.Takes(k) }

// Key takes a key while letters are typed.
func (p *Dockerfile) Key(k tea.KeyPressMsg, e Env) (widget.Intent, []session.Msg) {
	p.sync(e)
	i := p.editor.Key(k)
	return i, p.tells(e.State.Draft)
}

// Paste takes what the terminal pastes.
func (p *Dockerfile) Paste(text string, e Env) []session.Msg {
	p.sync(e)
	p.editor.Paste(text)
	return p.tells(e.State.Draft)
}

// Type implements [Typist] for those who want no answer.
func (p *Dockerfile) Type(m tea.Msg, e Env) {
	switch m := m.(type) {
	case tea.KeyPressMsg:
		p.Key(m, e)
	case tea.PasteMsg:
		p.Paste(m.Content, e)
	}
}

// Cursor implements [Typist].
func (p *Dockerfile) Cursor() (x, y int, ok bool) {
	x, y, ok = p.editor.Cursor()
	return x + 1, y + 1, ok
}

// Click implements [Pane].
func (p *Dockerfile) Click(e Env, x, y int, again bool) []session.Msg {
	p.sync(e)
	if x < 1 || y < 1 || x > p.inside.w || y > p.inside.h {
		return nil
	}
	p.editor.Click(x-1, y-1, other(again, 2, 1))
	return p.tells(e.State.Draft)
}

// Drag is told of a move with the button held.
func (p *Dockerfile) Drag(e Env, x, y int) []session.Msg {
	p.editor.Drag(x-1, y-1)
	return p.tells(e.State.Draft)
}

// Wheel implements [Pane].
func (p *Dockerfile) Wheel(by int) { p.editor.Wheel(by) }

// View implements [Pane].
func (p *Dockerfile) View(e Env, w, h int, focused bool) []string {
	p.sync(e)
	p.inside.w, p.inside.h = w-2, h-2
	d := e.State.Draft
	f := p.frame(e, d)
	f.Focused = focused
	if d == nil || d.Origin == session.Nowhere {
		lines := Wrapped(e.Theme.Dim, "", e.Words.Draft.None, w-2, 1, 1)
		return f.Draw(e.Theme, w, h, append(lines, widget.Blank(w-2, max(h-2-len(lines), 0))...)[:max(h-2, 0)])
	}
	return f.Draw(e.Theme, w, h, p.editor.View(e.Theme, w-2, h-2, focused))
}

func (p *Dockerfile) frame(e Env, d *session.Draft) widget.Frame {
	t := e.Words.Draft
	f := widget.Frame{Number: "3", Title: e.Words.Screen.Dockerfile}
	if d == nil {
		return f
	}
	f.Subject = words.Visible(d.Path)
	switch {
	case d.Origin == session.Recovered:
		f.Subject = t.Recovered
	case d.Origin == session.Attested:
		f.Subject = t.Attested
	case d.Disk != nil:
		f.Alert = t.Changed
	}
	if d.Unsaved() {
		f.How = t.Unsaved
	}
	switch {
	case d.Fault != nil:
		f.Alert = fmt.Sprintf(e.Words.Plan.At, d.Fault.Line) + ": " + words.Visible(d.Fault.Text)
	case d.Told != nil:
		f.Alert = words.Visible(d.Told.Error())
	case d.ContextErr != nil:
		f.Alert = words.Visible(d.ContextErr.Error())
	default:
		f.Left = strings.Join(explain.Counts(*e.Words, d.Plan), t.Counts)
	}
	if n := gain(d); n != 0 && d.Fault == nil {
		f.Right = words.Signed(n)
	}
	return f
}

// gain returns the bytes that a rebuild would add, as far as they can be told.
func gain(d *session.Draft) int64 {
	var sum int64
	for _, s := range d.Plan.Steps {
		if s.After != nil && s.Fate != plan.Same {
			sum += s.Bytes
		}
	}
	return sum
}

// tones are the colours beside the signs of the fates.
var tones = map[plan.Fate]widget.Tone{plan.Runs: widget.Busy, plan.Maybe: widget.Busy, plan.New: widget.Fresh, plan.Gone: widget.Lost}

// marks are what stands beside the lines.
func marks(e Env, d *session.Draft) []widget.Mark {
	all := make([]widget.Mark, strings.Count(d.Text, "\n")+1)
	for _, s := range d.Plan.Steps {
		if s.Fate == plan.Gone || s.Line < 1 || s.Line > len(all) || d.Fault != nil {
			continue
		}
		m := &all[s.Line-1]
		m.Sign, m.Tone = explain.Sign(*e.Words, s), tones[other(s.Unused, plan.Unknown, s.Fate)]
		if e.State.Holds(s) {
			m.Sign, m.Tone = heldSign, widget.Loud
		}
		if s.Bytes != model.Unknown && s.Bytes > 0 {
			m.Size = other(s.About, "~", "") + e.Size(s.Bytes)
		}
	}
	for _, f := range d.Findings {
		if f.Line >= 1 && f.Line <= len(all) {
			all[f.Line-1].Lint = max(all[f.Line-1].Lint, lint(f.Severity))
		}
	}
	if f := d.Fault; f != nil && f.Line >= 1 && f.Line <= len(all) {
		all[f.Line-1].Lint = widget.Fault
	}
	if b := e.State.Rebuild(); e.State.Current(b) {
		built(e, b, all)
	}
	return all
}

// built marks what has come of the lines of a build: a step's sign takes the
// place of what was foretold, and the line that broke says how.
func built(e Env, b *session.Rebuild, all []widget.Mark) {
	signs := e.Words.Build.Signs
	for i := range b.Steps {
		m := &b.Steps[i]
		if m.Fate == plan.Gone || m.Line < 1 || m.Line > len(all) {
			continue
		}
		at := &all[m.Line-1]
		switch {
		case m.Status == progress.Failed:
			at.Sign, at.Tone, at.Lint = signs[progress.Failed], widget.Loud, widget.Fault
			if b.Fault != nil {
				at.Size = broke(e, b.Fault)
			}
		case m.Status == progress.Running && !b.Over():
			at.Sign, at.Tone = signs[progress.Running], widget.Busy
		case m.Status == progress.Done && !b.Over():
			at.Sign, at.Tone = signs[progress.Done], widget.Busy
		}
	}
}

func lint(s check.Severity) widget.Severity {
	switch s {
	case check.Error:
		return widget.Fault
	case check.Warning:
		return widget.Warning
	case check.Advice:
		return widget.Advice
	}
	return widget.Fine
}

// offers are what the editor may complete.
func offers(d *session.Draft) complete.Env {
	o := complete.Env{Paths: func(prefix string) []string { return nil }}
	if d.File != nil {
		for _, s := range d.File.Stages {
			if s.Name != "" {
				o.Stages = append(o.Stages, s.Name)
			}
			o.Images = append(o.Images, s.Base)
		}
	}
	if c := d.Context; c != nil {
		o.Paths = func(prefix string) []string { return beneath(c.Root, prefix) }
	}
	return o
}

// mostOffered is how many paths are offered at once.
const mostOffered = 200

// beneath returns the paths of a context that begin with prefix, a level deep.
func beneath(root *tree.Node, prefix string) []string {
	dir, name := path.Split(prefix)
	at := root.Find(path.Join("/", dir))
	if at == nil {
		return nil
	}
	var all []string
	for _, k := range at.Kids() {
		if !strings.HasPrefix(k.Name, name) || len(all) == mostOffered {
			continue
		}
		all = append(all, dir+k.Name+other(k.Kind == tree.Dir, "/", ""))
	}
	return all
}
