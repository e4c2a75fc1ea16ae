package complete

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/moby/buildkit/frontend/dockerfile/instructions"
	"github.com/moby/buildkit/frontend/dockerfile/parser"

	"github.com/imgtui/imgtui/tui/highlight"
)

var env = Env{
	Stages: []string{"build", "base"}, Images: []string{"alpine:3"}, Args: []string{"VERSION", "VENDOR", "TARGET"},
	Paths: func(prefix string) []string {
		return slices.DeleteFunc([]string{"go.mod", "go.sum", "cmd/"}, func(p string) bool { return !strings.HasPrefix(p, prefix) })
	},
}

// at returns what may stand at the text's end.
func at(text string) List {
	lines := strings.Split(text, "\n")
	var s highlight.State
	for _, l := range lines[:len(lines)-1] {
		_, s = highlight.Line(s, l)
	}
	last := lines[len(lines)-1]
	return At(s, last, len(last), env)
}

func TestWhatMayStandThere(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ text, prefix, want string }{
		{"C", "C", "!CMD COPY"},
		{"from", "from", "FROM"},
		{"ONBUILD w", "w", "!WORKDIR"},
		{"COPY --", "--", "!--from= --chown= --chmod= --link --parents --exclude="},
		{"COPY --link --from=x --c", "--c", "!--chown= --chmod="},
		{"COPY --from=", "", "!build base alpine:3"},
		{"COPY --from=b", "b", "!build base"},
		{"COPY --from=build ", "", ""},
		{"COPY go.", "go.", "go.mod go.sum"},
		{"COPY [\"go.", "go.", "go.mod go.sum"},
		{"COPY a --", "--", ""},
		{"FROM b", "b", "build base"},
		{"FROM --platform=$B", "B", ""},
		{"FROM --platform=linux/a", "linux/a", "!linux/amd64 linux/arm64"},
		{"FROM alpine ", "", "AS"},
		{"FROM alpine AS x ", "", ""},
		{"RUN --mount=", "", "!type= target= source= from= rw"},
		{"RUN --mount=type=", "", "!bind cache secret ssh tmpfs"},
		{"RUN --mount=type=cache,t", "t", "!target="},
		{"RUN --mount=type=cache,target=/x,sharing=", "", "!shared private locked"},
		{"RUN --mount=type=bind,from=b", "b", "!build base"},
		{"RUN --network=n", "n", "!none"},
		{"RUN --mount=type=ssh \\\n  --n", "--n", "!--network="},
		{"RUN apt --", "--", ""},
		{"RUN apt", "apt", ""},
		{"RUN a \\\n  R", "R", ""},
		{"RUN echo $VE", "VE", "VERSION VENDOR"},
		{"ENV A=x${T", "T", "TARGET"},
		{"HEALTHCHECK --interval=5s C", "C", "CMD"},
		{"HEALTHCHECK --re", "--re", "!--retries="},
		{"STOPSIGNAL sigi", "sigi", "SIGINT"},
		{"# fro", "", ""},
		{"RUN <<E\nfro", "", ""},
		{"LABEL --x", "--x", ""},
	} {
		l := at(c.text)
		var got []string
		for _, i := range l.Items {
			got = append(got, i.Text)
		}
		want, auto := strings.CutPrefix(c.want, "!")
		if d := cmp.Diff(strings.Fields(want), got); d != "" && (want != "" || len(got) > 0) {
			t.Errorf("at the end of %q (-want +got):\n%s", c.text, d)
		}
		if len(got) > 0 && l.Auto != auto {
			t.Errorf("at the end of %q: shown unasked %v, want %v", c.text, l.Auto, auto)
		}
		line := c.text[strings.LastIndexByte(c.text, '\n')+1:]
		if len(got) > 0 && line[l.From:] != c.prefix {
			t.Errorf("at the end of %q: replaces %q, want %q", c.text, line[l.From:], c.prefix)
		}
	}
}

func TestInTheMiddleOfALineOnlyWhatIsBeforeCounts(t *testing.T) {
	t.Parallel()
	line := "COPY --from=b /x /y"
	l := At(highlight.State{}, line, len("COPY --from=b"), env)
	if len(l.Items) != 2 || l.From != len("COPY --from=") {
		t.Errorf("got %+v, want build and base from column 12", l)
	}
}

// examples are instructions that take their flags.
var examples = map[string]string{
	"FROM": "FROM FLAG alpine", "RUN": "RUN FLAG x", "COPY": "COPY FLAG a /b/", "ADD": "ADD FLAG a /b/", "HEALTHCHECK": "HEALTHCHECK FLAG CMD x",
}

// fits are values that a flag's check takes.
var fits = map[string]string{
	"--mount=": "type=bind,target=/x", "--network=": "none", "--security=": "sandbox", "--device=": "vendor.com/class=name", "--chown=": "1:1", "--chmod=": "755",
	"--checksum=": "sha256:24454f830cdb571e2c4ad15481119c43b3cafd48dd869a9b2945d1036d1dc68d", "--keep-git-dir=": "true", "--unpack=": "true",
	"--interval=": "5s", "--timeout=": "5s", "--start-period=": "5s", "--start-interval=": "5s", "--retries=": "3", "--from=": "x", "--exclude=": "*.a", "--platform=": "linux/amd64",
}

func TestBuildKitTakesEveryFlag(t *testing.T) {
	t.Parallel()
	for name, flags := range Flags {
		for _, f := range flags {
			takes(t, strings.ReplaceAll(examples[name], "FLAG", f+fits[f]))
		}
	}
	for name := range examples {
		if len(Flags[name]) == 0 {
			t.Errorf("no flags for %s", name)
		}
	}
}

// mountFits are values that the keys of a mount take.
var mountFits = map[string]string{"target=": "/y", "source=": "/s", "from=": "x", "id=": "i", "sharing=": "locked", "mode=": "0600", "uid=": "1", "gid=": "1", "size=": "1m", "env=": "E", "required=": "true"}

func TestBuildKitTakesEveryKeyOfAMount(t *testing.T) {
	t.Parallel()
	for kind, keys := range Mounts {
		for _, k := range keys {
			extra := ""
			if kind != "ssh" && k != "target=" {
				extra = ",target=/x"
			}
			takes(t, "RUN --mount=type="+kind+","+k+mountFits[k]+extra+" true")
		}
	}
}

func takes(t *testing.T, line string) {
	t.Helper()
	parsed, err := parser.Parse(strings.NewReader("FROM scratch\n" + line + "\n"))
	if err != nil {
		t.Errorf("%s: %v", line, err)
		return
	}
	node := parsed.AST.Children[1]
	made, err := instructions.ParseInstruction(node)
	if err != nil {
		t.Errorf("%s: %v", line, err)
		return
	}
	if run, ok := made.(*instructions.RunCommand); ok {
		if err := run.Expand(func(s string) (string, error) { return s, nil }); err != nil {
			t.Errorf("%s: %v", line, err)
		}
	}
}
