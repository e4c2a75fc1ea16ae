package session

import (
	"context"
	"errors"
	"slices"

	"github.com/imgtui/imgtui/model"
)

func (s State) opened(m Opened) (State, []Request) {
	k := &s.Stacks[m.Of.Slot]
	if m.Of.Gen != k.open.Gen {
		return s, nil
	}
	k.Image, k.Err, k.index, k.again = m.Image, nil, s.ask(), nil
	k.Layers = make([]Layer, len(m.Image.Layers()))
	for i, l := range m.Image.Layers() {
		k.Layers[i] = Layer{Total: l.Download, Tar: l.Tar, DiffID: l.DiffID}
	}
	if m.Of.Slot == Was {
		s = s.settleOn(m.Image)
	}
	s.Rev++
	rs := []Request{Index{Slot: m.Of.Slot, First: max(k.layerAt(s.Step), 0), Gen: k.index}}
	if m.Of.Slot != Was {
		return s, rs
	}
	more, also := s.sketched()
	return more, append(rs, also...)
}

// settleOn selects the first step worth a look, unless the user has chosen one
// that the image has too.
func (s State) settleOn(i *model.Image) State {
	if !s.selected || s.Step >= len(i.Steps) {
		s.Step = first(i)
	}
	s.Marked, s.From = s.within(s.Marked), s.within(s.From)
	return s
}

// first returns the step to begin with: the first layer that is not the base's.
func first(i *model.Image) int {
	for n := i.Base(); n < len(i.Steps); n++ {
		if i.Steps[n].Layer != nil {
			return n
		}
	}
	return 0
}

func (s State) progressed(m Progressed) State {
	if l := s.layer(m.Of, m.Layer); l != nil {
		l.Done, l.Total = m.Done, m.Total
	}
	return s
}

func (s State) indexed(m Indexed) State {
	if l := s.layer(m.Of, m.Layer); l != nil {
		l.Tree, l.Tar, l.DiffID, l.Faults, l.Err = m.Tree, m.Tar, m.DiffID, m.Faults, nil
		l.Unverified = m.Unverified
		if l.Total != model.Unknown {
			l.Done = l.Total
		}
		s.Rev++
	}
	return s
}

func (s State) rooted(m Rooted) State {
	if l := s.layer(m.Of, m.Layer); l != nil {
		l.Root = m.Root
		s.Rev++
	}
	return s
}

// layer returns a fresh copy's layer for an answer of the Index under way, or nil for a stale one.
func (s *State) layer(of Index, layer int) *Layer {
	k := &s.Stacks[of.Slot]
	if of.Gen != k.index || layer < 0 || layer >= len(k.Layers) {
		return nil
	}
	k.Layers = slices.Clone(k.Layers)
	return &k.Layers[layer]
}

func (s State) indexDone(m IndexDone) (State, []Request) {
	k := &s.Stacks[m.Of.Slot]
	if m.Of.Gen != k.index {
		return s, nil
	}
	if again := k.again; again != nil {
		return s, []Request{s.reread(k, again)}
	}
	k.Read = true
	s.Rev++
	verify := s.verify(k)
	ls, rs, ok := k.trees()
	if !ok || len(k.Missing()) > 0 {
		more, also := s.foretell()
		return more, append(also, verify...)
	}
	return s, append([]Request{Weigh{Slot: m.Of.Slot, Layers: ls, Roots: rs, Gen: k.index}}, verify...)
}

// weighed takes the dead bytes: the last thing that a forecast looks at.
func (s State) weighed(m Weighed) (State, []Request) {
	k := &s.Stacks[m.Of.Slot]
	if m.Of.Gen != k.index {
		return s, nil
	}
	k.Report = &m.Report
	return s.foretell()
}

// failed puts an error where it happened.
func (s State) failed(m Failed) State {
	switch of := m.Of.(type) {
	case Open:
		if k := &s.Stacks[of.Slot]; of.Gen == k.open.Gen {
			k.Err = m.Err
		}
	case Index:
		return s.unread(of, m)
	case Read:
		if s.File != nil && s.File.wants(of.Gen) {
			f := *s.File
			f.Loading, f.Err, f.gens = false, m.Err, [2]int{}
			s.File = &f
		}
	case Extract:
		if of.Gen == s.taking {
			s.taking = 0
			s.Notice = Notice{Kind: Wrong, Err: m.Err}
		}
	case Weigh:
		if of.Gen == s.Stacks[of.Slot].index {
			s.Notice = Notice{Kind: Wrong, Err: m.Err}
		}
	case Verify:
		s = s.verified(Verified{Of: of, Layer: m.Layer, Faults: []model.Warning{{Layer: m.Layer, Text: m.Err.Error()}}})
	case Fetch, Scan, Foretell, Write, Lending, Regaining:
		return s.undrafted(m)
	case Build:
		return s.unbuilt(of, m.Err)
	case Leave, Try, Survey:
		return s.unleft(m)
	case Wait:
		if of.Gen == s.waiting {
			s.waiting = 0
		}
	}
	return s
}

func (s State) unread(of Index, m Failed) State {
	if m.Layer >= 0 {
		if l := s.layer(of, m.Layer); l != nil {
			l.Err = m.Err
			s.Rev++
		}
		return s
	}
	k := &s.Stacks[of.Slot]
	if of.Gen != k.index {
		return s
	}
	k.abandon()
	s.Rev++
	if !errors.Is(m.Err, context.Canceled) {
		s.Notice = Notice{Kind: Wrong, Err: m.Err}
	}
	return s
}
