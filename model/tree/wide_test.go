package tree_test

import (
	"fmt"
	"math/rand/v2"
	"runtime"
	"testing"

	"github.com/imgtui/imgtui/model/tree"
	"github.com/imgtui/imgtui/model/tree/treetest"
)

// TestWideDirectoriesKeepTheRules changes directories of up to a thousand names,
// layer by layer, in ways that the seed deals, and compares all roots.
func TestWideDirectoriesKeepTheRules(t *testing.T) {
	t.Parallel()
	for seed := range uint64(2) {
		r := rand.New(rand.NewPCG(seed, 6))
		stacks := []stack{{}}
		for layer := range 6 {
			var entries []tree.Entry
			for range []int{700, 20, 1, 900, 300, 2}[layer] {
				line := []string{"f d/%d 1", "f d/%d 2", "d d/%d", "f d/%d/k 3", "w d/%d", "w d/%d", "h d/%d d/7"}[r.IntN(7)]
				if layer == 0 || layer == 3 && r.IntN(2) == 0 {
					line = "f d/%d 1"
				}
				entries = append(entries, treetest.Entries(fmt.Sprintf(line, r.IntN(1000)))...)
			}
			if layer == 4 && seed == 1 {
				entries = append(entries, treetest.Entries("o d")...)
			}
			checkAgain(t, [][]tree.Entry{entries})
			stacks = append(stacks, stacks[layer].on(t, entries))
		}
		checkDelta(t, stacks[2], stacks[3])
		checkDelta(t, stacks[5], stacks[6])
		for i, s := range stacks {
			after := stacks[len(stacks)-1-i]
			if got, want := tree.Equal(s.root, after.root), (plainDelta{s.plain, after.plain}).same("/"); got != want {
				t.Errorf("seed %d: roots %d and %d are equal: %v, want %v", seed, i, len(stacks)-1-i, got, want)
			}
		}
	}
}

// TestAWideDirectoryIsEmptiedAndFilled takes all files away, a few at a time.
func TestAWideDirectoryIsEmptiedAndFilled(t *testing.T) {
	root := tree.Fold(nil, treetest.Build(0, wide(1000, nil)))
	full := root
	for i := range 10 {
		var gone []tree.Entry
		for k := range 100 {
			gone = append(gone, treetest.Entries(fmt.Sprintf("w d/f%06d", k*10+i))...)
		}
		root = tree.Fold(root, treetest.Build(1+i, gone))
		if n := root.Find("d").Len(); n != 900-100*i || root.Count() != n+2 {
			t.Fatalf("%d files, %d paths; want %d", n, root.Count(), 900-100*i)
		}
	}
	again := tree.Fold(root, treetest.Build(11, wide(1000, nil)))
	if !tree.Equal(full, again) || !tree.Equal(again, full) {
		t.Error("filled again it is not what it was")
	}
}

// TestALayerMakesOneShelfAnew holds that what changes one file of many costs
// little, and is told so.
func TestALayerMakesOneShelfAnew(t *testing.T) {
	root := tree.Fold(nil, treetest.Build(0, wide(20_000, nil)))
	l := treetest.Build(1, treetest.Entries("f d/f010000 2"))
	var was, is runtime.MemStats
	runtime.ReadMemStats(&was)
	after, took := tree.Lay(root, l)
	for range 99 {
		tree.Fold(root, l)
	}
	runtime.ReadMemStats(&is)
	made := (is.TotalAlloc - was.TotalAlloc) / 100
	if want := tree.Taken(root, l.Root, after); made > 8000 || took > 8000 || took < 1000 || took != want {
		t.Errorf("one file of 20000 makes %d bytes, told of are %d, want %d", made, took, want)
	}
	if _, took := tree.Lay(root, treetest.Build(2, nil)); took != 0 {
		t.Errorf("a layer of nothing takes %d bytes", took)
	}
	if _, took := tree.Lay(nil, l); took != 0 {
		t.Errorf("a layer over nothing takes %d bytes", took)
	}
}
