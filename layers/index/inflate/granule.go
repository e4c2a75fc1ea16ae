//go:build !purego && (386 || amd64 || arm64 || loong64 || ppc64le || riscv64)

package inflate

import "sync"

// granule is memory with a piece of a part in it, behind the window before that.
type granule struct {
	b        []byte
	from, to int // of the piece; of marks, where it has marks
	marks    bool
}

const granuleSize = filled + 2*slop

// granules are those that nobody uses. It may be used from several goroutines at once.
type granules struct {
	mu   sync.Mutex
	free [][]byte
}

func (g *granules) take() []byte {
	g.mu.Lock()
	defer g.mu.Unlock()
	n := len(g.free)
	if n == 0 {
		return make([]byte, granuleSize)
	}
	b := g.free[n-1]
	g.free = g.free[:n-1]
	return b
}

func (g *granules) give(b []byte) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.free = append(g.free, b)
}
