package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"unicode"
)

func TestTextOnATerminalNeitherMovesNorColours(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"":                       "",
		"a\tb\nc\n":              "a\tb\nc\n",
		"dos\r\nlines\r\n":       "dos\nlines\n",
		"back\rover":             `back\rover`,
		"end\r":                  `end\r`,
		"\x1b[31mred\x1b[m":      `\x1b[31mred\x1b[m`,
		"bell\a back\b del\x7f":  `bell\x07 back\x08 del\x7f`,
		"\u009b31m c1":           `\x9b31m c1`,
		"\u202eright":            `\u202eright`,
		"é 日本 é ok":              "é 日本 é ok",
		"bad \xff\xe6\x97 bytes": `bad \xff\xe6\x97 bytes`,
		"cut \xe6\x97":           `cut \xe6\x97`,
	} {
		for size := 1; size < len(text)+2; size++ {
			var b bytes.Buffer
			v := &visibleText{to: &b}
			if _, err := io.CopyBuffer(v, onlyReader{strings.NewReader(text)}, make([]byte, size)); err != nil {
				t.Fatal(err)
			}
			if err := v.Close(); err != nil {
				t.Fatal(err)
			}
			if b.String() != want {
				t.Errorf("%q in pieces of %d: got %q, want %q", text, size, &b, want)
			}
		}
	}
}

// onlyReader hides that a reader can write itself as a whole.
type onlyReader struct{ io.Reader }

func FuzzTextOnATerminal(f *testing.F) {
	f.Add("a\r\n\x1b[m\xff日", 3)
	f.Fuzz(func(t *testing.T, text string, size int) {
		size = 1 + max(size%7, -size%7)
		var b bytes.Buffer
		v := &visibleText{to: &b}
		for rest := text; rest != ""; {
			n := min(size, len(rest))
			v.Write([]byte(rest[:n]))
			rest = rest[n:]
		}
		v.Close()
		if want := visibleLines(text); b.String() != want {
			t.Errorf("%q in pieces of %d: got %q, want %q", text, size, &b, want)
		}
		for _, r := range b.String() {
			if unicode.IsControl(r) && r != '\n' && r != '\t' {
				t.Errorf("%q: got the control character %U", text, r)
			}
		}
	})
}

func TestOutputThatFailsFailsForGood(t *testing.T) {
	t.Parallel()
	image := writtenApp(t)
	full := &fs.PathError{Op: "write", Path: "/dev/stdout", Err: syscall.ENOSPC}
	for _, args := range [][]string{{"--help"}, {"version"}, {"help", "ls"}, {"man"}, {"history", image}, {"ls", image, "--json"}, {"stat", image, "/etc"}, {"cat", image, "/etc/passwd"}, {"waste", image}, {"inspect", image}, {"diff", image}, {"tree", image}} {
		var errs bytes.Buffer
		p := program{in: strings.NewReader(""), out: failing{full}, err: &errs, env: func(string) string { return "" }}
		code := p.run(t.Context(), args)
		want := "imgtui: write to standard output: no space left on device\nhint: there is no room where the output goes\n"
		if code != wrong || errs.String() != want {
			t.Errorf("imgtui %q to a full disk: got exit %d, %q, want exit %d, %q", args, code, &errs, wrong, want)
		}
	}
}

func TestAReaderThatHasSeenEnoughIsNoError(t *testing.T) {
	t.Parallel()
	image := writtenApp(t)
	for _, args := range [][]string{{"--help"}, {"man"}, {"history", image}, {"tree", image}} {
		var errs bytes.Buffer
		p := program{in: strings.NewReader(""), out: failing{fmt.Errorf("write: %w", syscall.EPIPE)}, err: &errs, env: func(string) string { return "" }}
		if code := p.run(t.Context(), args); code != fine || errs.Len() > 0 {
			t.Errorf("imgtui %q to a closed pipe: got exit %d, %q, want nothing said", args, code, &errs)
		}
	}
}

// writtenApp is an archive of app.
func writtenApp(t *testing.T) (path string) {
	dir := t.TempDir()
	writeAll(t, dir, map[string][]byte{"app.tar": saved(t, app())})
	return filepath.Join(dir, "app.tar")
}

// failing takes nothing.
type failing struct{ err error }

// Write implements io.Writer.
func (f failing) Write([]byte) (int, error) { return 0, f.err }

func TestTheFirstErrorOfTheOutputStays(t *testing.T) {
	t.Parallel()
	o := &output{to: failing{errors.New("first")}}
	o.Write([]byte("a"))
	o.to = io.Discard
	if _, err := o.Write([]byte("b")); err == nil || err.Error() != "write to standard output: first" {
		t.Errorf("got %v, want the first error", err)
	}
}
