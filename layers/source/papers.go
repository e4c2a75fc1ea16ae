package source

import (
	"context"
	"encoding/json"
	"runtime"
	"time"

	"github.com/imgtui/imgtui/model"
)

// papers are the documents of an image, byte by byte. One without a manifest
// gets one where it is put.
type papers struct {
	config, manifest []byte
	later            func(context.Context) (papers, error) // fetches them; nil where they are here
}

// documents returns the papers. What no builder described is described now.
func (i *Image) documents(ctx context.Context) (papers, error) {
	p := i.papers
	if p.later != nil {
		var err error
		if p, err = p.later(ctx); err != nil {
			return papers{}, err
		}
	}
	if p.config == nil {
		p.manifest = nil
		p.config = i.described()
	}
	return p, nil
}

// described is a config that says what is known of an image that has none.
func (i *Image) described() []byte {
	ids := []model.Digest{}
	history := []map[string]any{}
	for _, s := range i.Steps {
		h := map[string]any{"created_by": s.CreatedBy, "comment": s.Comment, "empty_layer": s.Layer == nil}
		if !s.Created.IsZero() { // readers take no empty time
			h["created"] = s.Created.UTC().Format(time.RFC3339Nano)
		}
		history = append(history, h)
		if s.Layer != nil {
			ids = append(ids, s.Layer.DiffID)
		}
	}
	system, arch := i.Platform.OS, i.Platform.Architecture
	if system == "" {
		system, arch = "linux", runtime.GOARCH
	}
	b, err := json.Marshal(map[string]any{
		"os": system, "architecture": arch, "config": map[string]any{}, "history": history,
		"rootfs": map[string]any{"type": "layers", "diff_ids": ids},
	})
	if err != nil {
		panic(err) // strings alone
	}
	return b
}
