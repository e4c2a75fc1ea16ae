package tree

import (
	"fmt"
	"strings"
)

// Marks returns what a layer says of its paths beyond themselves.
func Marks(root *Node) string {
	var all strings.Builder
	root.Walk(func(p string, n *Node) bool {
		fmt.Fprintf(&all, "%s %d,", p, n.mark)
		return true
	})
	return all.String()
}

// Taken counts what [Lay] tells along with a root: bytes of what is neither in the
// one beneath nor in the layer's own tree.
func Taken(below, layer, root *Node) int64 {
	if root == below || root == layer {
		return 0
	}
	n := int64(perDir + perKid*len(root.kids))
	if root.isWide() {
		for _, s := range root.kids {
			if !below.has(s) && !layer.has(s) {
				n += int64(perDir + perKid*len(s.kids))
			}
		}
	}
	for k := range (Delta{below, root}).Unshared {
		if k.After != nil {
			n += Taken(k.Before, layer.Kid(k.After.Name), k.After)
		}
	}
	return n
}

// has tells whether a shelf is one of a directory's.
func (n *Node) has(s *Node) bool {
	if n == nil {
		return false
	}
	at, found := search(n.kids, s.Name)
	return found && n.kids[at] == s
}
