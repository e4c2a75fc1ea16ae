package source

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strings"

	"github.com/google/go-containerregistry/pkg/name"
)

// What [Options.Pull] can say of a reference without a scheme.
const (
	PullMissing = "missing" // a local engine's image, else the registry's
	PullAlways  = "always"  // the registry's, whatever the engines hold
	PullNever   = "never"   // never the registry's
)

// Place says what a source asks.
type Place uint8

// The places.
const (
	Files    Place = iota // files, folders and streams of this machine
	Engines               // an engine's store
	Registry              // a registry on the network
)

// Open opens the image behind a reference. A leading "SCHEME:" or "SCHEME://"
// of a row of [All] picks that row, and its error is returned. Without a scheme
// the rows that claim the reference are asked in their order, until one has it;
// a reference found nowhere is a [*NotFoundError].
func Open(ctx context.Context, ref string, o Options) (*Image, error) {
	if err := checkPull(o.Pull); err != nil {
		return nil, err
	}
	s, rest, ok := cutScheme(ref)
	if !ok {
		if err := noScheme(ref); err != nil {
			return nil, err
		}
		return search(ctx, ref, o)
	}
	img, err := s.Open(ctx, rest, o)
	if err != nil {
		return nil, wrapOpen(ctx, s, ref, err)
	}
	return s.named(img, ref), nil
}

// checkPull refuses a policy that does not exist.
func checkPull(pull string) error {
	switch pull {
	case "", PullMissing, PullAlways, PullNever:
		return nil
	}
	return fmt.Errorf("pull %q: want %s, %s or %s", pull, PullMissing, PullAlways, PullNever)
}

// Schemes returns every scheme and alias that a reference can begin with.
func Schemes() []string {
	var all []string
	for _, s := range All {
		all = append(append(all, s.Scheme), s.Aliases...)
	}
	return all
}

// cutScheme splits a reference that begins with the scheme of a row. Every other
// word before a colon is part of an image's name, a registry or a path.
func cutScheme(ref string) (Source, string, bool) {
	scheme, rest, ok := strings.Cut(ref, ":")
	if !ok {
		return Source{}, "", false
	}
	for _, s := range All {
		if s.Scheme == scheme || slices.Contains(s.Aliases, scheme) {
			return s, strings.TrimPrefix(rest, "//"), true
		}
	}
	return Source{}, "", false
}

// elsewhere are places that other tools name so and that are not opened here,
// with what helps.
var elsewhere = map[string]string{
	"containerd":         "save it to an archive first: nerdctl save -o image.tar IMAGE, or ctr images export image.tar IMAGE",
	"containers-storage": "use podman://IMAGE, or save it to an archive first: podman save -o image.tar IMAGE",
}

// noScheme refuses a reference that names a place which no row is for, rather
// than take the place for the name of an image.
func noScheme(ref string) error {
	scheme, rest, ok := strings.Cut(ref, ":")
	hint := elsewhere[scheme]
	switch {
	case !ok || hint == "" && !strings.HasPrefix(rest, "//") || strings.ContainsAny(scheme, "/."):
		return nil
	case hint == "":
		return &hinted{fmt.Errorf("open %s: there is no source %s", ref, scheme), "the sources are " + strings.Join(Schemes(), ", ")}
	case !strings.HasPrefix(rest, "//"):
		hint += "\nan image of that name is docker://" + ref + " or registry://" + ref
	}
	if _, err := os.Stat(ref); err == nil {
		return nil
	}
	return &hinted{fmt.Errorf("open %s: images of %s are not read", ref, scheme), hint}
}

// named fills in what an image is called by who opened it, and what its layers
// say at once.
func (s Source) named(img *Image, ref string) *Image {
	img.about()
	img.Reference = ref
	if img.Source == "" {
		img.Source = s.Scheme
	}
	return img
}

// wrapOpen says what could not be opened. A question and a cancel stay bare.
func wrapOpen(ctx context.Context, s Source, ref string, err error) error {
	var several *AmbiguousError
	if errors.As(err, &several) || ctx.Err() != nil {
		return err
	}
	err = fmt.Errorf("open %s: %w", ref, err)
	if s.Place == Files || !strings.HasPrefix(ref, s.Scheme+":") || strings.Contains(ref, "://") {
		return err
	}
	hint := fmt.Sprintf("%s: picks the source; the image of that name is registry://%s", s.Scheme, ref)
	if more := Hint(err); more != "" {
		hint += "\n" + more
	}
	return &hinted{err, hint}
}

// search asks the rows that claim the reference, in their order.
func search(ctx context.Context, ref string, o Options) (*Image, error) {
	missing := &NotFoundError{Ref: ref, Tried: []Tried{noPath(ref)}}
	for _, s := range All {
		if !s.asked(ref, o.Pull) {
			continue
		}
		img, err := s.Open(ctx, ref, o)
		if err == nil {
			return s.named(img, ref), nil
		}
		if s.final(err) || ctx.Err() != nil {
			return nil, wrapOpen(ctx, s, ref, err)
		}
		missing.Tried = append(missing.Tried, Tried{s.Scheme, err})
	}
	missing.Tried = append(missing.Tried, unasked(ref, o.Pull)...)
	return nil, missing
}

// asked tells whether a row is asked for a reference without a scheme.
func (s Source) asked(ref, pull string) bool {
	switch {
	case pull == PullAlways && s.Place == Engines, pull == PullNever && s.Place == Registry:
		return false
	}
	return s.Claims(ref)
}

// final tells whether an error ends the search: a path is what it is, a question
// is for the user, and an engine that has the image but cannot give it is not
// passed over in silence.
func (s Source) final(err error) bool {
	var several *AmbiguousError
	if s.Place == Files || errors.As(err, &several) {
		return true
	}
	var absent *absentError
	return s.Place == Engines && !errors.As(err, &absent)
}

// noPath says why the reference is no path.
func noPath(ref string) Tried {
	_, err := os.Stat(ref)
	var p *fs.PathError
	if errors.As(err, &p) {
		err = p.Err
	}
	if err == nil {
		err = errors.New("no image in it")
	}
	return Tried{"path", err}
}

// unasked says why the registry was not asked.
func unasked(ref, pull string) []Tried {
	if looksLikePath(ref) {
		return nil
	}
	if _, err := name.ParseReference(ref); err != nil {
		return []Tried{{"registry", fmt.Errorf("no image name: %s", nameFault(ref))}}
	}
	if pull == PullNever {
		return []Tried{{"registry", errors.New("not asked: pull is never")}}
	}
	return nil
}
