package builder_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/imgtui/imgtui/layers/builder"
	"github.com/imgtui/imgtui/model"
	"github.com/imgtui/imgtui/model/dockerfile"
	"github.com/imgtui/imgtui/model/plan"
	"github.com/imgtui/imgtui/model/tree"
)

// files is a context of files with their contents; a path that ends with "/" is
// an empty directory, a content "-> x" a symlink to x.
func files(all map[string]string) *plan.Context {
	b := tree.NewBuilder(0)
	for path, content := range all {
		a := tree.Attr{Kind: tree.File, Mode: 0o644, Size: int64(len(content))}
		target, link := strings.CutPrefix(content, "-> ")
		switch {
		case link:
			a = tree.Attr{Kind: tree.Symlink, Mode: 0o777, Link: target}
		case strings.HasSuffix(path, "/"):
			a = tree.Attr{Kind: tree.Dir, Mode: 0o755}
		}
		sum := uint64(len(content))
		for _, c := range content {
			sum = sum*31 + uint64(c)
		}
		b.Add(tree.Entry{Path: path, Attr: a, Content: sum})
	}
	return &plan.Context{Root: b.Layer().Root}
}

func convert(t testing.TB, job builder.Job) *plan.Graph {
	t.Helper()
	g, err := builder.Convert(t.Context(), job)
	if err != nil {
		t.Fatalf("convert %q: %v", job.Text, err)
	}
	return g
}

// keysByLine maps the first line of each operation to its key.
func keysByLine(g *plan.Graph) map[int]plan.Key {
	all := map[int]plan.Key{}
	for _, o := range g.Ops {
		for _, r := range o.Lines {
			all[r.First] = o.Key
		}
	}
	return all
}

func TestConversionIsTheSameEachTime(t *testing.T) {
	t.Parallel()
	for name, s := range scenarios {
		job := builder.Job{Text: strings.NewReplacer("{{base}}", "base", "{{server}}", "http://example.com").Replace(s.text), Context: files(s.files), Args: s.args}
		first := convert(t, job)
		for range 3 {
			if diff := cmp.Diff(keysByLine(first), keysByLine(convert(t, job))); diff != "" {
				t.Errorf("%s: converted twice (-first +then):\n%s", name, diff)
			}
		}
	}
}

func TestMemoryChangesNoKey(t *testing.T) {
	t.Parallel()
	memory := &builder.Memory{}
	for round := range 2 {
		for name, s := range scenarios {
			job := builder.Job{Text: strings.NewReplacer("{{base}}", "base", "{{server}}", "http://example.com").Replace(s.text), Context: files(s.files), Args: s.args}
			plain := convert(t, job)
			job.Memory = memory
			if diff := cmp.Diff(keysByLine(plain), keysByLine(convert(t, job))); diff != "" {
				t.Errorf("%s, round %d: (-without memory +with):\n%s", name, round, diff)
			}
		}
	}
}

func TestUnknownBaseIsSaid(t *testing.T) {
	t.Parallel()
	known := func(name, full string, p model.Platform) (builder.Image, bool) {
		if name != "known" || full != "docker.io/library/known:latest" {
			return builder.Image{}, false
		}
		return builder.Image{Config: []byte(`{"os":"linux","architecture":"amd64","config":{"Env":["A=1"],"User":"me"},"rootfs":{"type":"layers","diff_ids":["sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"]}}`)}, true
	}
	g := convert(t, builder.Job{Text: "FROM known\nCOPY --from=other:2 /x /x\nRUN --mount=type=bind,from=mounted,target=/m true\n", Base: known})
	want := []string{"docker.io/library/mounted:latest", "docker.io/library/other:2"}
	if diff := cmp.Diff(want, g.Unknown); diff != "" {
		t.Errorf("unknown bases (-want +got):\n%s", diff)
	}
	if g.Config.User != "me" {
		t.Errorf("user %q, want that of the base", g.Config.User)
	}
}

func TestFaultsKnowTheirLine(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		text string
		want dockerfile.Error
	}{
		{"FROM scratch\n\nCOPPY a b\n", dockerfile.Error{Line: 3, Text: "unknown instruction: COPPY", Hint: "did you mean COPY?"}},
		{"FROM scratch\nCOPY --form=x a b\n", dockerfile.Error{Line: 2, Text: "unknown flag: --form", Hint: "did you mean from?"}},
		{"FROM scratch AS a\nFROM scratch\nCOPY --from=5 x y\n", dockerfile.Error{Text: "invalid stage index 5"}},
		{"", dockerfile.Error{Text: "the Dockerfile cannot be empty"}},
	} {
		_, err := builder.Convert(t.Context(), builder.Job{Text: c.text})
		var got *dockerfile.Error
		if !errors.As(err, &got) {
			t.Errorf("convert %q: %v, want a fault in the text", c.text, err)
			continue
		}
		if diff := cmp.Diff(c.want, *got); diff != "" {
			t.Errorf("convert %q (-want +got):\n%s", c.text, diff)
		}
	}
}

func TestWarningsOfTheLinterComeWithTheirLine(t *testing.T) {
	t.Parallel()
	g := convert(t, builder.Job{Text: "# syntax=example.com/own:1\nFROM scratch as x\nMAINTAINER me\nENV A 1\n"})
	type short struct {
		Rule string
		Line int
	}
	var got []short
	for _, w := range g.Warnings {
		if w.Text == "" {
			t.Errorf("warning without text: %+v", w)
		}
		got = append(got, short{w.Rule, w.Line})
	}
	want := []short{{"", 1}, {"FromAsCasing", 2}, {"MaintainerDeprecated", 3}, {"LegacyKeyValueFormat", 4}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("warnings (-want +got):\n%s", diff)
	}
}

func TestBuiltInSyntaxIsNoWarning(t *testing.T) {
	t.Parallel()
	for _, syntax := range []string{"docker/dockerfile:1", "docker/dockerfile", "docker.io/docker/dockerfile:1.7-labs", "docker/dockerfile@sha256:abc"} {
		if g := convert(t, builder.Job{Text: "# syntax=" + syntax + "\nFROM scratch\n"}); len(g.Warnings) > 0 {
			t.Errorf("syntax %s: %v, want no warning", syntax, g.Warnings)
		}
	}
}

func TestConfigIsWhatTheImageWillHave(t *testing.T) {
	t.Parallel()
	g := convert(t, builder.Job{
		Text: "FROM scratch\nARG V=1\nENV A=${V} B=2\nLABEL l=$A\nWORKDIR /w\nUSER u\nEXPOSE 80\nVOLUME /v\nSTOPSIGNAL SIGINT\nSHELL [\"/s\"]\nONBUILD RUN x\nHEALTHCHECK CMD true\nENTRYPOINT [\"e\"]\nCMD c\n",
		Args: map[string]string{"V": "9"}, Platform: model.Platform{OS: "linux", Architecture: "arm64"},
	})
	want := model.Config{
		Entrypoint: []string{"e"}, Cmd: []string{"/s", "c"}, Env: []string{"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "A=9", "B=2"},
		User: "u", WorkingDir: "/w", ExposedPorts: []string{"80/tcp"}, Volumes: []string{"/v"}, Labels: map[string]string{"l": "9"},
		StopSignal: "SIGINT", Shell: []string{"/s"}, OnBuild: []string{"RUN x"}, Healthcheck: []string{"CMD-SHELL", "true"},
	}
	if diff := cmp.Diff(want, g.Config); diff != "" {
		t.Errorf("config (-want +got):\n%s", diff)
	}
}

// pickedBy returns the paths that the last line of a Dockerfile takes.
func pickedBy(t *testing.T, line string, context *plan.Context) (paths, missing []string) {
	t.Helper()
	g := convert(t, builder.Job{Text: "FROM scratch\n" + line + "\n", Context: context})
	for _, o := range g.Ops {
		for _, p := range o.Picked {
			at := p.Path
			if p.Whole && p.Node.Kind == tree.Dir {
				at += "/…"
			}
			paths = append(paths, at)
		}
		missing = append(missing, o.Missing...)
	}
	return paths, missing
}

func TestCopyTakesWhatBuildKitTakes(t *testing.T) {
	t.Parallel()
	context := files(map[string]string{
		"a.txt": "a", "b.txt": "b", "c.md": "c", "d/x.go": "x", "d/y.md": "y", "d/deep/z.go": "z", "e/deep/z.go": "z", "empty/": "",
		"link": "-> d/x.go", "dirlink": "-> d", "abs": "-> /d/deep", "up": "-> ../../a.txt", "dangling": "-> nowhere", "loop": "-> loop", "[x]": "odd",
	})
	for _, c := range []struct{ line, want, missing string }{
		{line: "COPY a.txt /", want: "/a.txt"},
		{line: "COPY ./d/../a.txt /", want: "/a.txt"},
		{line: "COPY ../../a.txt /", want: "/a.txt"},
		{line: "COPY . /", want: "//…"},
		{line: "COPY d /", want: "/d/…"},
		{line: "COPY *.txt /", want: "/a.txt /b.txt"},
		{line: "COPY ?.[tm]* /", want: "/a.txt /b.txt /c.md"},
		{line: "COPY */deep /", want: "/d/deep/… /e/deep/…"},
		{line: "COPY dirlink/*.go /", want: "/d/x.go"},
		{line: "COPY *.none /", want: ""},
		{line: `COPY \[x\] /`, want: ""},
		{line: "COPY [[]x] /", want: "/[x]"},
		{line: "COPY link /", want: "/d/x.go"},
		{line: "COPY dirlink /", want: "/d/…"},
		{line: "COPY abs/z.go /", want: "/d/deep/z.go"},
		{line: "COPY up /", want: "/a.txt"},
		{line: "COPY dangling /", missing: "/dangling"},
		{line: "COPY loop /", missing: "/loop"},
		{line: "COPY a.txt nothing /x/", want: "/a.txt", missing: "/nothing"},
		{line: "COPY --exclude=*.md d /", want: "/d /d/deep /d/deep/z.go /d/x.go"},
		{line: "COPY --exclude=**/*.go d /", want: "/d /d/deep /d/y.md"},
		{line: "COPY --parents */deep/*.go /", want: "/d /d/deep /d/deep/z.go /e /e/deep /e/deep/z.go"},
		{line: "COPY --parents d/./deep/z.go /", want: "/d /d/deep /d/deep/z.go"},
		{line: "COPY --parents none/none /", missing: "/none/none"},
		{line: "ADD b.txt /", want: "/b.txt"},
	} {
		paths, missing := pickedBy(t, c.line, context)
		if got := strings.Join(paths, " "); got != c.want {
			t.Errorf("%s: takes %q, want %q", c.line, got, c.want)
		}
		if got := strings.Join(missing, " "); got != c.missing {
			t.Errorf("%s: misses %q, want %q", c.line, got, c.missing)
		}
	}
}

func TestBindMountTakesWhatItShows(t *testing.T) {
	t.Parallel()
	context := files(map[string]string{"d/x": "x", "e": "e"})
	for _, c := range []struct{ mount, want string }{
		{"type=bind,source=d,target=/m", "/d/…"},
		{"type=bind,target=/m", "//…"},
		{"type=bind,source=e,target=/m,rw", "/e"},
		{"type=cache,target=/m", ""},
		{"type=tmpfs,target=/m", ""},
		{"type=secret,id=s,target=/m", ""},
	} {
		paths, _ := pickedBy(t, "RUN --mount="+c.mount+" true", context)
		if got := strings.Join(paths, " "); got != c.want {
			t.Errorf("--mount=%s: takes %q, want %q", c.mount, got, c.want)
		}
	}
}

// TestWhatCountsInAContext changes one thing of a context and asks whether a
// COPY of its directory has another key.
func TestWhatCountsInAContext(t *testing.T) {
	t.Parallel()
	attr := tree.Attr{Kind: tree.File, Mode: 0o644, Size: 1}
	key := func(a tree.Attr, content uint64) plan.Key {
		b := tree.NewBuilder(0)
		b.Add(tree.Entry{Path: "d/f", Attr: a, Content: content})
		g := convert(t, builder.Job{Text: "FROM scratch\nCOPY d /\n", Context: &plan.Context{Root: b.Layer().Root}})
		return g.Ops[0].Key
	}
	first := key(attr, 7)
	for _, c := range []struct {
		what    string
		change  func(*tree.Attr)
		content uint64
		counts  bool
	}{
		{"nothing", func(*tree.Attr) {}, 7, false},
		{"time", func(a *tree.Attr) { a.ModTime = 99 }, 7, false},
		{"owner", func(a *tree.Attr) { a.UID, a.GID = 5, 5 }, 7, false},
		{"mode", func(a *tree.Attr) { a.Mode = 0o755 }, 7, true},
		{"content", func(*tree.Attr) {}, 8, true},
		{"kind", func(a *tree.Attr) { a.Kind, a.Link = tree.Symlink, "x" }, 0, true},
	} {
		a := attr
		c.change(&a)
		if got := key(a, c.content) != first; got != c.counts {
			t.Errorf("another %s: key differs %t, want %t", c.what, got, c.counts)
		}
	}
}

func TestNamedContextIsAContext(t *testing.T) {
	t.Parallel()
	job := builder.Job{
		Text: "FROM scratch\nCOPY --from=shared x /\nCOPY x /\n", Context: files(map[string]string{"x": "main"}),
		Named: map[string]*plan.Context{"shared": files(map[string]string{"x": "one"})},
	}
	before := keysByLine(convert(t, job))
	job.Named["shared"] = files(map[string]string{"x": "two"})
	g := convert(t, job)
	if after := keysByLine(g); before[2] == after[2] {
		t.Error("line 2 has the same key with another file in the named context")
	}
	if len(g.Unknown) > 0 {
		t.Errorf("unknown bases %v, want none", g.Unknown)
	}
}

func TestPlatformCounts(t *testing.T) {
	t.Parallel()
	text := "FROM base\nRUN true\n"
	a := convert(t, builder.Job{Text: text, Platform: model.Platform{OS: "linux", Architecture: "amd64"}})
	b := convert(t, builder.Job{Text: text, Platform: model.Platform{OS: "linux", Architecture: "arm64"}})
	for line, key := range keysByLine(a) {
		if keysByLine(b)[line] == key {
			t.Errorf("line %d has the same key for amd64 and arm64", line)
		}
	}
}

func TestCancelledConversionEnds(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := builder.Convert(ctx, builder.Job{Text: "FROM scratch\nCOPY x /\n"}); !errors.Is(err, ctx.Err()) {
		t.Errorf("convert with a cancelled context: %v, want %v", err, ctx.Err())
	}
}

// long is a Dockerfile of that many lines, in stages of at most 200.
func long(lines int) string {
	var b strings.Builder
	for i := range lines {
		switch {
		case i%200 == 0:
			fmt.Fprintf(&b, "FROM base AS stage%d\n", i)
		case i%200 == 1 && i > 1:
			fmt.Fprintf(&b, "COPY --from=stage%d /usr/local /usr/local\n", i-201)
		case i%20 == 0:
			fmt.Fprintf(&b, "ENV NAME%d=value%d\n", i, i)
		case i%10 == 3:
			fmt.Fprintf(&b, "COPY src/dir%d /dst/dir%d\n", i%100, i)
		case i%10 == 5:
			fmt.Fprintf(&b, "# a comment about line %d\n", i)
		case i%10 == 7:
			fmt.Fprintf(&b, "LABEL label%d=\"value %d\"\n", i, i)
		case i%10 > 7:
			b.WriteString("\n")
		default:
			fmt.Fprintf(&b, "RUN make step%d && install -m 755 step%d /usr/local/bin\n", i, i)
		}
	}
	return b.String()
}

// many is a context of about n files.
func many(n int) *plan.Context {
	b := tree.NewBuilder(0)
	for i := range n {
		path := fmt.Sprintf("src/dir%d/sub%d/file%d.go", i%100, i/100%10, i)
		b.Add(tree.Entry{Path: path, Attr: tree.Attr{Kind: tree.File, Mode: 0o644, Size: int64(i)}, Content: uint64(i)})
	}
	return &plan.Context{Root: b.Layer().Root, Files: n}
}

func TestAPastedMegabyteIsNotConverted(t *testing.T) {
	t.Parallel()
	text := "FROM a\n" + strings.Repeat("RUN x\n", 1<<17)
	var fault *dockerfile.Error
	if _, err := builder.Convert(t.Context(), builder.Job{Text: text, File: parse(t, text)}); !errors.As(err, &fault) || fault.Line != 3001 {
		t.Errorf("got %v, want a fault on line 3001", err)
	}
}
