package layers

import "github.com/imgtui/imgtui/model/tree"

// root lays a layer over what is beneath. One that could not be read, or whose
// root takes too much memory, counts as empty.
func (x *indexing) root(n int) *tree.Node {
	var below *tree.Node
	if n > 0 {
		below = x.roots[n-1]
	}
	if l := x.o.get(n).tree; l != nil {
		root, taken := tree.Lay(below, l)
		err := x.o.hold(taken)
		if err == nil {
			return root
		}
		x.end(n, err)
	}
	if below == nil {
		return tree.Fold(nil, tree.NewBuilder(n).Layer())
	}
	return below
}
