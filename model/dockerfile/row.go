package dockerfile

import (
	"strconv"
	"strings"

	"github.com/imgtui/imgtui/model"
	"github.com/imgtui/imgtui/model/pattern"
)

// Row is a row of an image's history, read as the instruction that it tells of.
type Row struct {
	Name  string   // in upper case; "" is a row that tells no instruction
	Text  string   // what follows the name, without the marks of a builder
	Shell string   // what a RUN was started with: "/bin/sh -c"; "" is the exec form
	Given []string // NAME=value: the build arguments that a RUN was given
	Final bool     // the builder has put in variables and taken off quotes, RUN excepted
}

// Reader reads the rows of a history, the oldest first. It keeps what earlier
// rows say of later ones: the shell, and the values of arguments.
type Reader struct {
	shell string
	args  map[string]string
}

// NewReader returns a Reader for the history of an image.
func NewReader(img *model.Image) *Reader {
	r := &Reader{shell: "/bin/sh -c", args: map[string]string{}}
	if img.Platform.OS == "windows" {
		r.shell = "cmd /S /C"
	}
	return r
}

// Read reads a step as an instruction.
func (r *Reader) Read(s model.Step) Row {
	row := r.row(s)
	switch row.Name {
	case "SHELL":
		if e, ok := elements(row.Text); ok {
			r.shell = strings.Join(e, " ")
		}
	case "ARG":
		for _, a := range row.arguments(nil) {
			if name, value, ok := strings.Cut(a, "="); ok {
				r.args[name] = value
			}
		}
	}
	return row
}

func (r *Reader) row(s model.Step) Row {
	text := strings.TrimSpace(strings.TrimSuffix(strings.TrimSpace(s.CreatedBy), "# buildkit"))
	if shell, note, ok := strings.Cut(text, "#(nop)"); ok && strings.HasSuffix(shell, " ") {
		if n := named(strings.TrimSpace(note)); n.Name != "" {
			n.Final = true
			return n
		}
	}
	marked := strings.HasPrefix(s.Comment, "buildkit.") || strings.HasSuffix(s.CreatedBy, "# buildkit")
	body, run := strings.CutPrefix(text, "RUN ")
	if row := r.command(strings.TrimSpace(body)); row.Text != "" && (run || row.Shell != "" || row.Given != nil) {
		if run && !marked && row.Given == nil && row.Shell == "" {
			row.Shell = r.shell // noted as it was written
		}
		return row
	}
	if n := named(text); n.Name != "" {
		n.Final = marked
		return n
	}
	if strings.HasPrefix(text, "/") && strings.ContainsAny(text, " \t") && !shellHere().MatchString(text+" ") && s.Layer != nil {
		return Row{Name: "RUN", Text: text} // the exec form as the classic builder notes it
	}
	return Row{}
}

// command reads what a RUN was started with. The Text is "" where it is nothing.
func (r *Reader) command(body string) Row {
	given, body := r.cutGiven(body)
	shell, body := cutShell(body, r.shell)
	if strings.HasPrefix(body, "#(nop)") {
		body = ""
	}
	return Row{Name: "RUN", Text: body, Shell: shell, Given: given}
}

// named reads a row that begins with an instruction's name.
func named(text string) Row {
	at := strings.IndexAny(text, " \t")
	if at < 0 {
		at = len(text)
	}
	name := strings.ToUpper(text[:at])
	if usage[name] == "" || name == "FROM" || (name == "RUN" && at == len(text)) {
		return Row{}
	}
	return Row{Name: name, Text: strings.TrimSpace(text[at:])}
}

// anyShell is how builders start the text form of a RUN: a shell of any name
// with its options, the last of which takes a command.
const anyShell = `(?:(?:/\S*/)?(?:ba|da|a|z|k)?sh(?: -[a-z]+(?: pipefail)?)*? -[a-z]*c|(?i:cmd(?:\.exe)? /S /C|powershell(?:\.exe)? -Command))`

var (
	shellHere  = pattern.Lazy(`^(` + anyShell + `)\s`)
	shellAhead = pattern.Lazy(`\s` + anyShell + `\s`)
	givenCount = pattern.Lazy(`^\|([0-9]{1,3}) `)
	givenName  = pattern.Lazy(`^[A-Za-z_][A-Za-z0-9_.-]*=`)
)

// cutShell parts a command from the shell that it is given to.
func cutShell(s, known string) (shell, command string) {
	if rest, ok := strings.CutPrefix(s, known+" "); ok && known != "" {
		return known, led(rest)
	}
	if m := shellHere().FindStringSubmatch(s); m != nil {
		return m[1], led(s[len(m[0]):])
	}
	return "", s
}

// led returns a command as it was given: only one of several lines may begin
// with spaces.
func led(command string) string {
	if strings.TrimSpace(command) == "" || !strings.Contains(command, "\n") {
		return strings.TrimSpace(command)
	}
	return command
}

// cutGiven takes off the build arguments that are noted before a command: "|2
// A=1 B=two words /bin/sh -c …". Their values are not quoted: they are those
// that ARG has told, else the last one ends where a shell begins, or at the next
// space if none does.
func (r *Reader) cutGiven(s string) (given []string, command string) {
	head := givenCount().FindStringSubmatch(s)
	if head == nil {
		return nil, s
	}
	n, _ := strconv.Atoi(head[1])
	rest := s[len(head[0]):]
	if n == 0 {
		return []string{}, rest
	}
	if given, command = r.cutTold(rest, n); command != "" {
		return given, command
	}
	noted, command := partedAtShell(rest, r.shell)
	given = argumentsOf(noted, func(string) bool { return false })
	if len(given) > n {
		given = append(given[:n-1], strings.Join(given[n-1:], " "))
	}
	if len(given) < n || command == "" {
		return nil, s
	}
	return given, command
}

// cutTold takes off so many arguments whose values are told.
func (r *Reader) cutTold(s string, n int) (given []string, command string) {
	for range n {
		name, _, _ := strings.Cut(s, "=")
		told := name + "=" + r.args[name]
		rest, ok := strings.CutPrefix(s, told+" ")
		if _, known := r.args[name]; !known || !ok {
			return nil, ""
		}
		given, s = append(given, told), rest
	}
	return given, s
}

// arguments parts the arguments of an ARG, whose values are not quoted and which
// may have none: a word is a name of its own where it is one of those given.
func (r Row) arguments(names map[string]bool) []string {
	return argumentsOf(r.Text, func(w string) bool { return names[w] })
}

func argumentsOf(text string, isName func(word string) bool) []string {
	var all []string
	for w := range strings.SplitSeq(text, " ") {
		if len(all) == 0 || givenName().MatchString(w) || isName(w) {
			all = append(all, w)
			continue
		}
		all[len(all)-1] += " " + w
	}
	return all
}

// partedAtShell parts noted arguments from the command behind them.
func partedAtShell(s, shell string) (noted, command string) {
	if at := strings.Index(" "+s, " "+shell+" "); shell != "" && at >= 0 {
		return strings.TrimSpace(s[:at]), s[at:]
	}
	if at := shellAhead().FindStringIndex(" " + s); at != nil {
		return strings.TrimSpace(s[:at[0]]), s[at[0]:]
	}
	words := strings.Split(s, " ")
	n := 0
	for n < len(words) && givenName().MatchString(words[n]) {
		n++
	}
	return strings.Join(words[:n], " "), strings.Join(words[n:], " ")
}

// elements reads a list as builders note it: JSON, Go's quoted strings, or words
// within brackets.
func elements(s string) ([]string, bool) {
	s = strings.TrimSpace(s)
	if !strings.HasPrefix(s, "[") || !strings.HasSuffix(s, "]") {
		return nil, false
	}
	inner := strings.TrimSpace(s[1 : len(s)-1])
	if !strings.HasPrefix(inner, `"`) {
		return strings.Fields(inner), true
	}
	var all []string
	for inner != "" {
		quoted, err := strconv.QuotedPrefix(inner)
		if err != nil {
			return nil, false
		}
		e, err := strconv.Unquote(quoted)
		if err != nil {
			return nil, false
		}
		all = append(all, e)
		inner = strings.TrimLeft(strings.TrimPrefix(strings.TrimLeft(inner[len(quoted):], " "), ","), " ")
	}
	return all, true
}

// assignments parts "A=1 B=two words", whose values are not quoted, at the
// names. A value that is known from elsewhere decides where two readings are
// possible.
func assignments(s string, known map[string]string) [][2]string {
	var all [][2]string
	for s = strings.TrimSpace(s); s != ""; {
		name, rest, ok := strings.Cut(s, "=")
		if !ok || strings.ContainsAny(name, " \t\n") {
			return nil
		}
		name = strings.Trim(name, `"`)
		value := rest
		if v, ok := known[name]; ok && strings.TrimSpace(v) != "" && strings.TrimRight(v, " ") == rest {
			return append(all, [2]string{name, v})
		}
		if v, ok := known[name]; ok && v != "" && (rest == v || strings.HasPrefix(rest, v+" ") && nextName().MatchString(rest[len(v):])) {
			value = v
		} else if at := nextName().FindStringIndex(rest); at != nil {
			value = rest[:at[0]]
		}
		s = strings.TrimSpace(rest[len(value):])
		all = append(all, [2]string{name, unquoted(value)})
	}
	return all
}

var nextName = pattern.Lazy(`\s+"?[A-Za-z_][A-Za-z0-9_./-]*"?=`)

// unquoted takes off quotes that were noted as they were written.
func unquoted(value string) string {
	if u, err := strconv.Unquote(value); err == nil && strings.HasPrefix(value, `"`) {
		return u
	}
	return value
}
