// Package treetest holds a root as plain as can be, a map of paths, and lays
// layers over it by the letter of the layer rules: what package tree does fast
// is checked against it.
package treetest

import (
	"maps"
	"path"
	"slices"
	"strings"

	"github.com/imgtui/imgtui/model/tree"
)

// Root says what stands at each path.
type Root map[string]File

// File is what stands at a path. An ID of 0 is no payload.
type File struct {
	tree.Attr
	Payload ID
	Layer   int       // that last said something of the path itself
	own     bool      // of the layer that is being laid
	said    bool      // by an entry of its own in that layer
	as      tree.Kind // what the entry called it
}

// ID tells payloads apart.
type ID struct {
	Carried      bool
	Layer, Entry int
	Content      uint64
}

// Lay lays the entries of the layer with that index over a root.
func Lay(lower Root, layer int, entries []tree.Entry) Root {
	root := lay(lower, layer, entries)
	for p, f := range root {
		f.own, f.said, f.as = false, false, tree.Unset
		root[p] = f
	}
	return root
}

func lay(lower Root, layer int, entries []tree.Entry) Root {
	l := laying{layer: layer, lower: lower, root: maps.Clone(lower), leads: map[string]string{}}
	if l.root == nil {
		l.root = Root{}
	}
	for _, w := range Marks(entries) {
		l.hide(w)
	}
	l.parents("/any")
	for i, e := range entries {
		l.add(i, e)
	}
	for p := range l.root {
		if strings.Contains(p, "/.wh.") {
			delete(l.root, p)
		}
	}
	l.lead()
	return l.root
}

// laying is one layer on its way onto one root.
type laying struct {
	layer int
	lower Root
	root  Root
	leads map[string]string // where hard links lead that have found nothing in their layer so far
}

// add puts one entry. Whiteouts have been applied, but make their parents as all do.
func (l *laying) add(n int, e tree.Entry) {
	p := l.resolve(path.Clean("/" + e.Path))
	name := path.Base(p)
	if strings.HasPrefix(name, ".wh.") {
		if hides(name) && !l.covered(path.Dir(p)) {
			l.parents(p)
		}
		return
	}
	if p == "/" && e.Kind != tree.Dir {
		return
	}
	l.parents(p)
	if l.root[p].Kind != tree.Dir || e.Kind != tree.Dir {
		l.drop(p)
	}
	f := File{Attr: e.Attr, Layer: l.layer, own: true, said: true, as: e.Kind}
	switch e.Kind {
	case tree.File:
		f.Payload = ID{Carried: true, Layer: l.layer, Entry: n, Content: e.Content}
	case tree.Hardlink:
		f = l.link(p, f)
	}
	l.root[p] = f
}

// link gives a hard link what its target is at this moment in its own layer;
// where that has nothing, the link waits.
func (l *laying) link(p string, f File) File {
	target := l.resolve(path.Clean("/" + f.Link))
	if t, ok := l.root[target]; ok && t.own {
		if to, waits := l.leads[target]; waits {
			l.leads[p] = to
			return f
		}
		return named(f, t)
	}
	l.leads[p] = target
	return f
}

// named returns a hard link as one more name of t.
func named(link, t File) File {
	switch t.Kind {
	case tree.File, tree.Hardlink:
		if t.Payload.Carried {
			link.Payload, link.Size = t.Payload, t.Size
		}
	case tree.Symlink, tree.Char, tree.Block, tree.Fifo:
		link.Attr = t.Attr
	}
	return link
}

// lead gives the links that wait what the root beneath had at their target,
// else what their own layer carries there in the end.
func (l *laying) lead() {
	found := map[string]File{}
	for p, to := range l.leads {
		f, ok := l.root[p]
		if !ok {
			continue
		}
		if own := l.root[to]; own.own {
			found[p] = named(f, own)
		}
		if below := named(f, l.lower[to]); below != f {
			found[p] = below
		}
	}
	maps.Copy(l.root, found)
}

// parents makes a directory of all that stands above a path.
func (l *laying) parents(p string) {
	for _, dir := range above(p) {
		if f, ok := l.root[dir]; ok && f.Kind == tree.Dir {
			f.own = true
			l.root[dir] = f
			continue
		}
		l.drop(dir)
		l.root[dir] = File{Attr: tree.Attr{Kind: tree.Dir, Mode: 0o755}, Layer: l.layer, own: true}
	}
}

// drop takes away what stands at a path and beneath it.
func (l *laying) drop(p string) {
	for q := range l.root {
		if q == p || beneath(q, p) {
			delete(l.root, q)
			delete(l.leads, q)
		}
	}
}

// covered tells whether this layer has something else than a directory at or above a path.
func (l *laying) covered(p string) bool {
	for _, dir := range append(above(p), p) {
		if f := l.root[dir]; f.own && f.Kind != tree.Dir {
			return true
		}
	}
	return false
}

// resolve follows the symlinks of this layer on the way to a path's last name.
func (l *laying) resolve(p string) string {
	to := p
	for range 41 {
		next := l.follow(to)
		if next == to {
			return to
		}
		if len(next) > 4096 {
			break
		}
		to = next
	}
	return p
}

func (l *laying) follow(p string) string {
	for _, dir := range above(p) {
		f := l.root[dir]
		if !f.own || f.Kind != tree.Symlink {
			continue
		}
		if strings.HasPrefix(f.Link, "/") {
			return path.Clean(f.Link + p[len(dir):])
		}
		return path.Clean("/" + path.Dir(dir) + "/" + f.Link + p[len(dir):])
	}
	return p
}

// above returns the directories above a path, the root first.
func above(p string) []string {
	if p == "/" {
		return nil
	}
	var all []string
	for dir := path.Dir(p); ; dir = path.Dir(dir) {
		all = append(all, dir)
		if dir == "/" {
			slices.Reverse(all)
			return all
		}
	}
}

func beneath(p, dir string) bool {
	return p != dir && strings.HasPrefix(p, strings.TrimSuffix(dir, "/")+"/")
}
