package dockerfile

import (
	"fmt"
	"slices"
	"strings"
	"unicode"

	"github.com/imgtui/imgtui/model/pattern"
)

// writers write rows as instructions, by name: the first way that holds is
// taken.
var writers = map[string]func(*recovery, Row) []candidate{
	"ADD":         (*recovery).copied,
	"ARG":         (*recovery).args,
	"CMD":         (*recovery).started,
	"COPY":        (*recovery).copied,
	"ENTRYPOINT":  (*recovery).started,
	"ENV":         (*recovery).assigned,
	"EXPOSE":      (*recovery).exposed,
	"HEALTHCHECK": (*recovery).checked,
	"LABEL":       (*recovery).assigned,
	"MAINTAINER":  (*recovery).plain,
	"ONBUILD":     (*recovery).plain,
	"RUN":         (*recovery).ran,
	"SHELL":       (*recovery).listed,
	"STOPSIGNAL":  (*recovery).word,
	"USER":        (*recovery).word,
	"VOLUME":      (*recovery).listed,
	"WORKDIR":     (*recovery).word,
}

// ran writes a command: on a line, with its documents, as a document, or as a
// list that nothing can spoil.
func (r *recovery) ran(row Row) []candidate {
	note := ""
	if len(row.Given) > 0 {
		note = "build arguments: " + strings.Join(row.Given, " ")
	}
	if row.Shell == "" {
		words := strings.Fields(row.Text)
		return []candidate{
			{"RUN " + list(words), strings.TrimPrefix(note+"\nwritten as a list, which the history does not keep", "\n"), strings.Join(words, " ")},
		}
	}
	if e, ok := elements(row.Text); ok && len(e) > 0 && !row.Final && strings.Contains(row.Text, `"`) {
		return []candidate{{"RUN " + list(e), note, strings.Join(e, " ")}}
	}
	asList := candidate{"RUN " + list(append(strings.Fields(row.Shell), row.Text)), note, row.Shell + " " + row.Text}
	if row.Shell != r.rows.shell {
		return []candidate{asList}
	}
	if flags := mounts().FindString(row.Text); flags != "" {
		return []candidate{{"RUN " + flags + r.broken(row.Text[len(flags):]), note, row.Text[len(flags):]}, asList}
	}
	mark := heredocName(row.Text)
	return []candidate{
		{"RUN " + r.broken(row.Text), note, row.Text},
		{"RUN " + row.Text, note, row.Text},
		{"RUN <<" + mark + "\n" + row.Text + "\n" + mark, note, row.Text + "\n"},
		asList,
	}
}

// mounts are the flags of a RUN, which some builders note.
var mounts = pattern.Lazy(`^(?:--(?:mount|network|security)=\S+\s+)+`)

// heredocName returns a word that no line of a text is.
func heredocName(text string) string {
	name := "EOF"
	for slices.Contains(strings.Split(text, "\n"), name) {
		name += "F"
	}
	return name
}

// broken breaks a line where several spaces stand outside quotes: there the
// builder had joined what was written on lines of their own. Joined again it is
// the same, byte for byte.
func (r *recovery) broken(s string) string {
	var b strings.Builder
	quote := byte(0)
	for i := 0; i < len(s); i++ {
		c := s[i]
		switch {
		case quote != 0 && c == quote:
			quote = 0
		case quote == 0 && (c == '\'' || c == '"'):
			quote = c
		}
		n := gap(s[i:])
		if quote != 0 || n < 2 || i == 0 || s[i-1] == r.escape || strings.HasPrefix(s[i+n:], "#") {
			b.WriteByte(c)
			continue
		}
		if c == ' ' {
			b.WriteByte(c)
			i, n = i+1, n-1
		}
		b.WriteString(string(r.escape) + "\n" + s[i:i+n])
		i += n - 1
	}
	return b.String()
}

// gap returns how many spaces and tabs a text begins with.
func gap(s string) int { return len(s) - len(strings.TrimLeft(s, " \t")) }

// list writes a JSON list that has no character a terminal obeys in it.
func list(words []string) string {
	all := make([]string, len(words))
	for n, w := range words {
		all[n] = quotedJSON(w)
	}
	return "[" + strings.Join(all, ", ") + "]"
}

func quotedJSON(s string) string {
	var b strings.Builder
	b.WriteByte('"')
	for _, c := range s {
		switch {
		case c == '"' || c == '\\':
			b.WriteString(`\` + string(c))
		case unicode.IsPrint(c):
			b.WriteRune(c)
		case c > 0xffff:
			b.WriteRune(unicode.ReplacementChar)
		default:
			fmt.Fprintf(&b, `\u%04x`, c)
		}
	}
	b.WriteByte('"')
	return b.String()
}

// started writes a CMD or ENTRYPOINT: a command for the shell where it was one.
func (r *recovery) started(row Row) []candidate {
	e, ok := elements(row.Text)
	if !ok {
		return []candidate{{row.Name + " " + row.Text, "", row.Text}}
	}
	asList := candidate{row.Name + " " + list(e), "", strings.Join(e, " ")}
	if command, ok := strings.CutPrefix(strings.Join(e, " "), r.rows.shell+" "); ok && len(e) == len(strings.Fields(r.rows.shell))+1 {
		return []candidate{{row.Name + " " + command, "", command}, asList}
	}
	return []candidate{asList}
}

// listed writes a SHELL or VOLUME.
func (r *recovery) listed(row Row) []candidate {
	e, ok := row.elements()
	if !ok && row.Name == "VOLUME" {
		e, ok = strings.Fields(row.Text), true
	}
	if !ok || len(e) == 0 {
		return nil
	}
	if shell := r.image.Config.Shell; row.Name == "SHELL" && strings.Join(shell, " ") == strings.Join(e, " ") {
		e = shell
	}
	return []candidate{{row.Name + " " + list(e), "", strings.Join(e, " ")}}
}

// exposed writes ports, noted as a list or as a map.
func (r *recovery) exposed(row Row) []candidate {
	ports, ok := row.elements()
	if !ok {
		ports = strings.Fields(row.Text)
	}
	return []candidate{{"EXPOSE " + strings.Join(ports, " "), "", strings.Join(ports, " ")}}
}

// plain writes what is not changed by a builder.
func (r *recovery) plain(row Row) []candidate {
	return []candidate{{row.Name + " " + row.Text, "", ""}}
}

// word writes one word, in which variables would be put in.
func (r *recovery) word(row Row) []candidate {
	asIs := candidate{row.Name + " " + row.Text, "", row.Text}
	if row.Final && strings.Contains(row.Text, "$") {
		asIs.text = row.Name + " " + r.quoted(row.Text)
	}
	return []candidate{asIs, {row.Name + " " + r.quoted(row.Text), "", row.Text}}
}

// args writes ARG, whose names may have no value. A word without one is a name
// where a RUN was given an argument of that name.
func (r *recovery) args(row Row) []candidate {
	var words []string
	for _, a := range row.arguments(r.given) {
		name, value, ok := strings.Cut(a, "=")
		if ok {
			name += "=" + r.quoted(value)
		}
		words = append(words, name)
	}
	return []candidate{{"ARG " + strings.Join(words, " "), "", row.Text}}
}

// assigned writes ENV or LABEL.
func (r *recovery) assigned(row Row) []candidate {
	values := r.env
	if row.Name == "LABEL" {
		values = r.labels
	}
	all := assignments(row.Text, values)
	if all == nil {
		return []candidate{{row.Name + " " + row.Text, "", ""}}
	}
	return r.written(row.Name, all)
}

func (r *recovery) written(name string, all [][2]string) []candidate {
	var words, says []string
	for _, a := range all {
		if strings.Contains(a[1], "\n") {
			return nil // no Dockerfile can write it
		}
		key := a[0]
		if strings.ContainsAny(key, " \t\"'$\\") {
			key = r.quoted(key)
		}
		words = append(words, key+"="+r.quoted(a[1]))
		says = append(says, a[0]+"="+a[1])
	}
	sep := " "
	if line := strings.Join(words, " "); len(words) > 1 && len(line) > 80 {
		sep = " " + string(r.escape) + "\n    "
	}
	return []candidate{{name + " " + strings.Join(words, sep), "", strings.Join(says, " ")}}
}

var bareWord = pattern.Lazy(`^[A-Za-z0-9_./:@%+,=~^-]+$`)

// quoted writes a value so that it comes out as it is.
func (r *recovery) quoted(s string) string {
	if bareWord().MatchString(s) {
		return s
	}
	e := string(r.escape)
	s = strings.NewReplacer(e, e+e, `"`, e+`"`).Replace(s)
	if r.final {
		s = strings.ReplaceAll(s, "$", e+"$")
	}
	return `"` + s + `"`
}

var summed = pattern.Lazy(`^(file|dir|multi):([0-9a-f]{12})[0-9a-f]*\s+in\s+(.+)$`)

// copied writes a COPY or ADD. The classic builder notes a checksum in place of
// the names, and no builder what is in a document.
func (r *recovery) copied(row Row) []candidate {
	if m := summed().FindStringSubmatch(row.Text); m != nil {
		source, target := m[1]+":"+m[2], strings.TrimSpace(m[3])
		note := "the name of what was copied is not known, only its checksum"
		says := source + " " + target
		return []candidate{{row.Name + " " + source + " " + r.quoted(target), note, says}, {row.Name + " " + list([]string{source, target}), note, says}}
	}
	text, ends := row.Text, ""
	if row.Final {
		text = r.escaped(text)
	}
	for w := range strings.FieldsSeq(row.Text) {
		if name, ok := strings.CutPrefix(w, "<<"); ok {
			ends += "\n" + name
		}
	}
	if ends != "" {
		return []candidate{{row.Name + " " + text + ends, "what the document held is not known", ""}}
	}
	return []candidate{{row.Name + " " + text, "", ""}}
}

// escaped writes words so that they come out as they are.
func (r *recovery) escaped(s string) string {
	e := string(r.escape)
	return strings.NewReplacer(e, e+e, `"`, e+`"`, "'", e+"'", "$", e+"$").Replace(s)
}
