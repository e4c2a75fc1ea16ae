package tui

import (
	"fmt"
	"io"
	"os/exec"
	"path"
	"slices"
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/imgtui/imgtui/model/session"
	"github.com/imgtui/imgtui/model/words"
)

// askEditor wants a copy of the file for the user's editor.
func (m *screen) askEditor() tea.Cmd {
	paths := m.chosen()
	if len(paths) == 0 || len(m.o.Editor) == 0 {
		m.toast = m.o.Words.Screen.NoEditor
		return nil
	}
	return m.tell(session.Take{Paths: paths[:1], Edit: true})
}

// edited is sent when the editor has been left.
type edited struct {
	file string
	err  error
}

// edit hands the terminal to the editor.
func (m *screen) edit(x session.Extracted) tea.Cmd {
	m.editing = true
	file := path.Join(x.Dir, path.Base(x.Of.Paths[0]))
	argv := append(slices.Clone(m.o.Editor), file)
	return tea.Exec(&guest{exec.CommandContext(m.ctx, argv[0], argv[1:]...)}, func(err error) tea.Msg { return edited{file, err} })
}

func (m *screen) edited(msg edited) tea.Cmd {
	m.editing = false
	m.toast = fmt.Sprintf(m.o.Words.Screen.Edited, words.Visible(msg.file))
	if msg.err != nil {
		m.toast = "▲ " + words.Visible(msg.err.Error())
	}
	return m.tell(session.Dismiss{})
}

// guest is a program that has the terminal for a while.
type guest struct{ *exec.Cmd }

// stay is how long a guest has the terminal at least. The library stops its
// frames a moment after it has let go of the terminal: if it got it back before,
// that would stop the frames which are to come.
const stay = 50 * time.Millisecond

// Run implements tea.ExecCommand.
func (g *guest) Run() error {
	stayed := time.After(stay)
	err := g.Cmd.Run()
	<-stayed
	return err
}

// SetStdin implements tea.ExecCommand. What is no file is not handed over: it
// would be read on when the guest has left.
func (g *guest) SetStdin(r io.Reader) {
	if _, ok := r.(interface{ Fd() uintptr }); ok {
		g.Stdin = r
	}
}

// SetStdout implements tea.ExecCommand.
func (g *guest) SetStdout(w io.Writer) { g.Stdout = w }

// SetStderr implements tea.ExecCommand.
func (g *guest) SetStderr(w io.Writer) { g.Stderr = w }
