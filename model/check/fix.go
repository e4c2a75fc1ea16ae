package check

import (
	"slices"
	"strings"
)

// Fix is a change of the text that mends a finding and means the same.
type Fix struct{ Edits []Edit }

// Edit puts Text, which may be several lines, in the place of the lines from
// Line to Last, which count from 1. With Last less than Line it goes before
// Line; with an empty Text and Cut the lines go.
type Edit struct {
	Line, Last int
	Text       string
	Cut        bool
}

// Apply carries out a fix. Edits must not overlap. New lines end as the first
// line does, and a last line without an end stays without.
func (f Fix) Apply(text string) string {
	whole, ended := strings.CutSuffix(text, "\n")
	lines := strings.Split(whole, "\n")
	edits := slices.Clone(f.Edits)
	slices.SortStableFunc(edits, func(a, b Edit) int { return b.Line - a.Line })
	for _, e := range edits {
		from, to := e.Line-1, max(e.Last, e.Line-1)
		if from < 0 || to > len(lines) {
			continue
		}
		lines = slices.Replace(lines, from, to, e.lines(strings.HasSuffix(lines[0], "\r"))...)
	}
	whole = strings.Join(lines, "\n")
	if ended {
		whole += "\n"
	}
	return whole
}

// lines returns the new lines without the \n at their ends.
func (e Edit) lines(returns bool) []string {
	if e.Cut {
		return nil
	}
	all := strings.Split(e.Text, "\n")
	for i := range all {
		if returns {
			all[i] += "\r"
		}
	}
	return all
}

// raw returns the lines of an instruction as they stand, without their ends.
func (s Subject) raw(line, last int) []string {
	var all []string
	n := 0
	for l := range strings.SplitSeq(s.File.Text, "\n") {
		if n++; n > last {
			break
		}
		if n >= line {
			all = append(all, strings.TrimSuffix(l, "\r"))
		}
	}
	return all
}

// replace makes a fix that changes the first match on an instruction's lines.
func (s Subject) replace(line, last int, change func(string) (string, bool)) *Fix {
	for i, l := range s.raw(line, last) {
		if now, ok := change(l); ok {
			return &Fix{Edits: []Edit{{Line: line + i, Last: line + i, Text: now}}}
		}
	}
	return nil
}
