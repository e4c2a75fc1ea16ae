package session

import (
	"errors"
	"maps"
	"slices"
	"time"

	"github.com/imgtui/imgtui/model/plan"
	"github.com/imgtui/imgtui/model/progress"
)

// Pause is how long keys and context must rest before live mode builds.
const Pause = 300 * time.Millisecond

// Costly is how long a RUN took the last time that live mode does not run
// without being told to.
const Costly = 10 * time.Second

// due says what a build waits for the forecast of.
type due uint8

const (
	undue  due = iota
	byHand     // the user wants it
	byLive     // live mode wants it
)

// build wants what is on the screen built now.
func (s State) buildNow() (State, []Request) {
	if d := s.Draft; d == nil || d.Origin == Nowhere {
		s.Notice = Notice{Kind: Unbuildable}
		return s, nil
	}
	s.due = byHand
	s, rs := s.still()
	more, also := s.start()
	return more, append(rs, also...)
}

// start begins the build that is due, once its text is foretold. What does not
// parse is never built.
func (s State) start() (State, []Request) {
	d := s.Draft
	if s.due == undue || d == nil || d.Origin == Nowhere || d.Ahead || s.due == byLive && s.unready() {
		return s, nil
	}
	why := s.due
	s.due = undue
	switch {
	case d.Fault != nil && why == byHand:
		s.Notice = Notice{Kind: Unreadable, N: d.Fault.Line, Err: errors.New(d.Fault.Text)}
		return s, nil
	case d.Fault != nil, why == byLive && s.asBuilt():
		return s, nil
	}
	return s.begin(why == byLive)
}

// unready tells whether something is still read that a build is of.
func (s State) unready() bool {
	d := s.Draft
	return d.scan != 0 && d.Dir != "" && d.Context == nil && d.ContextErr == nil || s.Opening() && s.Stacks[Was].open.Gen != 0
}

// asBuilt tells whether the newest build is of all that is on the screen.
func (s State) asBuilt() bool {
	if len(s.Builds) == 0 {
		return false
	}
	b, d := s.Builds[len(s.Builds)-1], s.Draft
	return b.Outcome != Stopped && b.Of.Text == d.Text && b.Of.Context == d.Context && b.Of.Target == d.Target && b.Of.Platform == d.Platform &&
		maps.Equal(b.Of.Args, d.Args) && b.Of.Engine == s.Options.Engine && slices.Equal(b.Of.Tags, s.Options.Tags) &&
		(b.Outcome == Holding) == s.holding()
}

// holding tells whether live mode would not run all.
func (s State) holding() bool {
	return slices.ContainsFunc(s.Draft.Plan.Steps, s.Holds)
}

// enliven turns live mode on or off.
func (s State) enliven(on bool) (State, []Request) {
	if s.Live == on {
		return s, nil
	}
	s.Live = on
	if !on {
		if s.due == byLive {
			s.due = undue
		}
		return s.still()
	}
	s.due = byLive
	return s.start()
}

// stir says that text or context have changed: live mode waits for them to rest.
func (s State) stir() (State, []Request) {
	if !s.Live {
		return s, nil
	}
	s, rs := s.still()
	s.waiting = s.ask()
	return s, append(rs, Wait{For: Pause, Gen: s.waiting})
}

// still waits for nothing any more.
func (s State) still() (State, []Request) {
	if s.waiting == 0 {
		return s, nil
	}
	gen := s.waiting
	s.waiting = 0
	return s, []Request{Halt{Gen: gen}}
}

func (s State) waited(m Waited) (State, []Request) {
	if m.Of.Gen != s.waiting || s.waiting == 0 {
		return s, nil
	}
	s.waiting = 0
	if s.Live {
		s.due = byLive
	}
	return s.start()
}

// stirred joins what an update asked for with the wait that live mode wants.
func stirred(s State, rs []Request) (State, []Request) {
	s, more := s.stir()
	return s, append(rs, more...)
}

// Holds tells whether live mode does not run a step: the user holds it, or it
// took long the last time and the user has not let it run.
func (s State) Holds(p plan.Step) bool {
	if p.Fate == plan.Same || p.Fate == plan.Gone || p.Unused || Verb(p.Text) != "RUN" {
		return false
	}
	if held, said := s.holds[p.Text]; said {
		return held
	}
	return s.Lasted(p) >= Costly
}

// Lasted returns how long a step took in the newest build that ran it, or one
// in its place; 0 where none did.
func (s State) Lasted(p plan.Step) time.Duration {
	for i := len(s.Builds) - 1; i >= 0; i-- {
		for j := range s.Builds[i].Steps {
			m := &s.Builds[i].Steps[j]
			same := m.Text == p.Text || m.Instruction == p.Instruction && p.Instruction >= 0 && Verb(m.Text) == Verb(p.Text)
			if same && m.Took > 0 && (m.Status == progress.Done || m.Status == progress.Failed) {
				return m.Took
			}
		}
	}
	return 0
}

// hold holds the instruction on a line, or lets it run.
func (s State) hold(line int) (State, []Request) {
	p, ok := s.foretoldAt(line)
	if !ok || Verb(p.Text) != "RUN" {
		s.Notice = Notice{Kind: NotHeld}
		return s, nil
	}
	held := s.holds[p.Text]
	if _, said := s.holds[p.Text]; !said {
		held = s.Lasted(p) >= Costly
	}
	s.holds = maps.Clone(s.holds)
	if s.holds == nil {
		s.holds = map[string]bool{}
	}
	s.holds[p.Text] = !held
	s.Notice = Notice{Kind: other(held, LetRun, HeldBack), Path: p.Text}
	s.Rev++
	if !s.Live || !held {
		return s, nil
	}
	s.due = byLive
	return s.start()
}

// Held tells whether the user holds an instruction.
func (s State) Held(text string) bool { return s.holds[text] }

// foretoldAt returns the forecast of the instruction on a line.
func (s State) foretoldAt(line int) (plan.Step, bool) {
	if s.Draft == nil {
		return plan.Step{}, false
	}
	d := *s.Draft
	d.Line = line
	return d.At()
}

// stop stops the build, and nothing else.
func (s State) stop() (State, []Request) {
	more, rs := s.stopBuild()
	if rs != nil {
		more.Notice = Notice{Kind: BuildStopped}
	}
	return more, rs
}
