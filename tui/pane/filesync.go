package pane

import (
	"sync/atomic"

	"github.com/imgtui/imgtui/model/tree"
)

// Listing is a list that takes longer than a key may: it is made in the
// background while the one before it stays in sight.
type Listing struct {
	a       arrangement
	moved   bool // between other roots than the list before
	stopped atomic.Bool
}

// Listed is a list that has been made.
type Listed struct {
	of   *Listing
	list listing
}

// Run makes the list. It may run beside everything else.
func (l *Listing) Run() Listed { return Listed{l, l.a.list()} }

// Stop lets it end early; what comes of it is of no use.
func (l *Listing) Stop() { l.stopped.Store(true) }

// atOnce is how many paths are looked at while a key waits.
const atOnce = 20_000

// sync makes the list anew where what it stands on has changed. The cursor
// stays on its path; in another place it goes to the path that the user chose
// last, or to the top.
func (p *Files) sync(e Env) {
	now := made{rev: e.State.Rev, place: p.made.place, want: p.want}
	if now == p.made && p.kids != nil {
		return
	}
	l := &Listing{}
	if now.rev != p.made.rev || p.kids == nil {
		p.files = e.State.Files()
		now.place = place{p.files.Before, p.files.After, whole(e), p.files.Entry, p.files.Across, p.files.Tried}
	}
	l.moved = now.place != p.made.place
	if p.running != nil {
		l.moved = l.moved || p.running.moved
		p.running.Stop()
		p.running = nil
	}
	p.arrange(e, l, now)
	p.made = now
	l.a.rows, p.spare = p.spare[:0], nil
	if p.paths() <= atOnce {
		p.take(l.Run())
		return
	}
	p.running = l
	if l.moved {
		p.list, p.win.Count = listing{}, 0
	}
}

// arrange says how a list is to be made.
func (p *Files) arrange(e Env, l *Listing, now made) {
	key := kidsKey{whole: now.place.whole, flat: p.want.flat, sort: p.want.sort, reversed: p.want.reversed}
	if p.kids == nil || p.kids.key != key || now.place != p.made.place || now.rev != p.made.rev {
		p.kids = &kids{key: key, book: e.Book, kept: map[tree.Delta]*brood{}}
	}
	p.book = e.Book
	l.a = arrangement{
		delta: p.files.Delta, want: p.want, whole: now.place.whole, folds: p.folds,
		book: e.Book, kids: p.kids, stopped: l.stopped.Load,
	}
}

// paths returns how many paths are looked at for the list, if it is more than
// those of unfolded directories.
func (p *Files) paths() int {
	d := p.files.Delta
	switch {
	case p.want.filter == "" && !p.want.flat && !p.folds[""]:
		return 0
	case p.made.place.whole:
		return max(nodes(d.Before), nodes(d.After))
	}
	return p.book.Totals(d).Paths()
}

func nodes(n *tree.Node) int {
	if n == nil {
		return 0
	}
	return n.Count()
}

// take shows a list.
func (p *Files) take(l Listed) {
	path, to := p.path(), p.win.Keep
	switch {
	case l.of.moved:
		path, to = p.chosen, p.win.Go
	case p.chosen != "" && p.list.find(p.chosen) == p.win.Cursor: // it stood in for what was folded away
		path = p.chosen
	}
	p.spare, p.list = p.list.rows, l.list
	p.win.Count = p.list.count()
	to(max(p.list.find(path), 0))
	if !p.first {
		return
	}
	p.first = false
	p.win.Go(0)
	if r, ok := p.row(); ok && !r.hit {
		p.jump(1)
	}
	p.hold(path)
}

// Busy tells whether a list is made in the background.
func (p *Files) Busy() bool { return p.running != nil }

// Waiting returns the list that is to be made in the background, or nil.
func (p *Files) Waiting(e Env) *Listing {
	p.sync(e)
	return p.running
}

// Take shows a list that was made in the background, unless another one has
// been wished for since.
func (p *Files) Take(l Listed) {
	if l.of == p.running {
		p.running = nil
		p.take(l)
	}
}
