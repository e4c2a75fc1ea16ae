package source

import (
	"cmp"
	"strings"
)

// The labels and annotations that name the base image, of the OCI image-spec.
const (
	baseName   = "org.opencontainers.image.base.name"
	baseDigest = "org.opencontainers.image.base.digest"
)

// nameBase takes the base image's name from labels or annotations.
func (i *composed) nameBase(labels map[string]string) {
	if name := cmp.Or(labels[baseName], labels[baseDigest]); name != "" && i.BaseName == "" {
		i.BaseName = name
		if i.BaseHow == "" {
			i.BaseHow = "named by the label " + baseName
		}
	}
}

// guessBase marks the steps that come from the base image. Images that others
// build on end with a CMD or ENTRYPOINT: the last one that a layer follows.
func (i *composed) guessBase() {
	end := -1
	layered := false
	for n := len(i.Steps) - 1; n >= 0 && end < 0; n-- {
		if layered && starts(i.Steps[n].CreatedBy) {
			end = n
		}
		layered = layered || i.Steps[n].Layer != nil
	}
	for n := range end + 1 {
		i.Steps[n].Base = true
	}
	if end >= 0 {
		i.BaseHow = "guessed from the history: its last CMD or ENTRYPOINT that a layer follows"
	}
}

// starts tells whether a row says how a container starts.
func starts(by string) bool {
	by = strings.TrimSpace(strings.TrimPrefix(strings.TrimPrefix(by, "/bin/sh -c "), "#(nop)"))
	return strings.HasPrefix(by, "CMD ") || strings.HasPrefix(by, "ENTRYPOINT ")
}
