package check

import (
	"slices"
	"strings"
	"time"

	"github.com/imgtui/imgtui/model"
	"github.com/imgtui/imgtui/model/dockerfile"
	"github.com/imgtui/imgtui/model/words"
)

// copyBeforeInstall finds a COPY of the sources before a costly RUN that does
// not need them all: each change of a source then runs it again.
func copyBeforeInstall(s Subject) []Finding {
	var all []Finding
	for n, i := range s.File.Instructions {
		if !copiesSources(i) {
			continue
		}
		k, ok := s.costly(n)
		if !ok {
			continue
		}
		run := s.File.Instructions[k]
		f := at(i, lineOf(run.Line), aside(s.cost(k)))
		f.Fix = s.swap(n, k)
		all = append(all, f)
	}
	return all
}

// copiesSources tells whether an instruction brings a folder of the context.
func copiesSources(i dockerfile.Instruction) bool {
	if i.Name != "COPY" && i.Name != "ADD" || len(i.Words) < 2 || from(i) != "" {
		return false
	}
	return slices.ContainsFunc(i.Words[:len(i.Words)-1], func(src string) bool {
		src = strings.TrimSuffix(strings.TrimPrefix(src, "./"), "/")
		return src == "" || src == "." || src == "src" || src == "app" || src == "lib"
	})
}

// from returns the stage or image that a COPY reads, "" for the context.
func from(i dockerfile.Instruction) string {
	for _, f := range i.Flags {
		if v, ok := strings.CutPrefix(f, "--from="); ok {
			return v
		}
	}
	return ""
}

// costly returns the first RUN after n in its stage that installs what others
// made.
func (s Subject) costly(n int) (int, bool) {
	for k := n + 1; k < len(s.File.Instructions) && s.File.Instructions[k].Stage == s.File.Instructions[n].Stage; k++ {
		if i := s.File.Instructions[k]; i.Name == "RUN" && slices.ContainsFunc(commands(i), fetches) {
			return k, true
		}
	}
	return 0, false
}

// fetches tells whether a command brings packages from elsewhere.
func fetches(c command) bool {
	for _, m := range managers {
		if m.installs(c) {
			return true
		}
	}
	for _, t := range fetchers {
		if c.is(t[0], t[1]) {
			return true
		}
	}
	return c.is("python", "") && slices.Contains(c, "pip") || c.is("python3", "") && slices.Contains(c, "pip")
}

var fetchers = [][2]string{
	{"pip", "install"}, {"pip3", "install"}, {"pipenv", "install"}, {"poetry", "install"}, {"uv", "sync"}, {"uv", "pip"},
	{"npm", "ci"}, {"npm", "install"}, {"yarn", "install"}, {"yarn", ""}, {"pnpm", "install"}, {"go", "mod"}, {"bundle", "install"},
	{"gem", "install"}, {"composer", "install"}, {"cargo", "fetch"}, {"dotnet", "restore"}, {"mvn", "dependency:go-offline"},
}

// cost says what a step costs, as far as the open image tells: its bytes, and
// the seconds between its row of the history and the one before.
func (s Subject) cost(instruction int) string {
	var parts []string
	if n := s.bytesOf(instruction); n != model.Unknown && n > 0 {
		parts = append(parts, words.Bytes(n))
	}
	if d := s.took(instruction); d >= time.Second {
		parts = append(parts, d.Round(time.Second).String())
	}
	return strings.Join(parts, ", ")
}

// aside puts what there is in brackets.
func aside(s string) string {
	if s == "" {
		return ""
	}
	return " (" + s + ")"
}

// longest is how long a step may have taken: rows that are further apart come
// from different builds.
const longest = 2 * time.Hour

func (s Subject) took(instruction int) time.Duration {
	if s.Image == nil || instruction >= len(s.Pairs) {
		return 0
	}
	n := s.Pairs[instruction]
	if n <= 0 || n >= len(s.Image.Steps) {
		return 0
	}
	d := s.Image.Steps[n].Created.Sub(s.Image.Steps[n-1].Created)
	if d < 0 || d > longest {
		return 0
	}
	return d
}

// swap moves a COPY below the installs that follow it at once and name nothing
// of it. Where one reads the sources there is no safe fix.
func (s Subject) swap(n, k int) *Fix {
	copies := s.File.Instructions[n]
	dest := strings.TrimSuffix(copies.Words[len(copies.Words)-1], "/")
	if dest == "" || dest == "." || !strings.HasPrefix(dest, "/") || len(copies.Heredocs) > 0 {
		return nil
	}
	for _, i := range s.File.Instructions[n+1 : k+1] {
		if i.Name != "RUN" || !independent(i, dest) {
			return nil
		}
	}
	for k+1 < len(s.File.Instructions) && s.File.Instructions[k+1].Name == "RUN" && independent(s.File.Instructions[k+1], dest) {
		k++
	}
	run := s.File.Instructions[k]
	moved := strings.Join(s.raw(copies.Line, copies.Last), "\n")
	return &Fix{Edits: []Edit{
		{Line: copies.Line, Last: copies.Last, Cut: true},
		{Line: run.Last + 1, Last: run.Last, Text: moved},
	}}
}

// independent tells whether a RUN can do without what stands in dest: it only
// installs packages by name.
func independent(i dockerfile.Instruction, dest string) bool {
	if i.JSON || len(i.Flags) > 0 || len(i.Heredocs) > 0 || strings.Contains(i.Args, dest) {
		return false
	}
	for _, c := range commands(i) {
		if removes(c, "/var") || updates(c) {
			continue
		}
		if !fetches(c) || slices.ContainsFunc(c[1:], readsFile) {
			return false
		}
	}
	return true
}

func updates(c command) bool {
	return slices.ContainsFunc(managers, func(m manager) bool { return m.updates(c) })
}

// readsFile tells whether a word of an install names a file rather than a package.
func readsFile(w string) bool {
	return w == "-r" || w == "." || w == "ci" || strings.HasPrefix(w, "--requirement") || strings.HasPrefix(w, "-e") ||
		strings.HasPrefix(w, "./") || strings.HasPrefix(w, "/") || strings.HasSuffix(w, ".txt") || strings.ContainsAny(w, "$`")
}
