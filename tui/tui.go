// Package tui shows a session in a terminal: keys in, cells out. It owns the
// screen and decides nothing.
package tui

import (
	"context"
	"time"

	"charm.land/bubbles/v2/spinner"
	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/colorprofile"
	"github.com/charmbracelet/x/ansi"

	"github.com/imgtui/imgtui/model/session"
	"github.com/imgtui/imgtui/model/words"
	"github.com/imgtui/imgtui/tui/act"
	"github.com/imgtui/imgtui/tui/pane"
	"github.com/imgtui/imgtui/tui/theme"
)

// Options say what to show and how.
type Options struct {
	State    session.State
	Requests []session.Request
	Do       session.Do
	Words    *words.Words
	Theme    string // a name of theme.All; "" is auto
	NoColor  bool   // NO_COLOR is set
	NoMouse  bool
	Editor   []string // command that opens a file; empty is none
	Now      func() time.Time
	// Shell opens a shell in a root of a build, with the terminal to itself, and
	// returns its exit code. nil is none.
	Shell func(ctx context.Context, e session.Entry, t Terminal) (code int, err error)
	// Program holds further options of the terminal's program: tests put a
	// terminal of their own here.
	Program []tea.ProgramOption
}

// Run shows the session until the user leaves. It waits for every request that
// it let run.
func Run(ctx context.Context, o Options) error {
	ctx, stop := context.WithCancel(ctx)
	m := newScreen(ctx, o)
	opts := append([]tea.ProgramOption{tea.WithContext(ctx), tea.WithFPS(framesPerSecond)}, o.Program...)
	if o.NoColor {
		opts = append(opts, tea.WithColorProfile(colorprofile.ASCII))
	}
	p := tea.NewProgram(m, opts...)
	m.send = p.Send
	_, err := p.Run()
	stop()
	if m.listing != nil {
		m.listing.Stop()
	}
	m.running.Wait()
	return err
}

// framesPerSecond bounds how long what a key brings waits to be drawn.
const framesPerSecond = 120

func newScreen(ctx context.Context, o Options) *screen {
	if o.Words == nil {
		o.Words = &words.English
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	m := &screen{
		ctx: ctx, o: o, state: o.State, focus: act.Layers, subject: act.Layers, lower: act.Files, spinning: true, send: func(tea.Msg) {}, book: &pane.Book{},
		terminal: theme.Terminal{Dark: true, Colors: colorprofile.TrueColor},
		layers:   &pane.Layers{}, files: &pane.Files{}, details: &pane.Details{}, rebuild: &pane.Rebuild{}, log: &pane.Log{}, viewer: &pane.Viewer{}, draft: pane.NewDockerfile(o.Words),
		spin: spinner.New(spinner.WithSpinner(spinner.MiniDot)),
	}
	if o.NoColor {
		m.terminal.Colors = colorprofile.ASCII
	}
	m.state, _ = m.state.Update(session.Clock{Now: o.Now()})
	m.paint(o.Theme)
	return m
}

func (m *screen) paint(name string) {
	if !theme.Known(name) {
		name = theme.All[0]
	}
	m.themeName = name
	m.theme = theme.New(name, m.terminal)
}

// minute is how often ages are told anew.
const minute = time.Minute

type tick struct{ now time.Time }

func (m *screen) tick() tea.Cmd {
	return tea.Tick(minute, func(time.Time) tea.Msg { return tick{m.o.Now()} })
}

// Init implements tea.Model.
func (m *screen) Init() tea.Cmd {
	return tea.Batch(m.wish(m.o.Requests), tea.RequestBackgroundColor, tea.Raw(ansi.SetModeLightDark), m.spin.Tick, m.tick(), widths)
}

// widths makes a table that the first frame would otherwise wait for.
func widths() tea.Msg {
	ansi.StringWidthWc("│")
	return nil
}

// wish is the only place where the outside is asked for anything.
func (m *screen) wish(rs []session.Request) tea.Cmd {
	for _, r := range rs {
		m.running.Go(func() { m.o.Do(m.ctx, r, func(msg session.Msg) { m.send(msg) }) })
	}
	return nil
}
