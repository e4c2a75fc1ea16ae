package buildcontext

import (
	"cmp"
	"slices"
	"strings"

	"github.com/imgtui/imgtui/model/plan"
	"github.com/imgtui/imgtui/model/tree"
)

// plant makes the tree of what is sent.
func (s *state) plant(top *found) *tree.Node {
	b := tree.NewBuilder(0)
	p := planting{state: s, builder: b, first: map[identity]string{}}
	p.put(top)
	return tree.Fold(nil, b.Layer())
}

// planting puts what was found into a tree, in path order.
type planting struct {
	*state
	builder *tree.Builder
	first   map[identity]string // of files with several names the one that comes first
}

func (p *planting) put(k *found) {
	if !k.goes() {
		return
	}
	if name := k.path[strings.LastIndexByte(k.path, '/')+1:]; strings.HasPrefix(name, ".wh.") {
		p.faults = append(p.faults, fault{"/" + k.path, "an image takes this name for the mark of a removed file"})
	}
	e := tree.Entry{Path: k.path, Attr: k.attr, Content: k.content, Offset: -1}
	if k.attr.Kind == tree.File && k.links > 1 {
		p.linked[k.path] = true
		if first, ok := p.first[k.id]; ok {
			e.Kind, e.Link, e.Size, e.Content = tree.Hardlink, first, 0, 0
		} else {
			p.first[k.id] = k.path
		}
	}
	p.builder.Add(e)
	slices.SortFunc(k.kids, func(a, b *found) int { return strings.Compare(a.path, b.path) })
	for _, kid := range k.kids {
		p.put(kid)
	}
}

// goes tells whether a path is sent, for itself or for something in it.
func (k *found) goes() bool { return k.sent || slices.ContainsFunc(k.kids, (*found).goes) }

// sum fills in what follows from the rest.
func (s *state) sum() {
	c := &s.context
	c.Files, c.Bytes = c.Root.Count()-directories(c.Root), c.Root.Bytes()
	c.Ignored = make([]plan.Ignored, 0, len(s.ignored))
	for _, i := range s.ignored {
		c.Ignored = append(c.Ignored, i)
	}
	slices.SortFunc(c.Ignored, func(a, b plan.Ignored) int {
		return cmp.Or(cmp.Compare(b.Bytes, a.Bytes), cmp.Compare(b.Files, a.Files), strings.Compare(a.Path, b.Path))
	})
	c.Faults = nil
	for _, f := range s.faults {
		c.Faults = append(c.Faults, f.String())
	}
}

// directories counts the directories of a tree.
func directories(n *tree.Node) int {
	if n.Kind != tree.Dir {
		return 0
	}
	count := 1
	for _, k := range n.Kids() {
		if k.Kind == tree.Dir {
			count += directories(k)
		}
	}
	return count
}
