package waste

import (
	"cmp"
	"slices"

	"github.com/imgtui/imgtui/model/tree"
)

// Weigh looks at the layers of an image and the roots after each of them. It
// walks only what each layer changed.
func Weigh(layers []*tree.Layer, roots []*tree.Node) Report {
	s := scale{
		links: map[*tree.Payload]int{}, gone: map[*tree.Payload]bool{},
		Report: Report{ByLayer: make([]int64, len(layers)), HiddenBy: make([]int64, len(layers))},
	}
	var below *tree.Node
	for i, l := range layers {
		s.now = map[*tree.Payload]*tree.Node{}
		s.compare(below, roots[i])
		s.twice(i, l, roots[i] == below)
		s.judge(i)
		below = roots[i]
	}
	s.locate(layers)
	s.Live = s.Total - s.Dead
	slices.SortFunc(s.Paths, func(a, b Dead) int {
		return cmp.Or(cmp.Compare(b.Bytes, a.Bytes), cmp.Compare(a.Path, b.Path), cmp.Compare(a.Added, b.Added),
			cmp.Compare(a.Hidden, b.Hidden), cmp.Compare(a.How, b.How))
	})
	return s.Report
}

// scale is a weighing under way. Most payloads have but one name, which is known
// by standing in the root.
type scale struct {
	Report
	links map[*tree.Payload]int        // how many hard links of the current root are names of a payload
	gone  map[*tree.Payload]bool       // those whose own name was in a root and is no more
	dead  []*tree.Payload              // those that Paths tells of, in its order
	now   map[*tree.Payload]*tree.Node // what is at the last name, in path order, that the current layer took from a payload
}

// reached tells whether a name of the current root reaches a payload.
func (s *scale) reached(p *tree.Payload) bool {
	return s.links[p] > 0 || !s.gone[p] && !p.Stray()
}

// compare counts the names that a layer took and gave. Nodes are told apart by
// address, so that a copy that is equal in all counts too.
func (s *scale) compare(before, after *tree.Node) {
	if before == after {
		return
	}
	if p := payload(before); p != nil {
		s.now[p] = after
		if p == (*tree.Payload)(before) {
			s.gone[p] = true
		} else {
			s.links[p]--
		}
	}
	if p := payload(after); p != nil && p != (*tree.Payload)(after) {
		s.links[p]++
	}
	for k := range (tree.Delta{Before: before, After: after}).Unshared {
		s.compare(k.Before, k.After)
	}
}

func payload(n *tree.Node) *tree.Payload {
	if n == nil {
		return nil
	}
	return n.Payload()
}

// twice finds what the layer carries and no name ever reached: nothing is where
// the layer is not in the root, as it took too much memory.
func (s *scale) twice(i int, l *tree.Layer, out bool) {
	for p := range l.Payloads() {
		s.Total += p.Size
		if out || !s.reached(p) {
			s.die(p, Dead{Added: i, Hidden: i, How: Twice})
		}
	}
}

// judge finds the payloads that no name reaches any more.
func (s *scale) judge(i int) {
	for p, now := range s.now {
		if s.reached(p) {
			continue
		}
		delete(s.links, p)
		delete(s.gone, p)
		s.die(p, Dead{Added: int(p.Layer), Hidden: i, How: how(p, now)})
	}
}

// how tells what became of the last name of a payload.
func how(p *tree.Payload, now *tree.Node) How {
	switch {
	case now == nil:
		return Deleted
	case now.Payload() != nil && now.Payload().Size == p.Size && now.Payload().Content() == p.Content():
		return Copied
	}
	return Rewritten
}

func (s *scale) die(p *tree.Payload, d Dead) {
	if d.Bytes = p.Size; d.Bytes == 0 {
		return
	}
	s.dead = append(s.dead, p)
	s.Dead += d.Bytes
	s.Paths = append(s.Paths, d)
	s.ByLayer[d.Added] += d.Bytes
	s.HiddenBy[d.Hidden] += d.Bytes
}

// locate finds the paths of all that is dead, in one go for each layer.
func (s *scale) locate(layers []*tree.Layer) {
	where := make([]map[*tree.Payload]string, len(layers))
	for i, p := range s.dead {
		in := &where[s.Paths[i].Added]
		if *in == nil {
			*in = map[*tree.Payload]string{}
		}
		(*in)[p] = ""
	}
	for i, l := range layers {
		l.Locate(where[i])
	}
	for i, p := range s.dead {
		d := &s.Paths[i]
		d.Path = where[d.Added][p]
	}
}
