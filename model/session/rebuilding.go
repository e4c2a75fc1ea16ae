package session

import (
	"context"
	"errors"
	"maps"
	"slices"

	"github.com/imgtui/imgtui/model/plan"
	"github.com/imgtui/imgtui/model/progress"
)

// How many builds of a session are kept, and of how many the logs.
const (
	mostBuilds = 30
	mostLogs   = 6
)

// begin builds what is on the screen: the text parses and is foretold.
func (s State) begin(live bool) (State, []Request) {
	d := s.Draft
	s, rs := s.stopBuild()
	b := &Rebuild{Live: live, Began: s.Now, heard: s.Now}
	if n := len(s.Builds); n > 0 {
		b.Number = s.Builds[n-1].Number
	}
	b.Number++
	b.Steps = steps(d)
	b.stand()
	b.Of = Build{
		Sketch: d.Sketch, BuildOptions: s.Options, Text: d.Text, Context: d.Context, Image: s.Stacks[Was].Image, Slot: Was, Gen: s.ask(),
	}
	b.Of.Args = maps.Clone(d.Args)
	if live {
		for i := range b.Steps {
			if m := &b.Steps[i]; s.Holds(m.Step) {
				m.Held = true
				b.Of.Hold = append(b.Of.Hold, m.Line)
			}
		}
	}
	s.Builds = append(slices.Clone(s.Builds[max(len(s.Builds)-mostBuilds+1, 0):]), b)
	if n := len(s.Builds) - mostLogs; n > 0 {
		s.copyBuild(s.Builds[n-1].Of.Gen).Run = progress.Run{}
	}
	s.Shown, s.Trial, s.Versus = b.Of.Gen, nil, s.versus()
	s.At, s.trailing = d.Line, true
	s.Rev++
	return s, append(rs, b.Of)
}

// versus returns what is compared with, unless it is no more kept.
func (s State) versus() int {
	if s.Of(s.Versus) == nil {
		return 0
	}
	return s.Versus
}

// steps are the instructions with their forecast, or without where none is told.
func steps(d *Draft) []Made {
	var all []Made
	if d.Told == nil && d.Fault == nil {
		for _, p := range d.Plan.Steps {
			all = append(all, Made{Step: p, Index: -1})
		}
		return all
	}
	if d.File == nil {
		return nil
	}
	for n, i := range d.File.Instructions {
		p := plan.Step{Instruction: n, Line: i.Line, Last: i.Last, Stage: i.Stage, Text: i.Name + " " + i.Args, History: -1}
		if n < len(d.Pairs) {
			p.History = d.Pairs[n]
		}
		all = append(all, Made{Step: p, Index: -1})
	}
	return all
}

// stopBuild stops the build under way.
func (s State) stopBuild() (State, []Request) {
	b := s.Building()
	if b == nil {
		return s, nil
	}
	b = s.copyBuild(b.Of.Gen)
	b.Outcome, b.Ended = Stopped, s.Now
	s.due = undue
	s.Rev++
	return s, []Request{Halt{Gen: b.Of.Gen}}
}

// going returns a fresh copy of a build under way, or nil.
func (s *State) going(of Build) *Rebuild {
	if b := s.Of(of.Gen); b == nil || b.Over() {
		return nil
	}
	return s.copyBuild(of.Gen)
}

func (s State) reached(m Reached) State {
	if b := s.going(m.Of); b != nil {
		b.Host = m.Host
		b.Foreign = !slices.ContainsFunc(s.Builds, func(o *Rebuild) bool {
			return o.Outcome == Finished && o.Host.Name == m.Host.Name && o.Host.Address == m.Host.Address
		})
	}
	return s
}

func (s State) advanced(m Advanced) State {
	switch of := m.Of.(type) {
	case Build:
		if b := s.going(of); b != nil {
			b.advance(m.Events)
			b.heard = s.Now
			return s.trail(b)
		}
	case Leave:
		if s.Departure != nil && s.Departure.Of.Gen == of.Gen {
			d := *s.Departure
			d.Run = d.Run.Fold(m.Events)
			s.Departure = &d
		}
	}
	return s
}

// trail goes along with the step that runs, until the user has gone elsewhere.
func (s State) trail(b *Rebuild) State {
	if !s.trailing || s.Shown != b.Of.Gen {
		return s
	}
	for i := range b.Steps {
		if m := &b.Steps[i]; m.Status == progress.Running && m.Fate != plan.Gone {
			if s.At != m.Line {
				s.At = m.Line
				s.Rev++
			}
			return s
		}
	}
	return s
}

// settle goes back to where the user was when the build began.
func (s State) settle(b *Rebuild) State {
	if s.trailing && s.Shown == b.Of.Gen && s.Current(b) {
		s.At = s.Draft.Line
	}
	s.trailing = false
	s.Rev++
	return s
}

// advance takes events, and to the steps what they come to.
func (b *Rebuild) advance(events []progress.Event) {
	b.Run = b.Run.Fold(events)
	lines := b.Run.Lines()
	b.Steps = slices.Clone(b.Steps)
	for i := range b.Steps {
		m := &b.Steps[i]
		if l, ok := lines[m.Line]; ok && m.Fate != plan.Gone {
			m.Status, m.Took = l.Status, l.Took
		}
	}
}

// built opens the image that came of a build.
func (s State) built(m Built) (State, []Request) {
	b := s.going(m.Of)
	if b == nil {
		return s, nil
	}
	b.Outcome, b.Ended, b.Ref, b.Digest = Finished, s.Now, m.Ref, m.Digest
	s = s.settle(b)
	if m.Ref == "" {
		b.Outcome = Holding
		return s.heldAt(b), nil
	}
	if d := s.draft(); d != nil && m.Was != nil {
		d.was = m.Was
	}
	s, rs := s.openBuild(b)
	more, also := s.foretell()
	return more, append(rs, also...)
}

// heldAt looks at the first step that is held.
func (s State) heldAt(b *Rebuild) State {
	for i := range b.Steps {
		if b.Steps[i].Held && s.Shown == b.Of.Gen {
			s.At = b.Steps[i].Line
			break
		}
	}
	return s
}

// openBuild opens the image of a build beside the one that was.
func (s State) openBuild(b *Rebuild) (State, []Request) {
	if b.Ref == "" || s.now == b.Of.Gen && s.Stacks[Now].Err == nil {
		return s, nil
	}
	if old := s.copyBuild(s.now); old != nil {
		old.top = s.Stacks[Now]
	}
	var rs []Request
	if k := &s.Stacks[Now]; k.index != 0 && !k.Read {
		rs = append(rs, Halt{Gen: k.index})
	} else {
		rs = k.unverify()
	}
	s.now = b.Of.Gen
	return s, append(rs, s.open(Open{Ref: b.Ref, Slot: Now, Platform: s.Stacks[Was].open.Platform}))
}

// unbuilt takes why a build did not come to its end.
func (s State) unbuilt(of Build, err error) State {
	b := s.going(of)
	if b == nil {
		return s
	}
	b.Ended = s.Now
	s = s.settle(b)
	if errors.Is(err, context.Canceled) {
		b.Outcome = Stopped
		return s
	}
	b.Outcome, b.Err = Broken, err
	errors.As(err, &b.Fault)
	if b.Fault != nil {
		s = s.broke(b)
	}
	return s
}

// broke looks at the step that broke.
func (s State) broke(b *Rebuild) State {
	b.Steps = slices.Clone(b.Steps)
	m := b.At(b.Fault.Line)
	if m == nil {
		return s
	}
	m.Status = progress.Failed
	m.Before, m.Rooted = b.Fault.Before, true
	m.After, m.Known = b.Fault.After, b.Fault.After != nil
	if s.Shown != b.Of.Gen {
		return s
	}
	s.At = m.Line
	if s.Current(b) && !b.Live { // who is typing is left where they are
		s.draft().Line = m.Line
	}
	return s
}
