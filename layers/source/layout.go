package source

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/imgtui/imgtui/model"
)

// layout is an OCI image layout: a tar or a directory.
type layout struct {
	parts
	candidates []candidate
	attested   map[model.Digest]model.Digest // what speaks about an image, by its digest
	faults     []model.Warning
	looked     int   // manifests and indexes looked at
	read       int64 // bytes of them
}

// imageManifest is what is read of an image manifest.
type imageManifest struct {
	MediaType string       `json:"mediaType"`
	Config    descriptor   `json:"config"`
	Layers    []descriptor `json:"layers"`
	Manifests []descriptor `json:"manifests"` // where it is an index after all
}

// What an index and those that it nests may come to.
const (
	maxManifests     = 1000
	maxManifestBytes = 64 << 20
)

// readLayout reads index.json and the indexes that it nests.
func readLayout(ps parts) (*layout, error) {
	body, err := document(ps, "index.json")
	if err != nil {
		return nil, err
	}
	l := &layout{parts: ps}
	var ix imageManifest
	if err := decode(body, &ix); err != nil {
		return nil, fmt.Errorf("index.json: %w", err)
	}
	if len(ix.Manifests) == 0 && ix.Config.Digest != "" {
		return nil, errors.New("index.json is a manifest")
	}
	if err := l.collect(ix.Manifests, "", 0); err != nil {
		l.fault("%v", err)
	}
	return l, nil
}

// collect gathers the images of an index; what only speaks about images is set
// aside. It ends with what goes beyond the limits.
func (l *layout) collect(ds []descriptor, name string, depth int) error {
	if depth > maxNesting {
		return fmt.Errorf("indexes lie in one another deeper than %d; the rest is left out", maxNesting)
	}
	for _, d := range ds {
		if d.attests() {
			l.attest(d)
			continue
		}
		if l.looked++; l.looked > maxManifests || l.read > maxManifestBytes {
			return fmt.Errorf("the index names more than %d manifests or %d MiB of them; the rest is left out", maxManifests, maxManifestBytes>>20)
		}
		called := name
		if n := d.name(); n != "" {
			called = n
		}
		if err := l.descend(d, called, depth); err != nil {
			return err
		}
	}
	return nil
}

func (l *layout) descend(d descriptor, called string, depth int) error {
	m, body, err := l.manifest(d.Digest)
	l.read += int64(len(body))
	if err != nil {
		l.fault("%v", err)
		return nil
	}
	if d.isIndex() || len(m.Manifests) > 0 {
		return l.collect(m.Manifests, called, depth+1)
	}
	c := candidate{digest: d.Digest}
	if d.Platform != nil {
		c.platform = *d.Platform
	} else {
		c.platform = l.platform(m)
	}
	if c.platform.OS != "unknown" {
		l.add(c, called)
	}
	return nil
}

// add adds an image, or a name to one that is there already.
func (l *layout) add(c candidate, called string) {
	at := slices.IndexFunc(l.candidates, func(k candidate) bool { return k.digest == c.digest })
	if at < 0 {
		at = len(l.candidates)
		l.candidates = append(l.candidates, c)
	}
	if k := &l.candidates[at]; called != "" && !slices.Contains(k.names, called) {
		k.names = append(k.names, called)
	}
}

// platform reads from the config what the index does not say.
func (l *layout) platform(m imageManifest) model.Platform {
	var p model.Platform
	if body, err := l.document(m.Config.Digest); err == nil {
		l.read += int64(len(body))
		_ = decode(body, &p) // what cannot be read is told when the config is
	}
	return p
}

func (l *layout) fault(format string, args ...any) {
	l.faults = append(l.faults, warning(-1, format, args...))
}

// document reads a blob that is no layer.
func (l *layout) document(d model.Digest) ([]byte, error) {
	name, err := blobPath(d)
	if err != nil {
		return nil, err
	}
	body, err := document(l.parts, name)
	if err != nil {
		return nil, missing(name, err)
	}
	return body, nil
}

func (l *layout) manifest(d model.Digest) (m imageManifest, body []byte, err error) {
	if body, err = l.document(d); err != nil {
		return m, nil, err
	}
	if err := decode(body, &m); err != nil {
		return m, body, fmt.Errorf("manifest %s: %w", d, err)
	}
	return m, body, nil
}

// pick chooses the image that o wants: by what it is called, then by platform.
func (l *layout) pick(ref string, o Options) (candidate, error) {
	if len(l.candidates) == 0 {
		for _, f := range l.faults {
			return candidate{}, fmt.Errorf("no image in the index: %s", f.Text)
		}
		return candidate{}, errors.New("no image in the index")
	}
	all := l.candidates
	if o.Select != "" {
		if all = selected(o.Select, l.candidates); len(all) == 0 {
			return candidate{}, fmt.Errorf("no image %s in it; there are %s", o.Select, labels(called(l.candidates)))
		}
	}
	if choices := called(all); len(choices) > 1 && !alike(all) {
		return candidate{}, &AmbiguousError{Ref: ref, Choices: choices}
	}
	return pickPlatform(ref, all, o.Platform)
}

// alike tells whether the candidates are one image for several platforms: all
// of one name, or all of none.
func alike(all []candidate) bool {
	if len(all[0].names) == 0 {
		return !slices.ContainsFunc(all, func(c candidate) bool { return len(c.names) > 0 })
	}
	return slices.ContainsFunc(all[0].names, func(name string) bool {
		return !slices.ContainsFunc(all, func(c candidate) bool { return !slices.Contains(c.names, name) })
	})
}

// called returns a choice for each name that the candidates have, and for each
// candidate without one.
func called(all []candidate) []Choice {
	var cs []Choice
	seen := map[string]bool{}
	for _, c := range all {
		names := c.names
		if len(names) == 0 {
			names = []string{string(c.digest)}
		}
		for _, n := range names {
			if !seen[n] {
				seen[n] = true
				cs = append(cs, Choice{Label: n, Select: n})
			}
		}
	}
	return cs
}

// openLayout opens the image of a layout that o wants.
func openLayout(ps parts, scheme, ref string, o Options) (*Image, error) {
	l, err := readLayout(ps)
	if err != nil {
		return nil, err
	}
	c, err := l.pick(ref, o)
	if err != nil {
		return nil, err
	}
	m, body, err := l.manifest(c.digest)
	if err != nil {
		return nil, err
	}
	img, err := l.image(m, body, c)
	if err != nil {
		return nil, err
	}
	img.Source, img.Tags = scheme, c.names
	return img, nil
}

// image puts an image together from its manifest.
func (l *layout) image(m imageManifest, body []byte, c candidate) (*Image, error) {
	config, err := l.document(m.Config.Digest)
	if err != nil && len(m.Layers) == 0 {
		return nil, fmt.Errorf("config: %w", err)
	}
	facts, fault := describe(body, config)
	if fault != nil {
		return nil, fault
	}
	facts.Digest = c.digest
	img := &Image{Image: facts, papers: papers{config: config, manifest: body}, close: l.Close}
	img.Recipe = l.recipe(c.digest)
	img.Warnings = append(slices.Clone(l.faults), img.Warnings...)
	if err != nil {
		img.Warnings = append(img.Warnings, warning(-1, "config: %v; the steps are told by the layers alone", err))
	}
	img.check("the manifest's", c.digest, digestOf(body))
	img.check("the config's", m.Config.Digest, facts.ID)
	for n, layer := range facts.Layers() {
		img.Blobs = append(img.Blobs, img.blob(l, m.Layers[n], layer))
	}
	return img, nil
}

func (i *Image) check(whose string, want, got model.Digest) {
	if got != "" && want != got && strings.HasPrefix(string(want), "sha256:") {
		i.Warnings = append(i.Warnings, warning(-1, "%s digest is %s, it is named %s", whose, got, want))
	}
}

// blob finds the blob of a layer; one that is not there is told.
func (i *Image) blob(l *layout, d descriptor, layer *model.Layer) Blob {
	name, err := blobPath(d.Digest)
	if err != nil {
		i.Warnings = append(i.Warnings, warning(layer.Index, "%v", err))
		return Blob{Size: layer.Download, Open: unreadable(err)}
	}
	b, err := blob(l, name, stored{d.Digest, d.MediaType, layer.Download, model.Unknown}, layer.DiffID)
	switch {
	case err != nil:
		i.Warnings = append(i.Warnings, warning(layer.Index, "%v", err))
		return b
	case b.Size != d.Size && believed(d.Size) != model.Unknown:
		i.Warnings = append(i.Warnings, warning(layer.Index, "its blob has %d bytes, the manifest says %d", b.Size, d.Size))
	}
	layer.Download = b.Size
	return b
}

// openLayoutDirectory opens an OCI layout on disk.
func openLayoutDirectory(_ context.Context, name string, o Options) (*Image, error) {
	d, err := openDirectory(name)
	if err != nil {
		return nil, err
	}
	img, err := openLayout(d, "oci", name, o)
	if err != nil {
		d.Close()
		return nil, err
	}
	img.Local = true
	return img, nil
}
