package source

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/imgtui/imgtui/model"
)

// config is what is read of an OCI image config. Everything in it may be
// missing or odd: it is foreign.
type config struct {
	Created      string `json:"created"`
	Author       string `json:"author"`
	Architecture string `json:"architecture"`
	OS           string `json:"os"`
	Variant      string `json:"variant"`
	OSVersion    string `json:"os.version"`
	Config       struct {
		User         string
		ExposedPorts map[string]struct{}
		Env          []string
		Entrypoint   words
		Cmd          words
		Volumes      map[string]struct{}
		WorkingDir   string
		Labels       map[string]string
		StopSignal   string
		Shell        []string
		OnBuild      []string
		Healthcheck  struct{ Test []string }
	} `json:"config"`
	History []historyEntry `json:"history"`
	RootFS  struct {
		DiffIDs []model.Digest `json:"diff_ids"`
	} `json:"rootfs"`
}

// words is a list of strings that old engines may have written as one string.
// What is neither stays as it is written.
type words []string

// UnmarshalJSON implements json.Unmarshaler.
func (w *words) UnmarshalJSON(b []byte) error {
	var one string
	if json.Unmarshal(b, (*[]string)(w)) == nil {
		return nil
	}
	if json.Unmarshal(b, &one) != nil {
		one = string(b)
	}
	*w = words{one}
	return nil
}

// historyEntry is a row of an image's history.
type historyEntry struct {
	Created    string `json:"created"`
	CreatedBy  string `json:"created_by"`
	Author     string `json:"author"`
	Comment    string `json:"comment"`
	EmptyLayer bool   `json:"empty_layer"`
}

// stored is what is known of a layer's blob before it is read.
type stored struct {
	digest    model.Digest
	mediaType string
	download  int64
	tar       int64
}

// describe turns a manifest and its config into an image's facts.
func describe(manifestBody, configBody []byte) (model.Image, error) {
	var m struct {
		MediaType   string            `json:"mediaType"`
		Layers      []layerDescriptor `json:"layers"`
		Annotations map[string]string `json:"annotations"`
	}
	if err := decode(manifestBody, &m); err != nil {
		return model.Image{}, fmt.Errorf("manifest: %w", err)
	}
	if len(m.Layers) > maxLayers {
		return model.Image{}, fmt.Errorf("manifest: %d layers; the limit is %d", len(m.Layers), maxLayers)
	}
	var layers []stored
	for _, l := range m.Layers {
		layers = append(layers, stored{model.Digest(l.Digest), l.MediaType, believed(l.Size), model.Unknown})
	}
	img := compose(configBody, layers)
	for n, l := range m.Layers {
		if believed(l.Size) == model.Unknown {
			img.Warnings = append(img.Warnings, warning(n, "the manifest says that it has %d bytes", l.Size))
		}
	}
	img.MediaType = m.MediaType
	img.nameBase(m.Annotations)
	return img.Image, nil
}

// What an image may have.
const (
	maxLayers = 4096
	maxStored = 1 << 50 // bytes of a layer; more is not believed
)

// believed returns a layer's size as a manifest says it, if it can be one.
func believed(size int64) int64 {
	if size < 0 || size > maxStored {
		return model.Unknown
	}
	return size
}

// describeConfig turns a config alone into an image's facts, a layer for each
// of its diff IDs.
func describeConfig(body []byte) (model.Image, error) {
	var c config
	var odd *json.UnmarshalTypeError
	if err := decode(body, &c); err != nil && !errors.As(err, &odd) {
		return model.Image{}, fmt.Errorf("config: %w", err)
	}
	layers := make([]stored, min(len(c.RootFS.DiffIDs), maxLayers))
	for i := range layers {
		layers[i] = stored{download: model.Unknown, tar: model.Unknown}
	}
	return compose(body, layers).Image, nil
}

// composed is an image's facts while they are put together.
type composed struct{ model.Image }

// compose puts together what a config says of an image and the layers that
// there are. Where the two disagree the layers are right, and it is told. Of a
// config that is not there, nil, the caller tells.
func compose(body []byte, layers []stored) composed {
	var i composed
	c := i.read(body)
	i.Platform = model.Platform{OS: c.OS, Architecture: c.Architecture, Variant: c.Variant, OSVersion: c.OSVersion}
	i.Created, i.Author = moment(c.Created), c.Author
	i.Config = c.settings()
	i.steps(c, layers)
	i.guessBase()
	i.nameBase(c.Config.Labels)
	return i
}

// read reads the config. Single values of a wrong kind are left out.
func (i *composed) read(body []byte) (c config) {
	if body == nil {
		return c
	}
	err := decode(body, &c)
	var odd *json.UnmarshalTypeError
	switch {
	case errors.As(err, &odd) && odd.Field != "":
		i.warn("config: %s is a %s", said(odd.Field), odd.Value)
	case err != nil:
		i.warn("config: %v; the steps are told by the layers alone", err)
		return config{}
	}
	i.ID = digestOf(body)
	return c
}

// warn notes what is wrong with the image as a whole.
func (i *composed) warn(format string, args ...any) {
	i.Warnings = append(i.Warnings, warning(-1, format, args...))
}

// warning says what is wrong with a layer, or with the whole image where layer is −1.
func warning(layer int, format string, args ...any) model.Warning {
	text := fmt.Sprintf(format, args...)
	if layer >= 0 {
		text = fmt.Sprintf("layer %d: %s", layer, text)
	}
	return model.Warning{Layer: layer, Text: text}
}

func (c *config) settings() model.Config {
	s := c.Config
	return model.Config{
		Entrypoint: s.Entrypoint, Cmd: s.Cmd, Env: s.Env, User: s.User, WorkingDir: s.WorkingDir,
		ExposedPorts: slices.Sorted(maps.Keys(s.ExposedPorts)), Volumes: slices.Sorted(maps.Keys(s.Volumes)),
		Labels: s.Labels, StopSignal: s.StopSignal, Shell: s.Shell, OnBuild: s.OnBuild, Healthcheck: s.Healthcheck.Test,
	}
}

// moment reads a time; one that cannot be read is none.
func moment(s string) time.Time {
	t, err := time.Parse(time.RFC3339Nano, s)
	if err != nil {
		return time.Time{}
	}
	return t
}

// steps pairs the rows of the history with the layers, in their order.
func (i *composed) steps(c config, layers []stored) {
	if n := len(c.RootFS.DiffIDs); n != len(layers) && i.ID != "" {
		i.warn("the config names %d diff IDs, there are %d layers", n, len(layers))
	}
	if n := len(c.History); n > maxSteps {
		i.warn("the history has %d rows; the first %d are taken", n, maxSteps)
	}
	next := 0
	for _, h := range c.History[:min(len(c.History), maxSteps)] {
		s := model.Step{Created: moment(h.Created), CreatedBy: h.CreatedBy, Comment: h.Comment, Author: h.Author}
		if !h.EmptyLayer {
			if next < len(layers) {
				s.Layer = layer(c, layers, next)
			}
			next++
		}
		i.add(s)
	}
	if n := len(c.History); n > 0 && n <= maxSteps && next != len(layers) {
		i.warn("the history tells of %d layers, there are %d", next, len(layers))
	}
	for ; next < len(layers); next++ {
		i.add(model.Step{Layer: layer(c, layers, next)})
	}
}

// maxSteps is how many rows of a history are taken.
const maxSteps = 10_000

func (i *composed) add(s model.Step) {
	s.Index = len(i.Steps)
	i.Steps = append(i.Steps, s)
}

func layer(c config, layers []stored, n int) *model.Layer {
	l := &model.Layer{Index: n, Digest: layers[n].digest, MediaType: layers[n].mediaType, Download: layers[n].download, Tar: layers[n].tar, Unpacked: model.Unknown}
	if n < len(c.RootFS.DiffIDs) {
		l.DiffID = c.RootFS.DiffIDs[n]
	}
	return l
}
