package tui

import (
	"strings"
	"testing"

	tea "charm.land/bubbletea/v2"

	"github.com/imgtui/imgtui/model/session/sessiontest"
	"github.com/imgtui/imgtui/tui/act"
)

// actionTest drives one action on a fresh screen: keys that prepare, the keys of
// the action, and what must then be on the screen and must not be before. A
// word "until:text" among the keys waits for text, "!text" is text that is gone.
type actionTest struct {
	prepare string
	keys    string
	want    string
}

// ready stands on the screen when everything has been read and weighed.
const ready = "until:41.5_MB "

// passwd opens a file that the layer modified.
const passwd = "j j j until:step_3_of 2 / p a s s w d enter enter until:root:x "

var actionTests = map[act.ID]actionTest{
	"up":         {"j j until:step_2_of", "up", "step 1 of"},
	"down":       {"", "down", "step 1 of"},
	"open":       {"j j j until:step_3_of", "enter j", "2 of 10"},
	"right":      {"2 - until:▸_usr down until:2_of_4", "right", "▾ bin"},
	"left":       {"2 - until:▸_usr down right until:▾_bin", "left", "▸ bin"},
	"back":       {"v until:┃", "esc", "!┃"},
	"page-up":    {"G until:step_7_of", "pgup", "step 0 of"},
	"page-down":  {"", "pgdown", "step 7 of"},
	"half-up":    {"G until:step_7_of", "ctrl+u", "step 3 of"},
	"half-down":  {"", "ctrl+d", "step 4 of"},
	"top":        {"G until:step_7_of", "g", "step 0 of"},
	"bottom":     {"", "G", "step 7 of"},
	"filter":     {"2 = until:passwd", "/ m o t d", "!passwd"},
	"next":       {"j j j until:step_3_of 2 = until:1_of_10", "n", "2 of 10"},
	"previous":   {"j j j until:step_3_of 2 = n n until:3_of_10", "N", "2 of 10"},
	"sort":       {"", "s", "!by order"},
	"reverse":    {"", "S", "by order ↑"},
	"view":       {"", "c", "whole root"},
	"range":      {"j j until:step_2_of", "v j", "steps 2 to 3 together"},
	"mark":       {"j j until:step_2_of", "m j", "from step 2 to step 3"},
	"flat":       {"2 = until:▾_usr", "t", "usr/lib/libc.so"},
	"fold-all":   {"2 = until:passwd", "-", "!passwd"},
	"unfold-all": {"2 - until:!passwd", "=", "passwd"},
	"added":      {"j j j until:step_3_of 2 = until:old.so", "A", "!old.so"},
	"modified":   {"j j j until:step_3_of 2 = until:old.so", "M", "!old.so"},
	"touched":    {"j j j j until:step_4_of 2 = until:cli.py", "o", "!cli.py"},
	"replaced":   {"j j j j until:step_4_of 2 = until:cli.py", "R", "!cli.py"},
	"removed":    {"j j j until:step_3_of 2 = until:os.py", "D", "!os.py"},
	"select":     {"2", "space", "●"},
	"extract":    {"2", "x", "extract to folder"},
	"edit":       {"2", "e", "set $EDITOR"},
	"compare":    {"j j j until:step_3_of 2 = / p a s s w d enter", "d", "+ flask:x"},
	"hex":        {passwd, "X", "00000000"},
	"wrap":       {"j j j j until:step_4_of 2 / c l i . enter enter until:a_long_line", "w", "the end of it"},
	"copy":       {"", "y", "image ID"},
	"about":      {"", "i", "entrypoint"},
	"bytes":      {"", "B", "2 210 912"},
	"next-pane":  {"j j until:step_2_of", "tab j", "2 of 3"},
	"prev-pane":  {"4 until:step_0", "shift+tab j", "2 of"},
	"pane-1":     {"2 until:find", "1 j", "step 1 of"},
	"pane-2":     {"j j until:step_2_of", "2 j", "2 of 3"},
	"pane-4":     {"", "4", "╭ 4 Details"},
	"zoom":       {"", "z", "!2 Files ──"},
	"palette":    {"", "ctrl+p", "Actions"},
	"help":       {"", "?", "Move the cursor up"},
	"retry":      {"", "ctrl+r", "nothing has gone wrong"},
	"cancel":     {"", "ctrl+g", "nothing is under way"},
	"theme":      {"", "T", "theme: dark"},
}

// buildTests drive the actions that are about builds, on the workshop with its
// Dockerfile, where line 5 has been edited.
var buildTests = map[act.ID]actionTest{
	"build":        {"", "ctrl+b", "built in"},
	"live":         {"", "L", "● live"},
	"stop":         {"gate:5 ctrl+b until:building", "Q", "stopped after"},
	"hold":         {"3", "H", "live mode stops before RUN pip install flask==3.1"},
	"builds":       {built, "r", "build 1 · 12:00:00"},
	"contrast":     {built + "ctrl+b until:5_kept ", "C", "compare with"},
	"engine":       {"", "E", "connection refused"},
	"shell":        {built + "until:Σ ", "!", "the shell ended with exit code 50"},
	"shell-before": {built + "until:Σ ", "@", "the shell ended with exit code 51"},
	"try":          {built + "until:Σ ", "> l s enter", "ls · exit 3"},
	"mend":         {broken + "1 ", "e", "esc done"},
	"send":         {built, "O", "push to a registry"},
	"whole-log":    {built + "4 ", "a", "[internal] load build context"},
	"search-log":   {built + "4 ", "/ w e r k z", "1 of 1"},
	"next-hit":     {built + "4 / f l a s k enter until:1_of_3 ", "n", "2 of 3"},
	"previous-hit": {built + "4 / f l a s k enter until:1_of_3 ", "N", "3 of 3"},
}

// built and broken are a build that has come to its end.
const (
	built  = "ctrl+b until:built_in "
	broken = "fail:5 ctrl+b until:failed_after "
)

func TestEveryActionOfBuildsDoesWhatItSays(t *testing.T) {
	t.Parallel()
	for id, c := range buildTests {
		a, _ := act.Named(id)
		t.Run(string(id), func(t *testing.T) {
			t.Parallel()
			if !strings.Contains(" "+c.keys+" ", " "+a.Keys[0]+" ") {
				t.Fatalf("the keys %q do not press %q", c.keys, a.Keys[0])
			}
			w := building(t)
			tm := start(t, w, setup{w: 140, h: 40, draft: beside, o: Options{Shell: shellOf}})
			tm.keys(ready + editFive + prepared(w, c.prepare))
			if shows(tm.screen(), c.want) {
				t.Fatalf("%q is so before the key; the screen:\n%s", c.want, tm.screen())
			}
			tm.keys(c.keys)
			tm.until(c.want)
		})
	}
}

// apart are actions that a test of their own drives.
var apart = map[act.ID]string{
	"quit":      "TestQuitLeavesTheTerminalAsItWas",
	"interrupt": "TestQuitLeavesTheTerminalAsItWas",
	"base":      "TestTheBaseIsOneRowUntilAskedFor",
	"pane-3":    "TestTheDockerfileIsEditedSavedAndForetold",
	"redraw":    "TestRedrawMendsASpoiledScreen",
	"suspend":   "TestSuspendGoesToTheBackground",
}

func TestNoActionIsWithoutATest(t *testing.T) {
	for _, a := range act.All {
		_, tested := actionTests[a.ID]
		_, elsewhere := apart[a.ID]
		if a.Rebuilds() {
			_, tested = buildTests[a.ID]
		}
		if tested == elsewhere {
			t.Errorf("action %s: in the table %v, apart %v; want one of them", a.ID, tested, elsewhere)
		}
	}
}

func TestEveryActionDoesWhatItSays(t *testing.T) {
	t.Parallel()
	for _, a := range act.All {
		c, ok := actionTests[a.ID]
		if !ok {
			continue
		}
		t.Run(string(a.ID), func(t *testing.T) {
			t.Parallel()
			if !strings.Contains(" "+c.keys+" ", " "+a.Keys[0]+" ") {
				t.Fatalf("the keys %q do not press %q", c.keys, a.Keys[0])
			}
			tm := start(t, sessiontest.Workshop(), setup{})
			tm.keys(ready + c.prepare)
			if shows(tm.screen(), c.want) {
				t.Fatalf("%q is so before the key; the screen:\n%s", c.want, tm.screen())
			}
			tm.keys(c.keys)
			tm.until(c.want)
		})
	}
}

func TestQuitLeavesTheTerminalAsItWas(t *testing.T) {
	t.Parallel()
	for _, key := range []string{"q", "ctrl+c"} {
		tm := start(t, sessiontest.Workshop(), setup{})
		tm.keys(ready + key)
		if err := tm.left(); err != nil {
			t.Errorf("%s: %v", key, err)
		}
		if tm.em.IsAltScreen() {
			t.Errorf("%s left the alternate screen on", key)
		}
	}
}

func TestTheBaseIsOneRowUntilAskedFor(t *testing.T) {
	t.Parallel()
	tm := start(t, based(), setup{})
	tm.keys(ready + "until:▸_ubuntu:24.04 until:base_·_2_steps")
	if s := tm.screen(); strings.Contains(s, "CMD [") || !strings.Contains(s, "step 2 of 0–7") {
		t.Errorf("the base's steps are in sight, or one of them is selected:\n%s", s)
	}
	tm.keys("b until:CMD until:!ubuntu b until:ubuntu:24.04 g right until:CMD left until:ubuntu:24.04")
}

func TestRedrawMendsASpoiledScreen(t *testing.T) {
	t.Parallel()
	tm := start(t, sessiontest.Workshop(), setup{})
	tm.keys(ready)
	tm.Write([]byte("\x1b[2J\x1b[5;5Hspoiled"))
	tm.until("!Layers")
	tm.keys("ctrl+l")
	tm.until("1 Layers")
	tm.until("!spoiled")
}

func TestSuspendGoesToTheBackground(t *testing.T) {
	t.Parallel()
	m := settled(t, sessiontest.Workshop(), Options{}, 80, 24)
	cmd := typed(t, m, "ctrl+z")
	if cmd == nil {
		t.Fatal("ctrl+z asked for nothing")
	}
	if msg, ok := cmd().(tea.SuspendMsg); !ok {
		t.Errorf("ctrl+z sent %T, want to be suspended", msg)
	}
}
