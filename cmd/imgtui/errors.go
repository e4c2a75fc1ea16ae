package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"syscall"

	"github.com/imgtui/imgtui/model/words"
)

// The exit codes.
const (
	fine       = 0
	differs    = 1 // a check failed, or the images differ
	wrong      = 2 // used wrongly, or could not be done
	interrupts = 130
)

// errDiffers ends a command whose answer is no.
var errDiffers = errors.New("differs")

// usageError is a command line that means nothing.
type usageError struct{ what, hint string }

// Error implements error.
func (u *usageError) Error() string { return u.what }

// Hint says what the user can do.
func (u *usageError) Hint() string { return u.hint }

func internal(r any) error {
	return &usageError{fmt.Sprintf("internal fault: %v", r), "please report it with the command line that led to it"}
}

// fail prints an error, if there is one to print, and returns the exit code.
func (p program) fail(ctx context.Context, err error) int {
	switch {
	case err == nil:
		return fine
	case errors.Is(err, errDiffers):
		return differs
	case errors.Is(err, syscall.EPIPE):
		return fine // who reads has seen enough
	case errors.Is(err, context.Canceled) && ctx.Err() != nil:
		return interrupts
	}
	fmt.Fprintln(p.err, "imgtui:", words.Visible(oneLine(err.Error())))
	for l := range strings.SplitSeq(hint(err), "\n") {
		if l != "" {
			fmt.Fprintln(p.err, "hint:", words.Visible(l))
		}
	}
	return wrong
}

func oneLine(s string) string {
	return strings.Join(strings.FieldsFunc(s, func(r rune) bool { return r == '\n' }), "; ")
}

// hint returns what the user can do about an error, or "".
func hint(err error) string {
	var h interface{ Hint() string }
	switch {
	case errors.As(err, &h):
		return h.Hint()
	case errors.Is(err, fs.ErrExist):
		return "nothing is overwritten: name another folder"
	case errors.Is(err, syscall.ENOSPC):
		return "free some space there"
	}
	return ""
}
