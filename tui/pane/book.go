package pane

import (
	"sync"

	"github.com/imgtui/imgtui/model/tree"
)

// Book keeps what directories sum up to. Trees never change, so that a sum stays
// true as long as it is kept. It may be used from several goroutines at once.
type Book struct {
	mu   sync.Mutex
	sums map[tree.Delta]tree.Totals
}

// mostSums is how many sums are kept.
const mostSums = 100_000

// Totals returns what a delta sums up to. Each directory that holds changes is
// walked once.
func (b *Book) Totals(d tree.Delta) tree.Totals {
	if d.Before == nil || d.After == nil || d.Before.Kind != tree.Dir || d.After.Kind != tree.Dir {
		return d.Totals()
	}
	if d.Before == d.After {
		return tree.Totals{}
	}
	if t, ok := b.look(d); ok {
		return t
	}
	var t tree.Totals
	if d.Change() == tree.Touched {
		t.Touched = 1
	}
	for _, k := range d.Changed() {
		t = sum(t, b.Totals(k))
	}
	b.keep(d, t)
	return t
}

func (b *Book) look(d tree.Delta) (tree.Totals, bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	t, ok := b.sums[d]
	return t, ok
}

func (b *Book) keep(d tree.Delta, t tree.Totals) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.sums == nil || len(b.sums) >= mostSums {
		b.sums = map[tree.Delta]tree.Totals{}
	}
	b.sums[d] = t
}

func sum(a, b tree.Totals) tree.Totals {
	return tree.Totals{
		Added: a.Added + b.Added, Modified: a.Modified + b.Modified, Touched: a.Touched + b.Touched,
		Replaced: a.Replaced + b.Replaced, Removed: a.Removed + b.Removed,
		AddedBytes: a.AddedBytes + b.AddedBytes, RemovedBytes: a.RemovedBytes + b.RemovedBytes,
	}
}
