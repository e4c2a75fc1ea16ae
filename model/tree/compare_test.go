package tree_test

import (
	"slices"
	"testing"

	"github.com/imgtui/imgtui/model/tree"
	"github.com/imgtui/imgtui/model/tree/treetest"
)

// ground is what the roots that are compared have in common.
var ground = treetest.Entries("d a", "f a/b 2", "f a/b- 2", "f a/e 0", "f c 4", "h a/l ../c", "h a/l c")

// strokes are the ways in which one path comes to differ.
var strokes = treetest.Entries(
	"f a/b 2", "f a/b 3", "f a/b 4", "f a/b 1#100", "f a/b 2#1", "f a/b 2 mode=600", "f a/b 2 uid=1", "f a/b 2 gid=1", "f a/b 2 mtime=1", "f a/b 2 xattr=user.a=1",
	"d a/b", "s a/b x", "s a/b y", "s a/b y mtime=1", "h a/b c", "h a/b gone", "h a/b gone2",
	"c a/b 1 2", "c a/b 1 3", "c a/b 2 2", "b a/b 1 2", "p a/b", "p a/b mode=600",
	"d a mtime=1", "d a mode=700", "d a uid=1", "d a gid=1", "d a xattr=user.a=1", "w a", "w a/b", "o a", "f a 9", "s a c", "h a c", "d . mode=700", "d . mtime=1",
	"f a/e 0 mtime=1", "f a/d 1", "d a/b/d/e", "f c 5",
)

// drawn returns the ground with every sequence of at most that many strokes on it.
func drawn(t *testing.T, most int) []stack {
	base := stack{}.on(t, ground)
	all := []stack{{}, base}
	for from := 1; most > 0; most-- {
		upto := len(all)
		for _, s := range all[from:upto] {
			for _, e := range strokes {
				all = append(all, s.on(t, []tree.Entry{e}))
			}
		}
		from = upto
	}
	return all
}

// TestAllSmallRootsCompareByTheirPaths compares every root one stroke away from
// the ground with every other, and those two strokes away with some.
func TestAllSmallRootsCompareByTheirPaths(t *testing.T) {
	t.Parallel()
	one := drawn(t, 1)
	for _, before := range one {
		for _, after := range one {
			checkDelta(t, before, after)
		}
	}
	for i, after := range drawn(t, 2) {
		checkDelta(t, one[i%len(one)], after)
		checkDelta(t, after, one[i/len(one)%len(one)])
	}
}

func TestEqualRootsHaveNothingToCompare(t *testing.T) {
	s := stack{}.on(t, ground)
	d := tree.Compare(s.root, s.root)
	if n := testing.AllocsPerRun(10, func() {
		if d.Change() != tree.Same || d.Changed() != nil || d.Totals() != (tree.Totals{}) {
			t.Fatalf("a root differs from itself: %v", d.Totals())
		}
	}); n != 0 {
		t.Errorf("comparing a root with itself allocates %v times, want 0", n)
	}
}

func TestTheSameLayerReadTwiceIsEqual(t *testing.T) {
	a, b := treetest.Build(0, ground), treetest.Build(7, ground)
	if d := tree.Compare(tree.Fold(nil, a), tree.Fold(nil, b)); d.Change() != tree.Same {
		t.Errorf("the same entries as layer 0 and as layer 7 compare as %q, want no change", d.Change().Letter())
	}
}

func TestALayerHasOneRootOverNothing(t *testing.T) {
	l := treetest.Build(3, treetest.Entries("f a/b/c 1", "w a/d", "h e a/b/c"))
	first := tree.Fold(nil, l)
	if again := tree.Fold(nil, l); again != first {
		t.Error("a layer folded twice over nothing gives two roots")
	}
}

func TestNothingComparesToNothing(t *testing.T) {
	d := tree.Compare(nil, nil)
	if _, found := d.Find("/a"); found || d.Name() != "" || d.IsDir() || len(d.All()) > 0 || d.Totals().Paths() != 0 {
		t.Errorf("two roots that are not there have %v", d.Totals())
	}
	d.Walk(func(p string, _ tree.Delta) bool {
		t.Errorf("walked over %q of two roots that are not there", p)
		return true
	})
}

func TestAWalkLeavesOutWhatItIsTold(t *testing.T) {
	s := stack{}.on(t, treetest.Entries("f a/b/c 1", "f a/d 1", "f e 1"))
	var walked []string
	tree.Compare(nil, s.root).Walk(func(p string, _ tree.Delta) bool {
		walked = append(walked, p)
		return p != "/a/b"
	})
	var nodes []string
	s.root.Walk(func(p string, _ *tree.Node) bool {
		nodes = append(nodes, p)
		return p != "/a/b"
	})
	want := []string{"/", "/a", "/a/b", "/a/d", "/e"}
	for who, got := range map[string][]string{"delta": walked, "node": nodes} {
		if !slices.Equal(got, want) {
			t.Errorf("%s walked %q, want %q", who, got, want)
		}
	}
}

func TestTotalsAddUp(t *testing.T) {
	sum := tree.Totals{Added: 1, Modified: 2, Touched: 3, Replaced: 4, Removed: 5, AddedBytes: 7, RemovedBytes: 9}
	if sum.Paths() != 15 || sum.Net() != -2 {
		t.Errorf("%+v: %d paths, net %d; want 15 and -2", sum, sum.Paths(), sum.Net())
	}
}
