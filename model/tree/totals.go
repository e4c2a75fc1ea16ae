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

func (t *Totals) add(d Delta) {
	switch {
	case d.same():
		return
	case d.Before == nil:
		t.Added += d.After.Count()
		t.AddedBytes += d.After.Bytes()
		return
	case d.After == nil:
		t.Removed += d.Before.Count()
		t.RemovedBytes += d.Before.Bytes()
		return
	}
	t.count(d.difference())
	t.grow(own(d.After) - own(d.Before))
	for k := range d.Unshared {
		t.add(k)
	}
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
