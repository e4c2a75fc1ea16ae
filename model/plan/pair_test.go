package plan

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/imgtui/imgtui/model"
	"github.com/imgtui/imgtui/model/dockerfile"
)

const sum = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

// history makes an image of rows; "base " before one marks the base's.
func history(rows ...string) *model.Image {
	img := &model.Image{}
	for n, r := range rows {
		by, base := strings.CutPrefix(r, "base ")
		s := model.Step{Index: n, CreatedBy: by, Base: base, Layer: &model.Layer{}}
		if !strings.Contains(by, "#(nop)") && !strings.HasPrefix(by, "/bin/sh") {
			s.Comment = "buildkit.dockerfile.v0"
		}
		img.Steps = append(img.Steps, s)
	}
	return img
}

func parsed(t testing.TB, text string) *dockerfile.File {
	t.Helper()
	f, err := dockerfile.Parse(text)
	if err != nil {
		t.Fatalf("Parse(%q): %v", text, err)
	}
	return f
}

func TestInstructionsFindTheirSteps(t *testing.T) {
	t.Parallel()
	alpine := []string{`base ADD alpine-minirootfs.tar.gz / # buildkit`, `base CMD ["/bin/sh"]`}
	for _, c := range []struct {
		name, text, target string
		args               map[string]string
		rows               []string
		want               []int
	}{
		{
			"stages, arguments and variables", `ARG V=3
FROM alpine:$V AS base
ARG V
ENV HOME=/home/$V
WORKDIR $HOME
WORKDIR sub
FROM golang AS other
RUN go build
FROM base
ARG X=x Y
COPY --from=other --chown=1:2 --link ./out ./bin/ /dst/
RUN echo $HOME \
  && true
EXPOSE 443 80/tcp
CMD run $X
`, "", map[string]string{"Y": "given"},
			append(slices.Clone(alpine), `ARG V=3`, `ENV HOME=/home/3`, `WORKDIR /home/3`, `WORKDIR /home/3/sub`, `ARG X=x Y=given`,
				`COPY --chown=1:2 ./out ./bin/ /dst/ # buildkit`, `RUN |3 V=3 X=x Y=given /bin/sh -c echo $HOME   && true # buildkit`,
				`EXPOSE map[443/tcp:{} 80/tcp:{}]`, `CMD ["/bin/sh" "-c" "run $X"]`),
			[]int{-1, -1, 2, 3, 4, 5, -1, -1, -1, 6, 7, 8, 9, 10},
		},
		{
			"the classic builder", "FROM debian\nENV A=1\nARG B=$A\nCOPY a b /x/\nADD c ./d\nRUN make $B\nRUN [\"/bin/x\", \"y z\"]\nHEALTHCHECK --interval=60s CMD curl\nVOLUME [\"/data\"]\nONBUILD RUN later\nENTRYPOINT [\"a\"]\n", "", nil,
			[]string{
				`base /bin/sh -c #(nop) ADD file:` + sum + ` in / `, `base /bin/sh -c #(nop)  CMD ["bash"]`, `/bin/sh -c #(nop)  ENV A=1`, `/bin/sh -c #(nop)  ARG B=1`,
				`/bin/sh -c #(nop) COPY multi:` + sum + ` in /x/ `, `/bin/sh -c #(nop) ADD file:` + sum + ` in ./d `, `|1 B=1 /bin/sh -c make $B`, `|1 B=1 /bin/x y z`,
				`/bin/sh -c #(nop)  HEALTHCHECK &{["CMD-SHELL" "curl"] "1m0s" "0s" "0s" '\x00'}`, `/bin/sh -c #(nop)  VOLUME [/data]`, `/bin/sh -c #(nop)  ONBUILD RUN later`, `/bin/sh -c #(nop)  ENTRYPOINT ["a"]`,
			},
			[]int{-1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11},
		},
		{
			"edited lines keep their steps", "FROM alpine\nRUN apk add curl git\nRUN something else\nCOPY app.py /srv/\nCMD [\"b\"]\nENV NEW=1\n", "", nil,
			append(slices.Clone(alpine), `RUN /bin/sh -c apk add curl # buildkit`, `COPY src/app.py /opt/app/ # buildkit`, `RUN /bin/sh -c rm -rf /tmp # buildkit`, `CMD ["a"]`),
			[]int{-1, 2, -1, 3, 5, -1},
		},
		{
			"what stands still outweighs what is likely", "FROM alpine\nRUN a b c\nRUN a b d\n", "", nil,
			append(slices.Clone(alpine), `RUN /bin/sh -c a b d # buildkit`, `RUN /bin/sh -c a b e # buildkit`),
			[]int{-1, -1, 2},
		},
		{
			"a base that only seems one", "FROM scratch\nADD root.tar /\nCMD [\"sh\"]\nRUN x\n", "", nil,
			[]string{`base ADD root.tar / # buildkit`, `base CMD ["sh"]`, `RUN /bin/sh -c x # buildkit`}, []int{-1, 0, 1, 2},
		},
		{
			"the base's rows are the base's", "FROM alpine\nCMD [\"/bin/sh\"]\n", "", nil,
			append(slices.Clone(alpine), `CMD ["/bin/sh"]`), []int{-1, 2},
		},
		{
			"triggers of the base have no instruction", "FROM app:onbuild\nRUN b\n", "", nil,
			append(slices.Clone(alpine), `COPY . /src # buildkit`, `RUN /bin/sh -c make # buildkit`, `RUN /bin/sh -c b # buildkit`), []int{-1, 4},
		},
		{"squashed", "FROM alpine\nRUN a\nENV A=b\n", "", nil, []string{"", "bazel build ..."}, []int{-1, -1, -1}},
		{"a target", "FROM alpine AS a\nRUN a\nFROM alpine AS b\nRUN b\n", "A", nil, append(slices.Clone(alpine), `RUN /bin/sh -c a # buildkit`), []int{-1, 2, -1, -1}},
		{"no such target", "FROM alpine\nRUN a\n", "x", nil, []string{`RUN /bin/sh -c a # buildkit`}, []int{-1, -1}},
		{
			"shells and documents", "FROM alpine\nSHELL [\"/bin/bash\", \"-o\", \"pipefail\", \"-c\"]\nRUN a | b\nCMD c\nRUN <<E\nd  e\nE\nRUN cat <<F > x\ng\nF\nCOPY <<-\"H\" /h\n\ti\n\tH\n", "", nil,
			append(slices.Clone(alpine), `SHELL [/bin/bash -o pipefail -c]`, `RUN /bin/bash -o pipefail -c a | b # buildkit`, `CMD ["/bin/bash" "-o" "pipefail" "-c" "c"]`,
				"RUN /bin/bash -o pipefail -c d  e\n # buildkit", "RUN /bin/bash -o pipefail -c cat <<F > x\ng\nF # buildkit", "COPY <<H /h # buildkit"),
			[]int{-1, 2, 3, 4, 5, 6, 7},
		},
	} {
		got := Pair(parsed(t, c.text), c.target, c.args, history(c.rows...))
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", c.name, diff)
		}
	}
}

func TestPairedIsTheInverse(t *testing.T) {
	t.Parallel()
	if diff := cmp.Diff([]int{-1, 1, -1, 3}, Paired([]int{-1, 1, -1, 3}, 4)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// TestPairsAreInOrderAndAtTheirBest compares the pairs with those of all ways
// there are, on small random statements.
func TestPairsAreInOrderAndAtTheirBest(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(1, 2))
	some := func() []statement {
		all := make([]statement, random.IntN(6))
		for i := range all {
			all[i].name = []string{"RUN", "CMD", "COPY"}[random.IntN(3)]
			all[i].base = random.IntN(5) == 0
			all[i].say(fmt.Sprint(random.IntN(2), random.IntN(2), random.IntN(2)))
			all[i].hash()
		}
		return all
	}
	for range 3000 {
		told, rows := some(), some()
		got := match(told, rows)
		sum, last := 0, -1
		for i, j := range got {
			if j < 0 {
				continue
			}
			if s := score(&told[i], &rows[j]); j <= last || s == never {
				t.Fatalf("match(%v, %v): %v", told, rows, got)
			}
			sum, last = sum+score(&told[i], &rows[j]), j
		}
		if want := most(told, rows); sum != want {
			t.Fatalf("match(%v, %v): %v has %d, the best is %d", told, rows, got, sum, want)
		}
	}
}

// most tries all ways to pair.
func most(told, rows []statement) int {
	if len(told) == 0 || len(rows) == 0 {
		return 0
	}
	best := most(told[1:], rows)
	for j := range rows {
		if s := score(&told[0], &rows[j]); s != never {
			best = max(best, s+most(told[1:], rows[j+1:]))
		}
	}
	return best
}

func BenchmarkPair(b *testing.B) {
	for _, n := range []int{50, 200, 2000} {
		var text, rows []string
		text = append(text, "FROM alpine")
		for i := range n {
			text = append(text, fmt.Sprintf("RUN apk add package%d && make", i))
			rows = append(rows, fmt.Sprintf("RUN /bin/sh -c apk add package%d && make # buildkit", i))
		}
		img := history(rows...)
		b.Run(fmt.Sprintf("%d/edit", n), func(b *testing.B) {
			b.ReportAllocs()
			text[n/3], text[n/2] = "RUN other", "COPY a b"
			for f := parsed(b, strings.Join(text, "\n")); b.Loop(); {
				Pair(f, "", nil, img)
			}
		})
		b.Run(fmt.Sprintf("%d/rewritten", n), func(b *testing.B) {
			b.ReportAllocs()
			all := strings.ReplaceAll(strings.Join(text, "\n"), "make", "make install")
			for f := parsed(b, all); b.Loop(); {
				Pair(f, "", nil, img)
			}
		})
	}
}

// TestWhatTheBuilderTellsOutweighsTheText: two commands that read the same, and
// a builder that says which of them made which layer.
func TestWhatTheBuilderTellsOutweighsTheText(t *testing.T) {
	t.Parallel()
	const text = "FROM alpine\nRUN make\nRUN make\nENV A=b\nRUN last\n"
	img := history("RUN /bin/sh -c make # buildkit", "ENV A=b", "RUN /bin/sh -c other # buildkit")
	img.Steps[0].Layer = &model.Layer{Digest: "sha256:1"}
	img.Steps[2].Layer = &model.Layer{Digest: "sha256:3", Index: 1}
	img.Recipe = model.Recipe{Dockerfile: text, Made: map[model.Digest]int{"sha256:1": 2, "sha256:3": 5}}
	if diff := cmp.Diff([]int{-1, 0, -1, 1, 2}, Pair(parsed(t, text), "", nil, img)); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	edited := strings.Replace(text, "make", "make all", 1)
	if got := Pair(parsed(t, edited), "", nil, img); got[2] != 0 {
		t.Errorf("another text: %v, want pairs by what it says", got)
	}
}
