package source

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/google/go-containerregistry/pkg/name"
	"github.com/google/go-containerregistry/pkg/v1/types"

	"github.com/imgtui/imgtui/model/pattern"
)

// accepted are the manifests that a registry is asked for.
var accepted = strings.Join([]string{
	string(types.OCIManifestSchema1), string(types.OCIImageIndex),
	string(types.DockerManifestSchema2), string(types.DockerManifestList),
}, ", ")

// imageID is what an engine takes for an image and a registry cannot know.
var imageID = pattern.Lazy(`^(sha256:)?[0-9a-f]{64}$`)

// claimsName tells whether ref may be an image's name. A registry called "."
// is a path.
func claimsName(ref string) bool {
	_, err := name.ParseReference(ref)
	return err == nil && !imageID().MatchString(ref) && !looksLikePath(ref)
}

// claimsEngine tells whether ref may be an image that an engine holds: a name or an ID.
func claimsEngine(ref string) bool {
	return claimsName(ref) || imageID().MatchString(ref)
}

// nameFault says why ref can be no image's name.
func nameFault(ref string) string {
	lower := strings.ToLower(ref)
	if _, err := name.ParseReference(lower); err == nil && lower != ref {
		return fmt.Sprintf("a repository is named in lower case: %s", lower)
	}
	_, err := name.NewTag(ref)
	if strings.Contains(ref, "@") {
		_, err = name.NewDigest(ref)
	}
	if err == nil {
		return "it is taken for a path alone"
	}
	return said(err.Error())
}

// openRegistry asks a registry for manifest and config, and for nothing else
// until a layer is opened.
func openRegistry(ctx context.Context, ref string, o Options) (*Image, error) {
	if o.Pull == PullNever {
		return nil, errors.New("not asked: pull is never")
	}
	r, err := dialRegistry(ctx, ref, o)
	if err != nil {
		return nil, err
	}
	img, err := r.image(ctx, o)
	if err != nil {
		r.close()
		return nil, err
	}
	return img, nil
}
