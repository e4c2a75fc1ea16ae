package sourcetest

import (
	"fmt"
	"path"
	"strings"

	"github.com/imgtui/imgtui/model"
)

// hex is a digest without its algorithm.
func hex(d model.Digest) string { return strings.TrimPrefix(string(d), "sha256:") }

// saved is a row of manifest.json.
type saved struct {
	Config   string
	RepoTags []string
	Layers   []string
}

// Legacy is what docker save wrote from version 1.10 to 24: a folder a layer. A
// layer that is there already is a symbolic link to the first.
func Legacy(images ...Image) Parts {
	var p Parts
	var rows []saved
	first := map[model.Digest]string{}
	for n, i := range images {
		row := saved{Config: hex(i.ID()) + ".json", RepoTags: i.Tags}
		for k, s := range i.layers() {
			dir := hex(Digest(fmt.Appendf(nil, "%d %d %s", n, k, Digest(s.Layer))))
			name := dir + "/layer.tar"
			p = append(p, Part{Name: dir + "/VERSION", Body: []byte("1.0")}, Part{Name: dir + "/json", Body: []byte("{}")})
			body := Compress(s.Codec, s.Layer)
			if at := first[Digest(body)]; at != "" {
				p = append(p, Part{Name: name, Link: "../" + at})
			} else {
				p = append(p, Part{Name: name, Body: body})
				first[Digest(body)] = name
			}
			row.Layers = append(row.Layers, name)
		}
		p = append(p, Part{Name: row.Config, Body: i.JSON()})
		rows = append(rows, row)
	}
	return append(p, Part{Name: "manifest.json", Body: encode(rows)})
}

// Kaniko is what kaniko and crane write: compressed layers beside each other,
// named by their digests.
func Kaniko(images ...Image) Parts {
	var p Parts
	var rows []saved
	for _, i := range images {
		row := saved{Config: string(i.ID()), RepoTags: i.Tags}
		p = p.With(row.Config, i.JSON())
		for _, s := range i.layers() {
			blob := Compress("gzip", s.Layer)
			name := hex(Digest(blob)) + ".tar.gz"
			p = p.With(name, blob)
			row.Layers = append(row.Layers, name)
		}
		rows = append(rows, row)
	}
	return p.With("manifest.json", encode(rows))
}

// Hybrid is what docker save writes since version 25: a layout and manifest.json in one.
func Hybrid(images ...Image) Parts {
	l := &Layout{}
	var rows []saved
	var tops []Descriptor
	for _, i := range images {
		d := l.Image(i)
		row := saved{Config: "blobs/sha256/" + hex(i.ID()), RepoTags: i.Tags}
		for _, s := range i.layers() {
			row.Layers = append(row.Layers, "blobs/sha256/"+hex(Digest(Compress(s.Codec, s.Layer))))
		}
		rows = append(rows, row)
		for _, tag := range i.Tags {
			tops = append(tops, d.Named(tag))
		}
		if len(i.Tags) == 0 {
			tops = append(tops, d)
		}
	}
	return l.Parts(tops...).With("manifest.json", encode(rows))
}

// Repositories is what docker save wrote before version 1.10: each layer an
// image of its own, on top of its parent.
func Repositories(images ...Image) Parts {
	var p Parts
	names := map[string]map[string]string{}
	for n, i := range images {
		parent := ""
		for k, s := range i.Steps {
			id := hex(Digest(fmt.Appendf(nil, "%d %d %s", n, k, s.By)))
			layer := s.Layer
			if layer == nil {
				layer = Tar()
			}
			p = p.With(id+"/VERSION", []byte("1.0")).With(id+"/json", encode(map[string]any{
				"id": id, "parent": parent, "created": Noon, "os": i.platform().OS, "architecture": i.platform().Architecture,
				"container_config": map[string]any{"Cmd": []string{"/bin/sh", "-c", s.By}},
				"config":           map[string]any{"Cmd": []string{"sh"}, "Env": []string{"A=1"}},
			})).With(id+"/layer.tar", layer)
			parent = id
		}
		for _, tag := range i.Tags {
			repo, version := path.Split(strings.Replace(tag, ":", "/", 1))
			repo = strings.TrimSuffix(repo, "/")
			if names[repo] == nil {
				names[repo] = map[string]string{}
			}
			names[repo][version] = parent
		}
	}
	return p.With("repositories", encode(names))
}
