package main

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"os"
	"strings"
	"syscall"
	"unicode/utf8"

	"golang.org/x/term"

	"github.com/imgtui/imgtui/model/words"
)

// output is standard output. What once could not be written is an error for
// good, so that nobody has to look after each line.
type output struct {
	to  io.Writer
	err error
}

// Write implements io.Writer.
func (o *output) Write(p []byte) (int, error) {
	if o.err != nil {
		return 0, o.err
	}
	n, err := o.to.Write(p)
	if err != nil {
		o.err = &outputError{err}
	}
	return n, o.err
}

// outputError says that standard output does not take what is written.
type outputError struct{ err error }

// Error implements error.
func (o *outputError) Error() string {
	err := o.err
	var p *fs.PathError
	if errors.As(err, &p) {
		err = p.Err
	}
	return "write to standard output: " + err.Error()
}

// Unwrap gives what the system said.
func (o *outputError) Unwrap() error { return o.err }

// Hint says what the user can do.
func (o *outputError) Hint() string {
	if errors.Is(o.err, syscall.ENOSPC) {
		return "there is no room where the output goes"
	}
	return ""
}

// isTerminal tells whether somebody looks at what is written.
func (c *call) isTerminal() bool {
	f, ok := c.out.(*output).to.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}

// visibleText writes text so that it neither moves the cursor nor colours the
// screen: all but tabs and the ends of lines becomes visible.
type visibleText struct {
	to   io.Writer
	rest []byte // the beginning of a rune, or a CR that a LF may follow
}

// Write implements io.Writer.
func (v *visibleText) Write(p []byte) (int, error) {
	text := append(v.rest, p...)
	whole := len(text) - unfinished(text)
	v.rest = bytes.Clone(text[whole:])
	_, err := io.WriteString(v.to, visibleLines(string(text[:whole])))
	return len(p), err
}

// unfinished returns how many bytes at the end mean nothing before the next
// are known.
func unfinished(text []byte) int {
	if bytes.HasSuffix(text, []byte("\r")) {
		return 1
	}
	for n := 1; n < utf8.UTFMax && n <= len(text); n++ {
		last := text[len(text)-n:]
		if !utf8.RuneStart(last[0]) {
			continue
		}
		if utf8.FullRune(last) {
			return 0
		}
		return n
	}
	return 0
}

// Close writes what was held back. It does not close what is written to.
func (v *visibleText) Close() error {
	_, err := io.WriteString(v.to, visibleLines(string(v.rest)))
	v.rest = nil
	return err
}

// visibleLines is a text with all but tabs and the ends of lines made visible.
func visibleLines(s string) string {
	lines := strings.Split(strings.ReplaceAll(s, "\r\n", "\n"), "\n")
	for i := range lines {
		cells := strings.Split(lines[i], "\t")
		for j := range cells {
			cells[j] = words.Visible(cells[j])
		}
		lines[i] = strings.Join(cells, "\t")
	}
	return strings.Join(lines, "\n")
}
