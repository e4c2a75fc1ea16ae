package builder

import (
	"context"
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"sync"

	"github.com/distribution/reference"
	"github.com/moby/buildkit/client/llb/sourceresolver"
	"github.com/opencontainers/go-digest"
	ocispecs "github.com/opencontainers/image-spec/specs-go/v1"

	"github.com/imgtui/imgtui/model"
	"github.com/imgtui/imgtui/model/plan"
)

// resolver answers what BuildKit asks of base images from what a job knows.
type resolver struct {
	base  Bases
	named map[string]*plan.Context // by full name
	mu    sync.Mutex               // BuildKit asks for several at once
	known map[string]base          // by the reference that goes into the graph
	asked []question
}

// question is what was asked of a job's [Bases], with the answer.
type question struct {
	full     string
	platform ocispecs.Platform
	body     []byte
	sum      digest.Digest
	found    bool
}

// base is what became of a name.
type base struct {
	name    string // in full
	sum     string // of the manifest, else of the config; "" where neither is known
	context *plan.Context
	guessed bool
}

func newResolver(job Job) *resolver {
	r := &resolver{base: job.Base, named: map[string]*plan.Context{}, known: map[string]base{}}
	for name, c := range job.Named {
		if full, err := fullName(name); err == nil {
			r.named[full] = c
		}
	}
	return r
}

func fullName(name string) (string, error) {
	ref, err := reference.ParseNormalizedNamed(name)
	if err != nil {
		return "", err
	}
	return reference.TagNameOnly(ref).String(), nil
}

// ResolveImageConfig implements [sourceresolver.ImageMetaResolver]. A name that
// the job does not know gets a stand-in, the same each time.
func (r *resolver) ResolveImageConfig(_ context.Context, full string, opt sourceresolver.Opt) (string, digest.Digest, []byte, error) {
	var p ocispecs.Platform
	if opt.ImageOpt != nil && opt.ImageOpt.Platform != nil {
		p = *opt.ImageOpt.Platform
	}
	b := base{name: full, context: r.named[full]}
	body, sum, found := r.ask(full, p)
	r.mu.Lock()
	r.asked = append(r.asked, question{full, p, body, sum, found})
	r.mu.Unlock()
	switch {
	case b.context != nil, !found:
		b.guessed = b.context == nil && !strings.Contains(full, "@")
		body, sum = standIn(p), digest.FromString(full)
	default:
		b.sum = string(sum)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	ref := full
	if !strings.Contains(full, "@") {
		ref += "@" + string(sum)
	}
	r.known[ref] = b
	return full, sum, body, nil
}

func (r *resolver) ask(full string, p ocispecs.Platform) ([]byte, digest.Digest, bool) {
	if r.base == nil {
		return nil, "", false
	}
	name := full
	if ref, err := reference.ParseNormalizedNamed(full); err == nil {
		name = strings.TrimSuffix(reference.FamiliarString(ref), ":latest")
	}
	image, ok := r.base(name, full, model.Platform{OS: p.OS, Architecture: p.Architecture, Variant: p.Variant, OSVersion: p.OSVersion})
	if !ok {
		return nil, "", false
	}
	sum := digest.Digest(image.Digest)
	if sum.Validate() != nil {
		sum = digest.FromBytes(image.Config)
	}
	return image.Config, sum, true
}

// standIn is the config of an image of which only the name is known. It has a
// layer, or BuildKit would take it for scratch.
func standIn(p ocispecs.Platform) []byte {
	image := ocispecs.Image{Platform: p}
	image.RootFS = ocispecs.RootFS{Type: "layers", DiffIDs: []digest.Digest{digest.FromString("")}}
	body, err := json.Marshal(image)
	if err != nil {
		panic(err) // strings alone
	}
	return body
}

// find returns what became of the source of that identifier.
func (r *resolver) find(ref string) (base, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	b, ok := r.known[ref]
	return b, ok
}

// unknown returns the names that got a stand-in.
func (r *resolver) unknown() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	names := map[string]bool{}
	for _, b := range r.known {
		if b.guessed {
			names[b.name] = true
		}
	}
	return slices.Sorted(maps.Keys(names))
}
