package plan

import (
	"slices"
	"strings"
	"time"

	"github.com/imgtui/imgtui/model"
	"github.com/imgtui/imgtui/model/dockerfile"
)

// BaseConfig is an OCI image config of which only what a build goes on with is
// told.
type BaseConfig struct {
	Created      time.Time `json:"created"`
	Architecture string    `json:"architecture"`
	OS           string    `json:"os"`
	Variant      string    `json:"variant,omitempty"`
	Config       Settings  `json:"config"`
	RootFS       RootFS    `json:"rootfs"`
}

// Settings are the settings of a [BaseConfig].
type Settings struct {
	User       string            `json:",omitempty"`
	Env        []string          `json:",omitempty"`
	Entrypoint []string          `json:",omitempty"`
	Cmd        []string          `json:",omitempty"`
	WorkingDir string            `json:",omitempty"`
	Labels     map[string]string `json:",omitempty"`
	Shell      []string          `json:",omitempty"`
}

// RootFS are the layers of a [BaseConfig].
type RootFS struct {
	Type    string         `json:"type"`
	DiffIDs []model.Digest `json:"diff_ids"`
}

// BaseConfig returns what the open image still shows of the image that it was
// built on: its layers, and the settings that no instruction of the file has
// set.
func (k Known) BaseConfig() BaseConfig {
	stage := k.File.StageNamed(k.Target)
	c := k.Image.Config
	b := BaseConfig{
		Created: k.Image.Created, Architecture: k.Image.Platform.Architecture, OS: k.Image.Platform.OS, Variant: k.Image.Platform.Variant,
		RootFS: RootFS{Type: "layers", DiffIDs: []model.Digest{}},
	}
	for _, s := range k.Image.Steps[:min(k.first(stage), len(k.Image.Steps))] {
		if s.Layer != nil {
			b.RootFS.DiffIDs = append(b.RootFS.DiffIDs, s.Layer.DiffID)
		}
	}
	set := k.sets(stage)
	b.Config.Env = slices.DeleteFunc(slices.Clone(c.Env), func(e string) bool { return set["ENV "+variable(e)] })
	b.Config.Labels = map[string]string{}
	for name, value := range c.Labels {
		if !set["LABEL "+name] {
			b.Config.Labels[name] = value
		}
	}
	keep(&b.Config.User, c.User, set["USER"])
	keep(&b.Config.WorkingDir, c.WorkingDir, set["WORKDIR"])
	keep(&b.Config.Entrypoint, c.Entrypoint, set["ENTRYPOINT"])
	keep(&b.Config.Cmd, c.Cmd, set["CMD"] || set["ENTRYPOINT"])
	keep(&b.Config.Shell, c.Shell, set["SHELL"])
	return b
}

func keep[T any](to *T, from T, set bool) {
	if !set {
		*to = from
	}
}

// sets returns what the instructions of the result set: "USER", "ENV NAME".
func (k Known) sets(stage int) map[string]bool {
	set := map[string]bool{}
	k.File.Walk(stage, k.Args, func(i int, env map[string]string) bool {
		in := &k.File.Instructions[i]
		set[in.Name] = true
		if in.Name == "ENV" || in.Name == "LABEL" {
			for _, w := range in.Words {
				name, _, _ := strings.Cut(w, "=")
				set[in.Name+" "+dockerfile.Expand(name, env)] = true
			}
		}
		return true
	})
	return set
}
