package enginetest

import (
	"archive/tar"
	"bytes"
	crand "crypto/rand"
	"io"
	"os"
	"os/exec"
	"runtime"
	"slices"
	"strings"
	"testing"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/tarball"
)

// rand returns a word that no other test has.
func rand(testing.TB) string { return strings.ToLower(crand.Text()) }

// Entry is a file of an image that a test makes.
type Entry struct {
	Header tar.Header
	Body   []byte
}

// File is an entry with a text.
func File(name string, mode int64, body string) Entry {
	return Entry{tar.Header{Name: name, Typeflag: tar.TypeReg, Mode: mode}, []byte(body)}
}

// Busybox is an image with busybox and users in it, and what else is given, also
// in place of these: old engines take no layer that has a name twice. It skips the
// test where there is no busybox.
func Busybox(t testing.TB, config v1.Config, more ...Entry) v1.Image {
	t.Helper()
	replaced := map[string]bool{}
	for _, e := range more {
		replaced[e.Header.Name] = true
	}
	all := slices.DeleteFunc(busybox(t), func(e Entry) bool { return replaced[e.Header.Name] })
	return Image(t, config, append(all, more...)...)
}

// Image is an image of one layer.
func Image(t testing.TB, config v1.Config, entries ...Entry) v1.Image {
	t.Helper()
	body := Tar(t, entries...)
	layer, err := tarball.LayerFromOpener(func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(body)), nil })
	if err != nil {
		t.Fatal(err)
	}
	image, err := mutate.AppendLayers(empty.Image, layer)
	if err != nil {
		t.Fatal(err)
	}
	file, err := image.ConfigFile()
	if err != nil {
		t.Fatal(err)
	}
	file = file.DeepCopy()
	file.OS, file.Architecture, file.Config = "linux", runtime.GOARCH, config
	if image, err = mutate.ConfigFile(image, file); err != nil {
		t.Fatal(err)
	}
	return image
}

// busybox is what a shell needs.
func busybox(t testing.TB) []Entry {
	t.Helper()
	path, err := exec.LookPath("busybox")
	if err != nil {
		t.Skip("no busybox to put into a base image")
	}
	body, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	out, err := exec.Command(path, "--list").Output()
	if err != nil {
		t.Fatal(err)
	}
	dir := func(name string, mode int64) Entry {
		return Entry{Header: tar.Header{Name: name, Typeflag: tar.TypeDir, Mode: mode}}
	}
	all := []Entry{dir("bin/", 0o755), {tar.Header{Name: "bin/busybox", Typeflag: tar.TypeReg, Mode: 0o755}, body}}
	for tool := range strings.FieldsSeq(string(out)) {
		if tool != "busybox" {
			all = append(all, Entry{Header: tar.Header{Name: "bin/" + tool, Typeflag: tar.TypeSymlink, Linkname: "busybox", Mode: 0o777}})
		}
	}
	return append(all,
		dir("etc/", 0o755), dir("root/", 0o700), dir("tmp/", 0o1777),
		File("etc/passwd", 0o644, "root:x:0:0::/root:/bin/sh\napp:x:1000:1000::/home/app:/bin/sh\nother:x:1001:1001::/:/bin/sh\n"),
		File("etc/group", 0o644, "root:x:0:\napp:x:1000:\nother:x:1001:\nextra:x:2000:app\n"),
	)
}

// Tar packs entries.
func Tar(t testing.TB, entries ...Entry) []byte {
	t.Helper()
	var b bytes.Buffer
	w := tar.NewWriter(&b)
	for _, e := range entries {
		e.Header.Size = int64(len(e.Body))
		if err := w.WriteHeader(&e.Header); err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write(e.Body); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}
