// Package sourcetest makes images for tests, whole ones and damaged ones, in
// every form that archives, layouts and registries have. The same call makes
// the same bytes every time.
package sourcetest

import (
	"archive/tar"
	"bytes"
	"crypto/sha256"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/imgtui/imgtui/model"
)

// Noon is when everything was made.
var Noon = time.Date(2026, 5, 1, 12, 0, 0, 0, time.UTC)

// Entry is one header of a tar, and its content.
type Entry struct {
	tar.Header
	Body string
}

// File is a regular file.
func File(name, body string) Entry { return entry(tar.TypeReg, name, "", body) }

// Dir is a directory.
func Dir(name string) Entry { return entry(tar.TypeDir, name, "", "") }

// Symlink is a symbolic link.
func Symlink(name, to string) Entry { return entry(tar.TypeSymlink, name, to, "") }

// Hardlink is another name of a file.
func Hardlink(name, of string) Entry { return entry(tar.TypeLink, name, of, "") }

func entry(flag byte, name, link, body string) Entry {
	mode := int64(0o644)
	if flag == tar.TypeDir {
		mode = 0o755
	}
	return Entry{tar.Header{Typeflag: flag, Name: name, Linkname: link, Mode: mode, Size: int64(len(body)), ModTime: Noon}, body}
}

// Tar makes a tar of entries.
func Tar(entries ...Entry) []byte {
	var b bytes.Buffer
	w := tar.NewWriter(&b)
	for _, e := range entries {
		check(w.WriteHeader(&e.Header))
		_, err := w.Write([]byte(e.Body))
		check(err)
	}
	check(w.Close())
	return b.Bytes()
}

// Noise returns n bytes from a seed that no compression makes smaller.
func Noise(seed uint64, n int) string {
	r := rand.NewChaCha8([32]byte{0: byte(seed), 1: byte(seed >> 8), 2: byte(seed >> 16)})
	b := make([]byte, n)
	r.Read(b)
	return string(b)
}

// Digest is the sha256 of bytes.
func Digest(b []byte) model.Digest { return model.Digest(fmt.Sprintf("sha256:%x", sha256.Sum256(b))) }

// check panics: what is made here in memory cannot fail but by a fault of the maker.
func check(err error) {
	if err != nil {
		panic(err)
	}
}

// Rechecked returns a tar whose first header has been changed, with the sum
// that the header then needs.
func Rechecked(b []byte) []byte {
	copy(b[148:156], "        ")
	sum := 0
	for _, c := range b[:512] {
		sum += int(c)
	}
	copy(b[148:156], fmt.Sprintf("%06o\x00 ", sum))
	return b
}
