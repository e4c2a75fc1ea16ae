package tree

import "slices"

// Fold lays a layer over the root beneath it (nil at the bottom), as the layer
// rules of the OCI image-spec say, and returns the root after it. What the
// layer does not touch is shared with the root beneath. Over nothing a layer
// has one root, made with it.
func Fold(lower *Node, l *Layer) *Node {
	root, _ := Lay(lower, l)
	return root
}

// Lay does what [Fold] does, and returns also about how many bytes the root takes
// that it shares neither with the one beneath nor with the layer's own tree.
func Lay(lower *Node, l *Layer) (root *Node, taken int64) {
	if lower == nil {
		return l.alone, l.taken
	}
	f := folding{lower: lower, layer: l}
	root = f.node(lower, l.Root)
	return root, f.taken
}

// lone lays the layer over nothing.
func (l *Layer) lone() {
	f := folding{layer: l}
	l.alone = f.node(nil, l.Root)
	l.taken = f.taken
}

// folding is one layer being laid over one root.
type folding struct {
	lower *Node
	layer *Layer
	taken int64    // bytes of what was made
	stack []*Node  // the children of the directories that are being merged
	room  []*Node  // for children of many directories
	kept  int      // that have been put there
	dirs  []folded // likewise
	made  int
}

// folded is a directory of a root that is none of a layer.
type folded struct {
	Node
	kids more
}

// mostDirs is how many directories are made at once at the most: they fill the
// allocator's pages.
const mostDirs = 73

// node lays up over lo, which is nil where there is nothing.
func (f *folding) node(lo, up *Node) *Node {
	if up.mark&replaces != 0 || lo != nil && (lo.Kind != Dir || up.Kind != Dir) {
		lo = nil
	}
	if lo == nil && up.mark&(dangling|mixed) == 0 {
		return up
	}
	if up.Kind != Dir {
		n := &Node{Name: up.Name, more: up.more, Size: up.Size, ModTime: up.ModTime, Layer: up.Layer}
		f.take(1, 0)
		f.resolve(n, f.layer.waiting[up])
		return n
	}
	says := up
	if up.mark&implied != 0 && lo != nil {
		says = lo
	}
	kids, same := f.kids(lo, up)
	if same && says == lo {
		return lo
	}
	f.take(1, len(kids))
	return f.dir(up.Name, says, kids)
}

// dir makes a directory of which a node says what it is.
func (f *folding) dir(name string, says *Node, kids []*Node) *Node {
	if len(f.dirs) == cap(f.dirs) {
		f.dirs = make([]folded, 0, min(max(f.made/8, 1), mostDirs))
	}
	f.made++
	f.dirs = f.dirs[:len(f.dirs)+1]
	d := &f.dirs[len(f.dirs)-1]
	d.Name, d.Size, d.ModTime, d.Layer = name, says.Size, says.ModTime, says.Layer
	d.kids.meta, d.kids.kids, d.kids.link, d.Node.more = says.meta, kids, &noLink, &d.kids
	d.seal()
	d.mark = 0
	return &d.Node
}

// kids merges the children of two directories, and tells whether the lower
// ones come out as they were.
func (f *folding) kids(lo, up *Node) (kids []*Node, same bool) {
	ups := up.Kids()
	switch {
	case lo == nil || up.mark&opaque != 0:
		kids, _ = f.merge(nil, ups)
		return f.shelved(kids), lo != nil && len(kids) == 0 && len(lo.kids) == 0
	case !lo.isWide():
		kids, same = f.merge(lo.kids, ups)
		return f.shelved(kids), same
	}
	return f.shelves(lo.kids, ups)
}

// shelved puts children on shelves where they are many.
func (f *folding) shelved(kids []*Node) []*Node {
	if len(kids) <= wide {
		return kids
	}
	shelves := shelved(kids)
	f.take(len(shelves), len(kids))
	return shelves
}

// shelves merges children into shelves; those on which nothing comes stay.
func (f *folding) shelves(below, ups []*Node) (shelves []*Node, same bool) {
	same = true
	shelves = make([]*Node, 0, len(below)+1)
	for i, s := range below {
		n := len(ups)
		if i+1 < len(below) {
			n, _ = search(ups, below[i+1].Name)
		}
		kids, unchanged := f.merge(s.kids, ups[:n])
		ups = ups[n:]
		switch same = same && unchanged; {
		case unchanged:
			shelves = append(shelves, s)
		case len(kids) > wide:
			shelves = append(shelves, f.shelved(kids)...)
		case len(kids) > 0:
			f.take(1, len(kids))
			shelves = append(shelves, newShelf(kids))
		}
	}
	return shelves, same
}

// merge merges the children of one directory, or shelf, with those that come
// over them.
func (f *folding) merge(below, ups []*Node) (kids []*Node, same bool) {
	if len(ups) == 0 {
		return below, true
	}
	same = true
	fetchFew(below)
	from, left := len(f.stack), below
	for _, u := range ups {
		var under *Node
		at, found := search(left, u.Name)
		f.stack, left = append(f.stack, left[:at]...), left[at:]
		if found {
			under, left = left[0], left[1:]
		}
		if u.mark&whiteout != 0 {
			same = same && under == nil
			continue
		}
		k := f.node(under, u)
		same = same && k == under
		f.stack = append(f.stack, k)
	}
	f.stack = append(f.stack, left...)
	kids, f.stack = f.stack[from:], f.stack[:from]
	if same {
		return below, true
	}
	return f.keep(kids), false
}

// keep puts children where they stay, among those of other directories.
func (f *folding) keep(kids []*Node) []*Node {
	if cap(f.room)-len(f.room) < len(kids) {
		f.room = make([]*Node, 0, max(min(f.kept/8, mostNodes), len(kids)))
	}
	from := len(f.room)
	f.room = append(f.room, kids...)
	f.kept += len(kids)
	return slices.Clip(f.room[from:])
}

// What a directory takes, and each child of it.
const (
	perDir = 120
	perKid = 8
)

// take counts what so many directories with so many children take.
func (f *folding) take(dirs, kids int) { f.taken += int64(perDir*dirs + perKid*kids) }
