package explain

import (
	"strconv"
	"strings"

	"github.com/imgtui/imgtui/model/pattern"
	"github.com/imgtui/imgtui/model/words"
)

// longest is how many bytes of an instruction, or of any other foreign text,
// are told: a screen never shows more, and a config may hold megabytes.
const longest = 4096

// Instruction returns what made a step in one line, as a Dockerfile has it:
// the marks that builders put around it are taken off. Text that is nobody's
// instruction stays as it is.
func Instruction(createdBy string) string {
	return words.Visible(strings.Join(strings.Fields(plain(createdBy)), " "))
}

// Verb returns the Dockerfile's keyword that made a step, or "".
func Verb(createdBy string) string {
	verb, _ := split(plain(createdBy))
	return verb
}

// BuildArgs returns the build arguments that a RUN was given, as NAME=value.
func BuildArgs(createdBy string) []string {
	args, _ := cutArgs(strings.TrimPrefix(trimmed(createdBy), "RUN "))
	return args
}

// split parts an instruction into its keyword and what follows; the keyword is
// "" where there is none.
func split(instruction string) (verb, rest string) {
	verb, rest, _ = strings.Cut(instruction, " ")
	if _, ok := words.English.Explain.Verbs[verb]; !ok {
		return "", instruction
	}
	return verb, strings.TrimSpace(rest)
}

// plain returns createdBy as an instruction, lines kept.
func plain(createdBy string) string {
	s := trimmed(createdBy)
	body, run := strings.CutPrefix(s, "RUN ")
	args, body := cutArgs(strings.TrimSpace(body))
	command, inShell := cutShell(body)
	if note, ok := strings.CutPrefix(command, "#(nop)"); ok && inShell {
		return tidy(strings.TrimSpace(note))
	}
	if verb, _ := split(s); verb != "" && !run {
		return tidy(s)
	}
	if (run || inShell || args != nil) && command != "" {
		return "RUN " + command
	}
	return s
}

// trimmed takes off what a builder writes behind an instruction, and bounds it.
func trimmed(createdBy string) string {
	s := strings.TrimSpace(createdBy)
	if len(s) > longest {
		return bounded(s)
	}
	return strings.TrimSpace(strings.TrimSuffix(s, "# buildkit"))
}

// shell is how builders start the text form of a RUN: a shell of any name with
// its options, the last of which takes a command.
const shell = `(?:(?:/\S*/)?(?:ba|da|a|z|k)?sh(?: -[a-z]+(?: pipefail)?)*? -[a-z]*c|(?i:cmd(?:\.exe)? /S /C|powershell(?:\.exe)? -Command))\s+`

var (
	shellHere  = pattern.Lazy(`^` + shell)
	shellAhead = pattern.Lazy(`\s` + shell)
)

// cutShell takes the shell off a command that is given to one.
func cutShell(s string) (command string, is bool) {
	n := len(shellHere().FindString(s))
	return strings.TrimSpace(s[n:]), n > 0
}

var (
	argCount = pattern.Lazy(`^\|([0-9]{1,3}) `)
	argName  = pattern.Lazy(`^[A-Za-z_][A-Za-z0-9_.-]*=`)
)

// cutArgs takes off the build arguments that a builder notes before a command:
// "|2 A=1 B=two words /bin/sh -c …". Their values are not quoted: the last one
// ends where a shell begins, or at the next space if none does.
func cutArgs(s string) (args []string, command string) {
	head := argCount().FindStringSubmatch(s)
	if head == nil {
		return nil, s
	}
	rest := s[len(head[0]):]
	if head[1] == "0" {
		return []string{}, rest
	}
	n, _ := strconv.Atoi(head[1])
	for rest != "" && len(args) < n {
		word, after, _ := strings.Cut(rest, " ")
		switch {
		case argName().MatchString(word):
			args = append(args, word)
		case len(args) == 0:
			return nil, s
		default:
			args[len(args)-1] += " " + word
		}
		rest = after
	}
	if rest == "" {
		return nil, s
	}
	if at := shellAhead().FindStringIndex(" " + rest); at != nil && at[0] > 0 && n > 0 {
		args[n-1] += " " + rest[:at[0]-1]
		rest = rest[at[0]:]
	}
	return args, rest
}
