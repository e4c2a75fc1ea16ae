package session

import (
	"errors"

	"github.com/imgtui/imgtui/model/tree"
)

// Trial is a command that is tried in a root of a build.
type Trial struct {
	Of            Try
	Loading       bool
	Before, After *tree.Node
	Output        string
	Code          int
	Err           error
}

// Enterable returns the root of the shown build that is selected, for a shell or
// a command; why says why there is none.
func (s State) Enterable(side Side) (e Entry, why error) {
	b, m := s.Rebuild(), s.Made()
	switch {
	case b == nil || m == nil:
		return e, ErrNoStep
	case !s.AtHand(b):
		return e, ErrAway
	case b.Fault != nil && b.Fault.Line == m.Line && side == After && b.Fault.After == nil:
		if b.Fault.Why != "" {
			return e, errors.New(b.Fault.Why)
		}
		return e, ErrNotMade
	case side == After && (!m.Known || m.After == nil), side == Before && (!m.Rooted || m.Before == nil):
		return e, ErrNotMade
	}
	return Entry{Build: b.Of.Gen, Line: m.Line, Side: side}, nil
}

// Why a root cannot be entered.
var (
	ErrNoStep  = errors.New("no step of a build is selected")
	ErrAway    = errors.New("another build has begun since")
	ErrNotMade = errors.New("there is no such root yet")
)

// attempt tries a command in the selected root.
func (s State) attempt(m Attempt) (State, []Request) {
	e, why := s.Enterable(m.Side)
	if why != nil {
		s.Notice = Notice{Kind: Wrong, Err: why}
		return s, nil
	}
	s, rs := s.stopTrial()
	t := Try{Build: e.Build, Line: e.Line, Side: e.Side, Command: m.Command, Gen: s.ask()}
	s.Trial = &Trial{Of: t, Loading: true}
	return s, append(rs, t)
}

func (s State) tried(m Tried) State {
	if s.Trial == nil || s.Trial.Of.Gen != m.Of.Gen {
		return s
	}
	s.Trial = &Trial{Of: m.Of, Before: m.Before, After: m.After, Output: m.Output, Code: m.Code}
	s.Rev++
	return s
}

// stopTrial forgets the command that was tried.
func (s State) stopTrial() (State, []Request) {
	t := s.Trial
	s.Trial = nil
	s.Rev++
	if t == nil || !t.Loading {
		return s, nil
	}
	return s, []Request{Halt{Gen: t.Of.Gen}}
}
