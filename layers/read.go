package layers

import (
	"context"
	"fmt"
	"io"
	"math"
	"slices"

	"github.com/imgtui/imgtui/layers/index"
	"github.com/imgtui/imgtui/model/session"
	"github.com/imgtui/imgtui/model/tree"
)

// read answers with at most Limit bytes of each side.
func (e *Engine) read(ctx context.Context, r session.Read, send func(session.Msg)) error {
	if r.Entry != (session.Entry{}) {
		return e.readBuilt(ctx, r, send)
	}
	o, err := e.at(r.Slot)
	if err != nil {
		return err
	}
	m := session.Loaded{Of: r}
	if m.Before, m.BeforeMore, err = e.content(ctx, o, r, r.Before); err != nil {
		return err
	}
	if m.After, m.AfterMore, err = e.content(ctx, o, r, r.After); err != nil {
		return err
	}
	send(m)
	return nil
}

// content returns the beginning of a file: of the image, or where it is only
// foretold of the build context.
func (e *Engine) content(ctx context.Context, o *opened, r session.Read, p *tree.Payload) ([]byte, bool, error) {
	if p == nil || !r.Foretold || o.carries(p) {
		return o.read(ctx, p, r.Limit)
	}
	return e.draft.read(p, r.Limit)
}

// carries tells whether a payload is one of the image's own.
func (o *opened) carries(p *tree.Payload) bool {
	if p.Layer < 0 || p.Layer >= len(o.img.Blobs) {
		return false
	}
	l := o.get(p.Layer).tree
	return l != nil && slices.Contains(l.Payloads, p)
}

// read returns the beginning of a file, and whether there is more of it.
func (o *opened) read(ctx context.Context, p *tree.Payload, limit int64) ([]byte, bool, error) {
	if p == nil {
		return nil, false, nil
	}
	rc, err := o.content(ctx, p)
	if err != nil {
		return nil, false, err
	}
	defer rc.Close()
	data, err := io.ReadAll(io.LimitReader(rc, min(limit, math.MaxInt64-1)+1))
	if err != nil {
		return nil, false, fmt.Errorf("read %s: %w", p.Path, err)
	}
	if data == nil {
		data = []byte{}
	}
	if int64(len(data)) > limit {
		return data[:limit], true, nil
	}
	return data, false, nil
}

// Content returns all of a file's content. The caller closes it.
func (e *Engine) Content(ctx context.Context, slot session.Slot, p *tree.Payload) (io.ReadCloser, error) {
	o, err := e.at(slot)
	if err != nil {
		return nil, err
	}
	return o.content(ctx, p)
}

func (o *opened) content(ctx context.Context, p *tree.Payload) (io.ReadCloser, error) {
	if p.Layer < 0 || p.Layer >= len(o.img.Blobs) {
		return nil, fmt.Errorf("read %s: no layer %d", p.Path, p.Layer)
	}
	rc, err := index.Open(ctx, o.img.Blobs[p.Layer], o.get(p.Layer).facts.Places, p)
	if err != nil {
		return nil, fmt.Errorf("read %s: layer %d: %w", p.Path, p.Layer, err)
	}
	return rc, nil
}
