package builder

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

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
run echo lower
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
			derived := typed(t, text, rand.New(rand.NewPCG(1, uint64(i))), 400)
			if i < len(derivable) && derived < 40 {
				t.Errorf("%d of 400 edits were derived, want a good part", derived)
			}
		})
	}
}

// typed edits a text again and again, compares, and tells how often a graph was
// derived. Now and then it is the first text again.
func typed(t *testing.T, first string, r *rand.Rand, edits int) (derived int) {
	m := &Memory{}
	text := first
	for range edits {
		was := text
		if text = typing(text, r); r.IntN(8) == 0 {
			text = first
		}
		f, err := dockerfile.Parse(text)
		if err != nil {
			text = was
			continue
		}
		got := m.derive(Job{Text: text, File: f, Memory: m})
		want, err := Convert(t.Context(), Job{Text: text})
		if got != nil {
			derived++
			if diff := cmp.Diff(want, got, cmpopts.EquateEmpty(), cmp.Comparer(func(a, b *tree.Node) bool { return a == b })); diff != "" || err != nil {
				t.Fatalf("from %q\nto %q: %v (-want +got):\n%s", was, text, err, diff)
			}
		}
		if err != nil {
			text = was
			continue
		}
		if got == nil {
			must(Convert(t.Context(), Job{Text: text, File: f, Memory: m}))
		}
	}
	return derived
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
	if job.Memory.derive(job) == nil {
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
		if change(&j); job.Memory.derive(j) != nil {
			t.Errorf("job %d is derived from one that it has little to do with", i)
		}
	}
}
