package check_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/imgtui/imgtui/model"
	"github.com/imgtui/imgtui/model/check"
	"github.com/imgtui/imgtui/model/dockerfile"
	"github.com/imgtui/imgtui/model/plan"
	"github.com/imgtui/imgtui/model/tree"
	"github.com/imgtui/imgtui/model/waste"
	"github.com/imgtui/imgtui/model/words"
)

func parsed(t *testing.T, text string) *dockerfile.File {
	t.Helper()
	f, err := dockerfile.Parse(text)
	if err != nil {
		t.Fatalf("parse:\n%s\n%v", text, err)
	}
	return f
}

// found tells findings as "LINE CHECK".
func found(fs []check.Finding) []string {
	var all []string
	for _, f := range fs {
		all = append(all, fmt.Sprintf("%d %s", f.Line, f.Check))
	}
	return all
}

// row is a Dockerfile, what is found in it, and what the fixes make of it.
type row struct {
	name, text string
	want       []string
	fixed      string // "" where there is no fix
}

var rows = []row{
	{"a small image name", "FROM ubuntu:24.04\n", nil, ""},
	{"a capital image name", "FROM Ubuntu:24.04\n", []string{"1 image-name-case"}, "FROM ubuntu:24.04\n"},
	{"capitals of a tag stay", "FROM Docker.io/Library/Ubuntu:LTS AS b\n", []string{"1 image-name-case"}, "FROM Docker.io/library/ubuntu:LTS AS b\n"},
	{"a stage may have capitals", "FROM busybox AS Build\nFROM Build\n", nil, ""},
	{"a variable is not known", "ARG Base=x\nFROM $Base\n", nil, ""},

	{"apt asks", "FROM a\nRUN apt-get update && apt-get install python3\n", []string{"2 install-asks"}, "FROM a\nRUN apt-get update && apt-get install -y python3\n"},
	{"apt asks on a later line", "FROM a\nRUN apt-get update \\\n && apt-get  --no-install-recommends install \\\n    python3\n", []string{"2 install-asks"},
		"FROM a\nRUN apt-get update \\\n && apt-get  --no-install-recommends install -y \\\n    python3\n"},
	{"apt does not ask", "FROM a\nRUN apt-get update && apt-get -qq install python3 && apt-get install python3 -y\n", nil, ""},
	{"apk never asks", "FROM a\nRUN apk add python3\n", nil, ""},
	{"dnf asks", "FROM a\nRUN dnf install python3\n", []string{"2 install-asks"}, "FROM a\nRUN dnf install -y python3\n"},
	{"apt asks in exec form", "FROM a\nRUN [\"apt-get\", \"install\", \"git\"]\n", []string{"2 install-asks"}, ""},
	{"apt asks in a heredoc", "FROM a\nRUN <<EOF\napt-get update\napt-get install git\nEOF\n", []string{"2 install-asks"},
		"FROM a\nRUN <<EOF\napt-get update\napt-get install -y git\nEOF\n"},
	{"apt asks in a shell that is told to", "FROM a\nRUN [\"bash\", \"-c\", \"apt-get update && apt-get install git\"]\n", []string{"2 install-asks"}, ""},
	{"an echo of it asks nobody", "FROM a\nRUN echo 'apt-get install git'\n", nil, ""},

	{"update alone", "FROM a\nRUN apt-get update\nRUN apt-get install -y python3\n", []string{"2 update-alone"},
		"FROM a\nRUN apt-get update && apt-get install -y python3\n"},
	{"update alone, more between", "FROM a\nRUN apt-get update\nENV A=b\nRUN   apt-get install -y \\\n  python3\n", []string{"2 update-alone"},
		"FROM a\nENV A=b\nRUN   apt-get update && apt-get install -y \\\n  python3\n"},
	{"update and more alone", "FROM a\nRUN apt-get update; echo done\nRUN apt-get install -y python3\n", []string{"2 update-alone"}, ""},
	{"update in another stage", "FROM a\nRUN apt-get update\nFROM b\nRUN apt-get install -y python3\n", nil, ""},
	{"update again", "FROM a\nRUN apt-get update\nRUN apt-get update && apt-get install -y python3\n", nil, ""},

	{"start with an assignment", "FROM a\nENTRYPOINT FLASK_APP=/opt/app.py flask run\n", []string{"2 entrypoint-assignment"},
		"FROM a\nENV FLASK_APP=/opt/app.py\nENTRYPOINT [\"flask\", \"run\"]\n"},
	{"exec with an assignment", "FROM a\nCMD [\"A=b\", \"C=d\", \"flask\", \"run\"]\n", []string{"2 entrypoint-assignment"},
		"FROM a\nENV A=b C=d\nCMD [\"flask\", \"run\"]\n"},
	{"start with an assignment that needs a shell", "FROM a\nENTRYPOINT A=$HOME flask run\n", []string{"2 entrypoint-assignment"}, ""},
	{"start with a flag that has a sign", "FROM a\nCMD [\"flask\", \"run\", \"--host=0.0.0.0\"]\n", nil, ""},

	{"sources before packages", "FROM a\nCOPY . /opt/src\nRUN apt-get update && apt-get install -y git\nRUN pip install flask\nCMD [\"x\"]\n", []string{"2 copy-before-install"},
		"FROM a\nRUN apt-get update && apt-get install -y git\nRUN pip install flask\nCOPY . /opt/src\nCMD [\"x\"]\n"},
	{"sources before packages that they name", "FROM a\nCOPY . /opt/src\nRUN pip install -r /opt/src/requirements.txt\n", []string{"2 copy-before-install"}, ""},
	{"a list before packages", "FROM a\nCOPY requirements.txt /opt/\nRUN pip install -r /opt/requirements.txt\nCOPY . /opt/src\n", nil, ""},
	{"sources of another stage", "FROM a AS b\nFROM a\nCOPY --from=b . /opt\nRUN apt-get update && apt-get install -y git\n", nil, ""},

	{"removed in its own layer", "FROM a\nRUN make && rm -rf /tmp/x\n", nil, ""},
	{"removed later", "FROM a\nRUN make all\nRUN rm -rf /tmp/x && apt-get clean\n", []string{"3 removed-later"},
		"FROM a\nRUN make all \\\n    && rm -rf /tmp/x && apt-get clean\n"},
	{"removed later, over lines", "FROM a\nRUN make \\\n  all\nRUN rm -rf \\\n /tmp/x\n", []string{"4 removed-later"},
		"FROM a\nRUN make \\\n  all \\\n    && rm -rf  /tmp/x\n"},
	{"removed later, not next to it", "FROM a\nRUN make all\nCOPY a b\nRUN rm -rf /tmp/x\n", []string{"4 removed-later"}, ""},
	{"removed later, behind what may fail", "FROM a\nRUN make all || true\nRUN rm -rf /tmp/x\n", []string{"3 removed-later"}, ""},

	{"pip without a cache", "FROM a\nRUN pip install --no-cache-dir flask\n", []string{"2 cache-mount"}, ""},
	{"apt lists cleaned", "FROM a\nRUN apt-get update && apt-get install -y git && rm -rf /var/lib/apt/lists/*\n", []string{"2 cache-mount"}, ""},
	{"pip with a cache mount", "FROM a\nRUN --mount=type=cache,target=/root/.cache pip install --no-cache-dir flask\n", nil, ""},

	{"a key copied", "FROM a\nCOPY id_rsa /root/.ssh/\n", []string{"2 secret-copied"}, ""},
	{"a key of another stage", "FROM a AS b\nFROM a\nCOPY --from=b /id_rsa /root/\n", nil, ""},
	{"an example of a secret", "FROM a\nCOPY .env.example /\n", nil, ""},
}

func TestDockerfilesAreJudged(t *testing.T) {
	for _, r := range rows {
		t.Run(r.name, func(t *testing.T) {
			fs := check.Run(check.Subject{File: parsed(t, r.text)})
			if diff := cmp.Diff(r.want, found(fs)); diff != "" {
				t.Errorf("findings in\n%s(-want +got):\n%s", r.text, diff)
			}
			text := r.text
			for _, f := range fs {
				if f.Fix != nil {
					text = f.Fix.Apply(text)
				}
			}
			if want := r.fixed; want != "" && text != want || want == "" && text != r.text {
				t.Errorf("fixed\n%s\ngot\n%s\nwant\n%s", r.text, text, want)
			}
		})
	}
}

func TestAFixEndsItsFindingAndMakesNoOther(t *testing.T) {
	for _, r := range rows {
		before := check.Run(check.Subject{File: parsed(t, r.text)})
		for _, f := range before {
			if f.Fix == nil {
				continue
			}
			text := f.Fix.Apply(r.text)
			for _, now := range check.Run(check.Subject{File: parsed(t, text)}) {
				if now.Check == f.Check {
					t.Errorf("%s: the fix leaves %s on line %d of\n%s", r.name, now.Check, now.Line, text)
				}
			}
		}
	}
}

func TestEveryCheckHasWordsAndARowThatMeetsIt(t *testing.T) {
	met := map[string]bool{"copy-all": true} // needs a context: TestTheContextIsJudged
	for _, r := range rows {
		for _, w := range r.want {
			_, name, _ := strings.Cut(w, " ")
			met[name] = true
		}
	}
	for _, c := range check.All {
		w := words.English.Checks[c.Name]
		if w.Text == "" || w.Doc == "" || w.Example == "" {
			t.Errorf("%s: words = %+v; want a sentence, what is behind it and an example", c.Name, w)
		}
		if !met[c.Name] {
			t.Errorf("%s: no row of the test meets it", c.Name)
		}
	}
	if got, want := len(words.English.Checks), len(check.All); got != want {
		t.Errorf("%d checks have words, there are %d", got, want)
	}
}

func TestSentencesTakeTheirValues(t *testing.T) {
	for _, r := range rows {
		for _, f := range check.Run(check.Subject{File: parsed(t, r.text)}) {
			if s := f.Text(words.English); strings.Contains(s, "%!") || s == "" {
				t.Errorf("%s: %s says %q", r.name, f.Check, s)
			}
		}
	}
}

func TestExamplesAreGood(t *testing.T) {
	for name, w := range words.English.Checks {
		if name == "copy-all" {
			continue // an example of another file
		}
		text := w.Example
		if !strings.HasPrefix(text, "FROM") {
			text = "FROM busybox\n" + text
		}
		for _, f := range check.Run(check.Subject{File: parsed(t, text)}) {
			if f.Check == name {
				t.Errorf("%s: its own example is found faulty: %s", name, f.Text(words.English))
			}
		}
	}
}

func TestFixesKeepLineEndsAndTheLastLine(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"FROM A\r\nRUN x\r\n", "FROM a\r\nRUN x\r\n"},
		{"FROM A", "FROM a"},
		{"FROM a\r\nRUN x\nENTRYPOINT A=b c\n", "FROM a\r\nRUN x\nENV A=b\r\nENTRYPOINT [\"c\"]\r\n"},
		{"FROM a\nRUN apt-get update\nRUN apt-get install -y b", "FROM a\nRUN apt-get update && apt-get install -y b"},
		{"FROM a\nCOPY . /src\nRUN pip install flask", "FROM a\nRUN pip install flask\nCOPY . /src"},
	} {
		text := c.text
		for _, f := range check.Run(check.Subject{File: parsed(t, text)}) {
			if f.Fix != nil {
				text = f.Fix.Apply(text)
			}
		}
		if text != c.want {
			t.Errorf("fixed %q\n got %q\nwant %q", c.text, text, c.want)
		}
	}
}

func root(files ...string) *tree.Node {
	b := tree.NewBuilder(0)
	for i, f := range files {
		b.Add(tree.Entry{Path: f, Attr: tree.Attr{Kind: tree.File, Mode: 0o644, Size: 1000}, Content: uint64(i)})
	}
	return tree.Fold(nil, b.Layer())
}

func TestTheContextIsJudged(t *testing.T) {
	r := root("app.py", ".git/objects/pack", ".git/HEAD", "deploy/.env", "certs/tls.pem")
	c := &plan.Context{Root: r, Bytes: r.Bytes(), Files: 5, Suspects: check.Suspects(r)}
	fs := check.Run(check.Subject{File: parsed(t, "FROM a\nCOPY . /opt\nCOPY deploy/ /x/\n"), Context: c})
	want := []string{"2 copy-all", "2 secret-copied", "2 secret-copied", "3 secret-copied"}
	if diff := cmp.Diff(want, found(fs)); diff != "" {
		t.Errorf("findings (-want +got):\n%s", diff)
	}
	if got, want := fs[0].Text(words.English), "the whole context is copied (5.00 kB), .git among it (2.00 kB): name it in .dockerignore"; got != want {
		t.Errorf("says %q, want %q", got, want)
	}
}

func TestTheOpenImageGivesBytesAndSeconds(t *testing.T) {
	at := time.Date(2026, 5, 1, 12, 0, 0, 0, time.UTC)
	layer := func(n int) *model.Layer { return &model.Layer{Index: n} }
	img := &model.Image{Steps: []model.Step{
		{Index: 0, Created: at, Layer: layer(0)},
		{Index: 1, Created: at.Add(time.Minute), Layer: layer(1)},
		{Index: 2, Created: at.Add(time.Minute + 41*time.Second), Layer: layer(2)},
		{Index: 3, Created: at.Add(2 * time.Minute), Layer: layer(3)},
	}}
	s := check.Subject{
		File:     parsed(t, "FROM a\nCOPY . /src\nRUN pip install flask\nRUN rm -rf /root/.cache\n"),
		Image:    img,
		Pairs:    []int{0, 1, 2, 3},
		Unpacked: func(step int) int64 { return int64(step) * 106e6 },
		Report:   &waste.Report{Paths: []waste.Dead{{Bytes: 2e6, Added: 2, Hidden: 3}, {Bytes: 1e6, Added: 1, Hidden: 3}, {Bytes: 7, Added: 3, Hidden: 3}}},
	}
	var got []string
	for _, f := range check.Run(s) {
		got = append(got, f.Text(words.English))
	}
	want := []string{
		"each change of the sources runs line 3 again (212 MB, 41s): install first, copy the sources below",
		"what is removed here stays in the layer that added it (3.00 MB ← 3, 2): remove it in the same RUN",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("said (-want +got):\n%s", diff)
	}
}

func TestForeignFindingsKeepTheirWords(t *testing.T) {
	f := check.Finding{Check: "StageNameCasing", Severity: check.Warning, Line: 1, Said: "Stage name 'B' should be lowercase\x1b[31m"}
	all := check.Run(check.Subject{File: parsed(t, "FROM A\n")}, f)
	if got, want := found(all), []string{"1 image-name-case", "1 StageNameCasing"}; cmp.Diff(want, got) != "" {
		t.Errorf("found %v, want %v: errors before warnings", got, want)
	}
	if s := all[1].Text(words.English); strings.Contains(s, "\x1b") || !strings.HasPrefix(s, "Stage name 'B'") {
		t.Errorf("says %q", s)
	}
}

func FuzzJudging(f *testing.F) {
	for _, r := range rows {
		f.Add(r.text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		file, _ := dockerfile.Parse(text)
		for _, x := range check.Run(check.Subject{File: file}) {
			if x.Line < 1 || x.Last < x.Line {
				t.Errorf("%s at lines %d to %d", x.Check, x.Line, x.Last)
			}
			if x.Fix != nil {
				x.Fix.Apply(text)
			}
			x.Text(words.English)
		}
	})
}
