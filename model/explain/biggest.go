package explain

import (
	"cmp"
	"slices"
	"strings"

	"github.com/imgtui/imgtui/model/tree"
	"github.com/imgtui/imgtui/model/words"
)

// shown is how many of a kind are named.
const shown = 5

// weight is a path and the bytes that it won.
type weight struct {
	path  string
	bytes int64
}

// biggest names the heaviest of what a step added.
func (t *text) biggest(e words.Explain, s Subject, d tree.Delta, added int64) {
	if added == 0 {
		return
	}
	t.add(Text, e.Biggest)
	for _, x := range heaviest(d, added, s.totals) {
		t.item(x.bytes, visible(x.path))
	}
}

// heaviest returns directories and files that won bytes, heaviest first. A
// directory with more than half of all stands back for what it holds, and so
// does one that holds but one thing. What is less than a thousandth is left out.
func heaviest(d tree.Delta, added int64, totals func(tree.Delta) tree.Totals) []weight {
	s := scale{more: added / 2, totals: totals}
	s.spread(d, "")
	slices.SortFunc(s.all, func(a, b weight) int {
		return cmp.Or(cmp.Compare(b.bytes, a.bytes), strings.Compare(a.path, b.path))
	})
	few := s.all[:min(len(s.all), shown)]
	return slices.DeleteFunc(few, func(x weight) bool { return x.bytes < added/1000 })
}

// scale weighs what won bytes.
type scale struct {
	more   int64 // a directory that won more stands back
	totals func(tree.Delta) tree.Totals
	all    []weight
}

// spread goes into directories that stand back.
func (s *scale) spread(d tree.Delta, path string) {
	for _, k := range d.Changed() {
		p, n := path+"/"+k.Name(), s.totals(k).AddedBytes
		switch {
		case n == 0:
		case k.IsDir() && (n > s.more || s.single(k)):
			s.spread(k, p)
		case k.IsDir():
			s.all = append(s.all, weight{p + "/", n})
		default:
			s.all = append(s.all, weight{p, n})
		}
	}
}

// single tells whether one thing alone won bytes in a directory.
func (s *scale) single(d tree.Delta) bool {
	n := 0
	for _, k := range d.Changed() {
		if s.totals(k).AddedBytes > 0 {
			n++
		}
		if n > 1 {
			return false
		}
	}
	return n == 1
}
