package tui

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	tea "charm.land/bubbletea/v2"

	"github.com/imgtui/imgtui/model/session"
	"github.com/imgtui/imgtui/model/session/sessiontest"
)

// editFive makes line 5 install another flask, and goes back to the layers.
const editFive = "until:kept 3 down down down down enter end = = 3 . 1 until:flask==3.1 esc until:!esc_done until:4_kept until:4_run 1 "

// building is the workshop with a builder that has built its Dockerfile before.
func building(t testing.TB) *sessiontest.World {
	w := sessiontest.Building()
	gates := w.Builder
	gates.Says = func(r session.Try) session.Tried {
		m := gates.Makes
		return session.Tried{Of: r, Before: m.Roots[2], After: m.Roots[3], Output: "said by " + r.Command + "\n", Code: 3}
	}
	return w
}

// prepared takes what is done to the builder out of a script: "gate:5" keeps the
// step on line 5 running, "fail:5" breaks it.
func prepared(w *sessiontest.World, script string) string {
	var rest []string
	for word := range strings.FieldsSeq(script) {
		line := 0
		switch verb, arg, _ := strings.Cut(word, ":"); verb {
		case "gate":
			fmt.Sscan(arg, &line)
			w.Builder.Gates = map[int]chan struct{}{line: make(chan struct{})}
		case "mute":
			fmt.Sscan(arg, &w.Builder.Mute)
		case "fail":
			fmt.Sscan(arg, &line)
			w.Builder.Fails = map[int]*session.BuildError{line: broken5(w)}
		default:
			rest = append(rest, word)
		}
	}
	return strings.Join(rest, " ") + " "
}

// broken5 is how pip fails.
func broken5(w *sessiontest.World) *session.BuildError {
	return &session.BuildError{Code: 1, Text: "ERROR: No matching distribution found for flask==3.1\nprocess \"/bin/sh -c pip install flask==3.1\" did not complete successfully: exit code: 1", After: w.Builder.Makes.Roots[3]}
}

// shellOf stands for a shell: it says where it is and ends with the line and the side.
func shellOf(_ context.Context, e session.Entry, t Terminal) (int, error) {
	fmt.Fprintf(t.Out, "a shell in line %d\r\n", e.Line)
	return 10*e.Line + int(e.Side), nil
}

// onBuilds is a terminal with the workshop's Dockerfile, line 5 edited.
func onBuilds(t *testing.T, w *sessiontest.World, script string) *terminal {
	t.Helper()
	tm := start(t, w, setup{w: 140, h: 40, draft: beside, o: Options{Shell: shellOf}})
	tm.keys(ready + editFive + prepared(w, script))
	return tm
}

func TestEscStopsTheBuildAndThenLeadsToTheImage(t *testing.T) {
	t.Parallel()
	tm := onBuilds(t, building(t), "gate:5 ctrl+b until:building until:Installing until:esc_stops esc until:stopped_after")
	tm.keys("until:esc:_the_image esc until:by_order until:UNPACKED")
}

func TestCtrlCEndsTheProgramInTheMiddleOfABuild(t *testing.T) {
	t.Parallel()
	tm := onBuilds(t, building(t), "gate:5 ctrl+b until:building ctrl+c")
	if err := tm.left(); err != nil {
		t.Error(err)
	}
}

func TestARunningStepShowsItsLastLineAndLetsOthersBeRead(t *testing.T) {
	t.Parallel()
	tm := onBuilds(t, building(t), "gate:7 ctrl+b until:building until:log_of_line_7 until:nothing_written until:follows")
	tm.keys("up until:log_of_line_6 up until:log_of_line_5 until:werkzeug 2 until:sansio.py until:this_step")
}

func TestABrokenStepHasThreeDoors(t *testing.T) {
	t.Parallel()
	w := building(t)
	tm := onBuilds(t, w, broken+"until:No_matching until:exit_1 until:edit_line_5")
	tm.keys("enter down until:2_of_6 1 e until:esc_done")
	w.Builder.Fails = nil
	tm.keys("end backspace 0 until:flask==3.0 ctrl+b until:built_in until:build_2")
	// Last, as the test's input cannot be taken from who reads it while a shell is open.
	tm.keys("esc until:!esc_done ! until:ended_with_exit_code_50 until:1_Layers")
}

func TestTheBuildOfAnEditBeganByItselfWhileLive(t *testing.T) {
	t.Parallel()
	w := building(t)
	tm := onBuilds(t, w, "L until:built_in until:●_live 3 enter end backspace 2 until:flask==3.2 until:!=,_0_of until:built_in")
	if !tm.wait(func() bool {
		for _, r := range w.Requests() {
			if b, ok := r.(session.Build); ok && strings.Contains(b.Text, "flask==3.2") {
				return true
			}
		}
		return false
	}) {
		t.Error("the newest text was not built")
	}
	tm.keys("esc until:!esc_done L until:live_mode_is_off until:!●_live")
}

func TestAHeldStepIsRunByCtrlB(t *testing.T) {
	t.Parallel()
	tm := onBuilds(t, building(t), "3 H until:live_mode_stops 1 L until:held_after until:ctrl+b_runs_it until:held ctrl+b until:built_in")
	tm.until("114 kB")
}

func TestAnEngineIsChosenAndShown(t *testing.T) {
	t.Parallel()
	w := building(t)
	tm := onBuilds(t, w, "E until:lacks_a_base_that_is_open down enter until:!lacks_a_base until:docker ctrl+b until:built_in")
	var got string
	for _, r := range w.Requests() {
		if b, ok := r.(session.Build); ok {
			got = b.Engine
		}
	}
	if got != "docker" {
		t.Errorf("built with %q, want docker\n%s", got, tm.screen())
	}
}

func TestBuildsAreGoneBackToAndCompared(t *testing.T) {
	t.Parallel()
	tm := onBuilds(t, building(t), built+"until:2_done 3 enter end backspace 2 until:flask==3.2 esc until:!esc_done until:4_run 1 ctrl+b until:build_2 until:built_in")
	tm.keys("r until:build_1_· until:●_build_2 down enter until:!●_build until:against_the_image C until:compare_with enter until:against_build_2 until:was_→_now")
	tm.keys("r until:the_image_that_was down down enter until:by_order until:UNPACKED")
}

func TestAnImageIsPushedWithItsProgress(t *testing.T) {
	t.Parallel()
	w := building(t)
	w.Builder.Stay = make(chan struct{})
	tm := onBuilds(t, w, built+"O until:push_to down enter until:▸ a / b enter until:pushing_a/b until:500_B_/_1.00_kB")
	close(w.Builder.Stay)
	tm.until("pushed a/b, 12.3 MB sent, sha256:cdcd")
}

func TestALongLogIsSearchedAndFollowedAgain(t *testing.T) {
	t.Parallel()
	w := building(t)
	var log strings.Builder
	for i := range 500 {
		fmt.Fprintf(&log, "\x1b[32mline %d\x1b[0m of what it writes\r\n", i)
	}
	w.Builder.Logs[5] = log.String()
	tm := onBuilds(t, w, "gate:5 ctrl+b until:building until:line_499_of 4 g until:line_0_of until:!follows / 2 5 0 enter until:line_250_of until:1_of_1 esc until:!1_of_1 G until:line_499_of until:follows")
	tm.keys("up until:!follows")
}

func TestAShellThatPanicsGivesTheScreenBack(t *testing.T) {
	t.Parallel()
	w := building(t)
	tm := start(t, w, setup{w: 140, h: 40, draft: beside, o: Options{Shell: func(context.Context, session.Entry, Terminal) (int, error) { panic("no") }}})
	tm.keys(ready + "until:kept ctrl+b until:built_in until:Σ ! until:no_shell until:internal_fault until:1_Layers")
}

func TestTheTerminalsOwnBarTellsHowFarTheBuildIs(t *testing.T) {
	w := building(t)
	w.Builder.Mute = 7
	m := settledWith(t, w, beside, 140, 40)
	if m.View().ProgressBar != nil {
		t.Fatal("a bar while nothing is built")
	}
	typed(t, m, "3 down down down down enter end = = 3 . 1 ctrl+b")
	if b := m.View().ProgressBar; b == nil || b.State != tea.ProgressBarDefault || b.Value != 75 {
		t.Errorf("bar %+v while the last of four steps runs, want 75 %%", b)
	}
	w.Builder.Mute, w.Builder.Fails = 0, map[int]*session.BuildError{7: broken5(w)}
	typed(t, m, "2 ctrl+b")
	if b := m.View().ProgressBar; b == nil || b.State != tea.ProgressBarError {
		t.Errorf("bar %+v after a step broke, want that of an error", b)
	}
	w.Builder.Fails = nil
	typed(t, m, "ctrl+b")
	if b := m.View().ProgressBar; b != nil {
		t.Errorf("bar %+v after all is built", b)
	}
}

var buildFrames = []struct {
	name   string
	w, h   int
	theme  string
	script string
	styled bool
}{
	{"building-80x24", 80, 24, "dark", "mute:5 ctrl+b", false},
	{"building-120x40", 120, 40, "dark", "mute:5 ctrl+b", false},
	{"building-200x60", 200, 60, "dark", "mute:7 ctrl+b", false},
	{"building-60x15", 60, 15, "dark", "mute:5 ctrl+b", false},
	{"built-80x24", 80, 24, "dark", "ctrl+b", false},
	{"built-120x40", 120, 40, "dark", "ctrl+b", false},
	{"built-200x60", 200, 60, "dark", "ctrl+b c c c", false},
	{"built-60x15", 60, 15, "dark", "ctrl+b", false},
	{"built-mono", 100, 24, "mono", "ctrl+b", true},
	{"built-light", 100, 24, "light", "ctrl+b", true},
	{"failed-80x24", 80, 24, "dark", "fail:5 ctrl+b", false},
	{"failed-120x40", 120, 40, "dark", "fail:5 ctrl+b", false},
	{"failed-60x15", 60, 15, "dark", "fail:5 ctrl+b 4", false},
	{"failed-dark", 100, 24, "dark", "fail:5 ctrl+b", true},
	{"tried-120x40", 120, 40, "dark", "ctrl+b > l s enter", false},
	{"builds-120x40", 120, 40, "dark", "ctrl+b ctrl+b r", false},
	{"engines-80x24", 80, 24, "dark", "E", false},
	{"held-120x40", 120, 40, "dark", "H L", false},
	{"whole-log-120x40", 120, 40, "dark", "ctrl+b 4 a g", false},
}

// fiveEdited edits line 5 and goes back to the layers.
const fiveEdited = "3 down down down down enter end = = 3 . 1 esc 1 "

func TestFramesOfBuildsLookAsReviewed(t *testing.T) {
	for _, f := range buildFrames {
		t.Run(f.name, func(t *testing.T) {
			w := building(t)
			s, rs := session.Start(session.Open{Ref: "acct/my-app:1.4"})
			s, more := s.Sketch(*beside)
			m := rested(t, w, Options{Theme: f.theme}, s, append(rs, more...), f.w, f.h)
			typed(t, m, fiveEdited+prepared(w, f.script))
			exact(t, m)
			lines, _ := m.frame()
			got := strings.Join(lines, "\n") + "\n"
			if !f.styled {
				got = stripped(got)
			}
			golden(t, f.name, got)
		})
	}
}

// hostileBuilding is the workshop whose engine says anything.
func hostileBuilding(t testing.TB) *sessiontest.World {
	w := building(t)
	b := w.Builder
	all := strings.Join(hostileNames, "\n") + strings.Join(hostileNames, "\r") + strings.Repeat("\x1b[", 9) + "\n"
	for line := range 9 {
		b.Logs[line] = strings.Repeat(all, line)
	}
	b.Host = session.Host{Name: hostileNames[0] + hostileNames[6], Version: hostileNames[11]}
	b.Hosts = append(b.Hosts, session.Host{Name: hostileNames[5], Version: all, Lacks: []session.Lack{{What: all, Why: all}}}, session.Host{Name: all, Err: errCut})
	b.Fails = map[int]*session.BuildError{7: {Code: -1, Text: all, Why: all}}
	b.Says = func(r session.Try) session.Tried { return session.Tried{Of: r, Output: all, After: b.Makes.Roots[0]} }
	return w
}

func TestFramesOfBuildsFillEveryScreen(t *testing.T) {
	t.Parallel()
	for _, script := range []string{"mute:5 ctrl+b", "ctrl+b", "ctrl+b 4 a g", "fail:5 ctrl+b 4 / o n", "ctrl+b E", "ctrl+b > x enter", "ctrl+b O", "ctrl+b C"} {
		for _, w := range []*sessiontest.World{building(t), hostileBuilding(t)} {
			m := settledWith(t, w, beside, 140, 40)
			typed(t, m, fiveEdited+prepared(w, script))
			for width := 1; width <= 260; width += 1 + width/6 {
				for height := 1; height <= 90; height += 1 + height/2 {
					m.width, m.height = width, height
					if exact(t, m); t.Failed() {
						t.Fatalf("after %q", script)
					}
				}
			}
		}
	}
}

// TestNothingBreaksTheFrameOfABuild presses anything while builds go, break and
// are compared, at any size.
func TestNothingBreaksTheFrameOfABuild(t *testing.T) {
	t.Parallel()
	keys := strings.Fields("ctrl+b ctrl+b L Q H r C E O ! @ > e a / n N esc esc enter enter 1 2 3 4 tab up down g G c z i B x y = 3 backspace ? ctrl+p ctrl+g ctrl+r left right space")
	for seed := range uint64(4) {
		r := rand.New(rand.NewPCG(seed, 3))
		w := building(t)
		if seed%2 == 1 {
			w = hostileBuilding(t)
		}
		m := settledWith(t, w, beside, 140, 40)
		var said []string
		for range 220 {
			m.width, m.height = 58+r.IntN(120), 13+r.IntN(40)
			key := keys[r.IntN(len(keys))]
			said = append(said, key)
			switch r.IntN(12) {
			case 0:
				w.Builder.Mute = 8 * r.IntN(2)
			case 1:
				w.Builder.Fails = map[int]*session.BuildError{1 + r.IntN(8): broken5(w)}
			case 2:
				w.Builder.Fails = nil
			}
			typed(t, m, key)
			if exact(t, m); t.Failed() {
				t.Fatalf("seed %d at %d × %d after %s", seed, m.width, m.height, strings.Join(said[max(len(said)-15, 0):], " "))
			}
		}
	}
}
