package builder

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/moby/buildkit/client/llb"
	"github.com/moby/buildkit/solver/pb"

	"github.com/imgtui/imgtui/model/plan"
)

// node is one of BuildKit's operations, before those that are equal are made
// one. It is shared, and never changed after it is made.
type node struct {
	id     identity
	raw    []byte // as BuildKit has it, without its inputs
	shape  *shape
	inputs []edge  // one for each input of the operation
	below  []*node // what BuildKit looks at before it, in that order
	name   stepName
	lines  []plan.Range
}

// identity is the same for vertices that are equal, with all that they stand
// on: it takes the place of BuildKit's digest.
type identity [sha256.Size]byte

// edge is one of the outputs of another vertex.
type edge struct {
	from   *node
	output int64
}

// identify gives a vertex its identity, once all else is known of it.
func (v *node) identify() *node {
	b := make([]byte, 0, (len(v.inputs)+1)*(sha256.Size+8))
	b = append(b, v.shape.id[:]...)
	for _, in := range v.inputs {
		b = append(b, in.from.id[:]...)
		b = binary.LittleEndian.AppendUint64(b, uint64(in.output))
	}
	v.id = sha256.Sum256(b)
	return v
}

// reader reads what BuildKit made of a text.
type reader struct {
	ctx         context.Context
	constraints *llb.Constraints
	memory      *Memory
	known       map[llb.Vertex]*node
	sums        map[*node]string // BuildKit's digests
}

func newReader(ctx context.Context, job Job) *reader {
	r := &reader{
		ctx: ctx, constraints: llb.NewConstraints(llb.Platform(target(job)), llb.WithCaps(everything)), memory: job.Memory,
		known: map[llb.Vertex]*node{}, sums: map[*node]string{},
	}
	if r.memory == nil {
		r.memory = &Memory{}
	}
	return r
}

// read returns the node of an output, nil for an empty root.
func (r *reader) read(o llb.Output) (*node, error) {
	if o == nil {
		return nil, nil
	}
	v := o.Vertex(r.ctx, r.constraints)
	if v == nil {
		return nil, nil
	}
	if made, ok := r.known[v]; ok {
		return made, nil
	}
	if err := r.ctx.Err(); err != nil {
		return nil, err
	}
	made := &node{}
	for _, in := range v.Inputs() {
		below, err := r.read(in)
		if err != nil {
			return nil, err
		}
		made.below = append(made.below, below)
	}
	sum, raw, meta, at, err := v.Marshal(r.ctx, r.constraints)
	if err != nil {
		return nil, err
	}
	if err := r.fill(made, raw); err != nil {
		return nil, err
	}
	made.name = nameOf(meta.GetDescription()["llb.customname"])
	for _, l := range at {
		made.lines = slices.Grow(made.lines, len(l.Ranges))
		for _, p := range l.Ranges {
			made.lines = append(made.lines, plan.Range{First: int(p.Start.GetLine()), Last: int(p.End.GetLine())})
		}
	}
	r.known[v], r.sums[made] = made, string(sum)
	return made.identify(), nil
}

// fill gives a vertex what the bytes of its operation say.
func (r *reader) fill(v *node, raw []byte) error {
	inputs, rest, err := split(raw)
	if err != nil {
		return err
	}
	used := make([]bool, len(v.below)) // a Merge may have two that are equal
	for _, in := range inputs {
		at := -1
		for i, b := range v.below {
			if b != nil && r.sums[b] == in.Digest && (at < 0 || used[at] && !used[i]) {
				at = i
			}
		}
		if at < 0 {
			return fmt.Errorf("read operation: it stands on %s, which is not there", in.Digest)
		}
		used[at] = true
		v.inputs = append(v.inputs, edge{v.below[at], in.Index})
	}
	v.raw = rest
	v.shape, err = r.memory.shape(rest, len(inputs))
	return err
}

// split parts the inputs of an operation, which come first, from the rest of it.
func split(raw []byte) (inputs []*pb.Input, rest []byte, err error) {
	const tag = 1<<3 | 2 // of the field Inputs
	for len(raw) > 0 && raw[0] == tag {
		size, n := binary.Uvarint(raw[1:])
		if n <= 0 || size > uint64(len(raw)-1-n) {
			return nil, nil, fmt.Errorf("read operation: %w", io.ErrUnexpectedEOF)
		}
		end := 1 + n + int(size)
		in := &pb.Input{}
		if err := in.UnmarshalVT(raw[1+n : end]); err != nil {
			return nil, nil, fmt.Errorf("read operation: %w", err)
		}
		inputs, raw = append(inputs, in), raw[end:]
	}
	return inputs, raw, nil
}

// stepName is what BuildKit calls an operation.
type stepName struct {
	stage       string
	step, steps int // of the stage; zero for those that are not counted
	title       string
}

// String is the name in BuildKit's form: "[build  2/12] RUN make".
func (n stepName) String() string {
	if n.steps == 0 {
		return n.title
	}
	b := append(make([]byte, 0, len(n.stage)+len(n.title)+16), '[')
	if n.stage != "" {
		b = append(append(b, n.stage...), ' ')
	}
	for width := int(1 + math.Log10(float64(n.steps))); width > 1 && n.step < pow10(width-1); width-- {
		b = append(b, ' ')
	}
	b = strconv.AppendInt(b, int64(n.step), 10)
	b = strconv.AppendInt(append(b, '/'), int64(n.steps), 10)
	return string(append(append(b, "] "...), n.title...))
}

func pow10(n int) int {
	p := 1
	for range n {
		p *= 10
	}
	return p
}

// nameOf reads a name.
func nameOf(text string) stepName {
	whole := stepName{title: text}
	head, title, ok := strings.Cut(strings.TrimPrefix(text, "["), "] ")
	if !ok || text[0] != '[' {
		return whole
	}
	at := strings.LastIndexByte(head, ' ')
	first, second, _ := strings.Cut(head[at+1:], "/")
	n := stepName{title: title, stage: strings.TrimRight(head[:max(at, 0)], " ")}
	var errs [2]error
	n.step, errs[0] = strconv.Atoi(first)
	n.steps, errs[1] = strconv.Atoi(second)
	if errs != [2]error{} || n.steps <= 0 || n.String() != text {
		return whole
	}
	return n
}

// each calls f once for n and each that it stands on, those first.
func (n *node) each(f func(*node)) {
	seen := map[*node]bool{nil: true}
	var visit func(n *node)
	visit = func(n *node) {
		if seen[n] {
			return
		}
		seen[n] = true
		for _, b := range n.below {
			visit(b)
		}
		f(n)
	}
	visit(n)
}
