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
type mix struct{ h hash.Hash }

// newMix starts a key of things of that kind.
func newMix(kind string) *mix { return (&mix{sha256.New()}).text(kind) }

func (m *mix) bytes(b []byte) *mix {
	m.number(len(b))
	m.h.Write(b)
	return m
}

func (m *mix) text(s string) *mix { return m.bytes([]byte(s)) }

func (m *mix) key(k plan.Key) *mix {
	m.h.Write(k[:])
	return m
}

func (m *mix) number(n int) *mix {
	var b [8]byte
	binary.LittleEndian.PutUint64(b[:], uint64(n))
	m.h.Write(b[:])
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
	var k plan.Key
	copy(k[:], m.h.Sum(nil))
	return k
}
