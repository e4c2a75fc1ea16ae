package builder

import (
	"context"
	"net"

	"github.com/moby/buildkit/client"

	"github.com/imgtui/imgtui/layers/source"
)

// dialDocker connects to the BuildKit within the Docker Engine.
func dialDocker(ctx context.Context, _ Where, _ string) (*Engine, error) {
	d, err := source.FindDocker(ctx)
	if err != nil {
		return nil, err
	}
	c, err := client.New(ctx, "",
		client.WithContextDialer(func(ctx context.Context, _ string) (net.Conn, error) {
			return d.Upgrade(ctx, "/grpc", "h2c", nil)
		}),
		client.WithSessionDialer(func(ctx context.Context, proto string, meta map[string][]string) (net.Conn, error) {
			return d.Upgrade(ctx, "/session", proto, meta)
		}))
	if err != nil {
		d.Close()
		return nil, plain(err)
	}
	return meet(ctx, &Engine{Name: "docker", Address: d.Address, client: c, docker: d})
}
