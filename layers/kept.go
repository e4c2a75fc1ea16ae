package layers

import (
	"cmp"
	"fmt"
	"slices"
	"sync"

	"github.com/imgtui/imgtui/layers/builder"
	"github.com/imgtui/imgtui/layers/index"
	"github.com/imgtui/imgtui/layers/store"
	"github.com/imgtui/imgtui/model"
	"github.com/imgtui/imgtui/model/session"
	"github.com/imgtui/imgtui/model/tree"
)

// key is that by which a layer is kept between runs: the state of its file where it
// is in one, for nobody has held that against its digests, else what its bytes are
// held against while they come.
func (e *Engine) key(o *opened, n int) store.Key {
	if !o.img.Local {
		b := o.img.Blobs[n]
		return store.ByDigest(cmp.Or(b.Digest, b.DiffID))
	}
	s, ok := o.img.State(n)
	if !ok || e.building.leaves(o.img.Reference) {
		return store.Key{}
	}
	return store.ByState(s)
}

// tableKey is the key of what a layer's table of contents says, or nobody's. Of an
// eStargz layer the table alone is held against a digest, not where it lies and what
// the tar says of it: what is kept holds for this reference, and nothing is kept where
// anybody could have answered.
func (e *Engine) tableKey(o *opened, n int) store.Key {
	b := o.img.Blobs[n]
	if b.TOC == nil || !b.TOC.Chunked && e.o.Source.Insecure {
		return store.Key{}
	}
	said := fmt.Sprintf("%s %d %+v", b.Digest, b.Size, *b.TOC)
	if !b.TOC.Chunked {
		said += " " + o.img.Reference
	}
	return store.ByTable(said)
}

// leaves tells whether a reference is that of an image which was built here, and
// goes when the program ends.
func (b *building) leaves(ref string) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return slices.ContainsFunc(b.left, func(x builder.Exported) bool { return x.Ref == ref })
}

// recall takes a wanted layer from what earlier runs have kept, or leaves it to be
// read. What is to be held against its digests is read.
func (x *indexing) recall(n int) {
	x.keys[n] = x.e.key(x.o, n)
	for _, key := range x.recallable(n) {
		if l, ok := x.recalled(n, key); ok {
			x.o.put(n, l)
			x.end(n, nil)
			x.fold()
			return
		}
	}
	x.mu.Lock()
	defer x.mu.Unlock()
	x.unknown[n] = true
}

// recallable are the keys by which a wanted layer may be kept.
func (x *indexing) recallable(n int) []store.Key {
	switch {
	case !x.e.o.Verify:
		return []store.Key{x.keys[n], x.e.tableKey(x.o, n)}
	case x.o.img.Local:
		return nil
	}
	return []store.Key{x.keys[n]}
}

// recalled is what is kept of a layer. One of which the image says other digests is
// read, so that this is told.
func (x *indexing) recalled(n int, key store.Key) (loaded, bool) {
	kept, ok := x.e.o.Store.Get(key, store.Tree)
	b := x.o.img.Blobs[n]
	if kept.Facts.Unread && x.r.Slot != session.Was { // what it is compared with may be open no more
		return loaded{}, false
	}
	if !ok || differs(b.Digest, kept.Facts.Digest) || differs(b.DiffID, kept.Facts.DiffID) {
		return loaded{}, false
	}
	t, err := decoded(n, kept.Sections[store.Tree])
	x.e.o.Store.Free(kept.Sections[store.Tree])
	if err != nil {
		x.e.o.Store.Discard(key, err)
		return loaded{}, false
	}
	stored := b.Size
	if key.Table() {
		stored = 0                          // nobody has sent it
		kept.Facts.Places = x.e.places(key) // without which no file of it can be opened or learned
		if !kept.Facts.Places.Listed() {
			return loaded{}, false
		}
	}
	if err := x.o.budget.Restore(key.String(), kept.Facts, stored); err != nil {
		return loaded{}, false // reading it says so too
	}
	kept.Facts.Unverified = key.Local() && kept.Facts.Digest == ""
	later := sync.OnceValue(func() *index.Places { return x.e.places(key) })
	return loaded{tree: t, facts: kept.Facts, key: key, later: later, met: kept.Met}, true
}

// places are those that are kept of a layer: who opens no file wants none.
func (e *Engine) places(key store.Key) *index.Places {
	kept, ok := e.o.Store.Get(key, store.Places)
	b := kept.Sections[store.Places]
	if !ok || b == nil {
		return nil
	}
	p := &index.Places{}
	if err := p.UnmarshalBinary(b); err != nil {
		e.o.Store.Discard(key, err)
		return nil
	}
	return p
}

// decoded is a layer's tree. Bytes that it cannot be made of hinder nobody.
func decoded(n int, b []byte) (t *tree.Layer, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("internal fault: %v", p)
		}
	}()
	return tree.DecodeLayer(b, n)
}

func differs(said, is model.Digest) bool { return said != "" && is != "" && said != is }

// record has the store keep a layer that was read, unless something is wrong with it:
// by a digest only if its bytes were held against that one, and by the state of its
// file only if that is still the one before it was read. A table of contents has been
// held against its digest.
func (e *Engine) record(o *opened, n int) {
	l := o.get(n)
	if l.tree == nil || len(l.facts.Faults) > 0 {
		return
	}
	switch {
	case l.key.Local() && e.key(o, n) != l.key:
		return
	case !l.key.Local() && !l.key.Table() && !l.key.Of(l.facts.Digest) && !l.key.Of(l.facts.DiffID):
		return
	}
	e.o.Store.Put(l.key, l.entry)
}

// entry is what is kept of the layer.
func (l loaded) entry() (store.Entry, error) {
	e := store.Entry{Facts: l.facts, Entries: l.tree.Entries, Met: l.met, Sections: map[string][]byte{store.Tree: l.tree.Append(nil)}}
	p := l.places()
	if p == nil {
		return e, nil
	}
	var err error
	e.Sections[store.Places], err = p.MarshalBinary()
	return e, err
}
