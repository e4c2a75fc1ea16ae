package buildcontext

import (
	"bufio"
	"compress/bzip2"
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"strings"

	"github.com/imgtui/imgtui/layers/codec"
	"github.com/imgtui/imgtui/layers/index"
	"github.com/imgtui/imgtui/layers/source"
	"github.com/imgtui/imgtui/model"
	"github.com/imgtui/imgtui/model/tree"
)

// Archive reads a file of the folder as ADD unpacks it, and tells whether it
// does. It is told by its bytes, plain or compressed, as BuildKit tells it. An
// archive that cannot be read here is told by a nil layer: one in xz, for which
// BuildKit itself calls another program, or one that breaks off.
func (f *Folder) Archive(ctx context.Context, name string) (*tree.Layer, bool, error) {
	name = strings.TrimPrefix(tree.Clean(name), "/")
	i, err := f.root.Lstat(name)
	if err != nil || !i.Mode().IsRegular() {
		return nil, false, ctx.Err() // no file, hence no archive
	}
	kind, err := f.compression(name)
	if err != nil {
		return nil, false, err
	}
	if kind == "xz" {
		return nil, true, nil
	}
	l, facts, err := index.Layer(ctx, 0, source.Blob{Size: model.Unknown, Open: func(context.Context) (io.ReadCloser, error) {
		return f.plain(name, kind)
	}}, index.Options{})
	switch {
	case ctx.Err() != nil:
		return nil, false, ctx.Err()
	case err != nil:
		_, beyond := errors.AsType[*index.LimitError](err)
		return nil, beyond, nil // what is no archive is copied as it is
	case len(facts.Faults) > 0:
		return nil, true, nil
	}
	return l, l.Entries > 0, nil
}

func (f *Folder) compression(name string) (string, error) {
	file, err := f.root.OpenFile(name, os.O_RDONLY|nonblock, 0)
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, fs.ErrPermission) {
		return "", nil
	}
	if err != nil {
		return "", err
	}
	defer file.Close()
	head, err := bufio.NewReaderSize(file, 16).Peek(6)
	if err != nil && !errors.Is(err, io.EOF) {
		return "", err
	}
	return codec.Name(head), nil
}

// plain opens a file; what the index cannot decompress is decompressed.
func (f *Folder) plain(name, kind string) (io.ReadCloser, error) {
	file, err := f.root.OpenFile(name, os.O_RDONLY|nonblock, 0)
	if err != nil || kind != "bzip2" {
		return file, err
	}
	return struct {
		io.Reader
		io.Closer
	}{bzip2.NewReader(bufio.NewReader(file)), file}, nil
}
