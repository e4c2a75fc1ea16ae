package source

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"

	"github.com/imgtui/imgtui/model"
)

// openDocker opens an image that a Docker Engine holds.
func openDocker(ctx context.Context, ref string, o Options) (*Image, error) {
	return openEngine(ctx, "docker", findDocker, ref, o)
}

// openPodman opens an image by podman's Docker-compatible API.
func openPodman(ctx context.Context, ref string, o Options) (*Image, error) {
	return openEngine(ctx, "podman", findPodman, ref, o)
}

// openEngine asks an engine for two small documents; the layers follow when one
// is wanted.
func openEngine(
	ctx context.Context, scheme string, find func() (dockerHost, error), ref string, o Options,
) (*Image, error) {
	e, err := connect(ctx, scheme, find)
	if err != nil {
		return nil, err
	}
	img, err := e.image(ctx, ref, o)
	if err != nil {
		e.close()
		return nil, err
	}
	return img, nil
}

// image describes the image from what inspect and history say.
func (e *engine) image(ctx context.Context, ref string, o Options) (*Image, error) {
	in, err := e.inspect(ctx, ref, o.Platform)
	if err != nil {
		return nil, err
	}
	var rows []historyRow
	path := "/images/" + in.ID + "/history"
	if err := e.ask(ctx, path, e.platform(o.Platform, historyPlatform), &rows); err != nil {
		return nil, fmt.Errorf("history: %w", err)
	}
	if n := max(len(rows), len(in.RootFS.Layers)); n > maxRows {
		return nil, fmt.Errorf("history: %d rows or layers, more than %d", n, maxRows)
	}
	rows = oldestFirst(rows)
	layered, doubt, err := e.layered(ctx, rows, in.RootFS.Layers)
	if err != nil {
		return nil, err
	}
	facts, err := in.describe(rows, layered)
	if err != nil {
		return nil, err
	}
	facts.Reference, facts.Source = ref, e.scheme
	if doubt != "" {
		facts.Warnings = append(facts.Warnings, model.Warning{Layer: -1, Text: doubt})
	}
	return e.withLayers(facts, in, o), nil
}

// inspect asks for the image, and takes no other platform than the one wanted.
func (e *engine) inspect(ctx context.Context, ref string, want model.Platform) (*inspected, error) {
	var in inspected
	err := e.ask(ctx, "/images/"+ref+"/json", e.platform(want, inspectPlatform), &in)
	var answer *engineError
	if errors.As(err, &answer) && answer.status == http.StatusNotFound {
		return nil, &absentError{errors.New("no such image")}
	}
	if err != nil {
		return nil, err
	}
	if want != (model.Platform{}) && !in.platform().Matches(want) {
		return nil, &absentError{fmt.Errorf("it holds %s for %s, not for %s", ref, in.platform(), want)}
	}
	if in.ID == "" {
		return nil, errors.New("inspect: the engine's answer names no image")
	}
	return &in, nil
}

// withLayers gives the image its layers, which the engine is asked for once and
// all together when the first is opened.
func (e *engine) withLayers(facts model.Image, in *inspected, o Options) *Image {
	s := &save{
		engine: e, id: in.ID, size: in.Size, progress: o.Progress, turn: make(chan struct{}, 1),
		query: e.platform(o.Platform, savePlatform), platform: in.platform(),
	}
	img := &Image{Image: facts, papers: papers{later: s.papers}, close: s.close}
	for _, l := range facts.Layers() {
		img.Blobs = append(img.Blobs, Blob{
			DiffID: l.DiffID,
			Size:   model.Unknown,
			Open: func(ctx context.Context) (io.ReadCloser, error) {
				return s.layer(ctx, l.DiffID)
			},
		})
	}
	return img
}
