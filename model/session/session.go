// Package session is the program without its terminal: what the user looks
// at, what is under way, and what is wanted next. [State.Update] is a pure
// function; whatever takes time or can fail is asked for with a [Request] and
// comes back as a [Msg].
package session

import (
	"context"
	"slices"
	"time"

	"github.com/imgtui/imgtui/model"
)

// Limit is how many bytes of a file are read for a look at it.
const Limit = 1 << 20

// State is everything that the screen is a picture of. Copy it freely: what it
// points to is never changed.
type State struct {
	Stacks  [2]Stack // by Slot
	Choices []Choice // among which the user must choose; nil is none
	Step    int      // the selected step
	Marked  int      // the step that Step is compared with; −1 is none
	From    int      // where a range began; −1 is none
	View    View
	File    *File // the file in sight; nil is none
	Notice  Notice
	Draft   *Draft     // the Dockerfile; nil is none
	Edit    *Extracted // copies that wait for an editor; nil is none
	Now     time.Time
	Rev     int // changes whenever Files may say something new

	Options   BuildOptions
	Builds    []*Rebuild // of this session, the newest last
	Shown     int        // generation of the build that is shown; 0 shows the image that was opened
	At        int        // the selected line of its text
	Versus    int        // generation of the build that it is compared with; 0 is the image that was opened
	Live      bool       // text and context are built whenever they rest
	Trial     *Trial     // nil is none
	Departure *Departure // nil is none
	Hosts     []Host     // the engines, once they were looked for

	trailing  bool // At goes along with the step that runs
	due       due
	holds     map[string]bool // by the instruction: held, or let run
	waiting   int             // generation of the Wait under way; 0 is none
	surveying int             // of the Survey
	now       int             // generation of the build whose image is open in Now; 0 is none

	asking   Slot    // whose image the Choices are
	pending  []Asked // the questions that come after them
	gen      int     // of the newest request
	taking   int     // generation of the Extract under way; 0 is none
	selected bool    // the user has chosen a step
}

// Notice is a line that concerns what was just done.
type Notice struct {
	Kind NoticeKind
	Path string // what it is about
	N    int
	Size int64
	Err  error
	// Skipped are paths that were left out, with the reason.
	Skipped []string
	Digest  model.Digest
	Way     Way
}

// NoticeKind says what a [Notice] tells.
type NoticeKind uint8

// The notices.
const (
	Quiet        NoticeKind = iota
	Wrong                   // Err says what
	Taken                   // N files were written under Path
	OnlyForetold            // a file that is only foretold cannot be written out
	SavedTo                 // the Dockerfile was written to Path
	Halted                  // what was under way has been stopped
	Unbuildable             // there is no Dockerfile
	Unreadable              // the text cannot be read: line N, Err says why
	BuildStopped            // the build was stopped
	NotHeld                 // only a RUN can be held
	HeldBack                // live mode does not run the instruction Path
	LetRun                  // live mode runs it
	Unleavable              // there is no image that could be sent somewhere
	Gone                    // the image went by Way to Path: Size bytes, its Digest
	Named                   // builds to come are called Path
)

// Do grants one request and sends what comes of it: one message at a time, and
// none after it has returned.
type Do func(ctx context.Context, r Request, send func(Msg))

// Start is the first state and its first wishes: images to open, the first
// into [Was], a second into [Now].
func Start(opens ...Open) (State, []Request) {
	s := State{Marked: -1, From: -1}
	var rs []Request
	for i, o := range opens[:min(len(opens), len(s.Stacks))] {
		o.Slot = Slot(i)
		rs = append(rs, s.open(o))
	}
	return s, rs
}

// ask returns the next generation.
func (s *State) ask() int {
	s.gen++
	return s.gen
}

func (s *State) open(o Open) Request {
	o.Gen = s.ask()
	s.Stacks[o.Slot] = Stack{open: o}
	s.Rev++
	return o
}

// Generation returns that of the newest request: it grows with every one.
func (s State) Generation() int { return s.gen }

// Opening tells whether the first image is still waited for.
func (s State) Opening() bool {
	k := s.Stacks[Was]
	return k.Image == nil && k.Err == nil && s.Choices == nil
}

// Reading tells whether layers are being read.
func (s State) Reading() bool {
	for _, k := range s.Stacks {
		if k.Image != nil && !k.Read {
			return true
		}
	}
	return false
}

// Taking tells whether files are being extracted.
func (s State) Taking() bool { return s.taking != 0 }

// Update is the whole behaviour of the program.
func (s State) Update(m Msg) (State, []Request) {
	switch m := m.(type) {
	case Select:
		return s.selectStep(m.Step)
	case Mark:
		s.Marked, s.From = toggle(s.Marked, s.within(m.Step)), -1
		s.Rev++
	case Range:
		s.From, s.Marked = s.within(m.From), -1
		s.Rev++
	case Show:
		s.View = m.View
		s.Rev++
	case Peek:
		return s.peek(m)
	case Unpeek:
		return s.unpeek()
	case Take:
		return s.take(m)
	case Edit:
		return s.edit(m.Text)
	case Stand:
		return s.stand(m.Line)
	case Adjust:
		return s.adjust(m)
	case Save:
		return s.save(m)
	case Reload:
		return s.reload()
	case Lend:
		return s.lend()
	case Regain:
		return s.regain(m)
	case Choose:
		return s.choose(m.Choice)
	case Retry:
		return s.retry()
	case Cancel:
		return s.cancel()
	case Dismiss:
		s.Notice, s.Edit = Notice{}, nil
	case Clock:
		s.Now = m.Now
	default:
		return s.rebuild(m)
	}
	return s, nil
}

// rebuild takes the intents that are about builds.
func (s State) rebuild(m Msg) (State, []Request) {
	switch m := m.(type) {
	case BuildNow:
		return s.buildNow()
	case StopBuild:
		return s.stop()
	case GoLive:
		return s.enliven(m.On)
	case Hold:
		return s.hold(m.Line)
	case Point:
		return s.point(m)
	case Recall:
		return s.recall(m)
	case Contrast:
		return s.contrast(m), nil
	case Attempt:
		return s.attempt(m)
	case Forget:
		return s.stopTrial()
	case Export:
		return s.export(m)
	case Name:
		return s.name(m), nil
	case Inquire:
		return s.survey()
	case Engage:
		return s.engage(m.Engine)
	}
	return s.answer(m)
}

func (s State) answer(m Msg) (State, []Request) {
	switch m := m.(type) {
	case Opened:
		return s.opened(m)
	case Asked:
		return s.asked(m), nil
	case Progressed:
		return s.progressed(m), nil
	case Indexed:
		return s.indexed(m), nil
	case Rooted:
		return s.rooted(m), nil
	case IndexDone:
		return s.indexDone(m)
	case Weighed:
		return s.weighed(m)
	case Verified:
		return s.verified(m), nil
	case Loaded:
		return s.loaded(m), nil
	case Extracted:
		return s.extracted(m), nil
	case Fetched:
		return s.fetched(m)
	case Scanned:
		return s.scanned(m)
	case Foretold:
		return s.foretold(m)
	case Written:
		return s.written(m), nil
	case Lent:
		return s.lent(m), nil
	case Regained:
		return s.regained(m)
	case Waited:
		return s.waited(m)
	case Failed:
		return s.failed(m), nil
	}
	return s.fact(m)
}

// fact takes the answers of a build.
func (s State) fact(m Msg) (State, []Request) {
	switch m := m.(type) {
	case Reached:
		return s.reached(m), nil
	case Advanced:
		return s.advanced(m), nil
	case Stepped:
		return s.stepped(m), nil
	case Built:
		return s.built(m)
	case Surveyed:
		return s.surveyed(m), nil
	case Tried:
		return s.tried(m), nil
	case Left:
		return s.left(m), nil
	}
	return s, nil
}

// within returns a step that there is, or −1.
func (s State) within(step int) int {
	if i := s.Stacks[Was].Image; i == nil || step < 0 || step >= len(i.Steps) {
		return -1
	}
	return step
}

func toggle(was, step int) int {
	if was == step {
		return -1
	}
	return step
}

func (s State) selectStep(step int) (State, []Request) {
	k := s.Stacks[Was]
	if k.Image == nil || len(k.Image.Steps) == 0 {
		return s, nil
	}
	step = min(max(step, 0), len(k.Image.Steps)-1)
	if step == s.Step {
		return s, nil
	}
	s.Step, s.selected = step, true
	s.follow()
	s.Rev++
	l := k.layerAt(step)
	if l < 0 || k.Read || k.Layers[l].Tree != nil {
		return s, nil
	}
	return s, []Request{Prefer{Slot: Was, Layer: l, Gen: k.index}}
}

// asked puts a question, one at a time.
func (s State) asked(m Asked) State {
	switch {
	case m.Of.Gen != s.Stacks[m.Of.Slot].open.Gen:
	case s.Choices != nil && s.asking != m.Of.Slot:
		s.pending = append(slices.Clip(s.pending), m)
	default:
		s.Choices, s.asking = m.Choices, m.Of.Slot
	}
	return s
}

func (s State) choose(c Choice) (State, []Request) {
	if s.Choices == nil {
		return s, nil
	}
	o, next := s.Stacks[s.asking].open, s.pending
	s.Choices, s.pending = nil, nil
	for _, m := range next {
		s = s.asked(m)
	}
	if c.Platform != (model.Platform{}) {
		o.Platform = c.Platform
	}
	if c.Select != "" {
		o.Select = c.Select
	}
	return s, []Request{s.open(o)}
}
