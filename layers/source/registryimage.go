package source

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"

	"github.com/google/go-containerregistry/pkg/v1/remote/transport"
	"github.com/google/go-containerregistry/pkg/v1/types"
	"github.com/imgtui/imgtui/model"
)

// maxNesting is how deep indexes may lie in one another.
const maxNesting = 4

// served is a manifest or an index as a registry serves it.
type served struct {
	body      []byte
	mediaType string
	digest    model.Digest
	faults    []model.Warning
}

// image follows indexes down to one manifest, and reads its config.
func (r *registry) image(ctx context.Context, o Options) (*Image, error) {
	id, said := r.ref.Identifier(), ""
	for range maxNesting {
		s, err := r.manifest(ctx, id)
		if err != nil {
			return nil, err
		}
		if !s.isIndex() {
			return r.attested(ctx, s, said)
		}
		if id, err = choosePlatform(r.ref.String(), s.body, o); err != nil {
			return nil, err
		}
		said = attestation(s.body, id)
	}
	return nil, fmt.Errorf("indexes lie in one another deeper than %d", maxNesting)
}

// attested describes an image and reads at the same time what its builder says
// of it, which costs no more than the config does.
func (r *registry) attested(ctx context.Context, s served, said string) (*Image, error) {
	if said == "" {
		return r.describe(ctx, s)
	}
	var recipe model.Recipe
	var faults []model.Warning
	var asking sync.WaitGroup
	asking.Go(func() {
		defer func() {
			if p := recover(); p != nil {
				faults = []model.Warning{warning(-1, "attestation: %v", p)}
			}
		}()
		recipe, faults = r.recipe(ctx, said)
	})
	img, err := r.describe(ctx, s)
	asking.Wait()
	if err != nil {
		return nil, err
	}
	img.Recipe, img.Warnings = recipe, append(img.Warnings, faults...)
	return img, nil
}

// manifest asks for a manifest and checks it against the digest that named it.
func (r *registry) manifest(ctx context.Context, id string) (served, error) {
	body, contentType, err := r.document(ctx, "manifests", id)
	if err != nil {
		return served{}, err
	}
	s := served{body: body, digest: digestOf(body)}
	if strings.Contains(id, ":") && string(s.digest) != id {
		s.fault("the registry served %s when asked for %s", s.digest, id)
	}
	s.mediaType, err = kindOf(body, contentType)
	return s, err
}

func digestOf(b []byte) model.Digest {
	return model.Digest(fmt.Sprintf("sha256:%x", sha256.Sum256(b)))
}

func (s *served) fault(format string, args ...any) {
	s.faults = append(s.faults, model.Warning{Layer: -1, Text: fmt.Sprintf(format, args...)})
}

// kindOf tells a manifest's media type by what it says of itself, else by what
// it holds, else by what the registry says.
func kindOf(body []byte, contentType string) (string, error) {
	var m struct {
		SchemaVersion int             `json:"schemaVersion"`
		MediaType     string          `json:"mediaType"`
		Manifests     json.RawMessage `json:"manifests"`
		Config        json.RawMessage `json:"config"`
		FSLayers      json.RawMessage `json:"fsLayers"`
	}
	if err := decode(body, &m); err != nil {
		return "", fmt.Errorf("manifest: %w", err)
	}
	contentType, _, _ = strings.Cut(contentType, ";")
	switch {
	case m.SchemaVersion == 1 || m.FSLayers != nil:
		return "", errors.New("manifest of schema 1, which registries and engines have given up: " +
			"pull the image with an old engine and push it with a new one")
	case m.MediaType != "":
		return m.MediaType, nil
	case m.Manifests != nil:
		return string(types.OCIImageIndex), nil
	case m.Config != nil:
		return string(types.OCIManifestSchema1), nil
	}
	return contentType, nil
}

func (s *served) isIndex() bool { return types.MediaType(s.mediaType).IsIndex() }

// manifest is what is read of an image's manifest.
type manifest struct {
	ArtifactType string `json:"artifactType"`
	Config       struct{ MediaType, Digest string }
	Layers       []layerDescriptor
}

// describe reads the config of a manifest and gives the image its layers.
func (r *registry) describe(ctx context.Context, s served) (*Image, error) {
	var m manifest
	if err := decode(s.body, &m); err != nil {
		return nil, fmt.Errorf("manifest: %w", err)
	}
	if m.Config.Digest == "" && len(m.Layers) == 0 {
		return nil, fmt.Errorf("no image: %s", said(s.mediaType))
	}
	config, err := r.config(ctx, m, &s)
	if err != nil {
		return nil, fmt.Errorf("config: %w", err)
	}
	facts, err := describe(s.body, config)
	if err != nil {
		return nil, err
	}
	facts.Warnings = append(s.faults, facts.Warnings...)
	facts.Digest, facts.MediaType = s.digest, s.mediaType
	img := r.withLayers(facts, m)
	img.papers = papers{config: config, manifest: s.body}
	return img, nil
}

// config reads the config. An image whose config is gone still has its layers,
// and so has what is no image at all.
func (r *registry) config(ctx context.Context, m manifest, s *served) ([]byte, error) {
	config, _, err := r.document(ctx, "blobs", m.Config.Digest)
	var answer *transport.Error
	if errors.As(err, &answer) && answer.StatusCode == http.StatusNotFound {
		s.fault("the registry does not have the config %s", m.Config.Digest)
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	if got := digestOf(config); string(got) != m.Config.Digest {
		s.fault("the registry served %s when asked for the config %s", got, m.Config.Digest)
	}
	if isImageConfig(m.Config.MediaType, config) {
		return config, nil
	}
	s.fault("it is no image but an artifact of type %s", said(cmp.Or(m.ArtifactType, m.Config.MediaType)))
	return nil, nil
}

// isImageConfig tells an image's config by its type, or else by what it holds.
func isImageConfig(mediaType string, config []byte) bool {
	switch types.MediaType(mediaType) {
	case types.OCIConfigJSON, types.DockerConfigJSON:
		return true
	}
	var c struct{ RootFS *struct{} }
	return decode(config, &c) == nil && c.RootFS != nil
}

// withLayers gives the image its layers, as the manifest names them.
func (r *registry) withLayers(facts model.Image, m manifest) *Image {
	img := &Image{Image: facts, close: func() error { r.close(); return nil }}
	for _, l := range m.Layers {
		img.Blobs = append(img.Blobs, r.blob(l))
	}
	for i, l := range facts.Layers() {
		if i < len(img.Blobs) {
			img.Blobs[i].DiffID = l.DiffID
		}
	}
	return img
}
