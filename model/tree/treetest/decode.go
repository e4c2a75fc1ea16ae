package treetest

import "github.com/imgtui/imgtui/model/tree"

// Decode reads any bytes as the layers of an image: three bytes an entry, at
// most 60 of them. Few names and few attributes make entries meet often.
func Decode(data []byte) [][]tree.Entry {
	layers := [][]tree.Entry{nil}
	for n := 0; len(data) >= 3 && n < 60; n++ {
		op, at, as := data[0], data[1], data[2]
		data = data[3:]
		if op >= 224 {
			layers = append(layers, nil)
			continue
		}
		last := &layers[len(layers)-1]
		*last = append(*last, decoded(op%9, at, as))
	}
	return layers
}

var (
	paths = []string{
		"a", "b", "a/b", "a/b/c", "a/c", "b/a", "a/b/c/d", "c", "./a//b/", "/a/../b", "../../a", "..", "a/b-", "a/bb",
		".wh.a/b", ".wh..wh.plnk/1", "a/.wh..wh.x/1", "a/.wh.", "a/.wh..", "a/.wh...", "a/.wh..wh.", ".wh..wh..wh.a", "/", "b/a/c/d/e",
	}
	targets = []string{
		"b", "a", "a/b", "..", "/", "../a", "gone", "/a/b/c", "a/b/../c", ".wh..wh.plnk/1", "c", "./b", "/b", "../../..", "a/a/a", "",
	}
)

func decoded(kind, at, as byte) tree.Entry {
	p := paths[int(at)%len(paths)]
	e := tree.Entry{Path: p, Attr: tree.Attr{Kind: tree.File, Mode: 0o600 + uint32(as&1), ModTime: int64(as >> 1 & 1)}}
	switch kind {
	case 0, 8:
		e.Size, e.Content = int64(as>>2&3), uint64(as>>4&7)
	case 1:
		e.Kind = tree.Dir
	case 2, 3:
		e.Kind, e.Link = tree.Symlink+tree.Kind(kind-2), targets[as>>4]
	case 4:
		e.Kind, e.Major, e.Minor = tree.Char, int64(as>>2&1), int64(as>>3&1)
	case 5:
		e.Kind, e.UID, e.Xattrs = tree.Fifo, int(as>>2&1), "k=v\x00"[:as>>3&1*4]
	case 6:
		e = Entries("w " + p)[0]
	case 7:
		e = Entries("o " + p)[0]
	}
	return e
}
