package plan

import (
	"strconv"
	"strings"

	"github.com/imgtui/imgtui/model/dockerfile"
)

// usedStages tells which stages are part of the result: the target, and what
// used ones start from, copy from or mount. A stage with an operation is.
func usedStages(f *dockerfile.File, g *Graph, ops [][]int) []bool {
	r := reach{file: f, args: globalArgs(f, g.Args), used: make([]bool, len(f.Stages))}
	if n := len(f.Stages); n > 0 {
		target := n - 1
		if g.Target != "" {
			target = stageNamed(f, g.Target, n)
		}
		r.visit(target)
	}
	for i := range ops {
		if len(ops[i]) > 0 {
			r.visit(f.Instructions[i].Stage)
		}
	}
	return r.used
}

// reach follows stages from one to the next.
type reach struct {
	file *dockerfile.File
	args map[string]string
	used []bool
}

func (r *reach) visit(stage int) {
	if stage < 0 || stage >= len(r.used) || r.used[stage] {
		return
	}
	r.used[stage] = true
	r.visit(stageNamed(r.file, expand(r.file.Stages[stage].Base, r.args), stage))
	s := r.file.Stages[stage]
	for i := s.First; i <= s.Last && i < len(r.file.Instructions); i++ {
		in := &r.file.Instructions[i]
		for _, flag := range in.Flags {
			r.visit(stageNamed(r.file, sourceOf(flag), stage))
		}
		if in.Trigger != nil {
			for _, flag := range in.Trigger.Flags {
				r.visit(stageNamed(r.file, sourceOf(flag), stage))
			}
		}
	}
}

// sourceOf returns what a flag takes files from: --from=X, --mount=…,from=X.
func sourceOf(flag string) string {
	if from, ok := strings.CutPrefix(flag, "--from="); ok {
		return from
	}
	if mount, ok := strings.CutPrefix(flag, "--mount="); ok {
		for part := range strings.SplitSeq(mount, ",") {
			if from, ok := strings.CutPrefix(strings.TrimSpace(part), "from="); ok {
				return from
			}
		}
	}
	return ""
}

// stageNamed returns the last stage of that name or number before a stage, or −1.
func stageNamed(f *dockerfile.File, name string, before int) int {
	if name == "" {
		return -1
	}
	for i := min(before, len(f.Stages)) - 1; i >= 0; i-- {
		if strings.EqualFold(f.Stages[i].Name, name) {
			return i
		}
	}
	if n, err := strconv.Atoi(name); err == nil && n >= 0 && n < before {
		return n
	}
	return -1
}

// globalArgs are the values of the ARGs before the first FROM.
func globalArgs(f *dockerfile.File, given map[string]string) map[string]string {
	all := map[string]string{}
	for i := range f.Instructions {
		in := &f.Instructions[i]
		if in.Stage >= 0 {
			break
		}
		if in.Name != "ARG" {
			continue
		}
		for _, word := range fields(in.Args) {
			name, value, _ := strings.Cut(word, "=")
			if v, ok := given[name]; ok {
				value = v
			}
			all[name] = expand(strings.Trim(value, `"'`), all)
		}
	}
	return all
}

// expand puts values for $NAME, ${NAME} and ${NAME:-default} into the name of a
// base; what is beyond that stays as it is.
func expand(s string, values map[string]string) string {
	var b strings.Builder
	for {
		before, after, ok := strings.Cut(s, "$")
		b.WriteString(before)
		if !ok {
			return b.String()
		}
		inner, braced := strings.CutPrefix(after, "{")
		n := nameLength(inner)
		value, rest := values[inner[:n]], inner[n:]
		if braced {
			var tail string
			tail, rest, _ = strings.Cut(rest, "}")
			if fallback, ok := strings.CutPrefix(tail, ":-"); ok && value == "" {
				value = fallback
			}
		}
		b.WriteString(value)
		s = rest
	}
}
