package layers

import (
	"context"
	"fmt"
	"slices"

	"github.com/imgtui/imgtui/layers/index"
	"github.com/imgtui/imgtui/model/session"
)

// verify holds layers against their digests, one after the other, with what is
// left of one core. What is wrong with one stops no other.
func (e *Engine) verify(ctx context.Context, r session.Verify, send func(session.Msg)) error {
	o, err := e.at(r.Slot)
	if err != nil {
		return err
	}
	var fault error
	done := make(chan struct{})
	go func() {
		defer close(done)
		defer func() {
			if p := recover(); p != nil {
				fault = fmt.Errorf("internal fault: %v", p)
			}
		}()
		stepBack()
		for _, n := range r.Layers {
			if ctx.Err() == nil && n >= 0 && n < len(o.img.Blobs) {
				e.verifyOne(ctx, o, n, r, send)
			}
		}
	}()
	<-done
	return fault
}

// verifyOne holds one layer against its digests, unless that has been done.
func (e *Engine) verifyOne(ctx context.Context, o *opened, n int, r session.Verify, send func(session.Msg)) {
	l := o.get(n)
	if l.facts.Unverified {
		f, err := index.Verify(ctx, n, o.img.Blobs[n], l.facts.Tar, e.large)
		if ctx.Err() != nil {
			return
		}
		if err != nil {
			send(session.Failed{Of: r, Layer: n, Err: fmt.Errorf("layer %d: its digests: %w", n, err)})
			return
		}
		o.verified(n, f)
		e.record(o, n)
		send(session.Verified{Of: r, Layer: n, DiffID: f.DiffID, Faults: f.Faults})
		return
	}
	send(session.Verified{Of: r, Layer: n, DiffID: l.facts.DiffID, Faults: l.facts.Faults})
}

// verified adds to what is known of a layer.
func (o *opened) verified(n int, f index.Facts) {
	o.mu.Lock()
	defer o.mu.Unlock()
	had := &o.layers[n].facts
	had.DiffID, had.Digest, had.Unverified = f.DiffID, f.Digest, false
	had.Faults = append(slices.Clip(had.Faults), f.Faults...)
}
