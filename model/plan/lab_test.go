package plan_test

import (
	"crypto/sha256"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/imgtui/imgtui/model/dockerfile"
	"github.com/imgtui/imgtui/model/plan"
	"github.com/imgtui/imgtui/model/tree"
)

// read reads a Dockerfile of one line an instruction.
func read(text string) *dockerfile.File {
	f := &dockerfile.File{Text: text}
	for n, line := range strings.Split(text, "\n") {
		name, rest, _ := strings.Cut(strings.TrimSpace(line), " ")
		if name == "" || name[0] == '#' {
			continue
		}
		in := dockerfile.Instruction{Name: strings.ToUpper(name), Line: n + 1, Last: n + 1}
		for rest = strings.TrimSpace(rest); strings.HasPrefix(rest, "--"); {
			var flag string
			flag, rest, _ = strings.Cut(rest, " ")
			in.Flags = append(in.Flags, flag)
		}
		in.Args, in.Words = rest, strings.Fields(rest)
		if in.Name == "FROM" {
			s := dockerfile.Stage{Base: in.Words[0], First: len(f.Instructions)}
			if len(in.Words) == 3 {
				s.Name = in.Words[2]
			}
			f.Stages = append(f.Stages, s)
		}
		in.Stage = len(f.Stages) - 1
		f.Instructions = append(f.Instructions, in)
		if in.Stage >= 0 {
			f.Stages[in.Stage].Last = len(f.Instructions) - 1
		}
	}
	return f
}

// lab makes plain graphs: the state of a stage is its base, then an operation for
// each RUN (with the environment so far), COPY and WORKDIR.
type lab struct {
	files map[string]string // of the context
	args  map[string]string
	bases map[string]string // what an image is: "1" where nothing is said
	asked bool              // ADD asks a server
}

func key(parts ...any) plan.Key {
	sum := sha256.Sum256(fmt.Append(nil, parts...))
	return plan.Key(sum[:16])
}

func (l lab) graph(f *dockerfile.File) *plan.Graph {
	g := &plan.Graph{Args: l.args}
	last, env := map[string]int{}, map[string][]string{}
	stage := ""
	for _, in := range f.Instructions {
		line := []plan.Range{{First: in.Line, Last: in.Last}}
		add := func(o plan.Op, on ...plan.Input) {
			o.Lines, o.Inputs = line, on
			strict, loose := []any{o.Own, o.Content}, []any{o.Own, o.Content}
			for _, i := range on {
				strict = append(strict, g.Ops[i.Op].Key)
				if !i.Content {
					loose = append(loose, g.Ops[i.Op].Loose)
				}
			}
			o.Key, o.Loose = key(strict...), key(loose...)
			g.Ops = append(g.Ops, o)
			last[stage] = len(g.Ops) - 1
		}
		switch in.Name {
		case "FROM":
			base := in.Words[0]
			stage = fmt.Sprint("stage", in.Stage)
			if len(in.Words) == 3 {
				stage = in.Words[2]
			}
			if from, ok := last[base]; ok {
				last[stage], env[stage] = from, slices.Clone(env[base])
				continue
			}
			add(plan.Op{Kind: plan.Base, Image: base, Own: key("image", base, l.bases[base])})
		case "ENV":
			env[stage] = append(env[stage], in.Args)
		case "ARG":
			name, value, _ := strings.Cut(in.Args, "=")
			if v, ok := l.args[name]; ok {
				value = v
			}
			env[stage] = append(env[stage], name+"="+value)
		case "RUN":
			add(plan.Op{Kind: plan.Exec, Own: key(in.Args, env[stage]), Env: slices.Clone(env[stage])}, plan.Input{Op: last[stage]})
		case "WORKDIR":
			add(plan.Op{Kind: plan.Files, Own: key(in.Args)}, plan.Input{Op: last[stage]})
		case "ADD":
			add(plan.Op{Kind: plan.Fetch, Own: key(in.Args), Asked: l.asked, Image: in.Words[0]}, plan.Input{Op: last[stage]})
		case "COPY":
			o := plan.Op{Kind: plan.Files, Own: key(in.Args)}
			if len(in.Flags) > 0 {
				add(o, plan.Input{Op: last[stage]}, plan.Input{Op: last[strings.TrimPrefix(in.Flags[0], "--from=")], Content: true})
				continue
			}
			l.pick(&o, in.Words[0])
			add(o, plan.Input{Op: last[stage]})
		}
	}
	return g
}

// pick takes a path of the context.
func (l lab) pick(o *plan.Op, path string) {
	root := l.tree()
	n := root.Find(path)
	if n == nil {
		o.Missing = []string{"/" + path}
		return
	}
	o.Picked = []plan.Picked{{Path: tree.Clean(path), Node: n, Whole: true}}
	var content []any
	n.Walk(func(p string, n *tree.Node) bool {
		content = append(content, p, n.Mode)
		if n.Payload() != nil {
			content = append(content, n.Payload().Content())
		}
		return true
	})
	o.Content = key(content...)
}

func (l lab) tree() *tree.Node {
	b := tree.NewBuilder(0)
	for _, path := range slices.Sorted(maps.Keys(l.files)) {
		sum := uint64(7)
		for _, c := range l.files[path] {
			sum = sum*31 + uint64(c)
		}
		b.Add(tree.Entry{Path: path, Attr: tree.Attr{Kind: tree.File, Mode: 0o644, Size: int64(len(l.files[path]))}, Content: sum})
	}
	return b.Layer().Root
}

// told writes a forecast as one line a step: line, fate, reason, cause.
func told(p plan.Plan) string {
	fates := map[plan.Fate]string{plan.Unknown: "unknown", plan.Same: "same", plan.Runs: "runs", plan.Maybe: "maybe", plan.New: "new", plan.Gone: "gone"}
	reasons := map[plan.Reason]string{
		plan.LineChanged: " line", plan.OtherBelow: " other", plan.FileChanged: " file", plan.EarlierRuns: " earlier", plan.BaseChanged: " base", plan.SettingsOnly: " settings",
		plan.InputMaybe: " input", plan.ValueChanged: " value", plan.NotKnown: " not known",
	}
	var b strings.Builder
	for _, s := range p.Steps {
		fmt.Fprintf(&b, "%d %s%s", s.Line, fates[s.Fate], reasons[s.Reason])
		if s.Because != "" {
			fmt.Fprintf(&b, " %s", s.Because)
		}
		if s.More > 0 {
			fmt.Fprintf(&b, " +%d", s.More)
		}
		if s.BecauseLine > 0 {
			fmt.Fprintf(&b, " @%d", s.BecauseLine)
		}
		if s.Unused {
			b.WriteString(" unused")
		}
		b.WriteByte('\n')
	}
	return b.String()
}

// check foretells and compares.
func check(t *testing.T, name string, p plan.Plan, want string) {
	t.Helper()
	if got := told(p); got != want {
		t.Errorf("%s: foretold\n%swant\n%s", name, got, want)
	}
}
