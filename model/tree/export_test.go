package tree

// Sum is what two equal nodes have in common.
func Sum(n *Node) uint64 { return n.sum() }
