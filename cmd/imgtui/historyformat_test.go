package main

import (
	"bytes"
	"strings"
	"testing"
)

// TestHistoryOnATerminalIsHarmless writes a step of odd texts in every format:
// on a terminal a row stays a row, and nothing in it is obeyed.
func TestHistoryOnATerminalIsHarmless(t *testing.T) {
	t.Parallel()
	evil := strings.Join(oddNames, "\n")
	r := row{id: "sha256:0123456789abcdef", createdBy: evil, comment: evil}
	for _, format := range []string{"", "table", "json", "{{json .}}", "{{json .CreatedBy}}", "{{.CreatedBy}} {{.Comment}}", `table {{.Comment}}\t{{.CreatedBy}}`, "table {{.CreatedBy}}"} {
		for _, o := range []options{{human: true}, {noTrunc: true}} {
			o.format = format
			f, err := newHistoryFormat(&o)
			if err != nil {
				t.Fatal(err)
			}
			var b bytes.Buffer
			if err := f.write(&b, []row{r, r}, true); err != nil {
				t.Fatal(err)
			}
			want := 2
			if f.table {
				want++
			}
			if what, lines := harm(b.String()), strings.Count(b.String(), "\n"); what != "" || lines != want {
				t.Errorf("--format %q: got %s and %d lines, want none and %d:\n%q", format, what, lines, want, &b)
			}
		}
	}
}
