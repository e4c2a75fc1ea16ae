package dockerfile

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/moby/buildkit/frontend/dockerfile/parser"
)

// hold tells how a parsed text breaks what a File promises, or "".
func hold(f *File) string {
	var b strings.Builder
	at, bytes := 0, 0
	lines := strings.Count(f.Text, "\n") + 1
	for _, p := range f.Pieces() {
		b.WriteString(p.Text)
		if p.Text == "" {
			return "an empty piece"
		}
	}
	if b.String() != f.Text {
		return "the pieces are not the text"
	}
	for n, i := range f.Instructions {
		switch {
		case i.Line <= at || i.Last < i.Line || i.Last > lines:
			return "lines overlap or are not in the text"
		case i.Start < bytes || i.End <= i.Start || i.End > len(f.Text):
			return "bytes overlap or are not in the text"
		case f.At(i.Line) != n || f.At(i.Last) != n:
			return "At does not find an instruction"
		case f.At(i.Line-1) == n || f.At(i.Last+1) == n:
			return "At finds too much"
		case i.Stage < -1 || i.Stage >= len(f.Stages):
			return "no such stage"
		}
		at, bytes = i.Last, i.End
	}
	for _, e := range f.Faults {
		if e.Line < 0 || e.Line > lines || e.Text == "" {
			return "a fault without line or text"
		}
	}
	return ""
}

// FuzzPiecesAreTheText holds for any text: nothing is lost, nothing overlaps,
// and what BuildKit's parser makes of the whole text is what is found.
func FuzzPiecesAreTheText(f *testing.F) {
	for _, s := range samples(f) {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		got, err := Parse(text)
		if what := hold(got); what != "" {
			t.Fatalf("Parse(%q): %s", text, what)
		}
		if (err != nil) != (len(got.Faults) > 0) {
			t.Fatalf("Parse(%q): error %v with faults %v", text, err, got.Faults)
		}
		sameAsParser(t, got)
	})
}

// sameAsParser compares a File with what BuildKit's parser says of the text.
func sameAsParser(t *testing.T, f *File) {
	t.Helper()
	result, err := parser.Parse(strings.NewReader(f.Text))
	if err != nil {
		if len(f.Faults) == 0 && len(f.Text) <= Largest {
			t.Fatalf("%q: got no fault, BuildKit says %v", f.Text, err)
		}
		return
	}
	if len(f.Text) > Largest {
		return
	}
	if len(result.AST.Children) != len(f.Instructions) {
		t.Fatalf("%q: got %d instructions, BuildKit has %d", f.Text, len(f.Instructions), len(result.AST.Children))
	}
	for n, want := range result.AST.Children {
		got := f.Instructions[n]
		if got.Name != strings.ToUpper(want.Value) || got.Line != want.StartLine || got.Last > want.EndLine {
			t.Fatalf("%q: got %s in lines %d to %d, BuildKit has %s in %d to %d", f.Text, got.Name, got.Line, got.Last, want.Value, want.StartLine, want.EndLine)
		}
		if args := plainArgs(want.Original, f.Escape); got.Args != args {
			t.Fatalf("%q: got the arguments %q of %s, BuildKit has %q", f.Text, got.Args, got.Name, args)
		}
	}
}

// plainArgs has the parser find the arguments of an instruction: those of USER
// it leaves as they are.
func plainArgs(original string, escape byte) string {
	original = strings.TrimSpace(original)
	at := strings.IndexAny(original, "\t\v\f\r ")
	if at < 0 {
		return ""
	}
	if len(original)-at > 60_000 || original[len(original)-1] == escape { // too long a line, or one that would go on
		return strings.TrimSpace(original[at:][flagsEnd(original[at:], escape):])
	}
	result, err := parser.Parse(strings.NewReader("# escape=" + string(escape) + "\nUSER" + original[at:]))
	if err != nil || result.AST.Children[0].Next == nil {
		return ""
	}
	return result.AST.Children[0].Next.Value
}

func TestPiecesAreTheText(t *testing.T) {
	t.Parallel()
	for _, s := range samples(t) {
		f, _ := Parse(s)
		if what := hold(f); what != "" {
			t.Errorf("Parse(%q): %s", s, what)
		}
		sameAsParser(t, f)
	}
}

// samples are texts with what is hard to read.
func samples(t testing.TB) []string {
	t.Helper()
	names, err := filepath.Glob("testdata/*.dockerfile")
	if err != nil || len(names) == 0 {
		t.Fatalf("no samples: %v", err)
	}
	all := []string{
		"", "\n", "\ufeff", "\ufeff\nFROM a", "FROM a", "FROM a\r\n\r\nRUN b\r\n", "\\", "\\\n\\\n", "FROM a\n\\\nRUN b\n", "FROM a\nRUN \\",
		"# escape=`\nFROM a\nRUN b `\n c", "# escape=x\n# escape=`\n# syntax=y\nFROM a", "#!/usr/bin/docker\n# syntax=x\nFROM a",
		"FROM a\nRUN <<A <<-B\na\nA\n\tb\n\tB\nRUN c", "FROM a\nONBUILD RUN <<A\nb\nA\n", "FROM a\nRUN <<A\nb", "FROM a\nENV\nENV a\nENV b\nCMD [1]\n",
		"FROM a\nRUN --x=\"a b\" --y='\"' -- --z\nRUN -- a\nRUN --a\\ b c\n", "FROM a\nRUN a \\ \t\n\n#\n\n# c\n\n", "FROM a\n\vRUN\tb\n", "a\xffb\x00 c\nFROM\n",
	}
	for _, name := range names {
		b, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, string(b))
	}
	return all
}

// TestEveryDockerfileOfAFolderIsKept reads the folder IMGTUI_TEST_DOCKERFILES:
// every file in it that is named as a Dockerfile.
func TestEveryDockerfileOfAFolderIsKept(t *testing.T) {
	t.Parallel()
	dir := os.Getenv("IMGTUI_TEST_DOCKERFILES")
	if dir == "" {
		t.Skip("IMGTUI_TEST_DOCKERFILES names no folder of Dockerfiles")
	}
	read, faulty := 0, 0
	err := fs.WalkDir(os.DirFS(dir), ".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() {
			return err
		}
		b, err := fs.ReadFile(os.DirFS(dir), path)
		if err != nil {
			return err
		}
		f, fault := Parse(string(b))
		if what := hold(f); what != "" {
			t.Errorf("%s: %s", path, what)
		}
		sameAsParser(t, f)
		if read++; fault != nil {
			faulty++
			t.Logf("%s:%d: %v", path, f.Faults[0].Line, fault)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if read == 0 {
		t.Errorf("no file in %s", dir)
	}
	t.Logf("%d files, %d of them with faults", read, faulty)
}
