package pane

import (
	"context"
	"strings"
	"testing"

	"github.com/charmbracelet/x/ansi"

	"github.com/imgtui/imgtui/model/session"
	"github.com/imgtui/imgtui/model/session/sessiontest"
	"github.com/imgtui/imgtui/tui/act"
)

func TestARowOfAFileTellsWhatThereIsRoomFor(t *testing.T) {
	t.Parallel()
	e := env(t, sessiontest.Workshop(), session.Select{Step: 4})
	cases := []struct {
		w          int
		path, want string
	}{
		{44, "motd", "m     motd                        12  B"},
		{64, "flask/", "❯ A ▾ usr/lib/python3/flask/              +175 kB  A        5"},
		{100, "motd", "  m     motd                                                    -rw-------      12  B"},
		{140, "motd", "mode 0644 → 0600          -rw------- 0:0              12  B"},
		{64, "sh", "  R     sh → bash                            0  B"},
		{64, "bin/", "    ▾ bin/                                −120 kB  R        1"},
	}
	for _, c := range cases {
		got := seen(&Files{}, e, c.w, 20)
		if !has(got, c.want) {
			t.Errorf("%d cells: want %q in\n%s", c.w, c.want, strings.Join(got, "\n"))
		}
	}
}

func TestColumnsStandInLine(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"a", "文件", "e\u0301e\u0301", strings.Repeat("long", 60), "\x1b[31mred", "\u202e", strings.Repeat("文", 90)} {
		e := env(t, sessiontest.Make(sessiontest.Step{By: "RUN x", Files: []string{name + " 1234567", "dir/" + name + " 99", "z -> " + name}}))
		for _, w := range []int{44, 64, 100, 140} {
			p := &Files{}
			lines := p.View(e, w, 10, true)
			for _, l := range lines {
				if got := ansi.StringWidth(l); got != w {
					t.Fatalf("%q in %d cells: a line has %d: %q", name, w, got, ansi.Strip(l))
				}
			}
			plain := make([]string, len(lines))
			for i, l := range lines {
				plain[i] = ansi.Strip(l)
			}
			if a, b := cellOf(plain, "MB"), cellOf(plain, " B"); a < 0 || b < 0 || a != b {
				t.Errorf("%q in %d cells: units stand at %d and %d:\n%s", name, w, a, b, strings.Join(plain, "\n"))
			}
		}
	}
}

// cellOf returns the cell at which a word ends in the first row that has it.
func cellOf(lines []string, word string) int {
	for _, l := range lines[1 : len(lines)-1] {
		if at := strings.LastIndex(l, word); at >= 0 {
			return ansi.StringWidth(l[:at+len(word)])
		}
	}
	return -1
}

func TestTheTitleSaysWhatIsShownAndHow(t *testing.T) {
	t.Parallel()
	w := sessiontest.Workshop()
	cases := []struct {
		msgs []session.Msg
		ids  []act.ID
		want []string
	}{
		{nil, nil, []string{"ADD file:4f3a in /", "this layer · by size"}},
		{[]session.Msg{session.Show{View: session.Whole}}, []act.ID{"sort"}, []string{"whole root · by name"}},
		{[]session.Msg{session.Show{View: session.SinceBase}}, []act.ID{"sort", "sort", "reverse"}, []string{"since base · by change ↑"}},
		{[]session.Msg{session.Select{Step: 2}, session.Range{From: 2}, session.Select{Step: 4}}, []act.ID{"flat"}, []string{"steps 2 to 4 together", "flat · by size"}},
		{[]session.Msg{session.Select{Step: 2}, session.Range{From: 2}}, nil, []string{"step 2 alone"}},
		{[]session.Msg{session.Select{Step: 2}, session.Mark{Step: 2}, session.Select{Step: 6}}, []act.ID{"removed", "added"}, []string{"from step 2 to step 6", "only A D · by size"}},
	}
	for _, c := range cases {
		e := env(t, w, c.msgs...)
		p := &Files{}
		for _, id := range c.ids {
			p.Do(id, e)
		}
		top := ansi.Strip(p.View(e, 100, 10, true)[0])
		for _, want := range c.want {
			if !strings.Contains(top, want) {
				t.Errorf("the title is %q, want %q in it", top, want)
			}
		}
	}
}

func TestAnEmptyPaneSaysWhy(t *testing.T) {
	t.Parallel()
	w := sessiontest.Workshop()
	e, ix := reading(t, w)
	if got := seen(&Files{}, e, 70, 8); !has(got, "reading this layer") {
		t.Errorf("a layer that is being read: %q", got)
	}
	failed, _ := e.State.Update(session.Failed{Of: ix, Layer: 0, Err: context.DeadlineExceeded})
	e.State = failed
	if got := seen(&Files{}, e, 70, 8); !has(got, "could not be read: context deadline exceeded") || !has(got, "ctrl+r") {
		t.Errorf("a layer that could not be read: %q", got)
	}
	e, _ = reading(t, w)
	e.State, _ = e.State.Update(session.Cancel{})
	if got := seen(&Files{}, e, 70, 8); !has(got, "▲ stopped before it was done") || !has(got, "ctrl+r") || has(got, "context canceled") {
		t.Errorf("a layer that was stopped: %q", got)
	}
	e = env(t, w, session.Select{Step: 5})
	if got := seen(&Files{}, e, 70, 8); !has(got, "adds no files") || !has(got, "ENV FLASK_APP=/opt/app.py") {
		t.Errorf("a step without files: %q", got)
	}
	p := &Files{}
	p.Do("filter", e)
	e = env(t, w)
	text(p, e, "zzz")
	if got := seen(p, e, 70, 8); !has(got, "Nothing matches") {
		t.Errorf("a filter that finds nothing: %q", got)
	}
	text(p, e, "")
	p = &Files{}
	p.Do("filter", e)
	if got := seen(p, e, 70, 8); !has(got, "~regular expression") {
		t.Errorf("an empty filter does not say how: %q", got)
	}
	text(p, e, "~[")
	if got := seen(p, e, 70, 8); !has(got, "not a regular expression yet") || !has(got, "old.so") {
		t.Errorf("an unfinished expression: %q", got)
	}
}

func TestAClickSelectsAndAnotherOpens(t *testing.T) {
	t.Parallel()
	e := env(t, sessiontest.Workshop())
	p := &Files{}
	seen(p, e, 70, 14)
	if p.Click(e, 10, 3, false); p.Path(e) != "/usr/lib/old.so" {
		t.Errorf("a click on row 3 selects %s", p.Path(e))
	}
	if msgs := p.Click(e, 10, 3, true); len(msgs) != 1 || msgs[0] != session.Msg(session.Peek{Path: "/usr/lib/old.so"}) {
		t.Errorf("another click means %v", msgs)
	}
	before := p.list.count()
	p.Click(e, 5, 1, false)
	p.sync(e)
	if p.list.count() >= before {
		t.Errorf("a click on the mark of a directory folds nothing: %d rows", p.list.count())
	}
	p.Do("filter", e)
	text(p, e, "motd")
	seen(p, e, 70, 14)
	if p.Click(e, 10, 3, false); p.Path(e) != "/etc/motd" {
		t.Errorf("beneath the filter's line a click selects %s", p.Path(e))
	}
	if msgs := p.Click(e, 10, 13, true); msgs != nil {
		t.Errorf("a click on the border means %v", msgs)
	}
}
