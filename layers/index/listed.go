package index

import (
	"bytes"
	"cmp"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"hash"
	"io"
	"strconv"

	"github.com/zeebo/xxh3"

	"github.com/imgtui/imgtui/layers/codec"
	"github.com/imgtui/imgtui/layers/index/scan"
	"github.com/imgtui/imgtui/layers/index/toc"
	"github.com/imgtui/imgtui/layers/source"
	"github.com/imgtui/imgtui/model"
	"github.com/imgtui/imgtui/model/tree"
)

// What a table of contents may take.
const (
	mostStored = 64 << 20
	mostTable  = 256 << 20
)

// listing is a layer whose table of contents is read.
type listing struct {
	ctx     context.Context
	layer   int
	blob    source.Blob
	limits  Limits
	claim   claim
	builder *tree.Builder
	entries int
	files   contents
	table   hash.Hash // of the table as its digest covers it
	tail    []byte    // of the stored layer, as far as it is here
}

// listed returns a layer as its table of contents tells it.
func listed(ctx context.Context, n int, b source.Blob, o Options) (*tree.Layer, Facts, error) {
	if o.Budget == nil {
		o.Budget = NewBudget(o.Limits, 0)
	}
	l := &listing{
		ctx: ctx, layer: n, blob: b, limits: o.Limits.orDefault(), claim: claim{budget: o.Budget},
		builder: tree.NewBuilder(n), table: sha256.New(),
	}
	read := l.estargz
	if b.TOC.Chunked {
		read = l.chunked
	}
	err := read()
	if got := digest(l.table); err == nil && got != b.TOC.Digest {
		err = fmt.Errorf("its digest is %s, the manifest says %s", got, b.TOC.Digest)
	}
	if err == nil {
		l.claim.owed += l.files.memory()
		err = l.claim.settle()
	}
	l.claim.end(b.Digest, err == nil)
	if err != nil {
		return nil, Facts{}, err
	}
	return l.builder.Layer(), Facts{
		Tar: model.Unknown, Unread: true, Held: l.claim.held, Files: l.claim.files, Places: &Places{codec: listedCodec, files: &l.files},
	}, nil
}

// chunked reads the table of a zstd:chunked layer, which its manifest leads to.
func (l *listing) chunked() error {
	t := l.blob.TOC
	if t.Size > mostStored || t.Uncompressed > mostTable || t.At > l.blob.Size-t.Size {
		return fmt.Errorf("%d bytes at %d of %d that become %d", t.Size, t.At, l.blob.Size, t.Uncompressed)
	}
	rc, err := l.fetch(t.At, t.Size)
	if err != nil {
		return err
	}
	defer rc.Close()
	stored := io.TeeReader(rc, l.table)
	d, err := decoded(stored, "zstd")
	if err != nil {
		return err
	}
	defer d.Close()
	l.files.end = t.At
	if err := l.read(io.LimitReader(d, t.Uncompressed)); err != nil {
		return err
	}
	_, err = io.Copy(io.Discard, stored)
	return err
}

// fetch asks for a part of the layer, and counts it.
func (l *listing) fetch(from, n int64) (io.ReadCloser, error) {
	l.claim.read(n)
	rc, err := l.blob.Range(l.ctx, from, n)
	if err != nil {
		return nil, err
	}
	return content{stoppable{l.ctx, rc}, rc}, nil
}

// decoded undoes a compression that must be that one.
func decoded(r io.Reader, name string) (io.ReadCloser, error) {
	s, err := codec.Begin(r)
	if err != nil {
		return nil, err
	}
	if s.Name() != name {
		return nil, fmt.Errorf("it is no %s", name)
	}
	return s.Decode()
}

// The end of an eStargz layer: a gzip member of no bytes that tells where the
// table begins.
const (
	footerSize = 51
	footerHead = "\x1f\x8b\x08\x04"
	fieldAt    = 10
	fieldHead  = "\x1a\x00SG\x16\x00"
	fieldTail  = "STARGZ"
	tableName  = "stargz.index.json"
	usualTail  = 64 << 10 // which most tables fit in
)

// footer returns where the table of contents begins, of a layer of that size.
func footer(b []byte, size int64) (int64, error) {
	if len(b) != footerSize || string(b[:4]) != footerHead || string(b[fieldAt:fieldAt+6]) != fieldHead || string(b[fieldAt+22:fieldAt+28]) != fieldTail {
		return 0, errors.New("the layer does not end as eStargz does")
	}
	at, err := strconv.ParseInt(string(b[fieldAt+6:fieldAt+22]), 16, 64)
	if err != nil || at <= 0 || at >= size-footerSize || size-at > mostStored {
		return 0, fmt.Errorf("the layer says that it begins at byte %q of %d", b[fieldAt+6:fieldAt+22], size)
	}
	return at, nil
}

// estargz reads the table of an eStargz layer: a tar of one file in the last
// gzip member but one.
func (l *listing) estargz() error {
	size := l.blob.Size
	n := min(usualTail, size)
	rc, err := l.fetch(size-n, n)
	if err != nil {
		return err
	}
	l.tail, err = io.ReadAll(rc)
	rc.Close()
	if err != nil || int64(len(l.tail)) < max(n, footerSize) {
		return cmp.Or(err, io.ErrUnexpectedEOF)
	}
	if l.files.end, err = footer(l.tail[n-footerSize:], size); err != nil {
		return err
	}
	return l.member()
}

// part is a part of the layer, of which the tail is here.
func (l *listing) part(from, to int64) (io.ReadCloser, error) {
	tail := l.blob.Size - int64(len(l.tail))
	here := bytes.NewReader(l.tail[max(from-tail, 0):max(to-tail, 0)])
	if from >= tail {
		return io.NopCloser(here), nil
	}
	rc, err := l.fetch(from, min(to, tail)-from)
	if err != nil {
		return nil, err
	}
	return content{io.MultiReader(rc, here), rc}, nil
}

// member reads the gzip member with the table, which is itself a file of the
// layer, unless the tar ends before it.
func (l *listing) member() error {
	rc, err := l.part(l.files.end, l.blob.Size-footerSize)
	if err != nil {
		return err
	}
	defer rc.Close()
	d, err := decoded(rc, "gzip")
	if err != nil {
		return err
	}
	defer d.Close()
	s := scan.New(pieced(d))
	h, err := s.Next()
	if err != nil {
		return err
	}
	if string(h.Name) != tableName || kind(h.Flag) != tree.File || h.Sparse || h.Size > mostTable {
		return fmt.Errorf("a file %q of %d bytes stands in its place", h.Name, h.Size)
	}
	own := tree.Entry{Path: tableName, Attr: attr(h), Offset: -1}
	at := toc.Chunk{At: l.files.end, Skip: s.Offset(), Size: h.Size}
	sum := xxh3.New()
	table := io.TeeReader(s, io.MultiWriter(l.table, sum))
	if err := l.read(table); err != nil {
		return err
	}
	if _, err := io.Copy(io.Discard, table); err != nil {
		return err
	}
	ended, err := l.ended()
	if err != nil || ended {
		return err
	}
	own.Content = sum.Sum64()
	l.table.Sum(at.Sum[:0])
	l.files.add(l.entries, []toc.Chunk{at})
	return l.add(own)
}

// ended tells whether the tar ends before the table: behind the last file there
// are headers, and what ends a tar if there is any.
func (l *listing) ended() (bool, error) {
	from, skip := l.files.last()
	if l.files.end-from > mostStored {
		return false, fmt.Errorf("the last file takes %d bytes", l.files.end-from)
	}
	rc, err := l.part(from, l.files.end)
	if err != nil {
		return false, err
	}
	defer rc.Close()
	d, err := decoded(rc, "gzip")
	if err != nil {
		return false, err
	}
	defer d.Close()
	if _, err := io.CopyN(io.Discard, d, skip); err != nil {
		return false, short(err)
	}
	var z zeros
	_, err = io.Copy(&z, d)
	return z >= tarEnd, err
}

const tarEnd = 1024 // bytes of nothing that end a tar

// zeros counts how many bytes of nothing came last.
type zeros int64

// Write implements io.Writer.
func (z *zeros) Write(b []byte) (int, error) {
	if rest := bytes.TrimRight(b, "\x00"); len(rest) > 0 {
		*z = zeros(len(b) - len(rest))
	} else {
		*z += zeros(len(b))
	}
	return len(b), nil
}

// read takes the entries of the table.
func (l *listing) read(table io.Reader) error {
	return toc.Read(table, toc.Limits{Stored: l.files.end, Bytes: l.limits.Bytes + l.limits.Ratio*l.blob.Size}, l.entry)
}

func (l *listing) entry(e toc.Entry) error {
	if l.entries%1024 == 0 && l.ctx.Err() != nil {
		return l.ctx.Err()
	}
	if err := l.limits.entry(&e.Header, l.entries+1); err != nil {
		return err
	}
	t := tree.Entry{Path: string(e.Name), Attr: attr(&e.Header), Offset: -1}
	if t.Kind == tree.File && t.Size > 0 {
		t.Unread = true
		l.files.add(l.entries, e.Chunks)
	}
	return l.add(t)
}

// add puts an entry into the tree.
func (l *listing) add(e tree.Entry) error {
	l.entries++
	l.claim.file(e.Size)
	l.builder.Add(e)
	return l.claim.entry(l.builder.Held())
}
