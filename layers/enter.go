package layers

import (
	"context"
	"fmt"
	"io"

	"github.com/imgtui/imgtui/layers/builder"
	"github.com/imgtui/imgtui/model/session"
)

// try runs a command in a root of the build.
func (e *Engine) try(ctx context.Context, r session.Try, send func(session.Msg)) error {
	b, err := e.building.at(r.Build)
	if err != nil {
		return err
	}
	t, err := b.Try(ctx, r.Line, r.Side, r.Command)
	if err != nil {
		return err
	}
	send(session.Tried{Of: r, Before: t.Before, After: t.After, Output: t.Output, Code: t.Code})
	return nil
}

// Terminal is where a shell's words go and come from: raw, with a window that may
// change its size.
type Terminal struct {
	In     io.Reader
	Out    io.Writer
	Size   func() (rows, cols int)
	Resize <-chan struct{} // told when Size changes; nil never
	Term   string          // the kind of terminal, for TERM
}

// Shell runs a shell in a root of the build until it ends, and returns its exit
// code. What it writes there is thrown away.
func (e *Engine) Shell(ctx context.Context, at session.Entry, t Terminal) (code int, err error) {
	defer func() {
		if p := recover(); p != nil {
			code, err = -1, fmt.Errorf("shell: internal fault: %v", p)
		}
	}()
	b, err := e.building.at(at.Build)
	if err != nil {
		return -1, err
	}
	return b.Shell(ctx, at.Line, at.Side, builder.Terminal(t))
}
