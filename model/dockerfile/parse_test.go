package dockerfile

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func parse(t *testing.T, text string) *File {
	t.Helper()
	f, err := Parse(text)
	if err != nil {
		t.Fatalf("Parse(%q): %v", text, err)
	}
	return f
}

func TestInstructionsKnowTheirLines(t *testing.T) {
	t.Parallel()
	f := parse(t, `# syntax=docker/dockerfile:1
# escape=\

# a comment
FROM --platform=$BUILDPLATFORM golang:1.26 AS Build

RUN --mount=type=cache,target=/root/.cache \
  # within
  go build \

  -o /app .
COPY <<-EOF <<'B' /etc/
	a $x

EOF
# in B
B
ONBUILD COPY --chown=1:2 ["a b", "/c"]
ENV A=1 B="two words" C=\ d
ENV OLD value with spaces
LABEL a.b="c" d='e'
FROM build
CMD ["run", "it"]
EXPOSE 80/tcp 443
`)
	want := []Instruction{
		{Name: "FROM", Flags: []string{"--platform=$BUILDPLATFORM"}, Args: "golang:1.26 AS Build", Words: []string{"golang:1.26", "AS", "Build"}, Line: 5, Last: 5},
		{Name: "RUN", Flags: []string{"--mount=type=cache,target=/root/.cache"}, Args: "go build   -o /app .", Words: []string{"go build   -o /app ."}, Line: 7, Last: 11},
		{
			Name: "COPY", Args: "<<-EOF <<'B' /etc/", Words: []string{"<<-EOF", "<<'B'", "/etc/"}, Line: 12, Last: 17,
			Heredocs: []Heredoc{{"EOF", "\ta $x\n\n", true, true}, {"B", "# in B\n", false, false}},
		},
		{
			Name: "ONBUILD", Args: `COPY --chown=1:2 ["a b", "/c"]`, Words: []string{"COPY", "a b", "/c"}, Line: 18, Last: 18,
			Trigger: &Instruction{Name: "COPY", Flags: []string{"--chown=1:2"}, Args: `["a b", "/c"]`, Words: []string{"a b", "/c"}, JSON: true, Line: 18, Last: 18},
		},
		{Name: "ENV", Args: `A=1 B="two words" C=\ d`, Words: []string{"A=1", `B="two words"`, `C=\ d`}, Line: 19, Last: 19},
		{Name: "ENV", Args: "OLD value with spaces", Words: []string{"OLD=value with spaces"}, Line: 20, Last: 20},
		{Name: "LABEL", Args: `a.b="c" d='e'`, Words: []string{`a.b="c"`, `d='e'`}, Line: 21, Last: 21},
		{Name: "FROM", Args: "build", Words: []string{"build"}, Line: 22, Last: 22, Stage: 1},
		{Name: "CMD", Args: `["run", "it"]`, Words: []string{"run", "it"}, JSON: true, Line: 23, Last: 23, Stage: 1},
		{Name: "EXPOSE", Args: "80/tcp 443", Words: []string{"80/tcp", "443"}, Line: 24, Last: 24, Stage: 1},
	}
	if diff := cmp.Diff(want, withoutBytes(f.Instructions), cmpFlags); diff != "" {
		t.Errorf("instructions (-want +got):\n%s", diff)
	}
	stages := []Stage{{"Build", "golang:1.26", "$BUILDPLATFORM", 0, 6}, {"", "build", "", 7, 9}}
	if diff := cmp.Diff(stages, f.Stages); diff != "" {
		t.Errorf("stages (-want +got):\n%s", diff)
	}
	directives := []Directive{{"syntax", "docker/dockerfile:1", 1}, {"escape", `\`, 2}}
	if diff := cmp.Diff(directives, f.Directives); diff != "" {
		t.Errorf("directives (-want +got):\n%s", diff)
	}
}

// cmpFlags takes no flags and an empty list of them for the same.
var cmpFlags = cmp.Transformer("list", func(s []string) string { return strings.Join(s, "\x00") })

// withoutBytes leaves out where instructions stand in the text, which
// [TestPiecesAreTheText] is about.
func withoutBytes(all []Instruction) []Instruction {
	all = append([]Instruction{}, all...)
	for n := range all {
		all[n].Start, all[n].End = 0, 0
		if t := all[n].Trigger; t != nil {
			copied := *t
			copied.Start, copied.End = 0, 0
			all[n].Trigger = &copied
		}
	}
	return all
}

func TestBlankLinesAtTheEndBelongToNobody(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		text        string
		line, last  int
		instruction int
	}{
		{"FROM a\nRUN b \\\n\n\n", 2, 2, 1},
		{"FROM a\nRUN b \\\n# c\n \n", 2, 2, 1},
		{"FROM a\nRUN b \\\n# c\n d\n\n", 2, 4, 1},
		{"\ufeffFROM a\n\n", 1, 1, 0},
		{"\n\n  FROM a", 3, 3, 0},
		{"FROM a\nRUN <<E\n\n#\nE\n\n", 2, 5, 1},
		{"FROM a\r\nRUN b \\\r\n  c\r\n\r\n", 2, 3, 1},
		{"# escape=`\nFROM a\nRUN b ` \n c\\\n", 3, 4, 1},
		{"FROM a\nRUN b \\\nFROM c \\", 2, 3, 1},
	} {
		i := parse(t, c.text).Instructions[c.instruction]
		if i.Line != c.line || i.Last != c.last {
			t.Errorf("%q: got lines %d to %d, want %d to %d", c.text, i.Line, i.Last, c.line, c.last)
		}
	}
}

func TestFaultsSayLineAndHint(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("x", 70_000)
	for _, c := range []struct {
		text string
		want Error
	}{
		{"", Error{0, "no instruction in it", "begin with FROM, as in FROM alpine:3"}},
		{"# only\n\n", Error{0, "no instruction in it", "begin with FROM, as in FROM alpine:3"}},
		{"ARG A\n", Error{0, "no FROM in it", "name the image to build on, as in FROM alpine:3"}},
		{"RUN a\nFROM b", Error{1, "RUN stands before the first FROM", "begin with FROM, as in FROM alpine:3"}},
		{"FROM a\nCOYP b c", Error{2, "unknown instruction: COYP", "did you mean COPY?"}},
		{"FROM a\nCOPPY b c", Error{2, "unknown instruction: COPPY", "did you mean COPY?"}},
		{"FROM a\napt-get update", Error{2, "unknown instruction: apt-get", ""}},
		{"FROM a\nRNU b", Error{2, "unknown instruction: RNU", "did you mean RUN?"}},
		{"FROM a\nCOPY b", Error{2, "COPY requires at least two arguments, but only one was provided. Destination could not be determined", "write COPY SOURCE… TARGET"}},
		{"FROM a\nCOPY --form=b c d", Error{2, "unknown flag: --form", "did you mean from?"}},
		{"FROM a\nENV b", Error{2, "ENV must have two arguments", "write ENV NAME=value"}},
		{"FROM a\nENV b=c d", Error{2, `Syntax error - can't find = in "d". Must be of the form: name=value`, "write ENV NAME=value"}},
		{"FROM a\nRUN <<E cat\nb\n", Error{2, "heredoc is not ended", "write E alone on the line behind it"}},
		{"FROM a b", Error{1, "FROM requires either one or three arguments", "write FROM IMAGE or FROM IMAGE AS NAME"}},
		{"FROM", Error{1, "FROM requires either one or three arguments", "write FROM IMAGE or FROM IMAGE AS NAME"}},
		{"FROM a\nSHELL sh", Error{2, `SHELL requires the arguments to be in JSON form`, `write SHELL ["program", "argument"]`}},
		{"FROM a\nCMD [1]", Error{2, "when using JSON array syntax, arrays must be comprised of strings only", `write CMD ["program", "argument"]`}},
		{"FROM a\nHEALTHCHECK --interval=x CMD b", Error{2, `time: invalid duration "x"`, "write HEALTHCHECK CMD command, or HEALTHCHECK NONE"}},
		{"# escape=x\nFROM a", Error{1, "escape is x", "it can be \\ or `"}},
		{"# syntax=a\n# syntax=b\nFROM a", Error{2, "only one syntax parser directive can be used", ""}},
		{"FROM a\nRUN " + long, Error{2, "longer than 65,535 bytes", "break the line with a \\ at its end"}},
		{strings.Repeat("#\n", Largest), Error{0, "longer than 1 MB", "a Dockerfile holds instructions; bring data in with COPY"}},
	} {
		_, err := Parse(c.text)
		got, ok := err.(*Error)
		if !ok {
			t.Errorf("%.40q: got %v, want %v", c.text, err, c.want)
			continue
		}
		if diff := cmp.Diff(c.want, *got); diff != "" {
			t.Errorf("%.40q (-want +got):\n%s", c.text, diff)
		}
	}
}

func TestFaultyTextGivesTheRest(t *testing.T) {
	t.Parallel()
	f, err := Parse("# escape=`\nFROM a\nENV b\nRUN c `\n d\nCOYP e f\nLABEL `\n  g\nUSER h\nRUN <<X\n")
	if err == nil {
		t.Fatal("no error")
	}
	want := []Instruction{
		{Name: "FROM", Args: "a", Words: []string{"a"}, Line: 2, Last: 2},
		{Name: "ENV", Args: "b", Line: 3, Last: 3},
		{Name: "RUN", Args: "c  d", Words: []string{"c  d"}, Line: 4, Last: 5},
		{Name: "COYP", Args: "e f", Line: 6, Last: 6},
		{Name: "LABEL", Line: 7, Last: 8},
		{Name: "USER", Args: "h", Words: []string{"h"}, Line: 9, Last: 9},
		{Name: "RUN", Args: "<<X", Line: 10, Last: 10},
	}
	if diff := cmp.Diff(want, withoutBytes(f.Instructions), cmpFlags); diff != "" {
		t.Errorf("instructions (-want +got):\n%s", diff)
	}
	var got []int
	for _, e := range f.Faults {
		got = append(got, e.Line)
	}
	if diff := cmp.Diff([]int{3, 6, 7, 10}, got); diff != "" {
		t.Errorf("lines of faults (-want +got):\n%s", diff)
	}
}
