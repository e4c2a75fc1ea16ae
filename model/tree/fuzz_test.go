package tree_test

import (
	"testing"

	"github.com/imgtui/imgtui/model/tree/treetest"
)

// FuzzFold reads bytes as the layers of an image; every root must be what the
// layer rules say.
func FuzzFold(f *testing.F) {
	seed(f)
	f.Fuzz(func(t *testing.T, data []byte) {
		var s stack
		for _, entries := range treetest.Decode(data) {
			s = s.on(t, entries)
			checkLayer(t, entries)
		}
	})
}

// FuzzCompare compares the roots after the first layers of an image, and
// nothing, with each other.
func FuzzCompare(f *testing.F) {
	seed(f)
	f.Fuzz(func(t *testing.T, data []byte) {
		roots := []stack{{}}
		for _, entries := range treetest.Decode(data) {
			if len(roots) < 5 {
				roots = append(roots, roots[len(roots)-1].on(t, entries))
			}
		}
		for _, before := range roots {
			for _, after := range roots {
				checkDelta(t, before, after)
			}
		}
	})
}

// seed adds images in which much happens.
func seed(f *testing.F) {
	f.Add([]byte{0, 0, 0, 0, 2, 4, 255, 0, 0, 1, 0, 0, 0, 2, 8})
	f.Add([]byte{1, 0, 0, 0, 2, 4, 3, 4, 32, 255, 0, 0, 6, 0, 0, 0, 0, 12})
	f.Add([]byte{2, 0, 0, 0, 2, 4, 255, 0, 0, 7, 0, 0, 3, 1, 16, 0, 0, 4, 255, 0, 0, 3, 7, 0})
	f.Add([]byte{0, 15, 8, 3, 1, 144, 0, 14, 4, 255, 0, 0, 5, 0, 12, 4, 1, 4})
	f.Add([]byte{0, 3, 4, 0, 1, 8, 255, 0, 0, 3, 7, 16, 0, 2, 12, 6, 3, 0, 255, 0, 0, 2, 2, 96, 0, 6, 4})
}
