package dockerfile

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/moby/buildkit/frontend/dockerfile/shell"
)

func TestVariablesAreThoseInForce(t *testing.T) {
	t.Parallel()
	f := parse(t, `ARG V=1
ARG IMG=alpine:$V
ARG NONE
FROM --platform=$BUILDPLATFORM ${IMG} AS one
ARG V
ARG W=w-$V X="x y"
ENV A=$W B=$A C='$V'
ENV A=${A:-no}2 B="$B-$A"
ENV W=env
ARG TARGETARCH
RUN a
FROM one AS two
ARG IMG
ARG W=late
RUN b
FROM ONE
RUN c
`)
	args := map[string]string{"X": "given", "NONE": "given too", "TARGETARCH": "arm64", "UNSEEN": "1"}
	global := map[string]string{"V": "1", "IMG": "alpine:1", "NONE": "given too", "TARGETARCH": "arm64"}
	end := map[string]string{"V": "1", "W": "env", "X": "given", "A": "w-12", "B": "-w-1", "C": "$V", "TARGETARCH": "arm64"}
	two := map[string]string{"V": "1", "W": "late", "X": "given", "A": "w-12", "B": "-w-1", "C": "$V", "TARGETARCH": "arm64", "IMG": "alpine:1"}
	for _, c := range []struct {
		line int
		want map[string]string
	}{
		{1, map[string]string{"TARGETARCH": "arm64"}},
		{2, map[string]string{"V": "1", "TARGETARCH": "arm64"}},
		{4, global},
		{5, map[string]string{}},
		{7, map[string]string{"V": "1", "W": "w-1", "X": "given"}},
		{11, end},
		{12, global},
		{15, two},
		{17, end},
	} {
		if diff := cmp.Diff(c.want, f.Env(f.At(c.line), args)); diff != "" {
			t.Errorf("line %d (-want +got):\n%s", c.line, diff)
		}
	}
}

func TestStageKnowsItsBase(t *testing.T) {
	t.Parallel()
	f := parse(t, `ARG B=base
FROM alpine AS base
FROM $B AS Two
FROM two
FROM two:3
FROM base AS two
FROM two
`)
	for n, want := range []struct {
		earlier int
		image   string
		chain   []int
	}{
		{-1, "alpine", []int{0}}, {0, "", []int{0, 1}}, {1, "", []int{0, 1, 2}},
		{-1, "two:3", []int{3}}, {0, "", []int{0, 4}}, {4, "", []int{0, 4, 5}},
	} {
		earlier, image := f.Base(n, nil)
		if earlier != want.earlier || image != want.image {
			t.Errorf("base of stage %d: got %d %q, want %d %q", n, earlier, image, want.earlier, want.image)
		}
		if diff := cmp.Diff(want.chain, f.Chain(n, nil)); diff != "" {
			t.Errorf("chain of stage %d (-want +got):\n%s", n, diff)
		}
	}
	if _, image := f.Base(1, map[string]string{"B": "debian:12"}); image != "debian:12" {
		t.Errorf("base of stage 1 with B=debian:12: got %q", image)
	}
	for name, want := range map[string]int{"": 5, "TWO": 4, "base": 0, "3": 3, "6": -1, "-1": -1, "no": -1} {
		if got := f.StageNamed(name); got != want {
			t.Errorf("stage %q: got %d, want %d", name, got, want)
		}
	}
	if s := f.StageOf(0); s != nil {
		t.Errorf("stage of the ARG before FROM: got %v", s)
	}
	if s := f.StageOf(2); s == nil || s.Name != "Two" {
		t.Errorf("stage of the second FROM: got %v", s)
	}
}

func TestWordsAreExpandedAsBuildKitDoes(t *testing.T) {
	t.Parallel()
	env := map[string]string{"A": "a b", "E": "", "P": "/x/y.tar.gz"}
	for word, want := range map[string]string{
		"$A-${A}":         "a b-a b",
		"'$A'\"$A\"\\$A":  "$Aa b$A",
		"${N:-d}${E:-e}":  "de",
		"${N-d}${E-e}":    "d",
		"${A:+set}${N:+}": "set",
		"${P##*/}":        "y.tar.gz",
		"${P%.*}":         "/x/y.tar",
		"${P/y/z}":        "/x/z.tar.gz",
		"$N":              "",
		"${A":             "${A",
		"it's":            "it's",
	} {
		if got := Expand(word, env); got != want {
			t.Errorf("Expand(%q): got %q, want %q", word, got, want)
		}
	}
}

func TestFlagsHaveValues(t *testing.T) {
	t.Parallel()
	i := parse(t, "FROM a\nCOPY --from=b --link --exclude=x --exclude=y=z c d").Instructions[1]
	for name, want := range map[string]string{"from": "b", "link": "true", "exclude": "y=z"} {
		if got, ok := i.Flag(name); got != want || !ok {
			t.Errorf("flag %s: got %q %t, want %q", name, got, ok, want)
		}
	}
	if got, ok := i.Flag("fro"); ok {
		t.Errorf("flag fro: got %q", got)
	}
}

// TestAPlainWordIsNotExpanded: what is not given to BuildKit's lexer would come
// back from it as it is.
func TestAPlainWordIsNotExpanded(t *testing.T) {
	t.Parallel()
	for _, escape := range []byte{'\\', '`'} {
		for c := range rune(0x300) {
			for _, word := range []string{string(c), "a" + string(c), string(c) + "b", "a " + string(c) + " b\tc\r"} {
				if !plain(word, escape) {
					continue
				}
				out, _, err := shell.NewLex(rune(escape)).ProcessWord(word, variables(nil))
				if err != nil || out != word {
					t.Errorf("%q becomes %q, %v; want it as it is", word, out, err)
				}
			}
		}
	}
}
