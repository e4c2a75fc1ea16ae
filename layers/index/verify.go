package index

import (
	"context"
	"crypto/sha256"
	"fmt"
	"io"

	"github.com/imgtui/imgtui/layers/codec"
	"github.com/imgtui/imgtui/layers/source"
	"github.com/imgtui/imgtui/model"
)

// Verify reads the blob of the layer with that index for its digests alone,
// with one core, and returns them and what is wrong with them. The tar may have
// as many bytes as it had when [Layer] read it. Large is as in [Options].
func Verify(ctx context.Context, n int, b source.Blob, tar int64, large chan struct{}) (Facts, error) {
	rc, err := b.Open(ctx)
	if err != nil {
		return Facts{}, err
	}
	defer rc.Close()
	stored, plain := sha256.New(), sha256.New()
	r := io.TeeReader(stoppable{ctx, rc}, stored)
	s, err := codec.Begin(r)
	if err != nil {
		return Facts{}, err
	}
	if err := alone(ctx, s, large, func() error { return digestOf(plain, s, tar) }); err != nil {
		return Facts{}, err
	}
	if _, err := io.Copy(io.Discard, r); err != nil {
		return Facts{}, err
	}
	f := Facts{Tar: tar, Digest: digest(stored), DiffID: digest(plain)}
	f.verify(n, b)
	return f, nil
}

// digestOf digests a tar that has so many bytes.
func digestOf(sum io.Writer, s *codec.Stream, tar int64) error {
	d, err := s.Decode()
	if err != nil {
		return err
	}
	defer d.Close()
	n, err := io.Copy(sum, io.LimitReader(d, tar+1))
	if err == nil && n > tar {
		err = fmt.Errorf("it unpacks to more than the %d bytes that it had", tar)
	}
	return err
}

// verify tells where the digests are not what they are said to be.
func (f *Facts) verify(layer int, b source.Blob) {
	if want := b.Digest; want != "" && want != f.Digest {
		f.fault(layer, "digest is %s, the manifest says %s", f.Digest, want)
	}
	if want := b.DiffID; want != "" && want != f.DiffID {
		f.fault(layer, "diff ID is %s, the config says %s", f.DiffID, want)
	}
}

func (f *Facts) fault(layer int, format string, args ...any) {
	text := fmt.Sprintf("layer %d: ", layer) + fmt.Sprintf(format, args...)
	f.Faults = append(f.Faults, model.Warning{Layer: layer, Text: text})
}
