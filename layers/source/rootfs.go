package source

import (
	"archive/tar"
	"context"
	"io"
	"os"

	"github.com/imgtui/imgtui/model"
)

// rootfs is an image of one layer that no manifest describes.
func rootfs(l model.Layer, b Blob, closing func() error) *Image {
	return &Image{
		Image: model.Image{Source: "rootfs", Steps: []model.Step{{CreatedBy: "rootfs", Layer: &l}}},
		Blobs: []Blob{b}, close: closing,
	}
}

// openRootfsTar takes a plain tar for a layer.
func openRootfsTar(t *tarball, f io.ReaderAt, size int64) *Image {
	return rootfs(
		model.Layer{MediaType: mediaType(f), Download: model.Unknown, Unpacked: model.Unknown, Tar: size},
		Blob{Size: size, At: f, Open: func(context.Context) (io.ReadCloser, error) {
			return io.NopCloser(io.NewSectionReader(f, 0, size)), nil
		}}, t.Close)
}

// openRootfs takes a directory, or a tar, for the only layer of an image.
func openRootfs(ctx context.Context, name string, o Options) (*Image, error) {
	i, err := os.Stat(name)
	if err != nil {
		return nil, err
	}
	if i.IsDir() {
		return openRootfsDirectory(name)
	}
	f, size, err := openWhole(ctx, name, o)
	if err != nil {
		return nil, err
	}
	stored, whole := f, size
	if f, size, err = unpacked(ctx, f, size, o); err != nil {
		return nil, err
	}
	img := openRootfsTar(&tarball{close: f.Close}, f, size)
	img.Local = i.Mode().IsRegular()
	if f != stored {
		img.Whole = whole
	}
	return img, nil
}

func openRootfsDirectory(name string) (*Image, error) {
	root, err := os.OpenRoot(name)
	if err != nil {
		return nil, err
	}
	b := Blob{Size: model.Unknown, Open: func(ctx context.Context) (io.ReadCloser, error) {
		r, w := io.Pipe()
		p := &packing{ctx: ctx, root: root, tar: tar.NewWriter(w), names: map[inode]string{}}
		go func() { w.CloseWithError(p.run()) }()
		return r, nil
	}}
	l := model.Layer{Download: model.Unknown, Unpacked: model.Unknown, Tar: model.Unknown}
	return rootfs(l, b, root.Close), nil
}
