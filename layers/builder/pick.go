package builder

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/imgtui/imgtui/model/plan"
	"github.com/imgtui/imgtui/model/tree"
)

// selector is a path, or a pattern of paths, that an operation takes of an input.
type selector struct {
	path             string // absolute
	wildcard, follow bool
	include, exclude []string // patterns, relative to what path names
	required         []string // absolute paths that must be among what is taken
}

// selectionKey is the same for equal selectors only.
type selectionKey string

func (s selector) identity() selectionKey {
	if !s.filtered() {
		return selectionKey(fmt.Sprint(s.wildcard, s.follow) + s.path)
	}
	return selectionKey(fmt.Sprintf("%t %t %q %q %q %q", s.wildcard, s.follow, s.path, s.include, s.exclude, s.required))
}

func (s selector) filtered() bool { return len(s.include)+len(s.exclude) > 0 }

func selected(p string) selector { return selector{path: path.Join("/", p), follow: true} }

// selection is what a selector takes of a context.
type selection struct {
	sum     plan.Key
	picked  []plan.Picked
	missing []string
}

// picker finds what selectors take of a root, by the rules of the checksum that
// BuildKit makes of it.
type picker struct {
	root *tree.Node
	sum  func(*tree.Node) plan.Key
}

func (p *picker) pick(s selector) (selection, error) {
	found, prefix := p.find(s)
	if len(found) == 0 && !s.wildcard {
		return selection{missing: []string{s.path}}, nil
	}
	if !s.filtered() {
		return p.whole(found, prefix, s.follow), nil
	}
	return p.filtered(found, prefix, s)
}

// find returns the paths that a selector names, and the part of them that is
// the same however the pattern is met.
func (p *picker) find(s selector) ([]plan.Picked, string) {
	if !s.wildcard {
		at, n := p.resolve(s.path, s.follow && !s.filtered())
		if n == nil {
			return nil, s.path
		}
		return []plan.Picked{{Path: at, Node: n}}, at
	}
	parts := strings.Split(strings.TrimPrefix(s.path, "/"), "/")
	first := slices.IndexFunc(parts, hasWildcard)
	prefix := path.Join("/", path.Join(parts[:first]...))
	at, n := p.resolve(prefix, true)
	return expand(at, n, parts[first:]), at
}

// expand returns what beneath a directory meets a pattern, in the order of names.
func expand(at string, n *tree.Node, pattern []string) []plan.Picked {
	if n == nil {
		return nil
	}
	var found []plan.Picked
	for _, kid := range n.Kids() {
		if ok, err := path.Match(pattern[0], kid.Name); err != nil || !ok {
			continue
		}
		below := path.Join(at, kid.Name)
		if len(pattern) == 1 {
			found = append(found, plan.Picked{Path: below, Node: kid})
			continue
		}
		found = append(found, expand(below, kid, pattern[1:])...)
	}
	return found
}

// whole takes each path with all beneath it.
func (p *picker) whole(found []plan.Picked, prefix string, follow bool) selection {
	var s selection
	m := newMix("whole")
	for _, at := range found {
		name := strings.TrimPrefix(at.Path, prefix)
		if follow {
			at.Path, at.Node = p.resolve(at.Path, true)
		}
		if at.Node == nil {
			s.missing = append(s.missing, at.Path)
			continue
		}
		at.Whole = true
		s.picked = append(s.picked, at)
		m.text(name).key(p.deep(at.Node))
	}
	s.sum = m.sum()
	return s
}

// deep is the key of a node with all beneath it. The mode of the root is not
// sent to an engine.
func (p *picker) deep(n *tree.Node) plan.Key {
	if n != p.root {
		return p.sum(n)
	}
	m := newMix("root")
	for _, kid := range n.Kids() {
		m.text(kid.Name).key(p.sum(kid))
	}
	return m.sum()
}

// linksFollowed is how many symlinks a path may lead through.
const linksFollowed = 255

// resolve follows the symlinks of a path, the last one only where it says so.
// It returns where it came to, and nil where nothing is there.
func (p *picker) resolve(name string, last bool) (string, *tree.Node) {
	at, rest := "/", strings.TrimPrefix(path.Clean(name), "/")
	for links := 0; rest != ""; {
		var part string
		part, rest, _ = strings.Cut(rest, "/")
		next := path.Join("/", at, part)
		n := p.root.Find(next)
		if n == nil || n.Kind != tree.Symlink || (rest == "" && !last) {
			at = next
			continue
		}
		if links++; links > linksFollowed {
			return name, nil
		}
		rest = n.Link + "/" + rest
		rest = strings.TrimSuffix(rest, "/")
		if path.IsAbs(n.Link) {
			at, rest = "/", strings.TrimLeft(rest, "/")
		}
	}
	return at, p.root.Find(at)
}
