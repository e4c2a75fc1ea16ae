package plan

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// modes is what --chmod does to a mode.
type modes struct {
	octal    uint32
	symbolic string // "" where octal counts
}

var errMode = errors.New("invalid syntax")

func parseModes(text string) (*modes, error) {
	if text == "" {
		return nil, nil
	}
	if octal, err := strconv.ParseUint(text, 8, 32); err == nil && octal <= 0o7777 {
		return &modes{octal: uint32(octal)}, nil
	}
	if text[0] >= '0' && text[0] <= '9' {
		return nil, fmt.Errorf("invalid chmod parameter: '%v'. it should be octal string and between 0 and 07777", text)
	}
	if _, err := change(text, 0, false); err != nil {
		return nil, err
	}
	return &modes{symbolic: text}, nil
}

// apply returns the mode that a file or directory gets.
func (m *modes) apply(mode uint32, dir bool) uint32 {
	if m == nil {
		return mode
	}
	if m.symbolic == "" {
		return m.octal
	}
	mode, _ = change(m.symbolic, mode, dir) // it was parsed before
	return mode
}

// The bits that the letters stand for, for each of u, g and o.
const (
	setUID, setGID, sticky = 0o4000, 0o2000, 0o1000
	read, write, execute   = 0o444, 0o222, 0o111
	all                    = setUID | setGID | 0o777
)

// change applies symbolic modes such as "u+x,go=u-w", with the corners that
// BuildKit's library has: what is copied from a class keeps the highest bits,
// and what stands before it after a "=" is lost.
func change(text string, mode uint32, dir bool) (uint32, error) {
	c := changing{was: mode, mode: mode, dir: dir}
	for clause := range strings.SplitSeq(text, ",") {
		if err := c.clause(clause); err != nil {
			return 0, err
		}
	}
	return c.mode, nil
}

// changing is a mode being changed.
type changing struct {
	was, mode uint32
	dir       bool
	who       uint32 // the bits of those who are meant; 0 where nobody is named
	cleared   bool   // a "=" has done its clearing
}

func (c *changing) clause(text string) error {
	at := strings.IndexAny(text, "+-=")
	if at < 0 {
		return errMode
	}
	c.who = 0
	for _, letter := range text[:at] {
		bits, ok := classes[letter]
		if !ok {
			return errMode
		}
		c.who |= bits
	}
	for text = text[at:]; text != ""; {
		end := strings.IndexAny(text[1:], "+-=") + 1
		if end == 0 {
			end = len(text)
		}
		if err := c.operation(text[0], text[1:end]); err != nil {
			return err
		}
		text = text[end:]
	}
	return nil
}

// classes are the bits that belong to the owner, the group, the others, all.
var classes = map[rune]uint32{'u': setUID | 0o700, 'g': setGID | 0o070, 'o': 0o007, 'a': all}

// operation does one operator with its letters.
func (c *changing) operation(op byte, letters string) error {
	c.who &^= sticky
	c.cleared = c.cleared && op != '='
	var bits, maybe uint32
	for _, letter := range letters {
		switch letter {
		case 'r':
			bits |= read
		case 'w':
			bits |= write
		case 'x':
			bits |= execute
		case 'X':
			maybe, bits = c.unlessMinus(op, maybe, bits)
		case 's':
			bits |= c.unlessOthers(setUID | setGID)
		case 't':
			c.who |= c.unlessOthers(sticky)
			bits |= c.unlessOthers(sticky)
		case 'u', 'g', 'o':
			c.flush(op, bits, maybe, letter)
			bits, maybe = 0, 0
		default:
			return errMode
		}
	}
	c.flush(op, bits, maybe, 0)
	return nil
}

// unlessMinus takes an X for an x where it takes away.
func (c *changing) unlessMinus(op byte, maybe, bits uint32) (uint32, uint32) {
	if op == '-' {
		return maybe, bits | execute
	}
	return execute, bits
}

// unlessOthers drops bits where only the others are meant.
func (c *changing) unlessOthers(bits uint32) uint32 {
	if c.who != 0 && c.who&^0o007 == 0 {
		return 0
	}
	return bits
}

// flush applies what was gathered, and then what a class has, if one is named.
func (c *changing) flush(op byte, bits, maybe uint32, class rune) {
	if bits != 0 || op == '=' && !c.cleared && class == 0 {
		c.apply(op, bits)
	}
	c.cleared = c.cleared || op == '='
	if maybe != 0 && (c.dir || c.was&execute != 0) {
		c.apply('+', maybe)
	}
	if class != 0 {
		c.copy(op, class)
	}
}

func (c *changing) apply(op byte, bits uint32) {
	who := c.who
	if who == 0 {
		who = all
	} else {
		bits &= who
	}
	switch op {
	case '=':
		c.mode = c.mode&^who | bits
	case '+':
		c.mode |= bits
	case '-':
		c.mode &^= bits
	}
}

// copy gives those who are meant the permissions that a class has.
func (c *changing) copy(op byte, class rune) {
	has := c.mode >> map[rune]uint32{'u': 6, 'g': 3, 'o': 0}[class] & 7 * 0o111
	who := uint32(0)
	for _, letter := range "ugo" {
		if bits := classes[letter] & 0o777; c.who == 0 || c.who&read&bits != 0 {
			who |= bits
		}
	}
	switch op {
	case '=':
		c.mode = c.mode&^who | has&who
	case '+':
		c.mode |= has & who
	case '-':
		c.mode &^= has & who
	}
}
