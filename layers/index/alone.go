package index

import (
	"context"
	"runtime/debug"

	"github.com/imgtui/imgtui/layers/codec"
)

// alone reads a stream that takes a lot of memory when no other such is read,
// and lets the next one in once the memory is back. The token may be nil.
func alone(ctx context.Context, s *codec.Stream, token chan struct{}, read func() error) error {
	if !s.Large() || token == nil {
		return read()
	}
	select {
	case token <- struct{}{}:
	case <-ctx.Done():
		return ctx.Err()
	}
	defer func() {
		debug.FreeOSMemory()
		<-token
	}()
	return read()
}
