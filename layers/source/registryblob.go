package source

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/docker/go-units"
	"github.com/imgtui/imgtui/model"
)

// layerDescriptor is a layer as a manifest names it.
type layerDescriptor struct {
	MediaType   string
	Digest      string
	Size        int64
	URLs        []string
	Annotations map[string]string
}

// download reads a blob and, where the connection breaks, goes on from where it
// stood with a new one. It belongs to one Open and ends with that one's context.
type download struct {
	ctx    context.Context
	from   func(ctx context.Context, offset int64) (io.ReadCloser, error)
	pauses []time.Duration // one for each attempt that is left
	body   io.ReadCloser
	offset int64
	size   int64 // model.Unknown where nobody said
}

// openBlob begins to read a layer. The first answer is waited for, so that who
// opens is told when there is nothing to read.
func (r *registry) openBlob(ctx context.Context, l layerDescriptor) (io.ReadCloser, error) {
	d := &download{ctx: ctx, size: l.Size, pauses: r.pauses}
	d.from = func(ctx context.Context, offset int64) (io.ReadCloser, error) {
		return r.from(ctx, l, offset)
	}
	var err error
	if d.body, err = d.from(ctx, 0); err != nil {
		return nil, err
	}
	return d, nil
}

// from streams what comes from a byte on.
func (r *registry) from(ctx context.Context, l layerDescriptor, offset int64) (io.ReadCloser, error) {
	res, err := r.ask(ctx, l, piece{from: offset})
	if err != nil {
		return nil, err
	}
	return skipTo(res, offset)
}

// ask asks the registry, and then the other places that a manifest names for a
// layer which registries may not hold.
func (r *registry) ask(ctx context.Context, l layerDescriptor, p piece) (*http.Response, error) {
	res, err := r.get(ctx, "blobs", l.Digest, p)
	for _, u := range l.URLs {
		if err == nil || ctx.Err() != nil {
			break
		}
		var elsewhere error
		if res, elsewhere = r.foreign(ctx, u, p); elsewhere == nil {
			err = nil
		}
	}
	return res, err
}

// foreign asks another host, without any credentials.
func (r *registry) foreign(ctx context.Context, address string, p piece) (*http.Response, error) {
	u, err := url.Parse(address)
	if err != nil {
		return nil, err
	}
	if u.Scheme != "https" && !(r.insecure && u.Scheme == "http") {
		return nil, fmt.Errorf("%s: only https is asked", said(address))
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return nil, err
	}
	return r.send(&http.Client{Transport: r.plain}, req, p)
}

// skipTo makes an answer begin at offset, whether or not the server knows ranges.
func skipTo(res *http.Response, offset int64) (io.ReadCloser, error) {
	if offset == 0 {
		return res.Body, nil
	}
	if res.StatusCode == http.StatusPartialContent {
		if strings.HasPrefix(res.Header.Get("Content-Range"), fmt.Sprintf("bytes %d-", offset)) {
			return res.Body, nil
		}
		res.Body.Close()
		return nil, fmt.Errorf("asked for bytes from %d, got %q", offset, said(res.Header.Get("Content-Range")))
	}
	if _, err := io.CopyN(io.Discard, res.Body, offset); err != nil {
		res.Body.Close()
		return nil, err
	}
	return res.Body, nil
}

// Read reads on. An end before the stated size is a broken connection too.
func (d *download) Read(b []byte) (int, error) {
	for {
		n, err := d.body.Read(b)
		d.offset += int64(n)
		if d.size != model.Unknown && d.offset > d.size {
			return n, fmt.Errorf("the blob is longer than the %d bytes that its manifest says", d.size)
		}
		if err == io.EOF && d.offset < d.size {
			err = io.ErrUnexpectedEOF
		}
		if n > 0 && err != io.EOF {
			return n, nil // a fault comes again with the next call
		}
		if err == nil || err == io.EOF {
			return n, err
		}
		if err := d.resume(err); err != nil {
			return 0, err
		}
	}
}

// resume goes on after a fault, as long as attempts are left.
func (d *download) resume(cause error) error {
	for len(d.pauses) > 0 {
		d.body.Close()
		if err := pause(d.ctx, d.pauses[0]); err != nil {
			return err
		}
		d.pauses = d.pauses[1:]
		body, err := d.from(d.ctx, d.offset)
		if err == nil {
			d.body = body
			return nil
		}
		cause = err
	}
	if d.ctx.Err() != nil {
		return d.ctx.Err()
	}
	return d.broken(cause)
}

// pause waits, but not for who has gone.
func pause(ctx context.Context, t time.Duration) error {
	timer := time.NewTimer(t)
	defer timer.Stop()
	select {
	case <-timer.C:
		return ctx.Err()
	case <-ctx.Done():
		return ctx.Err()
	}
}

// broken says how far the download came.
func (d *download) broken(cause error) error {
	at := units.HumanSize(float64(d.offset))
	if d.size != model.Unknown {
		at += " of " + units.HumanSize(float64(d.size))
	}
	return fmt.Errorf("the connection broke at %s and could not be resumed: %w", at, cause)
}

// Close ends the download. A second call does nothing.
func (d *download) Close() error {
	d.pauses = nil
	err := d.body.Close()
	if errors.Is(err, context.Canceled) {
		return nil
	}
	return err
}
