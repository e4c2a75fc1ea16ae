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
		root := tree.Fold(below, l)
		err := x.o.hold(unshared(below, l.Root, root))
		if err == nil {
			return root
		}
		x.fail(n, err)
	}
	if below == nil {
		return tree.Fold(nil, tree.NewBuilder(n).Layer())
	}
	return below
}

// unshared returns about how many bytes a root takes that it shares neither with
// the one beneath nor with the layer's own tree.
func unshared(below, layer, root *tree.Node) int64 {
	if root == below || root == layer {
		return 0
	}
	n := int64(perNode + perKid*len(root.Kids))
	b, l := kidsOf(below), kidsOf(layer)
	for _, k := range root.Kids {
		n += unshared(b.next(k.Name), l.next(k.Name), k)
	}
	return n
}

// What a node of a tree takes, and each name in a directory.
const (
	perNode = 120
	perKid  = 8
)

// kids are the children of a directory, by name, of which the first ones have
// been looked at.
type kids []*tree.Node

func kidsOf(n *tree.Node) *kids {
	if n == nil {
		return &kids{}
	}
	k := kids(n.Kids)
	return &k
}

// next returns the child of that name, or nil, and leaves out all before it.
func (k *kids) next(name string) *tree.Node {
	for len(*k) > 0 && (*k)[0].Name < name {
		*k = (*k)[1:]
	}
	if len(*k) > 0 && (*k)[0].Name == name {
		return (*k)[0]
	}
	return nil
}
