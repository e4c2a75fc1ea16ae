package plan

import (
	"fmt"
	"path"
	"strings"
	"time"

	"github.com/imgtui/imgtui/model"
	"github.com/imgtui/imgtui/model/dockerfile"
	"github.com/imgtui/imgtui/model/tree"
)

// Known is what is known beside the text when a plan is filled in. All but File
// may be missing.
type Known struct {
	File     *dockerfile.File
	Args     map[string]string
	Target   string
	Pairs    []int // as [Pair] gives them
	Image    *model.Image
	At       func(step int) (*tree.Node, bool) // the root after a step of Image
	Unpacked func(step int) int64
	Context  *Context
	Archives func(path string) (*tree.Layer, bool)     // what a file of the context unpacks to
	Read     func(root *tree.Node, path string) string // a small file's content, "" where there is none
	Sum      func([]byte) uint64                       // the hash that layers have of contents
	Now      time.Time
	// Recall returns what make returned for an equal key before; nil calls it each time.
	Recall func(key Laying, make func() Laid) Laid
}

// Laying is all that decides what a COPY, ADD or WORKDIR brings.
type Laying struct {
	Spec        string
	From, Below *tree.Node
}

// Laid is what it brings: a layer and the root with it, or why that cannot be told.
type Laid struct {
	Layer *tree.Layer
	After *tree.Node
	Err   error
}

// lay returns what make brings over a root.
func (k Known) lay(key Laying, make func() (*tree.Layer, error)) Laid {
	all := func() Laid {
		l, err := make()
		if err != nil {
			return Laid{Err: err}
		}
		return Laid{l, tree.Fold(key.Below, l), nil}
	}
	if k.Recall == nil {
		return all()
	}
	return k.Recall(key, all)
}

// Fill adds to a plan what is known beside the graph: the steps of the image,
// bytes, and for each COPY, ADD and WORKDIR of the result the root that it will
// stand on and the one that it will make.
func (p *Plan) Fill(k Known) {
	steps := map[int]*Step{}
	for n := range p.Steps {
		s := &p.Steps[n]
		s.Bytes, s.History = model.Unknown, -1
		if s.Instruction < 0 {
			continue
		}
		steps[s.Instruction] = s
		if s.Instruction < len(k.Pairs) {
			s.History = k.Pairs[s.Instruction]
		}
		if s.History >= 0 && k.Unpacked != nil {
			s.Bytes = k.Unpacked(s.History)
			s.About = s.Bytes != model.Unknown && s.Fate != Same
		}
		if s.Reason == SettingsOnly || !works(k.File.Instructions[s.Instruction].Name) {
			s.Bytes, s.About = 0, false
		}
	}
	p.base(k, steps)
	if stage := k.File.StageNamed(k.Target); stage >= 0 {
		f := filling{k: k, steps: steps, root: k.start(stage)}
		k.File.Walk(stage, k.Args, f.visit)
	}
}

// works tells whether an instruction of that name can make a layer.
func works(name string) bool { return runs(name) || name == "FROM" }

// base gives the FROM of the result what the image's base weighs.
func (p *Plan) base(k Known, steps map[int]*Step) {
	stage := k.File.StageNamed(k.Target)
	if stage < 0 || k.Image == nil || k.Unpacked == nil {
		return
	}
	chain := k.File.Chain(stage, k.Args)
	from := steps[k.File.Stages[chain[0]].First]
	if from == nil {
		return
	}
	sum := int64(0)
	for n := range k.first(stage) {
		b := k.Unpacked(n)
		if b == model.Unknown {
			return
		}
		sum += b
	}
	from.Bytes = sum
}

// first returns the step of the image that the first paired instruction made:
// what comes before is the base's.
func (k Known) first(stage int) int {
	first := -1
	k.File.Walk(stage, k.Args, func(i int, _ map[string]string) bool {
		if i < len(k.Pairs) && k.Pairs[i] >= 0 {
			first = k.Pairs[i]
		}
		return first < 0
	})
	if first < 0 && k.Image != nil {
		return k.Image.Base()
	}
	return max(first, 0)
}

// start returns the root that the first instruction stands on.
func (k Known) start(stage int) *tree.Node {
	if k.At == nil {
		return nil
	}
	root, _ := k.At(k.first(stage) - 1)
	return root
}

// filling follows the result's instructions, with the root as it will be.
type filling struct {
	k     Known
	steps map[int]*Step
	root  *tree.Node
	dir   string // that WORKDIR has set
	user  string
}

func (f *filling) visit(i int, env map[string]string) bool {
	in, s := &f.k.File.Instructions[i], f.steps[i]
	if s == nil {
		return true
	}
	switch in.Name {
	case "COPY", "ADD":
		f.copies(in, s, env)
	case "WORKDIR":
		f.workdir(in, s, env)
	case "USER":
		f.user = dockerfile.Expand(in.Args, env)
	case "RUN":
		f.settle(s)
	}
	return true
}

// settle takes the root as the image has it after a step, where it has it.
func (f *filling) settle(s *Step) {
	if s.History < 0 || f.k.At == nil {
		return
	}
	if root, ok := f.k.At(s.History); ok {
		f.root = root
	}
}

// copies foretells a COPY or ADD that reads nothing but the context.
func (f *filling) copies(in *dockerfile.Instruction, s *Step, env map[string]string) {
	spec, ok := copySpec(in, env, f.k.Sum)
	if !ok || f.k.Context == nil || f.k.Context.Root == nil {
		f.settle(s)
		return
	}
	spec.WorkDir, spec.Time = f.dir, f.k.Now.UnixNano()
	f.owners(&spec)
	f.place(&spec, s)
	key := Laying{fmt.Sprintf("%#v", spec), f.k.Context.Root, f.root}
	f.bring(s, f.k.lay(key, func() (*tree.Layer, error) {
		return Copy(f.k.Context.Root, f.root, spec, f.k.Archives)
	}))
}

// bring goes on with the root that a step makes; where that cannot be told, with
// the one that the image has.
func (f *filling) bring(s *Step, l Laid) {
	if l.Err != nil {
		f.settle(s)
		return
	}
	s.Below, s.After = f.root, l.After
	s.Bytes, s.About = l.Layer.Unpacked, false
	f.root = s.After
	if s.Fate == Same {
		f.settle(s)
	}
}

// workdir foretells a WORKDIR: it makes a directory that is not there.
func (f *filling) workdir(in *dockerfile.Instruction, s *Step, env map[string]string) {
	spec := CopySpec{Dest: dockerfile.Expand(in.Args, env), WorkDir: f.dir, Chown: f.user, Time: f.k.Now.UnixNano()}
	f.owners(&spec)
	f.place(&spec, s)
	l := f.k.lay(Laying{Spec: fmt.Sprintf("%#v", spec), Below: f.root}, func() (l *tree.Layer, err error) {
		l, _, err = WorkDir(f.root, spec)
		return l, err
	})
	if !path.IsAbs(spec.Dest) {
		spec.Dest = path.Join(f.dir, spec.Dest)
	}
	f.dir = path.Join("/", spec.Dest)
	f.bring(s, l)
}

// owners gives a spec the files in which names of users are looked up.
func (f *filling) owners(spec *CopySpec) {
	if spec.Chown == "" || f.k.Read == nil {
		return
	}
	spec.Passwd, spec.Group = f.k.Read(f.root, "/etc/passwd"), f.k.Read(f.root, "/etc/group")
}

// place tells a spec which layer of the image it stands for.
func (f *filling) place(spec *CopySpec, s *Step) {
	if f.k.Image == nil {
		return
	}
	for _, l := range f.k.Image.Layers() {
		switch n := f.k.Image.StepOf(l.Index); {
		case n < f.k.Image.Base():
			spec.Base = l.Index + 1
		case n <= s.History:
			spec.Layer = l.Index
		}
	}
}

// copySpec reads a COPY or ADD; false is one that reads more than the context.
func copySpec(in *dockerfile.Instruction, env map[string]string, sum func([]byte) uint64) (CopySpec, bool) {
	c := CopySpec{Unpack: in.Name == "ADD"}
	for _, flag := range in.Flags {
		name, value, valued := strings.Cut(strings.TrimPrefix(flag, "--"), "=")
		value = dockerfile.Expand(value, env)
		on := !valued || value == "true"
		switch name {
		case "from":
			return c, false
		case "chown":
			c.Chown = value
		case "chmod":
			c.Chmod = value
		case "parents":
			c.Parents = on
		case "link":
			c.Link = on
		case "exclude":
			c.Exclude = append(c.Exclude, value)
		case "unpack":
			c.Unpack = on
		case "checksum", "keep-git-dir":
			return c, false
		}
	}
	if len(in.Words) == 0 {
		return c, false
	}
	for _, w := range in.Words[:len(in.Words)-1] {
		if !isHeredoc(w, in.Heredocs) {
			w = dockerfile.Expand(w, env)
			if Remote(w) {
				return c, false
			}
			c.Sources = append(c.Sources, w)
		}
	}
	for _, h := range in.Heredocs {
		if h.Expand && strings.ContainsAny(h.Content, "$\\") || sum == nil {
			return c, false
		}
		c.Inline = append(c.Inline, Inline{Name: h.Name, Size: int64(len(h.Content)), Content: sum([]byte(h.Content))})
	}
	c.Dest = dockerfile.Expand(in.Words[len(in.Words)-1], env)
	return c, true
}

// isHeredoc tells whether a word announces a heredoc.
func isHeredoc(word string, all []dockerfile.Heredoc) bool {
	for _, h := range all {
		if strings.TrimPrefix(strings.TrimPrefix(word, "<<"), "-") == h.Name && strings.HasPrefix(word, "<<") {
			return true
		}
	}
	return false
}
