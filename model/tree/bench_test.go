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
