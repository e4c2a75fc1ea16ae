package buffer

import (
	"math/rand/v2"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func finder(t *testing.T, q Query) *Finder {
	t.Helper()
	f, err := q.Compile()
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func TestMatchesAreWhereTheQuerySays(t *testing.T) {
	t.Parallel()
	cases := []struct {
		q    Query
		line string
		want [][2]int
	}{
		{Query{Text: "run"}, "RUN run Run", [][2]int{{0, 3}, {4, 7}, {8, 11}}},
		{Query{Text: "Run"}, "RUN run Run", [][2]int{{8, 11}}},
		{Query{Text: "run", Case: true}, "RUN run Run", [][2]int{{4, 7}}},
		{Query{Text: "get", Word: true}, "apt-get target get", [][2]int{{4, 7}, {15, 18}}},
		{Query{Text: "a.c"}, "abc a.c", [][2]int{{4, 7}}},
		{Query{Text: "a.c", Regexp: true}, "abc a.c", [][2]int{{0, 3}, {4, 7}}},
		{Query{Text: `\S+`, Regexp: true}, "aB c", [][2]int{{0, 2}, {3, 4}}},
		{Query{Text: "x*", Regexp: true}, "axxb", [][2]int{{1, 3}}},
		{Query{Text: "GRÜN"}, "grün", nil},
		{Query{Text: "grün"}, "GRÜN", [][2]int{{0, 5}}},
		{Query{Text: "aa"}, "aaaa", [][2]int{{0, 2}, {2, 4}}},
		{Query{}, "abc", nil},
		{Query{Text: "b$", Regexp: true}, "ab", [][2]int{{1, 2}}},
	}
	for _, c := range cases {
		if got := finder(t, c.q).In(c.line); !cmp.Equal(got, c.want) {
			t.Errorf("%+v in %q: got %v, want %v", c.q, c.line, got, c.want)
		}
	}
}

func TestPlainSearchIsWhatTheRegexpFinds(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(1, 2))
	letters := []string{"a", "A", "b", " ", "é", "\xff"}
	random := func(n int) string {
		var s strings.Builder
		for range n {
			s.WriteString(letters[r.IntN(len(letters))])
		}
		return s.String()
	}
	for range 5000 {
		line, text := random(r.IntN(12)), strings.ToValidUTF8(random(1+r.IntN(3)), "")
		if text == "" {
			continue
		}
		for _, exact := range []bool{true, false} {
			got := finder(t, Query{Text: text, Case: exact}).In(line)
			pattern := regexp.QuoteMeta(text)
			if !exact && strings.ToLower(text) == text {
				pattern = "(?i)" + pattern
			}
			var want [][2]int
			for _, m := range regexp.MustCompile(pattern).FindAllStringIndex(line, -1) {
				want = append(want, [2]int{m[0], m[1]})
			}
			if !cmp.Equal(got, want) {
				t.Fatalf("%q (case %v) in %q: got %v, want %v", text, exact, line, got, want)
			}
		}
	}
}

func TestSearchGoesRoundTheText(t *testing.T) {
	t.Parallel()
	f := finder(t, Query{Text: "x"})
	b := marked("x a\nb| x x\nc")
	var forth, back []string
	for range 4 {
		b.FindNext(f)
		forth = append(forth, shown(b))
	}
	for range 4 {
		b.FindPrevious(f)
		back = append(back, shown(b))
	}
	if want := []string{"x a\nb |x| x\nc", "x a\nb x |x|\nc", "|x| a\nb x x\nc", "x a\nb |x| x\nc"}; !cmp.Equal(forth, want) {
		t.Errorf("forth: got %q, want %q", forth, want)
	}
	if want := []string{"|x| a\nb x x\nc", "x a\nb x |x|\nc", "x a\nb |x| x\nc", "|x| a\nb x x\nc"}; !cmp.Equal(back, want) {
		t.Errorf("back: got %q, want %q", back, want)
	}
	if got := finder(t, Query{Text: "q"}); b.FindNext(got) || b.FindPrevious(got) {
		t.Error("found what is not there")
	}
}

func TestReplacingOneGoesOnToTheNext(t *testing.T) {
	t.Parallel()
	f := finder(t, Query{Text: `(\w)=(\w)`, Regexp: true})
	b := marked("|a=b c=d")
	if b.ReplaceOne(f, "$2$$$1") {
		t.Errorf("replaced before a match was selected: %q", shown(b))
	}
	b.ReplaceOne(f, "$2$$$1")
	if got, want := shown(b), "b$a |c=d|"; got != want {
		t.Errorf("replaced one: got %q, want %q", got, want)
	}
}

func TestReplacingAllIsOneEdit(t *testing.T) {
	t.Parallel()
	b := New("x1\r\ny\r\nx2 x3")
	if n := b.ReplaceAll(finder(t, Query{Text: "x", Case: true}), "$1"); n != 3 {
		t.Errorf("replaced %d, want 3", n)
	}
	if got, want := b.Text(), "$11\r\ny\r\n$12 $13"; got != want {
		t.Errorf("plain: got %q, want %q", got, want)
	}
	b.Undo()
	if got, want := b.Text(), "x1\r\ny\r\nx2 x3"; got != want {
		t.Errorf("undone: got %q, want %q", got, want)
	}
	b.ReplaceAll(finder(t, Query{Text: `x(\d)`, Regexp: true}), "<$1>")
	if got, want := b.Text(), "<1>\r\ny\r\n<2> <3>"; got != want {
		t.Errorf("regexp: got %q, want %q", got, want)
	}
}

func TestAWrongPatternSaysSo(t *testing.T) {
	t.Parallel()
	if _, err := (Query{Text: "(", Regexp: true}).Compile(); err == nil {
		t.Error("no error for a pattern that is no regular expression")
	}
}
