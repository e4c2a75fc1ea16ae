package layers_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/imgtui/imgtui/layers"
	"github.com/imgtui/imgtui/model/check"
	"github.com/imgtui/imgtui/model/plan"
	"github.com/imgtui/imgtui/model/session"
	"github.com/imgtui/imgtui/model/tree"
)

// project is a folder with a Dockerfile and files beside it.
type project struct {
	t   testing.TB
	dir string
}

func newProject(t testing.TB, files ...string) project {
	p := project{t, t.TempDir()}
	for i := 0; i < len(files); i += 2 {
		p.write(files[i], files[i+1])
	}
	return p
}

func (p project) write(name, text string) {
	p.t.Helper()
	path := filepath.Join(p.dir, name)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		p.t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		p.t.Fatal(err)
	}
}

// foretold settles a session on the project, with the image of ref beside it
// where it is not "".
func (p project) foretold(ref string, k session.Sketch, msgs ...session.Msg) session.State {
	p.t.Helper()
	e := layers.New(layers.Options{})
	p.t.Cleanup(func() { e.Close() })
	var opens []session.Open
	if ref != "" {
		opens = append(opens, session.Open{Ref: ref})
	}
	s, rs := session.Start(opens...)
	k.Dir = p.dir
	s, more := s.Sketch(k)
	s = session.Settle(p.t.Context(), s, append(more, rs...), e.Do)
	for _, m := range msgs {
		var rs []session.Request
		s, rs = s.Update(m)
		s = session.Settle(p.t.Context(), s, rs, e.Do)
	}
	if s.Notice.Kind == session.Wrong {
		p.t.Fatalf("notice: %v", s.Notice.Err)
	}
	return s
}

// fates tells a plan as "LINE FATE BECAUSE".
func fates(p plan.Plan) []string {
	names := map[plan.Fate]string{plan.Same: "same", plan.Runs: "runs", plan.Maybe: "maybe", plan.New: "new", plan.Gone: "gone", plan.Unknown: "unknown"}
	var all []string
	for _, s := range p.Steps {
		text := fmt.Sprintf("%d %s", s.Line, names[s.Fate])
		switch {
		case s.Because != "":
			text += " " + strings.TrimPrefix(s.Because, "/")
		case s.BecauseLine > 0:
			text += fmt.Sprintf(" %d", s.BecauseLine)
		}
		all = append(all, text)
	}
	return all
}

const flask = `FROM busybox:1
RUN make tools
COPY app.py lib/ /opt/
RUN make app
ENV MODE=fast
CMD ["app"]
`

func TestWhatIsFoundIsKeptAndWhatIsEditedRuns(t *testing.T) {
	t.Parallel()
	p := newProject(t, "Dockerfile", flask, "app.py", "print()", "lib/a.py", "a")
	s := p.foretold("", session.Sketch{})
	if diff := cmp.Diff([]string{"1 same", "2 same", "3 same", "4 same", "5 same", "6 same"}, fates(s.Draft.Plan)); diff != "" {
		t.Errorf("as found (-want +got):\n%s", diff)
	}
	s = p.foretold("", session.Sketch{}, session.Edit{Text: strings.Replace(flask, "make app", "make all", 1)})
	if diff := cmp.Diff([]string{"1 same", "2 same", "3 same", "4 runs", "5 same", "6 same"}, fates(s.Draft.Plan)); diff != "" {
		t.Errorf("a RUN edited (-want +got):\n%s", diff)
	}
	if !s.Draft.Unsaved() {
		t.Error("an edited text counts as saved")
	}
}

func TestAnOlderDockerfileIsComparedWith(t *testing.T) {
	t.Parallel()
	p := newProject(t, "Dockerfile", flask, "app.py", "print()", "lib/a.py", "a", "old", strings.Replace(flask, "RUN make tools\n", "", 1))
	s := p.foretold("", session.Sketch{WasPath: filepath.Join(p.dir, "old")})
	if diff := cmp.Diff([]string{"1 same", "2 new", "3 runs 2", "4 runs 2", "5 same", "6 same"}, fates(s.Draft.Plan)); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

func TestARevisionIsComparedWith(t *testing.T) {
	t.Parallel()
	if _, err := exec.LookPath("git"); err != nil {
		t.Skip("no git")
	}
	p := newProject(t, "Dockerfile", flask, "app.py", "print()", "lib/a.py", "a")
	for _, args := range [][]string{{"init", "-q"}, {"add", "-A"}, {"-c", "user.name=n", "-c", "user.email=e@example.com", "commit", "-qm", "x"}} {
		c := exec.CommandContext(t.Context(), "git", args...)
		c.Dir = p.dir
		if out, err := c.CombinedOutput(); err != nil {
			t.Fatalf("git %v: %v: %s", args, err, out)
		}
	}
	same := p.foretold("", session.Sketch{WasRev: "HEAD"})
	if diff := cmp.Diff([]string{"1 same", "2 same", "3 same", "4 same", "5 same", "6 same"}, fates(same.Draft.Plan)); diff != "" {
		t.Errorf("right after a commit (-want +got):\n%s", diff)
	}
	p.write("lib/a.py", "b")
	s := p.foretold("", session.Sketch{WasRev: "HEAD"})
	if diff := cmp.Diff([]string{"1 same", "2 same", "3 runs lib/a.py", "4 runs 3", "5 same", "6 same"}, fates(s.Draft.Plan)); diff != "" {
		t.Errorf("with a file changed (-want +got):\n%s", diff)
	}
	if s.Draft.Plan.Was != "HEAD" {
		t.Errorf("compared with %q, want HEAD", s.Draft.Plan.Was)
	}
}

// demo's Dockerfile is in its image; the files that its COPY brought are not all
// in this project.
func TestTheOpenImageIsComparedWith(t *testing.T) {
	t.Parallel()
	text := `FROM ubuntu:24.04
RUN apt-get update
RUN apt-get install -y python3 python3-pip
RUN pip install flask==3.1
ENV FLASK_APP=/opt/source-code/app.py
WORKDIR /opt/source-code
COPY . /opt/source-code
RUN chmod 0755 /usr/lib/python3/dist-packages/model.bin
RUN rm -rf /var/lib/apt/lists/* /opt/source-code/.git
EXPOSE 5000
ENTRYPOINT ["flask", "run"]
CMD ["--host=0.0.0.0"]
`
	p := newProject(t, "Dockerfile", text, ".dockerignore", "Dockerfile\n", "app.py", "print()")
	s := p.foretold("demo:", session.Sketch{})
	want := []string{"1 same", "2 same", "3 same", "4 runs", "5 same", "6 runs 4", "7 runs app.py", "8 runs 7", "9 runs 7", "10 same", "11 same", "12 same"}
	got := fates(s.Draft.Plan)
	if !strings.HasPrefix(got[6], "7 runs ") {
		t.Errorf("the COPY: %q, want a file of the context as reason", got[6])
	}
	got[6], want[6] = "", ""
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	step := s.Draft.Plan.Steps[6]
	if step.After == nil || step.After.Find("/opt/source-code/app.py") == nil {
		t.Fatal("the COPY's root is not foretold")
	}
	if d := tree.Compare(step.Below, step.After).Totals(); d.AddedBytes == 0 && d.Paths() == 0 {
		t.Errorf("the COPY brings nothing: %+v", d)
	}
	if s.Draft.Plan.Was != "demo:" {
		t.Errorf("compared with %q, want the image", s.Draft.Plan.Was)
	}
}

// The image has steps that the text has not: what follows stood on something
// else, and must never be told to be kept.
func TestALineTakenOutOfAnImagesTextRunsWhatFollows(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		text string
		want []string
	}{
		{"FROM ubuntu:24.04\nRUN apt-get update\nRUN pip install flask\nEXPOSE 5000\n", []string{"1 same", "2 same", "3 runs", "4 same"}},
		{"FROM ubuntu:24.04\nRUN apt-get install -y python3 python3-pip\nRUN pip install flask\n", []string{"1 same", "2 runs", "3 runs 2"}},
		{"FROM ubuntu:24.04\nRUN apt-get update\nRUN apt-get install -y python3 python3-pip\nRUN pip install flask\nRUN chmod 0755 /usr/lib/python3/dist-packages/model.bin\n", []string{"1 same", "2 same", "3 same", "4 same", "5 runs"}},
	} {
		p := newProject(t, "Dockerfile", c.text)
		s := p.foretold("demo:", session.Sketch{Path: filepath.Join(p.dir, "Dockerfile"), WasImage: true})
		if diff := cmp.Diff(c.want, fates(s.Draft.Plan)); diff != "" {
			t.Errorf("%s(-want +got):\n%s", c.text, diff)
		}
	}
}

func TestAForeignDockerfileGivesWayToTheRecoveredOne(t *testing.T) {
	t.Parallel()
	p := newProject(t, "Dockerfile", "FROM golang:1\nRUN go build\nRUN go test\nCOPY x /y\n")
	if s := p.foretold("demo:", session.Sketch{}); s.Draft.Origin != session.Recovered {
		t.Errorf("origin %v, want the recovered text", s.Draft.Origin)
	}
	named := session.Sketch{Path: filepath.Join(p.dir, "Dockerfile")}
	if s := p.foretold("demo:", named); s.Draft.Origin != session.FromFile {
		t.Errorf("origin %v of a file that was named, want that file", s.Draft.Origin)
	}
}

// The faults of a workshop's first Dockerfile.
func TestTheWorkshopsFaultsAreFoundAndMended(t *testing.T) {
	t.Parallel()
	const first = `FROM Ubuntu
RUN apt-get update
RUN apt-get install python3 python3-pip
COPY . /opt/source-code
RUN pip install flask
RUN rm -rf /var/lib/apt/lists/*
ENTRYPOINT FLASK_APP=/opt/source-code/app.py flask run
`
	p := newProject(t, "Dockerfile", first, "app.py", "print()")
	s := p.foretold("", session.Sketch{})
	if s.Draft.Fault == nil || s.Draft.Fault.Line != 1 {
		t.Errorf("fault = %v, want line 1: BuildKit takes no capital letters", s.Draft.Fault)
	}
	want := map[string]int{"image-name-case": 1, "update-alone": 2, "install-asks": 3, "copy-before-install": 4, "removed-later": 6, "entrypoint-assignment": 7}
	for _, f := range s.Draft.Findings {
		if line, ok := want[f.Check]; ok && line == f.Line {
			delete(want, f.Check)
		}
	}
	if len(want) > 0 {
		t.Errorf("not found: %v", want)
	}
	text := first
	for range 10 { // one fix after the other, as by key
		f := firstFix(p.foretold("", session.Sketch{}, session.Edit{Text: text}).Draft.Findings)
		if f == nil {
			break
		}
		text = f.Apply(text)
	}
	const mended = `FROM ubuntu
RUN apt-get update && apt-get install -y python3 python3-pip
RUN pip install flask \
    && rm -rf /var/lib/apt/lists/*
COPY . /opt/source-code
ENV FLASK_APP=/opt/source-code/app.py
ENTRYPOINT ["flask", "run"]
`
	if diff := cmp.Diff(mended, text); diff != "" {
		t.Errorf("all fixes applied (-want +got):\n%s", diff)
	}
}

func firstFix(all []check.Finding) *check.Fix {
	for _, f := range all {
		if f.Fix != nil {
			return f.Fix
		}
	}
	return nil
}

func TestSavingKeepsTheModeAndLosesNothing(t *testing.T) {
	t.Parallel()
	p := newProject(t, "Dockerfile", "FROM a\n")
	path := filepath.Join(p.dir, "Dockerfile")
	if err := os.Chmod(path, 0o600); err != nil {
		t.Fatal(err)
	}
	p.foretold("", session.Sketch{}, session.Edit{Text: "FROM b\n"}, session.Save{})
	b, err := os.ReadFile(path)
	i, _ := os.Stat(path)
	if err != nil || string(b) != "FROM b\n" || i.Mode().Perm() != 0o600 {
		t.Errorf("saved %q, mode %v, %v; want the text and mode 0600", b, i.Mode(), err)
	}
	left, _ := os.ReadDir(p.dir)
	if len(left) != 1 {
		t.Errorf("%d files are left, want the Dockerfile alone", len(left))
	}
}

func TestAFileThatIsOnlyForetoldIsReadFromTheContext(t *testing.T) {
	t.Parallel()
	p := newProject(t, "Dockerfile", "FROM ubuntu:24.04\nRUN apt-get update\nCOPY new.txt /opt/\n", "new.txt", "hello from the context")
	s := p.foretold("demo:", session.Sketch{Path: filepath.Join(p.dir, "Dockerfile")},
		session.Stand{Line: 3}, session.Show{View: session.Coming}, session.Peek{Path: "/opt/new.txt"})
	if s.File == nil || string(s.File.After) != "hello from the context" {
		t.Errorf("file = %+v, want the context's content", s.File)
	}
}

// BenchmarkKey is what one key in a Dockerfile costs from the text to the
// forecast, over a context of so many files that is known: within the command of
// a RUN, and where a line comes in, which is converted anew.
func BenchmarkKey(b *testing.B) {
	edits := []struct {
		name string
		edit func(text string, i int) string
	}{
		{"run", func(text string, i int) string { return text + fmt.Sprintf("RUN echo %d\n", i) }},
		{"line", func(text string, i int) string { return text + strings.Repeat("ENV A=b\n", 1+i%2) }},
	}
	for _, lines := range []int{50, 200, 500, 2000} {
		for _, files := range []int{10_000, 100_000} {
			if lines != 200 && files > 10_000 {
				continue
			}
			s, e := warm(b, lines, files)
			for _, k := range edits {
				b.Run(fmt.Sprintf("%s/lines=%d/files=%d", k.name, lines, files), func(b *testing.B) {
					s, text := s, s.Draft.Text
					var took []time.Duration
					b.ReportAllocs()
					for i := 0; b.Loop(); i++ {
						began := time.Now()
						var rs []session.Request
						s, rs = s.Update(session.Edit{Text: k.edit(text, i)})
						s = session.Settle(b.Context(), s, rs, e.Do)
						took = append(took, time.Since(began))
					}
					slices.Sort(took)
					b.ReportMetric(float64(took[len(took)*99/100].Microseconds())/1000, "p99-ms")
				})
			}
		}
	}
}

// warm is a session with an image, a Dockerfile and a context that were read.
func warm(b *testing.B, lines, files int) (session.State, *layers.Engine) {
	p := newProject(b, "Dockerfile", long(lines))
	for i := range files {
		p.write(fmt.Sprintf("src/%d/%d.go", i/100, i), fmt.Sprint(i))
	}
	e := layers.New(layers.Options{})
	b.Cleanup(func() { e.Close() })
	s, rs := session.Start(session.Open{Ref: "demo:"})
	s, more := s.Sketch(session.Sketch{Dir: p.dir, Path: filepath.Join(p.dir, "Dockerfile")})
	return session.Settle(b.Context(), s, append(more, rs...), e.Do), e
}

// long is a Dockerfile as people write them: commands over several lines, with
// comments and blank lines between; 200 lines are 100 instructions and 60 layers.
func long(lines int) string {
	var b strings.Builder
	b.WriteString("FROM ubuntu:24.04\nCOPY src /src\n")
	for i := 10; i < lines; i += 10 {
		fmt.Fprintf(&b, `
# what step %[1]d is for
RUN make step%[1]d \
    OUT=/out/%[1]d \
 && make check
ENV STEP%[1]d=/out/%[1]d
COPY src/%[1]d /src/%[1]d/
RUN make -C /src/%[1]d install
LABEL step="%[1]d"
USER user%[1]d
`, i)
	}
	return b.String()
}
