package pane

import (
	"sync"

	"github.com/imgtui/imgtui/model/tree"
)

// kids knows the children of directories as they are sorted, and keeps them:
// a filter that is typed asks for them with every key. It may be used from
// several goroutines at once.
type kids struct {
	key  kidsKey
	book *Book
	mu   sync.Mutex
	kept map[tree.Delta]*brood
}

// kidsKey says how children are chosen and sorted.
type kidsKey struct {
	whole, flat, reversed bool
	sort                  order
}

// brood is the children of a directory, with their names side by side: who
// looks for a name among thousands does not want to visit every node.
type brood struct {
	kids         []tree.Delta
	dirs         []bool
	names, lower []byte // each begins with a slash
	ends         []uint32
	letters      []alphabet
}

// name returns the name of a child as it is and in small letters.
func (b *brood) name(i int) (name, lower []byte) {
	from := uint32(0)
	if i > 0 {
		from = b.ends[i-1]
	}
	return b.names[from:b.ends[i]], b.lower[from:b.ends[i]]
}

func newBrood(kids []tree.Delta) *brood {
	b := &brood{kids: kids, dirs: make([]bool, len(kids)), ends: make([]uint32, len(kids)), letters: make([]alphabet, len(kids))}
	for i, k := range kids {
		b.dirs[i] = k.IsDir()
		b.names = append(append(b.names, '/'), k.Name()...)
		b.ends[i] = uint32(len(b.names))
	}
	b.lower = []byte(folded(string(b.names)))
	for i := range kids {
		_, lower := b.name(i)
		b.letters[i] = lettersOf(lower)
	}
	return b
}

// of returns the children of a directory that are shown, sorted.
func (k *kids) of(d tree.Delta) *brood {
	k.mu.Lock()
	b, ok := k.kept[d]
	k.mu.Unlock()
	if ok {
		return b
	}
	kids := k.chosen(d)
	if !k.key.flat && (k.key.sort != byName || k.key.reversed) {
		all := make([]weighed[tree.Delta], len(kids))
		for i, d := range kids {
			all[i] = weighed[tree.Delta]{k.weight(d), d}
		}
		kids = sorted(all, k.key.reversed)
	}
	b = newBrood(kids)
	k.mu.Lock()
	defer k.mu.Unlock()
	k.kept[d] = b
	return b
}

func (k *kids) chosen(d tree.Delta) []tree.Delta {
	switch {
	case !k.key.whole:
		return d.Changed()
	case d.Before != d.After:
		return d.All()
	}
	all := make([]tree.Delta, d.After.Len())
	for i, n := range d.After.Kids() {
		all[i] = tree.Delta{Before: n, After: n}
	}
	return all
}

// rank is what changes count when sorted by them.
var rank = [tree.Within + 1]int64{tree.Removed: 6, tree.Replaced: 5, tree.Modified: 4, tree.Touched: 3, tree.Added: 2, tree.Within: 1}

// weight is what a row counts. By size, that is in a view of changes the bytes
// that it gained and lost, in the whole root those that it has.
func (k *kids) weight(d tree.Delta) int64 {
	switch {
	case k.key.sort == byName:
		return 0
	case k.key.sort == byChange:
		return rank[d.Change()]
	case k.key.whole:
		return d.Node().Bytes()
	}
	t := k.book.Totals(d)
	return t.AddedBytes + t.RemovedBytes
}
