package main

import (
	"errors"
	"fmt"
	"strings"

	"github.com/imgtui/imgtui/model/tree"
)

// end says what becomes of a symlink at the end of a path.
type end bool

const (
	theLink   end = false
	itsTarget end = true
)

// maxLinks is how many symlinks a path may lead through, as in Linux.
const maxLinks = 40

// resolve returns where a path leads, and what is there: links on the way lead
// as they do in a container. A path that leads nowhere has no node.
func resolve(root *tree.Node, path string, e end) (string, *tree.Node, error) {
	at, rest := "/", strings.Split(tree.Clean(path), "/")
	for links := 0; len(rest) > 0; {
		next := tree.Clean(at + "/" + rest[0])
		rest = rest[1:]
		n := root.Find(next)
		if n == nil {
			return "", nil, nil
		}
		if n.Kind != tree.Symlink || len(rest) == 0 && e == theLink {
			at = next
			continue
		}
		if links++; links > maxLinks {
			return "", nil, errors.New("its links lead in a circle")
		}
		if strings.HasPrefix(n.Link, "/") {
			at = "/"
		}
		rest = append(strings.Split(n.Link, "/"), rest...)
	}
	return at, root.Find(at), nil
}

// find is resolve for a path that has to be there.
func (c *call) find(root *tree.Node, path string, e end) (string, *tree.Node, error) {
	at, n, err := resolve(root, path, e)
	if err != nil {
		return "", nil, fmt.Errorf("%s: %w", tree.Clean(path), err)
	}
	if n == nil {
		return "", nil, &usageError{
			fmt.Sprintf("no %s in %s", tree.Clean(path), c.args[0]),
			"imgtui tree " + c.args[0] + " lists what there is; --step chooses an earlier step",
		}
	}
	return at, n, nil
}
