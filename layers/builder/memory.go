package builder

import (
	"encoding/binary"
	"sync"

	"github.com/zeebo/xxh3"

	"github.com/imgtui/imgtui/model/plan"
	"github.com/imgtui/imgtui/model/tree"
)

// Memory keeps, from job to job, what was read of operations and picked from
// build contexts, so that only what changed is looked at again. The zero value is empty;
// any number of goroutines may use one.
type Memory struct {
	mu     sync.Mutex
	roots  []*remembered // the one used last is the last
	shapes map[identity]*shape
	recent []*conversion // the one used last is the last
}

// remembered is what is known of one root of a context.
type remembered struct {
	root  *tree.Node
	sums  map[*tree.Node]plan.Key // of directories
	picks map[selectionKey]selection
}

// rootsKept is how many revisions of contexts are remembered: a few contexts,
// each as it was and as it is.
const rootsKept = 6

// selectionsKept is how many selections of one root are remembered.
const selectionsKept = 4096

// pick returns what a selector takes of a root.
func (m *Memory) pick(root *tree.Node, s selector) (selection, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	r, key := m.of(root), s.identity()
	if known, ok := r.picks[key]; ok {
		return known, nil
	}
	made, err := (&picker{root: root, sum: m.sum}).pick(s)
	if err != nil {
		return selection{}, err
	}
	if len(r.picks) >= selectionsKept {
		clear(r.picks)
	}
	r.picks[key] = made
	return made, nil
}

// of returns what is known of a root, and makes it the one used last.
func (m *Memory) of(root *tree.Node) *remembered {
	for i, r := range m.roots {
		if r.root == root {
			m.roots = append(append(m.roots[:i:i], m.roots[i+1:]...), r)
			return r
		}
	}
	r := &remembered{root: root, sums: map[*tree.Node]plan.Key{}, picks: map[selectionKey]selection{}}
	m.roots = append(m.roots, r)
	if len(m.roots) > rootsKept {
		m.roots = m.roots[1:]
	}
	return r
}

// sum returns the key of a node and all beneath it; a directory that an older
// root shares is not read again.
func (m *Memory) sum(n *tree.Node) plan.Key {
	if n.Kind != tree.Dir {
		return headerSum(n)
	}
	newest := m.roots[len(m.roots)-1]
	if k, ok := newest.sums[n]; ok {
		return k
	}
	for _, r := range m.roots[:len(m.roots)-1] {
		if k, ok := r.sums[n]; ok {
			newest.sums[n] = k
			return k
		}
	}
	var h xxh3.Hasher
	header := headerSum(n)
	h.Write(header[:])
	for _, kid := range n.Kids() {
		writeText(&h, kid.Name)
		k := m.sum(kid)
		h.Write(k[:])
	}
	k := plan.Key(h.Sum128().Bytes())
	newest.sums[n] = k
	return k
}

// headerSum is the key of a node without what is beneath it: what BuildKit
// looks at, so neither times nor owners, which the engine resets.
func headerSum(n *tree.Node) plan.Key {
	kind, link, size, content := n.Kind, n.Link, n.Size, uint64(0)
	if n.Payload() != nil {
		kind, link, content = tree.File, "", n.Payload().Content()
	}
	if kind != tree.File {
		size = 0
	}
	var b [48]byte
	for i, v := range [...]uint64{uint64(kind), uint64(n.Mode), uint64(size), content, uint64(n.Major), uint64(n.Minor)} {
		binary.LittleEndian.PutUint64(b[8*i:], v)
	}
	if link == "" && n.Xattrs == "" {
		return xxh3.Hash128(b[:]).Bytes()
	}
	var h xxh3.Hasher
	h.Write(b[:])
	writeText(&h, link)
	writeText(&h, n.Xattrs)
	return h.Sum128().Bytes()
}

func writeText(h *xxh3.Hasher, s string) {
	var b [8]byte
	binary.LittleEndian.PutUint64(b[:], uint64(len(s)))
	h.Write(b[:])
	h.WriteString(s)
}
