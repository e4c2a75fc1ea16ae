package index

import (
	"context"
	"io"

	"github.com/imgtui/imgtui/layers/index/inflate"
	"github.com/imgtui/imgtui/layers/source"
)

// ranged reads a blob in the parts that it was asked to: each part is a request,
// and the next one is asked for when the one before was not enough.
type ranged struct {
	ctx  context.Context
	blob source.Blob
	at   int64   // the next stored byte
	ends []int64 // of the parts that are left, rising
	body io.ReadCloser
}

// newRanged asks for the first part.
func newRanged(ctx context.Context, b source.Blob, from int64, ends []int64) (*ranged, error) {
	r := &ranged{ctx: ctx, blob: b, at: from, ends: ends}
	return r, r.next()
}

func (r *ranged) next() error {
	for len(r.ends) > 0 && r.ends[0] <= r.at {
		r.ends = r.ends[1:]
	}
	if len(r.ends) == 0 {
		return io.EOF
	}
	body, err := r.blob.Range(r.ctx, r.at, r.ends[0]-r.at)
	if err != nil {
		return err
	}
	r.body = body
	return nil
}

// Read implements io.Reader.
func (r *ranged) Read(p []byte) (int, error) {
	for {
		if r.body == nil {
			if err := r.next(); err != nil {
				return 0, err
			}
		}
		n, err := r.body.Read(p)
		r.at += int64(n)
		if err == io.EOF {
			r.body.Close()
			r.body, err = nil, nil
		}
		if n > 0 || err != nil {
			return n, err
		}
	}
}

// Close implements io.Closer.
func (r *ranged) Close() error {
	if r.body == nil {
		return nil
	}
	return r.body.Close()
}

// moreOften is by how much more is asked for than is likely to be needed: what
// lies before a place may be packed better than what lies behind it.
const (
	moreOften = 16 // a 16th
	moreThan  = 64 << 10
)

// parts are where to end asking for the tar from a stored byte up to a byte of
// the tar: first what that is likely to take, then all before the next place,
// then all.
func (p *Places) parts(from inflate.Checkpoint, until, size int64) []int64 {
	if p.codec == "" {
		return []int64{until}
	}
	end, out := size, int64(0)
	if bit, at, ok := p.points.Behind(until); ok {
		end, out = min((bit+7)/8, size), at
	}
	likely := end
	if out > from.Out {
		likely = from.Bit/8 + int64(float64(end-from.Bit/8)*float64(until-from.Out)/float64(out-from.Out))
		likely += (likely-from.Bit/8)/moreOften + moreThan
	}
	return []int64{min(likely, end), end, size}
}
