package widget

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/colorprofile"
	"github.com/charmbracelet/x/vt"

	"github.com/imgtui/imgtui/tui/act"
	"github.com/imgtui/imgtui/tui/theme"
)

// desk is the smallest program around an editor.
type desk struct {
	mu    sync.Mutex
	e     *Editor
	th    *theme.Theme
	w, h  int
	last  Intent // the last that was handled
	saved string
	count int // presses on the same cell
	x, y  int
	taken int // keys
}

func (d *desk) Init() tea.Cmd { return nil }

func (d *desk) Update(msg tea.Msg) (tea.Model, tea.Cmd) {
	d.mu.Lock()
	defer d.mu.Unlock()
	var i Intent
	switch m := msg.(type) {
	case tea.WindowSizeMsg:
		d.w, d.h = m.Width, m.Height
	case tea.KeyPressMsg:
		i = d.e.Key(m)
		d.taken++
	case tea.PasteMsg:
		i = d.e.Paste(m.Content)
	case tea.MouseClickMsg:
		if d.x != m.X || d.y != m.Y {
			d.count = 0
		}
		d.count++
		d.x, d.y = m.X, m.Y
		i = d.e.Click(m.X, m.Y, d.count)
	case tea.MouseMotionMsg:
		i = d.e.Drag(m.X, m.Y)
	case tea.MouseWheelMsg:
		d.e.Wheel(map[tea.MouseButton]int{tea.MouseWheelUp: -3, tea.MouseWheelDown: 3}[m.Button])
	}
	if i.Handled {
		d.last = i
	}
	if i.Save {
		d.saved = d.e.Text()
		d.e.Saved()
	}
	if i.Copied != "" {
		return d, tea.SetClipboard(i.Copied)
	}
	return d, nil
}

func (d *desk) View() tea.View {
	d.mu.Lock()
	defer d.mu.Unlock()
	v := tea.NewView(strings.Join(d.e.View(d.th, d.w, d.h, true), "\n"))
	if x, y, ok := d.e.Cursor(); ok {
		v.Cursor = tea.NewCursor(x, y)
	}
	v.AltScreen, v.MouseMode = true, tea.MouseModeCellMotion
	return v
}

// screen is a terminal inside the test with an editor on it.
type screen struct {
	t      *testing.T
	em     *vt.Emulator
	mu     sync.Mutex
	copied string
	sent   int // keys
	d      *desk
}

// onScreen starts an editor of text, in which | is the cursor and two of them
// are the ends of the selection.
func onScreen(t *testing.T, text string) *screen {
	t.Helper()
	s := &screen{t: t, em: vt.NewEmulator(60, 12), d: &desk{e: newEditor(""), th: theme.New("dark", theme.Terminal{Dark: true, Colors: colorprofile.TrueColor}), w: 60, h: 12}}
	put(s.d.e, text)
	s.em.WriteString("\x1b[20h")
	s.em.RegisterOscHandler(52, func(data []byte) bool { s.copied = string(data); return true })
	p := tea.NewProgram(s.d, tea.WithInput(s.em), tea.WithOutput(s), tea.WithWindowSize(60, 12), tea.WithoutSignals(),
		tea.WithEnvironment([]string{"TERM=xterm-256color"}), tea.WithColorProfile(colorprofile.TrueColor), tea.WithContext(t.Context()))
	done := make(chan error, 1)
	go func() { _, err := p.Run(); done <- err }()
	t.Cleanup(func() {
		p.Quit()
		<-done
		s.em.InputPipe().(io.Closer).Close()
	})
	s.until(func() bool { return strings.Contains(s.em.String(), "❯") })
	return s
}

// Write implements io.Writer for the program's output.
func (s *screen) Write(b []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.em.Write(b)
}

// until waits, with the terminal and the editor held, for what must come.
func (s *screen) until(what func() bool) bool {
	end := time.After(60 * time.Second)
	poll := time.NewTicker(time.Millisecond)
	defer poll.Stop()
	for {
		s.mu.Lock()
		s.d.mu.Lock()
		ok := what()
		s.d.mu.Unlock()
		s.mu.Unlock()
		if ok {
			return true
		}
		select {
		case <-poll.C:
		case <-end:
			return false
		}
	}
}

// keys presses keys, separated by spaces. After esc it waits until all were
// taken: a terminal sends esc and a letter as it does alt and the letter.
func (s *screen) keys(script string) {
	for word := range strings.FieldsSeq(script) {
		s.em.SendText(sequence(keyNamed(word)))
		s.sent++
		if word == "esc" {
			s.until(func() bool { return s.d.taken >= s.sent })
		}
	}
}

// sequence returns what xterm sends for a key. The emulator's own way to send
// one looks at modes that the program sets meanwhile.
func sequence(k tea.KeyPressMsg) string {
	held := 1
	for i, m := range []tea.KeyMod{tea.ModShift, tea.ModAlt, tea.ModCtrl} {
		if k.Mod.Contains(m) {
			held += 1 << i
		}
	}
	if final, ok := finals[k.Code]; ok {
		return fmt.Sprintf("\x1b[1;%d%c", held, final)
	}
	if number, ok := tildes[k.Code]; ok {
		return fmt.Sprintf("\x1b[%d;%d~", number, held)
	}
	text := string(k.Code)
	if k.Mod.Contains(tea.ModCtrl) {
		text = string(k.Code & 0x1f)
	}
	if k.Mod.Contains(tea.ModAlt) {
		text = "\x1b" + text
	}
	return text
}

var finals = map[rune]rune{tea.KeyUp: 'A', tea.KeyDown: 'B', tea.KeyRight: 'C', tea.KeyLeft: 'D', tea.KeyEnd: 'F', tea.KeyHome: 'H'}
var tildes = map[rune]int{tea.KeyInsert: 2, tea.KeyDelete: 3, tea.KeyPgUp: 5, tea.KeyPgDown: 6, tea.KeyF3: 13}

// mouse sends what the button or the wheel does at a cell, counted from 0.
func (s *screen) mouse(button, x, y int) {
	s.em.SendText(fmt.Sprintf("\x1b[<%d;%d;%dM", button, x+1, y+1))
}

// What a mouse does.
const (
	presses = 0
	drags   = 32
	wheels  = 65 // down
)

// put gives an editor a text with cursor and selection in it.
func put(e *Editor, text string) {
	parts := strings.Split(text, "|")
	e.SetText(strings.Join(parts, ""))
	e.buf.Go(placed(strings.Join(parts[:1], "")))
	if len(parts) == 3 {
		e.buf.Extend(placed(strings.Join(parts[:2], "")))
	}
}

// marked returns the text with cursor and selection in it.
func marked(e *Editor) string {
	r, ok := e.buf.Selection()
	at := func(line, col int) int {
		return len(strings.Join(strings.SplitAfter(e.Text(), "\n")[:line], "")) + col
	}
	from, to := at(r.From.Line, r.From.Col), at(r.To.Line, r.To.Col)
	if !ok {
		return e.Text()[:from] + "|" + e.Text()[from:]
	}
	return e.Text()[:from] + "|" + e.Text()[from:to] + "|" + e.Text()[to:]
}

// keyTest drives one action: the text before, what is typed, and the text after.
// The first key begins to type.
type keyTest struct{ from, keys, want string }

var keyTests = map[act.ID]keyTest{
	"type":               {"a|b", "x", "ax|b"},
	"undo":               {"a|", "b c ctrl+z", "a|"},
	"redo":               {"a|", "b c ctrl+z ctrl+y", "abc|"},
	"cut":                {"a|bc|d", "ctrl+x end ctrl+v", "adbc|"},
	"paste":              {"ab|\nc", "ctrl+x ctrl+v ctrl+v", "ab\nab\nc|"},
	"complete":           {"FROM sc|", "ctrl+space tab", "FROM scratch|"},
	"find":               {"|x b b", "ctrl+f b enter esc", "x b |b|"},
	"find-next":          {"|x b b", "ctrl+f b esc f3", "x b |b|"},
	"find-previous":      {"|x b b b", "ctrl+f b esc shift+f3", "x b b |b|"},
	"replace":            {"|x b b", "alt+r b tab Q enter enter esc", "x Q Q|"},
	"go-to-line":         {"|a\nb\nc", "alt+g 2 enter x", "a\nx|b\nc"},
	"comment":            {"a|", "ctrl+_", "# a|"},
	"indent":             {"a|", "ctrl+]", "    a|"},
	"outdent":            {"    a|", "alt+,", "a|"},
	"duplicate":          {"a|\nb", "ctrl+d", "a\na|\nb"},
	"line-up":            {"a\nb|", "alt+up", "b|\na"},
	"line-down":          {"a|\nb", "alt+down", "b\na|"},
	"join":               {"a|\n  b", "alt+j", "a| b"},
	"new-line":           {"RUN a \\|", "enter b", "RUN a \\\n    b|"},
	"erase":              {"ab|", "backspace", "a|"},
	"delete":             {"|ab", "delete", "|b"},
	"erase-word":         {"one two|", "ctrl+w", "one |"},
	"delete-word":        {"one| two", "alt+d", "one|"},
	"erase-to-start":     {"one two|x", "ctrl+u", "|x"},
	"delete-to-end":      {"one| two\nx", "ctrl+k", "one|\nx"},
	"char-left":          {"ab|", "left", "a|b"},
	"char-right":         {"|ab", "right", "a|b"},
	"row-up":             {"ab\ncd|", "up", "ab|\ncd"},
	"row-down":           {"a|b\ncd", "down", "ab\nc|d"},
	"word-left":          {"one two|", "ctrl+left", "one |two"},
	"word-right":         {"|one two", "ctrl+right", "one| two"},
	"line-start":         {"  ab|", "home", "  |ab"},
	"line-end":           {"|ab\nc", "end", "ab|\nc"},
	"screen-up":          {"a\nb\nc|", "pgup", "a|\nb\nc"},
	"screen-down":        {"|a\nb\nc", "pgdown", "a\nb\n|c"},
	"text-start":         {"a\nb|", "ctrl+home", "|a\nb"},
	"text-end":           {"|a\nb", "ctrl+end", "a\nb|"},
	"select-left":        {"ab|", "shift+left", "a|b|"},
	"select-right":       {"|ab", "shift+right", "|a|b"},
	"select-up":          {"ab\nc|d", "shift+up", "a|b\nc|d"},
	"select-down":        {"a|b\ncd", "shift+down", "a|b\nc|d"},
	"select-word-left":   {"one two|", "ctrl+shift+left", "one |two|"},
	"select-word-right":  {"|one two", "ctrl+shift+right", "|one| two"},
	"select-line-start":  {"ab|", "shift+home", "|ab|"},
	"select-line-end":    {"|ab", "shift+end", "|ab|"},
	"select-screen-up":   {"a\nb|", "shift+pgup", "a|\nb|"},
	"select-screen-down": {"|a\nb", "shift+pgdown", "|a\n|b"},
	"select-text-start":  {"a\nb|", "ctrl+shift+home", "|a\nb|"},
	"select-text-end":    {"|a\nb", "ctrl+shift+end", "|a\nb|"},
	"select-word":        {"one t|wo", "alt+w", "one |two|"},
	"select-line":        {"a|b\nc", "alt+l", "|ab\n|c"},
	"select-all":         {"a|b\nc", "ctrl+a", "|ab\nc|"},
}

// apart are actions that a test of their own drives.
var apart = map[act.ID]string{
	"rest": "TestEscEndsTheInnermost", "save": "TestSavingTellsTheOwner", "open-editor": "TestSavingTellsTheOwner", "copy-text": "TestCopyGoesToTheTerminalsClipboard",
	"take-back": "TestUndoWhileBrowsing", "do-again": "TestUndoWhileBrowsing", "search": "TestUndoWhileBrowsing", "soft-wrap": "TestLongLinesAreWrappedByAKey",
}

func TestNoKeyIsWithoutATest(t *testing.T) {
	for _, a := range act.Editor {
		if a.ID == "fix" || a.ID == "inputs" || a.ID == "reload" {
			continue // the screen does these: it has their tests
		}
		_, tested := keyTests[a.ID]
		_, elsewhere := apart[a.ID]
		if tested == elsewhere {
			t.Errorf("action %s: in the table %v, apart %v; want one of them", a.ID, tested, elsewhere)
		}
	}
}

func TestEveryKeyDoesWhatItSays(t *testing.T) {
	t.Parallel()
	for _, a := range act.Editor {
		c, ok := keyTests[a.ID]
		if !ok {
			continue
		}
		t.Run(string(a.ID), func(t *testing.T) {
			t.Parallel()
			s := onScreen(t, c.from)
			s.keys("enter " + c.keys)
			s.ends(c.want)
		})
	}
}

// ends fails unless the editor comes to have a text and a cursor, and the screen
// shows the text.
func (s *screen) ends(want string) {
	s.t.Helper()
	first, _, _ := strings.Cut(strings.ReplaceAll(want, "|", ""), "\n")
	first = strings.TrimRight(first, " ") // which a screen need not hold
	if !s.until(func() bool { return marked(s.d.e) == want && strings.Contains(s.em.String(), first) }) {
		s.t.Fatalf("got %q, want %q; on the screen:\n%s", marked(s.d.e), want, s.em.String())
	}
}

func TestEveryOtherKeyOfAnActionIsTheSame(t *testing.T) {
	t.Parallel()
	for _, a := range act.Editor {
		c, ok := keyTests[a.ID]
		if !ok || a.ID == "type" {
			continue
		}
		for _, other := range a.Keys {
			e := newEditor("")
			put(e, c.from)
			e.View(theme.New("dark", theme.Terminal{Dark: true, Colors: colorprofile.TrueColor}), 60, 12, true)
			keys := strings.Fields("enter " + c.keys)
			for i, k := range keys[1:] {
				if slices.Contains(a.Keys, k) {
					keys[i+1] = other
				}
			}
			press(e, strings.Join(keys, " "))
			if got := marked(e); got != c.want {
				t.Errorf("%s by %s: got %q, want %q", a.ID, other, got, c.want)
			}
		}
	}
}
