package tree_test

import (
	"testing"

	"github.com/imgtui/imgtui/model/tree"
	"github.com/imgtui/imgtui/model/tree/treetest"
)

// alphabet is what the layers of the exhaustive tests are spelled with: each
// kind at a path and beneath it, and each way to hide.
var alphabet = treetest.Entries(
	"f a 1", "f a/b 2", "f c 4",
	"d a mode=700", "d a/b",
	"s a c", "s a/b ../c",
	"h c a", "h c a/b", "h a/b c", "h c c",
	"w a", "w a/b", "o a", "o /",
)

// spelled returns every layer of at most that many entries.
func spelled(most int) [][]tree.Entry {
	all := [][]tree.Entry{nil}
	for from := 0; most > 0; most-- {
		upto := len(all)
		for _, l := range all[from:upto] {
			for _, e := range alphabet {
				all = append(all, append(l[:len(l):len(l)], e))
			}
		}
		from = upto
	}
	return all
}

// TestAllSmallImagesFoldByTheRules lays all layers of up to three entries over
// all of one, all of up to two over all of up to two, and stacks three.
func TestAllSmallImagesFoldByTheRules(t *testing.T) {
	one, two, three := spelled(1), spelled(2), spelled(3)
	if testing.Short() {
		two, three = one, two
	}
	for name, c := range map[string][][][]tree.Entry{"one below three": {one, three}, "two below two": {two, two}, "three": {one, one, one}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			every(t, stack{}, c)
		})
	}
}

// every makes every image whose layers are out of the sets.
func every(t *testing.T, s stack, sets [][][]tree.Entry) {
	if len(sets) == 0 {
		return
	}
	for _, l := range sets[0] {
		every(t, s.on(t, l), sets[1:])
	}
}

// TestAllSmallLayersSayWhatTheyTouch asks all layers of up to three entries
// about paths that they carry, hide or leave alone.
func TestAllSmallLayersSayWhatTheyTouch(t *testing.T) {
	t.Parallel()
	most := 3
	if testing.Short() {
		most = 2
	}
	for _, l := range spelled(most) {
		checkLayer(t, l)
	}
}
