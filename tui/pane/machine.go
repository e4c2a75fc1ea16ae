package pane

import (
	"regexp/syntax"
	"slices"
)

// machine is a regular expression whose state is carried down a tree: each name
// is read once, however much lies beneath it. Its states are made as they are
// met. It knows no letters beyond ASCII, no edges of words or lines: who meets
// them asks the expression itself.
type machine struct {
	prog   *syntax.Prog
	states []state
	next   []int32         // by state and letter, the state that follows; 0 is not known yet
	known  map[string]held // by their instructions
	seen   []uint32        // the turn in which an instruction was last met
	turn   uint32
	set    []uint32
}

// state is a set of instructions that may go on.
type state struct {
	set   []uint32
	done  bool // it matched, whatever follows
	atEnd bool // it matches if nothing follows
}

// A state is known by where the states begin that its letters lead to. beyond is that
// of a path that a machine cannot follow; begin that of none.
const (
	beyond   held = 0
	begin    held = perState
	perState      = 128
)

// mostStates bounds the memory, some half a kilobyte each.
const mostStates = 4000

// newMachine returns nil for an expression that none can follow.
func newMachine(expr string) *machine {
	re, err := syntax.Parse(expr, syntax.Perl)
	if err != nil {
		return nil
	}
	p, err := syntax.Compile(re.Simplify())
	if err != nil {
		return nil
	}
	const edges = syntax.EmptyWordBoundary | syntax.EmptyNoWordBoundary | syntax.EmptyBeginLine | syntax.EmptyEndLine
	for _, i := range p.Inst {
		if i.Op == syntax.InstEmptyWidth && syntax.EmptyOp(i.Arg)&edges != 0 {
			return nil
		}
	}
	m := &machine{prog: p, states: make([]state, 1), next: make([]int32, perState), known: map[string]held{}, seen: make([]uint32, len(p.Inst))}
	m.fresh()
	m.put(m.closed(uint32(p.Start), true))
	return m
}

// step reads a name.
func (m *machine) step(h held, name []byte) held {
	next := m.next
	for _, c := range name {
		if c < perState {
			if n := next[int(h)+int(c)]; n != 0 {
				h = held(n)
				continue
			}
		}
		if h == beyond || c >= perState {
			return beyond
		}
		h = m.make(h, c)
		next = m.next
	}
	return h
}

// of returns a state that is known.
func (m *machine) of(h held) *state { return &m.states[h/perState] }

// make finds the state that a letter leads to.
func (m *machine) make(from held, c byte) held {
	s := m.of(from)
	if s.done {
		m.next[int(from)+int(c)] = int32(from)
		return from
	}
	m.fresh()
	done := false
	for _, pc := range s.set {
		if i := &m.prog.Inst[pc]; i.Op != syntax.InstEmptyWidth && i.MatchRune(rune(c)) {
			done = m.closed(i.Out, false) || done
		}
	}
	done = m.closed(uint32(m.prog.Start), false) || done // it may begin anywhere
	to := m.put(done)
	if to != beyond {
		m.next[int(from)+int(c)] = int32(to)
	}
	return to
}

// fresh begins a set.
func (m *machine) fresh() { m.turn, m.set = m.turn+1, m.set[:0] }

// closed adds what an instruction leads to without reading, and tells whether
// that is the end of the expression.
func (m *machine) closed(pc uint32, atBegin bool) bool {
	if m.seen[pc] == m.turn {
		return false
	}
	m.seen[pc] = m.turn
	switch i := &m.prog.Inst[pc]; i.Op {
	case syntax.InstAlt, syntax.InstAltMatch:
		done := m.closed(i.Out, atBegin)
		return m.closed(i.Arg, atBegin) || done
	case syntax.InstCapture, syntax.InstNop:
		return m.closed(i.Out, atBegin)
	case syntax.InstEmptyWidth:
		switch op := syntax.EmptyOp(i.Arg); {
		case op&syntax.EmptyBeginText != 0 && !atBegin:
			return false
		case op&syntax.EmptyEndText == 0:
			return m.closed(i.Out, atBegin)
		}
	case syntax.InstMatch:
		return true
	case syntax.InstFail:
		return false
	}
	m.set = append(m.set, pc)
	return false
}

// put returns the state of the set, made where it is new.
func (m *machine) put(done bool) held {
	if done {
		m.set = m.set[:0]
	}
	slices.Sort(m.set)
	key := make([]byte, 1, 1+4*len(m.set))
	if done {
		key[0] = 1
	}
	for _, pc := range m.set {
		key = append(key, byte(pc), byte(pc>>8), byte(pc>>16), byte(pc>>24))
	}
	if h, ok := m.known[string(key)]; ok {
		return h
	}
	if len(m.states) > mostStates {
		return beyond
	}
	h := held(len(m.next))
	s := state{set: slices.Clone(m.set), done: done, atEnd: done}
	for _, pc := range s.set {
		m.turn++
		s.atEnd = s.atEnd || m.prog.Inst[pc].Op == syntax.InstEmptyWidth && m.ends(pc)
	}
	m.states, m.next = append(m.states, s), append(m.next, make([]int32, perState)...)
	m.known[string(key)] = h
	return h
}

// ends tells whether an instruction leads to the end where nothing follows.
func (m *machine) ends(pc uint32) bool {
	if m.seen[pc] == m.turn {
		return false
	}
	m.seen[pc] = m.turn
	switch i := &m.prog.Inst[pc]; i.Op {
	case syntax.InstMatch:
		return true
	case syntax.InstAlt, syntax.InstAltMatch:
		return m.ends(i.Out) || m.ends(i.Arg)
	case syntax.InstCapture, syntax.InstNop:
		return m.ends(i.Out)
	case syntax.InstEmptyWidth:
		return syntax.EmptyOp(i.Arg)&syntax.EmptyBeginText == 0 && m.ends(i.Out)
	}
	return false
}
