package layers

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/imgtui/imgtui/layers/index"
	"github.com/imgtui/imgtui/layers/store"
	"github.com/imgtui/imgtui/model"
	"github.com/imgtui/imgtui/model/session"
	"github.com/imgtui/imgtui/model/tree"
)

// beat is how often progress is told.
const beat = 50 * time.Millisecond

// indexing is one Index under way.
type indexing struct {
	ctx  context.Context
	e    *Engine
	o    *opened
	r    session.Index
	send func(session.Msg)
	done []atomic.Int64 // stored bytes read, by layer: who reads never waits for who listens

	folding sync.Mutex // held while layers are laid over one another

	mu      sync.Mutex
	wanted  map[int]bool
	running int             // layers that are being read
	keys    []store.Key     // by which layers are kept between runs
	unknown map[int]bool    // layers of which nothing is kept
	fresh   []int           // layers that were read
	later   map[int]refused // layers to be tried once more when the others are read; nil in that second turn
	ended   []bool
	missing []int
	roots   []*tree.Node
	rooted  int // roots that have been told of
	told    []int64
	fault   error // what must not have happened
	met     bool  // the contents that will be compared are known
}

func (e *Engine) index(ctx context.Context, r session.Index, send func(session.Msg)) error {
	o, err := e.at(r.Slot)
	if err != nil {
		return err
	}
	o.forget()
	n := len(o.img.Blobs)
	x := &indexing{
		ctx: ctx, e: e, o: o, r: r, send: send, wanted: map[int]bool{}, unknown: map[int]bool{}, later: map[int]refused{},
		done: make([]atomic.Int64, n), told: make([]int64, n), ended: make([]bool, n), keys: make([]store.Key, n),
	}
	for i := range n {
		x.begin(i)
	}
	defer x.record()
	defer garbage.read()()
	recalled := garbage.recall()
	defer recalled()
	x.fold()
	x.remember()
	if len(x.wanted) > 0 {
		recalled()
		unmapStart()
	}
	x.read()
	if err := cmp.Or(ctx.Err(), x.fault); err != nil {
		return err
	}
	x.meet()
	if err := cmp.Or(ctx.Err(), x.fault); err != nil {
		return err
	}
	slices.Sort(x.missing)
	send(session.IndexDone{Of: r, Missing: x.missing})
	return nil
}

// meet learns what was passed over and must be known before roots are compared,
// while the last roots are made, and tells again of layers of which it could not be
// read.
func (x *indexing) meet() {
	faults := x.faults()
	var rest sync.WaitGroup
	rest.Go(func() {
		defer x.caught()
		x.fold()
	})
	x.e.meet(x.ctx)
	rest.Wait()
	now := x.faults()
	if x.ctx.Err() == nil && slices.Equal(now, faults) {
		x.o.noteMet()
	}
	for n := range now {
		if now[n] > faults[n] {
			x.end(n, nil)
		}
	}
	x.mu.Lock()
	defer x.mu.Unlock()
	x.met = true
	x.tellRoots()
}

// faults counts what is wrong with each layer.
func (x *indexing) faults() []int {
	all := make([]int, len(x.ended))
	for n := range all {
		all[n] = len(x.o.get(n).facts.Faults)
	}
	return all
}

// begin sorts a layer: already read, wanted, or left out.
func (x *indexing) begin(i int) {
	l := x.o.get(i)
	switch {
	case l.tree != nil:
		x.ended[i] = true
		x.send(x.indexed(i, l))
	case x.r.Only == nil || slices.Contains(x.r.Only, i):
		x.wanted[i] = true
	default:
		x.ended[i] = true
		x.missing = append(x.missing, i)
	}
}

func (x *indexing) indexed(i int, l loaded) session.Indexed {
	f := l.facts
	return session.Indexed{Of: x.r, Layer: i, Tree: l.tree, Tar: f.Tar, DiffID: f.DiffID, Faults: f.Faults, Unverified: f.Unverified}
}

// remember takes what is kept of the wanted layers, and leaves the others.
func (x *indexing) remember() {
	if x.e.o.Store == nil {
		return
	}
	x.turn(x.recall)
	if x.ctx.Err() == nil {
		x.wanted = x.unknown
	}
}

// record has those kept that were read. It comes last, for it takes time that who
// waits for a layer would wait for.
func (x *indexing) record() {
	for _, n := range x.fresh {
		x.e.record(x.o, n)
	}
}

// read reads the wanted layers, and once more those for which there was not
// enough memory before the others were read.
func (x *indexing) read() {
	x.turn(x.layer)
	if x.ctx.Err() != nil || x.fault != nil || len(x.later) == 0 {
		return
	}
	later := x.later
	x.later = nil
	for _, n := range slices.Sorted(maps.Keys(later)) {
		if x.o.budget.Room() > later[n].room {
			x.wanted[n] = true
		} else {
			x.end(n, later[n].err)
		}
	}
	x.turn(x.layer)
	x.fold()
}

// refused is a layer for which there was no room in the memory that the image
// may hold.
type refused struct {
	err  error
	room int64 // that there was without it
}

// turn does something with the wanted layers, several at once, and tells of progress.
func (x *indexing) turn(do func(layer int)) {
	var workers sync.WaitGroup
	for range min(x.e.o.Workers, len(x.wanted)) {
		workers.Go(func() { x.work(do) })
	}
	ticking, stop := context.WithCancel(x.ctx)
	var ticker sync.WaitGroup
	ticker.Go(func() { x.beats(ticking) })
	workers.Wait()
	stop()
	ticker.Wait()
}

// caught keeps a panic of a goroutine for who waits for it: the terminal is to
// be had back.
func (x *indexing) caught() {
	if p := recover(); p != nil {
		x.mu.Lock()
		defer x.mu.Unlock()
		x.fault = fmt.Errorf("read the layers: internal fault: %v", p)
	}
}

// work takes layers until none is left.
func (x *indexing) work(do func(layer int)) {
	defer x.caught()
	for x.ctx.Err() == nil {
		n := x.claim()
		if n < 0 {
			return
		}
		do(n)
	}
}

// cores counts one more or less layer that is being read, and returns how many
// cores it may use: its own, and those that nothing else is left for.
func (x *indexing) cores(by int) int {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.running += by
	return 1 + max(0, x.e.o.Workers-x.running-len(x.wanted))
}

func (x *indexing) claim() int {
	x.mu.Lock()
	defer x.mu.Unlock()
	return x.o.claim(x.wanted, x.r.First)
}

// layer reads one layer; what goes wrong with it stops no other.
func (x *indexing) layer(n int) {
	garbage.look()
	t, facts, err := x.try(n, x.cores(1))
	x.cores(-1)
	if x.ctx.Err() != nil {
		return
	}
	if x.postponed(n, err) {
		return
	}
	if err == nil {
		key := x.keys[n]
		if facts.Places.Listed() {
			key = x.e.tableKey(x.o, n)
		}
		x.put(n, loaded{tree: t, facts: facts, key: key})
	}
	x.end(n, err)
	x.fold()
}

func (x *indexing) put(n int, l loaded) {
	x.o.put(n, l)
	x.mu.Lock()
	defer x.mu.Unlock()
	x.fresh = append(x.fresh, n)
}

// postponed puts off a layer that goes beyond what the image may hold so far.
func (x *indexing) postponed(n int, err error) bool {
	var beyond *index.LimitError
	x.mu.Lock()
	defer x.mu.Unlock()
	if !errors.As(err, &beyond) || !beyond.Shared || x.later == nil {
		return false
	}
	x.later[n] = refused{err, x.o.budget.Room()}
	return true
}

// end tells what came of a layer; no progress of it is told afterwards.
func (x *indexing) end(n int, err error) {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.ended[n] = true
	if err != nil {
		x.fail(n, err)
		return
	}
	x.send(x.indexed(n, x.o.get(n)))
}

func (x *indexing) fail(n int, err error) {
	x.missing = append(x.missing, n)
	x.send(session.Failed{Of: x.r, Layer: n, Err: fmt.Errorf("layer %d: %w", n, err)})
}

func (x *indexing) try(n, cores int) (t *tree.Layer, f index.Facts, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("internal fault: %v", p)
		}
	}()
	return index.Layer(x.ctx, n, x.o.img.Blobs[n], index.Options{
		Progress: x.done[n].Store, Limits: x.e.o.Limits, Budget: x.o.budget, Large: x.e.large, Cores: cores,
		Unverified: x.o.img.Local && !x.e.o.Verify,
		// What is in the second slot may be compared with images of builds that are
		// no longer open.
		Whole: x.e.o.Verify || x.r.Slot != session.Was,
	})
}

// fold makes every root for which all beneath has ended, lowest first. It waits for
// who does so, for roots are made before further layers take the memory.
func (x *indexing) fold() {
	x.folding.Lock()
	defer x.folding.Unlock()
	for n, ok := x.foldable(); ok; n, ok = x.foldable() {
		x.putRoot(x.root(n))
	}
}

// foldable returns the layer that is to be laid over those beneath, if it can be.
func (x *indexing) foldable() (n int, ok bool) {
	x.mu.Lock()
	defer x.mu.Unlock()
	n = len(x.roots)
	return n, n < len(x.ended) && x.ended[n] && x.ctx.Err() == nil
}

func (x *indexing) putRoot(root *tree.Node) {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.roots = append(x.roots, root)
	x.tellRoots()
}

// tellRoots tells of the roots that can be compared. A layer with contents that were
// passed over waits for those that will be.
func (x *indexing) tellRoots() {
	for ; x.rooted < len(x.roots) && (x.met || !x.o.get(x.rooted).facts.Unread); x.rooted++ {
		x.send(session.Rooted{Of: x.r, Layer: x.rooted, Root: x.roots[x.rooted]})
	}
}

// beats tells of progress until the context ends.
func (x *indexing) beats(ctx context.Context) {
	defer x.caught()
	t := time.NewTicker(beat)
	defer t.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-t.C:
			garbage.look()
			x.tell()
		}
	}
}

func (x *indexing) tell() {
	x.mu.Lock()
	defer x.mu.Unlock()
	for n := range x.done {
		if done := x.done[n].Load(); done > x.told[n] && !x.ended[n] {
			x.told[n] = done
			x.send(session.Progressed{Of: x.r, Layer: n, Done: done, Total: total(x.o.img.Blobs[n].Size, done)})
		}
	}
}

func total(size, done int64) int64 {
	if size == model.Unknown {
		return size
	}
	return max(size, done)
}

func (e *Engine) prefer(r session.Prefer) {
	if o, err := e.at(r.Slot); err == nil {
		o.prefer(r.Layer)
	}
}
