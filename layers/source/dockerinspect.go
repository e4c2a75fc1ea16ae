package source

import (
	"encoding/json"
	"fmt"

	"github.com/imgtui/imgtui/model"
)

// inspected is what an engine says of an image, as far as it is of use here.
type inspected struct {
	ID           string `json:"Id"`
	RepoTags     []string
	Created      string
	Author       string
	Architecture string
	Variant      string
	Os           string
	OsVersion    string
	Size         int64
	Config       json.RawMessage
	RootFS       struct{ Layers []string }
	Descriptor   *struct {
		MediaType string `json:"mediaType"`
		Digest    string `json:"digest"`
	}
}

func (in *inspected) platform() model.Platform {
	return model.Platform{
		OS: in.Os, Architecture: in.Architecture, Variant: in.Variant, OSVersion: in.OsVersion,
	}
}

// describe turns the engine's words into those of an image config, which is
// described as any other, and adds what only the engine knows.
func (in *inspected) describe(rows []historyRow, layered []bool) (model.Image, error) {
	config, err := json.Marshal(in.config(rows, layered))
	if err != nil {
		return model.Image{}, fmt.Errorf("inspect: config: %w", err)
	}
	m, err := describeConfig(config)
	if err != nil {
		return model.Image{}, err
	}
	m.ID, m.Tags = model.Digest(in.ID), in.RepoTags
	if in.Descriptor != nil {
		m.Digest, m.MediaType = model.Digest(in.Descriptor.Digest), in.Descriptor.MediaType
	}
	for i := range m.Steps[:min(len(rows), len(m.Steps))] {
		rows[i].tell(&m.Steps[i])
	}
	return m, nil
}

// imageConfig is the image config that stands for what an engine says.
type imageConfig struct {
	Created      string          `json:"created,omitempty"`
	Author       string          `json:"author,omitempty"`
	Architecture string          `json:"architecture"`
	Variant      string          `json:"variant,omitempty"`
	OS           string          `json:"os"`
	OSVersion    string          `json:"os.version,omitempty"`
	Config       json.RawMessage `json:"config,omitempty"`
	RootFS       rootFS          `json:"rootfs"`
	History      []configRow     `json:"history"`
}

type rootFS struct {
	Type    string   `json:"type"`
	DiffIDs []string `json:"diff_ids"`
}

// config is the image config that this image must have.
func (in *inspected) config(rows []historyRow, layered []bool) imageConfig {
	return imageConfig{
		Created: in.Created, Author: in.Author,
		Architecture: in.Architecture, Variant: in.Variant, OS: in.Os, OSVersion: in.OsVersion,
		Config:  in.Config,
		RootFS:  rootFS{Type: "layers", DiffIDs: in.RootFS.Layers},
		History: configRows(rows, layered),
	}
}
