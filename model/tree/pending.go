package tree

import (
	"cmp"
	"slices"
	"strings"
)

// Unread returns the payloads of an image's layers whose content must be
// learned before its roots are compared, of each layer by entry: those that are
// unread and of a size that another layer has at the same path, too. A different
// size is a difference already, and no content has no bytes. A layer that is not
// known is nil. Layers are told apart by where they stand.
func Unread(layers []*Layer) [][]*Payload {
	p := pending{layers: layers, all: make([][]*Payload, len(layers))}
	var tops []place
	for i, l := range layers {
		if l != nil {
			tops = append(tops, place{i, l.Root})
		}
	}
	p.meet(tops)
	for i, some := range p.all {
		slices.SortFunc(some, func(a, b *Payload) int { return cmp.Compare(a.entry, b.entry) })
		p.all[i] = slices.Compact(some)
	}
	return p.all
}

// pending gathers the payloads that meet others.
type pending struct {
	layers []*Layer
	all    [][]*Payload // by layer, some more than once
	places []place      // at the path that is looked at, and at those above it
	files  []place      // room for those of one path
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
	from := len(p.places)
	widest := p.others(at)
	fetchFew(widest.node.kids)
	to := len(p.places)
	for i := from; i < to; {
		name := p.places[i].node.Name
		one := len(p.places)
		for ; i < to && p.places[i].node.Name == name; i++ {
			p.places = append(p.places, p.places[i])
		}
		if k := widest.node.Kid(name); k != nil {
			p.places = append(p.places, place{widest.layer, k})
		}
		p.meet(p.places[one:])
		p.places = p.places[:one]
	}
	p.places = p.places[:from]
}

// others adds the children of all directories but the widest one, by name.
func (p *pending) others(at []place) (widest place) {
	for _, d := range at {
		if widest.node == nil || d.node.Len() > widest.node.Len() {
			widest = d
		}
	}
	from := len(p.places)
	for _, d := range at {
		if d == widest {
			continue
		}
		for _, k := range d.node.Kids() {
			p.places = append(p.places, place{d.layer, k})
		}
	}
	byName := func(a, b place) int { return strings.Compare(a.node.Name, b.node.Name) }
	if rest := p.places[from:]; len(at) > 2 && !slices.IsSortedFunc(rest, byName) {
		slices.SortFunc(rest, byName)
	}
	return widest
}

// contents notes the payloads of one path that are of one size.
func (p *pending) contents(at []place) {
	r := reaching{layers: p.layers, all: p.files[:0]}
	for _, k := range at {
		r.name(k)
	}
	p.files = r.all
	slices.SortFunc(r.all, func(a, b place) int { return cmp.Compare(a.node.Size, b.node.Size) })
	for i, k := range r.all {
		if q := (*Payload)(k.node); q.Unread() && (i > 0 && k.like(r.all[i-1]) || i+1 < len(r.all) && k.like(r.all[i+1])) {
			p.all[k.layer] = append(p.all[k.layer], q)
		}
	}
}

// like tells whether two payloads are not one, and of one size.
func (p place) like(o place) bool { return p.node != o.node && p.node.Size == o.node.Size }

// reaching gathers the payloads that names may be of.
type reaching struct {
	layers []*Layer
	all    []place
	seen   map[*Node]bool // the hard links that have been followed
}

// name adds what one name may be of: a hard link that waits may be of whatever
// stands at its target in the layers up to its own.
func (r *reaching) name(k place) {
	if k.node.Kind == Dir {
		return
	}
	if q := k.node.Payload(); q != nil {
		r.all = append(r.all, place{k.layer, (*Node)(q)})
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
