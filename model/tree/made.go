package tree

import "strings"

// Maker makes nodes for who knows a root otherwise than by its layers. The zero
// value is ready.
type Maker struct{ metas metas }

// Made returns the node of that name with kids in byte order of their names.
// The payload is that of a File or Hardlink; nil gives a File one of its own.
func (m *Maker) Made(name string, a Attr, p *Payload, kids []*Node) *Node {
	n := &Node{Name: name, more: m.metas.of(&a).plain, Size: a.Size, ModTime: a.ModTime}
	switch {
	case a.Link != "" || p != nil:
		n.more = newLink(n.meta, link{a.Link, p})
	case len(kids) > 0:
		n.more = &more{meta: n.meta, link: &noLink}
	}
	if len(kids) > 0 {
		n.more.kids = shelved(kids)
	}
	n.seal()
	return n
}

// Empty returns the root that has nothing in it.
func Empty() *Node { return new(Maker).Made("", Attr{Kind: Dir, Mode: 0o755}, nil, nil) }

// metas keeps what nodes have in common once. The zero value is ready.
type metas struct {
	all  map[meta]*meta
	last [Fifo + 1]*meta // by kind: most are as the one before
	text int64           // bytes of all attributes
}

func (m *metas) of(a *Attr) *meta {
	if int(a.Kind) >= len(m.last) {
		return m.one(a)
	}
	last := &m.last[a.Kind]
	if *last == nil || !(*last).isOf(a) {
		*last = m.one(a)
	}
	return *last
}

// isOf tells whether that is what a layer says, the kind aside.
func (m *meta) isOf(a *Attr) bool {
	return m.Mode == a.Mode && m.UID == a.UID && m.GID == a.GID && m.Major == a.Major && m.Minor == a.Minor && m.Xattrs == a.Xattrs
}

func (m *metas) one(a *Attr) *meta {
	made := meta{Kind: a.Kind, Mode: a.Mode, UID: a.UID, GID: a.GID, Major: a.Major, Minor: a.Minor, Xattrs: a.Xattrs}
	if known := m.all[made]; known != nil {
		return known
	}
	if m.all == nil {
		m.all = map[meta]*meta{}
	}
	made.Xattrs = strings.Clone(made.Xattrs)
	m.text += int64(len(made.Xattrs) + len(made.Xattrs)/4)
	kept := made
	m.all[made] = kept.ready()
	return &kept
}
