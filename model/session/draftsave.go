package session

// save writes the text to its file.
func (s State) save(m Save) (State, []Request) {
	d := s.draft()
	if d == nil || d.Origin == Nowhere || d.saving != 0 {
		return s, nil
	}
	path := m.Path
	if path == "" {
		path = d.Path
	}
	if path == "" {
		return s, nil
	}
	d.saving = s.ask()
	w := Write{Path: path, Text: d.Text, Gen: d.saving}
	if d.Origin == FromFile && path == d.Path {
		w.Over = &d.Saved
	}
	if m.Force {
		w.Force = true
	}
	return s, []Request{w}
}

func (s State) written(m Written) State {
	d := s.draft()
	if d == nil || m.Of.Gen != d.saving {
		return s
	}
	d.saving, d.Saved, d.Disk = 0, m.Of.Text, nil
	d.Path, d.Origin = m.Of.Path, FromFile
	s.Notice = Notice{Kind: SavedTo, Path: m.Of.Path}
	s.Rev++
	return s
}

// reload takes what is on disk instead of the text.
func (s State) reload() (State, []Request) {
	d := s.draft()
	if d == nil || d.Disk == nil {
		return s, nil
	}
	d.Text, d.Saved, d.Disk = *d.Disk, *d.Disk, nil
	return stirred(s.foretell())
}

// OverwrittenError says that a file is no more what it was when it was read.
type OverwrittenError struct {
	Path string
	Text string // what it holds
}

// Error implements error.
func (e *OverwrittenError) Error() string {
	return e.Path + ": another program has written it since it was read"
}
