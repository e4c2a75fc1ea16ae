package tui

import (
	"strings"
	"testing"

	"github.com/imgtui/imgtui/model/session/sessiontest"
	"github.com/imgtui/imgtui/tui/act"
)

func TestPanesFillTheScreenAndNeverMeet(t *testing.T) {
	for w := 1; w <= 300; w++ {
		for h := 1; h <= 100; h += 3 {
			for _, zoomed := range []bool{false, true} {
				for _, split := range []int{-500, 0, 500} {
					fills(t, arrangement{w, h, act.Details, act.Files, zoomed, split, -split / 9, 9, h%2 == 0})
				}
			}
		}
	}
}

func fills(t *testing.T, a arrangement) {
	t.Helper()
	places := layout(a)
	if a.w < leastWidth || a.h < leastHeight {
		if places != nil {
			t.Fatalf("%+v: panes on a screen that is too small", a)
		}
		return
	}
	cells := 0
	for i, p := range places {
		cells += p.w * p.h
		if p.w < 20 || p.h < 3 || p.x < 0 || p.y < 1 || p.x+p.w > a.w || p.y+p.h > a.h-1 {
			t.Fatalf("%+v: pane %d stands at %+v", a, p.scope, p.rect)
		}
		for _, q := range places[:i] {
			if p.x < q.x+q.w && q.x < p.x+p.w && p.y < q.y+q.h && q.y < p.y+p.h {
				t.Fatalf("%+v: %+v and %+v meet", a, p.rect, q.rect)
			}
		}
	}
	if cells != a.w*(a.h-2) {
		t.Fatalf("%+v: panes fill %d cells of %d", a, cells, a.w*(a.h-2))
	}
}

func TestTheNamesOfPanesStandApart(t *testing.T) {
	for w := leastWidth; w < 140; w++ {
		m := settled(t, sessiontest.Workshop(), Options{}, w, 24)
		lines, _ := m.frame()
		head := stripped(lines[0])
		if before, _, ok := strings.Cut(head, "1 Layers"); ok && strings.Contains(before, "MB") && !strings.HasSuffix(before, "  ") {
			t.Errorf("%d columns: the names follow at once: %q", w, head)
		}
	}
}
