package session

import ()

// survey wants to know which engines there are.
func (s State) survey() (State, []Request) {
	if s.surveying != 0 {
		return s, nil
	}
	s.surveying = s.ask()
	return s, []Request{Survey{Gen: s.surveying}}
}

func (s State) surveyed(m Surveyed) State {
	if m.Of.Gen == s.surveying && s.surveying != 0 {
		s.surveying, s.Hosts = 0, m.Hosts
	}
	return s
}

// Surveying tells whether engines are looked for.
func (s State) Surveying() bool { return s.surveying != 0 }

// engage chooses the engine of the builds to come.
func (s State) engage(name string) (State, []Request) {
	if s.Options.Engine == name {
		return s, nil
	}
	s.Options.Engine = name
	return stirred(s, nil)
}

// name says what builds to come are called.
func (s State) name(m Name) State {
	if m.Tag == "" {
		return s
	}
	s.Options.Tags = []string{m.Tag}
	s.Notice = Notice{Kind: Named, Path: m.Tag}
	return s
}
