package waste_test

import (
	"runtime"
	"testing"

	"github.com/imgtui/imgtui/model/tree"
	"github.com/imgtui/imgtui/model/tree/treetest"
	"github.com/imgtui/imgtui/model/waste"
)

// TestALargeImageStaysSmall holds 60,000 files in 12 layers with 300 deletions:
// all trees, all roots and the report must fit in 30 MB.
func TestALargeImageStaysSmall(t *testing.T) {
	before := live()
	layers, roots := large()
	r := waste.Weigh(layers, roots)
	kept := live() - before
	if most := int64(30 << 20); kept > most {
		t.Errorf("%d bytes are kept, want at most %d", kept, most)
	}
	t.Logf("%d bytes kept", kept)
	gone := 0
	for _, d := range r.Paths {
		if d.How == waste.Deleted {
			gone++
		}
	}
	if len(layers) != 12 || gone < 250 || roots[11].Count() < 59_000 {
		t.Errorf("%d layers, %d deleted files, %d paths; want 12, about 300, about 60000", len(layers), gone, roots[11].Count())
	}
	runtime.KeepAlive(layers)
}

// large makes the image: 5,000 files a layer, 25 of those below removed.
func large() ([]*tree.Layer, []*tree.Node) {
	all := treetest.Files(1, 60_000)
	var layers [][]tree.Entry
	for i := range 12 {
		entries := all[i*5000 : (i+1)*5000]
		for _, e := range treetest.Edits(uint64(i), all[:i*5000+1000], 170) {
			if e.Size == 0 && e.Content == 0 {
				entries = append(entries[:len(entries):len(entries)], e)
			}
		}
		layers = append(layers, entries)
	}
	return treetest.Fold(layers)
}

func live() int64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}
