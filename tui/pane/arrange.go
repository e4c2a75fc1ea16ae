package pane

import (
	"cmp"
	"slices"

	"github.com/imgtui/imgtui/model/tree"
)

// arrangement is one making of the list. It looks at nothing that changes.
type arrangement struct {
	delta   tree.Delta
	want    want
	whole   bool // what did not change is shown too
	folds   map[string]bool
	book    *Book
	kids    *kids
	stopped func() bool
	match   *matcher
	rows    []fileRow
	at      trail
	seen    int  // paths looked at
	over    bool // it was stopped
}

// list makes the list; it is of no use once it was stopped.
func (a *arrangement) list() listing {
	if a.delta.Node() == nil {
		return listing{}
	}
	var h held
	if a.want.filter != "" {
		a.match = newMatcher(a.want.filter)
		h = a.match.begin()
	}
	a.add(a.kids.of(a.delta), -1, 0, false, h)
	l := listing{rows: a.rows, flat: a.want.flat}
	if l.flat {
		l.order = a.flat()
	}
	return l
}

// often is how many paths are looked at between two looks at whether to stop.
const often = 1 << 12

// add appends the children of a directory. Beneath a hit all is shown.
func (a *arrangement) add(b *brood, parent int32, depth int16, above bool, h held) {
	cased, need := a.match.cased(), a.match.needs(h, above)
	for i, k := range b.kids {
		if a.seen++; a.seen%often == 0 && a.stopped() {
			a.over = true
		}
		if a.over {
			return
		}
		if need&^b.letters[i] != 0 && !b.dirs[i] {
			continue
		}
		name, lower := b.name(i)
		if !b.dirs[i] && !cased {
			name = nil
		}
		up := a.at.push(name, lower)
		if b.dirs[i] {
			a.dir(k, "", parent, depth, above, h, up)
		} else if hit, _ := a.hit(up, above, h); hit && a.shown(k) {
			a.rows = append(a.rows, fileRow{d: k, parent: parent, depth: depth, hit: a.match != nil && !above})
		}
		a.at.pop(up)
	}
}

// shown tells whether the change of a path is one that is shown.
func (a *arrangement) shown(d tree.Delta) bool {
	return a.want.only == (kinds{}) || a.want.only[d.Change()]
}

// hit tells whether the filter wants the path that one stands on, and what of
// it the path holds.
func (a *arrangement) hit(up int, above bool, h held) (bool, held) {
	if a.match == nil {
		return true, 0
	}
	h = a.match.enter(&a.at, up, h)
	return a.match.wants(&a.at, up, h, above), h
}

// dir appends a directory and what is shown beneath it, or nothing where
// neither is to be seen. The chain are the names of those above that it stands for.
func (a *arrangement) dir(d tree.Delta, chain string, parent int32, depth int16, above bool, h held, up int) {
	hit, h := a.hit(up, above, h)
	open := a.want.flat || a.match != nil && !above || a.isOpen(d)
	kids := &brood{}
	if open {
		kids = a.kids.of(d)
	}
	if len(kids.kids) == 1 && a.chains(d, kids.kids[0]) {
		up := a.at.push(kids.name(0))
		a.dir(kids.kids[0], chain+d.Name()+"/", parent, depth, above, h, up)
		a.at.pop(up)
		return
	}
	row := len(a.rows)
	a.rows = append(a.rows, fileRow{d: d, chain: chain, parent: parent, depth: depth, open: open, hit: hit && a.match != nil && !above})
	a.add(kids, int32(row), depth+1, hit && a.match != nil && !a.want.flat, h)
	if len(a.rows) == row+1 && !(hit && a.shows(d, open)) {
		a.rows = a.rows[:row]
	}
}

// chains tells whether a directory says nothing beside the only one it holds.
func (a *arrangement) chains(d, only tree.Delta) bool {
	if a.want.flat || a.match != nil || !only.IsDir() {
		return false
	}
	c := d.Change()
	return c == tree.Within || c != tree.Touched && c == only.Change()
}

// shows tells whether a directory beneath which no row stands is one itself:
// for its own change, or closed for what it holds.
func (a *arrangement) shows(d tree.Delta, open bool) bool {
	switch c := d.Change(); {
	case c == tree.Same:
		return a.whole && a.want.only == (kinds{})
	case c != tree.Within && a.want.only.shows(c):
		return true
	case open:
		return false
	case a.whole && a.want.only == (kinds{}):
		return true
	}
	for _, n := range counts(a.book.Totals(d)) {
		if n.n > 0 && a.want.only.shows(n.change) {
			return true
		}
	}
	return false
}

// How much a directory may hold to be unfolded by itself: few children, or some
// changes altogether.
const (
	few  = 10
	some = 30
)

// isOpen tells whether a directory is unfolded: as the user said, else where
// it says nothing itself and does not hold much, or holds few.
func (a *arrangement) isOpen(d tree.Delta) bool {
	if open, ok := a.folds[string(a.at.path)]; ok {
		return open
	}
	if open, ok := a.folds[""]; ok {
		return open
	}
	switch d.Change() {
	case tree.Within:
		return a.book.Totals(d).Paths() <= some || changedKids(d, few+1) <= few
	case tree.Same:
		return false
	}
	return max(kidCount(d.Before), kidCount(d.After)) <= few
}

// changedKids counts the children that differ or hold what differs, up to so
// many.
func changedKids(d tree.Delta, most int) int {
	n := 0
	for k := range d.Unshared {
		if n == most {
			break
		}
		if !tree.Equal(k.Before, k.After) {
			n++
		}
	}
	return n
}

func kidCount(n *tree.Node) int {
	if n == nil {
		return 0
	}
	return n.Len()
}

// flat picks what is itself a change, or what the filter found, and sorts it.
func (a *arrangement) flat() []int32 {
	var all []weighed[int32]
	for i, r := range a.rows {
		c := r.d.Change()
		if c == tree.Within || !a.want.only.shows(c) || c == tree.Same && r.d.IsDir() || a.match != nil && !r.hit {
			continue
		}
		all = append(all, weighed[int32]{a.kids.weight(r.d), int32(i)})
	}
	return sorted(all, a.want.reversed)
}

// weighed is something and what it counts when sorted, the most first.
type weighed[T any] struct {
	weight int64
	it     T
}

// sorted returns things by weight; those of one weight stay as they are.
func sorted[T any](all []weighed[T], reversed bool) []T {
	slices.SortStableFunc(all, func(x, y weighed[T]) int { return cmp.Compare(y.weight, x.weight) })
	out := make([]T, len(all))
	for i, x := range all {
		out[i] = x.it
	}
	if reversed {
		slices.Reverse(out)
	}
	return out
}
