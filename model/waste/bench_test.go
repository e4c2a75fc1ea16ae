package waste_test

import (
	"fmt"
	"testing"

	"github.com/imgtui/imgtui/model/tree"
	"github.com/imgtui/imgtui/model/tree/treetest"
	"github.com/imgtui/imgtui/model/waste"
)

// BenchmarkWeigh weighs images of twelve layers: the files, then eleven times
// 500 changes.
func BenchmarkWeigh(b *testing.B) {
	for _, n := range []int{1_000, 100_000, 500_000} {
		files := treetest.Files(1, n)
		layers := [][]tree.Entry{files}
		for i := range uint64(11) {
			layers = append(layers, treetest.Edits(i, files, 500))
		}
		ls, roots := treetest.Fold(layers)
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				waste.Weigh(ls, roots)
			}
		})
	}
}
