package source

import (
	"fmt"
	"strings"
	"unicode"
)

// NotFoundError says that a reference without a scheme was found nowhere.
type NotFoundError struct {
	Ref   string
	Tried []Tried
}

// Tried is one place where a reference was looked for, and what it answered.
type Tried struct {
	Source string // the scheme of the row, or "path"
	Err    error
}

// Error is one line: what the only place answered, or that there are several, which
// [NotFoundError.Hint] lists.
func (e *NotFoundError) Error() string {
	if len(e.Tried) == 1 {
		return fmt.Sprintf("open %s: %v", e.Ref, e.Tried[0].Err)
	}
	return fmt.Sprintf("open %s: found nowhere", e.Ref)
}

// Unwrap gives what each place answered.
func (e *NotFoundError) Unwrap() []error {
	var all []error
	for _, t := range e.Tried {
		all = append(all, t.Err)
	}
	return all
}

// Hint says what each of several places answered, a place a line, then what may be
// done about it.
func (e *NotFoundError) Hint() string {
	if len(e.Tried) == 1 {
		return Hint(e.Tried[0].Err)
	}
	lines := []string{"it was looked for in these places:"}
	var todo []string
	for _, t := range e.Tried {
		lines = append(lines, fmt.Sprintf("  %s: %v", t.Source, t.Err))
		if h := Hint(t.Err); h != "" {
			todo = append(todo, h)
		}
	}
	return strings.Join(append(lines, todo...), "\n")
}

// hinted is an error with something that the user can do about it.
type hinted struct {
	err  error
	hint string
}

func (h *hinted) Error() string { return h.err.Error() }
func (h *hinted) Unwrap() error { return h.err }

// Hint says what the user can do.
func (h *hinted) Hint() string { return h.hint }

// Hint returns what the user can do about an error, or "".
func Hint(err error) string {
	for err != nil {
		if h, ok := err.(interface{ Hint() string }); ok {
			return h.Hint()
		}
		u, ok := err.(interface{ Unwrap() error })
		if !ok {
			return ""
		}
		err = u.Unwrap()
	}
	return ""
}

// saidLimit is how much of a server's own words is repeated.
const saidLimit = 300

// said makes one short harmless line of what a server said.
func said(text string) string {
	clean := strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r):
			return ' '
		case !unicode.IsPrint(r):
			return -1
		}
		return r
	}, text)
	clean = strings.Join(strings.Fields(clean), " ")
	if runes := []rune(clean); len(runes) > saidLimit {
		clean = string(runes[:saidLimit]) + "…"
	}
	return clean
}
