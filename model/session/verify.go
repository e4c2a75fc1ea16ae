package session

import "slices"

// verify asks for the digests of the layers that were read without.
func (s *State) verify(k *Stack) []Request {
	var all []int
	for i, l := range k.Layers {
		if l.Unverified {
			all = append(all, i)
		}
	}
	if all == nil {
		return nil
	}
	k.verify = s.ask()
	return []Request{Verify{Slot: k.open.Slot, Layers: all, Gen: k.verify}}
}

// unverify stops the Verify under way.
func (k *Stack) unverify() []Request {
	if k.verify == 0 {
		return nil
	}
	gen := k.verify
	k.verify = 0
	return []Request{Halt{Gen: gen}}
}

// verified takes the digests of one layer.
func (s State) verified(m Verified) State {
	k := &s.Stacks[m.Of.Slot]
	if k.verify == 0 || m.Of.Gen != k.verify || m.Layer < 0 || m.Layer >= len(k.Layers) || !k.Layers[m.Layer].Unverified {
		return s
	}
	k.Layers = slices.Clone(k.Layers)
	l := &k.Layers[m.Layer]
	l.Unverified, l.DiffID, l.Faults = false, m.DiffID, append(slices.Clip(l.Faults), m.Faults...)
	if !slices.ContainsFunc(k.Layers, func(l Layer) bool { return l.Unverified }) {
		k.verify = 0
	}
	s.Rev++
	return s
}
