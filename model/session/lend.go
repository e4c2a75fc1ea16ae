package session

import "path"

// lend puts the text where another editor can have it.
func (s State) lend() (State, []Request) {
	d := s.draft()
	if d == nil || d.Origin == Nowhere || d.lending != 0 || d.Lent != "" {
		return s, nil
	}
	name := "Dockerfile"
	if d.Path != "" {
		name = path.Base(d.Path)
	}
	d.lending = s.ask()
	return s, []Request{Lending{Name: name, Text: d.Text, Gen: d.lending}}
}

func (s State) lent(m Lent) State {
	if d := s.draft(); d != nil && m.Of.Gen == d.lending {
		d.lending, d.Lent = 0, m.Path
	}
	return s
}

// regain wants the text back.
func (s State) regain(m Regain) (State, []Request) {
	d := s.draft()
	if d == nil || d.Lent == "" || d.Lent != m.Path {
		return s, nil
	}
	d.lending, d.Lent = s.ask(), ""
	return s, []Request{Regaining{Path: m.Path, Gen: d.lending}}
}

func (s State) regained(m Regained) (State, []Request) {
	d := s.draft()
	if d == nil || m.Of.Gen != d.lending {
		return s, nil
	}
	d.lending = 0
	return s.edit(m.Text)
}
