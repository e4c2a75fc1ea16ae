package pane

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/imgtui/imgtui/model/explain"
	"github.com/imgtui/imgtui/model/session"
	"github.com/imgtui/imgtui/model/tree"
	"github.com/imgtui/imgtui/model/words"
	"github.com/imgtui/imgtui/tui/theme"
	"github.com/imgtui/imgtui/tui/widget"
)

// View implements [Pane].
func (p *Files) View(e Env, w, h int, focused bool) []string {
	p.sync(e)
	p.width = w
	inner, rows := w-2, h-2
	var lines []string
	if p.asks() {
		rows--
		lines = append(lines, p.filterLine(e, inner))
	}
	p.win.Fit(p.list.count(), rows)
	if p.list.count() == 0 {
		lines = append(lines, p.empty(e, inner)...)
	}
	from, to := p.win.Rows()
	for i := from; i < to; i++ {
		lines = append(lines, p.line(e, i, inner, focused))
	}
	blank := widget.Blank(inner, max(h-2-len(lines), 0))
	return p.frame(e, focused).Draw(e.Theme, w, h, append(lines, blank...))
}

func (p *Files) frame(e Env, focused bool) widget.Frame {
	t, s := e.Words.Screen, e.State
	f := widget.Frame{Number: "2", Title: t.Files, Focused: focused, How: p.how(e)}
	k := s.Stacks[session.Was]
	if k.Image == nil || len(k.Image.Steps) == 0 {
		return f
	}
	f.Subject = p.subject(e)
	if n := p.list.count(); n > 0 {
		f.Left = fmt.Sprintf(t.Of, words.Exact(p.win.Cursor+1), words.Exact(n))
	}
	if p.files.Alone {
		f.Left = t.Alone
	}
	if p.files.Why != "" {
		f.Alert = "▲ " + fmt.Sprintf(e.Words.Build.Why, words.Visible(p.files.Why))
	}
	if p.files.Known || p.files.Alone {
		f.Right = e.summary(e.Book.Totals(p.files.Delta))
	}
	return f
}

// subject names the step whose files are shown, or the steps that are compared.
func (p *Files) subject(e Env) string {
	t, s := e.Words.Screen, e.State
	if m := s.Made(); m != nil {
		if p.files.Tried {
			return words.Visible(s.Trial.Of.Command)
		}
		return words.Visible(m.Text)
	}
	switch {
	case s.From >= 0 && p.files.Before+1 == p.files.After:
		return fmt.Sprintf(t.OneStep, words.Exact(p.files.After))
	case s.From >= 0:
		return fmt.Sprintf(t.Range, words.Exact(p.files.Before+1), words.Exact(p.files.After))
	case s.Comparing():
		return fmt.Sprintf(t.Between, words.Exact(p.files.Before), words.Exact(p.files.After))
	}
	if at, ok := s.Draft.At(); ok && p.files.Foretold {
		return words.Visible(at.Text)
	}
	return explain.Instruction(s.Stacks[session.Was].Image.Steps[s.Step].CreatedBy)
}

func (p *Files) how(e Env) string {
	t, s := e.Words.Screen, e.State
	view := s.View
	if !p.files.Foretold && view > session.SinceBase {
		view = session.Changed
	}
	parts := []string{[]string{t.ThisLayer, t.WholeRoot, t.SinceBase, e.Words.Draft.Coming, e.Words.Draft.Against}[view]}
	if s.Made() != nil {
		parts = []string{p.ofBuild(e, view)}
	} else if s.Comparing() {
		parts = nil
	}
	if p.want.flat {
		parts = append(parts, t.Flat)
	}
	if only := p.only(); only != "" {
		parts = append(parts, fmt.Sprintf(t.Only, only))
	}
	parts = append(parts, []string{t.BySize, t.ByName, t.ByChange}[p.want.sort]+other(p.want.reversed, " ↑", ""))
	return strings.Join(parts, " · ")
}

// ofBuild names the view where the files are those of a build.
func (p *Files) ofBuild(e Env, view session.View) string {
	t := e.Words.Build
	switch {
	case p.files.Tried:
		return t.TriedFiles
	case p.files.Across:
		return t.Across
	case view == session.Whole:
		return e.Words.Screen.WholeRoot
	case view == session.SinceBase:
		return e.Words.Screen.SinceBase
	}
	return t.StepFiles
}

// only names the kinds of change that are shown alone: "A D".
func (p *Files) only() string {
	var letters []string
	for c, is := range p.want.only {
		if is {
			letters = append(letters, tree.Change(c).Letter())
		}
	}
	return strings.Join(letters, " ")
}

// summary tells totals in one line: "+18.4 MB  A 1 204  M 3".
func (e Env) summary(t tree.Totals) string {
	parts := []string{e.signed(t.Net())}
	for _, c := range counts(t) {
		if c.n > 0 {
			parts = append(parts, c.letter+" "+words.Exact(c.n))
		}
	}
	return strings.Join(parts, "  ")
}

// signed tells a difference of bytes as the user wants it told.
func (e Env) signed(n int64) string {
	switch {
	case !e.Exact:
		return words.Signed(n)
	case n > 0:
		return "+" + words.Exact(n)
	}
	return words.Exact(n)
}

type count struct {
	letter string
	n      int
	change tree.Change
}

func counts(t tree.Totals) []count {
	return []count{
		{"A", t.Added, tree.Added}, {"M", t.Modified, tree.Modified}, {"m", t.Touched, tree.Touched},
		{"R", t.Replaced, tree.Replaced}, {"D", t.Removed, tree.Removed},
	}
}

// empty says why there is nothing to see.
func (p *Files) empty(e Env, w int) []string {
	t, s := e.Words.Screen, e.State
	k := s.Stacks[session.Was]
	say := func(style, text string) []string { return Wrapped(style, "", text, w, 1, 1) }
	switch {
	case k.Image == nil:
		return nil
	case p.files.Err != nil:
		return p.unread(e, w)
	case p.running != nil:
		return say(e.Theme.Dim, e.Spin+" "+t.Listing)
	case p.want.filter != "":
		return say(e.Theme.Dim, t.NoMatch)
	case s.Made() != nil && p.files.Tried:
		return say(e.Theme.Dim, t.NoChanges)
	case s.Made() != nil && !session.Works(s.Made().Text) && session.Verb(s.Made().Text) != "FROM":
		return say(e.Theme.Dim, e.Words.Build.Settings)
	case s.Made() != nil && !p.files.Known && s.Rebuild().Over():
		return say(e.Theme.Dim, e.Words.Build.NoFiles)
	case s.Made() != nil && !p.files.Known:
		return say(e.Theme.Dim, e.Words.Build.NotBuilt)
	case s.Made() != nil:
		return say(e.Theme.Dim, t.NoChanges)
	case !p.files.Known && !p.files.Alone && !k.Read:
		return say(e.Theme.Dim, e.Spin+" "+t.ReadingLayer)
	case len(k.Image.Steps) > 0 && !s.Comparing() && k.Image.Steps[s.Step].Empty():
		by := k.Image.Steps[s.Step].CreatedBy
		return slices.Concat(say(e.Theme.Text, explain.Effect(*e.Words, by)), say(e.Theme.Dim, ""), say(e.Theme.Text, explain.Instruction(by)))
	}
	return say(e.Theme.Dim, t.NoChanges)
}

// unread says why a layer could not be read, and how to read on.
func (p *Files) unread(e Env, w int) []string {
	t, text := e.Words.Screen, e.Reason(p.files.Err)
	if !errors.Is(p.files.Err, context.Canceled) {
		text = t.NotRead + ": " + text
	}
	return append(Wrapped(e.Theme.Bad, "▲ ", text, w, 1, 3), Wrapped(e.Theme.Dim, "› ", t.Retry, w, 1, 3)...)
}

// fileWidths are the widths of the columns at the right; 0 leaves one out.
type fileWidths struct{ note, mode, owner, size, count int }

func fileColumns(e Env, w int) fileWidths {
	c := fileWidths{size: 10}
	if e.Exact {
		c.size = 16
	}
	if w >= 50 {
		c.count = 12
	}
	if w >= 86 {
		c.mode = 11
	}
	if w >= 100 {
		c.note = 26
	}
	if w >= 130 {
		c.owner = 12
	}
	return c
}

// beforeName is how many cells stand before a name of the top: the cursor, the
// mark, the sign and a space.
const beforeName = 4

func (p *Files) line(e Env, row, w int, focused bool) string {
	t := e.Theme
	l, names := p.list.at(row)
	c := fileColumns(e, w)
	var ground theme.Ground
	cursor := " "
	if row == p.win.Cursor {
		ground, cursor = other(focused, t.Selected, t.Resting), "❯"
	}
	change := l.d.Change()
	r := widget.NewRow(w).On(ground).Put(t.Accent, cursor).Put(t.Accent, other(p.marked[p.list.path(row)], "●", " "))
	r.Put(changeStyle(t, change), change.Letter()).Pad(1 + 2*int(l.depth))
	name := widget.NewRow(max(r.Room()-c.note-c.mode-c.owner-c.size-c.count-2, leastName)).On(ground)
	p.name(name, e, l, names)
	r.Raw(name)
	p.facts(r, e, c, l)
	return r.String()
}

// leastName is how many cells a name has however deep it stands.
const leastName = 8

func (p *Files) name(r *widget.Row, e Env, l fileRow, names string) {
	t, n := e.Theme, l.d.Node()
	text := words.Visible(names)
	style := t.Text
	if c := l.d.Change(); c != tree.Same && c != tree.Within {
		style = changeStyle(t, c)
	}
	if l.hit && !l.d.IsDir() {
		style += t.Match
	}
	if l.d.IsDir() {
		text += "/"
	}
	if !p.want.flat {
		r.Put(t.Dim, fold(l))
	}
	r.Put(style, other(p.want.flat, widget.CutPath, widget.CutMiddle)(text, r.Room()))
	switch n.Kind {
	case tree.Symlink:
		r.Put(t.Dim, " → "+words.Visible(n.Link))
	case tree.Hardlink:
		r.Put(t.Dim, " = "+words.Visible(n.Link))
	}
}

// fold is the mark before a name: whether there is something to unfold.
func fold(l fileRow) string {
	switch {
	case !l.d.IsDir() || kidCount(l.d.Before) == 0 && kidCount(l.d.After) == 0:
		return "  "
	case l.open:
		return "▾ "
	}
	return "▸ "
}

// facts writes the columns at the right.
func (p *Files) facts(r *widget.Row, e Env, c fileWidths, l fileRow) {
	t, n := e.Theme, l.d.Node()
	r.Pad(1)
	if c.note > 0 {
		r.Fit(t.Dim, explain.Note(*e.Words, l.d), c.note)
	}
	if c.mode > 0 {
		r.Fit(t.Dim, words.Mode(n.Kind.Letter(), n.Mode), c.mode)
	}
	if c.owner > 0 {
		r.Fit(t.Dim, fmt.Sprintf("%d:%d", n.UID, n.GID), c.owner)
	}
	switch {
	case l.d.IsDir() && !whole(e):
		totals := e.Book.Totals(l.d)
		sized(r, e, c.size, t.Text, e.signed(totals.Net()))
		counted(r, e, c, totals)
	case n.Kind == tree.Dir:
		sized(r, e, c.size, t.Text, e.Size(n.Bytes()))
		r.Right(t.Dim, words.Exact(n.Count()-1), c.count)
	case l.d.Change() == tree.Removed:
		sized(r, e, c.size, t.Text, e.signed(-n.Bytes()))
	default:
		sized(r, e, c.size, t.Text, e.Size(n.Size))
	}
}

// counted writes the letters of the changes in a directory, and how many paths
// they are together: "AMD   1 204".
func counted(r *widget.Row, e Env, c fileWidths, t tree.Totals) {
	if c.count == 0 || t.Paths() == 0 {
		return
	}
	r.Pad(2)
	end := r.Room() - (c.count - 2)
	for _, k := range counts(t) {
		if k.n > 0 {
			r.Put(changeStyle(e.Theme, k.change), k.letter)
		}
	}
	r.Right(e.Theme.Dim, words.Exact(t.Paths()), r.Room()-end)
}

func changeStyle(t *theme.Theme, c tree.Change) string {
	switch c {
	case tree.Added:
		return t.Added
	case tree.Modified, tree.Touched, tree.Replaced:
		return t.Modified
	case tree.Removed:
		return t.Removed
	}
	return t.Text
}
