package main

import (
	"context"
	"errors"
	"os"

	"github.com/imgtui/imgtui/layers"
	"github.com/imgtui/imgtui/model/session"
	"github.com/imgtui/imgtui/tui"
)

// shell opens shells in the roots of an engine's build, with the terminal that
// the screen has handed over.
func (c *call) shell(e *layers.Engine) func(context.Context, session.Entry, tui.Terminal) (int, error) {
	return func(ctx context.Context, at session.Entry, t tui.Terminal) (int, error) {
		in, ok := t.In.(*os.File)
		out, also := t.Out.(*os.File)
		if !ok || !also {
			return -1, errors.New("standard input and output are no terminal")
		}
		taken, give, err := layers.TakeTerminal(in, out, c.env("TERM"))
		if err != nil {
			return -1, err
		}
		defer give()
		return e.Shell(ctx, at, taken)
	}
}
