package source

import (
	"context"
	"encoding/json"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/imgtui/imgtui/model"
)

// attest remembers what an index says to speak about an image.
func (l *layout) attest(d descriptor) {
	if about := model.Digest(d.Annotations["vnd.docker.reference.digest"]); about != "" && len(l.attested) < maxManifests {
		if l.attested == nil {
			l.attested = map[model.Digest]model.Digest{}
		}
		l.attested[about] = d.Digest
	}
}

// recipe returns what an image was built of, if its builder attests it. An
// attestation that cannot be read is a warning: the image is whole without it.
func (l *layout) recipe(image model.Digest) model.Recipe {
	at, ok := l.attested[image]
	if !ok {
		return model.Recipe{}
	}
	m, _, err := l.manifest(at)
	if err != nil {
		l.fault("attestation: %v", err)
		return model.Recipe{}
	}
	d, ok := provenanceIn(m.Layers)
	if !ok {
		return model.Recipe{}
	}
	body, err := l.document(d.Digest)
	if err != nil {
		l.fault("attestation: %v", err)
		return model.Recipe{}
	}
	return recipeOf(body)
}

// provenanceIn finds the statement of provenance among those of an attestation.
func provenanceIn(statements []descriptor) (descriptor, bool) {
	for _, d := range statements {
		if strings.HasPrefix(d.Annotations["in-toto.io/predicate-type"], "https://slsa.dev/provenance/") {
			return d, true
		}
	}
	return descriptor{}, false
}

// attestation returns what an index names as speaking about an image, or "".
func attestation(index []byte, image string) string {
	var ix struct {
		Manifests []descriptor `json:"manifests"`
	}
	if decode(index, &ix) != nil {
		return ""
	}
	for _, d := range ix.Manifests {
		if d.attests() && d.Annotations["vnd.docker.reference.digest"] == image {
			return string(d.Digest)
		}
	}
	return ""
}

// recipe reads what an attestation manifest of the registry says an image was
// built of. One that cannot be read is a warning: the image is whole without it.
func (r *registry) recipe(ctx context.Context, id string) (model.Recipe, []model.Warning) {
	s, err := r.manifest(ctx, id)
	if err != nil {
		return model.Recipe{}, []model.Warning{warning(-1, "attestation: %v", err)}
	}
	var m imageManifest
	if err := decode(s.body, &m); err != nil {
		return model.Recipe{}, []model.Warning{warning(-1, "attestation: %v", err)}
	}
	d, ok := provenanceIn(m.Layers)
	if !ok {
		return model.Recipe{}, s.faults
	}
	body, _, err := r.document(ctx, "blobs", string(d.Digest))
	if err != nil {
		return model.Recipe{}, append(s.faults, warning(-1, "attestation: %v", err))
	}
	if got := digestOf(body); got != d.Digest {
		return model.Recipe{}, append(s.faults, warning(-1, "attestation: the registry served %s when asked for %s", got, d.Digest))
	}
	return recipeOf(body), s.faults
}

// provenance is what is read of a statement of SLSA provenance, of version 0.2
// and of version 1. Only with mode=max it has the sources in it.
type provenance struct {
	PredicateType string `json:"predicateType"`
	Predicate     struct {
		Invocation struct {
			Parameters request `json:"parameters"`
		} `json:"invocation"`
		Metadata struct {
			BuildKit built `json:"https://mobyproject.org/buildkit@v1#metadata"`
		} `json:"metadata"`
		BuildDefinition struct {
			External struct {
				Request request `json:"request"`
			} `json:"externalParameters"`
		} `json:"buildDefinition"`
		RunDetails struct {
			Metadata struct {
				BuildKit built `json:"buildkit_metadata"`
			} `json:"metadata"`
		} `json:"runDetails"`
	} `json:"predicate"`
}

// request is what a builder was asked for.
type request struct {
	Args map[string]string `json:"args"`
}

// built is what BuildKit tells of a build.
type built struct {
	Source struct {
		Infos []struct {
			Language string `json:"language"`
			Data     []byte `json:"data"`
		} `json:"infos"`
		// Locations are of the steps "step0", "step1", …
		Locations map[string]struct {
			Locations []struct {
				Source int `json:"sourceIndex"`
				Ranges []struct {
					Start struct {
						Line int `json:"line"`
					} `json:"start"`
				} `json:"ranges"`
			} `json:"locations"`
		} `json:"locations"`
	} `json:"source"`
	// Layers are those that lie under a step's result "step3:0", its own last.
	Layers map[string][][]descriptor `json:"layers"`
}

// mostMade is how many layers with their lines are taken from an attestation.
const mostMade = 2000

// made returns for each layer the line of the instruction that made it. A step
// that made none has the layers of the one before it: the first step counts.
func (b built) made() map[model.Digest]int {
	all, steps := map[model.Digest]int{}, map[model.Digest]int{}
	for key, chains := range b.Layers {
		step, _, _ := strings.Cut(key, ":")
		n, err := strconv.Atoi(strings.TrimPrefix(step, "step"))
		line := b.line(step)
		if err != nil || line < 1 || len(all) >= mostMade {
			continue
		}
		for _, chain := range chains {
			if len(chain) == 0 {
				continue
			}
			last := chain[len(chain)-1].Digest
			if first, ok := steps[last]; !ok || n < first {
				all[last], steps[last] = line, n
			}
		}
	}
	if len(all) == 0 {
		return nil
	}
	return all
}

// line returns the line of a step in the Dockerfile, or 0.
func (b built) line(step string) int {
	for _, l := range b.Source.Locations[step].Locations {
		if l.Source == 0 && len(l.Ranges) > 0 {
			return l.Ranges[0].Start.Line
		}
	}
	return 0
}

func (b built) dockerfile() string {
	for _, i := range b.Source.Infos {
		if (i.Language == "Dockerfile" || i.Language == "") && utf8.Valid(i.Data) {
			return string(i.Data)
		}
	}
	return ""
}

// recipeOf reads a statement. One without a Dockerfile, or one that cannot be
// read, is no recipe.
func recipeOf(statement []byte) model.Recipe {
	var p provenance
	if json.Unmarshal(statement, &p) != nil {
		return model.Recipe{}
	}
	built, asked := p.Predicate.Metadata.BuildKit, p.Predicate.Invocation.Parameters
	text := built.dockerfile()
	if text == "" {
		built, asked = p.Predicate.RunDetails.Metadata.BuildKit, p.Predicate.BuildDefinition.External.Request
		text = built.dockerfile()
	}
	if text == "" {
		return model.Recipe{}
	}
	r := model.Recipe{Dockerfile: text, Target: asked.Args["target"], Args: map[string]string{}, Made: built.made(), How: "attested by its builder, " + p.PredicateType}
	for k, v := range asked.Args {
		if name, ok := strings.CutPrefix(k, "build-arg:"); ok {
			r.Args[name] = v
		}
	}
	return r
}
