package tree

import (
	"cmp"
	"maps"
	"slices"
	"strings"
)

// Unread returns the payloads of an image's layers whose content must be
// learned before its roots are compared, by layer and entry: those that are
// unread and of a size that another layer has at the same path, too. A different
// size is a difference already, and no content has no bytes. A layer that is not
// known is nil. Layers are told apart by where they stand.
func Unread(layers []*Layer) []*Payload {
	p := pending{layers: layers, all: map[*Payload]bool{}}
	var tops []place
	for i, l := range layers {
		if l != nil {
			tops = append(tops, place{i, l.Root})
		}
	}
	p.meet(tops)
	return slices.SortedFunc(maps.Keys(p.all), func(a, b *Payload) int {
		return cmp.Or(cmp.Compare(a.Layer, b.Layer), cmp.Compare(a.entry, b.entry))
	})
}

// pending gathers the payloads that meet others.
type pending struct {
	layers []*Layer
	all    map[*Payload]bool
}

// place is what one layer has at a path.
type place struct {
	layer int
	node  *Node
}

// meet looks at what several layers have at one path, and at all beneath of
// which that is so again.
func (p *pending) meet(at []place) {
	if len(at) < 2 {
		return
	}
	p.contents(at)
	var rest []place // the children of all but the widest
	widest := slices.MaxFunc(at, func(a, b place) int { return cmp.Compare(len(a.node.Kids), len(b.node.Kids)) })
	for _, d := range at {
		if d != widest {
			for _, k := range d.node.Kids {
				rest = append(rest, place{d.layer, k})
			}
		}
	}
	slices.SortStableFunc(rest, func(a, b place) int { return strings.Compare(a.node.Name, b.node.Name) })
	for len(rest) > 0 {
		name, n := rest[0].node.Name, 1
		for n < len(rest) && rest[n].node.Name == name {
			n++
		}
		one := rest[:n:n]
		if k := widest.node.kid(name); k != nil {
			one = append(one, place{widest.layer, k})
		}
		p.meet(one)
		rest = rest[n:]
	}
}

// contents notes the payloads of one path that are of one size.
func (p *pending) contents(at []place) {
	r := reaching{layers: p.layers}
	for _, k := range at {
		r.name(k)
	}
	all := r.all
	slices.SortFunc(all, func(a, b *Payload) int { return cmp.Compare(a.Size, b.Size) })
	for len(all) > 0 {
		n, several := 1, false
		for ; n < len(all) && all[n].Size == all[0].Size; n++ {
			several = several || all[n] != all[0]
		}
		for _, q := range all[:n] {
			if several && q.Unread() {
				p.all[q] = true
			}
		}
		all = all[n:]
	}
}

// reaching gathers the payloads that names may be of.
type reaching struct {
	layers []*Layer
	all    []*Payload
	seen   map[*Node]bool // the hard links that have been followed
}

// name adds what one name may be of: a hard link that waits may be of whatever
// stands at its target in the layers up to its own.
func (r *reaching) name(k place) {
	if q := k.node.Payload(); q != nil {
		r.all = append(r.all, q)
		return
	}
	target, waits := r.layers[k.layer].waiting[k.node]
	if !waits || r.seen[k.node] {
		return
	}
	if r.seen == nil {
		r.seen = map[*Node]bool{}
	}
	r.seen[k.node] = true
	for i, l := range r.layers[:k.layer+1] {
		if l == nil {
			continue
		}
		if n := l.Root.Find(target); n != nil {
			r.name(place{i, n})
		}
	}
}
