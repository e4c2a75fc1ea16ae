package plan

import (
	"fmt"
	"path"
	"strings"

	"github.com/imgtui/imgtui/model/ignore"
	"github.com/imgtui/imgtui/model/tree"
)

// origin is what one copy takes.
type origin struct {
	node     *tree.Node
	name     string // under which it goes into a directory
	include  ignore.Patterns
	contents bool // of a directory only what is in it is taken
}

// spot is a place on the disk where a path goes, which may not be there yet.
type spot struct {
	up     *spot
	name   string
	item   *item      // nil while nothing is there
	source *tree.Node // a directory that is made when something in it is taken
	made   bool
}

// one copies one origin to the destination.
func (c *copying) one(o origin) error {
	ensure := c.dest
	if !strings.HasSuffix(ensure, "/") {
		ensure = path.Dir(ensure)
	}
	if err := c.makeAll(ensure); err != nil {
		return err
	}
	dest, err := resolve(c.dest, c.disk.link)
	if err != nil {
		return err
	}
	there := c.disk.find(dest)
	if o.node.Kind == tree.Dir && !o.contents && there != nil || o.node.Kind != tree.Dir && there != nil && there.attr.Kind == tree.Dir {
		dest = path.Join(dest, o.name)
	}
	target := path.Dir(dest)
	if o.node.Kind == tree.Dir && o.contents && there == nil {
		target = dest
	}
	if err := c.disk.makeAll(target, c.made()); err != nil {
		return err
	}
	s := c.disk.spot(dest)
	t := transfer{copying: c, include: o.include, links: map[*tree.Payload]*content{}}
	return t.put(o.node, "", s, ignore.Above{}, ignore.Above{})
}

// makeAll makes the directories that the destination needs.
func (c *copying) makeAll(p string) error {
	real, err := resolve(p, c.disk.link)
	if err != nil {
		return err
	}
	return c.disk.makeAll(real, c.made())
}

// made is what directories are like that BuildKit makes on the way: an octal
// --chmod counts, without its highest bits, a symbolic one does not.
func (c *copying) made() tree.Attr {
	a := tree.Attr{Kind: tree.Dir, Mode: 0o755, ModTime: c.spec.Time}
	if c.mode != nil && c.mode.symbolic == "" {
		a.Mode = c.mode.octal & 0o777
	}
	if c.owner != nil {
		a.UID, a.GID = c.owner.uid, c.owner.gid
	}
	return a
}

// transfer is one copy under way. Files that have several names within it keep
// them.
type transfer struct {
	*copying
	include ignore.Patterns
	links   map[*tree.Payload]*content
	open    []*spot // the directories on the way that may not be made yet
}

// put copies a node to a spot. Rel is its path within the origin; "" is the
// origin itself, which patterns do not concern and whose directory keeps what
// it has been.
func (t *transfer) put(n *tree.Node, rel string, s *spot, in, ex ignore.Above) error {
	taken, excluded := true, false
	if rel != "" {
		if !t.include.Empty() {
			taken, in = t.include.Match(rel, in)
		}
		if !t.exclude.Empty() {
			excluded, ex = t.exclude.Match(rel, ex)
			taken = taken && !excluded
		}
	}
	if !taken && (n.Kind != tree.Dir || t.include.Empty() && !t.exclude.Negates()) {
		return nil
	}
	if err := t.reachable(s); err != nil {
		return err
	}
	if n.Kind == tree.Dir {
		return t.dir(n, rel, s, step{taken, excluded, in, ex})
	}
	if err := t.openAll(); err != nil {
		return err
	}
	if s.item != nil && s.item.attr.Kind == tree.Dir {
		return fmt.Errorf("cannot replace to directory %s with file", s.path())
	}
	t.write(s, t.copied(n))
	return nil
}

// step is what the patterns say of a directory.
type step struct {
	taken, excluded bool
	in, ex          ignore.Above
}

func (t *transfer) dir(n *tree.Node, rel string, s *spot, st step) error {
	before := s.item
	s.source = n
	t.open = append(t.open, s)
	defer func() { t.open = t.open[:len(t.open)-1] }()
	if st.taken {
		if err := t.openAll(); err != nil {
			return err
		}
	}
	if !st.excluded || t.exclude.Negates() {
		for _, k := range n.Kids() {
			kid := &spot{up: s, name: k.Name}
			if s.item != nil {
				kid.item = s.item.kid(k.Name)
			}
			if err := t.put(k, strings.TrimPrefix(rel+"/"+k.Name, "/"), kid, st.in, st.ex); err != nil {
				return err
			}
		}
	}
	switch {
	case rel == "" && before != nil:
		s.item.attr.ModTime = t.time(n)
	case rel == "" || st.taken:
		t.inform(s.item, n)
	}
	return nil
}

// openAll makes the directories on the way that are not there.
func (t *transfer) openAll() error {
	for i, s := range t.open {
		if s.made {
			continue
		}
		if s.item == nil && s.up != nil && s.up.item != nil {
			s.item = s.up.item.kid(s.name)
		}
		switch {
		case s.item == nil:
			t.write(s, &item{attr: tree.Attr{Kind: tree.Dir}})
			t.inform(s.item, s.source)
		case s.item.attr.Kind != tree.Dir:
			return fmt.Errorf("cannot copy to non-directory: %s", s.path())
		case i > 0:
			s.item.attr.Mode = s.source.Mode
		}
		s.made = true
	}
	return nil
}

func (t *transfer) write(s *spot, i *item) {
	t.disk.put(s.up.item, s.name, i)
	s.item = i
}

// copied is what becomes of a node that is no directory.
func (t *transfer) copied(n *tree.Node) *item {
	i := &item{attr: n.Attr()}
	if n.Kind == tree.File || n.Kind == tree.Hardlink {
		i.attr.Kind, i.attr.Link = tree.File, ""
		i.content = t.content(n)
	}
	t.inform(i, n)
	return i
}

func (t *transfer) content(n *tree.Node) *content {
	if n.Payload() == nil {
		return &content{}
	}
	c := t.links[n.Payload()]
	if c == nil {
		c = &content{size: n.Payload().Size, hash: n.Payload().Content()}
		t.links[n.Payload()] = c
	}
	return c
}

// inform gives an item the owner, mode and time that the copy gives it.
func (t *transfer) inform(i *item, n *tree.Node) {
	i.attr.UID, i.attr.GID = n.UID, n.GID
	if t.owner != nil {
		i.attr.UID, i.attr.GID = t.owner.uid, t.owner.gid
	}
	if n.Kind != tree.Symlink {
		i.attr.Mode = t.mode.apply(n.Mode, n.Kind == tree.Dir)
	}
	i.attr.ModTime = t.time(n)
	if i.attr.Xattrs = ""; t.spec.Stage { // giving a file of the context to root takes its capabilities
		i.attr.Xattrs = n.Xattrs
	}
}

// time is that of the source. The top of a context is as old as the build.
func (t *transfer) time(n *tree.Node) int64 {
	if n == t.from {
		return t.spec.Time
	}
	return n.ModTime
}

// reachable says what is in the way of a spot. The directory that would hold
// it may be something else as long as nothing is put into it.
func (t *transfer) reachable(s *spot) error {
	if s.up == nil || s.up.item == nil || s.up.item.attr.Kind == tree.Dir {
		return nil
	}
	i := s.up.item
	if i.attr.Kind == tree.Symlink {
		if path.IsAbs(i.attr.Link) {
			return nil // it leads out of what is built
		}
		real, err := resolve(s.up.path(), t.disk.link)
		if err != nil {
			return fmt.Errorf("lstat %s: too many levels of symbolic links", s.path())
		}
		i = t.disk.find(real)
	}
	if i != nil && i.attr.Kind != tree.Dir {
		return fmt.Errorf("lstat %s: not a directory", s.path())
	}
	return nil
}

func (s *spot) path() string {
	if s.up == nil {
		return "/"
	}
	return path.Join(s.up.path(), s.name)
}
