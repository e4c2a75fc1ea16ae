package main

import (
	"fmt"
	"strings"
	"time"

	"github.com/spf13/pflag"

	"github.com/imgtui/imgtui/model/session"
	"github.com/imgtui/imgtui/model/tree"
	"github.com/imgtui/imgtui/model/words"
)

func listFlags(f *pflag.FlagSet, o *options) {
	f.BoolVar(&o.bytes, "bytes", false, "sizes in bytes")
}

// listed is a path to be listed and how the step changed it.
type listed struct {
	path string
	node *tree.Node
}

// entriesJSON is the document of ls and tree.
type entriesJSON struct {
	Entries []entryJSON `json:"entries"`
}

func (c *call) ls() error { return c.list(1, c.lsText) }

// list lists what is beneath a path, so many levels deep; 0 is all.
func (c *call) list(depth int, text func(path string, n *tree.Node) error) error {
	if depth < 0 {
		return &usageError{fmt.Sprintf("--depth %d: want 0 or more", depth), "0 lists all levels"}
	}
	o, err := c.open(files, c.args[0])
	if err != nil {
		return err
	}
	defer o.Close()
	root, step, err := c.root(o)
	if err != nil {
		return err
	}
	path := "/"
	if len(c.args) > 1 {
		path = c.args[1]
	}
	path, n, err := c.find(root, path, itsTarget)
	if err != nil {
		return err
	}
	if c.json {
		return c.write(entriesJSON{o.entries(gather(path, n, depth), step)})
	}
	return text(path, n)
}

// gather collects the paths beneath a node, or the node alone where it is no directory.
func gather(path string, n *tree.Node, depth int) []listed {
	if n.Kind != tree.Dir {
		return []listed{{path, n}}
	}
	base := strings.TrimSuffix(path, "/")
	var all []listed
	n.Walk(func(p string, k *tree.Node) bool {
		if k == n {
			return true
		}
		all = append(all, listed{base + p, k})
		return depth == 0 || strings.Count(p, "/") < depth
	})
	return all
}

func (o *opened) entries(all []listed, step int) []entryJSON {
	before, _ := o.Stacks[session.Was].At(step - 1)
	es := []entryJSON{}
	for _, l := range all {
		es = append(es, o.entry(l.path, l.node, tree.Compare(before.Find(l.path), l.node).Change()))
	}
	return es
}

func (c *call) lsText(path string, n *tree.Node) error {
	t := table{align: "lrrll"}
	for _, l := range gather(path, n, 1) {
		t.add(words.Mode(l.node.Kind.Letter(), l.node.Mode), fmt.Sprintf("%d:%d", l.node.UID, l.node.GID), c.size(l.node),
			time.Unix(0, l.node.ModTime).UTC().Format("2006-01-02 15:04"), label(l.path[strings.LastIndexByte(l.path, '/')+1:], l.node))
	}
	return t.write(c.out)
}

// size is what a path weighs: a directory all that is beneath it.
func (c *call) size(n *tree.Node) string {
	size := n.Size
	if n.Kind == tree.Dir {
		size = n.Bytes()
	}
	if c.bytes {
		return fmt.Sprint(size)
	}
	return words.Bytes(size)
}

// label is a name with what it leads to.
func label(name string, n *tree.Node) string {
	s := words.Visible(name)
	switch n.Kind {
	case tree.Dir:
		return s + "/"
	case tree.Symlink:
		return s + " -> " + words.Visible(n.Link)
	case tree.Hardlink:
		return s + " = " + words.Visible(n.Link)
	}
	return s
}
