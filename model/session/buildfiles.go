package session

import "github.com/imgtui/imgtui/model/tree"

// ofBuild returns the files of the shown build's selected step, or what a
// command did to them.
func (s State) ofBuild() (Files, bool) {
	b, m := s.Rebuild(), s.Made()
	switch t := s.Trial; {
	case b == nil:
		return Files{}, false
	case t != nil && !t.Loading && t.Err == nil:
		return Files{Delta: tree.Compare(t.Before, t.After), Known: true, Tried: true, Unread: ErrNotKept}, true
	case m == nil:
		return Files{}, false
	}
	if s.View == Against {
		if f, ok := s.across(m); ok {
			return f, true
		}
	}
	if f, ok := s.inImage(b, m); ok {
		return f, true
	}
	f := Files{Before: m.Index - 1, After: m.Index, Known: m.Known, Entry: Entry{Build: b.Of.Gen, Line: m.Line}}
	if !s.AtHand(b) {
		f.Unread = ErrClosed
	}
	if f.Delta, f.Known = s.between(b, m); !f.Known {
		f.Delta = tree.Delta{}
	}
	if f.Known && m.After == nil && b.Fault != nil && b.Fault.Line == m.Line {
		f.Why = b.Fault.Why
	}
	return f, true
}

// between compares the roots of a step as the view wants, and tells whether
// they are known. Where the root that a broken step left cannot be told, it is
// the one that it found.
func (s State) between(b *Rebuild, m *Made) (tree.Delta, bool) {
	broke := b.Fault != nil && b.Fault.Line == m.Line
	switch {
	case broke && m.After == nil:
		return tree.Compare(nil, m.Before), m.Before != nil
	case s.View == SinceBase:
		if base := b.base(m); base != nil && base.Known {
			return tree.Compare(base.After, m.After), m.Known
		}
	case s.View == Whole && m.Known && !m.Rooted:
		return tree.Compare(nil, m.After), true
	}
	return tree.Compare(m.Before, m.After), m.Known && m.Rooted
}

// base returns the FROM of a step's stage, or nil.
func (b *Rebuild) base(m *Made) *Made {
	for i := range b.Steps {
		if o := &b.Steps[i]; o.Stage == m.Stage && o.Instruction >= 0 && Verb(o.Text) == "FROM" {
			return o
		}
	}
	return nil
}

// inImage returns the files of a step as the image has them, once its layers
// are read: with contents, and for certain.
func (s State) inImage(b *Rebuild, m *Made) (Files, bool) {
	k := s.Image(b)
	if m.Index < 0 || k.Image == nil {
		return Files{}, false
	}
	f := Files{Before: m.Index - 1, After: m.Index, Slot: Now}
	base := b.base(m)
	switch {
	case Verb(m.Text) == "FROM":
		f.Before = -1
	case s.View == SinceBase && base != nil && base.Index >= 0:
		f.Before = base.Index
	}
	before, ok := k.At(f.Before)
	after, also := k.At(f.After)
	f.Delta, f.Known = tree.Compare(before, after), ok && also
	if s.now != b.Of.Gen {
		f.Unread = ErrClosed
	}
	return f, f.Known
}

// across compares the root that a step left with the one that its counterpart
// did in what the build is compared with; both must be read.
func (s State) across(m *Made) (Files, bool) {
	b := s.Rebuild()
	f := Files{Before: s.before(m), After: m.Index, Slot: Now, Across: true}
	if f.Before < 0 || f.After < 0 {
		return f, false
	}
	before, ok := s.Image(s.Of(s.Versus)).At(f.Before)
	after, also := s.Image(b).At(f.After)
	f.Delta, f.Known = tree.Compare(before, after), ok && also
	if s.now != b.Of.Gen {
		f.Unread = ErrClosed
	}
	return f, f.Known
}
