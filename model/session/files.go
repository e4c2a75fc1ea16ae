package session

import (
	"github.com/imgtui/imgtui/model/tree"
)

// View says between which two roots the files stand.
type View uint8

// The views.
const (
	Changed   View = iota // what the step changed: root k−1 and root k
	Whole                 // the whole root after the step, with its changes
	SinceBase             // all that came after the base image
	Coming                // what a COPY or ADD of the Dockerfile would bring
	Against               // the root as it is and as it would be after that COPY or ADD
)

// Files is what the files pane shows: the difference of two roots.
type Files struct {
	Delta         tree.Delta
	Before, After int   // the steps after which the two roots stand; −1 is nothing
	Known         bool  // both roots are there
	Foretold      bool  // one of them is what a rebuild would make
	Alone         bool  // what lies beneath is not read yet: the layer stands by itself
	Err           error // why the layer could not be read

	Slot   Slot   // whose contents they have
	Entry  Entry  // of a build, where nothing else has their contents
	Across bool   // Before is of the image that was, After of the one that is
	Tried  bool   // they are what a command did
	Unread error  // why contents cannot be read; nil is that they can
	Why    string // why After is not there
}

// Files returns the file view. Every view is the difference between two roots.
func (s State) Files() Files {
	k := s.Stacks[Was]
	if f, ok := s.ofBuild(); ok {
		return f
	}
	if f, ok := s.coming(); ok {
		return f
	}
	f := Files{}
	f.Before, f.After = s.Between()
	before, ok := k.At(f.Before)
	after, also := k.At(f.After)
	if ok && also {
		f.Delta, f.Known = tree.Compare(before, after), true
	}
	l := k.Of(f.After)
	if l == nil {
		return f
	}
	if l.Err != nil {
		return Files{Before: f.Before, After: f.After, Err: l.Err}
	}
	if !f.Known && l.Tree != nil {
		f.Delta, f.Alone = tree.Compare(nil, tree.Fold(nil, l.Tree)), true
	}
	return f
}

// coming returns what the COPY or ADD under the cursor would bring, or how the
// image would then differ, where one of the two is looked at.
func (s State) coming() (Files, bool) {
	if s.View != Coming && s.View != Against || s.Comparing() {
		return Files{}, false
	}
	p, ok := s.Draft.At()
	if !ok || p.After == nil {
		return Files{}, false
	}
	f := Files{Before: s.Step - 1, After: s.Step, Known: true, Foretold: true, Delta: tree.Compare(p.Below, p.After)}
	if s.View == Coming {
		return f, true
	}
	real, known := s.Stacks[Was].At(p.History)
	f.Before, f.Known = s.Step, known && p.History >= 0
	f.Delta = tree.Compare(real, p.After)
	return f, f.Known
}

// Views returns the views that mean something where the user stands.
func (s State) Views() []View {
	all := []View{Changed, Whole, SinceBase}
	if m := s.Made(); m != nil {
		if _, ok := s.across(m); ok {
			all = append(all, Against)
		}
		return all
	}
	if p, ok := s.Draft.At(); ok && p.After != nil {
		all = append(all, Coming)
		if p.History >= 0 {
			all = append(all, Against)
		}
	}
	return all
}

// Between returns the two steps after which the compared roots stand; −1 is nothing.
func (s State) Between() (before, after int) {
	switch {
	case s.Marked >= 0 && s.Marked != s.Step:
		return min(s.Marked, s.Step), max(s.Marked, s.Step)
	case s.From >= 0:
		return min(s.From, s.Step) - 1, max(s.From, s.Step)
	case s.View == SinceBase && s.Stacks[Was].Image != nil:
		return min(s.Stacks[Was].Image.Base(), s.Step) - 1, s.Step
	}
	return s.Step - 1, s.Step
}

// Comparing tells whether the files stand between two steps that the user chose.
func (s State) Comparing() bool {
	return s.From >= 0 || s.Marked >= 0 && s.Marked != s.Step
}

// take asks for copies of files: of what the step left, or of what it found
// where every one of them is gone.
func (s State) take(m Take) (State, []Request) {
	v := s.Files()
	if v.Foretold {
		s.Notice = Notice{Kind: OnlyForetold}
		return s, nil
	}
	if v.Unread != nil {
		s.Notice = Notice{Kind: Wrong, Err: v.Unread}
		return s, nil
	}
	x := Extract{Slot: v.Slot, Entry: v.Entry, Root: v.Delta.After, Paths: m.Paths, Dir: m.Dir, Edit: m.Edit}
	if gone(v.Delta, m.Paths) {
		x.Root, x.Entry.Side = v.Delta.Before, Before
		if v.Across {
			x.Slot = Was
		}
	}
	if x.Entry.Build == 0 {
		x.Entry.Side = After
	}
	if x.Root == nil || len(m.Paths) == 0 || s.taking != 0 {
		return s, nil
	}
	s.taking = s.ask()
	x.Gen = s.taking
	s.Notice, s.Edit = Notice{}, nil
	return s, []Request{x}
}

func gone(d tree.Delta, paths []string) bool {
	for _, p := range paths {
		if at, ok := d.Find(p); !ok || at.After != nil {
			return false
		}
	}
	return true
}

func (s State) extracted(m Extracted) State {
	if m.Of.Gen != s.taking {
		return s
	}
	s.taking = 0
	if m.Of.Edit {
		s.Edit = &m
		return s
	}
	s.Notice = Notice{Kind: Taken, Path: m.Dir, N: m.Files, Size: m.Bytes, Skipped: m.Skipped}
	return s
}
