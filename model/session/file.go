package session

import (
	"errors"

	"github.com/imgtui/imgtui/model/tree"
)

// File is a file that the user looks into.
type File struct {
	Path                  string
	Delta                 tree.Delta
	Side                  Side
	Before, After         []byte
	BeforeMore, AfterMore bool
	Loading               bool
	Err                   error
	gens                  [2]int // of the Reads under way; 0 is none
}

// wants tells whether a Read of that generation is waited for.
func (f *File) wants(gen int) bool { return gen != 0 && (f.gens[0] == gen || f.gens[1] == gen) }

func (s State) peek(m Peek) (State, []Request) {
	v := s.Files()
	d, ok := v.Delta.Find(m.Path)
	if !ok {
		return s, nil
	}
	s, rs := s.unpeek()
	f := &File{Path: m.Path, Delta: d, Side: m.Side}
	s.File = f
	for i, r := range reads(v, m, d) {
		if v.Unread != nil {
			f.Err = v.Unread
			return s, rs
		}
		if v.Across && r.Before != nil && s.Versus != 0 {
			f.Err, f.Loading, f.gens = ErrClosed, false, [2]int{}
			return s, rs
		}
		r.Gen = s.ask()
		f.gens[i], f.Loading = r.Gen, true
		rs = append(rs, r)
	}
	return s, rs
}

// Why the contents of a file cannot be read.
var (
	ErrClosed  = errors.New("the image of that build is not open any more: its files are known, not their contents")
	ErrNotKept = errors.New("what a command writes that is only tried is thrown away")
)

// reads are the Reads that a look at a file takes: two where its sides lie in
// two images.
func reads(v Files, m Peek, d tree.Delta) []Read {
	r := Read{Slot: v.Slot, Entry: v.Entry, Path: m.Path, Foretold: v.Foretold, Limit: Limit}
	if m.Side != After {
		r.Before = payload(d.Before)
	}
	if m.Side != Before {
		r.After = payload(d.After)
	}
	if !v.Across {
		if r.Before == nil && r.After == nil {
			return nil
		}
		return []Read{r}
	}
	var all []Read
	if r.Before != nil {
		was := r
		was.Slot, was.After = Was, nil
		all = append(all, was)
	}
	if r.After != nil {
		r.Before = nil
		all = append(all, r)
	}
	return all
}

func payload(n *tree.Node) *tree.Payload {
	if n == nil {
		return nil
	}
	return n.Payload()
}

func (s State) unpeek() (State, []Request) {
	if s.File == nil {
		return s, nil
	}
	f := s.File
	s.File = nil
	if !f.Loading {
		return s, nil
	}
	var rs []Request
	for _, gen := range f.gens {
		if gen != 0 {
			rs = append(rs, Halt{Gen: gen})
		}
	}
	return s, rs
}

func (s State) loaded(m Loaded) State {
	if s.File == nil || !s.File.wants(m.Of.Gen) {
		return s
	}
	f := *s.File
	if m.Of.Before != nil {
		f.Before, f.BeforeMore = m.Before, m.BeforeMore
	}
	if m.Of.After != nil {
		f.After, f.AfterMore = m.After, m.AfterMore
	}
	for i, gen := range f.gens {
		if gen == m.Of.Gen {
			f.gens[i] = 0
		}
	}
	f.Loading = f.gens != [2]int{}
	s.File = &f
	return s
}
