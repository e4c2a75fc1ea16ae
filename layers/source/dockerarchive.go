package source

import (
	"errors"
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/imgtui/imgtui/model"
)

// savedImage is a row of the manifest.json that docker save writes.
type savedImage struct {
	Config   string
	RepoTags []string
	Layers   []string
}

// id is the digest that the config's name promises, or "".
func (s savedImage) id() model.Digest {
	name := strings.TrimPrefix(strings.TrimSuffix(path.Base(s.Config), ".json"), "sha256:")
	if len(name) == 64 && strings.Trim(name, "0123456789abcdef") == "" {
		return model.Digest("sha256:" + name)
	}
	return ""
}

func (s savedImage) label() string {
	if len(s.RepoTags) > 0 {
		return strings.Join(s.RepoTags, ", ")
	}
	return s.Config
}

// platform is what the config says the image is for.
func (s savedImage) platform(ps parts) model.Platform {
	var p model.Platform
	if body, err := document(ps, s.Config); err == nil {
		_ = decode(body, &p) // what cannot be read is told when the image is opened
	}
	return p
}

// savedImages are the images that manifest.json names.
func savedImages(ps parts) ([]savedImage, error) {
	body, err := document(ps, "manifest.json")
	if err != nil {
		return nil, err
	}
	var all []savedImage
	if err := decode(body, &all); err != nil {
		return nil, fmt.Errorf("manifest.json: %w", err)
	}
	switch {
	case len(all) == 0:
		return nil, errors.New("manifest.json names no image")
	case len(all) > maxManifests:
		return nil, fmt.Errorf("manifest.json names %d images; the limit is %d", len(all), maxManifests)
	}
	return all, nil
}

// pickSaved picks the image of manifest.json that o wants.
func pickSaved(ps parts, ref string, o Options) (savedImage, error) {
	all, err := savedImages(ps)
	if err != nil {
		return savedImage{}, err
	}
	var rows []candidate
	for n, s := range all {
		rows = append(rows, candidate{row: n, digest: s.id(), names: s.RepoTags})
	}
	fit := rows
	if o.Select != "" {
		fit = selected(o.Select, rows)
	}
	if len(fit) > 1 && o.Platform != (model.Platform{}) {
		fit = slices.DeleteFunc(slices.Clone(fit), func(c candidate) bool {
			return !all[c.row].platform(ps).Matches(o.Platform)
		})
	}
	switch len(fit) {
	case 0:
		return savedImage{}, noneSaved(o, offer(all, rows))
	case 1:
		return all[fit[0].row], nil
	}
	return savedImage{}, &AmbiguousError{Ref: ref, Choices: offer(all, fit)}
}

// offer offers rows of manifest.json by their number.
func offer(all []savedImage, rows []candidate) []Choice {
	var cs []Choice
	for _, c := range rows {
		cs = append(cs, Choice{Label: all[c.row].label(), Select: fmt.Sprintf("#%d", c.row)})
	}
	return cs
}

// noneSaved says that nothing is what was wanted, and what there is.
func noneSaved(o Options, there []Choice) error {
	want := o.Select
	if o.Platform != (model.Platform{}) {
		want = strings.TrimSpace(want + " for " + o.Platform.String())
	}
	return fmt.Errorf("no image %s in it; there are %s", want, labels(there))
}

// openDockerArchive opens what docker save, kaniko, buildah or podman wrote.
func openDockerArchive(t *tarball, ref string, o Options) (*Image, error) {
	s, err := pickSaved(t, ref, o)
	if err != nil {
		return nil, err
	}
	return s.open(t, o)
}

func (s savedImage) open(ps parts, o Options) (*Image, error) {
	if len(s.Layers) > maxLayers {
		return nil, fmt.Errorf("manifest.json: %d layers; the limit is %d", len(s.Layers), maxLayers)
	}
	config, err := document(ps, s.Config)
	if err != nil && len(s.Layers) == 0 {
		return nil, fmt.Errorf("config: %w", missing(s.Config, err))
	}
	i := compose(config, s.stored(ps))
	i.Source, i.Tags = "docker-archive", s.RepoTags
	if err != nil {
		i.warn("config: %v; the steps are told by the layers alone", missing(s.Config, err))
	}
	if want := s.id(); i.ID != "" && want != "" && want != i.ID {
		i.warn("the config's digest is %s, its name says %s", i.ID, want)
	}
	if p := o.Platform; p != (model.Platform{}) && !i.Platform.Matches(p) {
		return nil, fmt.Errorf("no image for %s; there is %s", p, i.Platform)
	}
	img := &Image{papers: papers{config: config}, close: ps.Close}
	for n, l := range i.Layers() {
		b, err := blob(ps, s.Layers[n], stored{l.Digest, l.MediaType, l.Download, l.Tar}, l.DiffID)
		if err != nil {
			i.Warnings = append(i.Warnings, warning(n, "%v", err))
		}
		img.Blobs = append(img.Blobs, b)
	}
	img.Image = i.Image
	return img, nil
}

// stored tells what is known of the layers: from their names and from their first bytes.
func (s savedImage) stored(ps parts) []stored {
	layers := make([]stored, len(s.Layers))
	for n, name := range s.Layers {
		l := stored{download: model.Unknown, tar: model.Unknown}
		if rest, ok := strings.CutPrefix(path.Clean(name), "blobs/sha256/"); ok {
			l.digest = model.Digest("sha256:" + rest)
		}
		if p, err := ps.part(name); err == nil {
			l.mediaType = mediaType(p)
			if strings.HasSuffix(l.mediaType, ".tar") {
				l.tar = p.Size()
			} else {
				l.download = p.Size()
			}
		}
		layers[n] = l
	}
	return layers
}

// openHybrid opens what docker save writes since version 25: both forms in
// one. The layout knows more of the layers and of other platforms, manifest.json the tags.
func openHybrid(t *tarball, ref string, o Options) (*Image, error) {
	l, err := readLayout(t)
	if err != nil {
		return openDockerArchive(t, ref, o)
	}
	s, err := pickSaved(t, ref, o)
	if err != nil {
		return nil, err
	}
	for _, c := range l.candidates {
		m, body, err := l.manifest(c.digest)
		if err != nil || s.id() == "" || m.Config.Digest != s.id() {
			continue
		}
		img, err := l.image(m, body, c)
		if err != nil {
			return nil, err
		}
		if p := o.Platform; p != (model.Platform{}) && !img.Platform.Matches(p) {
			return openLayout(t, "docker-archive", ref, o)
		}
		img.Source, img.Tags = "docker-archive", s.RepoTags
		return img, nil
	}
	return s.open(t, o)
}
