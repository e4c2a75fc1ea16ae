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

func settle(t *testing.T, w *sessiontest.World, msgs ...session.Msg) session.State {
	t.Helper()
	s, rs := session.Start(session.Open{Ref: "acct/my-app:1.4"})
	s = session.Settle(t.Context(), s, rs, w.Do)
	for _, m := range msgs {
		var rs []session.Request
		s, rs = s.Update(m)
		s = session.Settle(t.Context(), s, rs, w.Do)
	}
	return s
}

func asked[R session.Request](w *sessiontest.World) []R {
	var all []R
	for _, r := range w.Asked {
		if r, ok := r.(R); ok {
			all = append(all, r)
		}
	}
	return all
}

func TestAnOpenedImageIsReadAndWeighed(t *testing.T) {
	s := settle(t, sessiontest.Workshop())
	k := s.Stacks[session.Was]
	if s.Opening() || s.Reading() || k.Report == nil {
		t.Fatalf("opening %v, reading %v, report %v; want all to have come to rest", s.Opening(), s.Reading(), k.Report)
	}
	if got, want := k.Report.Dead, int64(38200000+3100000+50000+900+12+120000); got != want {
		t.Errorf("dead bytes = %d, want %d", got, want)
	}
	if total, known := k.Total(); !known || total == 0 {
		t.Errorf("total = %d, %v; want it known", total, known)
	}
}

func TestTheListIsThereBeforeAnyLayer(t *testing.T) {
	w := sessiontest.Workshop()
	s, rs := session.Start(session.Open{Ref: "x"})
	s, rs = s.Update(session.Opened{Of: rs[0].(session.Open), Image: w.Image})
	if got := len(s.Stacks[session.Was].Image.Steps); got != 8 {
		t.Errorf("steps after the config alone = %d, want 8", got)
	}
	if ix, ok := rs[0].(session.Index); !ok || len(rs) != 1 || ix.First != 0 {
		t.Errorf("then asked for %v, want one Index", rs)
	}
	if n := s.Stacks[session.Was].Unpacked(0); n != model.Unknown {
		t.Errorf("unpacked of an unread layer = %d, want unknown", n)
	}
}

func TestASelectedLayerIsPreferredWhileReading(t *testing.T) {
	w := sessiontest.Workshop()
	s, rs := session.Start(session.Open{Ref: "x"})
	s, rs = s.Update(session.Opened{Of: rs[0].(session.Open), Image: w.Image})
	gen := rs[0].(session.Index).Gen
	_, rs = s.Update(session.Select{Step: 4})
	want := session.Prefer{Slot: session.Was, Layer: 3, Gen: gen}
	if len(rs) != 1 || rs[0] != session.Request(want) {
		t.Errorf("selecting step 4 asked for %v, want %v", rs, want)
	}
}

func TestStaleAnswersAreDropped(t *testing.T) {
	w := sessiontest.Workshop()
	s, rs := session.Start(session.Open{Ref: "x"})
	old := rs[0].(session.Open)
	s, _ = s.Update(session.Failed{Of: old, Layer: -1, Err: errors.New("no")})
	s, _ = s.Update(session.Retry{})
	s, rs = s.Update(session.Opened{Of: old, Image: w.Image})
	if s.Stacks[session.Was].Image != nil || rs != nil {
		t.Errorf("an answer to the first Open was taken after a second was asked")
	}
}

func TestRetryReadsOnlyWhatIsMissing(t *testing.T) {
	w := sessiontest.Workshop()
	w.Fail[2] = errors.New("connection reset")
	s := settle(t, w)
	k := s.Stacks[session.Was]
	if got := k.Missing(); !slices.Equal(got, []int{2}) {
		t.Fatalf("missing layers = %v, want [2]", got)
	}
	if k.Report != nil {
		t.Error("weighed although a layer is missing")
	}
	s, rs := s.Update(session.Retry{})
	s = session.Settle(t.Context(), s, rs, w.Do)
	ix := asked[session.Index](w)
	if got := ix[len(ix)-1].Only; !slices.Equal(got, []int{2}) {
		t.Errorf("the second Index read %v, want only [2]", got)
	}
	if s.Stacks[session.Was].Report == nil {
		t.Error("not weighed after the missing layer came")
	}
}

func TestCancelStopsTheNearestThing(t *testing.T) {
	w := sessiontest.Workshop()
	s, rs := session.Start(session.Open{Ref: "x"})
	open := rs[0].(session.Open)
	stopped, rs := s.Update(session.Cancel{})
	if len(rs) != 1 || rs[0] != session.Request(session.Halt{Gen: open.Gen}) || !errors.Is(stopped.Stacks[session.Was].Err, context.Canceled) {
		t.Errorf("cancel while opening asked for %v, err %v", rs, stopped.Stacks[session.Was].Err)
	}
	s, rs = s.Update(session.Opened{Of: open, Image: w.Image})
	gen := rs[0].(session.Index).Gen
	s, rs = s.Update(session.Cancel{})
	if len(rs) != 1 || rs[0] != session.Request(session.Halt{Gen: gen}) {
		t.Errorf("cancel while reading asked for %v", rs)
	}
	if s.Reading() || len(s.Stacks[session.Was].Missing()) != 5 {
		t.Errorf("after cancel: reading %v, missing %v", s.Reading(), s.Stacks[session.Was].Missing())
	}
}

func TestEveryViewIsTheDifferenceOfTwoRoots(t *testing.T) {
	w := sessiontest.Workshop()
	cases := []struct {
		name          string
		msgs          []session.Msg
		before, after int
	}{
		{"this layer", []session.Msg{session.Select{Step: 4}}, 3, 4},
		{"the first", []session.Msg{session.Select{Step: 3}, session.Select{Step: 0}}, -1, 0},
		{"since base", []session.Msg{session.Select{Step: 4}, session.Show{View: session.SinceBase}}, -1, 4},
		{"range", []session.Msg{session.Select{Step: 2}, session.Range{From: 2}, session.Select{Step: 4}}, 1, 4},
		{"range upwards", []session.Msg{session.Select{Step: 4}, session.Range{From: 4}, session.Select{Step: 2}}, 1, 4},
		{"mark", []session.Msg{session.Select{Step: 6}, session.Mark{Step: 6}, session.Select{Step: 2}}, 2, 6},
	}
	for _, c := range cases {
		f := settle(t, w, c.msgs...).Files()
		if f.Before != c.before || f.After != c.after || !f.Known {
			t.Errorf("%s: between %d and %d, known %v; want %d and %d", c.name, f.Before, f.After, f.Known, c.before, c.after)
		}
	}
}

func TestALayerStandsAloneUntilWhatLiesBeneathIsRead(t *testing.T) {
	w := sessiontest.Workshop()
	s, rs := session.Start(session.Open{Ref: "x"})
	s, rs = s.Update(session.Opened{Of: rs[0].(session.Open), Image: w.Image})
	ix := rs[0].(session.Index)
	s, _ = s.Update(session.Select{Step: 4})
	s, _ = s.Update(session.Indexed{Of: ix, Layer: 3, Tree: w.Layers[3]})
	f := s.Files()
	if f.Known || !f.Alone {
		t.Fatalf("known %v, alone %v; want it alone", f.Known, f.Alone)
	}
	if again := s.Files(); again.Delta != f.Delta {
		t.Error("asked again, the files are another root")
	}
	if _, ok := f.Delta.Find("/usr/lib/python3/flask/app.py"); !ok {
		t.Error("a file of the layer is not in sight")
	}
}

func TestPeekReadsTheSidesThatAreAskedFor(t *testing.T) {
	w := sessiontest.Workshop()
	s := settle(t, w, session.Select{Step: 3}, session.Peek{Path: "/etc/passwd", Side: session.Both})
	if s.File == nil || s.File.Loading || len(s.File.Before) == 0 || len(s.File.After) <= len(s.File.Before) {
		t.Fatalf("file = %+v; want both sides", s.File)
	}
	s, _ = s.Update(session.Unpeek{})
	if s.File != nil {
		t.Error("the file is still open")
	}
	s = settle(t, w, session.Select{Step: 3}, session.Peek{Path: "/usr/lib/old.so", Side: session.Before})
	if s.File == nil || s.File.Before == nil || s.File.After != nil {
		t.Errorf("a removed file is shown as %+v; want what was there before", s.File)
	}
}

func TestTakeExtractsFromTheRootThatHasTheFile(t *testing.T) {
	w := sessiontest.Workshop()
	s := settle(t, w, session.Select{Step: 3}, session.Take{Paths: []string{"/usr/lib/old.so"}, Dir: "out"})
	x := asked[session.Extract](w)
	if len(x) != 1 || x[0].Root.Find("/usr/lib/old.so") == nil {
		t.Fatalf("a removed file was asked from a root that has none")
	}
	if s.Notice.Kind != session.Taken || s.Notice.Path != "out" {
		t.Errorf("notice = %+v, want what was taken", s.Notice)
	}
}

func TestAChoiceOpensAgainWithIt(t *testing.T) {
	w := sessiontest.Workshop()
	w.Choices = []session.Choice{{Label: "linux/arm64", Platform: model.Platform{OS: "linux", Architecture: "arm64"}}}
	s := settle(t, w)
	if len(s.Choices) != 1 || s.Opening() {
		t.Fatalf("choices = %v, opening %v; want the question", s.Choices, s.Opening())
	}
	s, rs := s.Update(session.Choose{Choice: s.Choices[0]})
	s = session.Settle(t.Context(), s, rs, w.Do)
	if s.Choices != nil || s.Stacks[session.Was].Image == nil {
		t.Errorf("after the choice: choices %v, image %v", s.Choices, s.Stacks[session.Was].Image)
	}
	opens := asked[session.Open](w)
	if got := opens[1].Platform.String(); got != "linux/arm64" {
		t.Errorf("opened again for %q, want linux/arm64", got)
	}
}

func TestTwoImagesStandSideBySide(t *testing.T) {
	w := sessiontest.Workshop()
	s, rs := session.Start(session.Open{Ref: "a"}, session.Open{Ref: "b"})
	s = session.Settle(t.Context(), s, rs, w.Do)
	for slot, k := range s.Stacks {
		if _, known := k.Top(); !known {
			t.Errorf("the top of slot %d is not known", slot)
		}
	}
}
