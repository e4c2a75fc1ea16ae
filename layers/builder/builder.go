// Package builder speaks with BuildKit: it turns a Dockerfile into what an
// engine would be asked for.
package builder

import (
	"github.com/imgtui/imgtui/model"
	"github.com/imgtui/imgtui/model/dockerfile"
	"github.com/imgtui/imgtui/model/plan"
)

// Job is all that decides what a Dockerfile asks of an engine.
type Job struct {
	Text     string
	File     *dockerfile.File         // of Text; nil where nobody has it: a job is then never derived from the one before
	Args     map[string]string        // build args
	Target   string                   // a stage; "" is the last
	Platform model.Platform           // of the image; the zero value is Linux on this machine's architecture
	Host     model.Platform           // of the engine; the zero value is Platform
	Context  *plan.Context            // as walked; nil has no files
	Named    map[string]*plan.Context // further contexts, by the name that FROM and --from use
	Base     Bases                    // nil knows none
	Memory   *Memory                  // what is remembered from job to job; nil remembers nothing
}

// Bases tells what a base image is. It is asked with the name as written and
// with the tag filled in ("alpine" and "docker.io/library/alpine:latest"), and
// must answer at once.
type Bases func(name, full string, platform model.Platform) (Image, bool)

// Image is a base image.
type Image struct {
	Config []byte       // the OCI image config
	Digest model.Digest // of the manifest; "" where none is known
}
