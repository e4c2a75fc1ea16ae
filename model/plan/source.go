package plan

import (
	"fmt"
	"path"
	"strings"

	"github.com/imgtui/imgtui/model/ignore"
	"github.com/imgtui/imgtui/model/tree"
)

// source is where a copy begins, and what of it is taken.
type source struct {
	path    string // absolute; may have wildcards
	include ignore.Patterns
	pattern string // the only one of include; "" where all is taken
}

// parseSource splits a source of --parents at its "/./" into where to begin
// and which path to take.
func (c *copying) parseSource(text string) (source, error) {
	whole := source{path: path.Join("/", text)}
	if _, err := path.Match(whole.path, ""); err != nil {
		return source{}, fmt.Errorf("invalid includepatterns: [%s]: %w", whole.path[1:], err)
	}
	if !c.spec.Parents {
		return whole, nil
	}
	start, pattern, ok := strings.Cut(text, "/./")
	if !ok {
		start, pattern = "/", text
	}
	s := source{path: path.Join("/", start), pattern: strings.TrimPrefix(path.Join("/", pattern), "/")}
	if s.pattern == "" {
		return source{}, &MissingError{Path: s.path}
	}
	var err error
	s.include, err = ignore.New([]string{s.pattern})
	return s, err
}

// check sees to it that what must be there is there, as BuildKit does when it
// sums up what it copies, before it copies anything.
func (c *copying) check(s source) error {
	switch {
	case wildcards(s.path):
		return nil
	case s.pattern != "" && !wildcards(s.pattern):
		if err := c.needs(s); err != nil {
			return err
		}
	case s.pattern == "" && (len(c.spec.Exclude) == 0 || c.isLink(s.path)):
		return c.leads(s.path)
	}
	if s.path == "/" && (s.pattern != "" || len(c.spec.Exclude) > 0) {
		return c.checkTop(s)
	}
	return nil
}

// leads tells what is wrong where a path leads nowhere.
func (c *copying) leads(p string) error {
	real, err := resolve(p, nodeLink(c.from))
	if err == nil && c.from.Find(real) == nil {
		return &MissingError{Path: p}
	}
	return err
}

// isLink tells whether the last name of a path is a link.
func (c *copying) isLink(p string) bool {
	dir, err := resolve(path.Dir(p), nodeLink(c.from))
	if err != nil {
		return false
	}
	n := c.from.Find(path.Join(dir, path.Base(p)))
	return n != nil && n.Kind == tree.Symlink
}

// needs tells what is wrong where the path of --parents is not there by that
// very name: of the links on the way only those before the last name in front
// of the "/./" are followed.
func (c *copying) needs(s source) error {
	dir, err := resolve(path.Dir(s.path), nodeLink(c.from))
	if err != nil {
		return err
	}
	p := path.Join(dir, path.Base(s.path), s.pattern)
	if c.from.Find(p) == nil || !c.exclude.Negates() && c.exclude.MatchPath(s.pattern) {
		return &MissingError{Path: path.Join(s.path, s.pattern)}
	}
	return nil
}

// checkTop follows the links at the top of the context: BuildKit does where
// there are patterns, though it copies them as they are, and stops at one that
// leads nowhere.
func (c *copying) checkTop(s source) error {
	for _, n := range c.from.Kids() {
		if n.Kind != tree.Symlink || s.pattern != "" && !s.include.MatchPath(n.Name) || c.exclude.MatchPath(n.Name) {
			continue
		}
		if err := c.leads("/" + n.Name); err != nil {
			return err
		}
	}
	return nil
}

// expand returns the paths that a pattern matches, in path order.
func (c *copying) expand(pattern string) ([]string, error) {
	names := strings.Split(strings.TrimPrefix(pattern, "/"), "/")
	fixed := 0
	for !wildcards(names[fixed]) {
		fixed++
	}
	base := "/" + strings.Join(names[:fixed], "/")
	real, err := resolve(base, nodeLink(c.from))
	if err != nil {
		return nil, err
	}
	n := c.from.Find(real)
	if n == nil {
		return nil, errGone(base)
	}
	var all []string
	rest := strings.Join(names[fixed:], "/")
	n.Walk(func(p string, n *tree.Node) bool {
		if p == "/" {
			return true
		}
		if ok, _ := path.Match(rest, p[1:]); ok { // a faulty pattern matches nothing
			all = append(all, path.Join(real, p))
			return false
		}
		return strings.Contains(rest, "[") || strings.Count(p, "/") < len(names)-fixed // a bracket may stand for a slash
	})
	return all, nil
}

// errGone is what BuildKit says of a path that it finds missing only when it
// comes to copy it.
func errGone(p string) error { return fmt.Errorf("lstat %s: no such file or directory", p) }

// wildcards tells whether a path is a pattern.
func wildcards(p string) bool {
	for i := 0; i < len(p); i++ {
		switch p[i] {
		case '*', '?', '[':
			return true
		case '\\':
			i++
		}
	}
	return false
}
