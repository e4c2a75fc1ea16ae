package session

import (
	"context"
	"slices"
)

// retry opens again what did not open, and reads again what could not be read: at
// once, or when the Index that could not has ended.
func (s State) retry() (State, []Request) {
	var rs []Request
	rev := s.Rev
	s.Notice = Notice{}
	for slot := range s.Stacks {
		k := &s.Stacks[slot]
		switch missing := k.Missing(); {
		case k.Err != nil:
			rs = append(rs, s.open(k.open))
		case k.Read && (len(missing) > 0 || k.unfolded()):
			rs = append(rs, k.unverify()...)
			rs = append(rs, s.reread(k, missing))
		case !k.Read && len(missing) > 0:
			k.again = slices.Concat(k.again, missing)
			k.retried(missing)
			s.Rev++
		}
	}
	if b := s.Rebuild(); rs == nil && s.Rev == rev && b != nil && b.Outcome == Broken && s.AtHand(b) {
		return s.buildNow()
	}
	return s, rs
}

// reread asks for layers that an earlier Index left out, or for the roots alone
// where it had come to these. Roots above a layer that was left out were folded
// without it, so that they are made again.
func (s *State) reread(k *Stack, missing []int) Request {
	k.retried(missing)
	first := 0
	if len(missing) > 0 {
		first = slices.Min(missing)
		k.unroot(first)
	}
	k.Read, k.Report, k.index, k.again = false, nil, s.ask(), nil
	s.Rev++
	return Index{Slot: k.open.Slot, First: first, Only: append([]int{}, missing...), Gen: k.index}
}

// retried makes layers such as have not been read yet.
func (k *Stack) retried(layers []int) {
	k.Layers = slices.Clone(k.Layers)
	for _, l := range layers {
		k.Layers[l].Err, k.Layers[l].Done = nil, 0
	}
}

// unroot forgets the roots from a layer upwards.
func (k *Stack) unroot(layer int) {
	for l := layer; l < len(k.Layers); l++ {
		k.Layers[l].Root = nil
	}
}

// cancel stops the nearest thing that is under way: a file, an extraction, a
// command, an image on its way, the build, the layers, the opening.
func (s State) cancel() (State, []Request) {
	switch {
	case s.File != nil && s.File.Loading:
		return s.unpeek()
	case s.taking != 0:
		gen := s.taking
		s.taking, s.Notice = 0, Notice{Kind: Halted}
		return s, []Request{Halt{Gen: gen}}
	case s.Trial != nil && s.Trial.Loading:
		return s.stopTrial()
	case s.Departure != nil:
		return s.stopLeaving()
	case s.Building() != nil:
		return s.stop()
	}
	return s.halt()
}

func (s State) halt() (State, []Request) {
	var rs []Request
	for slot := range s.Stacks {
		k := &s.Stacks[slot]
		switch {
		case k.Image == nil && k.Err == nil && k.open.Gen != 0:
			rs = append(rs, Halt{Gen: k.open.Gen})
			k.Err = context.Canceled
			k.open.Gen = 0
			s.Choices, s.pending = nil, nil
		case k.Image != nil && !k.Read:
			rs = append(rs, Halt{Gen: k.index})
			k.abandon()
		}
	}
	if rs != nil {
		s.Notice = Notice{Kind: Halted}
		s.Rev++
	}
	return s, rs
}

// abandon marks every layer that is still waited for as not read.
func (k *Stack) abandon() {
	k.Read, k.index, k.again = true, 0, nil
	k.Layers = slices.Clone(k.Layers)
	for i := range k.Layers {
		if k.Layers[i].Tree == nil && k.Layers[i].Err == nil {
			k.Layers[i].Err = context.Canceled
		}
	}
}
