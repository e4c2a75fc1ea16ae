package source

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/imgtui/imgtui/layers/source/sourcetest"
)

// aged makes a file, and all in a folder, as old as most are.
func aged(t *testing.T, name string) string {
	t.Helper()
	old := time.Now().Add(-time.Hour)
	err := filepath.WalkDir(name, func(name string, _ os.DirEntry, err error) error {
		if err == nil {
			err = os.Chtimes(name, old, old)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return name
}

// states are those of an image's layers; nil where one has none.
func states(t *testing.T, ref string) (all []string) {
	t.Helper()
	img, err := Open(t.Context(), ref, Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer img.Close()
	for n := range img.Blobs {
		s, ok := img.State(n)
		if !ok {
			return nil
		}
		all = append(all, s)
	}
	return all
}

func TestAFilesStateTellsItsLayers(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	oci := sourcetest.OCI(sourcetest.App("a:1"))
	layer := sourcetest.Tar(sourcetest.File("a", "b"))
	for name, write := range map[string]func() string{
		"an archive":   func() string { return sourcetest.Write(t, "x", sourcetest.Legacy(sourcetest.App("a:1")).Tar()) },
		"a layout":     func() string { return oci.Folder(t) },
		"a filesystem": func() string { return sourcetest.Write(t, "y", layer) },
	} {
		ref := write()
		if got := states(t, ref); got != nil {
			t.Errorf("%s: has just been written, and yet has the state %q", name, got)
		}
		aged(t, ref)
		first := states(t, ref)
		seen := map[string]bool{}
		for _, s := range first {
			seen[s] = true
		}
		if len(first) == 0 || len(seen) != len(first) {
			t.Errorf("%s: got states %q, want one for each layer", name, first)
		}
		for i, s := range states(t, ref) {
			if s != first[i] {
				t.Errorf("%s: layer %d: got %s, then %s", name, i, first[i], s)
			}
		}
	}
	packed := sourcetest.Write(t, "z", sourcetest.Gzip(layer))
	for name, ref := range map[string]string{
		"compressed as a whole": aged(t, packed), "a folder": aged(t, dir) + "/", "the sample": "demo:",
	} {
		if got := states(t, ref); got != nil {
			t.Errorf("%s: got states %q, want none", name, got)
		}
	}
}

// TestAChangedFileHasAnotherState changes a file so that as little as can be shows.
func TestAChangedFileHasAnotherState(t *testing.T) {
	t.Parallel()
	body := sourcetest.Tar(sourcetest.File("a", "before"))
	path := aged(t, sourcetest.Write(t, "x", body))
	was, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	back := func() {
		t.Helper()
		if err := os.Chtimes(path, was.ModTime(), was.ModTime()); err != nil {
			t.Fatal(err)
		}
	}
	first := states(t, path)
	for name, change := range map[string]func() error{
		"later": func() error { return os.Chtimes(path, time.Now(), was.ModTime().Add(time.Nanosecond)) },
		"longer": func() error {
			defer back()
			return os.WriteFile(path, append(bytes.Clone(body), make([]byte, 512)...), 0o600)
		},
		"another": func() error { defer back(); return replace(path, body) },
	} {
		if err := change(); err != nil {
			t.Fatal(err)
		}
		if got := states(t, path); len(got) != 1 || got[0] == first[0] {
			t.Errorf("%s: got state %q, as before", name, got)
		}
	}
}

// replace puts another file in the place of one.
func replace(path string, body []byte) error {
	if err := os.WriteFile(path+"2", body, 0o600); err != nil {
		return err
	}
	return os.Rename(path+"2", path)
}
