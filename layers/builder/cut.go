package builder

import (
	"fmt"
	"slices"

	"github.com/moby/buildkit/client/llb"
	"github.com/moby/buildkit/solver/pb"
	"github.com/opencontainers/go-digest"

	"github.com/imgtui/imgtui/model/dockerfile"
)

// graph is what an engine is asked for, so that it can be cut at any vertex.
type graph struct {
	definition *llb.Definition
	vertices   map[digest.Digest]*vertex
	order      []digest.Digest // inputs first
	result     *pb.Input       // nil where nothing is asked for: FROM scratch alone
}

// vertex is one operation.
type vertex struct {
	digest digest.Digest
	op     *pb.Op
	raw    []byte
	name   string
	lines  []int // the first of each instruction that it is of: two may ask for the same
}

func newGraph(d *llb.Definition) (*graph, error) {
	g := &graph{definition: d, vertices: map[digest.Digest]*vertex{}}
	for _, raw := range d.Def {
		var op pb.Op
		if err := op.UnmarshalVT(raw); err != nil {
			return nil, fmt.Errorf("read operation: %w", err)
		}
		sum := digest.FromBytes(raw)
		if op.Op == nil { // it only names the result
			if len(op.Inputs) > 0 {
				g.result = op.Inputs[0]
			}
			continue
		}
		g.order = append(g.order, sum)
		g.vertices[sum] = &vertex{digest: sum, op: &op, raw: raw, name: d.Metadata[sum].Description["llb.customname"], lines: firstLines(d, sum)}
	}
	return g, nil
}

func firstLines(d *llb.Definition, sum digest.Digest) []int {
	var all []int
	for _, l := range d.Source.GetLocations()[string(sum)].GetLocations() {
		if len(l.Ranges) == 0 {
			continue
		}
		if n := int(l.Ranges[0].Start.GetLine()); n > 0 && !slices.Contains(all, n) {
			all = append(all, n)
		}
	}
	return all
}

// line is the first instruction that it is of; 0 where it is of none.
func (v *vertex) line() int {
	if len(v.lines) == 0 {
		return 0
	}
	return v.lines[0]
}

// below returns the vertex whose root this one stands on; nil where that is
// nothing.
func (g *graph) below(v *vertex) *vertex {
	at := int64(-1)
	switch {
	case v.op.GetExec() != nil:
		if m := rootMount(v.op.GetExec()); m >= 0 {
			at = v.op.GetExec().Mounts[m].Input
		}
	case v.op.GetFile() != nil:
		at = fileBase(v.op)
	case v.op.GetMerge() != nil && len(v.op.Inputs) > 0:
		at = 0
	}
	if at < 0 || at >= int64(len(v.op.Inputs)) {
		return nil
	}
	return g.vertices[digest.Digest(v.op.Inputs[at].Digest)]
}

// fileBase is the input that a file operation's last action stands on, by way of
// the actions before it.
func fileBase(op *pb.Op) int64 {
	actions := op.GetFile().Actions
	if len(actions) == 0 {
		return -1
	}
	at := actions[len(actions)-1].Input
	for range actions {
		own := at - int64(len(op.Inputs))
		if own < 0 || own >= int64(len(actions)) {
			break
		}
		at = actions[own].Input
	}
	return at
}

// rootMount is the index of the mount of the root; −1 where there is none.
func rootMount(e *pb.ExecOp) int {
	for i, m := range e.Mounts {
		if m.Dest == pb.RootMount {
			return i
		}
	}
	return -1
}

// output is the index by which a vertex's root is taken.
func (v *vertex) output() int64 {
	switch {
	case v.op.GetExec() != nil:
		if m := rootMount(v.op.GetExec()); m >= 0 {
			return v.op.GetExec().Mounts[m].Output
		}
	case v.op.GetFile() != nil:
		for _, a := range v.op.GetFile().Actions {
			if a.Output >= 0 {
				return a.Output
			}
		}
	}
	return 0
}

// steps are the vertices that leave a root for an instruction, inputs first: of
// those that one instruction makes the last. What is taken of build contexts is
// no root of an instruction.
func (g *graph) steps() []*vertex {
	last := map[int]*vertex{}
	for _, sum := range g.order {
		if v := g.vertices[sum]; v.rooted() {
			for _, line := range v.lines {
				last[line] = v
			}
		}
	}
	var all []*vertex
	for _, sum := range g.order {
		v := g.vertices[sum]
		if slices.ContainsFunc(v.lines, func(line int) bool { return last[line] == v }) {
			v.lines = slices.DeleteFunc(slices.Clone(v.lines), func(line int) bool { return last[line] != v })
			all = append(all, v)
		}
	}
	return all
}

// rooted tells whether the vertex makes a root that an instruction may leave.
func (v *vertex) rooted() bool {
	if s := v.op.GetSource(); s != nil {
		return isImage(s.Identifier)
	}
	return v.op.GetExec() != nil || v.op.GetFile() != nil || v.op.GetMerge() != nil
}

func isImage(identifier string) bool {
	for _, scheme := range []string{"docker-image://", "oci-layout://"} {
		if len(identifier) > len(scheme) && identifier[:len(scheme)] == scheme {
			return true
		}
	}
	return false
}

// needs returns what a vertex stands on, and itself.
func (g *graph) needs(v *vertex) map[digest.Digest]bool {
	all := map[digest.Digest]bool{}
	var walk func(digest.Digest)
	walk = func(d digest.Digest) {
		if all[d] || g.vertices[d] == nil {
			return
		}
		all[d] = true
		for _, in := range g.vertices[d].op.Inputs {
			walk(digest.Digest(in.Digest))
		}
	}
	walk(v.digest)
	return all
}

// cut is what to ask for to have the root of one vertex.
func (g *graph) cut(v *vertex) (*pb.Definition, error) {
	need := g.needs(v)
	d := &pb.Definition{Metadata: map[string]*pb.OpMetadata{}, Source: g.definition.Source}
	for _, sum := range g.order {
		if need[sum] {
			d.Def = append(d.Def, g.vertices[sum].raw)
			md := g.definition.Metadata[sum]
			d.Metadata[string(sum)] = md.ToPB()
		}
	}
	last, err := (&pb.Op{Inputs: []*pb.Input{{Digest: string(v.digest), Index: v.output()}}}).MarshalVT()
	if err != nil {
		return nil, err
	}
	d.Def = append(d.Def, last)
	d.Metadata[string(digest.FromBytes(last))] = &pb.OpMetadata{}
	return d, nil
}

// held tells whether a vertex stands on a step of a line that must not run.
func (g *graph) held(v *vertex, lines map[int]bool) bool {
	for sum := range g.needs(v) {
		w := g.vertices[sum]
		if w.op.GetExec() != nil && slices.ContainsFunc(w.lines, func(line int) bool { return lines[line] }) {
			return true
		}
	}
	return false
}

// adopt gives base images that BuildKit places nowhere the lines of the FROM
// that takes them: what the stage's first step stands on.
func (g *graph) adopt(f *dockerfile.File, target string) {
	first := map[int]*vertex{} // by stage
	for _, sum := range g.order {
		v := g.vertices[sum]
		at := f.At(v.line())
		if v.line() == 0 || at < 0 || v.op.GetSource() != nil {
			continue
		}
		if s := f.Instructions[at].Stage; first[s] == nil {
			first[s] = v
		}
	}
	for s := range f.Stages {
		v := first[s]
		switch {
		case v != nil:
			v = g.below(v)
		case s == f.StageNamed(target) && g.result != nil:
			v = g.vertices[digest.Digest(g.result.Digest)]
		}
		if v == nil || v.op.GetSource() == nil || !isImage(v.op.GetSource().Identifier) {
			continue
		}
		if line := f.Instructions[f.Stages[s].First].Line; !slices.Contains(v.lines, line) {
			v.lines = append(v.lines, line)
		}
	}
}
