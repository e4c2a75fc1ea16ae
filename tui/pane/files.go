package pane

import (
	"maps"
	"slices"

	"github.com/imgtui/imgtui/model/session"
	"github.com/imgtui/imgtui/model/tree"
	"github.com/imgtui/imgtui/tui/act"
	"github.com/imgtui/imgtui/tui/widget"
)

// Files shows the difference of two roots, as a tree or as a flat list.
type Files struct {
	win     widget.Window
	list    listing
	folds   map[string]bool // by path: opened or closed by the user; never changed once made
	filter  widget.Input
	marked  map[string]bool // by path
	want    want
	made    made
	files   session.Files
	book    *Book
	kids    *kids
	spare   []fileRow // room for the next list
	running *Listing  // what is listed in the background; nil is nothing
	first   bool      // the next list is looked at from what the filter found first
	chosen  string    // the path that the user went to; "" is none yet
	width   int       // of the pane, when it was last drawn
}

// want is how the list is wished for.
type want struct {
	flat, reversed bool
	sort           order
	only           kinds
	filter         string
	folds          int // counts the user's folding
}

// kinds are the changes that are shown alone; none is all of them.
type kinds [tree.Within + 1]bool

// shows tells whether a change is to be seen.
func (k kinds) shows(c tree.Change) bool { return k == (kinds{}) || k[c] }

// made is what the list was last made of.
type made struct {
	rev   int
	place place
	want  want
}

// place is what the files stand between.
type place struct {
	before, after int
	whole         bool
	entry         session.Entry
	across, tried bool
}

// order is what a list is sorted by.
type order uint8

const (
	bySize order = iota
	byName
	byChange
	orders
)

// Scope implements [Pane].
func (p *Files) Scope() act.Scope { return act.Files }

func whole(e Env) bool { return e.State.View == session.Whole && !e.State.Comparing() }

// path returns the path under the cursor, or "".
func (p *Files) path() string {
	if p.win.Cursor >= p.list.count() {
		return ""
	}
	return p.list.path(p.win.Cursor)
}

// row returns the row under the cursor, if there is one.
func (p *Files) row() (r fileRow, ok bool) {
	if p.win.Cursor >= p.list.count() {
		return r, false
	}
	r, _ = p.list.at(p.win.Cursor)
	return r, true
}

// hold keeps in mind where the user went, if it is another path than before.
func (p *Files) hold(before string) {
	if path := p.path(); path != "" && path != before {
		p.chosen = path
	}
}

// Path returns the path under the cursor, or "".
func (p *Files) Path(e Env) string {
	p.sync(e)
	return p.path()
}

// Narrowed tells whether a filter or marks are set.
func (p *Files) Narrowed() bool { return p.want.filter != "" || len(p.marked) > 0 }

// Do implements [Pane].
func (p *Files) Do(id act.ID, e Env) ([]session.Msg, Turn) {
	p.sync(e)
	defer p.hold(p.path())
	if move(id, p.win.Height, p.win.Move, p.win.Go) {
		return nil, Stay
	}
	if c, ok := toggles[id]; ok {
		p.want.only[c] = !p.want.only[c]
		return nil, Stay
	}
	switch id {
	case "open":
		return p.open(), Stay
	case "right":
		return p.unfold(), Stay
	case "left":
		return nil, p.fold()
	case "back":
		return nil, p.back()
	case "view":
		return []session.Msg{next(e.State)}, Stay
	case "compare":
		return p.peek(session.Both), Stay
	}
	p.adjust(id)
	return nil, Stay
}

// adjust changes how the list is shown and where in it the cursor stands.
func (p *Files) adjust(id act.ID) {
	switch id {
	case "sort":
		p.want.sort = (p.want.sort + 1) % orders
	case "reverse":
		p.want.reversed = !p.want.reversed
	case "flat":
		p.want.flat = !p.want.flat
	case "fold-all", "unfold-all":
		p.folds = map[string]bool{"": id == "unfold-all"}
		p.want.folds++
	case "filter":
		p.filter.Start(p.want.filter)
	case "next":
		p.jump(1)
	case "previous":
		p.jump(-1)
	case "select":
		p.mark()
	}
}

// next shows the view after the one that is shown.
func next(s session.State) session.Msg {
	views := s.Views()
	return session.Show{View: views[(slices.Index(views, s.View)+1)%len(views)]}
}

// toggles are the actions that show a kind of change alone.
var toggles = map[act.ID]tree.Change{
	"added": tree.Added, "modified": tree.Modified, "touched": tree.Touched,
	"replaced": tree.Replaced, "removed": tree.Removed,
}

func (p *Files) open() []session.Msg {
	r, ok := p.row()
	if ok && r.d.IsDir() && !p.want.flat {
		p.setFold(p.path(), !r.open)
		return nil
	}
	return p.peek(session.After)
}

func (p *Files) unfold() []session.Msg {
	switch r, ok := p.row(); {
	case !ok:
	case !r.d.IsDir():
		return p.peek(session.After)
	case r.open:
		p.win.Move(1)
	default:
		p.setFold(p.path(), true)
	}
	return nil
}

// fold closes the directory under the cursor, or goes to the one that holds
// it; from the topmost it leads out of the pane.
func (p *Files) fold() Turn {
	switch r, ok := p.row(); {
	case !ok:
		return Out
	case r.open && p.want.filter == "":
		p.setFold(p.path(), false)
	case r.parent >= 0:
		p.win.Go(int(r.parent))
	default:
		return Out
	}
	return Stay
}

func (p *Files) setFold(path string, open bool) {
	folds := maps.Clone(p.folds)
	if folds == nil {
		folds = map[string]bool{}
	}
	folds[path] = open
	p.folds = folds
	p.want.folds++
}

// peek opens the file under the cursor; a file that is gone is shown as it was.
func (p *Files) peek(side session.Side) []session.Msg {
	r, ok := p.row()
	if !ok || r.d.IsDir() && r.d.Node().Kind == tree.Dir {
		return nil
	}
	if side == session.After && r.d.After == nil {
		side = session.Before
	}
	return []session.Msg{session.Peek{Path: p.path(), Side: side}}
}

// back ends the filter, then the marks, then leads out.
func (p *Files) back() Turn {
	switch {
	case p.want.filter != "":
		p.want.filter = ""
		p.filter.Stop()
	case len(p.marked) > 0:
		p.marked = nil
	default:
		return Out
	}
	return Stay
}

func (p *Files) mark() {
	path := p.path()
	if path == "" {
		return
	}
	if p.marked == nil {
		p.marked = map[string]bool{}
	}
	if p.marked[path] {
		delete(p.marked, path)
	} else {
		p.marked[path] = true
	}
	p.win.Move(1)
}

// Chosen returns the marked paths, else the one under the cursor.
func (p *Files) Chosen() []string {
	if len(p.marked) == 0 {
		if path := p.path(); path != "" {
			return []string{path}
		}
		return nil
	}
	return sortedKeys(p.marked)
}

// Unmark takes every mark away.
func (p *Files) Unmark() { p.marked = nil }

// jump goes to the next row that is itself a change, or that the filter found.
func (p *Files) jump(by int) {
	for i := p.win.Cursor + by; i >= 0 && i < p.list.count(); i += by {
		r, _ := p.list.at(i)
		if c := r.d.Change(); r.hit || p.want.filter == "" && c != tree.Same && c != tree.Within {
			p.win.Go(i)
			return
		}
	}
}

// Click implements [Pane]: a press selects, another one opens; on a
// directory's mark one is enough.
func (p *Files) Click(e Env, x, y int, again bool) []session.Msg {
	p.sync(e)
	top := 1
	if p.asks() {
		top++
	}
	row := p.win.Top + y - top
	if y < top || row >= p.list.count() {
		return nil
	}
	same := row == p.win.Cursor
	p.win.Go(row)
	p.hold("")
	r, _ := p.list.at(row)
	mark := 1 + beforeName + 2*int(r.depth)
	if again && same || r.d.IsDir() && (x == mark || x == mark+1) {
		return p.open()
	}
	return nil
}

// Wheel implements [Pane].
func (p *Files) Wheel(by int) {
	was := p.path()
	p.win.Scroll(by)
	p.hold(was)
}
