package check

import (
	"slices"
	"strings"

	"github.com/imgtui/imgtui/model/dockerfile"
	"github.com/imgtui/imgtui/model/words"
)

// removedLater finds a RUN that takes away what an earlier layer keeps anyway.
func removedLater(s Subject) []Finding {
	var all []Finding
	for n, i := range s.File.Instructions {
		if i.Name != "RUN" || !slices.ContainsFunc(commands(i), cleans) {
			continue
		}
		bytes, added := s.hidden(n)
		only := !slices.ContainsFunc(commands(i), func(c command) bool { return !cleans(c) })
		if bytes == 0 && !only {
			continue // it cleans up after itself
		}
		f := at(i, aside(howMuch(bytes, added)))
		if only {
			f.Fix = s.joinBefore(n)
		}
		all = append(all, f)
	}
	return all
}

func cleans(c command) bool {
	return base(c[0]) == "rm" || c.is("apt-get", "clean") || c.is("apt-get", "purge") || c.is("apt-get", "autoremove") ||
		c.is("apk", "del") || c.is("dnf", "clean") || c.is("yum", "clean") || c.is("npm", "cache")
}

// hidden returns the bytes of earlier layers that an instruction's layer hid,
// and the lines that added most of them.
func (s Subject) hidden(n int) (bytes int64, added []string) {
	if s.Report == nil || s.Image == nil || n >= len(s.Pairs) || s.Pairs[n] < 0 {
		return 0, nil
	}
	layer := s.Image.Steps[s.Pairs[n]].Layer
	if layer == nil {
		return 0, nil
	}
	for _, d := range s.Report.Paths {
		if d.Hidden != layer.Index || d.Added == layer.Index {
			continue
		}
		bytes += d.Bytes
		if l := s.lineOfLayer(d.Added); l != "" && !slices.Contains(added, l) {
			added = append(added, l)
		}
	}
	return bytes, added
}

// lineOfLayer returns the line of the instruction that made a layer, or "".
func (s Subject) lineOfLayer(layer int) string {
	if at := slices.Index(s.Pairs, s.Image.StepOf(layer)); at >= 0 {
		return lineOf(s.File.Instructions[at].Line)
	}
	return ""
}

func howMuch(bytes int64, added []string) string {
	switch {
	case bytes == 0:
		return ""
	case len(added) == 0:
		return words.Bytes(bytes)
	}
	return words.Bytes(bytes) + " ← " + strings.Join(added, ", ")
}

// joinBefore puts a RUN at the end of the one that stands right before it.
func (s Subject) joinBefore(n int) *Fix {
	if n == 0 {
		return nil
	}
	before, i := s.File.Instructions[n-1], s.File.Instructions[n]
	if before.Name != "RUN" || before.Stage != i.Stage || !joins(before) || !joins(i) {
		return nil
	}
	lines := s.raw(before.Line, before.Last)
	last := strings.TrimRight(lines[len(lines)-1], " \t")
	if strings.Contains(last, "#") {
		return nil
	}
	lines[len(lines)-1] = last + " \\"
	lines = append(lines, "    && "+strings.TrimSpace(i.Args))
	return &Fix{Edits: []Edit{
		{Line: before.Line, Last: before.Last, Text: strings.Join(lines, "\n")},
		{Line: i.Line, Last: i.Last, Cut: true},
	}}
}

// joins tells whether a RUN can be put together with another by &&.
func joins(i dockerfile.Instruction) bool {
	return !i.JSON && len(i.Flags) == 0 && len(i.Heredocs) == 0 && !strings.ContainsAny(i.Args, "#;|`\n") && !strings.HasSuffix(i.Args, "&")
}
