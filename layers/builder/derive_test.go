package builder

import (
	"context"
	"flag"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/moby/buildkit/client/llb"
	"github.com/moby/buildkit/frontend/dockerfile/dockerfile2llb"
	"github.com/opencontainers/go-digest"

	"github.com/imgtui/imgtui/model"
	"github.com/imgtui/imgtui/model/dockerfile"
	"github.com/imgtui/imgtui/model/plan"
	"github.com/imgtui/imgtui/model/tree"
)

var derivable = []string{
	`# syntax=docker/dockerfile:1
# a comment
FROM alpine:3 AS tools
ENV MODE=fast HOME=/root
ARG VERSION=1
RUN apk add make
RUN apk add make && \
    # why
    make VERSION=$VERSION "$MODE"

# between
RUN echo upper
WORKDIR src
COPY . .

FROM alpine:3
RUN apk add make
RUN --mount=type=bind,from=tools,target=/t make
COPY --from=tools --link /usr /usr
RUN echo ${HOME:-x} \
  && ls \$HOME 'a b'
LABEL a=$MODE
RUN ["exec", "form"]
RUN <<EOF
heredoc
EOF
RUN echo one
RUN echo one
CMD last
`,
	`FROM golang:1 AS a
RUN go build
FROM golang:1 AS b
RUN go build
FROM scratch AS unused
RUN never
FROM b
ENV X=1 X=2
RUN go test  $X $UNSET
COPY --from=a /x /y
RUN done
`,
	"FROM a\nRUN  two  spaces \nRUN a \\\n\n b\nMAINTAINER me\n# c\nRUN end",
	"# escape=`\nFROM a\nSHELL [\"cmd\", \"/c\"]\nRUN dir `\n  c:\\x\nRUN echo %X%\n",
}

// bits are what is typed: what a shell, BuildKit's lexer or its linter minds.
var bits = []string{
	"a", " ", "x y", "$MODE", "${HOME}", "$UNSET", "$PATH", "'", "\"", "\\", "\\\n ", "\n", "\n\n", "# c\n", "\n# check=skip=all\n",
	"<<E", "&& ls", "--mount=type=cache,target=/c ", "[", "`", "RUN echo one\n", "COPY a b\n", "\t", "é",
}

// TestADerivedGraphIsTheConvertedOne: whatever is typed, a job derived from the
// one before says what BuildKit would say of the whole text.
func TestADerivedGraphIsTheConvertedOne(t *testing.T) {
	t.Parallel()
	texts := derivable
	for _, path := range must(filepath.Glob("../../model/dockerfile/testdata/*.*")) {
		texts = append(texts, string(must(os.ReadFile(path))))
	}
	for i, text := range texts {
		t.Run(fmt.Sprint(i), func(t *testing.T) {
			t.Parallel()
			derived := 0
			typed(t, text, rand.New(rand.NewPCG(1, uint64(i))), 100, func(_, _ *dockerfile.File, ok bool) {
				if ok {
					derived++
				}
			})
			if i < len(derivable) && derived < 40 {
				t.Errorf("%d of 100 edits were derived, want a good part", derived)
			}
		})
	}
}

var seed = flag.Uint64("edits", 2, "the seed of the edits that are made")

// rows are instructions of each kind, some of which a base image or another stage
// has a word in.
var rows = []string{
	"RUN make", "RUN make $A", "RUN make \\\n  ${B:-b} 'c'", "RUN [\"make\", \"all\"]", "RUN [\"make\", \"$A\"]", "RUN make $PATH", "RUN\tset $A", "RUN\tset", "run make", "RUN make all",
	"RUN --mount=type=cache,target=/c make", "RUN --mount=type=cache,target=c make", "RUN --mount=type=cache,id=$A,target=/c make",
	"RUN --mount=type=bind,target=/ctx make", "RUN --mount=type=bind,from=one,target=/t make", "RUN --mount=type=bind,from=tools,target=/t make",
	"RUN --mount=type=secret,id=s,env=A make $A", "RUN --mount=type=ssh make", "RUN --mount=type=tmpfs,target=/t make", "RUN --network=none make",
	"RUN --security=insecure make", "RUN --mount=type=cache,target=/c,uid=7 make", "RUN --mount=type=bind,source=src,target=src make",
	"RUN <<E\nmake $A\nE", "RUN <<E\n#!/bin/x\nmake\nE", "RUN cat <<E <<F\na\nE\nb\nF",
	"COPY src /dst", "COPY src dst", "COPY src .", "COPY src ./", "COPY $A dst/", "COPY src $A", "COPY src/dir1 src/dir2 to/", "COPY [\"src\", \"dst\"]",
	"COPY --link src dst", "COPY --link src /dst", "COPY --chown=1:2 src dst", "COPY --chown=app src dst", "COPY --chmod=0600 src/dir1/* dst/",
	"COPY --parents src/./dir1 dst/", "COPY --exclude=*.go src dst", "COPY --from=one / /from", "COPY --from=one / from", "COPY --from=0 /a /b", "COPY --from=tools:1 /a b",
	"COPY --link --from=one /x /y", "COPY <<E /doc\nhello $A\nE", "COPY <<E doc\nhello\nE", "ADD src dst", "ADD src/dir1 /dst", "ADD http://example.com/x dst", "ADD https://github.com/a/b.git /b",
	"LABEL a=b", "LABEL a=$A c=d", "LABEL a b", "LABEL \"x y\"=z", "ENV A=1", "ENV A=2 B=$A", "ENV A 3", "ENV WHERE=/w", "ENV PASSWORD=x", "ENV PATH=/p:$PATH", "ENV E=\"\"",
	"ARG A", "ARG A=4", "ARG B=$A", "ARG G", "ARG TARGETARCH", "WORKDIR /w", "WORKDIR w", "WORKDIR $WHERE", "WORKDIR /", "WORKDIR ${WHERE}/x",
	"USER app", "USER $A", "USER 1:2", "SHELL [\"/bin/sh\", \"-ec\"]", "SHELL [\"bash\", \"-c\"]", "CMD x", "CMD [\"x\", \"$A\"]", "CMD x $A", "ENTRYPOINT y", "ENTRYPOINT [\"y\"]",
	"EXPOSE 80", "EXPOSE $P", "EXPOSE 80/TCP 90", "VOLUME /v", "VOLUME [\"/v\", \"/u\"]", "STOPSIGNAL 9", "STOPSIGNAL SIGINT", "HEALTHCHECK CMD true", "HEALTHCHECK NONE",
	"HEALTHCHECK --interval=3s CMD x $A", "MAINTAINER me", "ONBUILD RUN x", "ONBUILD COPY a b", "ONBUILD ENV A=9", "ONBUILD WORKDIR on",
	"# why", "# check=skip=all", "", "# a", "# two is where", "# A what", "# syntax=c/d", "FROM base", "FROM base AS two", "FROM one", "FROM one AS three", "FROM two AS four", "FROM trigger", "FROM other:$G", "FROM scratch AS empty",
	"FROM --platform=linux/arm64 base", "FROM --platform=$BUILDPLATFORM base AS cross", "FROM other AS One", "FROM named AS n", "COPY --from=named src n", "RUN --mount=type=bind,from=named,target=/n make",
}

// images are base images that set something.
func images(name, _ string, _ model.Platform) (Image, bool) {
	body, ok := map[string]string{
		"base":    `{"os":"linux","architecture":"amd64","config":{"Env":["PATH=/b","P=90"],"WorkingDir":"/base","User":"u","Labels":{"l":"m"}},"rootfs":{"type":"layers","diff_ids":["sha256:` + strings.Repeat("1", 64) + `"]}}`,
		"trigger": `{"os":"linux","architecture":"amd64","config":{"OnBuild":["COPY src on/","RUN --mount=type=cache,target=/c onbuild $A"]},"rootfs":{"type":"layers","diff_ids":["sha256:` + strings.Repeat("2", 64) + `"]}}`,
	}[name]
	return Image{Config: []byte(body)}, ok
}

// written is a random Dockerfile.
func written(r *rand.Rand) string {
	var text strings.Builder
	text.WriteString([]string{"# syntax=docker/dockerfile:1\nARG G=1\nFROM base AS one\n", "FROM base AS one\n", "# check=skip=JSONArgsRecommended\nFROM alpine AS one\n", "ARG G\nFROM scratch AS one\n",
		"# check=experimental=all\n# one is what\nFROM base AS one\n", "# a comment\n\nFROM base AS one\n", "# syntax=a/b\n# why\nFROM base AS one\n"}[r.IntN(7)])
	for range 4 + r.IntN(12) {
		text.WriteString(rows[r.IntN(len(rows))] + "\n")
	}
	if r.IntN(3) > 0 {
		text.WriteString("FROM base\n")
	}
	for range 4 + r.IntN(12) {
		row := rows[r.IntN(len(rows))]
		for strings.HasPrefix(row, "FROM") && r.IntN(4) > 0 {
			row = rows[r.IntN(len(rows))]
		}
		text.WriteString(row + "\n")
	}
	return text.String()
}

// rewriting puts a row into a text, in place of another or not, takes one out, or
// moves one.
func rewriting(text string, r *rand.Rand) string {
	lines := strings.SplitAfter(text, "\n")
	at, row := r.IntN(len(lines)), rows[r.IntN(len(rows))]+"\n"
	switch r.IntN(6) {
	case 0:
		lines = slices.Delete(lines, at, at+1)
	case 1:
		other := r.IntN(len(lines))
		lines[at], lines[other] = lines[other], lines[at]
	case 2, 3:
		lines[at] = row
	default:
		lines = slices.Insert(lines, at, row)
	}
	return strings.Join(lines, "")
}

// TestEachKindOfEditIsDerived, and comes to what BuildKit makes of the whole text.
func TestEachKindOfEditIsDerived(t *testing.T) {
	t.Parallel()
	texts := 20
	if testing.Short() {
		texts = 5
	}
	var mu sync.Mutex
	tried, derived := map[string]int{}, map[string]int{}
	t.Run("texts", func(t *testing.T) {
		for i := range texts {
			t.Run(fmt.Sprint(i), func(t *testing.T) {
				t.Parallel()
				r := rand.New(rand.NewPCG(*seed, uint64(i)))
				first := written(r)
				for range 100 {
					if _, err := marshalled(t.Context(), Job{Text: first, Base: images}); err == nil {
						break
					}
					first = written(r)
				}
				typed(t, first, r, 40, func(was, now *dockerfile.File, ok bool) {
					mu.Lock()
					defer mu.Unlock()
					if was == nil {
						return
					}
					for k := range changed(was, now) {
						if tried[k]++; ok {
							derived[k]++
						}
					}
				})
			})
		}
	})
	t.Logf("tried %v", tried)
	t.Logf("derived %v", derived)
	for kind, n := range tried {
		if n > 20 && derived[kind]*2 < n {
			t.Errorf("of %d edits in %s %d were derived, want most", n, kind, derived[kind])
		}
	}
}

// TestEditsOfRealDockerfilesAreDerived reads the folder IMGTUI_TEST_DOCKERFILES:
// some of the files in it are edited as those above.
func TestEditsOfRealDockerfilesAreDerived(t *testing.T) {
	t.Parallel()
	dir := os.Getenv("IMGTUI_TEST_DOCKERFILES")
	if dir == "" {
		t.Skip("IMGTUI_TEST_DOCKERFILES names no folder of Dockerfiles")
	}
	r := rand.New(rand.NewPCG(*seed, 0))
	var paths []string
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err == nil && d.Type().IsRegular() {
			paths = append(paths, path)
		}
		return err
	})
	if err != nil || len(paths) == 0 {
		t.Fatalf("%d files: %v", len(paths), err)
	}
	edits, derived := 0, 0
	for range 200 {
		text := string(must(os.ReadFile(paths[r.IntN(len(paths))])))
		if _, err := marshalled(t.Context(), Job{Text: text, Base: images}); err != nil || text == "" {
			continue
		}
		typed(t, text, r, 10, func(was, _ *dockerfile.File, ok bool) {
			if was != nil {
				edits++
			}
			if was != nil && ok {
				derived++
			}
		})
	}
	t.Logf("%d of %d edits derived", derived, edits)
}

// changed returns the names of the instructions that only one of two texts has.
func changed(was, now *dockerfile.File) map[string]bool {
	count := map[string]int{}
	names := map[string]string{}
	for side, f := range []*dockerfile.File{was, now} {
		for i := range f.Instructions {
			count[f.Raw(i)] += 1 - 2*side
			names[f.Raw(i)] = f.Instructions[i].Name
		}
	}
	kinds := map[string]bool{}
	for raw, n := range count {
		if n != 0 {
			kinds[names[raw]] = true
		}
	}
	return kinds
}

// typed edits a text again and again, compares, and tells of each edit whether
// its graph was derived. Now and then it is the first text again.
func typed(t *testing.T, first string, r *rand.Rand, edits int, tell func(was, now *dockerfile.File, derived bool)) {
	m, context := &Memory{}, someFiles()
	of := Job{Memory: m, Base: images, Context: context, Named: map[string]*plan.Context{"named": context}}
	if target := []string{"", "", "one", "two"}[r.IntN(4)]; strings.Contains(first, "AS "+target+"\n") {
		of.Target = target
	}
	of.Args = []map[string]string{nil, nil, {"A": "given", "G": "2"}, {"HTTP_PROXY": "p", "A": "$B"}}[r.IntN(4)]
	of.Platform = []model.Platform{{}, {}, {OS: "linux", Architecture: "arm64"}}[r.IntN(3)]
	text := first
	var before *dockerfile.File
	for range edits {
		was := text
		if text = rewriting(text, r); r.IntN(3) == 0 {
			text = typing(was, r)
		}
		if r.IntN(16) == 0 {
			text = first
		}
		f, err := dockerfile.Parse(text)
		if err != nil {
			text = was
			continue
		}
		job := of
		job.Text, job.File = text, f
		got, wrong := m.derive(t.Context(), job)
		want, err := marshalled(t.Context(), job)
		for range 20 { // of several bases BuildKit tells of the one that comes first
			if wrong == nil || err == nil || cmp.Diff(fault(err), wrong) == "" {
				break
			}
			want, err = marshalled(t.Context(), job)
		}
		if wrong != nil && (err == nil || cmp.Diff(fault(err), wrong) != "") {
			t.Fatalf("from %q\nto %q: got %v, want %v", was, text, wrong, err)
		}
		if tell(before, f, got != nil || wrong != nil); got != nil {
			if diff := cmp.Diff(want, got.graph, sameGraph); diff != "" || err != nil {
				t.Fatalf("from %q\nto %q: %v (-want +got):\n%s", was, text, err, diff)
			}
		}
		if err != nil {
			text = was
			continue
		}
		whole, err := Convert(t.Context(), job)
		if diff := cmp.Diff(want, whole, sameGraph); diff != "" || err != nil {
			t.Fatalf("from %q\nto %q: %v (-want +got):\n%s", was, text, err, diff)
		}
		before = f
	}
}

func someFiles() *plan.Context {
	b := tree.NewBuilder(0)
	for i := range 40 {
		b.Add(tree.Entry{Path: fmt.Sprintf("src/dir%d/file%d.go", i%4, i), Attr: tree.Attr{Kind: tree.File, Mode: 0o644, Size: int64(i)}, Content: uint64(i)})
	}
	return &plan.Context{Root: b.Layer().Root}
}

var sameGraph = cmp.Options{cmpopts.EquateEmpty(), cmp.Comparer(func(a, b *tree.Node) bool { return a == b })}

// marshalled is the slow and obvious way: BuildKit marshals the whole text, and each
// of its operations is one of the plan's.
func marshalled(ctx context.Context, job Job) (*plan.Graph, error) {
	d := &drawing{bases: newResolver(job)}
	result, err := dockerfile2llb.Dockerfile2LLB(ctx, []byte(job.Text), options(job, d))
	if err != nil {
		return nil, err
	}
	definition, err := result.State.Marshal(ctx, llb.Platform(target(job)), llb.WithCaps(everything))
	if err != nil {
		return nil, err
	}
	done := d.conversion(job, nil)
	if err := done.finish(ctx, d.bases); err != nil {
		return nil, err
	}
	done.graph.Config = settings(result.Image)
	c := &converter{bases: d.bases, job: job, memory: &Memory{}, made: map[identity]made{}}
	nodes := map[string]*node{}
	for _, raw := range definition.Def {
		inputs, rest, err := split(raw)
		if err != nil {
			return nil, err
		}
		if len(rest) == 0 {
			continue // the result
		}
		sum := digest.FromBytes(raw)
		n := &node{name: nameOf(definition.Metadata[sum].Description["llb.customname"])}
		for _, in := range inputs {
			n.inputs = append(n.inputs, edge{nodes[in.Digest], in.Index})
		}
		for _, l := range definition.Source.GetLocations()[string(sum)].GetLocations() {
			for _, r := range l.Ranges {
				n.lines = append(n.lines, plan.Range{First: int(r.Start.GetLine()), Last: int(r.End.GetLine())})
			}
		}
		if n.shape, err = shapeOf(rest, len(inputs)); err != nil {
			return nil, err
		}
		nodes[string(sum)] = n.identify()
		if c.made[n.id], err = c.take(n); err != nil {
			return nil, err
		}
	}
	c.inheritLines()
	done.graph.Ops = c.ops
	return done.graph, nil
}

// typing puts something into a text, takes something out or repeats a line.
func typing(text string, r *rand.Rand) string {
	at := r.IntN(len(text) + 1)
	switch r.IntN(4) {
	case 0:
		return text[:at] + text[min(at+1+r.IntN(3), len(text)):]
	case 1:
		lines := strings.SplitAfter(text, "\n")
		return text + "\n" + lines[r.IntN(len(lines))]
	}
	return text[:at] + bits[r.IntN(len(bits))] + text[at:]
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

func TestAJobIsNotDerivedFromAnother(t *testing.T) {
	t.Parallel()
	const text = "FROM a\nRUN x\n"
	f := must(dockerfile.Parse(text))
	job := Job{Text: text, File: f, Memory: &Memory{}}
	must(Convert(t.Context(), job))
	if must(job.Memory.derive(t.Context(), job)) == nil {
		t.Fatal("the same job is not derived")
	}
	other := []func(*Job){
		func(j *Job) { j.Args = map[string]string{"A": "1"} },
		func(j *Job) { j.Target = "0" },
		func(j *Job) { j.Context = &plan.Context{} },
		func(j *Job) { j.Platform.Architecture = "riscv64" },
		func(j *Job) { j.Named = map[string]*plan.Context{"a": {}} },
		func(j *Job) {
			j.Base = func(string, string, model.Platform) (Image, bool) {
				return Image{Config: []byte(`{"config":{"Env":["A=1"]}}`)}, true
			}
		},
	}
	for i, change := range other {
		j := job
		if change(&j); must(job.Memory.derive(t.Context(), j)) != nil {
			t.Errorf("job %d is derived from one that it has little to do with", i)
		}
	}
}

// TestEqualOperationsAreToldApart where only one of them changes.
func TestEqualOperationsAreToldApart(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		"FROM scratch\nCOPY src dst\nCOPY --link src dst\nRUN make\n",
		"FROM base AS a\nCOPY src dst\nRUN make\nFROM base\nCOPY src dst\nRUN make\nCOPY --from=a / /\nRUN make\n",
		"FROM base AS a\nRUN make\nFROM a\nCOPY --from=a / /\nRUN make\n",
		"FROM base AS a\nRUN make\nRUN make\nFROM a AS b\nRUN make\nFROM b\nRUN --mount=type=bind,from=a,target=/a make\n",
	} {
		lines := strings.SplitAfter(text, "\n")
		for i := 1; i < len(lines); i++ {
			for _, line := range []string{"RUN other\n", "COPY other dst\n", lines[i-1] + "RUN other\n", ""} {
				changed := slices.Clone(lines)
				changed[i-1] = line
				m := &Memory{}
				for _, text := range []string{text, strings.Join(changed, ""), text} {
					f, err := dockerfile.Parse(text)
					want, wrong := marshalled(t.Context(), Job{Text: text, Base: images})
					if err != nil || wrong != nil {
						continue
					}
					got, err := Convert(t.Context(), Job{Text: text, File: f, Memory: m, Base: images})
					if diff := cmp.Diff(want, got, sameGraph); diff != "" || err != nil {
						t.Errorf("to %q: %v (-want +got):\n%s", text, err, diff)
					}
				}
			}
		}
	}
}

// TestWhatIsTakenBackIsRecalled: the text before is not converted again.
func TestWhatIsTakenBackIsRecalled(t *testing.T) {
	t.Parallel()
	m := &Memory{}
	of := func(text string) *plan.Graph {
		return must(Convert(t.Context(), Job{Text: text, File: must(dockerfile.Parse(text)), Memory: m}))
	}
	first := of("FROM a\nRUN x\n")
	for _, text := range []string{"FROM a\nRUN xy\n", "FROM a\nRUN xyz\n", "FROM a\nENV xyz=1\n"} {
		of(text)
	}
	if of("FROM a\nRUN x\n") != first {
		t.Error("a text that was converted three texts ago is converted again")
	}
	for i := range conversionsKept {
		of(fmt.Sprintf("FROM a\nRUN %d\n", i))
	}
	if len(m.recent) != conversionsKept || of("FROM a\nRUN x\n") == first {
		t.Errorf("%d conversions are remembered, want %d", len(m.recent), conversionsKept)
	}
}
