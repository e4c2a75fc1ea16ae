package tui

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/colorprofile"

	"github.com/imgtui/imgtui/model"
	"github.com/imgtui/imgtui/model/session"
	"github.com/imgtui/imgtui/model/session/sessiontest"
	"github.com/imgtui/imgtui/tui/act"
)

// hostileNames are what an image may call its files, its steps and itself.
var hostileNames = []string{
	"\x1b[31mred", "\x1b]0;title\x07", "new\nline", "carriage\rreturn", "tab\there", "\u009b31mC1", "\u202egpj.exe", "\u2066iso\u2069",
	"\xff\xfe\x80", "zero\u200bwidth\u200d\ufeff", "\u0301leading", "文件名日本語한국어", "e\u0301e\u0301", "👨\u200d👩\u200d👧", "❤\ufe0f", "👍\U0001f3fd",
	"\U0001f1e9\U0001f1ea", "क\u094dष", "น\u0e33", "\x00nul", "\x7f", "│╭╮", "❯ ", "…", " ", "  lead and trail  ", "\u2028", "\u3000", "ﾊﾟ",
	strings.Repeat("long", 300), strings.Repeat("文", 300), strings.Repeat("d/", 60) + "deep", strings.Repeat("\u0301", 50), "a-rf", "$(reboot)", "'\"`",
}

// hostile is an image in which everything that may have a name has one of those.
func hostile() *sessiontest.World {
	var steps []sessiontest.Step
	for i := range 14 {
		s := sessiontest.Step{By: "RUN " + hostileNames[i%len(hostileNames)]}
		if i%3 != 2 {
			for j, n := range hostileNames {
				n = strings.ReplaceAll(strings.ReplaceAll(n, " ", "\u3000"), "=", "")
				switch (i + j) % 5 {
				case 0:
					s.Files = append(s.Files, fmt.Sprintf("%s/%s %d", n, hostileNames[(j+i)%20][:1]+"x", 1<<(i+j)%40))
				case 1:
					s.Files = append(s.Files, n+" -> "+n)
				case 2:
					s.Files = append(s.Files, fmt.Sprintf("usr/%s %d %d", n, i*j, i))
				case 3:
					s.Files = append(s.Files, "-usr/"+n)
				}
			}
		}
		steps = append(steps, s)
	}
	w := sessiontest.Make(steps...)
	w.Image.Reference, w.Image.BaseName = strings.Join(hostileNames[:12], ""), hostileNames[6]
	w.Image.Tags, w.Image.Config.Env, w.Image.Config.Entrypoint = hostileNames, hostileNames, hostileNames
	w.Image.Platform = model.Platform{OS: hostileNames[0], Architecture: hostileNames[4]}
	w.Image.Config.Labels = map[string]string{hostileNames[5]: hostileNames[6], hostileNames[11]: hostileNames[29]}
	for i, n := range hostileNames {
		w.Image.Warnings = append(w.Image.Warnings, model.Warning{Text: n})
		w.Image.Steps[i%14].Comment, w.Image.Steps[i%14].Author, w.Image.Steps[i%14].Base = n, n, i%14 < 3
	}
	w.Fail[4] = errors.New(strings.Join(hostileNames[:20], " "))
	for i := range 14 {
		for _, n := range hostileNames {
			w.Text[fmt.Sprintf("%d/usr/%s", i, n)] = strings.Join(hostileNames, "\n") + strings.Repeat("\x00", i%2)
		}
	}
	return w
}

// storm is a screen to which anything happens.
type storm struct {
	*hand
	r    *rand.Rand
	said []string
}

func (s *storm) do(what string, msg tea.Msg) {
	s.said = append(s.said, what)
	s.m.Update(msg)
	s.rest()
}

// once does one thing that a user, a terminal or an image may do.
func (s *storm) once() {
	r := s.r
	switch n := r.IntN(20); {
	case n < 9:
		a := act.All[r.IntN(len(act.All))]
		if a.ID != "quit" && a.ID != "interrupt" && a.ID != "suspend" {
			s.key(a.Keys[r.IntN(len(a.Keys))])
		}
	case n < 11:
		s.key([]string{"enter", "esc", "up", "down", "a", "~", "[", "!", "backspace", "home", "文"}[r.IntN(11)])
	case n < 12:
		name := hostileNames[r.IntN(len(hostileNames))]
		s.do(fmt.Sprintf("paste %q", name), tea.PasteMsg{Content: name})
	case n < 16:
		w, h := 1+r.IntN(300), 1+r.IntN(100)
		if r.IntN(3) > 0 {
			w, h = 58+r.IntN(80), 13+r.IntN(35)
		}
		s.do(fmt.Sprintf("resize %d × %d", w, h), tea.WindowSizeMsg{Width: w, Height: h})
	case n < 19:
		s.mouse()
	default:
		p := []colorprofile.Profile{colorprofile.ASCII, colorprofile.ANSI, colorprofile.TrueColor}[r.IntN(3)]
		s.do("profile "+p.String(), tea.ColorProfileMsg{Profile: p})
	}
}

func (s *storm) key(name string) {
	if name == "文" {
		s.do(name, tea.KeyPressMsg{Code: '文', Text: name})
		return
	}
	s.do(name, keyOf(name))
}

func (s *storm) mouse() {
	at := tea.Mouse{X: s.r.IntN(s.m.width), Y: s.r.IntN(s.m.height), Button: tea.MouseLeft}
	what := fmt.Sprintf("mouse at %d,%d", at.X, at.Y)
	switch s.r.IntN(4) {
	case 0:
		at.Button = []tea.MouseButton{tea.MouseWheelUp, tea.MouseWheelDown}[s.r.IntN(2)]
		s.do(what+" wheel", tea.MouseWheelMsg(at))
	case 1:
		s.do(what+" drag", tea.MouseMotionMsg(at))
	case 2:
		s.do(what+" release", tea.MouseReleaseMsg(at))
	default:
		s.do(what+" click", tea.MouseClickMsg(at))
	}
}

func TestNothingBreaksTheFrame(t *testing.T) {
	t.Parallel()
	for seed := range uint64(6) {
		world := []func() *sessiontest.World{hostile, sessiontest.Workshop, based}[seed%3]()
		m := settled(t, world, Options{Theme: "auto"}, 80, 24)
		s := &storm{hand: &hand{t: t, m: m}, r: rand.New(rand.NewPCG(seed, 7))}
		m.send = s.send
		for range 150 {
			s.once()
			if exact(t, m); t.Failed() {
				t.Fatalf("seed %d, after %s", seed, strings.Join(s.said[max(len(s.said)-12, 0):], ", "))
			}
		}
	}
}

func TestEverySizeHasItsFrame(t *testing.T) {
	t.Parallel()
	for _, keys := range []string{"", "j 2 =", "2 c / a enter enter", "4 i", "?", "2 y"} {
		m := settled(t, hostile(), Options{Theme: "dark"}, 80, 24)
		typed(t, m, keys)
		for w := 1; w <= 300; w += 1 + w/5 {
			for h := 1; h <= 100; h += 1 + h/2 {
				m.width, m.height = w, h
				if exact(t, m); t.Failed() {
					t.Fatalf("after the keys %q", keys)
				}
			}
		}
	}
}

// TestFramesWhileAnImageIsRead looks at the screen after every answer.
func TestFramesWhileAnImageIsRead(t *testing.T) {
	t.Parallel()
	w := hostile()
	st, rs := session.Start(session.Open{Ref: hostileNames[0]})
	m := newScreen(t.Context(), Options{State: st, Requests: rs, Do: w.Do})
	h := &hand{t: t, m: m}
	m.send = h.send
	m.width, m.height = 121, 33
	exact(t, m)
	m.wish(rs)
	h.each(func() { exact(t, m) })
	w.Broken = w.Fail[4]
}
