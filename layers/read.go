package layers

import (
	"context"
	"fmt"
	"io"
	"math"

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
		return o.read(ctx, r, p)
	}
	return e.draft.read(r, p)
}

// carries tells whether a payload is one of the image's own.
func (o *opened) carries(p *tree.Payload) bool {
	if p.Layer < 0 || int(p.Layer) >= len(o.img.Blobs) {
		return false
	}
	l := o.get(int(p.Layer)).tree
	return l != nil && l.Has(p)
}

// read returns the beginning of a file, and whether there is more of it.
func (o *opened) read(ctx context.Context, r session.Read, p *tree.Payload) ([]byte, bool, error) {
	if p == nil {
		return nil, false, nil
	}
	rc, err := o.content(ctx, r.Path, p)
	if err != nil {
		return nil, false, err
	}
	defer rc.Close()
	data, err := io.ReadAll(io.LimitReader(rc, min(r.Limit, math.MaxInt64-1)+1))
	if err != nil {
		return nil, false, fmt.Errorf("read %s: %w", r.Path, err)
	}
	if data == nil {
		data = []byte{}
	}
	if int64(len(data)) <= r.Limit {
		return data, false, nil
	}
	if o.img.Blobs[p.Layer].At == nil && p.Size <= verified {
		if _, err := io.Copy(io.Discard, rc); err != nil {
			return nil, false, fmt.Errorf("read %s: %w", r.Path, err)
		}
	}
	return data[:r.Limit], true, nil
}

// verified is how large a file of a registry may be that is read to its end, and
// so held against its sum, although only its beginning is shown.
const verified = 8 << 20

// Content returns all that the file at a path has. The caller closes it.
func (e *Engine) Content(ctx context.Context, slot session.Slot, path string, p *tree.Payload) (io.ReadCloser, error) {
	o, err := e.at(slot)
	if err != nil {
		return nil, err
	}
	return o.content(ctx, path, p)
}

func (o *opened) content(ctx context.Context, path string, p *tree.Payload) (io.ReadCloser, error) {
	if p.Layer < 0 || int(p.Layer) >= len(o.img.Blobs) {
		return nil, fmt.Errorf("read %s: no layer %d", path, p.Layer)
	}
	rc, err := index.Open(ctx, o.img.Blobs[p.Layer], o.places(int(p.Layer)), p)
	if err != nil {
		return nil, fmt.Errorf("read %s: layer %d: %w", path, p.Layer, err)
	}
	return rc, nil
}
