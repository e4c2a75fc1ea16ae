package builder

import (
	"crypto/sha256"
	"encoding/binary"
	"hash"
	"maps"
	"slices"

	"github.com/imgtui/imgtui/model/plan"
)

// mix makes one key of several things, each set apart from its neighbours.
type mix struct {
	b []byte
	h hash.Hash // has what went before b; nil is nothing
}

// newMix starts a key of things of that kind.
func newMix(kind string) *mix {
	m := &mix{b: make([]byte, 0, 128)}
	return m.text(kind)
}

// again starts another key with the room that this one took.
func (m *mix) again(kind string) *mix {
	m.b, m.h = m.b[:0], nil
	return m.text(kind)
}

// mixHeld is how much of a mix is held until it is hashed.
const mixHeld = 4096

func (m *mix) flush() {
	if m.h == nil {
		m.h = sha256.New()
	}
	m.h.Write(m.b)
	m.b = m.b[:0]
}

func (m *mix) bytes(b []byte) *mix {
	m.number(len(b))
	m.b = append(m.b, b...)
	return m
}

func (m *mix) text(s string) *mix {
	m.number(len(s))
	m.b = append(m.b, s...)
	return m
}

func (m *mix) key(k plan.Key) *mix {
	m.b = append(m.b, k[:]...)
	return m
}

func (m *mix) number(n int) *mix {
	if len(m.b) > mixHeld {
		m.flush()
	}
	m.b = binary.LittleEndian.AppendUint64(m.b, uint64(n))
	return m
}

func (m *mix) pairs(all map[string]string) *mix {
	for _, k := range slices.Sorted(maps.Keys(all)) {
		m.text(k).text(all[k])
	}
	return m
}

// message adds one of BuildKit's messages that has no map in it.
func (m *mix) message(v interface{ MarshalVT() ([]byte, error) }) *mix {
	b, err := v.MarshalVT()
	if err != nil {
		panic(err) // it came out of the same bytes
	}
	return m.bytes(b)
}

func (m *mix) sum() plan.Key {
	if m.h != nil {
		m.flush()
		return plan.Key(m.h.Sum(nil)[:len(plan.Key{})])
	}
	all := sha256.Sum256(m.b)
	return plan.Key(all[:len(plan.Key{})])
}
