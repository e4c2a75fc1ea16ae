package source

import (
	"archive/tar"
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"

	"github.com/docker/go-units"

	"github.com/imgtui/imgtui/layers/codec"
	"github.com/imgtui/imgtui/model"
)

// openArchiveFile opens whatever archive of images f holds, told by its bytes.
// It owns f: the image's Close closes it, and so does an error.
func openArchiveFile(ctx context.Context, f *os.File, size int64, ref string, o Options) (*Image, error) {
	stored := f
	f, unpackedSize, err := unpacked(ctx, f, size, o)
	if err != nil {
		return nil, err
	}
	img, err := openTar(find(ctx, f, unpackedSize, f.Close), f, unpackedSize, ref, o)
	if err == nil {
		err = ctx.Err()
	}
	if err != nil {
		f.Close()
		return nil, err
	}
	if f != stored {
		img.Whole = size
	}
	return img, nil
}

// unpacked returns f itself, or what it holds where it is compressed as a whole.
func unpacked(ctx context.Context, f *os.File, size int64, o Options) (*os.File, int64, error) {
	head := make([]byte, block)
	n, err := f.ReadAt(head, 0)
	switch {
	case err != nil && err != io.EOF:
		f.Close()
		return nil, 0, err
	case n == 0:
		f.Close()
		return nil, 0, errors.New("an empty file")
	case codec.Name(head[:n]) == "":
		return f, size, nil
	}
	defer f.Close()
	d, err := codec.Decode(io.NewSectionReader(f, 0, size))
	if err != nil {
		return nil, 0, err
	}
	defer d.Close()
	whole, size, err := spoolTar(ctx, &bounded{r: d, most: o.most(size)}, o)
	if errors.Is(err, io.ErrUnexpectedEOF) {
		err = fmt.Errorf("its %s breaks off: %w", codec.Name(head[:n]), err)
	}
	return whole, size, err
}

// What an archive that is compressed as a whole may unpack to, for it is kept
// in a temporary file.
const (
	wholeBytes = 4 << 30
	wholeRatio = 100
)

// most is what an archive of that size may unpack to.
func (o Options) most(size int64) int64 {
	if o.Unpacked > 0 {
		return o.Unpacked
	}
	return wholeBytes + wholeRatio*size
}

// bounded stops a stream that does not end.
type bounded struct {
	r       io.Reader
	n, most int64
}

// Read implements io.Reader.
func (b *bounded) Read(p []byte) (int, error) {
	n, err := b.r.Read(p)
	if b.n += int64(n); b.n > b.most {
		return n, &hinted{
			err:  fmt.Errorf("the archive unpacks to more than %s, the limit", units.BytesSize(float64(b.most))),
			hint: "unpack it yourself if you trust it",
		}
	}
	return n, err
}

// block is the size of a tar's header.
const block = 512

// spoolTar keeps an archive in a temporary file, unless its first bytes show
// that it is none.
func spoolTar(ctx context.Context, r io.Reader, o Options) (*os.File, int64, error) {
	b := bufio.NewReaderSize(r, chunk)
	head, err := b.Peek(block)
	switch {
	case len(head) == 0 && err == io.EOF:
		return nil, 0, errors.New("nothing in it")
	case err != nil && err != io.EOF:
		return nil, 0, err
	case codec.Name(head) == "" && !isHeader(head):
		return nil, 0, errNoArchive
	}
	return spool(ctx, b, model.Unknown, o.Progress)
}

var errNoArchive = errors.New("neither an archive of images nor a tar")

// isHeader tells whether a tar may begin so.
func isHeader(head []byte) bool {
	_, err := tar.NewReader(bytes.NewReader(head)).Next()
	return err == nil || !errors.Is(err, tar.ErrHeader) && len(bytes.Trim(head, "\x00")) > 0
}

// openTar opens the images of a tar, or takes it for a filesystem.
func openTar(t *tarball, f io.ReaderAt, size int64, ref string, o Options) (*Image, error) {
	img, err := t.images(ref, o)
	switch {
	case err != nil:
		return nil, err
	case img != nil:
		if t.ended != nil {
			img.Warnings = append(img.Warnings, warning(-1, "the archive breaks off: %v", t.ended))
		}
		return img, nil
	case t.ended != nil && len(t.files) == 0:
		return nil, fmt.Errorf("%w: %w", errNoArchive, t.ended)
	case t.ended != nil:
		return nil, fmt.Errorf("the archive breaks off: %w", t.ended)
	case t.entries == 0:
		return nil, errors.New("an archive without files")
	case t.has("oci-layout") || t.blobs():
		return nil, errors.New("a layout without index.json or manifest.json")
	}
	return openRootfsTar(t, f, size), nil
}

// images opens the image that o wants in whatever form the archive has; nil
// where it is no archive of images.
func (t *tarball) images(ref string, o Options) (*Image, error) {
	layout := t.has("index.json") && (t.has("oci-layout") || t.blobs())
	switch {
	case layout && t.has("manifest.json"):
		return openHybrid(t, ref, o)
	case layout:
		return openLayout(t, "oci-archive", ref, o)
	case t.has("manifest.json"):
		return openDockerArchive(t, ref, o)
	case t.has("repositories"):
		return openRepositories(t, ref, o)
	}
	return nil, nil
}

func (t *tarball) has(name string) bool {
	_, err := t.part(name)
	return !errors.Is(err, fs.ErrNotExist)
}

// blobs tells whether the archive holds blobs as a layout does.
func (t *tarball) blobs() bool {
	for name := range t.files {
		if strings.HasPrefix(name, "blobs/sha256/") {
			return true
		}
	}
	return false
}

// blob makes a layer's blob of a file of an archive or layout. One that is not
// there can be opened only to say so.
func blob(ps parts, name string, l stored, diffID model.Digest) (Blob, error) {
	b := Blob{Digest: l.digest, DiffID: diffID, Size: l.download}
	p, err := ps.part(name)
	if err != nil {
		err = missing(name, err)
		b.Open = unreadable(err)
		return b, err
	}
	b.Size, b.At = p.Size(), p
	b.Open = func(context.Context) (io.ReadCloser, error) {
		return io.NopCloser(io.NewSectionReader(p, 0, p.Size())), nil
	}
	return b, nil
}

// unreadable opens a blob only to say why it cannot be had.
func unreadable(err error) func(context.Context) (io.ReadCloser, error) {
	return func(context.Context) (io.ReadCloser, error) { return nil, err }
}

// missing says that a file which something names is not there.
func missing(name string, err error) error {
	switch {
	case errors.Is(err, fs.ErrNotExist) && name == "":
		return errors.New("it is not named")
	case errors.Is(err, fs.ErrNotExist):
		return fmt.Errorf("%s is missing", said(name))
	}
	return err
}

// mediaType tells what a layer's blob is by its first bytes.
func mediaType(p io.ReaderAt) string {
	head := make([]byte, 6)
	n, _ := p.ReadAt(head, 0)
	if c := codec.Name(head[:n]); c != "" {
		return "application/vnd.oci.image.layer.v1.tar+" + c
	}
	return "application/vnd.oci.image.layer.v1.tar"
}
