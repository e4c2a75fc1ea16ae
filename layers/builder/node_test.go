package builder

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/moby/buildkit/client/llb"
	"github.com/moby/buildkit/frontend/dockerfile/dockerfile2llb"
	"github.com/moby/buildkit/solver/pb"

	"github.com/imgtui/imgtui/model/plan"
)

// TestAnOperationIsWrittenAsBuildKitDoes: else one that was given another state
// would not be one with those that BuildKit made.
func TestAnOperationIsWrittenAsBuildKitDoes(t *testing.T) {
	t.Parallel()
	seen := 0
	for _, row := range rows {
		text := "ARG G=1\nFROM base AS one\nENV WHERE=/w A=src P=9\n" + row + "\nRUN last\n"
		d := &drawing{bases: newResolver(Job{Base: images})}
		result, err := dockerfile2llb.Dockerfile2LLB(t.Context(), []byte(text), options(Job{Text: text}, d))
		if err != nil {
			continue
		}
		for _, raw := range must(result.State.Marshal(t.Context(), llb.WithCaps(everything))).Def {
			inputs, rest, err := split(raw)
			if err != nil {
				t.Fatal(err)
			}
			var whole, op pb.Op
			if err := whole.UnmarshalVT(raw); err != nil || len(whole.Inputs) != len(inputs) {
				t.Fatalf("%q: %d inputs, want %d (%v)", row, len(inputs), len(whole.Inputs), err)
			}
			for i, in := range whole.Inputs {
				if !in.EqualVT(inputs[i]) {
					t.Errorf("%q: input %d is %v, want %v", row, i, inputs[i], in)
				}
			}
			if err := op.UnmarshalVT(rest); err != nil {
				t.Fatal(err)
			}
			if op.GetSource() != nil {
				continue // has a map, and is never written again
			}
			if written := must(op.MarshalVT()); !bytes.Equal(written, rest) {
				t.Errorf("%q: written %q, want %q", row, written, rest)
			}
			seen++
		}
	}
	if seen < len(rows) {
		t.Errorf("%d operations, want more", seen)
	}
}

func TestATornOperationIsNotRead(t *testing.T) {
	t.Parallel()
	whole := must((&pb.Op{Inputs: []*pb.Input{{Digest: "sha256:1"}}}).MarshalVT())
	for n := 1; n < len(whole); n++ {
		if inputs, _, err := split(whole[:n]); err == nil {
			t.Errorf("of the first %d bytes came %v, want an error", n, inputs)
		}
	}
}

func TestANameIsInBuildKitsForm(t *testing.T) {
	t.Parallel()
	for _, stage := range []string{"", "build", "stage-0"} {
		for _, steps := range []int{1, 9, 10, 11, 99, 100, 101, 999, 1000, 3000} {
			for step := 1; step <= steps; step += 1 + steps/50 {
				want := "["
				if stage != "" {
					want += stage + " "
				}
				want += fmt.Sprintf("%*d/%d] RUN a [1/2] b", int(1+math.Log10(float64(steps))), step, steps)
				n := nameOf(want)
				if n != (stepName{stage, step, steps, "RUN a [1/2] b"}) || n.String() != want {
					t.Fatalf("%q is read as %+v and written %q", want, n, n)
				}
			}
		}
	}
	for _, text := range []string{"", "FROM a", "[", "[internal] x", "[1/2]", "[a 1/0] x", "[01/2] x", "[a  1/2] x", "[ 1/2] x"} {
		if n := nameOf(text); n.String() != text || n.steps != 0 {
			t.Errorf("%q is read as %+v", text, n)
		}
	}
}

func TestAKeyDoesNotHangOnHowMuchIsHeld(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("x", 3*mixHeld)
	var used mix
	used.again("a").text(long).text(long).sum()
	for _, words := range [][]string{{}, {"a"}, {long}, {long, "a"}, {"a", long, long, "b"}} {
		m, plain := used.again("kind"), []byte{4, 0, 0, 0, 0, 0, 0, 0, 'k', 'i', 'n', 'd'}
		for _, w := range words {
			m.text(w)
			var size [8]byte
			for i := range size {
				size[i] = byte(len(w) >> (8 * i))
			}
			plain = append(append(plain, size[:]...), w...)
		}
		if got, want := m.sum(), keyOf(plain); got != want {
			t.Errorf("%d words: got %x, want %x", len(words), got, want)
		}
	}
}

func keyOf(b []byte) (k plan.Key) {
	sum := sha256.Sum256(b)
	copy(k[:], sum[:])
	return k
}
