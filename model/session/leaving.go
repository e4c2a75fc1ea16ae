package session

import (
	"github.com/imgtui/imgtui/model/progress"
)

// Departure is an image on its way out.
type Departure struct {
	Of  Leave
	Run progress.Run
}

// export sends the image of the shown build somewhere; one at a time.
func (s State) export(m Export) (State, []Request) {
	b := s.Rebuild()
	if b == nil || b.Outcome != Finished || !s.AtHand(b) || s.Departure != nil || m.To == "" {
		s.Notice = Notice{Kind: Unleavable}
		return s, nil
	}
	s.Departure = &Departure{Of: Leave{Build: b.Of.Gen, Way: m.Way, To: m.To, Gen: s.ask()}}
	s.Notice = Notice{}
	return s, []Request{s.Departure.Of}
}

func (s State) left(m Left) State {
	if s.Departure == nil || s.Departure.Of.Gen != m.Of.Gen {
		return s
	}
	s.Departure = nil
	s.Notice = Notice{Kind: Gone, Path: m.To, Size: m.Bytes, Digest: m.Digest, Way: m.Of.Way}
	return s
}

// unleft puts an error of what was to be done with a build where it happened.
func (s State) unleft(m Failed) State {
	switch of := m.Of.(type) {
	case Leave:
		if s.Departure != nil && s.Departure.Of.Gen == of.Gen {
			s.Departure = nil
			s.Notice = Notice{Kind: Wrong, Err: m.Err}
		}
	case Try:
		if s.Trial != nil && s.Trial.Of.Gen == of.Gen {
			s.Trial = &Trial{Of: of, Err: m.Err}
			s.Rev++
		}
	case Survey:
		if of.Gen == s.surveying {
			s.surveying = 0
			s.Notice = Notice{Kind: Wrong, Err: m.Err}
		}
	}
	return s
}

// stopLeaving stops what takes an image out.
func (s State) stopLeaving() (State, []Request) {
	gen := s.Departure.Of.Gen
	s.Departure, s.Notice = nil, Notice{Kind: BuildStopped}
	return s, []Request{Halt{Gen: gen}}
}
