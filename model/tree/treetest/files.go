package treetest

import (
	"fmt"
	"math/rand/v2"
	"path"

	"github.com/imgtui/imgtui/model/tree"
)

// Files returns n entries as a distribution has them, in the order of a tar:
// directories of a dozen files, six names deep, here and there a symlink.
func Files(seed uint64, n int) []tree.Entry {
	r := rand.New(rand.NewPCG(seed, 0))
	all := make([]tree.Entry, 0, n)
	for dirs := []string{""}; len(all) < n; dirs = dirs[1:] {
		for k := range 16 {
			p := fmt.Sprintf("%slib%s-%d", dirs[0], stems[r.IntN(len(stems))], k)
			e := tree.Entry{Path: p, Attr: tree.Attr{Kind: tree.File, Mode: 0o644, Size: int64(r.IntN(40_000)), ModTime: int64(r.IntN(1e9)) * 1e9}, Content: r.Uint64()}
			switch {
			case k < 4:
				e.Path, e.Attr = p+"/", tree.Attr{Kind: tree.Dir, Mode: 0o755, ModTime: e.ModTime}
				dirs = append(dirs, e.Path)
			case k == 15:
				e.Attr = tree.Attr{Kind: tree.Symlink, Mode: 0o777, Link: path.Base(p) + ".so", ModTime: e.ModTime}
			}
			all = append(all, e)
		}
	}
	return all[:n]
}

var stems = []string{"python3", "ssl", "crypto", "gobject", "stdc++", "readline", "x", "locale-fr", "numpy.core", "encodings", "perl"}

// Edits returns a layer of n changes to files among the entries: a third with
// other content, a third with other metadata, a sixth gone, a sixth new.
func Edits(seed uint64, files []tree.Entry, n int) []tree.Entry {
	r := rand.New(rand.NewPCG(seed, 1))
	all := make([]tree.Entry, 0, n)
	for len(all) < n {
		e := files[r.IntN(len(files))]
		if e.Kind != tree.File {
			continue
		}
		switch len(all) % 6 {
		case 0, 1:
			e.Content, e.Size = r.Uint64(), e.Size+1
		case 2, 3:
			e.Mode = 0o600
		case 4:
			e = Entries("w " + e.Path)[0]
		case 5:
			e.Path += fmt.Sprintf(".new%d", len(all))
		}
		all = append(all, e)
	}
	return all
}
