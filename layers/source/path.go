package source

import (
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/imgtui/imgtui/layers/codec"
)

// claimsFile tells whether ref is a file or a pipe, or "PATH:IMAGE" of an
// archive. A file that is none does not stand in the way of an image's name.
func claimsFile(ref string) bool {
	if i, err := os.Stat(ref); err == nil {
		return !i.IsDir()
	}
	name, _ := splitSelect(ref, Options{})
	i, err := os.Stat(name)
	return err == nil && i.Mode().IsRegular() && (looksLikePath(ref) || isArchive(name))
}

// isArchive tells a tar, and what is compressed, by its first bytes.
func isArchive(name string) bool {
	f, err := os.Open(name)
	if err != nil {
		return false
	}
	defer f.Close()
	head := make([]byte, block)
	n, err := io.ReadFull(f, head)
	return codec.Name(head[:n]) != "" || err == nil && isHeader(head)
}

// claimsLayout tells whether ref is a directory with an OCI layout, or
// "PATH:IMAGE" of one. Folders of other things may hold an index.json too.
func claimsLayout(ref string) bool {
	name, _ := splitSelect(ref, Options{})
	return has(name, "index.json") && (has(name, "oci-layout") || has(name, "blobs"))
}

func has(dir, name string) bool {
	_, err := os.Stat(filepath.Join(dir, name))
	return err == nil
}

// claimsDirectory tells whether ref is a directory, and written as a path: a
// bare word means an image.
func claimsDirectory(ref string) bool {
	i, err := os.Stat(ref)
	return err == nil && i.IsDir() && looksLikePath(ref)
}

func looksLikePath(ref string) bool {
	return filepath.IsAbs(ref) || ref == "." || ref == ".." || strings.HasPrefix(ref, "./") || strings.HasPrefix(ref, "../") || strings.HasSuffix(ref, "/")
}

// openFile opens an archive of images, or a tar of a filesystem. "PATH:IMAGE"
// chooses one of several, as long as there is no file of that whole name.
func openFile(ctx context.Context, ref string, o Options) (*Image, error) {
	name, o := splitSelect(ref, o)
	i, err := os.Stat(name)
	switch {
	case err != nil:
		return nil, err
	case i.IsDir():
		return openLayoutDirectory(ctx, name, o)
	}
	f, size, err := openWhole(ctx, name, o)
	if err != nil {
		return nil, err
	}
	img, err := openArchiveFile(ctx, f, size, name, o)
	if err != nil {
		return nil, err
	}
	img.Local = i.Mode().IsRegular()
	return img, nil
}

// openWhole opens a file; a pipe or a device, which can be read only once, is
// kept in a temporary file.
func openWhole(ctx context.Context, name string, o Options) (*os.File, int64, error) {
	i, err := os.Stat(name)
	if err != nil {
		return nil, 0, err
	}
	if i.Mode().IsRegular() {
		f, err := os.Open(name)
		return f, i.Size(), err
	}
	f, err := openPipe(ctx, name)
	if err != nil {
		return nil, 0, err
	}
	defer f.Close()
	return spoolTar(ctx, newPatient(ctx, f), o)
}

// splitSelect takes ":IMAGE" off a path.
func splitSelect(ref string, o Options) (string, Options) {
	at := strings.LastIndexByte(ref, ':')
	if _, err := os.Stat(ref); err == nil || at <= 0 {
		return ref, o
	}
	for at > 0 {
		if _, err := os.Stat(ref[:at]); err == nil {
			o.Select = ref[at+1:]
			return ref[:at], o
		}
		at = strings.LastIndexByte(ref[:at], ':')
	}
	return ref, o
}

// openLayoutPath opens an OCI layout on disk, or one in a tar; "PATH:IMAGE"
// chooses one of several.
func openLayoutPath(ctx context.Context, ref string, o Options) (*Image, error) {
	name, sel := splitSelect(ref, o)
	if i, err := os.Stat(name); err == nil && !i.IsDir() {
		return openFile(ctx, ref, o)
	}
	return openLayoutDirectory(ctx, name, sel)
}

// openStdin opens an archive that is fed to the program.
func openStdin(ctx context.Context, _ string, o Options) (*Image, error) {
	if o.Stdin == nil {
		return nil, errors.New("nothing is fed to standard input")
	}
	f, size, err := spoolTar(ctx, newPatient(ctx, o.Stdin), o)
	if err != nil {
		return nil, err
	}
	return openArchiveFile(ctx, f, size, "-", o)
}
