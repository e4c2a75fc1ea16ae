package plan

import (
	"errors"
	"fmt"
	"path"
	"strings"

	"github.com/imgtui/imgtui/model/tree"
)

// disk is a root with what is written over it, in thought. It does what a file
// system would do, and then tells what a layer would say of it.
type disk struct {
	root *item
	now  int64
}

// item is a path on a disk.
type item struct {
	attr    tree.Attr
	content *content         // of a File; shared by its names
	below   *tree.Node       // what the root beneath has at this path, or nil
	shows   bool             // what the directory beneath holds is seen
	written bool             // made anew
	kids    map[string]*item // those that were looked at; nil is one that is gone
}

// content is what is in a file.
type content struct {
	size  int64
	hash  uint64
	entry string // the first path under which the layer has it
}

func newDisk(lower *tree.Node, now int64) *disk {
	if lower == nil {
		return &disk{now: now, root: &item{attr: tree.Attr{Kind: tree.Dir, Mode: 0o755}}}
	}
	return &disk{now: now, root: &item{attr: lower.Attr(), below: lower, shows: true}}
}

// kid returns what a directory has under a name, or nil.
func (i *item) kid(name string) *item {
	if k, ok := i.kids[name]; ok {
		return k
	}
	n := i.lower(name)
	if !i.shows || n == nil {
		return nil
	}
	k := &item{attr: n.Attr(), below: n, shows: n.Kind == tree.Dir}
	if n.Payload() != nil {
		k.content = &content{size: n.Payload().Size, hash: n.Payload().Content()}
		k.attr.Kind = tree.File
	}
	i.set(name, k)
	return k
}

func (i *item) set(name string, k *item) {
	if i.kids == nil {
		i.kids = map[string]*item{}
	}
	i.kids[name] = k
}

// lower returns what the root beneath has under a name, seen or not.
func (i *item) lower(name string) *tree.Node {
	if i.below == nil {
		return nil
	}
	return i.below.Kid(name)
}

// put puts an item into a directory; what was there is gone.
func (d *disk) put(dir *item, name string, i *item) {
	i.below, i.written = dir.lower(name), true
	dir.set(name, i)
	dir.attr.ModTime = d.now
}

// find returns what is at a path without following links, or nil.
func (d *disk) find(p string) *item {
	i := d.root
	for name := range elements(p) {
		if i = i.kid(name); i == nil {
			return nil
		}
	}
	return i
}

// spot returns the place of a path whose parent is there.
func (d *disk) spot(p string) *spot {
	s := &spot{item: d.root}
	for name := range elements(p) {
		next := &spot{up: s, name: name}
		if s.item != nil {
			next.item = s.item.kid(name)
		}
		s = next
	}
	return s
}

// makeAll makes a directory and those above it where they are missing.
func (d *disk) makeAll(p string, as tree.Attr) error {
	i := d.root
	at := "/"
	for name := range elements(p) {
		at = path.Join(at, name)
		k := i.kid(name)
		if k == nil {
			k = &item{attr: as}
			d.put(i, name, k)
		}
		if k.attr.Kind != tree.Dir {
			return fmt.Errorf("mkdir %s: not a directory", at)
		}
		i = k
	}
	return nil
}

// link returns the target of a symbolic link.
func (d *disk) link(p string) (string, bool) {
	i := d.find(p)
	if i == nil || i.attr.Kind != tree.Symlink {
		return "", false
	}
	return i.attr.Link, true
}

// nodeLink does the same for a tree.
func nodeLink(root *tree.Node) func(string) (string, bool) {
	return func(p string) (string, bool) {
		n := root.Find(p)
		if n == nil || n.Kind != tree.Symlink {
			return "", false
		}
		return n.Link, true
	}
}

// elements yields the names of an absolute path that is clean.
func elements(p string) func(yield func(string) bool) {
	return func(yield func(string) bool) {
		for name := range strings.SplitSeq(p, "/") {
			if name != "" && !yield(name) {
				return
			}
		}
	}
}

// maxLinks is how many links may be followed for one path.
const maxLinks = 255

var errLinks = errors.New("too many links") // BuildKit says no more

// resolve follows all links of a path, which never lead out of the root. What
// is not there is taken as it reads.
func resolve(p string, link func(string) (string, bool)) (string, error) {
	done, followed := "/", 0
	for rest := p; rest != ""; {
		var name string
		name, rest, _ = strings.Cut(rest, "/")
		if name == "" || name == "." {
			continue
		}
		next := path.Join(done, name)
		target, ok := link(next)
		if !ok {
			done = next
			continue
		}
		if followed++; followed > maxLinks {
			return "", errLinks
		}
		rest = target + "/" + rest
		if path.IsAbs(target) {
			done = "/"
		}
	}
	return done, nil
}
