package session_test

import (
	"context"
	"errors"
	"slices"
	"testing"

	"github.com/imgtui/imgtui/model"
	"github.com/imgtui/imgtui/model/session"
	"github.com/imgtui/imgtui/model/session/sessiontest"
)

func update(s session.State, msgs ...session.Msg) (session.State, []session.Request) {
	var all []session.Request
	for _, m := range msgs {
		var rs []session.Request
		s, rs = s.Update(m)
		all = append(all, rs...)
	}
	return s, all
}

func TestCancelStopsOneThingAtATime(t *testing.T) {
	s, ix := reading(t, sessiontest.Workshop())
	w := sessiontest.Workshop()
	s, _ = update(s, session.Indexed{Of: ix, Layer: 0, Tree: w.Layers[0]}, session.Rooted{Of: ix, Layer: 0, Root: w.Roots[0]}, session.Select{Step: 0})
	s, rs := update(s, session.Take{Paths: []string{"/bin/sh"}, Dir: "x"}, session.Peek{Path: "/etc/passwd"})
	want := []int{rs[1].(session.Read).Gen, rs[0].(session.Extract).Gen, ix.Gen}
	for i, gen := range want {
		s, rs = s.Update(session.Cancel{})
		if len(rs) != 1 || rs[0] != session.Request(session.Halt{Gen: gen}) {
			t.Fatalf("cancel %d asked for %v, want a halt of %d", i, rs, gen)
		}
	}
	if s, rs = s.Update(session.Cancel{}); rs != nil {
		t.Errorf("cancel with nothing under way asked for %v", rs)
	}
	if k := s.Stacks[session.Was]; s.File != nil || s.Reading() || !slices.Equal(k.Missing(), []int{1, 2, 3, 4}) || s.Notice.Kind != session.Halted {
		t.Errorf("file %v, reading %v, missing %v, notice %v; want all stopped and what was read kept", s.File, s.Reading(), k.Missing(), s.Notice)
	}
}

func TestCancelStopsBothImages(t *testing.T) {
	s, rs := session.Start(session.Open{Ref: "a"}, session.Open{Ref: "b"})
	a, b := rs[0].(session.Open), rs[1].(session.Open)
	if s, rs = s.Update(session.Cancel{}); !slices.Equal(rs, []session.Request{session.Halt{Gen: a.Gen}, session.Halt{Gen: b.Gen}}) {
		t.Fatalf("cancel asked for %v, want both halted", rs)
	}
	if s.Opening() {
		t.Error("still opening after cancel")
	}
	s, rs = s.Update(session.Retry{})
	if len(rs) != 2 || rs[0].(session.Open).Ref != "a" || rs[1].(session.Open).Ref != "b" || rs[1].(session.Open).Slot != session.Now || !s.Opening() {
		t.Errorf("retry asked for %+v, want both opened again", rs)
	}
}

func TestCancelTakesAQuestionBack(t *testing.T) {
	s, rs := session.Start(session.Open{Ref: "a"})
	s, _ = s.Update(session.Asked{Of: rs[0].(session.Open), Choices: []session.Choice{{Label: "x"}}})
	s, _ = s.Update(session.Cancel{})
	if s.Choices != nil || !errors.Is(s.Stacks[session.Was].Err, context.Canceled) {
		t.Errorf("choices %v, err %v; want none and the image given up", s.Choices, s.Stacks[session.Was].Err)
	}
	if _, rs = s.Update(session.Choose{Choice: session.Choice{Label: "x"}}); rs != nil {
		t.Errorf("a choice without a question asked for %v", rs)
	}
}

func TestAHaltedReadingIsTakenUpWhereItStopped(t *testing.T) {
	w := sessiontest.Workshop()
	s, ix := reading(t, w)
	s, _ = update(s, session.Indexed{Of: ix, Layer: 0, Tree: w.Layers[0]}, session.Indexed{Of: ix, Layer: 2, Tree: w.Layers[2]},
		session.Rooted{Of: ix, Layer: 0, Root: w.Roots[0]}, session.Cancel{})
	s, rs := s.Update(session.Retry{})
	again := rs[0].(session.Index)
	if !slices.Equal(again.Only, []int{1, 3, 4}) || again.First != 1 || again.Gen == ix.Gen || !s.Reading() {
		t.Fatalf("retry asked for %+v, want layers 1, 3 and 4", again)
	}
	if _, known := s.Stacks[session.Was].At(0); !known {
		t.Error("the root beneath what is missing was forgotten")
	}
	s = session.Settle(t.Context(), s, rs, w.Do)
	if s.Stacks[session.Was].Report == nil {
		t.Error("not weighed after all came")
	}
}

func TestAReadingHaltedBeforeItsRootsMakesThemOnRetry(t *testing.T) {
	w := sessiontest.Workshop()
	s, ix := reading(t, w)
	for i, l := range w.Layers {
		s, _ = s.Update(session.Indexed{Of: ix, Layer: i, Tree: l})
	}
	s, _ = s.Update(session.Cancel{})
	s, rs := s.Update(session.Retry{})
	if len(rs) != 1 || rs[0].(session.Index).Only == nil || len(rs[0].(session.Index).Only) != 0 {
		t.Fatalf("retry asked for %+v, want an Index that reads no layer", rs)
	}
	s = session.Settle(t.Context(), s, rs, w.Do)
	if _, known := s.Stacks[session.Was].Top(); !known || s.Stacks[session.Was].Report == nil {
		t.Error("the roots are still not there")
	}
}

func TestRetryMakesTheRootsAboveAMissingLayerAnew(t *testing.T) {
	w := sessiontest.Workshop()
	w.Fail[2] = errors.New("connection reset")
	s := settle(t, w)
	s, _ = s.Update(session.Retry{})
	k := s.Stacks[session.Was]
	for i, l := range k.Layers {
		if known := l.Root != nil; known != (i < 2) {
			t.Errorf("root after layer %d known: %v, want %v", i, known, i < 2)
		}
	}
	if k.Report != nil || k.Layers[2].Err != nil || k.Read {
		t.Errorf("report %v, err %v, read %v; want all open again", k.Report, k.Layers[2].Err, k.Read)
	}
}

func TestRetryWhileOthersAreReadIsKeptUntilTheyAre(t *testing.T) {
	w := sessiontest.Workshop()
	s, ix := reading(t, w)
	s, _ = update(s, session.Failed{Of: ix, Layer: 3, Err: errors.New("reset")}, session.Failed{Of: ix, Layer: 1, Err: errors.New("reset")})
	s, rs := s.Update(session.Retry{})
	if k := s.Stacks[session.Was]; rs != nil || k.Missing() != nil || k.Read {
		t.Errorf("asked for %v with %v missing; want it kept", rs, k.Missing())
	}
	s, _ = update(s, session.Failed{Of: ix, Layer: 2, Err: errors.New("no permission")})
	s, rs = s.Update(session.IndexDone{Of: ix, Missing: []int{1, 2, 3}})
	again, ok := rs[0].(session.Index)
	if !ok || len(rs) != 1 || !slices.Equal(slices.Sorted(slices.Values(again.Only)), []int{1, 3}) || again.First != 1 || again.Gen == ix.Gen || !s.Reading() {
		t.Fatalf("asked for %+v, want layers 1 and 3", rs)
	}
	s = session.Settle(t.Context(), s, rs, w.Do)
	if k := s.Stacks[session.Was]; k.Layers[1].Tree == nil || k.Layers[3].Tree == nil || !k.Read {
		t.Error("they were not read again")
	}
	s, ix = reading(t, w)
	s, _ = update(s, session.Failed{Of: ix, Layer: 1, Err: errors.New("reset")}, session.Retry{}, session.Cancel{})
	if _, rs := s.Update(session.IndexDone{Of: ix, Missing: []int{1}}); rs != nil {
		t.Errorf("after a cancel it asks for %v", rs)
	}
}

func TestRetryWithNothingWrongAsksForNothing(t *testing.T) {
	s := settle(t, sessiontest.Workshop())
	if _, rs := s.Update(session.Retry{}); rs != nil {
		t.Errorf("asked for %v", rs)
	}
	s, _ = reading(t, sessiontest.Workshop())
	if _, rs := s.Update(session.Retry{}); rs != nil {
		t.Errorf("asked for %v while reading", rs)
	}
}

func TestTwoQuestionsAreAskedOneAfterTheOther(t *testing.T) {
	w := sessiontest.Workshop()
	arm, amd := model.Platform{OS: "linux", Architecture: "arm64"}, model.Platform{OS: "linux", Architecture: "amd64"}
	w.Choices = []session.Choice{{Label: "arm", Platform: arm}, {Label: "amd", Platform: amd}}
	s, rs := session.Start(session.Open{Ref: "a"}, session.Open{Ref: "b"})
	s = session.Settle(t.Context(), s, rs, w.Do)
	for i, p := range []model.Platform{arm, amd} {
		if s.Choices == nil {
			t.Fatalf("question %d is not asked", i)
		}
		s, rs = s.Update(session.Choose{Choice: session.Choice{Platform: p}})
		if got := rs[0].(session.Open); got.Slot != session.Slot(i) || got.Platform != p {
			t.Errorf("choice %d opened %+v", i, got)
		}
		s = session.Settle(t.Context(), s, rs, w.Do)
	}
	if s.Choices != nil || s.Stacks[session.Was].Report == nil || s.Stacks[session.Now].Report == nil {
		t.Errorf("choices %v; want both images read", s.Choices)
	}
}

func TestRetryKeepsWhatWasChosen(t *testing.T) {
	s, rs := session.Start(session.Open{Ref: "a", Pull: "always"})
	s, _ = s.Update(session.Asked{Of: rs[0].(session.Open), Choices: []session.Choice{{Label: "x"}}})
	s, rs = s.Update(session.Choose{Choice: session.Choice{Select: "#2", Platform: model.Platform{OS: "linux", Architecture: "arm64"}}})
	s, _ = s.Update(session.Failed{Of: rs[0], Layer: -1, Err: errors.New("no route to host")})
	_, rs = s.Update(session.Retry{})
	if o := rs[0].(session.Open); o.Ref != "a" || o.Pull != "always" || o.Select != "#2" || o.Platform.String() != "linux/arm64" {
		t.Errorf("retry opens %+v, want the same with the choice", o)
	}
}

func TestOneExtractionAtATime(t *testing.T) {
	s := settle(t, sessiontest.Workshop(), session.Select{Step: 0})
	take := session.Take{Paths: []string{"/bin/sh"}, Dir: "x"}
	s, rs := s.Update(take)
	x := rs[0].(session.Extract)
	if _, again := s.Update(take); again != nil {
		t.Errorf("a second extraction was asked for: %v", again)
	}
	s, _ = s.Update(session.Extracted{Of: x, Dir: "x", Files: 1, Bytes: 9})
	if n := s.Notice; n.Kind != session.Taken || n.Path != "x" || n.N != 1 || n.Size != 9 {
		t.Errorf("notice = %+v, want what was taken", s.Notice)
	}
	if _, again := s.Update(take); again == nil {
		t.Error("no extraction after the first has ended")
	}
	if _, none := s.Update(session.Take{Dir: "x"}); none != nil {
		t.Errorf("extracting nothing asked for %v", none)
	}
}

func TestANoticeLivesUntilTheNextThing(t *testing.T) {
	s := settle(t, sessiontest.Workshop(), session.Select{Step: 0})
	s, rs := s.Update(session.Take{Paths: []string{"/bin/sh"}, Edit: true})
	s, _ = s.Update(session.Extracted{Of: rs[0].(session.Extract), Dir: "tmp"})
	if s.Edit == nil || s.Edit.Dir != "tmp" || s.Notice.Kind != session.Quiet {
		t.Fatalf("edit %+v, notice %+v; want copies that wait and no notice", s.Edit, s.Notice)
	}
	if d, _ := s.Update(session.Dismiss{}); d.Edit != nil {
		t.Error("the copies still wait after Dismiss")
	}
	s, rs = s.Update(session.Take{Paths: []string{"/bin/sh"}, Dir: "x"})
	if s.Edit != nil {
		t.Error("the copies still wait after another Take")
	}
	s, _ = s.Update(session.Failed{Of: rs[0], Layer: -1, Err: errors.New("disk full")})
	if s.Notice.Kind != session.Wrong || s.Notice.Err == nil {
		t.Fatalf("notice = %+v, want what went wrong", s.Notice)
	}
	for _, m := range []session.Msg{session.Dismiss{}, session.Retry{}, session.Take{Paths: []string{"/bin/sh"}, Dir: "x"}} {
		if after, _ := s.Update(m); after.Notice.Kind != session.Quiet {
			t.Errorf("after %T the notice is still %+v", m, after.Notice)
		}
	}
	for _, m := range []session.Msg{session.Select{Step: 1}, session.Show{View: session.Whole}, session.Clock{Now: sessiontest.Noon}} {
		if after, _ := s.Update(m); after.Notice.Kind != s.Notice.Kind {
			t.Errorf("%T took the notice away", m)
		}
	}
}

func TestTheClockOnlyMovesOn(t *testing.T) {
	s := settle(t, sessiontest.Workshop())
	after, rs := s.Update(session.Clock{Now: sessiontest.Noon})
	if !after.Now.Equal(sessiontest.Noon) || rs != nil || after.Rev != s.Rev {
		t.Errorf("now %v, asked for %v, rev %d; want noon, nothing, %d", after.Now, rs, after.Rev, s.Rev)
	}
}
