package dockerfile

import (
	"fmt"
	"strings"
	"unicode"

	"github.com/imgtui/imgtui/model"
	"github.com/imgtui/imgtui/model/pattern"
)

// Recovered is a Dockerfile that was read from an image's history.
type Recovered struct {
	Text string // it parses without a fault
	Base string // the image that it is built on, "" where it is not known
}

// Recover writes a Dockerfile that tells what an image's history tells. The
// steps of the base are its FROM; each further step is one instruction, or a
// comment where it tells none. What a history cannot tell is said in comments.
func Recover(img *model.Image) Recovered {
	r := recovery{image: img, escape: '\\', env: known(img.Config.Env), labels: img.Config.Labels}
	r.rows, r.given = NewReader(img), givenNames(img)
	if img.Platform.OS == "windows" {
		r.escape = '`'
		r.line("# escape=`")
	}
	name, steps := baseOf(img)
	r.head()
	r.from(name, steps)
	for n := range img.Steps[steps:] {
		r.step(img.Steps[steps+n])
	}
	r.triggers()
	return Recovered{Text: r.text.String(), Base: name}
}

// givenNames returns the names of the build arguments that any RUN was given.
func givenNames(img *model.Image) map[string]bool {
	names, rows := map[string]bool{}, NewReader(img)
	for _, s := range img.Steps {
		if len(s.CreatedBy) > longestRow {
			continue
		}
		for _, g := range rows.Read(s).Given {
			name, _, _ := strings.Cut(g, "=")
			names[name] = true
		}
	}
	return names
}

// known returns the variables of NAME=value.
func known(env []string) map[string]string {
	all := map[string]string{}
	for _, e := range env {
		name, value, _ := strings.Cut(e, "=")
		all[name] = value
	}
	return all
}

// recovery is a Dockerfile being recovered.
type recovery struct {
	image       *model.Image
	text        strings.Builder
	escape      byte
	rows        *Reader
	final       bool // the row at hand has no variables left in it
	env, labels map[string]string
	given       map[string]bool // the names of build arguments
}

// longestRow bounds what is taken from a row, and longestText what is written
// altogether: what is behind is told in comments.
const (
	longestRow  = 32 << 10
	longestText = Largest - 256<<10
)

func (r *recovery) line(s string) { r.text.WriteString(s + "\n") }

// comment writes foreign text as a comment.
func (r *recovery) comment(s string) {
	for l := range strings.SplitSeq(printable(bounded(s)), "\n") {
		r.line(strings.TrimRight("# "+l, " "))
	}
}

func bounded(s string) string {
	const longest = 500
	if len(s) > longest {
		return strings.ToValidUTF8(s[:longest], "") + "…"
	}
	return s
}

// printable replaces what a terminal might obey.
func printable(s string) string {
	return strings.Map(func(c rune) rune {
		if c == '\n' || unicode.IsPrint(c) {
			return c
		}
		if unicode.IsSpace(c) {
			return ' '
		}
		return unicode.ReplacementChar
	}, strings.ToValidUTF8(s, "\uFFFD"))
}

// isPrintable tells whether a text can stand in a Dockerfile as it is.
func isPrintable(s string) bool {
	return printable(strings.ReplaceAll(s, "\t", "")) == strings.ReplaceAll(s, "\t", "")
}

func (r *recovery) head() {
	r.line("# Recovered from the history of the image. It does not tell of other stages, of")
	r.line("# mounts and secrets, nor of what the files were that COPY and ADD have brought.")
}

var reference = pattern.Lazy(`^[a-zA-Z0-9][a-zA-Z0-9._:/-]*(?:@sha256:[0-9a-f]{64})?$`)

// baseOf returns the name of the base image, "" where it is not known, and how
// many steps it has. Buildah notes the name at the first step on top of it.
func baseOf(img *model.Image) (name string, steps int) {
	name, steps = img.BaseName, img.Base()
	if name == "" {
		for n, s := range img.Steps {
			if from, ok := strings.CutPrefix(s.Comment, "FROM "); ok {
				name, steps = strings.TrimSpace(from), n
				break
			}
		}
	}
	if !reference().MatchString(name) || len(name) > 255 || name == "scratch" {
		name = ""
	}
	return name, steps
}

// from writes the FROM.
func (r *recovery) from(name string, steps int) {
	switch {
	case steps == 0 && name == "":
		r.line("FROM scratch")
		return
	case steps == 0:
		r.line("# Built on " + name + ", whose steps are not told apart.")
		r.line("FROM scratch")
		return
	case name != "":
		r.line("# " + leading(steps) + " the base.")
		r.line("FROM " + name)
		return
	}
	r.line("# " + leading(steps) + " a base whose name is not known:")
	for _, s := range r.image.Steps[:steps] {
		r.comment("  " + strings.ReplaceAll(s.CreatedBy, "\n", " "))
	}
	r.line("FROM " + UnknownBase)
}

func leading(steps int) string {
	if steps == 1 {
		return "The first step is that of"
	}
	return fmt.Sprintf("The first %d steps are those of", steps)
}

// UnknownBase stands in a recovered FROM for a name that is not known.
const UnknownBase = "unknown-base"

// step writes what a step tells.
func (r *recovery) step(s model.Step) {
	row := Row{}
	if len(s.CreatedBy) <= longestRow && r.text.Len() < longestText {
		row = r.rows.Read(s)
	}
	r.final = row.Final
	if write := writers[row.Name]; write != nil {
		for _, c := range write(r, row) {
			if r.holds(row, c) {
				if c.note != "" {
					r.comment(c.note)
				}
				r.line(c.text)
				return
			}
		}
	}
	r.untold(s)
}

// triggers writes the ONBUILDs that left no row.
func (r *recovery) triggers() {
	told := r.text.String()
	for _, t := range r.image.Config.OnBuild {
		if strings.Contains(told, "\nONBUILD "+strings.TrimSpace(t)+"\n") || r.text.Len() > longestText || len(t) > longestRow {
			continue
		}
		c := candidate{text: "ONBUILD " + t}
		if !r.holds(Row{Name: "ONBUILD"}, c) {
			r.comment("no instruction: ONBUILD " + t)
			continue
		}
		r.line(c.text)
	}
}

// untold writes a step that tells no instruction.
func (r *recovery) untold(s model.Step) {
	if r.text.Len() > longestText {
		s.CreatedBy, s.Comment = "", "more than can be told"
	}
	said := strings.TrimSpace(s.CreatedBy)
	if said == "" {
		said = "a step that does not say what it did"
	}
	if s.Comment != "" && s.Comment != "buildkit.dockerfile.v0" {
		said += " (" + s.Comment + ")"
	}
	r.comment("no instruction: " + said)
}

// candidate is a way in which an instruction may be written.
type candidate struct {
	text string
	note string // said in a comment above
	says string // what the instruction must turn out to say, see [Instruction.Says]
}

// holds tells whether a candidate is one instruction of the right name that
// says what it should, ends before the next one, and has nothing that a terminal
// obeys.
func (r *recovery) holds(row Row, c candidate) bool {
	if !isPrintable(c.text) {
		return false
	}
	f, err := Parse("# escape=" + string(r.escape) + "\nFROM scratch\n" + c.text + "\nUSER next\n")
	if err != nil || len(f.Instructions) != 3 || f.Instructions[1].Name != row.Name {
		return false
	}
	return c.says == "" || f.Says(1, nil) == c.says
}
