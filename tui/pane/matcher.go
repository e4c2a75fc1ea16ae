package pane

import (
	"bytes"
	"regexp"
	"slices"
	"strings"
)

// matcher is a filter as the user types it: words that must all be in the
// path, in any order; !word must not; ~ begins a regular expression. Instead of
// a word, beginnings of the name's parts will do: "reqtxt" finds
// requirements.txt. Words in small letters find capitals too.
type matcher struct {
	terms []term
	re    *regexp.Regexp
	// machine is re, where one can follow it; else nil.
	machine *machine
	bad     bool // the expression is not finished: everything is wanted
}

type term struct {
	text    []byte
	not     bool
	fold    bool // capitals do not matter
	letters alphabet
}

// mostTerms is how many words count; they are bits of [held].
const mostTerms = 64

func newMatcher(s string) *matcher {
	m := &matcher{}
	if rest, ok := strings.CutPrefix(s, "~"); ok {
		expr := "(?i)" + strings.TrimSpace(rest)
		re, err := regexp.Compile(expr)
		m.re, m.bad = re, err != nil
		if err == nil {
			m.machine = newMachine(expr)
		}
		return m
	}
	for f := range strings.FieldsSeq(s) {
		word, not := strings.CutPrefix(f, "!")
		if word != "" && len(m.terms) < mostTerms {
			m.terms = append(m.terms, term{[]byte(word), not, folded(word) == word, lettersOf([]byte(folded(word)))})
		}
	}
	return m
}

// cased tells whether the matcher looks at paths as they are written. None does
// not.
func (m *matcher) cased() bool {
	return m != nil && (m.re != nil || slices.ContainsFunc(m.terms, func(x term) bool { return !x.fold }))
}

// alphabet is the bytes of a name in small letters: a bit for each, or for
// several.
type alphabet uint64

func lettersOf(lower []byte) alphabet {
	var all alphabet
	for _, c := range lower {
		all |= 1 << (c % 64)
	}
	return all
}

// needs returns letters that a name must have to be wanted, beneath a path that
// holds so much.
func (m *matcher) needs(h held, above bool) alphabet {
	if m == nil || above {
		return 0
	}
	var all alphabet
	for i, x := range m.terms {
		if !x.not && h&(1<<i) == 0 && bytes.IndexByte(x.text, '/') < 0 {
			all |= x.letters
		}
	}
	return all
}

// held tells which terms a path holds: whatever is beneath holds them as well.
// Of an expression it is the state of its machine.
type held uint64

// begin is what the empty path holds.
func (m *matcher) begin() held {
	if m.machine != nil {
		return begin
	}
	return 0
}

// trail is a path on the way down a tree, as it is and in small letters, which
// take as many bytes.
type trail struct{ path, lower []byte }

// push goes down to a name, which begins with a slash, and returns where the
// path above it ends.
func (t *trail) push(name, lower []byte) (up int) {
	up = len(t.path)
	t.path, t.lower = append(t.path, name...), append(t.lower, lower...)
	return up
}

// pop goes up again.
func (t *trail) pop(up int) { t.path, t.lower = t.path[:up], t.lower[:up] }

// in returns the path that a term looks at.
func (t *trail) in(x term) []byte {
	if x.fold {
		return t.lower
	}
	return t.path
}

// enter returns what a path holds, by what the path above it, which ends at
// up, held already.
func (m *matcher) enter(t *trail, up int, h held) held {
	if m.machine != nil {
		return m.machine.step(h, t.path[up:])
	}
	for i, x := range m.terms {
		if h&(1<<i) == 0 && bytes.Contains(t.in(x)[max(up-len(x.text)+1, 0):], x.text) {
			h |= 1 << i
		}
	}
	return h
}

// wants tells whether a path is wanted, by what it holds. Beneath a directory
// that is wanted itself, only what must not be there counts.
func (m *matcher) wants(t *trail, up int, h held, above bool) bool {
	switch {
	case m.bad:
		return true
	case above && m.re != nil:
		return true
	case m.machine != nil && h != beyond:
		return m.machine.of(h).atEnd
	case m.re != nil:
		return m.re.Match(t.path)
	}
	for i, x := range m.terms {
		switch in := h&(1<<i) != 0; {
		case x.not && in:
			return false
		case x.not || in || above:
		case !abbreviates(x.text, t.in(x)[up+1:]):
			return false
		}
	}
	return true
}

// tries is how many places are tried for an abbreviation: names are not ours.
const tries = 2000

// abbreviates tells whether a word is made of beginnings of the name's parts, in
// their order.
func abbreviates(word, name []byte) bool {
	left := tries
	return inOrder(word, name) && abbreviated(word, name, 0, &left)
}

// inOrder tells whether a name has the letters of a word, in their order; most
// names do not.
func inOrder(word, name []byte) bool {
	for _, c := range word {
		i := bytes.IndexByte(name, c)
		if i < 0 {
			return false
		}
		name = name[i+1:]
	}
	return true
}

// abbreviated tells whether a word goes on at a place of a name: with the letter
// there, unless it is the word's first, or with the beginning of a later part.
func abbreviated(word, name []byte, at int, left *int) bool {
	if len(word) == 0 {
		return true
	}
	for i := at; i < len(name) && *left > 0; i++ {
		*left--
		next := bytes.IndexByte(name[i:], word[0])
		if next < 0 {
			return false
		}
		i += next
		if (i == at && at > 0 || begins(name, i)) && abbreviated(word[1:], name, i+1, left) {
			return true
		}
	}
	return false
}

// begins tells whether a part of a name begins at a byte: at its start or
// after what is neither letter nor digit.
func begins(name []byte, i int) bool {
	if i == 0 {
		return true
	}
	c := name[i-1]
	return c < 0x80 && (c < '0' || c > '9') && (c|0x20 < 'a' || c|0x20 > 'z')
}
