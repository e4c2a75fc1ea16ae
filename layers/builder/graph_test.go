package builder

import (
	"slices"
	"testing"

	"github.com/moby/buildkit/client/llb"
	"github.com/moby/buildkit/frontend/dockerfile/dockerfile2llb"
	"github.com/moby/buildkit/solver/pb"
	"github.com/opencontainers/go-digest"

	"github.com/imgtui/imgtui/model/dockerfile"
)

const staged = `FROM one AS tools
RUN mkdir /out
RUN --mount=type=bind,from=two,target=/t cp /t/x /out/x
FROM one
ENV A=b
COPY . /src
RUN make
COPY --link --from=tools /out /out
COPY <<EOT <<EOU /here/
EOT
EOU
RUN true
`

func graphOf(t *testing.T, text string) *graph {
	t.Helper()
	job := Job{Text: text}
	r, err := dockerfile2llb.Dockerfile2LLB(t.Context(), []byte(text), options(job, &drawing{bases: newResolver(job)}))
	if err != nil {
		t.Fatal(err)
	}
	d, err := r.State.Marshal(t.Context(), llb.WithCaps(everything))
	if err != nil {
		t.Fatal(err)
	}
	g, err := newGraph(d)
	if err != nil {
		t.Fatal(err)
	}
	f, err := dockerfile.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	g.adopt(f, "")
	return g
}

// at returns the step of a line.
func (g *graph) at(t *testing.T, line int) *vertex {
	t.Helper()
	for _, v := range g.steps() {
		if slices.Contains(v.lines, line) {
			return v
		}
	}
	t.Fatalf("line %d is no step", line)
	return nil
}

// TestEveryInstructionThatLeavesARootIsAStep: one of each line, settings left out.
func TestEveryInstructionThatLeavesARootIsAStep(t *testing.T) {
	var got []int
	for _, v := range graphOf(t, staged).steps() {
		got = append(got, v.lines...)
	}
	slices.Sort(got)
	if want := []int{1, 2, 3, 4, 6, 7, 8, 9, 12}; !slices.Equal(got, want) {
		t.Errorf("got steps of lines %d, want %d", got, want)
	}
}

// TestAStepStandsOnTheOneBefore it in its stage.
func TestAStepStandsOnTheOneBefore(t *testing.T) {
	g := graphOf(t, staged)
	for line, want := range map[int]int{2: 1, 3: 2, 6: 4, 7: 6, 8: 7, 9: 8, 12: 9} {
		got := g.below(g.at(t, line))
		for got != nil && !slices.Contains(g.at(t, want).lines, line) && got != g.at(t, want) && g.below(got) != nil {
			got = g.below(got) // an instruction may be several operations
		}
		if got != g.at(t, want) {
			t.Errorf("line %d stands on %+v, want line %d", line, got, want)
		}
	}
	if g.below(g.at(t, 1)) != nil {
		t.Error("a base stands on something")
	}
}

// TestACutIsWhole: it has what its vertex stands on, inputs first, and at the end
// what names the vertex.
func TestACutIsWhole(t *testing.T) {
	g := graphOf(t, staged)
	for _, v := range g.steps() {
		d, err := g.cut(v)
		if err != nil {
			t.Fatal(err)
		}
		seen := map[string]bool{}
		for i, raw := range d.Def {
			var op pb.Op
			if err := op.UnmarshalVT(raw); err != nil {
				t.Fatal(err)
			}
			for _, in := range op.Inputs {
				if !seen[in.Digest] {
					t.Errorf("lines %d: operation %d stands on what is not there", v.lines, i)
				}
			}
			sum := string(digest.FromBytes(raw))
			seen[sum] = true
			if d.Metadata[sum] == nil {
				t.Errorf("lines %d: operation %d has no metadata", v.lines, i)
			}
			if last := i == len(d.Def)-1; last != (op.Op == nil) || last && op.Inputs[0].Digest != string(v.digest) {
				t.Errorf("lines %d: operation %d of %d: %+v", v.lines, i, len(d.Def), op.Inputs)
			}
		}
	}
	if first, _ := g.cut(g.at(t, 2)); len(first.Def) != 3 {
		t.Errorf("the cut at line 2 has %d operations, want base, command and end", len(first.Def))
	}
}

// TestWhatStandsOnAHeldLineIsHeld, and nothing else.
func TestWhatStandsOnAHeldLineIsHeld(t *testing.T) {
	g := graphOf(t, staged)
	for hold, want := range map[int][]int{7: {7, 8, 9, 12}, 3: {3, 8, 9, 12}, 12: {12}, 6: nil} {
		var got []int
		for _, v := range g.steps() {
			if g.held(v, map[int]bool{hold: true}) {
				got = append(got, v.lines...)
			}
		}
		slices.Sort(got)
		if !slices.Equal(got, want) {
			t.Errorf("holding line %d holds %d, want %d", hold, got, want)
		}
	}
}
