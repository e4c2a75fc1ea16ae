package builder

import (
	"context"
	"errors"
	"strconv"
	"strings"

	gateway "github.com/moby/buildkit/frontend/gateway/client"
	gatewaypb "github.com/moby/buildkit/frontend/gateway/pb"
	"github.com/moby/buildkit/solver/errdefs"
	"github.com/moby/buildkit/solver/pb"
	"github.com/opencontainers/go-digest"

	"github.com/imgtui/imgtui/model/pattern"
	sess "github.com/imgtui/imgtui/model/session"
	"github.com/imgtui/imgtui/model/tree"
)

// breakage is a step that broke, as the engine holds it.
type breakage struct {
	line           int
	exec           *pb.ExecOp
	inputs, mounts []string // of the step, before and after
	before, after  *tree.Node
	why            string // why after is not known
}

// exitCode is how engines word it that do not say it otherwise.
var exitCode = pattern.Lazy(`exit code: (\d+)`)

// broken makes of what an engine says a [*sess.BuildError], if a step of the text
// is at fault: with its line, and with the files before and after. Other errors
// stay as they are.
func (b *Build) broken(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return err
	}
	secret := b.supplies.secrets
	var vertex *errdefs.VertexError
	var solve *errdefs.SolveError
	sum := digest.Digest("")
	if errors.As(err, &vertex) {
		sum = digest.Digest(vertex.Digest)
	}
	e := &sess.BuildError{Code: -1, Text: secret.text(plain(err).Error())}
	e.Line, e.Name = b.at(err, sum)
	if e.Line == 0 && sum == "" {
		b.Settle(ctx)
		if sum, e.Name, e.Line, _ = b.events.first(); sum == "" {
			return err
		}
	}
	e.Name = secret.text(e.Name)
	var exit *gatewaypb.ExitError
	if errors.As(err, &exit) {
		e.Code = int(exit.ExitCode)
	} else if m := exitCode().FindStringSubmatch(err.Error()); m != nil {
		e.Code, _ = strconv.Atoi(m[1])
	}
	if excerpt := b.excerpt(err, e.Line); excerpt != "" {
		e.Text += "\n" + secret.text(excerpt)
	}
	f := &breakage{line: e.Line}
	b.failed = f
	if errors.As(err, &solve) && solve.Op.GetExec() != nil {
		f.exec, f.inputs, f.mounts = solve.Op.GetExec(), solve.InputIDs, solve.MountIDs
	}
	b.roots(ctx, f, sum)
	e.Before, e.After, e.Why = f.before, f.after, f.why
	return e
}

// at returns line and name of a vertex, from where the error or the text says it.
func (b *Build) at(err error, sum digest.Digest) (int, string) {
	line, name := 0, ""
	for _, t := range b.goals {
		if t.graph == nil {
			continue
		}
		if v := t.graph.vertices[sum]; v != nil {
			line, name = v.line(), v.name
		}
	}
	for _, s := range errdefs.Sources(err) {
		for _, r := range s.Ranges {
			if line == 0 {
				line = int(r.Start.GetLine())
			}
		}
	}
	var solve *errdefs.SolveError
	if errors.As(err, &solve) && name == "" {
		name = solve.Description["llb.customname"]
	}
	return line, name
}

// excerpt is the part of the text that BuildKit shows.
func (b *Build) excerpt(err error, line int) string {
	var s strings.Builder
	all := errdefs.Sources(err)
	if len(all) == 0 && line > 0 { // engines of old do not say it
		at := &pb.Position{Line: int32(line)}
		all = []*errdefs.Source{{Info: &pb.SourceInfo{Filename: filename, Data: []byte(b.order.Text)}, Ranges: []*pb.Range{{Start: at, End: at}}}}
	}
	for _, source := range all {
		if source.Print(&s) != nil {
			return ""
		}
	}
	return strings.TrimRight(s.String(), "\n")
}

// roots reads the files before the broken step, and after it where the engine
// still has them.
func (b *Build) roots(ctx context.Context, f *breakage, sum digest.Digest) {
	var known []*tree.Node
	for _, t := range b.goals[:min(1, len(b.goals))] {
		if t.graph == nil || t.graph.vertices[sum] == nil {
			continue
		}
		if s := b.standsOn(t.graph, t.graph.vertices[sum]); s != nil {
			select {
			case <-s.tree:
				f.before = s.root
			case <-ctx.Done():
				return
			}
		}
	}
	known = append([]*tree.Node{f.before}, b.order.Known...)
	switch {
	case f.exec == nil && b.engine.old:
		f.why = "the engine does not keep what a failed command leaves: its BuildKit is older than 0.9"
		return
	case f.exec == nil:
		f.why = "no command was run"
		return
	}
	if f.before == nil {
		f.before, _ = b.held(ctx, f, f.inputs, known) // none is shown then
	}
	var err error
	if f.after, err = b.held(ctx, f, f.mounts, known); err != nil {
		f.why = b.supplies.secrets.text(plain(err).Error())
	}
}

// held reads a root by the results that the engine holds for a broken step.
func (b *Build) held(ctx context.Context, f *breakage, ids []string, known []*tree.Node) (*tree.Node, error) {
	m := rootMount(f.exec)
	if m < 0 || m >= len(ids) || ids[m] == "" {
		return nil, errors.New("the engine holds no root of it")
	}
	c, err := b.gateway.NewContainer(ctx, gateway.NewContainerRequest{
		Mounts: []gateway.Mount{{Dest: pb.RootMount, ResultID: ids[m], MountType: pb.MountType_BIND}},
	})
	if err != nil {
		return nil, err
	}
	defer c.Release(context.WithoutCancel(ctx))
	return readRoot(ctx, within(c), b.gate, known...)
}
