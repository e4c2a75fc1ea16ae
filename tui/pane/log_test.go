package pane

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/charmbracelet/colorprofile"

	"github.com/imgtui/imgtui/model/progress"
	"github.com/imgtui/imgtui/model/session"
	"github.com/imgtui/imgtui/model/session/sessiontest"
	"github.com/imgtui/imgtui/model/words"
	"github.com/imgtui/imgtui/tui/theme"
)

// going is a build whose step on line 5 is under way, and a function that lets
// it write.
func going(t testing.TB) (*Env, func(text string)) {
	w := sessiontest.Building()
	w.Builder.Mute, w.Builder.Logs = 5, nil
	s, rs := session.Start(session.Open{Ref: "x"})
	s, more := s.Sketch(session.Sketch{Dir: "src"})
	s = session.Settle(t.Context(), s, append(more, rs...), w.Do)
	var of session.Build
	for _, m := range []session.Msg{session.Edit{Text: sessiontest.Edited}, session.BuildNow{}, session.Point{Line: 5}} {
		s, rs = s.Update(m)
		for _, r := range rs {
			if b, ok := r.(session.Build); ok {
				of = b
			}
		}
		s = session.Settle(t.Context(), s, rs, w.Do)
	}
	e := &Env{State: s, Theme: theme.New("dark", theme.Terminal{Dark: true, Colors: colorprofile.TrueColor}), Words: &words.English, Book: &Book{}, Spin: "⠋"}
	return e, func(text string) {
		e.State, _ = e.State.Update(session.Advanced{Of: of, Events: []progress.Event{{Vertex: "step 4", Line: 5, Kind: progress.Logged, Text: text, At: time.Unix(1, 0)}}})
	}
}

// logged returns the rows of a log that are in sight.
func logged(p *Log, e Env, w, h int) []string {
	var out []string
	p.View(e, w, h, false)
	for i := p.win.Top; i < min(p.win.Top+p.win.Height, p.win.Count); i++ {
		out = append(out, p.row(i).text)
	}
	return out
}

func TestALogThatGrowsIsLaidOutAsIfItHadComeAtOnce(t *testing.T) {
	text := "one\ntwo is longer than a row of so few cells can hold\n\x1b[31mred\x1b[0m 10 %\r20 %\r30 %\nlast without an end"
	e, write := going(t)
	slow := &Log{}
	for i := range len(text) {
		write(text[i : i+1])
		slow.View(*e, 30, 12, false)
	}
	fast := &Log{}
	a, b := logged(slow, *e, 30, 12), logged(fast, *e, 30, 12)
	if strings.Join(a, "|") != strings.Join(b, "|") || !strings.Contains(strings.Join(b, "|"), "30 %|last without an end") {
		t.Errorf("letter by letter\n%q\nat once\n%q", a, b)
	}
}

func TestALogIsFollowedUntilSomebodyLooksBack(t *testing.T) {
	e, write := going(t)
	p := &Log{}
	for i := range 100 {
		write(fmt.Sprintln("line", i))
	}
	if got := logged(p, *e, 40, 12); got[len(got)-1] != "line 99" {
		t.Fatalf("the last row is %q, want the newest line", got[len(got)-1])
	}
	p.Wheel(-20)
	at := logged(p, *e, 40, 12)[0]
	write("more\n")
	if got := logged(p, *e, 40, 12)[0]; got != at {
		t.Errorf("the log moved from %q to %q under the eyes", at, got)
	}
	p.Wheel(1000)
	write("newest\n")
	if got := logged(p, *e, 40, 12); got[len(got)-1] != "newest" {
		t.Errorf("the last row is %q, want it followed again", got[len(got)-1])
	}
}

func BenchmarkLogFollows(b *testing.B) {
	for _, lines := range []int{1_000, 60_000} {
		b.Run(fmt.Sprint(lines), func(b *testing.B) {
			e, write := going(b)
			var all strings.Builder
			for i := range lines {
				fmt.Fprintf(&all, "Get:%d http://deb.debian.org/debian bookworm/main amd64 libc6\n", i)
			}
			write(all.String())
			p := &Log{}
			p.View(*e, 100, 30, false)
			b.ReportAllocs()
			for b.Loop() {
				write("one more line of what it writes\n")
				p.View(*e, 100, 30, false)
			}
		})
	}
}
