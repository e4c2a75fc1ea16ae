package source

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"

	"github.com/google/go-containerregistry/pkg/v1/remote/transport"
	"github.com/imgtui/imgtui/model"
)

// ErrNoRange says that a registry serves blobs only as a whole.
var ErrNoRange = errors.New("the registry serves no parts of layers")

// openRange begins to read a part of a layer. A registry that once sent
// something else is not asked again.
func (r *registry) openRange(ctx context.Context, l layerDescriptor, p piece) (io.ReadCloser, error) {
	if p.from < 0 || p.n <= 0 || l.Size != model.Unknown && p.from+p.n > l.Size {
		return nil, fmt.Errorf("bytes %d to %d of a blob of %d", p.from, p.from+p.n, l.Size)
	}
	d := &download{ctx: ctx, size: p.n, pauses: r.pauses}
	d.from = func(ctx context.Context, offset int64) (io.ReadCloser, error) {
		return r.part(ctx, l, piece{p.from + offset, p.n - offset})
	}
	var err error
	if d.body, err = d.from(ctx, 0); err != nil {
		return nil, err
	}
	return d, nil
}

// part asks for a part, and takes nothing but that.
func (r *registry) part(ctx context.Context, l layerDescriptor, p piece) (io.ReadCloser, error) {
	if r.partless.Load() {
		return nil, ErrNoRange
	}
	res, err := r.ask(ctx, l, p)
	var answer *transport.Error
	if errors.As(err, &answer) && answer.StatusCode == http.StatusRequestedRangeNotSatisfiable {
		r.partless.Store(true)
		return nil, ErrNoRange
	}
	if err != nil {
		return nil, err
	}
	if res.StatusCode != http.StatusPartialContent {
		res.Body.Close()
		r.partless.Store(true)
		return nil, ErrNoRange
	}
	if got := res.Header.Get("Content-Range"); !p.answers(got, l.Size) {
		res.Body.Close()
		return nil, fmt.Errorf("asked for %s of %d, got %q", p, l.Size, said(got))
	}
	return portion{io.LimitReader(res.Body, p.n), res.Body}, nil
}

// portion is as much of an answer as was asked for.
type portion struct {
	io.Reader
	io.Closer
}

// answers tells whether a Content-Range is that of the part.
func (p piece) answers(got string, size int64) bool {
	is := fmt.Sprintf("bytes %d-%d/", p.from, p.from+p.n-1)
	if got == is+"*" {
		return true
	}
	return size != model.Unknown && got == fmt.Sprint(is, size) || size == model.Unknown && len(got) > len(is) && got[:len(is)] == is
}
