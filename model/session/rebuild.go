package session

import (
	"strings"
	"time"

	"github.com/imgtui/imgtui/model"
	"github.com/imgtui/imgtui/model/plan"
	"github.com/imgtui/imgtui/model/progress"
	"github.com/imgtui/imgtui/model/tree"
)

// Rebuild is one build of this session: what was asked for, what was foretold,
// and what came of it. Read it; never write to it.
type Rebuild struct {
	Of           Build
	Number       int // from 1, in the order of the session
	Live         bool
	Steps        []Made // in the order of the text
	Host         Host   // zero until one is reached
	Run          progress.Run
	Outcome      Outcome
	Foreign      bool      // it was foretold by what this engine had not built
	Began, Ended time.Time // by the session's clock
	Ref          string
	Digest       model.Digest
	Err          error       // why it is Broken
	Fault        *BuildError // the step that broke it; nil is none

	heard time.Time // when Run moved, by the session's clock
	top   Stack     // the image it made, as far as it was read when another one was opened
}

// Outcome is what has become of a build.
type Outcome uint8

// The outcomes.
const (
	Going Outcome = iota
	Finished
	Broken
	Stopped
	Holding // it ended before a step that is held
)

// Made is an instruction of a build: its forecast, and what has come of it.
type Made struct {
	plan.Step
	Status        progress.Status
	Took          time.Duration
	Held          bool       // the build ends before it
	Before, After *tree.Node // the roots that it found and left; their files have no contents
	Known         bool       // After is known
	Rooted        bool       // Before is known
	Index         int        // the step that it is of the image; −1 is none
	told          bool       // After was brought; else it follows from other steps
}

// Verdict says whether a forecast came true.
type Verdict uint8

// The verdicts.
const (
	Untold    Verdict = iota // nothing was foretold, or it has not come to it
	Right                    // as foretold
	Cautious                 // foretold to run, and the engine had it
	Elsewhere                // foretold to be kept of what another engine had built, and it ran
	Mistaken                 // foretold to be kept, and it ran
)

// Verdict compares the forecast of a step with what came.
func (b *Rebuild) Verdict(m *Made) Verdict {
	over := m.Status == progress.Cached || m.Status == progress.Done
	if !over || m.Unused || !Works(m.Text) {
		return Untold
	}
	switch m.Fate {
	case plan.Same:
		return other(m.Status == progress.Cached, Right, other(b.Foreign, Elsewhere, Mistaken))
	case plan.Runs, plan.New:
		return other(m.Status == progress.Done, Right, Cautious)
	case plan.Maybe:
		return Right
	}
	return Untold
}

func other[T any](is bool, yes, no T) T {
	if is {
		return yes
	}
	return no
}

// Verb returns the name of an instruction: "RUN".
func Verb(text string) string {
	verb, _, _ := strings.Cut(strings.TrimSpace(text), " ")
	return strings.ToUpper(verb)
}

// Works tells whether an instruction of that text is work for an engine.
func Works(text string) bool {
	switch Verb(text) {
	case "RUN", "COPY", "ADD", "WORKDIR":
		return true
	}
	return false
}

// At returns the step on a line, or nil.
func (b *Rebuild) At(line int) *Made {
	if b == nil {
		return nil
	}
	for i := range b.Steps {
		if m := &b.Steps[i]; m.Fate != plan.Gone && m.Line <= line && line <= m.Last {
			return m
		}
	}
	return nil
}

// Over tells whether nothing more comes of it.
func (b *Rebuild) Over() bool { return b != nil && b.Outcome != Going }

// Counts returns how many steps that bring files wait, run, were had and were made.
func (b *Rebuild) Counts() (n [progress.Failed + 1]int) {
	for i := range b.Steps {
		if m := &b.Steps[i]; m.Fate != plan.Gone && !m.Unused && !nothing(m.Text) {
			n[m.Status]++
		}
	}
	return n
}

// Verdicts counts the steps by how their forecast did.
func (b *Rebuild) Verdicts() (n [Mistaken + 1]int) {
	for i := range b.Steps {
		n[b.Verdict(&b.Steps[i])]++
	}
	return n
}

// Engine is the moment by the engine's clock, which may go wrong by any amount.
func (b *Rebuild) Engine(now time.Time) time.Time {
	if b.heard.IsZero() {
		return b.Run.Latest
	}
	return b.Run.Latest.Add(max(now.Sub(b.heard), 0))
}

// Elapsed is how long the build has run.
func (b *Rebuild) Elapsed(now time.Time) time.Duration {
	if b.Over() {
		now = b.Ended
	}
	return max(now.Sub(b.Began), 0)
}

// Of returns the build of that generation, or nil.
func (s State) Of(gen int) *Rebuild {
	for _, b := range s.Builds {
		if gen != 0 && b.Of.Gen == gen {
			return b
		}
	}
	return nil
}

// Rebuild returns the build that is shown, or nil.
func (s State) Rebuild() *Rebuild { return s.Of(s.Shown) }

// Building returns the build under way, or nil.
func (s State) Building() *Rebuild {
	if n := len(s.Builds); n > 0 && !s.Builds[n-1].Over() {
		return s.Builds[n-1]
	}
	return nil
}

// AtHand tells whether the engine room still has the roots of a build: those of
// the newest alone.
func (s State) AtHand(b *Rebuild) bool {
	return b != nil && b == s.Builds[len(s.Builds)-1]
}

// Image returns the image that a build made, as far as it is known.
func (s State) Image(b *Rebuild) Stack {
	switch {
	case b == nil:
		return s.Stacks[Was]
	case s.now == b.Of.Gen:
		return s.Stacks[Now]
	}
	return b.top
}

// Current tells whether the text on the screen is the one that is built.
func (s State) Current(b *Rebuild) bool {
	return b != nil && s.Draft != nil && s.Draft.Text == b.Of.Text
}

// Made returns the step of the shown build that is selected, or nil.
func (s State) Made() *Made { return s.Rebuild().At(s.At) }

// Bytes returns what a step of a build weighs now and weighed in what it is
// compared with; [model.Unknown] where nobody can tell. About says that now is
// told by the files' sizes alone; totals sums up what a step changed.
func (s State) Bytes(b *Rebuild, m *Made, totals func(tree.Delta) tree.Totals) (now, was int64, about bool) {
	was = s.stepBytes(s.Image(s.Of(s.Versus)), s.before(m), m.Text)
	if k := s.Image(b); m.Index >= 0 && k.Image != nil {
		if now = s.stepBytes(k, m.Index, m.Text); now != model.Unknown {
			return now, was, false
		}
	}
	switch {
	case b.Outcome == Finished && m.Fate != plan.Gone && !m.Unused && nothing(m.Text):
		return 0, max(was, 0), false
	case m.Fate == plan.Gone, !m.Known && !(b.Over() && m.Index >= 0):
		return model.Unknown, was, false
	case Verb(m.Text) == "FROM" && !m.told: // it is told where it is made
		return model.Unknown, was, false
	case Verb(m.Text) == "FROM":
		return rootBytes(m.After), was, true
	case !m.Rooted:
		return model.Unknown, was, false
	}
	return totals(tree.Compare(m.Before, m.After)).AddedBytes, was, true
}

// nothing tells whether an instruction of that text brings no files at all.
func nothing(text string) bool {
	from, _ := stageNames(text)
	return !Works(text) && (Verb(text) != "FROM" || from == "scratch")
}

// before returns the step of what is compared with that a step stands against.
func (s State) before(m *Made) int {
	b := s.Of(s.Versus)
	if b == nil {
		return s.below(m)
	}
	for i := range b.Steps {
		if o := &b.Steps[i]; o.Fate != plan.Gone && (o.Text == m.Text || o.History >= 0 && o.History == m.History) {
			return o.Index
		}
	}
	return -1
}

// below returns the step of the open image that a step of a build stands against:
// of a FROM the last one of the base, beneath the first that pairs.
func (s State) below(m *Made) int {
	b := s.Rebuild()
	if m.History >= 0 || Verb(m.Text) != "FROM" || b == nil {
		return m.History
	}
	for i := range b.Steps {
		if o := &b.Steps[i]; o.Stage == m.Stage && o.Fate != plan.Gone && o.History >= 0 {
			return o.History - 1
		}
	}
	return -1
}

// stepBytes returns what a step of an image weighs: of a FROM, all of the base.
func (s State) stepBytes(k Stack, step int, text string) int64 {
	if k.Image == nil || step < 0 || step >= len(k.Image.Steps) {
		return model.Unknown
	}
	if Verb(text) != "FROM" {
		return k.Unpacked(step)
	}
	var sum int64
	for i := range step + 1 {
		n := k.Unpacked(i)
		if n == model.Unknown {
			return n
		}
		sum += n
	}
	return sum
}

func rootBytes(n *tree.Node) int64 {
	if n == nil {
		return 0
	}
	return n.Bytes()
}

// copyBuild returns a fresh copy of a build to change, or nil.
func (s *State) copyBuild(gen int) *Rebuild {
	for i, b := range s.Builds {
		if gen != 0 && b.Of.Gen == gen {
			c := *b
			s.Builds = append([]*Rebuild(nil), s.Builds...)
			s.Builds[i] = &c
			return &c
		}
	}
	return nil
}
