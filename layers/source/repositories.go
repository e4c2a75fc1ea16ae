package source

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/imgtui/imgtui/model"
)

// oldLayer is what engines before 1.10 say of a layer: each was an image of
// its own, on top of its parent.
type oldLayer struct {
	ID           string              `json:"id"`
	Parent       string              `json:"parent"`
	Created      string              `json:"created"`
	Author       string              `json:"author"`
	Comment      string              `json:"comment"`
	Architecture string              `json:"architecture"`
	OS           string              `json:"os"`
	Config       json.RawMessage     `json:"config"`
	Container    struct{ Cmd words } `json:"container_config"`
}

// openRepositories opens what docker save wrote before version 1.10.
func openRepositories(ps parts, ref string, o Options) (*Image, error) {
	body, err := document(ps, "repositories")
	if err != nil {
		return nil, err
	}
	var repositories map[string]map[string]string
	if err := decode(body, &repositories); err != nil {
		return nil, fmt.Errorf("repositories: %w", err)
	}
	c, err := pickRepository(repositories, ref, o)
	if err != nil {
		return nil, err
	}
	chain, err := parents(ps, hexOf(c.digest))
	if err != nil {
		return nil, err
	}
	s := savedImage{RepoTags: c.names}
	for _, l := range chain {
		s.Layers = append(s.Layers, l.ID+"/layer.tar")
	}
	i := compose(oldConfig(chain), s.stored(ps))
	i.Source, i.Tags, i.ID = "docker-archive", s.RepoTags, c.digest
	if p := o.Platform; p != (model.Platform{}) && !i.Platform.Matches(p) {
		return nil, fmt.Errorf("no image for %s; there is %s", p, i.Platform)
	}
	img := &Image{close: ps.Close}
	for n := range i.Layers() {
		b, err := blob(ps, s.Layers[n], stored{download: model.Unknown}, "")
		if err != nil {
			i.Warnings = append(i.Warnings, warning(n, "%v", err))
		}
		img.Blobs = append(img.Blobs, b)
	}
	img.Image = i.Image
	return img, nil
}

func hexOf(d model.Digest) string { return strings.TrimPrefix(string(d), "sha256:") }

// pickRepository picks the image of repositories that o wants.
func pickRepository(repositories map[string]map[string]string, ref string, o Options) (candidate, error) {
	var l layout
	for _, name := range slices.Sorted(maps.Keys(repositories)) {
		for _, tag := range slices.Sorted(maps.Keys(repositories[name])) {
			id := model.Digest("sha256:" + repositories[name][tag])
			if l.add(candidate{digest: id}, name+":"+tag); len(l.candidates) > maxManifests {
				return candidate{}, fmt.Errorf("repositories names more than %d images", maxManifests)
			}
		}
	}
	all := l.candidates
	if o.Select != "" {
		all = selected(o.Select, l.candidates)
	}
	switch {
	case len(l.candidates) == 0:
		return candidate{}, errors.New("repositories names no image")
	case len(all) == 0:
		return candidate{}, fmt.Errorf("no image %s in it; there are %s", o.Select, labels(called(l.candidates)))
	case len(all) > 1:
		return candidate{}, &AmbiguousError{Ref: ref, Choices: called(all)}
	}
	return all[0], nil
}

// parents follows an image down to its lowest layer, and returns them lowest first.
func parents(ps parts, id string) ([]oldLayer, error) {
	var chain []oldLayer
	var read int
	seen := map[string]bool{}
	for id != "" {
		if seen[id] || len(chain) >= maxLayers || read > maxManifestBytes {
			return nil, fmt.Errorf("%s: its parents do not end", said(id))
		}
		seen[id] = true
		body, err := document(ps, id+"/json")
		if err != nil {
			return nil, missing(id+"/json", err)
		}
		read += len(body)
		l := oldLayer{}
		if err := decode(body, &l); err != nil {
			return nil, fmt.Errorf("%s/json: %w", said(id), err)
		}
		l.ID = id
		chain = append(chain, l)
		id = l.Parent
	}
	if len(chain) == 0 {
		return nil, errors.New("repositories names no layer")
	}
	slices.Reverse(chain)
	return chain, nil
}

// oldConfig writes an image config as later engines would have.
func oldConfig(chain []oldLayer) []byte {
	top := chain[len(chain)-1]
	var history []historyEntry
	for _, l := range chain {
		var by strings.Builder
		for n, w := range l.Container.Cmd {
			if n > 0 {
				by.WriteString(" ")
			}
			by.WriteString(w)
		}
		history = append(history, historyEntry{Created: l.Created, CreatedBy: by.String(), Author: l.Author, Comment: l.Comment})
	}
	diffIDs := make([]string, len(chain))
	body, err := json.Marshal(map[string]any{
		"created": top.Created, "author": top.Author, "architecture": top.Architecture, "os": top.OS,
		"config": top.Config, "history": history, "rootfs": map[string]any{"diff_ids": diffIDs},
	})
	if err != nil {
		return nil
	}
	return body
}
