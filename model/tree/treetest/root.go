package treetest

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/imgtui/imgtui/model/tree"
)

// Of returns a tree's root as the plain one.
func Of(root *tree.Node) Root {
	r := Root{}
	root.Walk(func(p string, n *tree.Node) bool {
		r[p] = of(n)
		return true
	})
	return r
}

func of(n *tree.Node) File {
	f := File{Attr: n.Attr(), Layer: int(n.Layer)}
	if p := n.Payload(); p != nil {
		f.Payload = ID{Carried: true, Layer: int(p.Layer), Entry: p.Entry(), Content: p.Content()}
	}
	return f
}

// Diff tells how a tree's root differs from the plain one, a line for what
// lacks (-) and a line for what is too much (+); "" where it does not.
func Diff(want Root, got *tree.Node) string {
	same, n := true, 0
	got.Walk(func(p string, node *tree.Node) bool {
		n++
		f, ok := want[p]
		same = same && ok && f == of(node)
		return true
	})
	if same && n == len(want) {
		return ""
	}
	return lines("-", want, Of(got)) + lines("+", Of(got), want)
}

// lines prints what r has and other has not.
func lines(sign string, r, other Root) string {
	var b strings.Builder
	for _, p := range slices.Sorted(maps.Keys(r)) {
		if f, ok := other[p]; !ok || f != r[p] {
			fmt.Fprintf(&b, "%s %s %+v\n", sign, p, r[p])
		}
	}
	return b.String()
}
