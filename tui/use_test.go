package tui

import (
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	tea "charm.land/bubbletea/v2"

	"github.com/imgtui/imgtui/model/session"
	"github.com/imgtui/imgtui/model/session/sessiontest"
	"github.com/imgtui/imgtui/tui/act"
)

func TestQIsALetterWhileTextIsTyped(t *testing.T) {
	t.Parallel()
	tm := start(t, sessiontest.Workshop(), setup{})
	tm.keys(ready + "2 / q")
	tm.until("/ q")
	tm.keys("ctrl+c")
	if err := tm.left(); err != nil {
		t.Error(err)
	}
}

func TestTheThemeFollowsTheTerminal(t *testing.T) {
	t.Parallel()
	for _, light := range []bool{false, true} {
		tm := start(t, sessiontest.Workshop(), setup{light: light})
		tm.keys(ready)
		want := "38;2;88;166;255"
		if light {
			want = "38;2;9;105;218"
		}
		if !tm.wait(func() bool { return strings.Contains(tm.styled(), want) }) {
			t.Errorf("light %v: no accent of that theme", light)
		}
	}
}

func TestNoColorShowsSignsAndNoColour(t *testing.T) {
	t.Parallel()
	tm := start(t, sessiontest.Workshop(), setup{o: Options{NoColor: true}})
	tm.keys(ready + "2 until:❯")
	if s := tm.styled(); strings.Contains(s, "38;") || strings.Contains(s, "48;") {
		t.Errorf("a colour is on the screen: %q", s)
	}
}

func TestTheListIsOnTheScreenBeforeAnyLayer(t *testing.T) {
	t.Parallel()
	w := sessiontest.Workshop()
	w.Gate = make(chan struct{})
	tm := start(t, w, setup{})
	tm.until("pip install flask")
	tm.until("reading layers")
	close(w.Gate)
	tm.until("dead 41")
}

func TestALayerThatCannotBeReadIsReadAgainByAKey(t *testing.T) {
	t.Parallel()
	w := sessiontest.Workshop()
	w.Fail[2] = errCut
	tm := start(t, w, setup{})
	tm.until("1 layer is not read")
	tm.keys("j j j 2")
	tm.until("connection reset by peer")
	tm.keys("ctrl+r")
	tm.until("dead 41")
}

func TestCancelStopsReadingAndRetryReadsOn(t *testing.T) {
	t.Parallel()
	w := sessiontest.Workshop()
	w.Gate = make(chan struct{})
	tm := start(t, w, setup{})
	tm.keys("until:reading_layers ctrl+g until:stopped")
	close(w.Gate)
	tm.keys("ctrl+r")
	tm.until("dead 41")
}

func TestAFailedOpenSaysWhyAndHow(t *testing.T) {
	t.Parallel()
	w := sessiontest.Workshop()
	w.Broken = errCut
	tm := start(t, w, setup{})
	tm.until("connection reset by peer")
	w.Broken = nil
	tm.keys("ctrl+r")
	tm.until("dead 41")
}

func TestSeveralPlatformsAreAskedFor(t *testing.T) {
	t.Parallel()
	w := sessiontest.Workshop()
	w.Choices = []session.Choice{{Label: "one", Platform: w.Image.Platform}}
	tm := start(t, w, setup{})
	tm.until("stands for several images")
	tm.keys("enter")
	tm.until("dead 41")
}

func TestThePaletteRunsWhatItLists(t *testing.T) {
	t.Parallel()
	tm := start(t, sessiontest.Workshop(), setup{})
	tm.keys(ready + "ctrl+p until:Actions s o r t enter until:!by_order")
}

func TestCopyPutsTheTextIntoTheClipboard(t *testing.T) {
	t.Parallel()
	tm := start(t, sessiontest.Workshop(), setup{})
	tm.keys(ready + "y until:image_ID enter until:copied")
	if !tm.wait(func() bool { return tm.clipboard() != "" }) {
		t.Error("nothing was put into the clipboard")
	}
}

// TestScripts are short stories of use: each waits for what it brings about.
func TestScripts(t *testing.T) {
	t.Parallel()
	scripts := []struct {
		name string
		w, h int
		keys string
	}{
		{"a click selects a step", 100, 30, "click:30,5 until:step_2_of click:30,4 until:step_1_of"},
		{"a click on a pane gives it the focus", 120, 40, "click:90,20 until:╭_4_Details_──_/usr click:10,3 until:╭_4_Details_──_step_0"},
		{"two clicks open a file", 100, 30, "click:30,5 until:step_2_of click:30,6 until:step_3_of click:20,16 click:20,16 until:text_·"},
		{"the wheel scrolls what is under it", 100, 24, "wheel:50,5,1 until:!❯_0 wheel:50,5,-1 until:❯_0 2 until:1_of_10 wheel:50,15,1 until:2_of_10"},
		{"the split is drawn", 120, 40, "drag:56,20,80,20 until:install_-y_python3"},
		{"the lower border is drawn", 100, 30, "drag:50,13,50,8 until:step_0_of until:!Σ"},
		{"the strip is clicked", 100, 30, "click:94,0 until:╭_4_Details click:84,0 until:╭_2_Files"},
		{"a click outside closes the help", 100, 30, "? until:In_every_pane click:0,29 until:!In_every_pane"},
		{"a click runs what the palette lists", 100, 30, "ctrl+p until:Actions z o o m until:zoom enter until:!2_Files_──"},
		{"enter opens and esc goes back", 100, 30, passwd + "esc until:/_passwd esc until:!/_passwd esc until:v_range j until:step_4_of"},
		{"keys still move while a filter is typed", 100, 30, "2 / s until:/_s until:1_of_9 down until:2_of_9 enter j until:3_of_9"},
		{"a paste goes into the filter at once", 100, 30, "2 / paste:mo paste:td until:/_motd until:2_of_2"},
		{"tab leaves a filter that stays", 120, 40, "2 / m o t d tab tab j until:step_1_of until:/_motd"},
		{"a range and a mark", 120, 40, "j j v j j until:steps_2_to_4_together esc until:!together m k until:from_step_3_to_step_4 m m until:!from_step"},
		{"views follow one another", 100, 30, "c until:whole_root c until:since_base c until:this_layer"},
		{"only removed, then all", 100, 30, "j j j until:step_3_of 2 D until:only_D until:1_of_3 D until:!only_D"},
		{"marks are taken together", 100, 30, "2 = space space x until:/usr/lib enter until:written_to"},
		{"details of a path where two panes are in sight", 80, 24, "j j j until:step_3_of 2 / p a s s w d enter 4 until:M:_content G until:step_3_writes_it_anew"},
		{"the image's details and back", 80, 24, "i until:image_ID i until:!image_ID"},
		{"sizes in bytes", 120, 40, "B until:+1_950_000 B until:+1.95_MB"},
		{"search in the help", 100, 30, "? s u s p until:Go_to_the_background"},
		{"copy a command", 100, 30, "y c o m m a n d until:history enter until:copied_imgtui_history"},
		{"hex and text again", 100, 30, passwd + "X until:00000000 X until:!00000000"},
		{"a diff and the file again", 100, 30, passwd + "d until:against d until:text_·"},
		{"a removed file is shown as it was", 100, 30, "j j j until:step_3_of 2 / o l d enter enter until:as_it_was"},
		{"zoom and back by esc", 80, 24, "z until:!╭_2_Files esc until:╭_2_Files"},
		{"one pane at a time on the least screen", 60, 15, "until:╭_1_Layers 2 until:╭_2_Files until:!╭_1_Layers 4 until:╭_4_Details 1 until:╭_1_Layers"},
		{"a theme after the other", 100, 30, "T until:dark T until:light T until:ansi T until:mono T until:auto"},
		{"from Layers to the right and back to the left", 100, 30, "j j until:step_2_of right until:/_find left left left j until:step_3_of"},
	}
	for _, s := range scripts {
		t.Run(s.name, func(t *testing.T) {
			t.Parallel()
			tm := start(t, sessiontest.Workshop(), setup{w: s.w, h: s.h})
			tm.keys(ready + s.keys)
		})
	}
}

func TestEscNeverLeaves(t *testing.T) {
	t.Parallel()
	for _, keys := range []string{"", "2", "4", "2 / x", "?", "ctrl+p", "v", "m j", "c", "z", "2 space", "2 enter"} {
		m := settled(t, sessiontest.Workshop(), Options{}, 100, 30)
		typed(t, m, keys)
		for range 8 {
			if cmd := typed(t, m, "esc"); cmd != nil {
				if _, quits := cmd().(tea.QuitMsg); quits {
					t.Errorf("after %q esc leaves the program", keys)
				}
			}
		}
		if m.focus != act.Layers || m.opened() || m.overlay != nil || m.files.Narrowed() {
			t.Errorf("after %q and esc again and again: focus %v, something open %v", keys, m.focus, m.opened())
		}
	}
}

func TestWhoDoesNotChooseIsNotThrownOut(t *testing.T) {
	t.Parallel()
	w := sessiontest.Workshop()
	w.Choices = []session.Choice{{Label: "one", Platform: w.Image.Platform}}
	tm := start(t, w, setup{})
	tm.keys("until:type_to_search esc until:ctrl+r_to_try_again enter until:type_to_search esc ctrl+r until:type_to_search enter " + ready)
}

func TestACopyIsOpenedInTheEditor(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" {
		t.Skip("the editor is a shell script")
	}
	dir := t.TempDir()
	editor := filepath.Join(dir, "editor")
	if err := os.WriteFile(editor, []byte("#!/bin/sh\necho \"$1\" > \"$0.was\"\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	tm := start(t, sessiontest.Workshop(), setup{o: Options{Editor: []string{editor}}})
	tm.keys(ready + passwd + "e until:the_copy_stays_at")
	b, err := os.ReadFile(editor + ".was")
	if err != nil || !strings.HasSuffix(strings.TrimSpace(string(b)), "passwd") {
		t.Errorf("the editor was given %q, %v; want the copy", b, err)
	}
	tm.keys("j until:root:x")
}

func TestAnEditorThatFailsIsTold(t *testing.T) {
	t.Parallel()
	tm := start(t, sessiontest.Workshop(), setup{o: Options{Editor: []string{filepath.Join(t.TempDir(), "none")}}})
	tm.keys(ready + passwd + "e until:no_such_file until:root:x")
}

func TestWhatIsLeftOutOfAnExtractionIsTold(t *testing.T) {
	t.Parallel()
	w := sessiontest.Workshop()
	w.Skipped = []string{"sh: its link leads out of the folder"}
	tm := start(t, w, setup{})
	tm.keys(ready + "2 x until:extract_to enter until:▲_1_file until:1_left_out:_sh:_its_link j until:!left_out")
}

func TestAnExtractionThatFailsIsTold(t *testing.T) {
	t.Parallel()
	w := sessiontest.Workshop()
	w.NoExtract = errors.New("extract to ./: no space left on device")
	tm := start(t, w, setup{})
	tm.keys(ready + "2 x until:extract_to enter until:▲_extract_to_./:_no_space_left")
}

func TestWhatIsUnderWayCanBeStopped(t *testing.T) {
	t.Parallel()
	w := sessiontest.Workshop()
	w.Gate = make(chan struct{})
	tm := start(t, w, setup{})
	tm.keys("until:reading_layers until:ctrl+g_stop 2 until:reading_this_layer ctrl+g until:stopped_before until:!reading j until:ctrl+r_retry")
	close(w.Gate)
	tm.keys("ctrl+r " + ready + "until:!stopped")
}

func TestAnOpeningThatIsStoppedIsNoFault(t *testing.T) {
	t.Parallel()
	w := sessiontest.Workshop()
	w.Slow = make(chan struct{})
	tm := start(t, w, setup{})
	tm.keys("until:opening_acct/my-app:1.4 ctrl+g until:stopped_before_it_was_done until:ctrl+r")
	close(w.Slow)
	tm.keys("ctrl+r " + ready)
}

func TestTheRowUnderTheCursorStaysWhileDataStreams(t *testing.T) {
	t.Parallel()
	w := sessiontest.Workshop()
	w.Gate = make(chan struct{})
	tm := start(t, w, setup{})
	tm.keys("until:reading_layers j j j j until:step_4_of")
	before := rowWith(tm.screen(), "❯ 4")
	close(w.Gate)
	tm.keys(ready + "until:175_kB")
	if after := rowWith(tm.screen(), "❯ 4"); after != before || before < 0 {
		t.Errorf("the selected step moved from line %d to %d:\n%s", before, after, tm.screen())
	}
}

func rowWith(screen, text string) int {
	for i, l := range strings.Split(screen, "\n") {
		if strings.Contains(l, text) {
			return i
		}
	}
	return -1
}
