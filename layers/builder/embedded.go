package builder

import (
	"cmp"
	"context"
	"net"
	"sync/atomic"

	"github.com/moby/buildkit/client"

	"github.com/imgtui/imgtui/layers/builder/embed"
	"github.com/imgtui/imgtui/model/session"
)

// dialEmbedded connects to the BuildKit in a child of this program, which it
// starts where none runs, and which ends with the last connection to it.
func dialEmbedded(ctx context.Context, w Where, _ string) (*Engine, error) {
	if err := embed.Supported(); err != nil {
		return nil, err
	}
	o := embed.Options{StateDir: w.State, Runtime: w.Runtime, KeepBytes: w.Keep, Log: w.Log}
	var refused atomic.Value // an error, which the client words otherwise
	c, err := client.New(ctx, "", client.WithContextDialer(func(ctx context.Context, _ string) (net.Conn, error) {
		conn, err := embed.Dial(ctx, o)
		if err != nil {
			refused.Store(&reworded{err.Error(), err})
		}
		return conn, err
	}))
	if err != nil {
		return nil, plain(err)
	}
	e, err := meet(ctx, &Engine{Name: "embedded", client: c})
	if err != nil {
		if r, ok := refused.Load().(*reworded); ok && ctx.Err() == nil {
			return nil, r
		}
		return nil, err
	}
	info, err := embed.Describe(ctx, o)
	if err != nil {
		e.Close()
		return nil, err
	}
	e.Address, e.Version = info.StateDir, cmp.Or(info.BuildKit, e.Version)
	for _, m := range info.Missing {
		e.lacks = append(e.lacks, session.Lack{What: m.What, Why: m.Why})
	}
	return e, nil
}
