package builder

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"

	"github.com/containerd/platforms"
	"github.com/moby/buildkit/client/llb"
	"github.com/moby/buildkit/client/llb/sourceresolver"
	"github.com/moby/buildkit/frontend/dockerfile/dockerfile2llb"
	"github.com/moby/buildkit/frontend/dockerfile/parser"
	"github.com/moby/buildkit/frontend/dockerui"
	gateway "github.com/moby/buildkit/frontend/gateway/client"
	image "github.com/moby/docker-image-spec/specs-go/v1"
	"github.com/opencontainers/go-digest"
	ocispecs "github.com/opencontainers/image-spec/specs-go/v1"

	"github.com/imgtui/imgtui/model"
	"github.com/imgtui/imgtui/model/dockerfile"
)

// goal is what is built for one platform.
type goal struct {
	id           string // "linux/amd64"
	platform     ocispecs.Platform
	graph        *graph
	image        *image.DockerOCIImage
	config, base []byte
	ref          gateway.Reference // where another frontend built it
}

// convert turns the text into what the engine is asked for, with the engine as
// the one who knows the base images.
func (b *Build) convert(ctx context.Context) error {
	ui, err := dockerui.NewClient(&knowing{b.gateway, b.supplies.stores})
	if err != nil {
		return err
	}
	text := llb.NewSourceMap(nil, filename, "Dockerfile", []byte(b.order.Text))
	text.Definition = &llb.Definition{}
	if b.supplies.ignored { // by a file of its own, which only this reads
		entry, err := ui.ReadEntrypoint(ctx, "Dockerfile")
		if err != nil {
			return err
		}
		text = entry.SourceMap
	}
	all := ui.TargetPlatforms
	if len(all) == 0 {
		all = ui.BuildPlatforms
	}
	for _, p := range all {
		t, err := b.goal(ctx, ui, text, p)
		if err != nil {
			return err
		}
		b.goals = append(b.goals, t)
		b.events.place(t.graph)
	}
	b.planned()
	return nil
}

func (b *Build) planned() {
	b.History, b.Config = history(b.goals[0].image, b.goals[0].base), settings(b.goals[0].image)
	b.hooks.Planned(b.History)
}

func (b *Build) goal(ctx context.Context, ui *dockerui.Client, text *llb.SourceMap, p ocispecs.Platform) (goal, error) {
	caps := b.gateway.BuildOpts().LLBCaps
	result, err := dockerfile2llb.Dockerfile2LLB(ctx, text.Data, dockerfile2llb.ConvertOpt{
		Config: ui.Config, Client: ui, SourceMap: text, TargetPlatform: &p, LLBCaps: &caps,
		MetaResolver: &recorder{ImageMetaResolver: b.gateway, b: b},
	})
	if err != nil {
		var at *parser.LocationError
		if errors.As(err, &at) {
			err = fault(err)
		}
		if len(b.lacking) > 0 {
			err = &missing{err, b.lacking}
		}
		return goal{}, err
	}
	definition, err := result.State.Marshal(ctx, llb.WithCaps(caps), llb.Platform(p))
	if err != nil {
		return goal{}, err
	}
	t := goal{id: platforms.FormatAll(platforms.Normalize(p)), platform: platforms.Normalize(p), image: result.Image}
	if t.graph, err = newGraph(definition); err != nil {
		return t, err
	}
	if f, err := dockerfile.Parse(b.order.Text); err == nil {
		t.graph.adopt(f, b.order.Target)
	}
	if t.config, err = json.Marshal(result.Image); err != nil {
		return t, err
	}
	if result.BaseImage != nil {
		t.base, err = json.Marshal(result.BaseImage)
	}
	return t, err
}

// knowing is an engine that need not be asked of images which come from here.
type knowing struct {
	gateway.Client
	stores map[string]Image
}

// ResolveImageConfig implements [gateway.Client].
func (k *knowing) ResolveImageConfig(ctx context.Context, ref string, opt sourceresolver.Opt) (string, digest.Digest, []byte, error) {
	if opt.OCILayoutOpt != nil {
		if i, ok := k.stores[opt.OCILayoutOpt.Store.StoreID]; ok {
			return ref, digest.Digest(i.Digest), i.Config, nil
		}
	}
	return k.Client.ResolveImageConfig(ctx, ref, opt)
}

// recorder notes what the engine says of base images.
type recorder struct {
	llb.ImageMetaResolver
	b *Build
}

// ResolveImageConfig implements [llb.ImageMetaResolver].
func (r *recorder) ResolveImageConfig(ctx context.Context, ref string, opt sourceresolver.Opt) (string, digest.Digest, []byte, error) {
	full, sum, config, err := r.ImageMetaResolver.ResolveImageConfig(ctx, ref, opt)
	r.b.mu.Lock()
	defer r.b.mu.Unlock()
	if err != nil && ctx.Err() == nil {
		r.b.lacking = append(r.b.lacking, familiar(ref))
	}
	if err == nil && opt.ImageOpt != nil && opt.ImageOpt.Platform != nil {
		r.b.Bases[BaseKey(ref, ours(*opt.ImageOpt.Platform))] = Image{Config: config, Digest: model.Digest(sum)}
	}
	return full, sum, config, err
}

func ours(p ocispecs.Platform) model.Platform {
	return model.Platform{OS: p.OS, Architecture: p.Architecture, Variant: p.Variant, OSVersion: p.OSVersion}
}

// history is that of the image to be, as far as the text decides it.
func history(i *image.DockerOCIImage, base []byte) []model.Step {
	var below image.DockerOCIImage
	_ = json.Unmarshal(base, &below) // without a base nothing is of it
	var all []model.Step
	layers := 0
	for n, h := range i.History {
		s := model.Step{Index: n, CreatedBy: h.CreatedBy, Comment: h.Comment, Base: n < len(below.History)}
		if h.Created != nil {
			s.Created = *h.Created
		}
		if !h.EmptyLayer {
			s.Layer = &model.Layer{Index: layers, Download: model.Unknown, Unpacked: model.Unknown, Tar: model.Unknown}
			layers++
		}
		all = append(all, s)
	}
	return all
}

// foreign has another frontend build the text. Of its steps only the last is known.
func (b *Build) foreign(ctx context.Context, syntax string) error {
	opts := map[string]string{"source": syntax, "cmdline": syntax}
	maps.Copy(opts, b.gateway.BuildOpts().Opts)
	result, err := b.gateway.Solve(ctx, gateway.SolveRequest{Frontend: "gateway.v0", FrontendOpt: opts, CacheImports: b.imports(), Evaluate: true})
	if err != nil {
		return b.broken(ctx, err)
	}
	ref, err := result.SingleRef()
	if err != nil {
		return err
	}
	t := goal{config: result.Metadata["containerimage.config"], ref: ref}
	if err := json.Unmarshal(t.config, &t.image); err != nil {
		return fmt.Errorf("frontend %s: config: %w", syntax, err)
	}
	t.platform = t.image.Platform
	t.id = platforms.FormatAll(platforms.Normalize(t.platform))
	b.goals = []goal{t}
	b.planned()
	return nil
}

func (b *Build) imports() []gateway.CacheOptionsEntry {
	var all []gateway.CacheOptionsEntry
	for _, c := range b.supplies.opt.CacheImports {
		all = append(all, gateway.CacheOptionsEntry{Type: c.Type, Attrs: c.Attrs})
	}
	return all
}
