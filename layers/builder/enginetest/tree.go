package enginetest

import (
	"archive/tar"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"path"
	"slices"
	"strings"
	"testing"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
)

// Tree is the files of an image, each as one line: kind and mode, owner, size,
// sum and where a link leads. Times are left out: they are of the build.
type Tree map[string]string

// TreeOf reads an image.
func TreeOf(t testing.TB, image v1.Image) Tree {
	t.Helper()
	r := mutate.Extract(image)
	defer r.Close()
	all := Tree{}
	for files := tar.NewReader(r); ; {
		h, err := files.Next()
		if errors.Is(err, io.EOF) {
			return all
		}
		if err != nil {
			t.Fatal(err)
		}
		sum := sha256.New()
		if _, err := io.Copy(sum, files); err != nil {
			t.Fatal(err)
		}
		line := fmt.Sprintf("%c%04o %d:%d", h.Typeflag, h.Mode&0o7777, h.Uid, h.Gid)
		switch h.Typeflag {
		case tar.TypeReg:
			line += fmt.Sprintf(" %d %s", h.Size, hex.EncodeToString(sum.Sum(nil)[:6]))
		case tar.TypeSymlink, tar.TypeLink:
			line += " -> " + h.Linkname
		case tar.TypeChar, tar.TypeBlock:
			line += fmt.Sprintf(" %d,%d", h.Devmajor, h.Devminor)
		}
		all[path.Clean("/"+h.Name)] = line
	}
}

// Changed tells what is in an image beyond its base, and what of that is gone:
// as lines by path.
func Changed(t testing.TB, image, base v1.Image) string {
	t.Helper()
	was, now := TreeOf(t, base), TreeOf(t, image)
	names := map[string]bool{}
	for _, tree := range []Tree{was, now} {
		for p := range maps.Keys(tree) {
			names[p] = true
		}
	}
	var b strings.Builder
	for _, p := range slices.Sorted(maps.Keys(names)) {
		line, ok := now[p]
		switch {
		case p == "/" || line == was[p] && ok:
		case !ok:
			fmt.Fprintf(&b, "%s gone\n", p)
		default:
			fmt.Fprintf(&b, "%s %s\n", p, line)
		}
	}
	return b.String()
}

// Config is an image's config and history, without what is of the moment.
func Config(t testing.TB, image v1.Image) string {
	t.Helper()
	f, err := image.ConfigFile()
	if err != nil {
		t.Fatal(err)
	}
	out, err := json.MarshalIndent(f.Config, "", " ")
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	b.Write(append(out, '\n'))
	for _, h := range f.History[min(1, len(f.History)):] { // the first is the base's
		fmt.Fprintf(&b, "%v %q\n", h.EmptyLayer, h.CreatedBy)
	}
	return b.String()
}

// ustar is one entry of a tar, of the year 1970.
func ustar(name string, kind byte, mode int64, body string) string {
	var b strings.Builder
	w := tar.NewWriter(&b)
	h := tar.Header{Name: name, Typeflag: kind, Mode: mode, Size: int64(len(body)), Format: tar.FormatUSTAR}
	if w.WriteHeader(&h) != nil {
		return ""
	}
	_, _ = io.WriteString(w, body)
	_ = w.Flush()
	return b.String()
}
