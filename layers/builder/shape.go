package builder

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"

	"github.com/moby/buildkit/solver/pb"

	"github.com/imgtui/imgtui/model/plan"
)

// shape is what one of BuildKit's operations says by itself: it depends on its
// bytes alone. It is shared, and not written to.
type shape struct {
	id       identity // of the bytes
	kind     plan.OpKind
	own      plan.Key
	alone    plan.Key // as own, where the operation stands on no constant
	env      []string
	wires    []wire // one for each input
	source   *pb.SourceOp
	platform *pb.Platform
	exec     *pb.Op // of an Exec, without its inputs
}

// shapeOf reads an operation that has so many inputs, and whose bytes are
// without them.
func shapeOf(rest []byte, inputs int) (*shape, error) {
	var op pb.Op
	if err := op.UnmarshalVT(rest); err != nil {
		return nil, fmt.Errorf("read operation: %w", err)
	}
	return shaped(&op, rest, inputs), nil
}

// shaped returns the shape of an operation, which is its own from now on.
func shaped(op *pb.Op, rest []byte, inputs int) *shape {
	op.Inputs = make([]*pb.Input, inputs)
	s := &shape{
		id: shapeID(rest, inputs), kind: kind(op), env: op.GetExec().GetMeta().GetEnv(), source: op.GetSource(), platform: op.Platform,
	}
	if s.source == nil {
		s.wires = wiring(op)
		s.own = ownKey(op)
		s.alone = newMix("own").key(s.own).sum()
	}
	if op.Inputs = nil; s.kind == plan.Exec {
		s.exec = op
	}
	return s
}

func shapeID(rest []byte, inputs int) identity {
	b := binary.LittleEndian.AppendUint64(make([]byte, 0, 1024), uint64(inputs))
	return sha256.Sum256(append(b, rest...))
}

// shapesKept is how many shapes are remembered: those of some large Dockerfiles.
const shapesKept = 20_000

// shape returns the shape of an operation. Those of the lines that did not
// change are known from the conversion before.
func (m *Memory) shape(rest []byte, inputs int) (*shape, error) {
	id := shapeID(rest, inputs)
	m.mu.Lock()
	defer m.mu.Unlock()
	if s, ok := m.shapes[id]; ok {
		return s, nil
	}
	s, err := shapeOf(rest, inputs)
	if err != nil {
		return nil, err
	}
	if m.shapes == nil || len(m.shapes) >= shapesKept {
		m.shapes = map[identity]*shape{}
	}
	m.shapes[id] = s
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
