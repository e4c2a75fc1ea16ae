// Package index reads a layer's tar once into a tree, and opens single files
// of it afterwards.
package index

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/zeebo/xxh3"

	"github.com/imgtui/imgtui/layers/codec"
	"github.com/imgtui/imgtui/layers/index/inflate"
	"github.com/imgtui/imgtui/layers/index/scan"
	"github.com/imgtui/imgtui/layers/source"
	"github.com/imgtui/imgtui/model"
	"github.com/imgtui/imgtui/model/tree"
)

// Options say how to read a layer.
type Options struct {
	Progress func(stored int64) // told of the stored bytes read so far; may be nil
	Limits   Limits             // the zero value means DefaultLimits
	Budget   *Budget            // of the image; nil gives the layer one of its own
	// Unverified leaves the digests to [Verify]: what is stored is what it is said
	// to be.
	Unverified bool
	Whole      bool // reads all contents, where it could pass over them, or all but a table of them
	Cores      int  // that may unpack a large layer together; 0 is 1
	// Large holds one token while a layer is read that takes a lot of memory, so
	// that no two are at once; nil lets them.
	Large chan struct{}
}

// Facts are what reading a layer found out besides its tree.
type Facts struct {
	Tar    int64        // bytes of the uncompressed tar
	DiffID model.Digest // of the tar as read; "" where it could not be read to its end
	Digest model.Digest // of the stored bytes as read, likewise
	Faults []model.Warning
	Held   int64 // bytes of the [Budget] that it takes
	Files  int64 // bytes of its files
	// Unverified tells that the layer was read to its end without its digests,
	// which are then to be had from [Verify].
	Unverified bool
	// Unread tells that there are files whose contents were passed over: see
	// [Learn].
	Unread bool
	Places *Places // where the tar can be read from; nil where it can from its beginning alone
}

// Layer reads the blob of the layer with that index into a tree. Where the tar
// breaks off, what came before is kept and told as a fault; so is a digest
// that does not match. A blob that is no tar at all, that cannot be opened or
// fetched to its end, or that goes beyond the limits is an error.
//
// Where the manifest vouches for a table of contents, the tree is what that
// says, and nothing of the layer is read. One that cannot be used is told as a
// fault, and the layer is read.
func Layer(ctx context.Context, n int, b source.Blob, o Options) (*tree.Layer, Facts, error) {
	if b.TOC == nil || b.Range == nil || o.Whole {
		return whollyRead(ctx, n, b, o)
	}
	l, facts, why := listed(ctx, n, b, o)
	if why == nil || ctx.Err() != nil {
		return l, facts, cmp.Or(ctx.Err(), why)
	}
	l, facts, err := whollyRead(ctx, n, b, o)
	if err == nil && !errors.Is(why, source.ErrNoRange) {
		facts.fault(n, "its table of contents is not used: %v", why)
	}
	return l, facts, err
}

// whollyRead is Layer for a layer that is read.
func whollyRead(ctx context.Context, n int, b source.Blob, o Options) (*tree.Layer, Facts, error) {
	rc, err := b.Open(ctx)
	if err != nil {
		return nil, Facts{}, err
	}
	defer rc.Close()
	if o.Budget == nil {
		o.Budget = NewBudget(o.Limits, 0)
	}
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	r := &reading{
		ctx: ctx, layer: n, blob: b, o: o, limits: o.Limits.orDefault(), builder: tree.NewBuilder(n),
		claim: claim{budget: o.Budget}, hash: xxh3.New(),
	}
	r.stored = newStored(ctx, rc, r.progress)
	if o.Unverified {
		r.stored.sum = nil
	}
	l, err := r.run()
	r.stored.close()
	r.claim.end(r.name(), err == nil)
	r.facts.Held, r.facts.Files = r.claim.held, r.claim.files
	return l, r.facts, err
}

// reading is one layer being read.
type reading struct {
	ctx      context.Context
	layer    int
	blob     source.Blob
	o        Options
	limits   Limits
	claim    claim
	stored   *stored
	head     uint64       // hash of the first stored bytes
	window   *scan.Window // where only the headers of a plain tar are read; else nil
	plain    *plain
	tar      *scan.Scanner
	parts    *inflate.Parts // where several cores unpack the layer; else nil
	builder  *tree.Builder
	hash     *xxh3.Hasher
	path     []byte // of the entry, of which the builder keeps nothing
	entries  int
	contents int64 // bytes of files, holes counted
	facts    Facts
}

func (r *reading) progress(n int64) {
	r.claim.read(n)
	if r.o.Progress != nil {
		r.o.Progress(r.stored.n)
	}
}

// name tells the blob from others of the image: by all of its bytes, or where
// these are not digested by the first of them and how many there are.
func (r *reading) name() model.Digest {
	if r.o.Unverified {
		return model.Digest(fmt.Sprintf("%x %d", r.head, r.stored.n))
	}
	return r.stored.digest()
}

func (r *reading) run() (l *tree.Layer, err error) {
	s, err := codec.Begin(r.stored)
	if err != nil {
		return nil, err
	}
	r.head = xxh3.Hash(s.Buffered())
	err = alone(r.ctx, s, r.o.Large, func() (err error) {
		l, err = r.decoded(s)
		return err
	})
	return l, err
}

func (r *reading) decoded(s *codec.Stream) (*tree.Layer, error) {
	if r.o.Unverified && s.Name() == "" && r.atHand() {
		return r.windowed()
	}
	d, err := r.decoder(s)
	if err != nil {
		return nil, r.fetched(err)
	}
	defer func() {
		d.Close()
		r.plain, r.tar, r.parts = nil, nil, nil // which hold on to the decoder's memory
	}()
	if !r.o.Unverified || r.blob.At == nil {
		r.stored.hurry() // there is something to wait for, or to be done beside
	}
	r.note(d, s.Name())
	pieces := pieced(d)
	switch {
	case s.Name() == "": // it is digested as it is stored
		pieces = &uncompressed{s.Buffered(), r.stored}
	case s.Name() == "zstd" && !r.o.Unverified: // its pieces do not last as long as it takes to digest them
		pieces = &turns{r: d}
	}
	r.plain = newPlain(r.ctx, pieces, r.within)
	if s.Name() != "" && !r.o.Unverified {
		r.plain.digested()
	}
	r.tar = scan.New(r.plain)
	err = r.headers()
	if err == nil {
		err = r.rest()
	}
	if fault := r.plain.close(); fault != nil {
		return nil, fault
	}
	return r.tree(err)
}

// atHand tells whether all of the blob can be read at random.
func (r *reading) atHand() bool {
	if r.blob.At == nil || r.blob.Size <= 0 {
		return false
	}
	var last [1]byte
	n, _ := r.blob.At.ReadAt(last[:], r.blob.Size-1)
	return n == 1
}

// windowed reads the headers of a plain tar, and passes over what it can.
func (r *reading) windowed() (*tree.Layer, error) {
	r.note(nil, "")
	r.window = scan.NewWindow(r.ctx, r.blob.At, r.blob.Size, r.reached)
	r.tar = scan.New(r.window)
	defer func() {
		r.window.Close()
		r.window, r.tar = nil, nil
	}()
	err := r.headers()
	if err == nil {
		err = r.tar.Drain()
	}
	return r.tree(err)
}

// reached notes how far a plain tar has been looked at.
func (r *reading) reached(at int64, err error) {
	if err != nil {
		r.stored.err = err
	}
	if by := at - r.stored.n; by > 0 {
		r.stored.n = at
		r.progress(by)
	}
}

// largeLayer is how many stored bytes a layer has that is worth several cores.
const largeLayer = 32 << 20

// decoder is what undoes the layer's compression: several cores together where
// they have nothing else to do, the layer is large, and can be read at random.
func (r *reading) decoder(s *codec.Stream) (io.ReadCloser, error) {
	if r.o.Cores < 2 || r.blob.At == nil || r.blob.Size < largeLayer || s.Name() != "gzip" {
		return s.Decode()
	}
	p, err := inflate.NewParts(r.blob.At, r.blob.Size, r.o.Cores)
	if err != nil {
		return s.Decode() // which says why
	}
	r.parts = p
	return p, nil
}

// within refuses a tar that is larger than what is stored allows. What several
// cores unpack is digested beside them.
func (r *reading) within(unpacked int64) error {
	if r.parts != nil && r.o.Unverified {
		r.reached(r.parts.Stored(), nil)
	}
	for r.parts != nil && r.stored.n < r.parts.Stored() {
		if _, err := r.stored.Next(); err != nil {
			break // it comes again
		}
	}
	return r.limits.bytes(unpacked, r.o.Budget.paid(r.stored.n))
}

// tree ends the reading, which stopped for that reason.
func (r *reading) tree(err error) (*tree.Layer, error) {
	r.facts.Tar = r.tar.Offset()
	if err := r.broken(err); err != nil {
		return nil, err
	}
	if err == nil {
		r.verify()
	}
	if err := r.claim.settle(); err != nil {
		return nil, err
	}
	r.placed()
	return r.builder.Layer(), nil
}

// broken turns a layer that breaks off into a fault, unless there is nothing
// to show for it, reading on was not wanted, or the blob could not be fetched:
// what is fetched again may be whole.
func (r *reading) broken(err error) error {
	var beyond *LimitError
	var partial *source.PartialError
	switch {
	case err == nil:
		return nil
	case r.ctx.Err() != nil:
		return r.ctx.Err()
	case errors.As(err, &partial):
		r.fault("%s", partial.Text)
		return nil
	case errors.As(err, &beyond), r.stored.err != nil:
		return r.fetched(err)
	case r.entries == 0:
		return fmt.Errorf("no tar in it: %w", err)
	}
	r.fault("breaks off at entry %d, byte %d: %v", r.entries, r.tar.Offset(), err)
	return nil
}

// fetched prefers what kept the blob from coming over what that led to.
func (r *reading) fetched(err error) error {
	if r.stored.err != nil {
		return r.stored.err
	}
	return err
}

func (r *reading) fault(format string, args ...any) { r.facts.fault(r.layer, format, args...) }

func (r *reading) headers() error {
	for {
		h, err := r.tar.Next()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		if err := r.entry(h); err != nil {
			return err
		}
	}
}

func (r *reading) entry(h *scan.Header) error {
	r.entries++
	if err := r.limits.entry(h, r.entries); err != nil {
		return err
	}
	r.path = append(append(r.path[:0], '/'), bytes.TrimPrefix(h.Name, here)...) // as it mostly is when it is clean
	e := tree.Entry{Path: text(r.path), Attr: attr(h), Offset: r.tar.Offset()}
	if h.Sparse {
		e.Offset = -1
	}
	var err error
	switch {
	case e.Kind != tree.File || h.Size == 0:
	case r.passes(h):
		e.Unread, r.facts.Unread = true, true
		r.claim.file(e.Size)
	default:
		e.Content, e.Size, err = r.content()
		r.claim.file(e.Size)
	}
	r.builder.Add(e)
	if over := r.claim.entry(r.builder.Held()); over != nil {
		return over
	}
	return err
}

var here = []byte("./")

// passes tells whether the content of a file is passed over: it is all there,
// and worth to be passed over.
func (r *reading) passes(h *scan.Header) bool {
	return r.window != nil && !r.o.Whole && !h.Sparse && !r.tar.Held() && r.window.Worth(r.tar.Offset(), h.Size)
}

// content hashes and counts the bytes of a file. Holes of a sparse one count
// against the limit.
func (r *reading) content() (sum uint64, n int64, err error) {
	for first := true; ; first = false {
		b, err := r.tar.Content()
		n += int64(len(b))
		r.contents += int64(len(b))
		if over := r.holes(); over != nil {
			return 0, n, over
		}
		switch {
		case first && r.tar.Done() && err == nil: // most lie in one piece
			return xxh3.Hash(b), n, nil
		case first:
			r.hash.Reset()
		}
		r.hash.Write(b)
		if err == io.EOF {
			return r.hash.Sum64(), n, nil
		}
		if err != nil {
			return r.hash.Sum64(), n, err
		}
	}
}

// holes refuses files that are larger than what is stored allows. They may go
// on for long without a byte being read.
func (r *reading) holes() error {
	if err := r.ctx.Err(); err != nil {
		return err
	}
	return r.within(r.contents)
}

// rest reads what follows the tar's end, so that the digests cover it.
func (r *reading) rest() error {
	if err := r.tar.Drain(); err != nil {
		return err
	}
	if r.parts != nil && r.o.Unverified {
		return nil
	}
	_, err := io.Copy(io.Discard, r.stored)
	return err
}

// verify holds the layer against its digests.
func (r *reading) verify() {
	if r.o.Unverified {
		r.facts.Unverified = true
		return
	}
	r.facts.Digest = r.stored.digest()
	r.facts.DiffID = r.facts.Digest
	if r.plain.sum != nil {
		r.facts.DiffID = digest(r.plain.sum)
	}
	r.facts.verify(r.layer, r.blob)
}
