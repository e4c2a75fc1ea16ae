package plan_test

import (
	"encoding/json"
	"maps"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/imgtui/imgtui/model"
	"github.com/imgtui/imgtui/model/plan"
)

// TestReasonsAreTold has one edit a case: what was, what is, and what a rebuild
// does about it.
func TestReasonsAreTold(t *testing.T) {
	t.Parallel()
	files := map[string]string{"app/a": "a", "app/b/c": "c", "req": "r"}
	with := func(changes map[string]string) map[string]string {
		all := map[string]string{}
		maps.Copy(all, files)
		for k, v := range changes {
			if all[k] = v; v == "" {
				delete(all, k)
			}
		}
		return all
	}
	const text = "FROM base\nRUN one\nCOPY req /\nRUN two\nCOPY app /app\nENV A=1\nRUN three\nCMD x"
	for _, c := range []struct {
		name          string
		before, after string // "" is text
		was, is       lab
		want          string
	}{
		{name: "nothing", want: "1 same\n2 same\n3 same\n4 same\n5 same\n6 same\n7 same\n8 same\n"},
		{
			name: "lines moved down", after: "# a comment\n\n" + text,
			want: "3 same\n4 same\n5 same\n6 same\n7 same\n8 same\n9 same\n10 same\n",
		},
		{
			name: "a line changed", after: strings.Replace(text, "RUN two", "RUN zwei", 1),
			want: "1 same\n2 same\n3 same\n4 runs line\n5 runs earlier @4\n6 same\n7 runs earlier @4\n8 same\n",
		},
		{
			name: "two lines changed: the nearer one is the cause", after: strings.NewReplacer("RUN one", "RUN eins", "COPY app /app", "COPY app /apps").Replace(text),
			want: "1 same\n2 runs line\n3 runs earlier @2\n4 runs earlier @2\n5 runs line\n6 same\n7 runs earlier @5\n8 same\n",
		},
		{
			name: "a file changed", is: lab{files: with(map[string]string{"app/b/c": "cc"})},
			want: "1 same\n2 same\n3 same\n4 same\n5 runs file /app/b/c\n6 same\n7 runs earlier @5\n8 same\n",
		},
		{
			name: "a file added and one taken away", is: lab{files: with(map[string]string{"app/new": "n", "app/a": ""})},
			want: "1 same\n2 same\n3 same\n4 same\n5 runs file /app/a +1\n6 same\n7 runs earlier @5\n8 same\n",
		},
		{
			name: "a file that is not there", is: lab{files: with(map[string]string{"req": ""})},
			want: "1 same\n2 same\n3 runs file /req\n4 runs earlier @3\n5 runs earlier @3\n6 same\n7 runs earlier @3\n8 same\n",
		},
		{
			name: "another base", is: lab{files: files, bases: map[string]string{"base": "2"}},
			want: "1 runs base base\n2 runs earlier @1\n3 runs earlier @1\n4 runs earlier @1\n5 runs earlier @1\n6 same\n7 runs earlier @1\n8 same\n",
		},
		{
			name: "a variable", after: strings.Replace(text, "A=1", "A=2", 1),
			want: "1 same\n2 same\n3 same\n4 same\n5 same\n6 runs settings\n7 runs value A @6\n8 same\n",
		},
		{
			name: "settings cost nothing", after: strings.Replace(text, "CMD x", "CMD y\nLABEL new=1", 1),
			want: "1 same\n2 same\n3 same\n4 same\n5 same\n6 same\n7 same\n8 runs settings\n9 new settings\n",
		},
		{
			name: "a line added", after: strings.Replace(text, "RUN two", "RUN added\nRUN two", 1),
			want: "1 same\n2 same\n3 same\n4 new\n5 runs earlier @4\n6 runs earlier @4\n7 same\n8 runs earlier @4\n9 same\n",
		},
		{
			name: "a line taken away", after: strings.Replace(text, "RUN two\n", "", 1),
			want: "1 same\n2 same\n3 same\n4 gone\n4 runs other\n5 same\n6 runs earlier @4\n7 same\n",
		},
		{
			name:   "settings swapped",
			before: "FROM base\nLABEL a=1\nLABEL b=2\nRUN x", after: "FROM base\nLABEL b=2\nLABEL a=1\nRUN x",
			want: "1 same\n2 same\n3 same\n4 same\n",
		},
		{
			name:   "a stage with an equal file, perhaps",
			before: "FROM base AS b\nRUN make\nFROM base\nCOPY --from=b /out /\nRUN use", after: "FROM base AS b\nRUN make it\nFROM base\nCOPY --from=b /out /\nRUN use",
			want: "1 same\n2 runs line\n3 same\n4 maybe input @2\n5 maybe input @2\n",
		},
		{
			name:   "an unused stage",
			before: "FROM base AS b\nRUN make\nFROM base\nRUN use", after: "FROM base AS b\nRUN made\nFROM base\nRUN use",
			want: "1 same\n2 runs line\n3 same\n4 same\n",
		},
		{
			name:   "what a server has",
			before: "FROM base\nADD http://x/y /\nRUN use", was: lab{asked: true}, is: lab{asked: true},
			want: "1 same\n2 maybe input http://x/y @2\n3 maybe input @2\n",
		},
		{
			name:   "a build arg",
			before: "FROM base\nARG V=1\nARG W\nRUN use\nLABEL v=$V w=w", was: lab{}, is: lab{args: map[string]string{"V": "2"}},
			want: "1 same\n2 runs settings V\n3 same\n4 runs value V @2\n5 runs settings V\n",
		},
	} {
		if c.before == "" {
			c.before = text
		}
		if c.after == "" {
			c.after = c.before
		}
		if c.was.files == nil {
			c.was.files = files
		}
		if c.is.files == nil {
			c.is.files = files
		}
		before, after := read(c.before), read(c.after)
		was := plan.Was{File: before, Graph: c.was.graph(before)}
		check(t, c.name, plan.Foretell(after, c.is.graph(after), was), c.want)
	}
}

func TestNothingToCompareWithIsSaid(t *testing.T) {
	t.Parallel()
	f := read("FROM base\nRUN x\nCMD y")
	check(t, "no past", plan.Foretell(f, lab{}.graph(f), plan.Was{}), "1 unknown not known\n2 unknown not known\n3 unknown not known\n")
}

func TestUnusedStageIsMarked(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, text, target, want string }{
		{"last is the target", "FROM a AS one\nLABEL x=1\nFROM b\nLABEL y=1", "", "1 2"},
		{"start", "FROM a AS one\nFROM one\nLABEL y=1", "", ""},
		{"target", "FROM a AS one\nFROM b AS two\nFROM c", "two", "1 3"},
		{"mount", "FROM a AS one\nFROM b\nRUN --mount=type=bind,from=one,target=/x y", "", ""},
		{"number", "FROM a\nFROM b\nCOPY --from=0 / /", "", ""},
		{"variable", "ARG B=one\nFROM a AS one\nFROM a AS two\nFROM ${B}", "", "3"},
		{"variable with default", "FROM a AS one\nFROM a AS two\nFROM ${B:-two}", "", "1"},
		{"case", "FROM a AS One\nFROM oNE", "", ""},
	} {
		f := read(c.text)
		p := plan.Foretell(f, &plan.Graph{Target: c.target}, plan.Was{Graph: &plan.Graph{}, File: f})
		var lines []string
		for _, s := range p.Steps {
			if s.Unused {
				lines = append(lines, string(rune('0'+s.Line)))
			}
		}
		if got := strings.Join(lines, " "); got != c.want {
			t.Errorf("%s: %q: unused lines %q, want %q", c.name, c.text, got, c.want)
		}
	}
}

// TestSetForetellsWhatWasBuiltOnce: what was built at any time is had, also where
// the last build was another.
func TestSetForetellsWhatWasBuiltOnce(t *testing.T) {
	t.Parallel()
	one, two := read("FROM base\nRUN one\nCMD a"), read("FROM base\nRUN two\nCMD b")
	var set plan.Set
	set.Add(one, lab{}.graph(one))
	set.Add(two, lab{}.graph(two))
	body, err := json.Marshal(&set)
	if err != nil {
		t.Fatal(err)
	}
	var back plan.Set
	if err := json.Unmarshal(body, &back); err != nil {
		t.Fatal(err)
	}
	for name, s := range map[string]*plan.Set{"set": &set, "set from JSON": &back} {
		check(t, name, plan.Foretell(one, lab{}.graph(one), plan.Was{Set: s}), "1 same\n2 same\n3 same\n")
		check(t, name+", last graph", plan.Foretell(one, lab{}.graph(one), plan.Was{Set: s, File: two, Graph: lab{}.graph(two)}), "1 same\n2 same\n3 runs settings\n")
		three := read("FROM base\nRUN three\nRUN four\nCMD a")
		check(t, name+", not built", plan.Foretell(three, lab{}.graph(three), plan.Was{Set: s}), "1 same\n2 runs line\n3 runs line\n4 same\n")
	}
	set.Forget()
	check(t, "forgotten", plan.Foretell(one, lab{}.graph(one), plan.Was{Set: &set}), "1 runs not known\n2 runs not known\n3 runs settings\n")
	if set.Len() != 0 || back.Len() == 0 {
		t.Errorf("%d keys in a forgotten set and %d in the other, want 0 and some", set.Len(), back.Len())
	}
}

func TestKeysThatAreNoneAreRefused(t *testing.T) {
	t.Parallel()
	for _, body := range []string{`{"keys":["00"]}`, `{"keys":["zz112233445566778899aabbccddeeff"]}`, `{"keys":7}`} {
		var s plan.Set
		if err := json.Unmarshal([]byte(body), &s); err == nil {
			t.Errorf("read %s: no error", body)
		}
	}
}

func TestConfigBeforeAndAfterIsTold(t *testing.T) {
	t.Parallel()
	f := read("FROM base")
	now, was := lab{}.graph(f), lab{}.graph(f)
	now.Config, was.Config = model.Config{User: "new"}, model.Config{User: "old"}
	p := plan.Foretell(f, now, plan.Was{Name: "the image", File: f, Graph: was})
	if diff := cmp.Diff([]string{"old", "new", "the image"}, []string{p.Before.User, p.After.User, p.Was}); diff != "" {
		t.Errorf("before, after and name (-want +got):\n%s", diff)
	}
}

// TestLinkedCopyIsToldApart: where only the layer beneath is new, the files of a
// COPY --link are had.
func TestLinkedCopyIsToldApart(t *testing.T) {
	t.Parallel()
	graph := func(run string) *plan.Graph {
		line := func(n int) []plan.Range { return []plan.Range{{First: n, Last: n}} }
		return &plan.Graph{Ops: []plan.Op{
			{Kind: plan.Exec, Key: key(run), Loose: key(run), Own: key(run), Lines: line(2)},
			{Kind: plan.Files, Key: key("copy"), Loose: key("copy"), Own: key("copy"), Lines: line(3)},
			{Kind: plan.Joined, Key: key("join", run), Loose: key("join", run), Own: key("join"), Lines: line(3), Inputs: []plan.Input{{Op: 0}, {Op: 1}}},
		}}
	}
	before, after := read("FROM base\nRUN a\nCOPY --link x /"), read("FROM base\nRUN b\nCOPY --link x /")
	p := plan.Foretell(after, graph("b"), plan.Was{File: before, Graph: graph("a")})
	if s := p.Steps[2]; s.Fate != plan.Runs || s.Reason != plan.EarlierRuns || s.BecauseLine != 2 || !s.Relinked {
		t.Errorf("COPY --link over a line that runs: %+v, want it to run for line 2 and to be relinked", s)
	}
	if s := p.Steps[1]; s.Relinked {
		t.Errorf("RUN: relinked")
	}
}
