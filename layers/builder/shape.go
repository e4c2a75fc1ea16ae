package builder

import (
	"fmt"

	"github.com/moby/buildkit/solver/pb"
	"github.com/opencontainers/go-digest"

	"github.com/imgtui/imgtui/model/plan"
)

// shape is what one of BuildKit's operations says by itself: it depends on its
// bytes alone. It is shared, and not written to.
type shape struct {
	kind     plan.OpKind
	own      plan.Key
	env      []string
	inputs   []*pb.Input
	wires    []wire // one for each input
	source   *pb.SourceOp
	platform *pb.Platform
	last     bool // it only names the result
}

func shapeOf(raw []byte) (shape, error) {
	var op pb.Op
	if err := op.UnmarshalVT(raw); err != nil {
		return shape{}, fmt.Errorf("read operation: %w", err)
	}
	s := shape{kind: kind(&op), inputs: op.Inputs, source: op.GetSource(), platform: op.Platform, env: op.GetExec().GetMeta().GetEnv(), last: op.Op == nil}
	if s.source == nil && !s.last {
		s.wires = wiring(&op)
		s.own = ownKey(&op)
	}
	return s, nil
}

// shapesKept is how many shapes are remembered: those of some large Dockerfiles.
const shapesKept = 20_000

// shape returns the shape of an operation. Those of the lines that did not
// change are known from the conversion before.
func (m *Memory) shape(sum digest.Digest, raw []byte) (shape, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if s, ok := m.shapes[sum]; ok {
		return s, nil
	}
	s, err := shapeOf(raw)
	if err != nil {
		return s, err
	}
	if m.shapes == nil || len(m.shapes) >= shapesKept {
		m.shapes = map[digest.Digest]shape{}
	}
	m.shapes[sum] = s
	return s, nil
}

func kind(op *pb.Op) plan.OpKind {
	switch op.Op.(type) {
	case *pb.Op_Exec:
		return plan.Exec
	case *pb.Op_File:
		return plan.Files
	case *pb.Op_Merge:
		return plan.Joined
	}
	return plan.Other
}
