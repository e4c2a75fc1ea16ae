// Package toc reads the tables of contents by which eStargz and zstd:chunked
// layers tell what they hold and where, without the layer being read.
package toc

import (
	"archive/tar"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/imgtui/imgtui/layers/index/scan"
)

// Entry is a header of the layer's tar. eStargz tells no parts of a second, and
// neither format tells extended attributes under the name that libarchive has.
type Entry struct {
	scan.Header
	Chunks []Chunk // of a file that has bytes, one after the other
}

// Chunk is a part of a file: some bytes of what one frame, or member, and those
// that follow unpack to.
type Chunk struct {
	At   int64 // of the frame in the stored layer
	Skip int64 // unpacked bytes of the frame before the chunk
	Size int64
	Sum  [32]byte // SHA-256 of the chunk
}

// Limits bound what a table may say.
type Limits struct {
	Stored int64 // bytes of the layer before the table
	Bytes  int64 // that all files together may have
}

// row is an entry as either format writes it.
type row struct {
	Type        string            `json:"type"`
	Name        string            `json:"name"`
	Link        string            `json:"linkName"`
	Mode        int64             `json:"mode"`
	Size        int64             `json:"size"`
	UID         int               `json:"uid"`
	GID         int               `json:"gid"`
	ModTime     string            `json:"modtime"`
	Major       int64             `json:"devMajor"`
	Minor       int64             `json:"devMinor"`
	Xattrs      map[string][]byte `json:"xattrs"`
	Digest      string            `json:"digest"`
	Offset      int64             `json:"offset"`
	EndOffset   int64             `json:"endOffset"`
	InnerOffset int64             `json:"innerOffset"`
	ChunkSize   int64             `json:"chunkSize"`
	ChunkOffset int64             `json:"chunkOffset"`
	ChunkDigest string            `json:"chunkDigest"`
}

// Read reads a table and calls each for its entries, in the order of the tar. The
// table is foreign, whoever holds it against its digest: one that contradicts
// itself, or leaves out what a file is to be held against, is an error.
func Read(r io.Reader, l Limits, each func(Entry) error) error {
	t := reading{limits: l, each: each}
	d := json.NewDecoder(r)
	if err := t.table(d); err != nil {
		return err
	}
	if _, err := d.Token(); err != io.EOF {
		return errors.New("something follows it")
	}
	return nil
}

// reading is a table being read.
type reading struct {
	limits Limits
	each   func(Entry) error
	rows   int
	bytes  int64
	now    *Entry // a file of which more chunks may come
	digest string // of that file
	filled int64  // bytes of it that chunks are known of
	last   Chunk  // the chunk before
	seen   bool   // the entries
}

// table reads the outermost object.
func (t *reading) table(d *json.Decoder) error {
	if err := expect(d, json.Delim('{')); err != nil {
		return err
	}
	version := 0
	for d.More() {
		key, err := d.Token()
		if err != nil {
			return err
		}
		switch key {
		case "version":
			err = d.Decode(&version)
		case "entries":
			err = t.entries(d)
		default:
			err = d.Decode(new(json.RawMessage))
		}
		if err != nil {
			return err
		}
	}
	if err := expect(d, json.Delim('}')); err != nil {
		return err
	}
	if version != 1 || !t.seen {
		return fmt.Errorf("version %d is not known", version)
	}
	return nil
}

func expect(d *json.Decoder, want json.Delim) error {
	got, err := d.Token()
	if err == io.EOF {
		return io.ErrUnexpectedEOF
	}
	if err == nil && got != want {
		err = fmt.Errorf("%v where %v is due", got, want)
	}
	return err
}

func (t *reading) entries(d *json.Decoder) error {
	if t.seen {
		return errors.New("entries twice")
	}
	t.seen = true
	if err := expect(d, json.Delim('[')); err != nil {
		return err
	}
	for d.More() {
		var r row
		if err := d.Decode(&r); err != nil {
			return err
		}
		if err := t.row(&r); err != nil {
			return fmt.Errorf("entry %d: %w", t.rows, err)
		}
		t.rows++
	}
	if err := t.end(); err != nil {
		return err
	}
	return expect(d, json.Delim(']'))
}

// row takes a row: a chunk goes on with the file before, all else begins anew.
func (t *reading) row(r *row) error {
	if r.Type == "chunk" {
		return t.chunk(r)
	}
	if err := t.end(); err != nil {
		return err
	}
	e := Entry{Header: scan.Header{Flag: flags[r.Type], Name: []byte(r.Name), Mode: r.Mode, UID: r.UID, GID: r.GID, ModTime: time.Unix(0, 0)}}
	if r.ModTime != "" {
		at, err := time.Parse(time.RFC3339Nano, r.ModTime)
		if err != nil {
			return err
		}
		e.ModTime = at
	}
	for k, v := range r.Xattrs {
		e.Attributes = append(e.Attributes, scan.Record{Key: []byte("SCHILY.xattr." + k), Value: v})
	}
	switch e.Flag {
	case tar.TypeReg:
		e.Size = r.Size
		return t.file(e, r)
	case tar.TypeChar, tar.TypeBlock:
		e.Major, e.Minor = r.Major, r.Minor
	case tar.TypeSymlink, tar.TypeLink:
		e.Link = []byte(r.Link)
	case 0:
		return fmt.Errorf("type %q is not known", r.Type)
	}
	if r.Size != 0 {
		return fmt.Errorf("a %s of %d bytes", r.Type, r.Size)
	}
	return t.each(e)
}

// flags are the types by the names that they have in a table.
var flags = map[string]byte{
	"reg": tar.TypeReg, "dir": tar.TypeDir, "symlink": tar.TypeSymlink, "hardlink": tar.TypeLink,
	"char": tar.TypeChar, "block": tar.TypeBlock, "fifo": tar.TypeFifo,
}

// file begins a file.
func (t *reading) file(e Entry, r *row) error {
	if e.Size < 0 || e.Size > t.limits.Bytes-t.bytes {
		return fmt.Errorf("a file of %d bytes", e.Size)
	}
	t.bytes += e.Size
	if e.Size == 0 {
		return t.each(e)
	}
	t.now, t.digest, t.filled = &e, r.Digest, 0
	return t.chunk(r)
}

// chunk takes a chunk. The size of a file's last one may be left out.
func (t *reading) chunk(r *row) error {
	f := t.now
	if f == nil {
		return errors.New("a chunk of no file")
	}
	c := Chunk{At: r.Offset, Skip: r.InnerOffset, Size: r.ChunkSize}
	left := f.Size - t.filled
	if c.Size == 0 {
		c.Size = left
	}
	switch {
	case r.ChunkOffset != t.filled:
		return fmt.Errorf("a chunk at %d where %d is due", r.ChunkOffset, t.filled)
	case c.Size <= 0 || c.Size > left:
		return fmt.Errorf("a chunk of %d bytes where %d are left", c.Size, left)
	case c.At < 0 || c.At >= t.limits.Stored || c.Skip < 0 || c.Skip > t.limits.Bytes:
		return fmt.Errorf("it lies at %d and %d of %d bytes", c.At, c.Skip, t.limits.Stored)
	case c.At < t.last.At || c.At == t.last.At && t.last.Size > 0 && c.Skip < t.last.Skip+t.last.Size:
		return fmt.Errorf("it lies at %d, before the one before", c.At)
	}
	digest := r.ChunkDigest
	if digest == "" && c.Size == f.Size {
		digest = t.digest
	}
	if err := sum(&c.Sum, digest); err != nil {
		return err
	}
	f.Chunks = append(f.Chunks, c)
	t.filled += c.Size
	t.last = c
	return nil
}

// end ends the file whose chunks have come.
func (t *reading) end() error {
	e := t.now
	if e == nil {
		return nil
	}
	if t.filled != e.Size {
		return fmt.Errorf("%d bytes of a file of %d", t.filled, e.Size)
	}
	t.now = nil
	return t.each(*e)
}

// sum reads the digest that a chunk is to be held against.
func sum(to *[32]byte, digest string) error {
	digits, ok := strings.CutPrefix(digest, "sha256:")
	if n, err := hex.Decode(to[:], []byte(digits[:min(len(digits), 64)])); !ok || err != nil || n != 32 || len(digits) != 64 {
		return fmt.Errorf("%q is no SHA-256", digest)
	}
	return nil
}
