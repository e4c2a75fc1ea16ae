package tree_test

import (
	"fmt"
	"path"
	"strings"

	"github.com/imgtui/imgtui/model/tree"
)

// show prints the layers of an image, an entry a line.
func show(layers [][]tree.Entry) string {
	var b strings.Builder
	for i, entries := range layers {
		fmt.Fprintf(&b, "\n  layer %d", i)
		for _, e := range entries {
			fmt.Fprintf(&b, "\n    %c %q", e.Kind.Letter(), e.Path)
			if e.Link != "" {
				fmt.Fprintf(&b, " -> %q", e.Link)
			}
			fmt.Fprintf(&b, " mode %o mtime %d size %d content %d dev %d,%d", e.Mode, e.ModTime, e.Size, e.Content, e.Major, e.Minor)
		}
	}
	return b.String()
}

// within tells whether p is dir or beneath it.
func within(p, dir string) bool {
	return p == dir || strings.HasPrefix(p, strings.TrimSuffix(dir, "/")+"/")
}

func hasWhiteoutName(p string) bool {
	return strings.HasPrefix(path.Base(path.Clean("/"+p)), ".wh.")
}
