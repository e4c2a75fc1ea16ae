package tui

import (
	"strings"
	"sync"
	"testing"

	tea "charm.land/bubbletea/v2"
)

// hand presses keys on a screen without a terminal and waits for what comes of it.
type hand struct {
	t  testing.TB
	m  *screen
	mu sync.Mutex
	in []tea.Msg
}

func (h *hand) send(m tea.Msg) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.in = append(h.in, m)
}

// rest takes every answer until nothing is under way.
func (h *hand) rest() { h.each(func() {}) }

// each does so too, and calls f after every answer.
func (h *hand) each(f func()) {
	for {
		h.m.running.Wait()
		h.mu.Lock()
		in := h.in
		h.in = nil
		h.mu.Unlock()
		if len(in) == 0 {
			return
		}
		for _, m := range in {
			h.m.Update(m)
			f()
		}
	}
}

// typed types keys, separated by spaces, as the terminal library names them.
func typed(t testing.TB, m *screen, keys string) tea.Cmd {
	t.Helper()
	h := &hand{t: t, m: m}
	m.send = h.send
	var cmd tea.Cmd
	for name := range strings.FieldsSeq(keys) {
		_, cmd = m.Update(keyOf(name))
		h.rest()
	}
	return cmd
}

var keyCodes = map[string]rune{
	"up": tea.KeyUp, "down": tea.KeyDown, "left": tea.KeyLeft, "right": tea.KeyRight, "enter": tea.KeyEnter,
	"esc": tea.KeyEscape, "tab": tea.KeyTab, "pgup": tea.KeyPgUp, "pgdown": tea.KeyPgDown, "home": tea.KeyHome,
	"end": tea.KeyEnd, "space": tea.KeySpace, "backspace": tea.KeyBackspace,
}

func keyOf(name string) tea.KeyPressMsg {
	k := tea.KeyPressMsg{}
	for {
		rest, ok := strings.CutPrefix(name, "ctrl+")
		if !ok {
			break
		}
		k.Mod |= tea.ModCtrl
		name = rest
	}
	if rest, ok := strings.CutPrefix(name, "shift+"); ok {
		k.Mod |= tea.ModShift
		name = rest
	}
	if code, ok := keyCodes[name]; ok {
		k.Code = code
		if code == tea.KeySpace {
			k.Text = " "
		}
		return k
	}
	k.Code = []rune(name)[0]
	if k.Mod == 0 {
		k.Text = name
	}
	return k
}
