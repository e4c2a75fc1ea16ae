package session_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/imgtui/imgtui/model/plan"
	"github.com/imgtui/imgtui/model/progress"
	"github.com/imgtui/imgtui/model/session"
	"github.com/imgtui/imgtui/model/session/sessiontest"
	"github.com/imgtui/imgtui/model/tree"
)

// building is the workshop with its Dockerfile, at rest, and what then happens.
func building(t *testing.T, w *sessiontest.World, msgs ...session.Msg) session.State {
	t.Helper()
	return drafted(t, w, session.Sketch{Dir: "src"}, append([]session.Msg{session.Clock{Now: sessiontest.Noon}}, msgs...)...)
}

// edited is the workshop's Dockerfile with another flask.
var edited = session.Edit{Text: sessiontest.Edited}

func TestABuildTurnsTheForecastIntoFact(t *testing.T) {
	w := sessiontest.Building()
	s := building(t, w, edited, session.BuildNow{})
	b := s.Rebuild()
	if b == nil || b.Outcome != session.Finished || b.Number != 1 || b.Host.Name != "embedded" || b.Of.Text != sessiontest.Edited {
		t.Fatalf("build %+v, want it finished on the embedded engine", b)
	}
	for line, want := range map[int]struct {
		status  progress.Status
		verdict session.Verdict
		took    time.Duration
	}{
		1: {progress.Cached, session.Untold, 0}, 3: {progress.Cached, session.Right, 0}, 4: {progress.Cached, session.Right, 0},
		5: {progress.Done, session.Right, sessiontest.Lasts}, 7: {progress.Done, session.Right, sessiontest.Lasts},
	} {
		m := b.At(line)
		if m.Status != want.status || b.Verdict(m) != want.verdict || m.Took != want.took || !m.Known || m.Index != line-1 {
			t.Errorf("line %d: status %d, verdict %d, took %v, known %v, step %d; want %+v", line, m.Status, b.Verdict(m), m.Took, m.Known, m.Index, want)
		}
	}
	if n := b.Verdicts(); n[session.Right] != 4 || n[session.Cautious]+n[session.Elsewhere]+n[session.Mistaken] != 0 {
		t.Errorf("verdicts %v, want 4 right and none wrong", n)
	}
}

func TestVerdictsFollowTheForecast(t *testing.T) {
	for _, c := range []struct {
		fate   plan.Fate
		status progress.Status
		text   string
		want   session.Verdict
	}{
		{plan.Same, progress.Cached, "RUN a", session.Right}, {plan.Same, progress.Done, "RUN a", session.Mistaken},
		{plan.Runs, progress.Done, "COPY a b", session.Right}, {plan.New, progress.Cached, "RUN a", session.Cautious},
		{plan.Maybe, progress.Done, "RUN a", session.Right}, {plan.Maybe, progress.Cached, "RUN a", session.Right},
		{plan.Unknown, progress.Done, "RUN a", session.Untold}, {plan.Same, progress.Waits, "RUN a", session.Untold},
		{plan.Same, progress.Failed, "RUN a", session.Untold}, {plan.Same, progress.Done, "ENV a=b", session.Untold},
	} {
		m := session.Made{Step: plan.Step{Fate: c.fate, Text: c.text}, Status: c.status}
		for _, foreign := range []bool{false, true} {
			b, want := session.Rebuild{Foreign: foreign}, c.want
			if foreign && want == session.Mistaken {
				want = session.Elsewhere
			}
			if got := b.Verdict(&m); got != want {
				t.Errorf("%s foretold %d became %d, foreign %v: verdict %d, want %d", c.text, c.fate, c.status, foreign, got, want)
			}
		}
	}
}

func TestTheImageOfABuildIsOpenedAndComparedWithWhatWas(t *testing.T) {
	w := sessiontest.Building()
	s := building(t, w, edited, session.BuildNow{}, session.Point{Line: 5})
	if k := s.Stacks[session.Now]; k.Image == nil || !k.Read || k.Err != nil {
		t.Fatalf("the image that was built: %v, read %v, %v; want it open and read", k.Image, k.Read, k.Err)
	}
	m := s.Made()
	now, was, about := s.Bytes(s.Rebuild(), m, tree.Delta.Totals)
	if now != 114_012 || was != 175_016 || about {
		t.Errorf("now %d, was %d, about %v; want 114 012 and 175 016 for certain", now, was, about)
	}
	s = tell(t, w, s, session.Show{View: session.Against})
	f := s.Files()
	if d, ok := f.Delta.Find("/usr/lib/python3/flask/sansio.py"); !ok || d.Change() != tree.Added || !f.Across || !slices.Contains(s.Views(), session.Against) {
		t.Errorf("was against now: %v %v, across %v; want sansio.py added", d, ok, f.Across)
	}
	if d, ok := f.Delta.Find("/usr/lib/python3/flask/__pycache__"); !ok || d.Change() != tree.Removed {
		t.Errorf("__pycache__ is %v %v, want it removed", d.Change(), ok)
	}
	all := asked[session.Foretell](w)
	if last := all[len(all)-1]; last.Was == nil || last.Was.Name != "the last build" {
		t.Errorf("the forecast after the build compares with %v, want the build", last.Was)
	}
}

func TestASideOfAFileComesFromTheImageThatHasIt(t *testing.T) {
	w := sessiontest.Building()
	w.Text["3/usr/lib/python3/flask/app.py"], w.Builder.Makes.Text["3/usr/lib/python3/flask/app.py"] = "old", "new"
	s := building(t, w, edited, session.BuildNow{}, session.Point{Line: 5}, session.Show{View: session.Against}, session.Peek{Path: "/usr/lib/python3/flask/app.py", Side: session.Both})
	if f := s.File; f == nil || f.Loading || string(f.Before) != "old" || string(f.After) != "new" {
		t.Errorf("file %+v; want what was and what is", f)
	}
	s = tell(t, w, s, session.Unpeek{}, session.Show{View: session.Changed}, session.Peek{Path: "/usr/lib/python3/flask/app.py"})
	if f := s.File; f == nil || string(f.After) != "new" {
		t.Errorf("the built step's file %+v, want the new one", f)
	}
}

// paused is a build whose step on a line has been begun and not ended, and what
// it then asks for.
func paused(t *testing.T, line int) (session.State, session.Build, *sessiontest.World, []session.Msg) {
	t.Helper()
	w := sessiontest.Building()
	s := building(t, w, edited)
	s, rs := s.Update(session.BuildNow{})
	r := rs[len(rs)-1].(session.Build)
	var msgs []session.Msg
	w.Do(t.Context(), r, func(m session.Msg) { msgs = append(msgs, m) })
	for n, m := range msgs {
		if a, ok := m.(session.Advanced); ok && len(a.Events) == 1 && a.Events[0].Line == line && a.Events[0].Kind == progress.Ended {
			return s, r, w, msgs[n:]
		}
		s, _ = s.Update(m)
	}
	t.Fatalf("no step on line %d ended", line)
	return s, r, w, nil
}

func TestFilesOfAStepAreThereAsSoonAsItIsBuilt(t *testing.T) {
	s, r, w, rest := paused(t, 7)
	b := s.Building()
	if b == nil || b.At(7).Status != progress.Running || b.At(5).Status != progress.Done || b.At(8).Status != progress.Waits {
		t.Fatalf("build %+v; want line 5 done, line 7 running", b)
	}
	s, _ = s.Update(session.Point{Line: 5})
	f := s.Files()
	if d, ok := f.Delta.Find("/usr/lib/python3/flask/sansio.py"); !ok || !f.Known || d.Change() != tree.Added {
		t.Fatalf("files of the built step: known %v, %v; want sansio.py added", f.Known, ok)
	}
	s, rs := s.Update(session.Peek{Path: "/usr/lib/python3/flask/app.py"})
	if len(rs) != 1 || rs[0].(session.Read).Entry != (session.Entry{Build: r.Gen, Line: 5}) {
		t.Errorf("a file of a step is read by %+v, want its entry", rs)
	}
	if f, _ := s.Update(session.Point{Line: 7}); f.Files().Known {
		t.Error("the files of a step that runs are known")
	}
	now, _, about := s.Bytes(b, b.At(5), tree.Delta.Totals)
	if now <= 0 || !about {
		t.Errorf("%d bytes, about %v; want some, by the files alone", now, about)
	}
	for _, m := range rest {
		s, _ = s.Update(m)
	}
	if s.Rebuild().Outcome != session.Finished {
		t.Errorf("outcome %d, want finished", s.Rebuild().Outcome)
	}
	_ = w
}

func TestTheEnginesClockMayGoWrong(t *testing.T) {
	s, _, _, _ := paused(t, 7)
	s, _ = s.Update(session.Clock{Now: sessiontest.Noon.Add(4 * time.Second)})
	b := s.Building()
	if got := b.Run.Lines()[7].Elapsed(b.Engine(s.Now)); got != 4*time.Second {
		t.Errorf("the step has run %v, want 4 s", got)
	}
	if got := b.Elapsed(s.Now); got != 4*time.Second {
		t.Errorf("the build has run %v, want 4 s", got)
	}
}

func TestStoppingABuildHaltsItAndDropsWhatComesThen(t *testing.T) {
	for _, stop := range []session.Msg{session.StopBuild{}, session.Cancel{}} {
		s, r, _, rest := paused(t, 7)
		s, rs := s.Update(stop)
		if !slices.Equal(rs, []session.Request{session.Halt{Gen: r.Gen}}) || s.Building() != nil || s.Rebuild().Outcome != session.Stopped || s.Notice.Kind != session.BuildStopped {
			t.Fatalf("%T asked for %v, outcome %d; want the build halted", stop, rs, s.Rebuild().Outcome)
		}
		for _, m := range append(rest, session.Failed{Of: r, Layer: -1, Err: context.Canceled}) {
			var more []session.Request
			if s, more = s.Update(m); more != nil || s.Rebuild().Outcome != session.Stopped {
				t.Fatalf("%T after the stop asked for %v, outcome %d", m, more, s.Rebuild().Outcome)
			}
		}
		if _, rs = s.Update(stop); rs != nil {
			t.Errorf("a second %T asked for %v", stop, rs)
		}
	}
}

func TestABrokenStepCanBeWalkedAndEntered(t *testing.T) {
	w := sessiontest.Building()
	after := w.Builder.Makes.Roots[4]
	w.Builder.Fails = map[int]*session.BuildError{5: {Code: 1, Text: "exit code: 1", After: after}}
	s := building(t, w, edited, session.BuildNow{})
	b := s.Rebuild()
	if b.Outcome != session.Broken || b.Fault == nil || b.Fault.Code != 1 || s.At != 5 || s.Draft.Line != 5 || b.At(5).Status != progress.Failed {
		t.Fatalf("build %+v at line %d; want it broken at line 5", b, s.At)
	}
	f := s.Files()
	if !f.Known || f.Delta.After != after || f.Delta.Before != w.Builder.Makes.Roots[2] || f.Entry.Line != 5 {
		t.Errorf("files %+v; want what the broken step left against what it found", f)
	}
	for _, side := range []session.Side{session.After, session.Before} {
		if e, why := s.Enterable(side); why != nil || e != (session.Entry{Build: b.Of.Gen, Line: 5, Side: side}) {
			t.Errorf("side %d: %+v, %v; want it entered", side, e, why)
		}
	}
	if s.Stacks[session.Now].Image != nil {
		t.Error("an image was opened after a build that broke")
	}
	w.Builder.Fails = nil
	s = tell(t, w, s, session.Retry{})
	if b := s.Rebuild(); b.Outcome != session.Finished || b.At(4).Status != progress.Cached || b.Number != 2 {
		t.Errorf("retry: build %d came to %d, line 4 %d; want it built from the last good step", b.Number, b.Outcome, b.At(4).Status)
	}
}

func TestABrokenRootThatCannotBeToldSaysWhy(t *testing.T) {
	w := sessiontest.Building()
	w.Builder.Fails = map[int]*session.BuildError{5: {Code: 1, Text: "exit code: 1", Why: "this engine is too old"}}
	s := building(t, w, edited, session.BuildNow{})
	if f := s.Files(); !f.Known || f.Why != "this engine is too old" || f.Delta.After != w.Builder.Makes.Roots[2] {
		t.Errorf("files %+v; want the root that the step found, and why", f)
	}
	if _, why := s.Enterable(session.After); why == nil || !strings.Contains(why.Error(), "too old") {
		t.Errorf("entering is refused with %v, want the reason", why)
	}
	if _, why := s.Enterable(session.Before); why != nil {
		t.Errorf("the root before: %v", why)
	}
}

func TestWhatDoesNotParseIsNotBuilt(t *testing.T) {
	w := sessiontest.Building()
	s := building(t, w, session.GoLive{On: true})
	n := len(asked[session.Build](w))
	s = tell(t, w, s, session.Edit{Text: "FROM a\nRUNN b\n"})
	if s.Draft.Fault == nil || len(asked[session.Build](w)) != n {
		t.Fatalf("fault %v, %d builds; want live mode to wait", s.Draft.Fault, len(asked[session.Build](w)))
	}
	s = tell(t, w, s, session.BuildNow{})
	if s.Notice.Kind != session.Unreadable || s.Notice.N != 2 || len(asked[session.Build](w)) != n {
		t.Errorf("notice %+v, want line 2 named and nothing built", s.Notice)
	}
	s = tell(t, w, s, edited)
	if got := asked[session.Build](w); len(got) != n+1 || got[n].Text != sessiontest.Edited {
		t.Errorf("%d builds once it parses, want one more", len(got)-n)
	}
}

func TestWithoutADockerfileNothingIsBuilt(t *testing.T) {
	s := settle(t, sessiontest.Building())
	if s, rs := s.Update(session.BuildNow{}); rs != nil || s.Notice.Kind != session.Unbuildable {
		t.Errorf("asked for %v, notice %+v", rs, s.Notice)
	}
}

func TestLiveModeBuildsAfterThePauseAndOnlyTheNewest(t *testing.T) {
	w := sessiontest.Building()
	s := building(t, w, session.GoLive{On: true})
	if got := asked[session.Build](w); len(got) != 1 {
		t.Fatalf("%d builds on going live, want one", len(got))
	}
	s, first := s.Update(session.Edit{Text: sessiontest.Edited + "#"})
	s, second := s.Update(edited)
	var waits []session.Wait
	for _, r := range append(first, second...) {
		if wt, ok := r.(session.Wait); ok {
			waits = append(waits, wt)
		}
	}
	if len(waits) != 2 || waits[0].For != session.Pause || !slices.Contains(second, session.Request(session.Halt{Gen: waits[0].Gen})) {
		t.Fatalf("two keys asked for %v and %v; want the first wait halted", first, second)
	}
	if after, rs := s.Update(session.Waited{Of: waits[0]}); rs != nil || len(after.Builds) != 1 {
		t.Errorf("a wait that is over asked for %v", rs)
	}
	s, rs := s.Update(session.Waited{Of: waits[1]}) // the forecast is still under way
	if rs != nil {
		t.Errorf("built before the text is foretold: %v", rs)
	}
	s = session.Settle(t.Context(), s, append(first, second...), w.Do)
	got := asked[session.Build](w)
	if len(got) != 2 || got[1].Text != sessiontest.Edited || !s.Rebuild().Live {
		t.Fatalf("%d builds, the last of %q; want one of the newest text", len(got), got[len(got)-1].Text)
	}
}

func TestANewerTextStopsTheOlderBuild(t *testing.T) {
	s, r, w, _ := paused(t, 7)
	s = tell(t, w, s, session.Edit{Text: sessiontest.Edited + "# more\n"})
	if s.Building() == nil {
		t.Fatal("an edit alone stopped the build")
	}
	s, rs := s.Update(session.BuildNow{})
	if !slices.Contains(rs, session.Request(session.Halt{Gen: r.Gen})) || s.Building().Of.Gen == r.Gen || s.Of(r.Gen).Outcome != session.Stopped {
		t.Errorf("asked for %v; want the older build halted", rs)
	}
}

func TestLiveModeWaitsForAllThatABuildIsOf(t *testing.T) {
	w := sessiontest.Building()
	s, rs := session.Start(session.Open{Ref: "acct/my-app:1.4"})
	s, more := s.Sketch(session.Sketch{Dir: "src"})
	s, also := s.Update(session.GoLive{On: true})
	if also != nil || len(s.Builds) != 0 {
		t.Fatalf("going live before there is a text asked for %v", also)
	}
	s = session.Settle(t.Context(), s, append(more, rs...), w.Do)
	if got := asked[session.Build](w); len(got) != 1 || got[0].Context == nil || got[0].Image == nil || got[0].Text != sessiontest.Source {
		t.Errorf("builds %+v, want one of text, context and image", got)
	}
	if len(s.Builds) != 1 {
		t.Errorf("%d builds, want one", len(s.Builds))
	}
}

func TestLiveModeFollowsTheContext(t *testing.T) {
	w := sessiontest.Building()
	s := building(t, w, session.GoLive{On: true})
	scan := asked[session.Scan](w)[0]
	n := len(asked[session.Build](w))
	s = tell(t, w, s, session.Scanned{Of: scan, Context: &plan.Context{Dir: "src"}})
	if got := len(asked[session.Build](w)); got != n+1 {
		t.Errorf("%d builds after the context changed, want %d", got, n+1)
	}
	s = tell(t, w, s, session.GoLive{On: false}, session.Scanned{Of: scan, Context: &plan.Context{Dir: "src"}}, edited)
	if got := len(asked[session.Build](w)); got != n+1 || s.Live {
		t.Errorf("%d builds after live mode ended, want %d", got, n+1)
	}
}

func TestACostlyStepAsksFirst(t *testing.T) {
	w := sessiontest.Building()
	s := building(t, w, session.GoLive{On: true})
	s = tell(t, w, s, session.Stand{Line: 5}, session.Hold{Line: 5})
	if s.Notice.Kind != session.HeldBack || !s.Held("RUN pip install flask") {
		t.Fatalf("notice %+v; want line 5 held", s.Notice)
	}
	s = tell(t, w, s, session.Hold{Line: 5}, edited, session.Hold{Line: 5}, session.Edit{Text: sessiontest.Edited + "# x\n"})
	w.Builder.Knows(sessiontest.Source)
	text := strings.Replace(sessiontest.Edited, "3.1", "3.2", 1)
	p, _ := s.Draft.At()
	if s.Holds(p) {
		t.Fatalf("what the engine has is held: %+v", p)
	}
	s = tell(t, w, s, session.Edit{Text: text})
	if b := s.Rebuild(); b.Outcome != session.Finished {
		t.Fatalf("a step that took 1.5 s is held: %d", b.Outcome)
	}
	if s = tell(t, w, s, session.Hold{Line: 3}); s.Notice.Kind != session.HeldBack {
		t.Errorf("notice %+v, want it held", s.Notice)
	}
	if s = tell(t, w, s, session.Hold{Line: 6}); s.Notice.Kind != session.NotHeld {
		t.Errorf("an ENV is held: %+v", s.Notice)
	}
}

func TestALiveBuildEndsBeforeAHeldStepAndCtrlBRunsIt(t *testing.T) {
	w := sessiontest.Building()
	s := building(t, w, edited, session.Hold{Line: 5}, session.GoLive{On: true})
	b := s.Rebuild()
	if b == nil || b.Outcome != session.Holding || !slices.Equal(b.Of.Hold, []int{5}) || !b.At(5).Held || b.At(4).Status != progress.Cached || b.Ref != "" {
		t.Fatalf("build %+v; want it to end before line 5", b)
	}
	s = tell(t, w, s, session.BuildNow{})
	if b = s.Rebuild(); b.Outcome != session.Finished || b.Of.Hold != nil {
		t.Errorf("ctrl+b came to %d with holds %v; want all run", b.Outcome, b.Of.Hold)
	}
}

func TestAStepThatTookLongIsHeldUnlessLetRun(t *testing.T) {
	w := sessiontest.Building()
	s := building(t, w, edited)
	s, rs := s.Update(session.BuildNow{})
	r := rs[len(rs)-1].(session.Build)
	slow := func(k progress.Kind, after time.Duration) session.Msg {
		return session.Advanced{Of: r, Events: []progress.Event{{Vertex: "v", Line: 5, Kind: k, At: sessiontest.Noon.Add(after)}}}
	}
	s, _ = update(s, slow(progress.Started, 0), slow(progress.Ended, session.Costly), session.Built{Of: r, Ref: "x"})
	p, _ := s.Draft.At()
	for _, c := range []struct {
		text string
		fate plan.Fate
		want bool
	}{{"RUN pip install flask==3.1", plan.Runs, true}, {"RUN pip install flask==3.2", plan.Maybe, true}, {"RUN pip install flask==3.1", plan.Same, false}, {"COPY a b", plan.Runs, false}} {
		q := p
		q.Instruction, q.Text, q.Fate = 4, c.text, c.fate
		if got := s.Holds(q); got != c.want {
			t.Errorf("%s foretold %d held: %v, want %v", c.text, c.fate, got, c.want)
		}
	}
	s = tell(t, w, s, session.Hold{Line: 5})
	if s.Notice.Kind != session.LetRun {
		t.Errorf("notice %+v; want it let run", s.Notice)
	}
}

func TestBuildsOfTheSessionAreRecalledAndCompared(t *testing.T) {
	w := sessiontest.Building()
	s := building(t, w, session.BuildNow{}, edited, session.BuildNow{})
	one, two := s.Builds[0].Of.Gen, s.Builds[1].Of.Gen
	if s.Shown != two || s.Stacks[session.Now].Image == nil {
		t.Fatalf("build %d is shown, want %d", s.Shown, two)
	}
	s = tell(t, w, s, session.Recall{Build: one})
	opens := asked[session.Open](w)
	if s.Shown != one || opens[len(opens)-1].Ref != s.Builds[0].Ref || s.Image(s.Builds[1]).Image == nil {
		t.Fatalf("shown %d, opened %+v; want the first build open and the second's trees kept", s.Shown, opens[len(opens)-1])
	}
	s = tell(t, w, s, session.Recall{Build: two}, session.Contrast{Build: one}, session.Point{Line: 5}, session.Show{View: session.Against})
	if f := s.Files(); !f.Across || !f.Known || s.Versus != one {
		t.Errorf("files %+v; want build 1 against build 2", f)
	}
	s = tell(t, w, s, session.Peek{Path: "/etc/motd", Side: session.Both})
	if s.File != nil && s.File.Err == nil && s.File.Delta.Before != nil && s.File.Before == nil {
		t.Errorf("file %+v; want it said that an older build is not open", s.File)
	}
	s = tell(t, w, s, session.Recall{})
	if s.Rebuild() != nil || s.Files().Entry.Build != 0 {
		t.Error("the image that was opened is not shown again")
	}
	if again, rs := s.Update(session.Recall{Build: 999}); rs != nil || again.Shown != 0 {
		t.Errorf("a build that is not there: shown %d, asked for %v", again.Shown, rs)
	}
}

func TestOldBuildsAndTheirLogsGo(t *testing.T) {
	w := sessiontest.Building()
	s := building(t, w)
	for range 40 {
		s = tell(t, w, s, session.BuildNow{})
	}
	if n := len(s.Builds); n != 30 || s.Builds[n-1].Number != 40 {
		t.Errorf("%d builds are kept, the last number %d; want 30 and 40", n, s.Builds[n-1].Number)
	}
	logs := 0
	for _, b := range s.Builds {
		if len(b.Run.Vertices) > 0 {
			logs++
		}
	}
	if logs > 7 {
		t.Errorf("%d builds keep their logs", logs)
	}
}

func TestACommandIsTriedInARootAndItsChangesShown(t *testing.T) {
	w := sessiontest.Building()
	m := w.Builder.Makes
	w.Builder.Says = func(r session.Try) session.Tried {
		return session.Tried{Of: r, Before: m.Roots[2], After: m.Roots[3], Output: "ok\n", Code: 3}
	}
	s := building(t, w, edited, session.BuildNow{}, session.Point{Line: 4}, session.Attempt{Command: "pip install flask"})
	if tr := s.Trial; tr == nil || tr.Loading || tr.Code != 3 || tr.Output != "ok\n" || tr.Of.Line != 4 {
		t.Fatalf("trial %+v; want it done with code 3", tr)
	}
	f := s.Files()
	if d, ok := f.Delta.Find("/usr/lib/python3/flask/sansio.py"); !ok || !f.Tried || d.Change() != tree.Added {
		t.Errorf("files %+v; want what the command added", f)
	}
	s = tell(t, w, s, session.Peek{Path: "/usr/lib/python3/flask/app.py"})
	if s.File == nil || !errors.Is(s.File.Err, session.ErrNotKept) {
		t.Errorf("file %+v; want it said that nothing is kept", s.File)
	}
	s = tell(t, w, s, session.Unpeek{}, session.Forget{})
	if s.Trial != nil || s.Files().Tried {
		t.Error("the command is not forgotten")
	}
	s = tell(t, w, s, session.Recall{}, session.Attempt{Command: "ls"})
	if s.Notice.Kind != session.Wrong || !errors.Is(s.Notice.Err, session.ErrNoStep) {
		t.Errorf("notice %+v; want no step", s.Notice)
	}
}

func TestAnImageLeavesOneAtATime(t *testing.T) {
	w := sessiontest.Building()
	s := building(t, w)
	s = tell(t, w, s, session.Export{Way: session.ToPush, To: "x"})
	if s.Notice.Kind != session.Unleavable {
		t.Fatalf("notice %+v; want nothing to leave", s.Notice)
	}
	s = tell(t, w, s, session.BuildNow{})
	s, rs := s.Update(session.Export{Way: session.ToPush, To: "registry/x:1"})
	l := rs[0].(session.Leave)
	if l.Build != s.Shown || l.Way != session.ToPush || l.To != "registry/x:1" || s.Departure == nil {
		t.Fatalf("asked for %+v", l)
	}
	if again, more := s.Update(session.Export{Way: session.ToOCI, To: "y"}); more != nil || again.Notice.Kind != session.Unleavable {
		t.Errorf("a second departure asked for %v", more)
	}
	stopped, halt := s.Update(session.Cancel{})
	if !slices.Equal(halt, []session.Request{session.Halt{Gen: l.Gen}}) || stopped.Departure != nil {
		t.Errorf("cancel asked for %v", halt)
	}
	s = session.Settle(t.Context(), s, rs, w.Do)
	if n := s.Notice; n.Kind != session.Gone || n.Size != 12_345_678 || n.Path != "registry/x:1" || s.Departure != nil {
		t.Errorf("notice %+v; want it gone", n)
	}
	w.Builder.NoLeave = errors.New("401 unauthorized")
	s = tell(t, w, s, session.Export{Way: session.ToPush, To: "z"})
	if s.Notice.Kind != session.Wrong || s.Departure != nil {
		t.Errorf("notice %+v; want the reason", s.Notice)
	}
}

func TestTheEngineIsChosenAmongThoseThatThereAre(t *testing.T) {
	w := sessiontest.Building()
	s := building(t, w, session.Inquire{}, session.Engage{Engine: "docker"}, session.Name{Tag: "acct/x:2"}, session.BuildNow{})
	if len(s.Hosts) != 3 || s.Surveying() {
		t.Fatalf("engines %v", s.Hosts)
	}
	if got := asked[session.Build](w)[0]; got.Engine != "docker" || !slices.Equal(got.Tags, []string{"acct/x:2"}) {
		t.Errorf("built with %+v; want docker and the name", got.BuildOptions)
	}
	w.Builder.NoHost = errors.New("no engine can build here")
	s = tell(t, w, s, session.BuildNow{})
	if b := s.Rebuild(); b.Outcome != session.Broken || b.Err == nil || b.Fault != nil {
		t.Errorf("build %+v; want it broken for want of an engine", b)
	}
}

func TestStaleAnswersOfABuildAreDropped(t *testing.T) {
	s, r, w, _ := paused(t, 7)
	for gen := range s.Generation() + 3 {
		if gen == r.Gen {
			continue
		}
		of := r
		of.Gen = gen
		for _, m := range []session.Msg{
			session.Reached{Of: of, Host: session.Host{Name: "x"}}, session.Advanced{Of: of, Events: []progress.Event{{Vertex: "x", Kind: progress.Started}}},
			session.Stepped{Of: of, Line: 5, Root: w.Roots[0]}, session.Built{Of: of, Ref: "x"}, session.Failed{Of: of, Err: errors.New("no")},
			session.Tried{Of: session.Try{Gen: gen}}, session.Left{Of: session.Leave{Gen: gen}}, session.Surveyed{Of: session.Survey{Gen: gen}},
			session.Waited{Of: session.Wait{Gen: gen}}, session.Advanced{Of: session.Leave{Gen: gen}},
		} {
			after, rs := s.Update(m)
			if rs != nil || after.Rev != s.Rev || after.Building() != s.Building() || after.Trial != nil || after.Hosts != nil {
				t.Errorf("%T to generation %d changed the session, asked for %v", m, gen, rs)
			}
		}
	}
}

func TestRootsOfStagesFollowFromOneAnother(t *testing.T) {
	w := sessiontest.Building()
	text := "FROM scratch AS base\nCOPY a b\nENV x=y\nFROM --platform=linux/amd64 Base\nRUN c\n"
	s := building(t, w, session.Edit{Text: text})
	s, rs := s.Update(session.BuildNow{})
	r := rs[len(rs)-1].(session.Build)
	one, two := w.Roots[0], w.Roots[1]
	s, _ = update(s, session.Stepped{Of: r, Line: 2, Root: one}, session.Stepped{Of: r, Line: 5, Last: true, History: 1, Root: two})
	s, _ = s.Update(session.Point{Line: 1})
	for line, want := range map[int][2]*tree.Node{1: {nil, nil}, 2: {nil, one}, 3: {one, one}, 4: {nil, one}, 5: {one, two}} {
		m := s.Rebuild().At(line)
		if m.Before != want[0] || m.After != want[1] || !m.Known || !m.Rooted {
			t.Errorf("line %d found %p and left %p, known %v %v; want %p and %p", line, m.Before, m.After, m.Known, m.Rooted, want[0], want[1])
		}
	}
	if _, why := s.Enterable(session.After); why == nil {
		t.Error("a shell can be opened in nothing")
	}
	s, _ = s.Update(session.Point{Line: 2})
	if f := s.Files(); !f.Known || f.Delta.Before != nil || f.Delta.After != one {
		t.Errorf("files of what stands on nothing: %+v", f)
	}
}
