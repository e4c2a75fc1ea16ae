package plan

import (
	"path"

	"github.com/imgtui/imgtui/model/tree"
)

// comparison gathers the paths of a build context in which two selections
// differ, as far as an engine looks: neither times nor owners.
type comparison struct{ paths []string }

func (c *comparison) lists(before, after []Picked) {
	old := make(map[string]Picked, len(before))
	for _, p := range before {
		old[p.Path] = p
	}
	for _, p := range after {
		was, ok := old[p.Path]
		delete(old, p.Path)
		switch {
		case !ok:
			c.all(p)
		case p.Whole || was.Whole:
			c.nodes(p.Path, was.Node, p.Node)
		case differs(was.Node, p.Node):
			c.paths = append(c.paths, p.Path)
		}
	}
	for _, p := range old {
		c.all(p)
	}
}

// all adds a path that is on one side only, and what beneath it is picked.
func (c *comparison) all(p Picked) {
	if !p.Whole || p.Node.Kind != tree.Dir || p.Node.Len() == 0 {
		c.paths = append(c.paths, p.Path)
		return
	}
	for _, kid := range p.Node.Kids() {
		c.all(Picked{Path: path.Join(p.Path, kid.Name), Node: kid, Whole: true})
	}
}

func (c *comparison) nodes(at string, before, after *tree.Node) {
	if tree.Equal(before, after) {
		return
	}
	if at != "/" && differs(before, after) {
		c.paths = append(c.paths, at)
	}
	b, a := before.Kids(), after.Kids()
	i, j := 0, 0
	for i < len(b) || j < len(a) {
		switch {
		case j == len(a) || (i < len(b) && b[i].Name < a[j].Name):
			c.all(Picked{Path: path.Join(at, b[i].Name), Node: b[i], Whole: true})
			i++
		case i == len(b) || a[j].Name < b[i].Name:
			c.all(Picked{Path: path.Join(at, a[j].Name), Node: a[j], Whole: true})
			j++
		default:
			c.nodes(path.Join(at, a[j].Name), b[i], a[j])
			i, j = i+1, j+1
		}
	}
}

// differs tells whether two nodes differ in themselves.
func differs(a, b *tree.Node) bool {
	if a.Payload() != nil && b.Payload() != nil {
		return a.Mode != b.Mode || a.Size != b.Size || a.Payload().Content() != b.Payload().Content() || a.Xattrs != b.Xattrs
	}
	return a.Kind != b.Kind || a.Mode != b.Mode || a.Link != b.Link || a.Major != b.Major || a.Minor != b.Minor || a.Xattrs != b.Xattrs
}
