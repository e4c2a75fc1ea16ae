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
