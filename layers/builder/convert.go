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
	if g := job.Memory.derive(job); g != nil {
		return g, nil
	}
	g := &plan.Graph{Args: maps.Clone(job.Args), Target: job.Target}
	bases := newResolver(job)
	result, err := dockerfile2llb.Dockerfile2LLB(ctx, []byte(job.Text), options(job, bases, g))
	if err != nil {
		return nil, fault(err)
	}
	definition, err := result.State.Marshal(ctx, llb.Platform(target(job)), llb.WithCaps(everything))
	if err != nil {
		return nil, fault(err)
	}
	g.Unknown = bases.unknown()
	g.Config = settings(result.Image)
	g.Warnings = append(g.Warnings, foreignSyntax(job.Text)...)
	slices.SortFunc(g.Warnings, func(a, b plan.Warning) int { // BuildKit tells those of a line in any order
		return cmp.Or(a.Line-b.Line, a.Last-b.Last, strings.Compare(a.Rule, b.Rule), strings.Compare(a.Text, b.Text))
	})
	done := &conversion{job: job, asked: bases.asked, graph: g}
	if err := done.operate(ctx, definition, bases); err != nil {
		return nil, err
	}
	if job.Memory != nil && job.File != nil {
		job.Memory.keep(done)
	}
	return g, nil
}

// mostInstructions is how many instructions are converted: the time that BuildKit
// takes grows with their square, and engines give up at a hundred layers or so.
const mostInstructions = 3000

// everything is what a BuildKit of this version can do.
var everything = pb.Caps.CapSet(pb.Caps.All())

// contextName is the name of the main context among the sources.
const contextName = "context"

func options(job Job, bases *resolver, g *plan.Graph) dockerfile2llb.ConvertOpt {
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
		MetaResolver:   bases,
		LLBCaps:        &caps,
		Warn: func(rule, description, url, text string, at []parser.Range) {
			g.Warnings = append(g.Warnings, warning(rule, description, url, text, at))
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
