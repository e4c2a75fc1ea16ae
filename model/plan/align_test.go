package plan

import (
	"slices"
	"strings"
	"testing"
)

// TestAlignmentPairsAsMuchAsCanBe tries all pairs of short texts: what is paired
// is paired both ways, and at least as much of it reads the same as a longest
// common subsequence has.
func TestAlignmentPairsAsMuchAsCanBe(t *testing.T) {
	t.Parallel()
	var texts [][]string
	for n := range 3*3*3*3*3 + 1 {
		var text []string
		for ; n > 0; n /= 4 {
			text = append(text, []string{"RUN a", "RUN b", "ENV c=1", "CMD d"}[n%4])
		}
		texts = append(texts, text)
	}
	for _, before := range texts {
		for _, after := range texts {
			a := align(before, after)
			same := 0
			for j, i := range a.old {
				if i >= 0 && a.new[i] != j || i >= 0 && nameOf(before[i]) != nameOf(after[j]) {
					t.Fatalf("align %q, %q: %d was %d, which is %d", before, after, j, i, a.new[i])
				}
				if i >= 0 && before[i] == after[j] {
					same++
				}
			}
			if want := common(before, after); same < want {
				t.Fatalf("align %q, %q: %d read the same, want at least %d", before, after, same, want)
			}
		}
	}
}

// common is the length of the longest common subsequence, the plain way.
func common(a, b []string) int {
	if len(a) == 0 || len(b) == 0 {
		return 0
	}
	if a[0] == b[0] {
		return 1 + common(a[1:], b[1:])
	}
	return max(common(a[1:], b), common(a, b[1:]))
}

// TestLongTextsAreAlignedToo: beyond the table's limit pairs are found in order.
func TestLongTextsAreAlignedToo(t *testing.T) {
	t.Parallel()
	before := strings.Fields(strings.Repeat("RUN ", 3000))
	after := slices.Clone(before)
	for i := range before {
		before[i] += " make step " + strings.Repeat("x", i%7)
		after[i] = before[i] + " changed"
	}
	a := align(before, after)
	for j, i := range a.old {
		if i != j {
			t.Fatalf("line %d was %d, want the same", j, i)
		}
	}
}

func TestVariablesAreFound(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"$A ${B} ${C:-d} $1 $": "A B C", "a$A_1b/x": "A_1b", "${": "", "$$A": "A", "": "",
	} {
		if got := strings.Join(variables(text), " "); got != want {
			t.Errorf("variables of %q: %q, want %q", text, got, want)
		}
	}
}

func TestFieldsKeepQuotesTogether(t *testing.T) {
	t.Parallel()
	for text, want := range map[string][]string{
		`a=1 b="x y" c='p q' d=e\ f`: {"a=1", `b="x y"`, "c='p q'", `d=e\ f`}, " ": nil, `"open`: {`"open`}, `x\`: {`x\`},
	} {
		if got := fields(text); !slices.Equal(got, want) {
			t.Errorf("fields of %q: %q, want %q", text, got, want)
		}
	}
}
