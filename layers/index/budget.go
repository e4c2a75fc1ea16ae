package index

import (
	"fmt"
	"sync"

	"github.com/imgtui/imgtui/model"
)

// Budget is the memory that all layers and roots of one image may take
// together. It may be used from several goroutines at once.
type Budget struct {
	limits Limits
	whole  int64 // bytes of all that is stored, where that is known; else 0

	mu     sync.Mutex
	held   int64
	files  int64
	stored int64
	seen   map[model.Digest]bool // blobs that have been read
}

// NewBudget returns one of which nothing is taken. The zero value of limits
// means DefaultLimits; whole is a [source.Image]'s.
func NewBudget(l Limits, whole int64) *Budget {
	return &Budget{limits: l.orDefault(), whole: whole, seen: map[model.Digest]bool{}}
}

// paid is how many of those stored bytes somebody had to send.
func (b *Budget) paid(stored int64) int64 {
	if b.whole > 0 {
		return min(stored, b.whole)
	}
	return stored
}

// Hold takes some bytes, or refuses.
func (b *Budget) Hold(n int64) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	l, most := b.limits, b.most()
	if b.held+n > most {
		return &LimitError{Shared: true, What: fmt.Sprintf("the paths of the image need more than %s of memory: the limit is %s and %d times the bytes of its files, at most %s",
			size(most), size(l.Held), l.HeldFiles, size(l.HeldMost))}
	}
	b.held += n
	return nil
}

// Room is how many bytes may be taken now.
func (b *Budget) Room() int64 {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.most() - b.held
}

// most is how many bytes may be taken in all.
func (b *Budget) most() int64 {
	l := b.limits
	return min(l.Held+min(l.HeldFiles*b.files, l.HeldStored*b.paid(b.stored)), l.HeldMost)
}

// Release gives bytes back.
func (b *Budget) Release(n int64) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.held -= n
}

// add notes bytes that have been read, of files and as they are stored.
func (b *Budget) add(files, stored int64) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.files += files
	b.stored += stored
}

// again notes a blob that has been read, and tells whether it had
// been before.
func (b *Budget) again(d model.Digest) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	was := b.seen[d]
	b.seen[d] = true
	return was
}

// perEntry is what an entry costs besides what the tree takes for it: there may
// be many that it takes nothing for.
const perEntry = 16

// Restore takes what a layer takes that was read in another run, by a name that
// blobs have which are equal. So many bytes of it were read as they are stored;
// model.Unknown is as many as of its tar.
func (b *Budget) Restore(name string, f Facts, stored int64) error {
	if stored == model.Unknown {
		stored = f.Tar
	}
	c := claim{budget: b, owed: f.Held}
	c.file(f.Files)
	c.read(stored)
	err := c.settle()
	c.end(model.Digest(name), err == nil)
	return err
}

// claim is what one layer has taken of a budget.
type claim struct {
	budget *Budget
	files  int64
	stored int64
	held   int64
	tree   int64 // what of it the tree takes
	owed   int64 // taken and not told yet
	unsaid int64 // of files, likewise
}

// owing is how much is taken before the budget is asked.
const owing = 64 << 10

// entry takes what an entry costs, after which the tree takes so many bytes.
func (c *claim) entry(tree int64) error {
	c.owed += perEntry + tree - c.tree
	c.tree = tree
	if c.owed < owing {
		return nil
	}
	return c.settle()
}

func (c *claim) settle() error {
	c.tell(0)
	if err := c.budget.Hold(c.owed); err != nil {
		return err
	}
	c.held += c.owed
	c.owed = 0
	return nil
}

// file notes a file of so many bytes.
func (c *claim) file(n int64) {
	c.files += n
	c.unsaid += n
}

// read notes bytes that have been read as they are stored.
func (c *claim) read(n int64) {
	c.stored += n
	c.tell(n)
}

// tell tells the budget of so many stored bytes, and of the files before.
func (c *claim) tell(stored int64) {
	c.budget.add(c.unsaid, stored)
	c.unsaid = 0
}

// end keeps what is taken, or gives it back where nothing came of it. A blob
// that is there several times is stored but once.
func (c *claim) end(d model.Digest, kept bool) {
	c.tell(0)
	if !kept {
		c.budget.Release(c.held)
	}
	if !kept || c.budget.again(d) {
		c.budget.add(-c.files, -c.stored)
	}
}
