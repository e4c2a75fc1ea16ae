package waste_test

import (
	"cmp"
	"path"
	"slices"
	"strings"

	"github.com/imgtui/imgtui/model/tree"
	"github.com/imgtui/imgtui/model/tree/treetest"
	"github.com/imgtui/imgtui/model/waste"
)

// payload is what an entry carries.
type payload struct {
	id   treetest.ID
	path string
	size int64
}

// carried returns the payloads of an image's entries. Whiteouts carry none.
func carried(layers [][]tree.Entry) []payload {
	var all []payload
	for i, entries := range layers {
		for n, p := range treetest.Places(entries) {
			e := entries[n]
			if e.Kind == tree.File && !strings.HasPrefix(path.Base(p), ".wh.") {
				all = append(all, payload{treetest.ID{Carried: true, Layer: i, Entry: n, Content: e.Content}, p, e.Size})
			}
		}
	}
	return all
}

// replayed returns the plain roots after each layer.
func replayed(layers [][]tree.Entry) []treetest.Root {
	var roots []treetest.Root
	var root treetest.Root
	for i, entries := range layers {
		root = treetest.Lay(root, i, entries)
		roots = append(roots, root)
	}
	return roots
}

// namesOf returns the paths at which a root has a payload, in path order.
func namesOf(r treetest.Root, id treetest.ID) []string {
	var all []string
	for p, f := range r {
		if f.Payload == id {
			all = append(all, p)
		}
	}
	slices.SortFunc(all, func(a, b string) int { return slices.Compare(strings.Split(a, "/"), strings.Split(b, "/")) })
	return all
}

// weighed is the report by its definition: dead is what the final root does not reach.
func weighed(layers [][]tree.Entry) waste.Report {
	r := waste.Report{ByLayer: make([]int64, len(layers)), HiddenBy: make([]int64, len(layers))}
	roots := replayed(layers)
	for _, p := range carried(layers) {
		r.Total += p.size
		if p.size == 0 || len(namesOf(roots[len(roots)-1], p.id)) > 0 {
			r.Live += p.size
			continue
		}
		d := ended(p, roots)
		r.Dead += d.Bytes
		r.ByLayer[d.Added] += d.Bytes
		r.HiddenBy[d.Hidden] += d.Bytes
		r.Paths = append(r.Paths, d)
	}
	slices.SortFunc(r.Paths, func(a, b waste.Dead) int {
		return cmp.Or(cmp.Compare(b.Bytes, a.Bytes), cmp.Compare(a.Path, b.Path), cmp.Compare(a.Added, b.Added),
			cmp.Compare(a.Hidden, b.Hidden), cmp.Compare(a.How, b.How))
	})
	return r
}

// ended finds the first layer after which no root reaches a payload any more.
func ended(p payload, roots []treetest.Root) waste.Dead {
	d := waste.Dead{Path: p.path, Bytes: p.size, Added: p.id.Layer, Hidden: len(roots)}
	for d.Hidden > d.Added && len(namesOf(roots[d.Hidden-1], p.id)) == 0 {
		d.Hidden--
	}
	if d.Hidden == d.Added {
		d.How = waste.Twice
		return d
	}
	lost := namesOf(roots[d.Hidden-1], p.id)
	now, there := roots[d.Hidden][lost[len(lost)-1]]
	switch {
	case !there:
		d.How = waste.Deleted
	case now.Payload.Carried && now.Size == p.size && now.Payload.Content == p.id.Content:
		d.How = waste.Copied
	default:
		d.How = waste.Rewritten
	}
	return d
}
