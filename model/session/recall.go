package session

import ()

// point selects a step of the shown build, and the line where the text is still
// the one that was built.
func (s State) point(m Point) (State, []Request) {
	b := s.Rebuild()
	s.trailing = false
	if b == nil || s.At == m.Line {
		return s, nil
	}
	s.At = m.Line
	s.Rev++
	if !s.Current(b) {
		return s, nil
	}
	return s.stand(m.Line)
}

// recall shows a build of this session, or with 0 the image that was opened.
func (s State) recall(m Recall) (State, []Request) {
	b := s.Of(m.Build)
	if b == nil && m.Build != 0 || m.Build == s.Shown {
		return s, nil
	}
	s.Shown, s.Trial, s.View = m.Build, nil, Changed
	if s.Versus == m.Build {
		s.Versus = 0
	}
	s.Rev++
	if b == nil {
		return s, nil
	}
	s.At = s.first(b)
	return s.openBuild(b)
}

// first returns the line to begin with: the one that broke, the cursor's.
func (s State) first(b *Rebuild) int {
	switch {
	case b.Fault != nil && b.At(b.Fault.Line) != nil:
		return b.At(b.Fault.Line).Line
	case s.Current(b):
		return s.Draft.Line
	case len(b.Steps) > 0:
		return b.Steps[0].Line
	}
	return 1
}

// contrast chooses what the shown build is compared with.
func (s State) contrast(m Contrast) State {
	if m.Build != 0 && s.Of(m.Build) == nil || m.Build == s.Shown {
		return s
	}
	s.Versus = m.Build
	s.Rev++
	return s
}
