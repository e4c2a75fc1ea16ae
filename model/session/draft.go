package session

import (
	"cmp"
	"errors"
	"maps"

	"github.com/imgtui/imgtui/model"
	"github.com/imgtui/imgtui/model/check"
	"github.com/imgtui/imgtui/model/dockerfile"
	"github.com/imgtui/imgtui/model/plan"
)

// Draft is the Dockerfile beside the image: its text and what a rebuild would
// do with it. Read it; never write to it.
type Draft struct {
	Sketch
	Origin      Origin
	Text, Saved string  // Saved is what the file holds, as far as is known
	Disk        *string // what another program has written there since; nil is nothing
	Line        int     // under the cursor, from 1

	File     *dockerfile.File  // of the last text that was looked at and could be read
	Fault    *dockerfile.Error // what is wrong with the text; nil is nothing
	Told     error             // why nothing can be foretold though the text can be read
	Plan     plan.Plan
	Findings []check.Finding
	Pairs    []int  // the image's step for each instruction of File; −1 is none
	Lent     string // the file in which another editor has the text; "" is none
	Ahead    bool   // what is told is of an older text

	Context    *plan.Context
	ContextErr error

	named   bool // the user said which file
	old     *Old
	was     *plan.Was // what the forecast compares with
	fetched bool      // it is known whether there is a file
	fetch   int       // generation of the Fetch under way
	scan    int       // of the Scan
	asked   int       // of the Foretell under way
	lending int       // of the Lending or Regaining under way
	again   bool      // it is of an older text
	saving  int       // of the Write under way
}

// Origin says where the text of a [Draft] comes from.
type Origin uint8

// The origins.
const (
	Nowhere   Origin = iota // there is none yet
	FromFile                // the file at Path
	Recovered               // the image's history
	Attested                // the image's builder: it is the text that it was built of
)

// Sketch says which Dockerfile is wanted and how it is built.
type Sketch struct {
	Path     string // "" finds it in Dir, else recovers it
	Dir      string // the build context; "" is none
	Args     map[string]string
	Target   string
	Platform model.Platform
	WasPath  string // another Dockerfile to compare with; "" is none
	WasRev   string // a revision to compare with; "" is none
	WasImage bool   // compare with the open image, made of it or not
	Stay     bool   // watch file and context for as long as the session lasts
}

// Old is what the user wants a forecast to be compared with.
type Old struct {
	Name, Text string
	Context    *plan.Context // nil is the context as it is
}

// Unsaved tells whether the text differs from what its file holds.
func (d *Draft) Unsaved() bool { return d != nil && d.Origin != Nowhere && d.Text != d.Saved }

// At returns the forecast for the instruction on the cursor's line.
func (d *Draft) At() (plan.Step, bool) {
	if d == nil {
		return plan.Step{}, false
	}
	for _, s := range d.Plan.Steps {
		if s.Fate != plan.Gone && s.Line <= d.Line && d.Line <= s.Last {
			return s, true
		}
	}
	return plan.Step{}, false
}

// Of returns the forecast for the instruction that pairs with a step of the
// image.
func (d *Draft) Of(step int) (plan.Step, bool) {
	if d == nil {
		return plan.Step{}, false
	}
	for _, s := range d.Plan.Steps {
		if s.History == step {
			return s, true
		}
	}
	return plan.Step{}, false
}

// Sketch wants a Dockerfile beside the image. It is called once, after [Start].
func (s State) Sketch(k Sketch) (State, []Request) {
	k.Args = maps.Clone(k.Args)
	d := &Draft{Sketch: k, Line: 1, named: k.Path != "", fetch: s.ask()}
	s.Draft = d
	return s, []Request{Fetch{Path: k.Path, Dir: k.Dir, WasPath: k.WasPath, WasRev: k.WasRev, Gen: d.fetch}}
}

// draft returns a fresh copy of the draft to change, or nil.
func (s *State) draft() *Draft {
	if s.Draft == nil {
		return nil
	}
	d := *s.Draft
	s.Draft = &d
	return s.Draft
}

// fetched takes the file, or what another program has made of it.
func (s State) fetched(m Fetched) (State, []Request) {
	d := s.draft()
	if d == nil || !d.wants(m.Of) {
		return s, nil
	}
	d.fetched = true
	switch {
	case d.Origin != Nowhere && !m.Found:
		return s, nil
	case d.Origin != Nowhere:
		return s.rewritten(m.Text)
	case !m.Found:
		d.Path = ""
		return s.recover()
	}
	d.Origin, d.Path, d.Text, d.Saved, d.old = FromFile, m.Path, m.Text, m.Text, m.Old
	d.scan = s.ask()
	more, rs := s.foretell()
	return more, append(rs, Scan{Dir: d.Dir, Path: d.Path, Stay: d.Stay, Gen: d.scan})
}

// wants tells whether an answer to r is still waited for.
func (d *Draft) wants(r Request) bool {
	switch r := r.(type) {
	case Fetch:
		return r.Gen == d.fetch
	case Scan:
		return r.Gen == d.scan
	}
	return false
}

// rewritten takes what another program has written: at once where the user has
// changed nothing, else it is for the user to decide.
func (s State) rewritten(text string) (State, []Request) {
	d := s.Draft
	switch {
	case text == d.Saved:
		d.Disk = nil
		return s, nil
	case d.Unsaved() && text != d.Text:
		d.Disk = &text
		s.Rev++
		return s, nil
	}
	d.Text, d.Saved, d.Disk = text, text, nil
	return stirred(s.foretell())
}

// sketched takes the open image into account: a Dockerfile that nobody named
// and that does not go with it gives way to the recovered one.
func (s State) sketched() (State, []Request) {
	d := s.draft()
	switch {
	case d == nil || !d.fetched:
		return s, nil
	case d.Origin == Nowhere:
		return s.recover()
	}
	return s.foretell()
}

// recover makes a Dockerfile of the image's history.
func (s State) recover() (State, []Request) {
	img := s.Stacks[Was].Image
	if img == nil || len(img.Steps) == 0 {
		return s, nil
	}
	d := s.draft()
	if r := img.Recipe; r.Dockerfile != "" {
		d.Origin, d.Text = Attested, r.Dockerfile
		d.Target = cmp.Or(d.Target, r.Target)
		args := map[string]string{}
		maps.Copy(args, r.Args)
		maps.Copy(args, d.Args)
		d.Args = args
	} else {
		d.Origin, d.Text = Recovered, dockerfile.Recover(img).Text
	}
	d.Saved = d.Text
	return s.foretell()
}

// edit takes the text as it now stands.
func (s State) edit(text string) (State, []Request) {
	d := s.draft()
	if d == nil || d.Origin == Nowhere || d.Text == text {
		return s, nil
	}
	d.Text = text
	return stirred(s.foretell())
}

// stand moves the cursor, and with it the selected step.
func (s State) stand(line int) (State, []Request) {
	d := s.draft()
	if d == nil || d.Line == line {
		return s, nil
	}
	d.Line = line
	s.Rev++
	if b := s.Rebuild(); s.Current(b) {
		s.At, s.trailing = line, false
	}
	if p, ok := d.At(); ok && p.History >= 0 {
		return s.selectStep(p.History)
	}
	return s, nil
}

// follow moves the cursor to the instruction of the selected step.
func (s *State) follow() {
	if p, ok := s.Draft.Of(s.Step); ok && p.Fate != plan.Gone {
		if at, ok := s.Draft.At(); !ok || at.History != s.Step {
			s.draft().Line = p.Line
		}
	}
}

// adjust takes other build arguments, target or platform.
func (s State) adjust(m Adjust) (State, []Request) {
	d := s.draft()
	if d == nil {
		return s, nil
	}
	d.Args, d.Target, d.Platform = maps.Clone(m.Args), m.Target, m.Platform
	return stirred(s.foretell())
}

// foretell asks for the forecast of the text as it stands; while one is under
// way the next waits for its end.
func (s State) foretell() (State, []Request) {
	s.Rev++
	d := s.draft()
	if d == nil || d.Origin == Nowhere {
		return s, nil
	}
	d.Ahead = true
	if d.asked != 0 {
		d.again = true
		return s, nil
	}
	d.again, d.asked = false, s.ask()
	k := s.Stacks[Was]
	r := Foretell{Text: d.Text, Sketch: d.Sketch, Context: d.Context, Image: k.Image, Report: k.Report, Was: d.was, Old: d.old, Gen: d.asked}
	r.Waits = k.open.Gen != 0 && s.Opening()
	if k.Image != nil {
		r.Stack = k
	}
	return s, []Request{r}
}

// foretold takes a forecast. Where the text has moved on, the next is asked for.
func (s State) foretold(m Foretold) (State, []Request) {
	d := s.draft()
	if d == nil || m.Of.Gen != d.asked {
		return s, nil
	}
	d.asked = 0
	d.Fault, d.Told, d.Ahead = m.Fault, m.Err, d.again
	if m.File != nil {
		d.File, d.Pairs, d.Findings = m.File, m.Pairs, m.Findings
	}
	if m.Err == nil && m.Fault == nil {
		d.Plan = m.Plan
	}
	s.Rev++
	if m.Foreign && !d.named && d.Origin == FromFile && !d.Unsaved() {
		return s.foreign()
	}
	if d.was == nil && m.Of.Text == d.Saved {
		d.was = m.Was
	}
	if d.again {
		return s.foretell()
	}
	return s.start()
}

// Settled tells whether all is known that decides what was.
func (r Foretell) Settled() bool {
	return !r.Waits && (r.Image == nil || r.Stack.Read) && (r.Dir == "" || r.Context != nil)
}

// foreign lets a file that was found and has nothing to do with the image give
// way to the recovered text.
func (s State) foreign() (State, []Request) {
	d := s.Draft
	scan := d.scan
	d.scan, d.Context, d.Path, d.Dir, d.Origin, d.was = 0, nil, "", "", Nowhere, nil
	more, rs := s.recover()
	return more, append(rs, Halt{Gen: scan})
}

// scanned takes the build context.
func (s State) scanned(m Scanned) (State, []Request) {
	d := s.draft()
	if d == nil || m.Of.Gen != d.scan {
		return s, nil
	}
	d.Context, d.ContextErr = m.Context, nil
	return stirred(s.foretell())
}

// undrafted puts an error about the draft where it happened.
func (s State) undrafted(m Failed) State {
	d := s.draft()
	if d == nil {
		return s
	}
	switch of := m.Of.(type) {
	case Fetch:
		if of.Gen == d.fetch {
			s.Notice = Notice{Kind: Wrong, Err: m.Err}
		}
	case Scan:
		if of.Gen == d.scan {
			d.ContextErr = m.Err
		}
	case Foretell:
		if of.Gen == d.asked {
			d.asked, d.Told, d.Ahead, s.due = 0, m.Err, false, undue
		}
	case Lending, Regaining:
		d.lending, d.Lent = 0, ""
		s.Notice = Notice{Kind: Wrong, Err: m.Err}
	case Write:
		if of.Gen == d.saving {
			d.saving = 0
			s.Notice = Notice{Kind: Wrong, Err: m.Err}
			var changed *OverwrittenError
			if errors.As(m.Err, &changed) {
				d.Disk = &changed.Text
			}
		}
	}
	s.Rev++
	return s
}
