package source

import (
	"errors"
	"fmt"
	"runtime"
	"slices"
	"strconv"
	"strings"

	"github.com/google/go-containerregistry/pkg/v1/types"

	"github.com/imgtui/imgtui/model"
)

// Error implements error.
func (e *AmbiguousError) Error() string {
	return fmt.Sprintf("open %s: stands for several images: %s", e.Ref, labels(e.Choices))
}

// Hint says how to choose one.
func (e *AmbiguousError) Hint() string {
	if len(e.Choices) > 0 && e.Choices[0].Select != "" {
		return "choose one with --select " + e.Choices[0].Select
	}
	return "choose one with --platform " + e.Choices[0].Platform.String()
}

// descriptor is what is read of an OCI descriptor.
type descriptor struct {
	MediaType   string            `json:"mediaType"`
	Digest      model.Digest      `json:"digest"`
	Size        int64             `json:"size"`
	Annotations map[string]string `json:"annotations"`
	Platform    *model.Platform   `json:"platform"`
}

// attests tells whether a descriptor names what speaks about an image and is none.
func (d descriptor) attests() bool {
	return d.Annotations["vnd.docker.reference.type"] != "" || d.Platform != nil && d.Platform.OS == "unknown"
}

func (d descriptor) isIndex() bool { return types.MediaType(d.MediaType).IsIndex() }

// name returns what a layout calls the image: its tag or its whole name.
func (d descriptor) name() string {
	for _, key := range []string{"io.containerd.image.name", "org.opencontainers.image.ref.name"} {
		if s := d.Annotations[key]; s != "" {
			return s
		}
	}
	return ""
}

// candidate is one of the images that a reference may stand for.
type candidate struct {
	row      int // in manifest.json
	digest   model.Digest
	names    []string
	platform model.Platform
}

// selected returns those candidates that the user may mean: "#n", one of their
// names, the end of one, or the beginning of a digest. Whole names go before
// parts of them.
func selected(want string, all []candidate) []candidate {
	if n, ok := strings.CutPrefix(want, "#"); ok {
		if i, err := strconv.Atoi(n); err == nil && i >= 0 && i < len(all) {
			return all[i : i+1]
		}
	}
	whole, part := []candidate{}, []candidate{}
	for _, c := range all {
		switch {
		case slices.Contains(c.names, want) || string(c.digest) == want:
			whole = append(whole, c)
		case c.ends(want) || c.begins(want):
			part = append(part, c)
		}
	}
	if len(whole) > 0 {
		return whole
	}
	return part
}

// ends tells whether a name ends in those words.
func (c candidate) ends(want string) bool {
	return slices.ContainsFunc(c.names, func(n string) bool {
		return strings.HasSuffix(n, "/"+want) || strings.HasSuffix(n, ":"+want)
	})
}

// begins tells whether the digest begins so. Less than 6 digits are none.
func (c candidate) begins(want string) bool {
	hex := strings.TrimPrefix(want, "sha256:")
	return len(hex) >= 6 && strings.HasPrefix(strings.TrimPrefix(string(c.digest), "sha256:"), hex)
}

// choosePlatform picks from an index the manifest (or the nested index) that o
// wants, and returns its digest.
func choosePlatform(ref string, index []byte, o Options) (string, error) {
	var ix struct {
		Manifests []descriptor `json:"manifests"`
	}
	if err := decode(index, &ix); err != nil {
		return "", fmt.Errorf("index: %w", err)
	}
	var all []candidate
	for _, d := range ix.Manifests {
		if d.attests() {
			continue
		}
		c := candidate{digest: d.Digest}
		if d.Platform != nil {
			c.platform = *d.Platform
		}
		if string(c.digest) == o.Select {
			return o.Select, nil
		}
		all = append(all, c)
	}
	c, err := pickPlatform(ref, all, o.Platform)
	return string(c.digest), err
}

// pickPlatform picks the one candidate for that platform: for the host's where
// nothing is wanted.
func pickPlatform(ref string, all []candidate, want model.Platform) (candidate, error) {
	if len(all) == 0 {
		return candidate{}, errors.New("no image in the index")
	}
	asked := want != (model.Platform{})
	if !asked {
		want = model.Platform{OS: "linux", Architecture: runtime.GOARCH}
	}
	fit := closest(all, want)
	switch {
	case len(fit) == 1:
		return fit[0], nil
	case len(fit) > 1:
		return candidate{}, &AmbiguousError{Ref: ref, Choices: platforms(fit)}
	case !asked && len(all) == 1:
		return all[0], nil
	case !asked:
		return candidate{}, &AmbiguousError{Ref: ref, Choices: platforms(all)}
	}
	return candidate{}, fmt.Errorf("no image for %s; there are %s", want, labels(platforms(all)))
}

// closest returns the candidates that are for exactly that platform, else the
// first that serves it.
func closest(all []candidate, want model.Platform) []candidate {
	var exact, serves []candidate
	for _, c := range all {
		switch {
		case c.platform.String() == want.String():
			exact = append(exact, c)
		case c.platform.Matches(want) && serves == nil:
			serves = append(serves, c)
		}
	}
	if len(exact) > 0 {
		return exact
	}
	return serves
}

// platforms offers candidates by their platforms, and by their digests where
// those do not tell them apart.
func platforms(all []candidate) []Choice {
	count := map[string]int{}
	for _, c := range all {
		count[c.platform.String()]++
	}
	var cs []Choice
	for _, c := range all {
		choice := Choice{Label: c.platform.String(), Platform: c.platform}
		if choice.Label == "" || count[choice.Label] > 1 {
			choice.Label = strings.TrimSpace(choice.Label + " " + c.platform.OSVersion + " " + string(c.digest))
			choice.Select = string(c.digest)
		}
		cs = append(cs, choice)
	}
	return cs
}

func labels(cs []Choice) string {
	var all []string
	for _, c := range cs {
		all = append(all, c.Label)
	}
	return strings.Join(all, ", ")
}
