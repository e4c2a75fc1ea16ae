package ignore_test

import (
	"bytes"
	"math/rand/v2"
	"path"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/moby/patternmatcher"
	"github.com/moby/patternmatcher/ignorefile"

	"github.com/imgtui/imgtui/model/ignore"
)

// same compares our patterns with BuildKit's matcher for one path.
func same(t *testing.T, texts []string, name string) {
	t.Helper()
	if name = path.Clean(name); name == "." || name[0] == '/' {
		return // no path within a folder
	}
	theirs, err := patternmatcher.New(texts)
	if err != nil {
		if _, ours := ignore.New(texts); ours == nil {
			t.Errorf("New(%q): got none, want the error %v", texts, err)
		}
		return
	}
	want, err := theirs.MatchesOrParentMatches(name)
	if err != nil {
		return
	}
	ours, err := ignore.New(texts)
	if err != nil {
		if _, late := theirs.MatchesOrParentMatches(name + "/x"); late == nil && !lazy(texts) {
			t.Errorf("New(%q): %v", texts, err)
		}
		return
	}
	if got := ours.MatchPath(name); got != want {
		t.Errorf("%q matches %q: got %v, want %v", texts, name, got, want)
	}
}

// lazy tells whether BuildKit's matcher may find a fault only when a path
// comes to the pattern that has it.
func lazy(texts []string) bool {
	return len(texts) > 0 && strings.ContainsAny(strings.Join(texts, ""), `[]\`)
}

func TestPatternsMatchAsThoseOfBuildKit(t *testing.T) {
	texts := [][]string{
		{}, {"a"}, {"/a"}, {"a/"}, {"a/b"}, {"./a"}, {"../a"}, {"a/../b"}, {"**"}, {"*"}, {"?"}, {"**/"}, {"**/*"}, {"*/**"},
		{"a/**"}, {"a**"}, {"**a"}, {"**/a"}, {"**/a/b"}, {"a/**/b"}, {"**/*.go"}, {"*.go"}, {"a*b"}, {"[ab]"}, {"[^a]"}, {"[!a]"},
		{"a^b"}, {"^a"}, {"a^b*"}, {`\*`}, {`a\`}, {`\a`}, {"a.b"}, {"a+b"}, {"(a)"}, {"a|b"}, {"{a}"}, {"$a"}, {"é*"}, {"ab?"},
		{"a", "!a"}, {"a", "!a/b"}, {"!a", "a"}, {"*", "!a"}, {"**", "!**/b"}, {"a", "!a/b", "a/b/c"}, {"*", "!a/b", "a/b/a"},
		{"!"}, {"! a"}, {"[a"}, {"a", " ", "b "}, {"**", "!a"}, {"a/*", "!a/b"}, {"a**/b"}, {"**.go"}, {"a/**/*.go"}, {"*a*"},
	}
	names := []string{"a", "b", "ab", "a/b", "a/b/c", "b/a", "b/a/b", "a/b/a", "x.go", "a/x.go", "a/b/x.go", "a.b", "axb", "a^b", "^a", "*", "a+b",
		"(a)", "a|b", "{a}", "$a", "éa", "éa/b", "a\\", ".go", "a/.go", "c", "A", "!a", "..", "a b"}
	for _, one := range texts {
		for _, name := range names {
			same(t, one, name)
		}
	}
}

func TestRandomPatternsMatchAsThoseOfBuildKit(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	piece := func(letters []string, most int) string {
		var b strings.Builder
		for range 1 + random.IntN(most) {
			b.WriteString(letters[random.IntN(len(letters))])
		}
		return b.String()
	}
	for range 20_000 {
		texts := make([]string, 1+random.IntN(4))
		for i := range texts {
			texts[i] = piece([]string{"a", "b", "/", "*", "**", "?", "!", ".", "[ab]", "[^a]", `\*`, "c"}, 6)
		}
		same(t, texts, strings.Trim(piece([]string{"a", "b", "c", "a", "b", "/", "/", "."}, 7), "/")+"c")
	}
}

func TestLinesAreReadAsBuildKitReadsThem(t *testing.T) {
	for _, text := range []string{
		"", "a\nb\n", "\xef\xbb\xbfa\n", "# c\n #d\n\n  a  \n", "/a\n!/b\n! c\n!\n/\n//x\na//b/../c\n", "a\r\nb\r\n", "!\xef\xbb\xbf", strings.Repeat("x", 70_000),
	} {
		want, wantErr := ignorefile.ReadAll(bytes.NewReader([]byte(text)))
		got, err := ignore.Lines([]byte(text))
		if (err == nil) != (wantErr == nil) {
			t.Errorf("lines of %.20q: error %v, want %v", text, err, wantErr)
		}
		if err == nil && !cmp.Equal(got, want) {
			t.Errorf("lines of %.20q: got %q, want %q", text, got, want)
		}
	}
}

// A directory is only left unread where nothing in it can come back.
func TestWithinNeverHidesWhatIsTakenBackIn(t *testing.T) {
	for _, c := range []struct {
		texts []string
		dir   string
		want  bool
	}{
		{[]string{"a"}, "a", false},
		{[]string{"a", "!a/b"}, "a", true},
		{[]string{"a", "!a/b/c"}, "a/b", true},
		{[]string{"a", "!ab"}, "a", false},
		{[]string{"a", "!a/b/**"}, "a", true},
		{[]string{"a", "!**/x"}, "a", true},
		{[]string{"*", "!b"}, "a", false},
	} {
		p, err := ignore.New(c.texts)
		if err != nil {
			t.Fatal(err)
		}
		if got := p.Within(c.dir); got != c.want {
			t.Errorf("%q within %q: got %v, want %v", c.texts, c.dir, got, c.want)
		}
	}
}

func FuzzPatternsMatchAsThoseOfBuildKit(f *testing.F) {
	f.Add("a/**\n!a/b", "a/b/c")
	f.Add("**/*.go", "x/y.go")
	f.Fuzz(func(t *testing.T, texts, name string) {
		same(t, strings.Split(texts, "\n"), name)
	})
}
