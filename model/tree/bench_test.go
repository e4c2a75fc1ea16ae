package tree_test

import (
	"fmt"
	"runtime"
	"testing"

	"github.com/imgtui/imgtui/model/tree"
	"github.com/imgtui/imgtui/model/tree/treetest"
)

var sizes = []int{1_000, 100_000, 500_000}

// each runs a benchmark for every size on files from a seed.
func each(b *testing.B, f func(b *testing.B, files []tree.Entry)) {
	for _, n := range sizes {
		files := treetest.Files(1, n)
		b.Run(fmt.Sprint(n), func(b *testing.B) { f(b, files) })
	}
}

// BenchmarkBuild reads the entries of a layer into its tree, and tells what of
// it stays in memory.
func BenchmarkBuild(b *testing.B) {
	each(b, func(b *testing.B, files []tree.Entry) {
		before := live()
		var l *tree.Layer
		b.ReportAllocs()
		for b.Loop() {
			l = build(files)
		}
		b.ReportMetric(float64(live()-before)/float64(len(files)), "B/entry")
		runtime.KeepAlive(l)
	})
}

// build adds entries whose paths are not shared with what the benchmark holds,
// as those of a tar's reader are not.
func build(files []tree.Entry) *tree.Layer {
	l := tree.NewBuilder(0)
	for _, e := range files {
		l.Add(e)
	}
	return l.Layer()
}

func live() int64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

// BenchmarkFold lays 5,000 changes over a root.
func BenchmarkFold(b *testing.B) {
	each(b, func(b *testing.B, files []tree.Entry) {
		lower, upper := overlaid(files)
		b.ReportAllocs()
		for b.Loop() {
			tree.Fold(lower, upper)
		}
	})
}

func overlaid(files []tree.Entry) (*tree.Node, *tree.Layer) {
	lower := tree.Fold(nil, treetest.Build(0, files))
	return lower, treetest.Build(1, treetest.Edits(2, files, 5000))
}

// BenchmarkTotals sums those changes up.
func BenchmarkTotals(b *testing.B) {
	each(b, func(b *testing.B, files []tree.Entry) {
		lower, upper := overlaid(files)
		d := tree.Compare(lower, tree.Fold(lower, upper))
		b.ReportAllocs()
		for b.Loop() {
			d.Totals()
		}
	})
}

// BenchmarkChanged lists what differs right beneath the root.
func BenchmarkChanged(b *testing.B) {
	each(b, func(b *testing.B, files []tree.Entry) {
		lower, upper := overlaid(files)
		d := tree.Compare(lower, tree.Fold(lower, upper))
		b.ReportAllocs()
		for b.Loop() {
			d.Changed()
		}
	})
}

// stacked returns the roots after layers that have so many files in all: the
// first has half of them, each of the others a share, a third of it files that
// were there.
func stacked(files []tree.Entry, layers int) []*tree.Node {
	half := len(files) / 2
	roots := []*tree.Node{tree.Fold(nil, treetest.Build(0, files[:half]))}
	for i := 1; i < layers; i++ {
		share := half / (layers - 1)
		entries := append(files[half+(i-1)*share:half+i*share:half+i*share], treetest.Edits(uint64(i), files[:half], share/3)...)
		roots = append(roots, tree.Fold(roots[i-1], treetest.Build(i, entries)))
	}
	return roots
}

// BenchmarkSwitch goes from layer to layer of twenty: the totals of each, and
// what it changed right beneath the root.
func BenchmarkSwitch(b *testing.B) {
	each(b, func(b *testing.B, files []tree.Entry) {
		roots, i := stacked(files, 20), 0
		b.ReportAllocs()
		for b.Loop() {
			outdate()
			d := tree.Compare(roots[i%19], roots[i%19+1])
			d.Totals()
			d.Changed()
			i++
		}
	})
}

// BenchmarkUnlike compares the first root with the last.
func BenchmarkUnlike(b *testing.B) {
	each(b, func(b *testing.B, files []tree.Entry) {
		roots := stacked(files, 20)
		b.ReportAllocs()
		for b.Loop() {
			outdate()
			tree.Compare(roots[0], roots[19]).Totals()
		}
	})
}

// BenchmarkUnshared compares two roots that are equal but for one file, and have
// no node in common.
func BenchmarkUnshared(b *testing.B) {
	each(b, func(b *testing.B, files []tree.Entry) {
		one := tree.Fold(nil, treetest.Build(0, files))
		last := files[len(files)-1]
		files[len(files)-1].ModTime++
		two := tree.Fold(nil, treetest.Build(0, files))
		files[len(files)-1] = last
		b.ReportAllocs()
		for b.Loop() {
			outdate()
			tree.Compare(one, two).Totals()
		}
	})
}

// BenchmarkUnread asks which contents are to be learned, where half of the
// paths are in two layers.
func BenchmarkUnread(b *testing.B) {
	each(b, func(b *testing.B, files []tree.Entry) {
		ls := passedOver([][]tree.Entry{files, files[:len(files)/2]})
		b.ReportAllocs()
		for b.Loop() {
			tree.Unread(ls)
		}
	})
}

// BenchmarkWide lays one file over a directory of 100,000.
func BenchmarkWide(b *testing.B) {
	root := tree.Fold(nil, treetest.Build(0, wide(100_000, nil)))
	l := treetest.Build(1, treetest.Entries("f d/f050000x 1"))
	b.ReportAllocs()
	for b.Loop() {
		tree.Fold(root, l)
	}
}
