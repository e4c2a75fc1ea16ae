package tui

import (
	"context"
	"fmt"
	"io"
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/imgtui/imgtui/model/session"
	"github.com/imgtui/imgtui/model/words"
	"github.com/imgtui/imgtui/tui/theme"
)

// Terminal is what a shell has to itself: the terminal as it was before the
// screen. In is nil where nothing that is a terminal can be read.
type Terminal struct {
	In       io.Reader
	Out, Err io.Writer
}

// shelled is sent when a shell has been left.
type shelled struct {
	code int
	err  error
}

// shell gives the terminal to a shell in the selected step.
func (m *screen) shell(side session.Side) tea.Cmd {
	t := m.o.Words.Build
	e, why := m.state.Enterable(side)
	switch {
	case m.o.Shell == nil:
		m.toast = t.NoShell
		return nil
	case why != nil:
		m.toast = fmt.Sprintf(t.ShellNone, words.Visible(why.Error()))
		return nil
	}
	text := ""
	if made := m.state.Made(); made != nil {
		text = words.Visible(made.Text)
	}
	if side == session.Before {
		text += " · " + t.ShellBefore
	}
	v := &visit{ctx: m.ctx, open: m.o.Shell, entry: e, head: m.theme.Strong + fmt.Sprintf(t.ShellStart, e.Line, text) + theme.Reset}
	return tea.Exec(v, func(err error) tea.Msg { return shelled{v.code, err} })
}

func (m *screen) shelled(msg shelled) tea.Cmd {
	m.toast = fmt.Sprintf(m.o.Words.Build.ShellExit, msg.code)
	if msg.err != nil {
		m.toast = "▲ " + fmt.Sprintf(m.o.Words.Build.ShellNone, words.Visible(msg.err.Error()))
	}
	return nil
}

// visit is a shell that has the terminal for a while.
type visit struct {
	ctx   context.Context
	open  func(context.Context, session.Entry, Terminal) (int, error)
	entry session.Entry
	head  string
	t     Terminal
	code  int
}

// Run implements tea.ExecCommand. Whatever happens in it, the screen comes back.
func (v *visit) Run() (err error) {
	stayed := time.After(stay)
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("internal fault: %v", p)
		}
		<-stayed
	}()
	fmt.Fprint(v.t.Out, v.head, "\r\n")
	v.code, err = v.open(v.ctx, v.entry, v.t)
	return err
}

// SetStdin implements tea.ExecCommand; see [guest.SetStdin].
func (v *visit) SetStdin(r io.Reader) {
	if _, ok := r.(interface{ Fd() uintptr }); ok {
		v.t.In = r
	}
}

// SetStdout implements tea.ExecCommand.
func (v *visit) SetStdout(w io.Writer) { v.t.Out = w }

// SetStderr implements tea.ExecCommand.
func (v *visit) SetStderr(w io.Writer) { v.t.Err = w }
