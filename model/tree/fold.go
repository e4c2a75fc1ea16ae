package tree

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
	taken int64 // bytes of what was made
}

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
		f.taken += perDir
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
	f.taken += int64(perDir + perKid*len(kids))
	return dir(up.Name, says, kids)
}

// dir makes a directory of which a node says what it is.
func dir(name string, says *Node, kids []*Node) *Node {
	var d struct {
		Node
		kids more
	}
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
	f.taken += int64(perDir*len(shelves) + perKid*len(kids))
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
			f.taken += int64(perDir + perKid*len(kids))
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
	kids = make([]*Node, 0, len(below)+len(ups))
	for _, u := range ups {
		var under *Node
		at, found := search(below, u.Name)
		kids, below = append(kids, below[:at]...), below[at:]
		if found {
			under, below = below[0], below[1:]
		}
		if u.mark&whiteout != 0 {
			same = same && under == nil
			continue
		}
		k := f.node(under, u)
		same = same && k == under
		kids = append(kids, k)
	}
	return append(kids, below...), same
}

// What a directory takes, and each child of it.
const (
	perDir = 120
	perKid = 8
)
