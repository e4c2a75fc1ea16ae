package main

import (
	"strings"

	"github.com/spf13/pflag"

	"github.com/imgtui/imgtui/model/tree"
)

func treeFlags(f *pflag.FlagSet, o *options) {
	f.Var((*number)(&o.depth), "depth", "how many levels to list, as `N`; 0 is all")
}

func (c *call) tree() error {
	return c.list(c.depth, func(path string, n *tree.Node) error {
		d := drawing{c: c, depth: c.depth, table: table{align: "rl"}}
		d.table.add(c.size(n), label(strings.TrimSuffix(path, "/"), n))
		d.beneath(n, "", 1)
		return d.table.write(c.out)
	})
}

// drawing is a tree with its branches, a path a row.
type drawing struct {
	c     *call
	depth int
	table table
}

// beneath draws the children of a node; trunk is what stands left of them.
func (d *drawing) beneath(n *tree.Node, trunk string, level int) {
	if d.depth > 0 && level > d.depth {
		return
	}
	for i, k := range n.Kids() {
		branch, more := "├── ", "│   "
		if i == n.Len()-1 {
			branch, more = "└── ", "    "
		}
		d.table.add(d.c.size(k), trunk+branch+label(k.Name, k))
		d.beneath(k, trunk+more, level+1)
	}
}
