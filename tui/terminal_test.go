package tui

import (
	"context"
	"image/color"
	"io"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/colorprofile"
	uv "github.com/charmbracelet/ultraviolet"
	"github.com/charmbracelet/x/vt"

	"github.com/imgtui/imgtui/model/session"
	"github.com/imgtui/imgtui/model/session/sessiontest"
)

// terminal is a whole terminal inside the test, with the program on it.
type terminal struct {
	t    *testing.T
	em   *vt.Emulator
	mu   sync.Mutex
	done chan error
	copy string // what the program put into the clipboard
}

// tape holds what the terminal sends, keys and answers, until the program reads
// it, as a kernel does. The emulator alone would wait for the program to read
// while the program waits for it to take what it writes.
type tape struct {
	mu     sync.Mutex
	more   *sync.Cond
	held   []byte
	closed bool
}

func newTape() *tape {
	t := &tape{}
	t.more = sync.NewCond(&t.mu)
	return t
}

// Write implements io.Writer; it never waits.
func (t *tape) Write(b []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.held = append(t.held, b...)
	t.more.Broadcast()
	return len(b), nil
}

// Read implements io.Reader.
func (t *tape) Read(b []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for len(t.held) == 0 && !t.closed {
		t.more.Wait()
	}
	if len(t.held) == 0 {
		return 0, io.EOF
	}
	n := copy(b, t.held)
	t.held = t.held[n:]
	return n, nil
}

// Close ends what is read.
func (t *tape) Close() error {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.closed = true
	t.more.Broadcast()
	return nil
}

// setup says how a terminal is made.
type setup struct {
	w, h  int
	light bool
	o     Options
	draft *session.Sketch // the Dockerfile beside the image; nil is none
}

func start(t *testing.T, w *sessiontest.World, s setup) *terminal {
	t.Helper()
	if s.w == 0 {
		s.w, s.h = 100, 30
	}
	tm := &terminal{t: t, em: vt.NewEmulator(s.w, s.h), done: make(chan error, 1)}
	in := newTape()
	go io.Copy(in, tm.em)
	tm.em.WriteString("\x1b[20h") // without a tty a new line alone is sent where a cooked terminal adds the return
	if s.light {
		tm.em.SetDefaultBackgroundColor(color.White)
	}
	tm.em.RegisterOscHandler(52, func(data []byte) bool { tm.copy = string(data); return true })
	st, rs := session.Start(session.Open{Ref: "acct/my-app:1.4"})
	if s.draft != nil {
		var more []session.Request
		st, more = st.Sketch(*s.draft)
		rs = append(rs, more...)
	}
	o := s.o
	o.State, o.Requests, o.Do = st, rs, w.Do
	o.Now = func() time.Time { return sessiontest.Noon }
	o.Program = []tea.ProgramOption{
		tea.WithInput(in), tea.WithOutput(tm), tea.WithWindowSize(s.w, s.h), tea.WithoutSignals(),
		tea.WithEnvironment([]string{"TERM=xterm-256color"}), tea.WithColorProfile(colorprofile.TrueColor),
	}
	ctx, stop := context.WithCancel(t.Context())
	go func() { tm.done <- Run(ctx, o) }()
	t.Cleanup(func() {
		stop()
		tm.em.InputPipe().(io.Closer).Close()
		in.Close()
	})
	return tm
}

// Write implements io.Writer for the program's output.
func (tm *terminal) Write(b []byte) (int, error) {
	tm.mu.Lock()
	defer tm.mu.Unlock()
	return tm.em.Write(b)
}

func (tm *terminal) screen() string {
	tm.mu.Lock()
	defer tm.mu.Unlock()
	return tm.em.String()
}

// styled is the screen with its colours and attributes, as escape codes.
func (tm *terminal) styled() string {
	tm.mu.Lock()
	defer tm.mu.Unlock()
	return tm.em.Render()
}

func (tm *terminal) clipboard() string {
	tm.mu.Lock()
	defer tm.mu.Unlock()
	return tm.copy
}

// patience is how long a screen may take on a busy machine.
const patience = 60 * time.Second

// until waits for text on the screen; "!text" for it to go.
func (tm *terminal) until(want string) {
	tm.t.Helper()
	if !tm.wait(func() bool { return shows(tm.screen(), want) }) {
		tm.t.Fatalf("waited in vain for %q on the screen:\n%s", want, tm.screen())
	}
}

// shows tells whether text is on the screen; "!text", that it is not.
func shows(screen, want string) bool {
	text, not := strings.CutPrefix(want, "!")
	return strings.Contains(screen, text) != not
}

func (tm *terminal) wait(until func() bool) bool {
	poll := time.NewTicker(2 * time.Millisecond)
	defer poll.Stop()
	for end := time.After(patience); ; {
		if until() {
			return true
		}
		select {
		case <-poll.C:
		case <-end:
			return false
		}
	}
}

// keys types, separated by spaces: names of keys, "until:text" that waits,
// "click:x,y", "wheel:x,y,n", "drag:x,y,x,y" and "paste:text"; "_" is a space.
func (tm *terminal) keys(script string) {
	tm.t.Helper()
	for word := range strings.FieldsSeq(script) {
		verb, text, _ := strings.Cut(word, ":")
		text = strings.ReplaceAll(text, "_", " ")
		switch {
		case verb == "until" && text != "":
			tm.until(text)
		case verb == "paste" && text != "":
			tm.do(func() { tm.em.Paste(text) })
		case text != "":
			tm.mouse(verb, numbers(text))
		default:
			k := keyOf(word)
			tm.do(func() { tm.em.SendKey(uv.KeyPressEvent(uv.Key{Code: k.Code, Mod: uv.KeyMod(k.Mod), Text: k.Text})) })
		}
	}
}

// do does something to the emulator while the program is kept from it.
func (tm *terminal) do(f func()) {
	tm.mu.Lock()
	defer tm.mu.Unlock()
	f()
}

func numbers(s string) (all [4]int) {
	for i, f := range strings.Split(s, ",") {
		all[i], _ = strconv.Atoi(f)
	}
	return all
}

func (tm *terminal) mouse(verb string, n [4]int) {
	at := uv.Mouse{X: n[0], Y: n[1], Button: vt.MouseLeft}
	tm.do(func() {
		switch verb {
		case "click":
			tm.em.SendMouse(vt.MouseClick(at))
			tm.em.SendMouse(vt.MouseRelease(at))
		case "wheel":
			at.Button = other(n[2] > 0, vt.MouseWheelDown, vt.MouseWheelUp)
			for range max(n[2], -n[2]) {
				tm.em.SendMouse(vt.MouseWheel(at))
			}
		case "drag":
			tm.em.SendMouse(vt.MouseClick(at))
			at.X, at.Y = n[2], n[3]
			tm.em.SendMouse(vt.MouseMotion(at))
			tm.em.SendMouse(vt.MouseRelease(at))
		}
	})
}

func other[T any](is bool, yes, no T) T {
	if is {
		return yes
	}
	return no
}

// left waits for the program to end and returns its error.
func (tm *terminal) left() error {
	tm.t.Helper()
	select {
	case err := <-tm.done:
		return err
	case <-time.After(patience):
		tm.t.Fatalf("the program did not end:\n%s", tm.screen())
		return nil
	}
}
