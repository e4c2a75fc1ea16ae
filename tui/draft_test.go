package tui

import (
	"math/rand/v2"
	"strings"
	"testing"

	tea "charm.land/bubbletea/v2"

	"github.com/imgtui/imgtui/model/session"
	"github.com/imgtui/imgtui/model/session/sessiontest"
	"github.com/imgtui/imgtui/tui/widget"
)

const source = "FROM Ubuntu\nCMD bash\nRUN apt-get update\nRUN apt-get install python3\n"

// drafting is the workshop with a Dockerfile beside it.
func drafting() *sessiontest.World {
	w := sessiontest.Workshop()
	w.Disk = map[string]string{"src/Dockerfile": source}
	return w
}

var beside = &session.Sketch{Dir: "src"}

func TestTheDockerfileIsEditedSavedAndForetold(t *testing.T) {
	t.Parallel()
	w := drafting()
	tm := start(t, w, setup{w: 140, h: 40, draft: beside})
	tm.keys(ready + "until:3_Dockerfile until:FROM_Ubuntu until:4_kept 3 enter down")
	tm.keys("end space x until:bash_x until:unsaved until:ctrl+s_save ctrl+s until:saved_src/Dockerfile until:!unsaved")
	if got, _ := w.File("src/Dockerfile"); got != strings.Replace(source, "bash", "bash x", 1) {
		t.Errorf("the file holds %q", got)
	}
	tm.keys("ctrl+z ctrl+z until:!bash_x until:unsaved")
}

func TestLineAndStepFollowEachOtherOnTheScreen(t *testing.T) {
	t.Parallel()
	tm := start(t, drafting(), setup{w: 140, h: 40, draft: beside})
	tm.keys(ready + "until:4_kept 3 down down until:step_2_of until:line_3")
	tm.keys("1 down until:step_3_of")
}

func TestAFindingIsMendedByKeyAndTakenBack(t *testing.T) {
	t.Parallel()
	tm := start(t, drafting(), setup{w: 140, h: 40, draft: beside})
	tm.keys(ready + "until:4_kept 3 until:no_image_is_named f until:FROM_ubuntu until:mended u until:FROM_Ubuntu")
	tm.keys("down until:line_2 f until:nothing_to_mend")
}

func TestUnsavedTextIsAskedForBeforeLeaving(t *testing.T) {
	t.Parallel()
	w := drafting()
	tm := start(t, w, setup{w: 140, h: 40, draft: beside})
	tm.keys(ready + "until:4_kept 3 enter end x until:Ubuntux esc until:!esc_done q until:leave_without_saving esc until:!leave_without")
	tm.keys("q until:leave_without_saving down enter")
	if err := tm.left(); err != nil {
		t.Error(err)
	}
	if got, _ := w.File("src/Dockerfile"); !strings.HasPrefix(got, "FROM Ubuntux\n") {
		t.Errorf("left after saving; the file holds %q", got)
	}
}

func TestAFileThatOthersWroteIsNotOverwrittenUnasked(t *testing.T) {
	t.Parallel()
	w := drafting()
	tm := start(t, w, setup{w: 140, h: 40, draft: beside})
	tm.keys(ready + "until:4_kept 3 enter end x until:Ubuntux esc until:!esc_done until:unsaved")
	w.Put("src/Dockerfile", "FROM elsewhere\n")
	tm.keys("ctrl+s until:another_program until:changed_on_disk ctrl+s until:write_over_it down enter until:FROM_elsewhere until:!unsaved")
	if got, _ := w.File("src/Dockerfile"); got != "FROM elsewhere\n" {
		t.Errorf("the file holds %q, want what the other program wrote", got)
	}
}

func TestInputsAreAskedForAndForetold(t *testing.T) {
	t.Parallel()
	w := drafting()
	tm := start(t, w, setup{w: 140, h: 40, draft: beside})
	tm.keys(ready + "until:4_kept 3 a until:build_with V = 2 enter until:!build_with a n o enter until:want_NAME=VALUE")
	var last session.Foretell
	if !tm.wait(func() bool {
		for _, r := range w.Requests() {
			if f, ok := r.(session.Foretell); ok {
				last = f
			}
		}
		return last.Args["V"] == "2"
	}) {
		t.Errorf("the last forecast has the arguments %v, want V=2", last.Args)
	}
}

func TestANarrowScreenHasTheDockerfileToo(t *testing.T) {
	t.Parallel()
	for _, size := range [][2]int{{80, 24}, {60, 15}} {
		tm := start(t, drafting(), setup{w: size[0], h: size[1], draft: beside})
		tm.keys("until:49.9 until:Dockerfile 3 until:FROM_Ubuntu tab tab until:Layers")
	}
}

// Whatever is typed, at whatever size: every frame fills the screen.
func TestFramesWithADockerfileFillTheScreen(t *testing.T) {
	t.Parallel()
	rnd := rand.New(rand.NewPCG(1, 2))
	keys := strings.Fields("3 1 2 4 enter esc tab a f u U x y z up down left right pgdown ctrl+z ctrl+x ctrl+v ctrl+f / e c ? : space backspace delete alt+up ctrl+d ctrl+k")
	m := settledWith(t, drafting(), beside, 140, 40)
	for i := range 600 {
		m.width, m.height = 1+rnd.IntN(200), 1+rnd.IntN(60)
		key := keys[rnd.IntN(len(keys))]
		typed(t, m, key)
		if rnd.IntN(20) == 0 {
			m.Update(tea.PasteMsg{Content: "RUN \x1b[31m日本\u202e\xff\n"})
		}
		lines, _ := m.frame()
		if len(lines) != m.height {
			t.Fatalf("step %d, key %s at %dx%d: %d lines", i, key, m.width, m.height, len(lines))
		}
		for n, l := range lines {
			if got := widget.Width(l); got != m.width {
				t.Fatalf("step %d, key %s at %dx%d: line %d has %d cells: %q", i, key, m.width, m.height, n, got, l)
			}
		}
	}
}
