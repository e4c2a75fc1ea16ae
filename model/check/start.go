package check

import (
	"encoding/json"
	"strings"

	"github.com/imgtui/imgtui/model/dockerfile"
	"github.com/imgtui/imgtui/model/pattern"
)

// entrypointAssignment finds a CMD or ENTRYPOINT that sets a variable where the
// program should stand.
func entrypointAssignment(s Subject) []Finding {
	var all []Finding
	for _, i := range s.File.Instructions {
		if i.Name != "ENTRYPOINT" && i.Name != "CMD" {
			continue
		}
		sets, program, ok := assignment(i)
		if !ok {
			continue
		}
		f := at(i, i.Name, strings.Join(sets, " "), program)
		if i.JSON {
			f.Severity = Error
		}
		f.Fix = s.intoEnv(i, sets)
		all = append(all, f)
	}
	return all
}

// assignment returns the variables that a start sets and the program behind them.
func assignment(i dockerfile.Instruction) (sets []string, program string, ok bool) {
	ws := i.Words
	if !i.JSON {
		ws = strings.Fields(i.Args)
	}
	for len(ws) > 0 && assigns(ws[0]) {
		sets, ws = append(sets, ws[0]), ws[1:]
	}
	if len(sets) == 0 || len(ws) == 0 {
		return nil, "", false
	}
	return sets, ws[0], true
}

// plainWords is a command line that means the same without a shell.
var plainWords = pattern.Lazy(`^[A-Za-z0-9_./:=@%+, -]+$`)

// intoEnv sets the variables by ENV and starts the program without a shell.
func (s Subject) intoEnv(i dockerfile.Instruction, sets []string) *Fix {
	ws := i.Words
	if !i.JSON {
		if !plainWords().MatchString(i.Args) {
			return nil
		}
		ws = strings.Fields(i.Args)
	}
	for _, set := range sets {
		if !plainWords().MatchString(set) || strings.Contains(set, " ") {
			return nil
		}
	}
	var b strings.Builder
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(ws[len(sets):]); err != nil {
		return nil
	}
	exec := strings.ReplaceAll(strings.TrimSpace(b.String()), `","`, `", "`)
	return &Fix{Edits: []Edit{{Line: i.Line, Last: i.Last, Text: "ENV " + strings.Join(sets, " ") + "\n" + i.Name + " " + exec}}}
}
