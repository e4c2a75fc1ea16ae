package layers

import (
	"context"
	"fmt"
	"io"

	"github.com/imgtui/imgtui/model/session"
	"github.com/imgtui/imgtui/model/tree"
)

// readBuilt answers with the two sides of a file of a step of a build.
func (e *Engine) readBuilt(ctx context.Context, r session.Read, send func(session.Msg)) error {
	m := session.Loaded{Of: r}
	var err error
	if m.Before, m.BeforeMore, err = e.sideOf(ctx, r, session.Before, r.Before); err != nil {
		return err
	}
	if m.After, m.AfterMore, err = e.sideOf(ctx, r, session.After, r.After); err != nil {
		return err
	}
	send(m)
	return nil
}

// sideOf reads one side: of the open image where its layers have the file, else of
// what the engine holds.
func (e *Engine) sideOf(ctx context.Context, r session.Read, side session.Side, p *tree.Payload) ([]byte, bool, error) {
	if p == nil {
		return nil, false, nil
	}
	if p.Layer >= 0 {
		for _, slot := range []session.Slot{session.Was, session.Now} {
			if o, err := e.at(slot); err == nil && o.carries(p) {
				return o.read(ctx, r, p)
			}
		}
	}
	b, err := e.building.at(r.Entry.Build)
	if err != nil {
		return nil, false, err
	}
	f, err := b.Open(ctx, r.Entry.Line, side, r.Path)
	if err != nil {
		return nil, false, err
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, r.Limit+1))
	if err != nil {
		return nil, false, fmt.Errorf("read %s: %w", r.Path, err)
	}
	if int64(len(data)) > r.Limit {
		return data[:r.Limit], true, nil
	}
	return append([]byte{}, data...), false, nil
}
