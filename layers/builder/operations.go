package builder

import (
	"bytes"
	"context"
	"slices"
	"strings"

	"github.com/moby/buildkit/solver/pb"

	"github.com/imgtui/imgtui/model/plan"
	"github.com/imgtui/imgtui/model/tree"
)

// converter turns BuildKit's operations, inputs first, into the plan's.
type converter struct {
	bases  *resolver
	job    Job
	memory *Memory
	made   map[identity]made
	ops    []plan.Op

	self, content, strict, loose, all mix // of the operation that is connected
}

// made is what became of one of BuildKit's operations: an operation of the
// plan, or a build context, or a constant that is part of who uses it.
type made struct {
	op       int
	context  *plan.Context
	constant bool
	key      plan.Key // of a constant
}

// operations returns what stands under a node and itself. Nodes that are equal
// are one operation, which has the lines of all and the name of the last.
func (c *converter) operations(ctx context.Context, top *node) ([]plan.Op, error) {
	all := merge(top)
	c.made = make(map[identity]made, len(all))
	c.ops = make([]plan.Op, 0, len(all))
	for i := range all {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		var err error
		if c.made[all[i].id], err = c.take(&all[i]); err != nil {
			return nil, err
		}
	}
	c.inheritLines()
	return c.ops, nil
}

// merge lists nodes in BuildKit's order, what they stand on first, and makes
// those that are equal one.
func merge(top *node) []node {
	var all []node
	at := map[identity]int{}
	top.each(func(n *node) {
		i, ok := at[n.id]
		if !ok {
			at[n.id] = len(all)
			all = append(all, *n)
			return
		}
		if len(n.lines) > 0 {
			all[i].lines = slices.Concat(all[i].lines, n.lines)
		}
		if n.name != (stepName{}) {
			all[i].name = n.name
		}
	})
	return all
}

// take translates one operation.
func (c *converter) take(n *node) (made, error) {
	o := plan.Op{Kind: n.shape.kind, Lines: n.lines, Name: n.name.String(), Env: n.shape.env}
	if n.shape.source != nil {
		return c.source(n.shape.source, n.shape.platform, o)
	}
	if len(n.inputs) == 0 && len(o.Lines) == 0 {
		return made{constant: true, key: n.shape.own}, nil
	}
	if err := c.connect(&o, n); err != nil {
		return made{}, err
	}
	return c.add(o), nil
}

func (c *converter) add(o plan.Op) made {
	c.ops = append(c.ops, o)
	return made{op: len(c.ops) - 1}
}

// connect puts an operation's keys together from its own, from what it takes of
// build contexts, and from the keys of what it stands on.
func (c *converter) connect(o *plan.Op, n *node) error {
	self, content := c.self.again("own").key(n.shape.own), c.content.again("content")
	strict, loose := c.strict.again("inputs"), c.loose.again("inputs")
	o.Own = n.shape.alone
	o.Inputs = make([]plan.Input, 0, len(n.inputs))
	for i, in := range n.inputs {
		w, m := n.shape.wires[i], c.made[in.from.id]
		switch {
		case m.constant:
			o.Own = self.number(i).key(m.key).sum()
		case m.context != nil && w.content:
			if err := c.pick(o, content.number(i), m.context, w.selectors); err != nil {
				return err
			}
		default:
			if err := c.input(o, in, m, w, keys{strict.number(i), loose.number(i)}); err != nil {
				return err
			}
		}
	}
	if len(o.Picked)+len(o.Missing) > 0 {
		o.Content = content.sum()
	}
	o.Key = c.all.again("op").key(o.Own).key(o.Content).key(strict.sum()).sum()
	if o.Loose = o.Key; strict.h != nil || !bytes.Equal(strict.b, loose.b) {
		o.Loose = c.all.again("op").key(o.Own).key(o.Content).key(loose.sum()).sum()
	}
	return nil
}

// input adds an operation that another stands on.
func (c *converter) input(o *plan.Op, in edge, m made, w wire, k keys) error {
	if m.context != nil {
		var err error
		if m, err = c.folder(m.context); err != nil {
			return err
		}
	}
	below := &c.ops[m.op]
	o.Inputs = append(o.Inputs, plan.Input{Op: m.op, Content: w.content})
	k.strict.number(int(in.output)).key(below.Key)
	for _, s := range w.selectors {
		k.strict.text(string(s.identity()))
	}
	if !w.content {
		k.loose.number(int(in.output)).key(below.Loose)
	}
	return nil
}

// keys are an operation's Key and its Loose key in the making.
type keys struct{ strict, loose *mix }

// folder is a build context taken as a root. An engine has no key for it that
// outlives the session.
func (c *converter) folder(context *plan.Context) (made, error) {
	o := plan.Op{Kind: plan.Folder, Fresh: true}
	content := newMix("content")
	if err := c.pick(&o, content, context, []selector{{path: "/"}}); err != nil {
		return made{}, err
	}
	o.Own, o.Content = newMix("folder").sum(), content.sum()
	o.Key = newMix("op").key(o.Own).key(o.Content).sum()
	o.Loose = o.Key
	return c.add(o), nil
}

// pick adds to an operation what it takes of a context.
func (c *converter) pick(o *plan.Op, content *mix, context *plan.Context, all []selector) error {
	root := context.Root
	if root == nil {
		root = emptyContext
	}
	for _, s := range all {
		got, err := c.memory.pick(root, s)
		if err != nil {
			return err
		}
		content.key(got.sum)
		o.Missing = append(o.Missing, got.missing...)
		if o.Picked == nil {
			o.Picked = slices.Clip(got.picked) // may be long, and is shared
			continue
		}
		o.Picked = append(o.Picked, got.picked...)
	}
	return nil
}

// emptyContext is the root of a context that nobody gave.
var emptyContext = tree.Empty()

// source translates where files come from.
func (c *converter) source(s *pb.SourceOp, p *pb.Platform, o plan.Op) (made, error) {
	scheme, rest, _ := strings.Cut(s.Identifier, "://")
	switch scheme {
	case "local":
		if c.job.Context == nil {
			return made{context: &plan.Context{}}, nil
		}
		return made{context: c.job.Context}, nil
	case "docker-image":
		b, _ := c.bases.find(rest)
		if b.context != nil {
			return made{context: b.context}, nil
		}
		o.Kind, o.Image = plan.Base, b.name
		o.Own = imageKey(b, p)
	default:
		o.Kind, o.Image = plan.Fetch, s.Identifier
		o.Asked = !pinned(scheme, s)
		o.Own = newMix("fetch").text(s.Identifier).pairs(s.Attrs).sum()
	}
	o.Key = newMix("op").key(o.Own).sum()
	o.Loose = o.Key
	return c.add(o), nil
}

// imageKey: an engine knows an image by its digest, whatever its layers are.
func imageKey(b base, p *pb.Platform) plan.Key {
	m := newMix("image").text(p.GetOS()).text(p.GetArchitecture()).text(p.GetVariant()).text(p.GetOSVersion())
	if b.sum == "" {
		return m.text("name").text(b.name).sum()
	}
	return m.text("digest").text(b.sum).sum()
}

// pinned tells whether what a server gives is known beforehand.
func pinned(scheme string, s *pb.SourceOp) bool {
	switch scheme {
	case "http", "https":
		return s.Attrs[pb.AttrHTTPChecksum] != ""
	case "git":
		_, ref, _ := strings.Cut(s.Identifier, "#")
		ref, _, _ = strings.Cut(ref, ":")
		return s.Attrs[pb.AttrGitChecksum] != "" || isCommit(ref)
	}
	return false
}

func isCommit(ref string) bool {
	return len(ref) == 40 && strings.Trim(ref, "0123456789abcdef") == ""
}

// inheritLines gives operations without a line of their own, such as the image
// behind RUN --mount=from=, the lines of who uses them.
func (c *converter) inheritLines() {
	for i := len(c.ops) - 1; i >= 0; i-- {
		for _, in := range c.ops[i].Inputs {
			if below := &c.ops[in.Op]; len(below.Lines) == 0 {
				below.Lines = c.ops[i].Lines
			}
		}
	}
}
