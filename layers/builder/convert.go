package builder

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"runtime"
	"slices"
	"strings"

	"github.com/moby/buildkit/client/llb"
	"github.com/moby/buildkit/frontend/dockerfile/dockerfile2llb"
	"github.com/moby/buildkit/frontend/dockerfile/parser"
	"github.com/moby/buildkit/frontend/dockerui"
	"github.com/moby/buildkit/solver/pb"
	image "github.com/moby/docker-image-spec/specs-go/v1"
	ocispecs "github.com/opencontainers/image-spec/specs-go/v1"

	"github.com/imgtui/imgtui/model"
	"github.com/imgtui/imgtui/model/dockerfile"
	"github.com/imgtui/imgtui/model/plan"
)

// Convert turns a Dockerfile into what an engine would be asked for. It asks
// neither engine, network nor disk. A fault in the text is a
// [*dockerfile.Error].
func Convert(ctx context.Context, job Job) (*plan.Graph, error) {
	if job.File != nil && len(job.File.Instructions) > mostInstructions {
		return nil, &dockerfile.Error{
			Line: job.File.Instructions[mostInstructions].Line, Text: fmt.Sprintf("more than %d instructions", mostInstructions),
			Hint: "no image has so many layers: join commands with &&",
		}
	}
	if job.Memory == nil || job.File == nil || job.File.Text != job.Text {
		done, err := convertWhole(ctx, job)
		if err != nil {
			return nil, err
		}
		return done.graph, nil
	}
	if done := job.Memory.recall(job); done != nil {
		return done.graph, nil
	}
	done, err := job.Memory.derive(ctx, job)
	if err != nil {
		return nil, err
	}
	if done == nil {
		if done, err = convertWhole(ctx, job); err != nil {
			return nil, err
		}
		job.Memory.keep(done)
	}
	return done.graph, nil
}

// conversion is a job that was done, with what the next one may be derived from.
type conversion struct {
	job   Job
	asked []question
	graph *plan.Graph
	top   *node // what the image is; nil is nothing
}

// convertWhole does a job without those before it.
func convertWhole(ctx context.Context, job Job) (*conversion, error) {
	d, err := draw(ctx, job)
	if err != nil {
		return nil, err
	}
	done := d.conversion(job, d.top)
	done.graph.Config = settings(d.image)
	return done, done.finish(ctx, d.bases)
}

// drawing is what BuildKit makes of a text.
type drawing struct {
	top      *node
	image    *image.DockerOCIImage
	bases    *resolver
	warnings []plan.Warning
}

func draw(ctx context.Context, job Job) (*drawing, error) {
	d := &drawing{bases: newResolver(job)}
	result, err := dockerfile2llb.Dockerfile2LLB(ctx, []byte(job.Text), options(job, d))
	if err != nil {
		return nil, fault(err)
	}
	r := newReader(ctx, job)
	if d.top, err = r.read(result.State.Output()); err != nil {
		return nil, cmp.Or(ctx.Err(), fault(err))
	}
	d.image = result.Image
	return d, nil
}

// conversion begins the conversion of a job from what was drawn.
func (d *drawing) conversion(job Job, top *node) *conversion {
	return &conversion{job: job, asked: d.bases.asked, top: top, graph: &plan.Graph{
		Args: maps.Clone(job.Args), Target: job.Target, Unknown: d.bases.unknown(), Warnings: d.warnings,
	}}
}

// finish gives a conversion its operations, and its warnings their order.
func (done *conversion) finish(ctx context.Context, bases *resolver) error {
	c := &converter{bases: bases, job: done.job, memory: done.job.Memory}
	if c.memory == nil {
		c.memory = &Memory{}
	}
	g := done.graph
	g.Warnings = append(g.Warnings, foreignSyntax(done.job.Text)...)
	slices.SortFunc(g.Warnings, func(a, b plan.Warning) int { // BuildKit tells those of a line in any order
		return cmp.Or(a.Line-b.Line, a.Last-b.Last, strings.Compare(a.Rule, b.Rule), strings.Compare(a.Text, b.Text))
	})
	var err error
	g.Ops, err = c.operations(ctx, done.top)
	return err
}

// mostInstructions is how many instructions are converted: the time that BuildKit
// takes grows with their square, and engines give up at a hundred layers or so.
const mostInstructions = 3000

// everything is what a BuildKit of this version can do.
var everything = pb.Caps.CapSet(pb.Caps.All())

// contextName is the name of the main context among the sources.
const contextName = "context"

func options(job Job, d *drawing) dockerfile2llb.ConvertOpt {
	main := llb.Local(contextName, llb.LocalUniqueID(contextName))
	source := llb.NewSourceMap(nil, "Dockerfile", "Dockerfile", []byte(job.Text))
	source.Definition = &llb.Definition{}
	platform, caps := target(job), everything
	return dockerfile2llb.ConvertOpt{
		Config: dockerui.Config{
			BuildArgs:      maps.Clone(job.Args), // it is written to
			Target:         job.Target,
			BuildPlatforms: []ocispecs.Platform{host(job)},
		},
		MainContext:    &main,
		SourceMap:      source,
		TargetPlatform: &platform,
		MetaResolver:   d.bases,
		LLBCaps:        &caps,
		Warn: func(rule, description, url, text string, at []parser.Range) {
			d.warnings = append(d.warnings, warning(rule, description, url, text, at))
		},
	}
}

func warning(rule, description, url, text string, at []parser.Range) plan.Warning {
	w := plan.Warning{Rule: rule, Description: description, URL: url, Text: text}
	if len(at) > 0 {
		w.Line, w.Last = at[0].Start.Line, at[len(at)-1].End.Line
	}
	return w
}

// foreignSyntax warns of a frontend that is not the one that is built in.
func foreignSyntax(text string) []plan.Warning {
	syntax, _, at, ok := parser.DetectSyntax([]byte(text))
	if !ok || builtIn(syntax) {
		return nil
	}
	return []plan.Warning{warning("", "", "", "the frontend "+syntax+" is not built in: the forecast takes Docker's own for it", at)}
}

func builtIn(syntax string) bool {
	name := strings.TrimPrefix(syntax, "docker.io/")
	return strings.HasPrefix(name, "docker/dockerfile:") || name == "docker/dockerfile" ||
		strings.HasPrefix(name, "docker/dockerfile@")
}

// target is the platform of the image.
func target(job Job) ocispecs.Platform {
	if job.Platform == (model.Platform{}) {
		return ocispecs.Platform{OS: "linux", Architecture: runtime.GOARCH}
	}
	return platform(job.Platform)
}

// host is the platform of the engine.
func host(job Job) ocispecs.Platform {
	if job.Host == (model.Platform{}) {
		return target(job)
	}
	return platform(job.Host)
}

func platform(p model.Platform) ocispecs.Platform {
	return ocispecs.Platform{OS: p.OS, Architecture: p.Architecture, Variant: p.Variant, OSVersion: p.OSVersion}
}
