package source

import (
	"archive/tar"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"strings"
	"sync"

	"github.com/imgtui/imgtui/layers/index/scan"
	"github.com/imgtui/imgtui/model"
)

// part is a file of an archive or a layout.
type part interface {
	io.ReaderAt
	Size() int64
}

// parts are the files of an archive or a layout, by their cleaned path.
type parts interface {
	// part returns the file of that name; fs.ErrNotExist where there is none.
	part(name string) (part, error)
	Close() error
}

// What a manifest, an index or a config may be: large enough for a history of
// 100 000 rows, too small to fill the memory.
const (
	maxDocument = 8 << 20 // bytes
	maxValues   = 400_000
)

// decode reads JSON that is not trusted.
func decode(body []byte, into any) error {
	if n := bytes.Count(body, []byte(",")); n > maxValues {
		return fmt.Errorf("more than %d values in it", maxValues)
	}
	return json.Unmarshal(body, into)
}

// document reads a small file whole.
func document(ps parts, name string) ([]byte, error) {
	p, err := ps.part(name)
	if err != nil {
		return nil, err
	}
	if p.Size() > maxDocument {
		return nil, fmt.Errorf("%s: %d bytes; the limit is %d", name, p.Size(), maxDocument)
	}
	b := make([]byte, p.Size())
	if _, err := p.ReadAt(b, 0); err != nil && err != io.EOF {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return b, nil
}

// blobPath is where a layout keeps a blob.
func blobPath(d model.Digest) (string, error) {
	if !blobID().MatchString(string(d)) {
		return "", fmt.Errorf("%q is no digest", said(string(d)))
	}
	return "blobs/" + strings.Replace(string(d), ":", "/", 1), nil
}

// span is a piece of an archive; at is −1 where it is none.
type span struct{ at, size int64 }

// tarball is an archive whose files are read in place.
type tarball struct {
	f     io.ReaderAt
	close func() error
	files map[string]span
	links map[string]string
	ended error // why the archive breaks off, or nil
	// entries counts what stands in it, folders too; others the files that no
	// archive of images has.
	entries, others int
}

// What the entries of an archive of images may be: one with more, or with longer
// names, is a filesystem. So is one with many other files before what says that
// it is an archive of images.
const (
	maxParts  = 100_000
	maxName   = 512
	maxOthers = 1000
)

// find finds the files of a tar by its headers alone.
func find(ctx context.Context, f io.ReaderAt, size int64, closing func() error) *tarball {
	t := &tarball{f: f, close: closing, files: map[string]span{}, links: map[string]string{}}
	window := scan.NewWindow(ctx, f, size, func(int64, error) {})
	defer window.Close()
	headers := scan.New(window)
	for t.entries < maxParts && (t.others < maxOthers || t.begun()) {
		h, err := headers.Next()
		if err != nil {
			if err != io.EOF {
				t.ended = err
			}
			return t
		}
		t.add(h, headers.Offset(), size)
	}
	return t
}

// begun tells whether something has said that this is an archive of images.
func (t *tarball) begun() bool {
	return t.has("manifest.json") || t.has("index.json") || t.has("oci-layout") || t.has("repositories")
}

func (t *tarball) add(h *scan.Header, at, size int64) {
	t.entries++
	if len(h.Name) > maxName || len(h.Link) > maxName {
		return
	}
	name := inside(string(h.Name))
	delete(t.links, name)
	delete(t.files, name)
	if h.Flag != tar.TypeDir && !ofImages(name) {
		t.others++
	}
	switch {
	case h.Sparse:
		t.files[name] = span{at: -1}
	case h.Flag == tar.TypeReg:
		t.files[name] = span{at, min(h.Size, size-at)}
	case h.Flag == tar.TypeSymlink:
		t.links[name] = inside(path.Join(path.Dir(name), string(h.Link)))
	case h.Flag == tar.TypeLink:
		t.links[name] = inside(string(h.Link))
	}
}

// ofImages tells whether a file may be part of an archive of images.
func ofImages(name string) bool {
	switch base := path.Base(name); base {
	case "VERSION", "json", "oci-layout", "repositories":
		return true
	default:
		return strings.HasPrefix(name, "blobs/") || strings.Contains(base, ".tar") || strings.HasSuffix(base, ".json")
	}
}

// inside cleans a name, so that it leads nowhere but into the archive.
func inside(name string) string { return strings.TrimPrefix(path.Clean("/"+name), "/") }

// maxLinks is how many links may lead from one to the next.
const maxLinks = 16

// part implements [parts].
func (t *tarball) part(name string) (part, error) {
	name = inside(name)
	for range maxLinks {
		s, ok := t.files[name]
		switch to, linked := t.links[name]; {
		case ok && s.at < 0:
			return nil, fmt.Errorf("%s is stored as a sparse file, which is not read", name)
		case ok:
			return io.NewSectionReader(t.f, s.at, s.size), nil
		case !linked:
			return nil, fmt.Errorf("%s: %w", name, fs.ErrNotExist)
		default:
			name = to
		}
	}
	return nil, fmt.Errorf("%s: links that lead to one another", name)
}

// Close implements [parts].
func (t *tarball) Close() error { return t.close() }

// directory is a layout on disk. Its files are opened when they are read, and
// never outside of it.
type directory struct {
	root *os.Root
	mu   sync.Mutex
	open map[string]*os.File
}

func openDirectory(name string) (*directory, error) {
	root, err := os.OpenRoot(name)
	if err != nil {
		return nil, err
	}
	return &directory{root: root, open: map[string]*os.File{}}, nil
}

// part implements [parts].
func (d *directory) part(name string) (part, error) {
	i, err := d.root.Stat(name)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, errors.Unwrap(err))
	}
	if !i.Mode().IsRegular() {
		return nil, fmt.Errorf("%s: not a regular file", name)
	}
	return &lazyFile{d, name, i.Size()}, nil
}

// Close implements [parts].
func (d *directory) Close() error {
	d.mu.Lock()
	defer d.mu.Unlock()
	errs := []error{d.root.Close()}
	for _, f := range d.open {
		errs = append(errs, f.Close())
	}
	return errors.Join(errs...)
}

// lazyFile is a file of a directory that is opened when it is first read.
type lazyFile struct {
	d    *directory
	name string
	size int64
}

// Size implements [part].
func (l *lazyFile) Size() int64 { return l.size }

// ReadAt implements io.ReaderAt.
func (l *lazyFile) ReadAt(p []byte, off int64) (int, error) {
	f, err := l.d.file(l.name)
	if err != nil {
		return 0, err
	}
	return f.ReadAt(p, off)
}

func (d *directory) file(name string) (*os.File, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if f := d.open[name]; f != nil {
		return f, nil
	}
	f, err := d.root.Open(name)
	if err == nil {
		d.open[name] = f
	}
	return f, err
}
