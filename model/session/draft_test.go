package session_test

import (
	"errors"
	"testing"

	"github.com/imgtui/imgtui/model"
	"github.com/imgtui/imgtui/model/plan"
	"github.com/imgtui/imgtui/model/session"
	"github.com/imgtui/imgtui/model/session/sessiontest"
	"github.com/imgtui/imgtui/model/tree"
)

const text = "FROM ubuntu\nRUN apt-get update\nRUN apt-get install -y python3\nCOPY . /opt\n"

// drafted settles a session with a Dockerfile beside its image.
func drafted(t *testing.T, w *sessiontest.World, k session.Sketch, msgs ...session.Msg) session.State {
	t.Helper()
	s, rs := session.Start(session.Open{Ref: "acct/my-app:1.4"})
	s, more := s.Sketch(k)
	s = session.Settle(t.Context(), s, append(more, rs...), w.Do)
	return tell(t, w, s, msgs...)
}

func tell(t *testing.T, w *sessiontest.World, s session.State, msgs ...session.Msg) session.State {
	t.Helper()
	for _, m := range msgs {
		var rs []session.Request
		s, rs = s.Update(m)
		s = session.Settle(t.Context(), s, rs, w.Do)
	}
	return s
}

func workshop(disk string) *sessiontest.World {
	w := sessiontest.Workshop()
	w.Disk = map[string]string{}
	if disk != "" {
		w.Disk["src/Dockerfile"] = disk
	}
	return w
}

func TestADockerfileIsFoundBesideTheContext(t *testing.T) {
	s := drafted(t, workshop(text), session.Sketch{Dir: "src"})
	d := s.Draft
	if d.Origin != session.FromFile || d.Path != "src/Dockerfile" || d.Text != text || d.Unsaved() {
		t.Fatalf("draft = %v at %q, unsaved %v; want the file's text", d.Origin, d.Path, d.Unsaved())
	}
	if len(d.Plan.Steps) != 4 || d.Context == nil || d.Ahead {
		t.Errorf("plan of %d steps, context %v, ahead %v; want all to have come to rest", len(d.Plan.Steps), d.Context, d.Ahead)
	}
}

func TestADockerfileThatIsNamedMustBeThere(t *testing.T) {
	s := drafted(t, workshop(""), session.Sketch{Path: "other/Dockerfile", Dir: "src"})
	if s.Notice.Kind != session.Wrong || s.Draft.Origin != session.Nowhere {
		t.Errorf("notice %v, origin %v; want the fault and no text", s.Notice, s.Draft.Origin)
	}
}

func TestWithoutAFileTheDockerfileIsRecovered(t *testing.T) {
	s := drafted(t, workshop(""), session.Sketch{Dir: "src"})
	if d := s.Draft; d.Origin != session.Recovered || d.Text == "" || d.Unsaved() || d.Path != "" {
		t.Errorf("draft = %v %q, unsaved %v, path %q; want a recovered text that belongs nowhere", d.Origin, d.Text, d.Unsaved(), d.Path)
	}
}

func TestTheAttestedDockerfileComesBeforeTheRecoveredOne(t *testing.T) {
	w := workshop("")
	w.Image.Recipe = model.Recipe{Dockerfile: text, Target: "app", Args: map[string]string{"A": "1", "B": "2"}}
	s := drafted(t, w, session.Sketch{Dir: "src", Args: map[string]string{"B": "mine"}})
	if d := s.Draft; d.Origin != session.Attested || d.Text != text || d.Target != "app" || d.Args["A"] != "1" || d.Args["B"] != "mine" || d.Unsaved() {
		t.Errorf("draft = %v %q, target %q, args %v; want what the builder attests, and the user's own arguments", d.Origin, d.Text, d.Target, d.Args)
	}
}

func TestEachEditIsForetoldAndOnlyTheLastIsWaitedFor(t *testing.T) {
	w := workshop(text)
	s := drafted(t, w, session.Sketch{Dir: "src"})
	s, first := s.Update(session.Edit{Text: text + "#"})
	s, second := s.Update(session.Edit{Text: text + "# a"})
	s, third := s.Update(session.Edit{Text: text + "# ab"})
	if len(first) != 1 || len(second)+len(third) != 0 || !s.Draft.Ahead {
		t.Fatalf("three edits asked %d, %d, %d times; want once while the first is under way", len(first), len(second), len(third))
	}
	before := len(asked[session.Foretell](w))
	s = session.Settle(t.Context(), s, first, w.Do)
	all := asked[session.Foretell](w)[before:]
	if len(all) != 2 || all[1].Text != text+"# ab" || s.Draft.Ahead {
		t.Errorf("foretold %d times, the last %q, ahead %v; want the first and the last text", len(all), all[len(all)-1].Text, s.Draft.Ahead)
	}
}

func TestAStaleForecastIsDropped(t *testing.T) {
	w := workshop(text)
	s := drafted(t, w, session.Sketch{Dir: "src"})
	old := asked[session.Foretell](w)[0]
	s, _ = s.Update(session.Foretold{Of: old})
	if len(s.Draft.Plan.Steps) != 4 {
		t.Errorf("a stale answer left %d steps, want 4", len(s.Draft.Plan.Steps))
	}
}

func TestLineAndStepFollowEachOther(t *testing.T) {
	w := workshop(text)
	s := drafted(t, w, session.Sketch{Dir: "src"}, session.Stand{Line: 3})
	if s.Step != 2 {
		t.Errorf("line 3 selects step %d, want 2", s.Step)
	}
	s = tell(t, w, s, session.Select{Step: 3})
	if s.Draft.Line != 4 {
		t.Errorf("step 3 puts the cursor on line %d, want 4", s.Draft.Line)
	}
	s = tell(t, w, s, session.Select{Step: 6})
	if s.Draft.Line != 4 || s.Step != 6 {
		t.Errorf("a step without a line: step %d, line %d; want 6 and the cursor where it was", s.Step, s.Draft.Line)
	}
}

func TestSavingAsksBeforeItOverwrites(t *testing.T) {
	w := workshop(text)
	s := drafted(t, w, session.Sketch{Dir: "src"}, session.Edit{Text: "FROM a\n"})
	if !s.Draft.Unsaved() {
		t.Fatal("an edit is not unsaved")
	}
	w.Disk["src/Dockerfile"] = "FROM elsewhere\n"
	s = tell(t, w, s, session.Save{})
	var over *session.OverwrittenError
	if !errors.As(s.Notice.Err, &over) || s.Draft.Disk == nil || *s.Draft.Disk != "FROM elsewhere\n" || !s.Draft.Unsaved() {
		t.Fatalf("notice %v, disk %v; want the other program's text told and nothing lost", s.Notice, s.Draft.Disk)
	}
	forced := tell(t, w, s, session.Save{Force: true})
	if w.Disk["src/Dockerfile"] != "FROM a\n" || forced.Draft.Unsaved() || forced.Draft.Disk != nil || forced.Notice.Kind != session.SavedTo {
		t.Errorf("disk %q, unsaved %v, notice %v; want it written", w.Disk["src/Dockerfile"], forced.Draft.Unsaved(), forced.Notice)
	}
	reloaded := tell(t, w, s, session.Reload{})
	if d := reloaded.Draft; d.Text != "FROM elsewhere\n" || d.Unsaved() {
		t.Errorf("reloaded %q, unsaved %v; want what is on disk", d.Text, d.Unsaved())
	}
}

func TestARecoveredDockerfileIsSavedUnderAName(t *testing.T) {
	w := workshop("")
	s := drafted(t, w, session.Sketch{Dir: "src"}, session.Save{})
	if len(w.Disk) != 0 {
		t.Fatalf("saved without a name: %v", w.Disk)
	}
	s = tell(t, w, s, session.Save{Path: "src/Dockerfile"})
	if s.Draft.Origin != session.FromFile || s.Draft.Path != "src/Dockerfile" || w.Disk["src/Dockerfile"] != s.Draft.Text {
		t.Errorf("origin %v at %q; want the file", s.Draft.Origin, s.Draft.Path)
	}
}

func TestWhatOthersWriteIsTakenUnlessTheUserHasChangedTheText(t *testing.T) {
	w := workshop(text)
	s := drafted(t, w, session.Sketch{Dir: "src", Stay: true})
	scan := asked[session.Scan](w)[0]
	other := session.Fetched{Of: scan, Path: "src/Dockerfile", Text: "FROM b\n", Found: true}
	if got := tell(t, w, s, other); got.Draft.Text != "FROM b\n" || got.Draft.Unsaved() || len(got.Draft.Plan.Steps) != 1 {
		t.Errorf("text %q, %d steps; want what was written", got.Draft.Text, len(got.Draft.Plan.Steps))
	}
	edited := tell(t, w, s, session.Edit{Text: "FROM mine\n"}, other)
	if d := edited.Draft; d.Text != "FROM mine\n" || d.Disk == nil || *d.Disk != "FROM b\n" {
		t.Errorf("text %q, disk %v; want both kept", d.Text, d.Disk)
	}
}

func TestWhatACopyBringsIsAView(t *testing.T) {
	w := workshop(text)
	below, after := w.Roots[2], tree.Fold(w.Roots[2], layerOf("opt/", "opt/new.py"))
	w.Plan = func(r session.Foretell) session.Foretold {
		return session.Foretold{Of: r, Plan: plan.Plan{Steps: []plan.Step{{Line: 4, Last: 4, History: 4, Fate: plan.Runs, Below: below, After: after}}}}
	}
	s := drafted(t, w, session.Sketch{Dir: "src"}, session.Stand{Line: 4})
	if got := len(s.Views()); got != 5 {
		t.Fatalf("%d views, want 5", got)
	}
	f := tell(t, w, s, session.Show{View: session.Coming}).Files()
	if d, ok := f.Delta.Find("/opt/new.py"); !ok || d.Change() != tree.Added || !f.Foretold || !f.Known {
		t.Errorf("files %+v; want /opt/new.py added", f)
	}
	f = tell(t, w, s, session.Show{View: session.Against}).Files()
	if d, ok := f.Delta.Find("/opt/new.py"); !ok || d.Change() != tree.Added || !f.Foretold {
		t.Errorf("against the image: %+v; want /opt/new.py added", f)
	}
	elsewhere := tell(t, w, s, session.Stand{Line: 1}, session.Show{View: session.Coming})
	if got := elsewhere.Files(); got.Foretold || len(elsewhere.Views()) != 3 {
		t.Errorf("on another line: foretold %v, %d views; want the step's own files", got.Foretold, len(elsewhere.Views()))
	}
}

func layerOf(paths ...string) *tree.Layer {
	b := tree.NewBuilder(9)
	for _, p := range paths {
		k := tree.File
		if p[len(p)-1] == '/' {
			k = tree.Dir
		}
		b.Add(tree.Entry{Path: p, Attr: tree.Attr{Kind: k, Mode: 0o755, Size: 10}})
	}
	return b.Layer()
}
