package tree_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/imgtui/imgtui/model/tree"
	"github.com/imgtui/imgtui/model/tree/treetest"
)

// TestADeepPathCostsWhatItIsLong has files 2,048 names deep.
func TestADeepPathCostsWhatItIsLong(t *testing.T) {
	var root *tree.Node
	linear(t, 256, func(depth int) {
		dir := strings.Repeat("d/", depth-1)
		var entries []tree.Entry
		for i := range 100 {
			entries = append(entries, tree.Entry{Path: fmt.Sprintf("%sf%d", dir, i), Attr: tree.Attr{Kind: tree.File, Size: 1}})
		}
		root = tree.Fold(nil, treetest.Build(0, entries))
	})
	if root.Count() != 1+2047+100 || root.Bytes() != 100 {
		t.Fatalf("%d paths, %d bytes; want 2148 and 100", root.Count(), root.Bytes())
	}
	dir := strings.Repeat("d/", 2047)
	upper := treetest.Build(1, treetest.Entries("w "+dir+"f7", "f "+dir+"f8 2"))
	d, n := tree.Compare(root, tree.Fold(root, upper)), 0
	d.Walk(func(string, tree.Delta) bool { n++; return true })
	if got := d.Totals(); got.Removed != 1 || got.Modified != 1 || n != 1+2047+2 {
		t.Errorf("totals %+v, walked %d; want a removed and a modified, 2050", got, n)
	}
	if !upper.Touches(dir+"f7") || upper.Touches(dir+"f9") || root.Find(dir+"f99") == nil {
		t.Error("what is deep is not found")
	}
}

// wide returns files of one directory, in an order that the source deals.
func wide(n int, r *rand.Rand) []tree.Entry {
	entries := make([]tree.Entry, n)
	for i := range entries {
		entries[i] = tree.Entry{Path: fmt.Sprintf("d/f%06d", i), Attr: tree.Attr{Kind: tree.File, Size: 1}}
	}
	if r != nil {
		r.Shuffle(n, func(i, j int) { entries[i], entries[j] = entries[j], entries[i] })
	}
	return entries
}

// TestAWideDirectoryCostsWhatItIsWide has all its files in one directory, in
// order and in none.
func TestAWideDirectoryCostsWhatItIsWide(t *testing.T) {
	var sorted, shuffled *tree.Node
	linear(t, 10_000, func(n int) { sorted = tree.Fold(nil, treetest.Build(0, wide(n, nil))) })
	r := rand.New(rand.NewPCG(1, 2))
	linear(t, 10_000, func(n int) { shuffled = tree.Fold(nil, treetest.Build(0, wide(n, r))) })
	if !tree.Equal(sorted, shuffled) || sorted.Count() != 80_002 {
		t.Errorf("%d paths in order, %d in none, equal %v; want 80002 and equal", sorted.Count(), shuffled.Count(), tree.Equal(sorted, shuffled))
	}
	upper := treetest.Build(1, treetest.Entries("w d/f000007", "f d/g 1"))
	if got := tree.Compare(sorted, tree.Fold(sorted, upper)).Totals(); got.Removed != 1 || got.Added != 1 {
		t.Errorf("totals = %+v, want one removed and one added", got)
	}
}

// TestDirectoriesOutOfOrderKeepTheRules puts 1,500 entries of all kinds at 200
// names of one directory, and hides some, in an order that the seed deals.
func TestDirectoriesOutOfOrderKeepTheRules(t *testing.T) {
	for seed := range uint64(8) {
		r := rand.New(rand.NewPCG(seed, 5))
		var s stack
		for range 2 {
			var entries []tree.Entry
			for range 1500 {
				p := fmt.Sprintf("d/%d", r.IntN(200))
				line := []string{"f %s 1", "f %s 2", "d %s", "f %s/k 3", "s %s d", "h %s d/7", "w %s", "f %s 4 mode=600"}[r.IntN(8)]
				if r.IntN(2000) == 0 {
					line, p = "f %s 1", "d"
				}
				entries = append(entries, treetest.Entries(fmt.Sprintf(line, p))...)
			}
			s = s.on(t, entries)
		}
	}
}

// TestTheOrderOfUnrelatedEntriesDoesNotMatter shuffles layers in which no path
// comes twice, nothing stands beneath what is no directory, and no link leads
// into the layer itself.
func TestTheOrderOfUnrelatedEntriesDoesNotMatter(t *testing.T) {
	lower := stack{}.on(t, treetest.Entries("d a mode=700", "f a/b 1", "f a/c/d 2", "f e 3", "d g", "f g/h 1", "s i e"))
	entries := treetest.Entries(
		"d a mode=711", "w a/b", "f a/b 9", "f a/c/n 4", "o a/c", "w e", "d g", "w g", "f g/k/l 5", "h n e",
		"w gone/x", "f i/o 6", "c p 1 3", "d q/r/s", "w q", "o q/r", "d . mode=701",
	)
	want := tree.Fold(lower.root, treetest.Build(1, entries))
	r := rand.New(rand.NewPCG(3, 4))
	for range 300 {
		r.Shuffle(len(entries), func(i, j int) { entries[i], entries[j] = entries[j], entries[i] })
		up := lower.on(t, entries)
		checkLayer(t, entries)
		if !tree.Equal(up.root, want) {
			t.Fatalf("layers %s\nis another root than in the first order", show(up.layers))
		}
	}
}
