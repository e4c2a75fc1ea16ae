package plan

import (
	"crypto/sha256"
	"path"
	"slices"
	"strings"

	"github.com/imgtui/imgtui/model/dockerfile"
	"github.com/imgtui/imgtui/model/tree"
)

// Image is an image held against the Dockerfile that it may have been made of.
type Image struct {
	Was    Was
	Paired int // instructions that have a row of the history
	Of     int // those that should have one
}

// OfImage takes an image for what was: an instruction whose row reads as it
// does, and a COPY, ADD or WORKDIR whose layer is what it would bring, is had.
// The plan is one of the same file and graph that has been filled in. What an
// image cannot tell, the files of other stages and the base, is taken as had.
func OfImage(p Plan, k Known, g *Graph) Image {
	m := Image{}
	said := asWritten(k)
	was := &dockerfile.File{Text: k.File.Text, Escape: k.File.Escape, Stages: k.File.Stages}
	other := map[int]bool{}
	for i := range k.File.Instructions {
		in := k.File.Instructions[i]
		row, told := said[i]
		if told && in.Name != "FROM" && in.Name != "ARG" {
			m.Of++
		}
		switch {
		case !told || in.Name == "FROM":
		case k.Pairs[i] < 0 && in.Name != "ARG":
			other[i] = true
			continue // it was not there
		case k.Pairs[i] >= 0 && row != "":
			in.Args, in.Words, in.Heredocs = row, nil, nil
			other[i] = true
		}
		if k.Pairs[i] >= 0 {
			m.Paired++
		}
		was.Instructions = append(was.Instructions, in)
	}
	before := g.unlike(other, contents(p, k, other), moved(k), k.File)
	before.Config = k.Image.Config
	m.Was = Was{File: was, Graph: before}
	return m
}

// Made tells whether the image looks to be made of the Dockerfile: at least half
// of what should have left a row has left one.
func (i Image) Made() bool { return i.Of > 0 && 2*i.Paired >= i.Of }

// asWritten returns, for each instruction of the result, what its row of the
// history says where that is something else, and "" where it reads the same.
func asWritten(k Known) map[int]string {
	said := map[int]string{}
	stage := k.File.StageNamed(k.Target)
	if stage < 0 || k.Image == nil {
		return said
	}
	byStep := map[int]*statement{}
	all := rows(k.Image)
	for n := range all {
		byStep[all[n].index] = &all[n]
	}
	for _, told := range instructions(k.File, stage, k.Args) {
		said[told.index] = ""
		row := byStep[k.Pairs[told.index]]
		if row != nil && !slices.ContainsFunc(row.says, func(s string) bool { return slices.Contains(told.says, s) }) {
			said[told.index] = row.says[len(row.says)-1]
		}
	}
	return said
}

// contents finds, by instruction, the paths in which a layer is not what the
// instruction would bring now.
func contents(p Plan, k Known, other map[int]bool) map[int][]string {
	all := map[int][]string{}
	for _, s := range p.Steps {
		if s.Instruction < 0 || s.After == nil || s.History < 0 || other[s.Instruction] || k.At == nil {
			continue
		}
		real, ok := k.At(s.History)
		if !ok {
			continue
		}
		below, ok := k.At(s.History - 1)
		for _, p := range unequal(tree.Compare(real, s.After)) {
			if ok && below != s.Below && !changes(below, real, p) && !changes(s.Below, s.After, p) {
				continue // it is of a step beneath
			}
			all[s.Instruction] = append(all[s.Instruction], sourceFor(&k.File.Instructions[s.Instruction], k, p))
		}
	}
	return all
}

// changes tells whether a path is another in a root than in the one beneath.
func changes(below, root *tree.Node, at string) bool {
	d, ok := tree.Compare(below, root).Find(at)
	return ok && d.Change() != tree.Same
}

// moved returns the instructions before which the image has steps that are not
// in the file: they stood on something else. What comes before the first pair
// is the base's where it is not known how far that goes.
func moved(k Known) map[int]bool {
	all := map[int]bool{}
	if k.Image == nil {
		return all
	}
	steps := rows(k.Image)
	last := k.Image.Base() - 1
	files, settings := false, false
	for i, step := range k.Pairs {
		if step < 0 {
			continue
		}
		for n := last + 1; n < step && last >= 0; n++ {
			files = files || k.Image.Steps[n].Layer != nil
			settings = settings || shapes(steps[n].name)
		}
		last = step
		if files || settings && k.File.Instructions[i].Name == "RUN" {
			all[i] = true
			files, settings = false, false
		}
	}
	return all
}

// unequal returns the paths in which two roots differ as far as an engine looks
// at what it copies: times do not count.
func unequal(d tree.Delta) []string {
	var all []string
	d.Walk(func(p string, d tree.Delta) bool {
		switch d.Change() {
		case tree.Same, tree.Within:
		case tree.Touched:
			if b, a := d.Before, d.After; b.Mode != a.Mode || b.UID != a.UID || b.GID != a.GID || b.Xattrs != a.Xattrs {
				all = append(all, p)
			}
		default:
			all = append(all, p)
		}
		return true
	})
	return all
}

// sourceFor returns the path of the context that a COPY brings to a path of the
// image, or that path itself.
func sourceFor(in *dockerfile.Instruction, k Known, at string) string {
	if len(in.Words) < 2 || k.Context == nil {
		return at
	}
	dest := path.Join("/", in.Words[len(in.Words)-1])
	rel, below := strings.CutPrefix(at, strings.TrimSuffix(dest, "/")+"/")
	for _, src := range in.Words[:len(in.Words)-1] {
		n := k.Context.Root.Find(path.Join("/", src))
		switch {
		case n == nil:
		case n.Kind == tree.Dir && below:
			return strings.TrimPrefix(path.Join(src, rel), "/")
		case n.Kind != tree.Dir && (path.Base(at) == path.Base(src) || at == dest):
			return strings.TrimPrefix(path.Clean(src), "/")
		}
	}
	return at
}

// unlike returns the graph of a build in which some instructions did something
// else, some found other files, and some stood on another step.
func (g *Graph) unlike(other map[int]bool, content map[int][]string, moved map[int]bool, f *dockerfile.File) *Graph {
	was := *g
	was.Ops = slices.Clone(g.Ops)
	ops := opsOf(f, g, linesOf(f))
	owns, finds, elsewhere := make([]bool, len(g.Ops)), make([][]string, len(g.Ops)), make([]bool, len(g.Ops))
	for i := range ops {
		for _, o := range ops[i] {
			owns[o], finds[o] = owns[o] || other[i], append(finds[o], content[i]...)
			elsewhere[o] = elsewhere[o] || moved[i]
		}
	}
	key, loose := make([]bool, len(g.Ops)), make([]bool, len(g.Ops))
	for n := range was.Ops {
		op := &was.Ops[n]
		if owns[n] {
			op.Own = op.Own.unlike()
		}
		if len(finds[n]) > 0 {
			op.Content, op.Differs = op.Content.unlike(), finds[n]
		}
		key[n] = owns[n] || len(finds[n]) > 0 || elsewhere[n]
		loose[n] = key[n]
		for _, in := range op.Inputs {
			key[n] = key[n] || key[in.Op]
			loose[n] = loose[n] || !in.Content && loose[in.Op]
		}
		if key[n] {
			op.Key = op.Key.unlike()
		}
		if loose[n] {
			op.Loose = op.Loose.unlike()
		}
	}
	return &was
}

// unlike returns a key that nothing else has.
func (k Key) unlike() Key {
	sum := sha256.Sum256(append([]byte("another\x00"), k[:]...))
	return Key(sum[:len(k)])
}
