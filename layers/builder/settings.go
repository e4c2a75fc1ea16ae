package builder

import (
	"maps"
	"slices"

	image "github.com/moby/docker-image-spec/specs-go/v1"

	"github.com/imgtui/imgtui/model"
)

// settings turns the config of the image that a build would make into the
// model's words.
func settings(i *image.DockerOCIImage) model.Config {
	c := i.Config
	s := model.Config{
		Entrypoint: c.Entrypoint, Cmd: c.Cmd, Env: c.Env, User: c.User, WorkingDir: c.WorkingDir,
		ExposedPorts: slices.Sorted(maps.Keys(c.ExposedPorts)), Volumes: slices.Sorted(maps.Keys(c.Volumes)),
		Labels: c.Labels, StopSignal: c.StopSignal, Shell: c.Shell, OnBuild: c.OnBuild,
	}
	if c.Healthcheck != nil {
		s.Healthcheck = c.Healthcheck.Test
	}
	return s
}
