package highlight

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/moby/buildkit/frontend/dockerfile/parser"
)

var letters = map[Kind]string{
	Instruction: "I", Flag: "F", String: "S", Variable: "V", Comment: "C", Directive: "D", Heredoc: "H", Body: "B",
	Operator: "O", Keyword: "K", Number: "N", Bracket: "J", Continued: "↵", Wrong: "W",
}

// written returns a text with its pieces in brackets, each after the letter of its kind.
func written(text string) string {
	var b strings.Builder
	var s State
	for i, line := range strings.Split(text, "\n") {
		if i > 0 {
			b.WriteByte('\n')
		}
		var spans []Span
		spans, s = Line(s, line)
		at := 0
		for _, sp := range spans {
			b.WriteString(line[at:sp.From] + letters[sp.Kind] + "[" + line[sp.From:sp.To] + "]")
			at = sp.To
		}
		b.WriteString(line[at:])
	}
	return b.String()
}

func TestPiecesOfALine(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"FROM golang:1.26 AS build":                       "I[FROM] golang:1.26 K[AS] build",
		"from --platform=$BUILDPLATFORM a as b":           "I[from] F[--platform]=V[$BUILDPLATFORM] a K[as] b",
		"COPY --from=build /out /app":                     "I[COPY] F[--from]=build /out /app",
		"RUN a && b | c; d > e":                           "I[RUN] a O[&&] b O[|] cO[;] d O[>] e",
		"RUN echo \"a $B c\" 'd $E'":                      "I[RUN] echo S[\"a ]V[$B]S[ c\"] S['d $E']",
		"RUN echo \"$B\" ${C:-x} $? \\$D":                 "I[RUN] echo S[\"]V[$B]S[\"] V[${C:-x}] V[$?] \\$D",
		"RUN x # y":                                       "I[RUN] x C[# y]",
		"ENV A=b#c D=\"e\"":                               "I[ENV] A=b#c D=S[\"e\"]",
		`CMD ["a", "b"]`:                                  `I[CMD] J[[]S["a"]J[,] S["b"]J[]]`,
		"EXPOSE 80 443/tcp $P":                            "I[EXPOSE] N[80] N[443]/tcp V[$P]",
		"HEALTHCHECK --interval=5s CMD curl $A || exit 1": "I[HEALTHCHECK] F[--interval]=5s K[CMD] curl V[$A] O[||] exit 1",
		`HEALTHCHECK CMD ["a"]`:                           `I[HEALTHCHECK] K[CMD] J[[]S["a"]J[]]`,
		"HEALTHCHECK NONE":                                "I[HEALTHCHECK] K[NONE]",
		"ONBUILD RUN x":                                   "I[ONBUILD] I[RUN] x",
		"COPPY a b":                                       "W[COPPY] a b",
		"  # a comment":                                   "  C[# a comment]",
		"# syntax=docker/dockerfile:1\n# escape=`\nRUN a `\n b \\\nFROM x": "D[# syntax=docker/dockerfile:1]\nD[# escape=`]\nI[RUN] a ↵[`]\n b \\\nI[FROM] x",
		"# check=skip=all\n# note\n# escape=`\nRUN a \\\n b":               "D[# check=skip=all]\nC[# note]\nC[# escape=`]\nI[RUN] a ↵[\\]\n b",
		"# syntax=a\n# syntax=b":                                           "D[# syntax=a]\nW[# syntax=b]",
		"# escape=x":                                                       "W[# escape=x]",
		"\n# syntax=a":                                                     "\nC[# syntax=a]",
		"RUN a \\\n# note\n\n  && b\nUSER x":                               "I[RUN] a ↵[\\]\nC[# note]\n\n  O[&&] b\nI[USER] x",
		"RUN \\\n  --mount=type=bind \\\n  x":                              "I[RUN] ↵[\\]\n  F[--mount]=type=bind ↵[\\]\n  x",
		"RUN echo \"a \\\nb\" c\nRUN d":                                    "I[RUN] echo S[\"a ]↵[\\]\nS[b\"] c\nI[RUN] d",
		"RUN <<EOF\necho $A \\$B\nEOF\nRUN x":                              "I[RUN] H[<<EOF]\nB[echo ]V[$A]B[ \\]V[$B]\nH[EOF]\nI[RUN] x",
		"RUN <<'E F' cat\n$A\nE F\nUSER x":                                 "I[RUN] H[<<'E F'] cat\nB[$A]\nH[E F]\nI[USER] x",
		"COPY <<a <<-b /x/\n1\na\n2\n\tb\nRUN x":                           "I[COPY] H[<<a] H[<<-b] /x/\nB[1]\nH[a]\nB[2]\n\tH[b]\nI[RUN] x",
		"RUN <<EOF \\\n  cat\n# body\nEOF\nRUN x":                          "I[RUN] H[<<EOF] ↵[\\]\n  cat\nB[# body]\nH[EOF]\nI[RUN] x",
		"ENV A=<<EOF\nRUN x":                                               "I[ENV] A=<<EOF\nI[RUN] x",
		"RUN cat<<EOF\nRUN x":                                              "I[RUN] catO[<<]EOF\nI[RUN] x",
		"RUN \"a <<EOF\"\nRUN x":                                           "I[RUN] S[\"a <<EOF\"]\nI[RUN] x",
		"RUN it's\nRUN x":                                                  "I[RUN] itS['s]\nI[RUN] x",
		"\ufeff# escape=`":                                                 "\ufeffD[# escape=`]",
	} {
		if got := written(text); got != want {
			t.Errorf("%q:\ngot  %q\nwant %q", text, got, want)
		}
	}
}

var parts = []string{
	"FROM a AS b", "RUN a && b \\", "RUN <<EOF", "COPY <<-'X' <<Y /z/", "EOF", "\tX", "Y", "X", "# note", "  # note", "", "  ", "\\", "  b \\", "x \\\\",
	"CMD [\"a\"]", "ONBUILD RUN c", "ENV A=\"b \\", "# escape=`", "x `", "RUN \"a\" <<EOF", "--flag=x y", "\t", "echo <<EOF", "USER \\ ", "RUN a'b",
}

func random(r *rand.Rand, n int) []string {
	lines := make([]string, n)
	for i := range lines {
		lines[i] = parts[r.IntN(len(parts))]
	}
	return lines
}

// TestInstructionsStandWhereTheParserSeesThem compares with BuildKit's parser:
// the first and last line of every instruction, and the lines of its heredocs.
func TestInstructionsStandWhereTheParserSeesThem(t *testing.T) {
	t.Parallel()
	told := 0
	for seed := range uint64(3000) {
		r := rand.New(rand.NewPCG(seed, 3))
		lines := random(r, 1+r.IntN(9))
		text := strings.Join(lines, "\n") + "\n"
		parsed, err := parser.Parse(strings.NewReader(text))
		if err != nil {
			continue
		}
		told++
		var want [][2]int
		for _, n := range parsed.AST.Children {
			want = append(want, [2]int{n.StartLine, n.EndLine})
		}
		if got := instructions(lines); !cmp.Equal(got, want) {
			t.Fatalf("instructions of %q: got lines %v, want %v", text, got, want)
		}
	}
	if told < 700 {
		t.Errorf("the parser took %d texts only", told)
	}
}

// instructions returns the first and the last line of every instruction, from 1.
func instructions(lines []string) [][2]int {
	var all [][2]int
	var s State
	open, from := false, 0
	for i, line := range lines {
		trimmed := strings.TrimSpace(line)
		if !open && trimmed != "" && trimmed[0] != '#' {
			open, from = true, i+1
		}
		_, s = Line(s, line)
		if open && !s.Continues && !s.Inside {
			open = false
			all = append(all, [2]int{from, i + 1})
		}
	}
	if open {
		all = append(all, [2]int{from, len(lines)})
	}
	return all
}

func TestPiecesAreInOrderAndInTheLine(t *testing.T) {
	t.Parallel()
	for seed := range uint64(1000) {
		r := rand.New(rand.NewPCG(seed, 5))
		lines := random(r, 8)
		for i := range lines {
			if r.IntN(3) == 0 {
				lines[i] += [...]string{"$", "${", "\"", "'", "\\", "<<", "\xff", "é $é", "[", "$A$B", "\r"}[r.IntN(11)]
			}
		}
		inOrder(t, strings.Join(lines, "\n"))
	}
}

func FuzzPiecesAreInOrder(f *testing.F) {
	f.Add("FROM a\nRUN <<EOF \\\n$x\nEOF\n")
	f.Fuzz(func(t *testing.T, text string) { inOrder(t, text) })
}

func inOrder(t *testing.T, text string) {
	t.Helper()
	var s State
	for line := range strings.SplitSeq(text, "\n") {
		var spans []Span
		spans, s = Line(s, line)
		at := 0
		for _, sp := range spans {
			if sp.From < at || sp.To <= sp.From || sp.To > len(line) || sp.Kind == Plain {
				t.Fatalf("line %q of %q: pieces %v", line, text, spans)
			}
			at = sp.To
		}
	}
}

func TestAChangedTextIsSeenAsFromScratch(t *testing.T) {
	t.Parallel()
	for seed := range uint64(150) {
		r := rand.New(rand.NewPCG(seed, 9))
		lines := random(r, 1+r.IntN(12))
		c := NewCache(len(lines), func(n int) string { return lines[n] })
		for range 30 {
			from := r.IntN(len(lines))
			old := 1 + r.IntN(min(3, len(lines)-from))
			now := random(r, 1+r.IntN(3))
			lines = slices.Replace(lines, from, from+old, now...)
			c.Change(from, old, len(now))
			if r.IntN(3) == 0 {
				c.Spans(r.IntN(len(lines)))
			}
			if r.IntN(2) == 0 {
				scratch(t, c, lines)
			}
		}
	}
}

func scratch(t *testing.T, c *Cache, lines []string) {
	t.Helper()
	var s State
	for i, line := range lines {
		var want []Span
		if got := c.State(i); got != s {
			t.Fatalf("state before line %d of %q: got %+v, want %+v", i, lines, got, s)
		}
		want, s = Line(s, line)
		if got := c.Spans(i); !cmp.Equal(got, want) {
			t.Fatalf("line %d of %q: got %v, want %v", i, lines, got, want)
		}
	}
}

func TestANewLineIsIndentedWithinAnInstruction(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"RUN a \\":            "    ",
		"RUN a \\\n  b \\":    "  ",
		"RUN a \\\n\tb":       "",
		"FROM a":              "",
		"  FROM a":            "",
		"RUN <<EOF\n  x":      "  ",
		"RUN <<EOF\n  x\nEOF": "",
		"RUN a \\\n  # note":  "  ",
	} {
		lines := strings.Split(text, "\n")
		var s State
		for _, l := range lines[:len(lines)-1] {
			_, s = Line(s, l)
		}
		if got := Indent(s, lines[len(lines)-1]); got != want {
			t.Errorf("after %q: got %q, want %q", text, got, want)
		}
	}
}

const sample = "# syntax=docker/dockerfile:1\nFROM golang:1.26 AS build\nWORKDIR /src\nCOPY go.mod go.sum ./\nRUN --mount=type=cache,target=/go/pkg/mod \\\n    go mod download && echo \"$FOO\"\nCOPY . .\nENV A=b C=\"d e\"\n# final\nFROM gcr.io/distroless/static\nCOPY --from=build /out/app /app\nENTRYPOINT [\"/app\"]\nRUN <<EOF\necho hi\nEOF\n"

func BenchmarkKey(b *testing.B) {
	for _, n := range []int{50, 500, 2000, 20000} {
		b.Run(fmt.Sprintf("lines=%d", n), func(b *testing.B) {
			lines := strings.Split(strings.Repeat(sample, n/15+1), "\n")
			c := NewCache(len(lines), func(n int) string { return lines[n] })
			c.Spans(len(lines) - 1)
			b.ReportAllocs()
			for i := 0; b.Loop(); i++ {
				lines[4] = []string{"COPY go.mod ./", "COPY go.mod $A/"}[i%2]
				c.Change(4, 1, 1)
				c.Spans(len(lines) - 1)
			}
		})
	}
}
