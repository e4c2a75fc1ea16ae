package pane

import (
	"maps"
	"slices"
	"strings"

	"github.com/imgtui/imgtui/model/tree"
)

// fileRow is a path in the tree that is shown. A chain of directories that hold
// one row each is a single row.
type fileRow struct {
	d      tree.Delta
	chain  string // the names of the directories before it in the chain: "usr/local/"
	parent int32  // row of the tree, or −1
	depth  int16
	open   bool
	hit    bool // the filter found this very path
}

// names returns the path relative to the parent row: "app.py", "usr/local/lib".
func (r fileRow) names() string { return r.chain + r.d.Name() }

// listing is the rows in the order in which they are shown: those of a tree, or
// where it is flat some of them, by their whole paths.
type listing struct {
	rows  []fileRow
	order []int32 // of a flat list: which of rows
	flat  bool
}

func (l *listing) count() int {
	if l.flat {
		return len(l.order)
	}
	return len(l.rows)
}

// at returns a row as it is shown, and its names.
func (l *listing) at(i int) (r fileRow, names string) {
	if !l.flat {
		return l.rows[i], l.rows[i].names()
	}
	r = l.rows[l.order[i]]
	r.depth, r.open = 0, false
	return r, l.walk(int(l.order[i]))[1:]
}

// path returns the cleaned path of a row.
func (l *listing) path(i int) string {
	if l.flat {
		i = int(l.order[i])
	}
	return l.walk(i)
}

func (l *listing) walk(i int) string {
	if l.rows[i].parent < 0 {
		return "/" + l.rows[i].names()
	}
	return l.walk(int(l.rows[i].parent)) + "/" + l.rows[i].names()
}

// find returns the row of a path, or of the closest directory above it that is shown; −1 is none.
func (l *listing) find(path string) int {
	found, rest := -1, strings.TrimPrefix(path, "/")
	for i := range l.rows {
		if rest == "" {
			break
		}
		if int(l.rows[i].parent) != found {
			continue
		}
		switch names := l.rows[i].names(); {
		case names == rest:
			found, rest = i, ""
		case strings.HasPrefix(rest, names) && rest[len(names)] == '/':
			found, rest = i, rest[len(names)+1:]
		}
	}
	if l.flat && found >= 0 {
		return slices.Index(l.order, int32(found))
	}
	return found
}

func sortedKeys(m map[string]bool) []string { return slices.Sorted(maps.Keys(m)) }
