package source

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/url"

	"github.com/imgtui/imgtui/model"
)

// save is an engine's export of an image: made when a layer is first wanted,
// kept until close.
type save struct {
	engine   *engine
	id       string
	query    url.Values
	platform model.Platform // of the one image that is wanted of those exported
	size     int64          // what may be expected
	progress func(done, total int64)

	turn    chan struct{} // holds one token while somebody uses what is below
	archive *Image
	closed  bool
}

// layer opens one layer of the export.
func (s *save) layer(ctx context.Context, diffID model.Digest) (io.ReadCloser, error) {
	img, err := s.open(ctx)
	if err != nil {
		return nil, fmt.Errorf("%s: save: %w", s.engine.scheme, err)
	}
	for _, b := range img.Blobs {
		if b.DiffID == diffID {
			return b.Open(ctx)
		}
	}
	return nil, fmt.Errorf("%s: save: no layer %s in it", s.engine.scheme, diffID)
}

// papers are those of the export.
func (s *save) papers(ctx context.Context) (papers, error) {
	img, err := s.open(ctx)
	if err != nil {
		return papers{}, fmt.Errorf("%s: save: %w", s.engine.scheme, err)
	}
	return img.papers, nil
}

// open makes the export unless it is there. Who comes while another makes it
// waits; what went wrong for one is tried again for the next.
func (s *save) open(ctx context.Context) (*Image, error) {
	select {
	case s.turn <- struct{}{}:
		defer func() { <-s.turn }()
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	if s.closed {
		return nil, errors.New("the image is closed")
	}
	if s.archive != nil {
		return s.archive, nil
	}
	img, err := s.fetch(ctx)
	s.archive = img
	return img, err
}

// fetch spools the export and reads it as the archive that it is.
func (s *save) fetch(ctx context.Context) (*Image, error) {
	body, err := s.engine.stream(ctx, "/images/"+s.id+"/get", s.query)
	if err != nil {
		return nil, err
	}
	defer body.Close()
	f, n, err := spool(ctx, body, s.size, s.progress)
	if err != nil {
		return nil, err
	}
	return openArchiveFile(ctx, f, n, s.id, Options{Platform: s.platform})
}

// close lets go of the export and of the engine.
func (s *save) close() error {
	s.turn <- struct{}{}
	defer func() { <-s.turn }()
	s.closed = true
	s.engine.close()
	if s.archive == nil {
		return nil
	}
	return s.archive.Close()
}
