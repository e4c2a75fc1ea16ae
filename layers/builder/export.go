package builder

import (
	"cmp"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"sync"

	"github.com/moby/buildkit/client"
	"github.com/moby/buildkit/exporter/containerimage/exptypes"
	gateway "github.com/moby/buildkit/frontend/gateway/client"

	"github.com/imgtui/imgtui/model"
	"github.com/imgtui/imgtui/model/session"
)

// Exported is where a built image is.
type Exported struct {
	Ref    string // for source.Open
	Digest model.Digest
	name   string // in a Docker Engine, to be taken away
	fresh  bool   // nothing else goes by it
}

// Export has the image brought to where it can be opened: an OCI layout in a
// folder, which shares its blobs with the layouts before it; or where an engine
// gives none a private name in the engine.
func (b *Build) Export(ctx context.Context, dir string, before []string) (Exported, error) {
	if len(b.goals) == 0 || b.Held {
		return Exported{}, errors.New("the build made no image")
	}
	if !b.engine.stored {
		return b.exportNamed(ctx, "imgtui-build:"+strings.ToLower(filepath.Base(dir)))
	}
	for _, old := range before {
		if err := linkBlobs(old, dir); err != nil {
			return Exported{}, err
		}
	}
	got, err := b.export(ctx, client.ExportEntry{Type: client.ExporterOCI, Attrs: map[string]string{"tar": "false"}, OutputDir: dir})
	if err != nil {
		return Exported{}, err
	}
	return Exported{Ref: "oci://" + dir, Digest: model.Digest(got[exptypes.ExporterImageDigestKey])}, nil
}

// linkBlobs gives a layout the blobs of another: what is there is not sent again.
func linkBlobs(from, to string) error {
	const blobs = "blobs/sha256"
	all, err := os.ReadDir(filepath.Join(from, blobs))
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Join(to, blobs), 0o700); err != nil {
		return err
	}
	for _, e := range all {
		err := os.Link(filepath.Join(from, blobs, e.Name()), filepath.Join(to, blobs, e.Name()))
		if err != nil && !errors.Is(err, os.ErrExist) {
			return nil // a file system without links: all is sent
		}
	}
	return nil
}

// exportNamed leaves the image in the Docker Engine under a name of ours.
func (b *Build) exportNamed(ctx context.Context, name string) (Exported, error) {
	nameless, err := b.engine.docker.IDs(ctx)
	if err != nil {
		return Exported{}, err
	}
	got, err := b.export(ctx, client.ExportEntry{Type: "moby", Attrs: map[string]string{"name": name}})
	if err != nil {
		return Exported{}, err
	}
	id := got[exptypes.ExporterImageDigestKey]
	return Exported{Ref: "docker://" + name, Digest: model.Digest(cmp.Or(got[exptypes.ExporterImageConfigDigestKey], id)), name: name, fresh: !nameless[id]}, nil
}

// Remove takes away what Export left in an engine. An image that was there before
// without a name would go with it, and is left.
func (e *Engine) Remove(ctx context.Context, x Exported) error {
	if x.name == "" || !x.fresh || e.docker == nil {
		return nil
	}
	return e.docker.Untag(ctx, x.name)
}

// export has the engine give the image away. It does not build anything again:
// the build is still held.
func (b *Build) export(ctx context.Context, to client.ExportEntry) (map[string]string, error) {
	ctx, stop := b.living(ctx)
	defer stop()
	opt := b.supplies.opt
	opt.Exports, opt.CacheExports = []client.ExportEntry{to}, b.supplies.exports
	opt.FrontendAttrs = maps.Clone(opt.FrontendAttrs)
	status := make(chan *client.SolveStatus)
	var watching sync.WaitGroup
	repeats := b.events.vertices()
	watching.Go(func() { b.events.follow(status, repeats) })
	got, err := b.engine.client.Build(ctx, opt, "imgtui", func(ctx context.Context, c gateway.Client) (*gateway.Result, error) {
		return b.result(ctx, c)
	}, status)
	watching.Wait()
	if err != nil {
		return nil, fmt.Errorf("export: %w", b.said(ctx, err))
	}
	return got.ExporterResponse, nil
}

// result is what was built, with what exporters want to know.
func (b *Build) result(ctx context.Context, c gateway.Client) (*gateway.Result, error) {
	r := gateway.NewResult()
	var all exptypes.Platforms
	many := len(b.goals) > 1
	for _, t := range b.goals {
		ref, err := b.again(ctx, c, t)
		if err != nil {
			return nil, err
		}
		add := func(key string, body []byte) {
			if many {
				key += "/" + t.id
			}
			if len(body) > 0 {
				r.AddMeta(key, body)
			}
		}
		if many {
			r.AddRef(t.id, ref)
		} else {
			r.SetRef(ref)
		}
		add(exptypes.ExporterImageConfigKey, t.config)
		add(exptypes.ExporterImageBaseConfigKey, t.base)
		all.Platforms = append(all.Platforms, exptypes.Platform{ID: t.id, Platform: t.platform})
	}
	body, err := json.Marshal(all)
	if err != nil {
		return nil, err
	}
	r.AddMeta(exptypes.ExporterPlatformsKey, body)
	return r, nil
}

// again asks for a target in another session: the engine has it.
func (b *Build) again(ctx context.Context, c gateway.Client, t goal) (gateway.Reference, error) {
	q := gateway.SolveRequest{CacheImports: b.imports()}
	switch {
	case t.graph == nil:
		state, err := t.ref.ToState()
		if err != nil {
			return nil, err
		}
		d, err := state.Marshal(ctx)
		if err != nil {
			return nil, err
		}
		q.Definition = d.ToPB()
	case t.graph.result == nil:
		return nil, nil
	default:
		q.Definition = t.graph.definition.ToPB()
	}
	result, err := c.Solve(ctx, q)
	if err != nil {
		return nil, err
	}
	return result.SingleRef()
}

// Many tells whether the build is of several platforms.
func (b *Build) Many() bool { return len(b.goals) > 1 }

// Leave has the engine itself bring an image of several platforms somewhere.
func (b *Build) Leave(ctx context.Context, way session.Way, to string) (string, model.Digest, error) {
	var got map[string]string
	var err error
	switch way {
	case session.ToOCI:
		got, err = b.exportFile(ctx, to)
	case session.ToPush:
		to = strings.TrimPrefix(to, "registry://")
		got, err = b.export(ctx, client.ExportEntry{Type: client.ExporterImage, Attrs: map[string]string{"name": to, "push": "true"}})
	default:
		return "", "", &hinted{errors.New("an image of several platforms can be pushed, or saved as an OCI archive"), "build for one with --platform to load it"}
	}
	return to, model.Digest(got[exptypes.ExporterImageDigestKey]), err
}

// exportFile writes an OCI archive aside, and renames it when it is whole.
func (b *Build) exportFile(ctx context.Context, path string) (map[string]string, error) {
	aside := filepath.Join(filepath.Dir(path), "."+filepath.Base(path)+"-"+strings.ToLower(rand.Text()))
	defer os.Remove(aside)
	got, err := b.export(ctx, client.ExportEntry{Type: client.ExporterOCI, Output: func(map[string]string) (io.WriteCloser, error) {
		return os.OpenFile(aside, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	}})
	if err != nil {
		return nil, err
	}
	return got, os.Rename(aside, path)
}
