package builder

import (
	"context"

	gateway "github.com/moby/buildkit/frontend/gateway/client"
	"github.com/tonistiigi/fsutil/types"
)

// lister reads the root of a step that is built.
func (b *Build) lister(ref gateway.Reference) lister {
	if ref == nil {
		return emptyRoot
	}
	return lister{
		dir: func(ctx context.Context, path string) ([]*types.Stat, error) {
			return ref.ReadDir(ctx, gateway.ReadDirRequest{Path: path})
		},
		stat: func(ctx context.Context, path string) (*types.Stat, error) {
			return ref.StatFile(ctx, gateway.StatRequest{Path: path})
		},
		file: func(ctx context.Context, path string, size int64) ([]byte, error) {
			return ref.ReadFile(ctx, gateway.ReadRequest{Filename: path, Range: &gateway.FileRange{Length: int(size)}})
		},
	}
}

// emptyRoot has nothing in it.
var emptyRoot = lister{
	dir:  func(context.Context, string) ([]*types.Stat, error) { return nil, nil },
	stat: func(context.Context, string) (*types.Stat, error) { return nil, errNoRoot },
}

// within reads the root of a container, without running anything in it.
func within(c gateway.Container) lister {
	return lister{
		dir: func(ctx context.Context, path string) ([]*types.Stat, error) {
			return c.ReadDir(ctx, gateway.ReadDirContainerRequest{ReadDirRequest: gateway.ReadDirRequest{Path: path}})
		},
		stat: func(ctx context.Context, path string) (*types.Stat, error) {
			return c.StatFile(ctx, gateway.StatContainerRequest{StatRequest: gateway.StatRequest{Path: path}})
		},
		file: func(ctx context.Context, path string, size int64) ([]byte, error) {
			return c.ReadFile(ctx, gateway.ReadContainerRequest{ReadRequest: gateway.ReadRequest{Filename: path, Range: &gateway.FileRange{Length: int(size)}}})
		},
	}
}
