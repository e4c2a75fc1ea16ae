package tree

// Totals is what a [Delta] sums up to.
type Totals struct {
	Added, Modified, Touched, Replaced, Removed int   // paths, directories too
	AddedBytes, RemovedBytes                    int64 // unpacked bytes gained and lost
}

// Net returns the bytes won or lost.
func (t Totals) Net() int64 { return t.AddedBytes - t.RemovedBytes }

// Paths returns how many paths changed.
func (t Totals) Paths() int { return t.Added + t.Modified + t.Touched + t.Replaced + t.Removed }

// Totals sums d and all beneath it. One-sided subtrees are not walked.
func (d Delta) Totals() Totals {
	var t Totals
	t.add(d)
	return t
}

// add tells whether d differs.
func (t *Totals) add(d Delta) bool {
	b, a := d.Before, d.After
	switch {
	case b == a:
		return false
	case b == nil:
		t.Added += a.Count()
		t.AddedBytes += a.Bytes()
		return true
	case a == nil:
		t.Removed += b.Count()
		t.RemovedBytes += b.Bytes()
		return true
	}
	beneath := false
	if a.Kind == Dir || b.Kind == Dir {
		if equal, known := told(b, a); equal && known {
			return false
		}
		v := begun()
		for k := range d.Unshared {
			beneath = t.add(k) || beneath
		}
		v.keep(b, a, !beneath && alike(b, a))
	}
	if !beneath && alike(b, a) {
		return false
	}
	t.count(d.differing(func() bool { return beneath }))
	t.grow(own(a) - own(b))
	return true
}

// own returns the bytes of a node without what is beneath it.
func own(n *Node) int64 {
	if n.Kind == File {
		return n.Size
	}
	return 0
}

func (t *Totals) grow(by int64) {
	if by > 0 {
		t.AddedBytes += by
	} else {
		t.RemovedBytes -= by
	}
}

func (t *Totals) count(c Change) {
	switch c {
	case Added:
		t.Added++
	case Modified:
		t.Modified++
	case Touched:
		t.Touched++
	case Replaced:
		t.Replaced++
	case Removed:
		t.Removed++
	}
}
