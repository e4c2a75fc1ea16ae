//go:build unix

package source

import (
	"archive/tar"
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/imgtui/imgtui/layers/source/sourcetest"
)

// listed reads a tar: "kind name link size", in its order.
func listed(t *testing.T, b []byte) []string {
	t.Helper()
	var all []string
	for r := tar.NewReader(bytes.NewReader(b)); ; {
		h, err := r.Next()
		if errors.Is(err, io.EOF) {
			return all
		}
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, strings.TrimSpace(strings.Join([]string{string(h.Typeflag), h.Name, h.Linkname, string(body)}, " ")))
	}
}

func TestADirectoryIsAnImageOfOneLayer(t *testing.T) {
	t.Parallel()
	dir := sourcetest.Parts{
		{Name: "b/file", Body: []byte("body")}, {Name: "a", Body: nil}, {Name: "link", Link: "../../outside"}, {Name: "c/index.json", Body: []byte("{}")},
	}.Folder(t)
	if err := errors.Join(os.Link(filepath.Join(dir, "b/file"), filepath.Join(dir, "z")), syscall.Mkfifo(filepath.Join(dir, "pipe"), 0o644)); err != nil {
		t.Fatal(err)
	}
	img := mustOpen(t, dir, Options{})
	if img.Source != "rootfs" || len(img.Blobs) != 1 || len(img.Steps) != 1 {
		t.Fatalf("got %+v", img.Image)
	}
	want := []string{
		"0 a", "5 b", "0 b/file  body", "5 c", "0 c/index.json  {}", "2 link ../../outside", "6 pipe", "1 z b/file",
	}
	if diff := cmp.Diff(want, listed(t, plain(t, img.Blobs[0]))); diff != "" {
		t.Error(diff)
	}
}

func TestAFolderWithAnIndexOfOtherThingsIsNoLayout(t *testing.T) {
	t.Parallel()
	dir := sourcetest.Parts{{Name: "index.json", Body: []byte(`{"routes":[]}`)}}.Folder(t)
	if img := mustOpen(t, dir, Options{}); img.Source != "rootfs" {
		t.Errorf("got it from %s, want rootfs", img.Source)
	}
	both := sourcetest.OCI(sourcetest.App("a:1")).Folder(t)
	if img := mustOpen(t, both, Options{}); img.Source != "oci" {
		t.Errorf("a layout: got it from %s, want oci", img.Source)
	}
	if img := mustOpen(t, "rootfs:"+both, Options{}); img.Source != "rootfs" {
		t.Errorf("a layout as rootfs: got it from %s", img.Source)
	}
	body := sourcetest.Parts{{Name: "index.json", Body: []byte(`{"routes":[]}`)}}.Tar()
	if img := mustOpen(t, sourcetest.Write(t, "x", body), Options{}); img.Source != "rootfs" {
		t.Errorf("a tar: got it from %s, want rootfs", img.Source)
	}
}

func TestATarOfAFilesystemIsAnImageOfOneLayer(t *testing.T) {
	t.Parallel()
	body := sourcetest.Tar(sourcetest.Dir("etc/"), sourcetest.File("etc/motd", "hello"))
	for name, b := range map[string][]byte{"plain": body, "gzip": sourcetest.Gzip(body), "zstd": sourcetest.Zstd(body)} {
		path := sourcetest.Write(t, "x", b)
		for _, ref := range []string{path, "rootfs:" + path, "docker-archive:" + path} {
			img := mustOpen(t, ref, Options{})
			if got := plain(t, img.Blobs[0]); img.Source != "rootfs" || !bytes.Equal(got, body) {
				t.Errorf("%s as %s: got %d bytes of %s", name, ref, len(got), img.Source)
			}
		}
	}
	// An archive of images, taken for a filesystem because it is said.
	img := mustOpen(t, "rootfs:"+sourcetest.Write(t, "x", sourcetest.Legacy(sourcetest.App("a:1")).Tar()), Options{})
	if img.Source != "rootfs" || len(img.Blobs) != 1 {
		t.Errorf("got %d layers of %s", len(img.Blobs), img.Source)
	}
}

func TestWhatADirectoryCannotShowIsToldAtTheEnd(t *testing.T) {
	t.Parallel()
	dir := sourcetest.Parts{{Name: "a", Body: []byte("seen")}, {Name: "b", Body: []byte("hidden")}, {Name: "d/e", Body: []byte("hidden")}}.Folder(t)
	for name, mode := range map[string]os.FileMode{"b": 0, "d": 0} {
		path := filepath.Join(dir, name)
		if err := os.Chmod(path, mode); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { os.Chmod(path, 0o700) })
	}
	if _, err := os.ReadFile(filepath.Join(dir, "b")); err == nil {
		t.Skip("who runs this may read everything")
	}
	r, err := mustOpen(t, dir, Options{}).Blobs[0].Open(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	all, err := io.ReadAll(r)
	var partial *PartialError
	if !errors.As(err, &partial) || !strings.HasPrefix(err.Error(), "2 files and folders could not be read, the first is ") {
		t.Errorf("got %v, want what could not be read", err)
	}
	if diff := cmp.Diff([]string{"0 a  seen", "0 b", "5 d"}, listed(t, all)); diff != "" {
		t.Error(diff)
	}
}

func TestALayerOfADirectoryThatNobodyReadsToItsEndIsLetGo(t *testing.T) {
	t.Parallel()
	dir := sourcetest.Parts{{Name: "a", Body: bytes.Repeat([]byte("x"), 1<<20)}}.Folder(t)
	img := mustOpen(t, dir, Options{})
	var opened []io.ReadCloser
	for range 20 {
		r, err := img.Blobs[0].Open(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.ReadFull(r, make([]byte, 512)); err != nil {
			t.Fatal(err)
		}
		opened = append(opened, r)
	}
	for _, r := range opened {
		r.Close()
	}
	waitForNone(t, "source.(*packing)")
}

func TestAPipeIsReadAsAFile(t *testing.T) {
	t.Parallel()
	app := sourcetest.App("acct/app:1")
	for _, body := range [][]byte{sourcetest.Legacy(app).Tar(), sourcetest.Gzip(sourcetest.OCI(app).Tar())} {
		for _, scheme := range []string{"", "docker-archive:"} {
			path := pipe(t)
			go os.WriteFile(path, body, 0)
			img := mustOpen(t, scheme+path, Options{})
			if diff := cmp.Diff(wanted(app), factsOf(t, img)); diff != "" {
				t.Errorf("%s: %s", scheme, diff)
			}
		}
	}
	path := pipe(t)
	go os.WriteFile(path, sourcetest.Tar(sourcetest.File("a", "b")), 0)
	if img := mustOpen(t, "rootfs:"+path, Options{}); !slices.Equal(listed(t, plain(t, img.Blobs[0])), []string{"0 a  b"}) {
		t.Error("a tar through a pipe is another")
	}
}

func pipe(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "pipe")
	if err := syscall.Mkfifo(path, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}
