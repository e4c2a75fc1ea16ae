package source

import (
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/imgtui/imgtui/layers/codec"
	"github.com/imgtui/imgtui/layers/source/sourcetest"
	"github.com/imgtui/imgtui/model"
)

// facts is what every form of one image must agree on.
type facts struct {
	By     []string
	DiffID []model.Digest
	Tar    []model.Digest // of the layers as read
	ID     model.Digest
	Tags   []string
	Warn   []string
}

func factsOf(t *testing.T, img *Image) facts {
	t.Helper()
	f := facts{ID: img.ID, Tags: img.Tags, DiffID: diffIDs(img)}
	for _, s := range img.Steps {
		f.By = append(f.By, s.CreatedBy)
	}
	for _, b := range img.Blobs {
		f.Tar = append(f.Tar, sourcetest.Digest(plain(t, b)))
	}
	for _, w := range img.Warnings {
		f.Warn = append(f.Warn, w.Text)
	}
	return f
}

// plain reads a layer to its end and undoes its compression.
func plain(t *testing.T, b Blob) []byte {
	t.Helper()
	r, err := b.Open(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	d, err := codec.Decode(r)
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	all, err := io.ReadAll(d)
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// storedBytes returns a layer as it is stored.
func storedBytes(t *testing.T, b Blob) string {
	t.Helper()
	r, err := b.Open(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	all, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return string(all)
}

func wanted(i sourcetest.Image) facts {
	f := facts{ID: i.ID(), Tags: i.Tags, DiffID: i.DiffIDs(), Tar: i.DiffIDs()}
	for _, s := range i.Steps {
		f.By = append(f.By, s.By)
	}
	return f
}

// forms are the ways in which one image is kept in a file.
var forms = []struct {
	name, source string
	make         func(i sourcetest.Image) []byte
}{
	{"legacy", "docker-archive", func(i sourcetest.Image) []byte { return sourcetest.Legacy(i).Tar() }},
	{"legacy gzip layers", "docker-archive", func(i sourcetest.Image) []byte { return sourcetest.Legacy(i.Stored("gzip")).Tar() }},
	{"legacy zstd layers", "docker-archive", func(i sourcetest.Image) []byte { return sourcetest.Legacy(i.Stored("zstd")).Tar() }},
	{"legacy gzip whole", "docker-archive", func(i sourcetest.Image) []byte { return sourcetest.Gzip(sourcetest.Legacy(i).Tar()) }},
	{"legacy zstd whole", "docker-archive", func(i sourcetest.Image) []byte { return sourcetest.Zstd(sourcetest.Legacy(i).Tar()) }},
	{"legacy gzip in gzip", "docker-archive", func(i sourcetest.Image) []byte {
		return sourcetest.Gzip(sourcetest.Legacy(i.Stored("gzip")).Tar())
	}},
	{"legacy manifest first", "docker-archive", func(i sourcetest.Image) []byte {
		return sourcetest.Legacy(i).First("manifest.json").Tar()
	}},
	{"kaniko", "docker-archive", func(i sourcetest.Image) []byte { return sourcetest.Kaniko(i).Tar() }},
	{"hybrid", "docker-archive", func(i sourcetest.Image) []byte { return sourcetest.Hybrid(i).Tar() }},
	{"hybrid gzip layers", "docker-archive", func(i sourcetest.Image) []byte { return sourcetest.Hybrid(i.Stored("gzip")).Tar() }},
	{"hybrid without its layout", "docker-archive", func(i sourcetest.Image) []byte {
		return sourcetest.Hybrid(i).With("index.json", []byte("{")).Tar()
	}},
	{"oci", "oci-archive", func(i sourcetest.Image) []byte { return sourcetest.OCI(i).Tar() }},
	{"oci gzip layers", "oci-archive", func(i sourcetest.Image) []byte { return sourcetest.OCI(i.Stored("gzip")).Tar() }},
	{"oci zstd layers", "oci-archive", func(i sourcetest.Image) []byte { return sourcetest.OCI(i.Stored("zstd")).Tar() }},
	{"oci zstd whole", "oci-archive", func(i sourcetest.Image) []byte { return sourcetest.Zstd(sourcetest.OCI(i).Tar()) }},
	{"oci with attestation", "oci-archive", func(i sourcetest.Image) []byte {
		l := &sourcetest.Layout{}
		d := l.Image(i)
		return l.Parts(l.Index(d, l.Attestation(d)).Named(i.Tags[0])).Tar()
	}},
	{"oci index in index", "oci-archive", func(i sourcetest.Image) []byte {
		l := &sourcetest.Layout{}
		return l.Parts(l.Index(l.Index(l.Index(l.Image(i)))).Named(i.Tags[0])).Tar()
	}},
	{"oci without platforms", "oci-archive", func(i sourcetest.Image) []byte {
		l := &sourcetest.Layout{}
		d := l.Image(i)
		d.Platform = nil
		return l.Parts(d.Named(i.Tags[0])).Tar()
	}},
}

func TestEveryFormOfAnImageIsTheSameImage(t *testing.T) {
	t.Parallel()
	app := sourcetest.App("acct/app:1")
	for _, f := range forms {
		body := f.make(app)
		// The name says something else than what the file is.
		for _, ref := range []string{
			sourcetest.Write(t, "notes.txt", body), "docker-archive:" + sourcetest.Write(t, "x.zip", body),
			"oci-archive://" + sourcetest.Write(t, "x", body), "oci:" + sourcetest.Write(t, "x", body), "-",
		} {
			img := mustOpen(t, ref, Options{Stdin: strings.NewReader(string(body))})
			if diff := cmp.Diff(wanted(app), factsOf(t, img)); diff != "" {
				t.Errorf("%s as %s: %s", f.name, filepath.Base(ref), diff)
			}
			if img.Source != f.source || img.Reference != ref {
				t.Errorf("%s as %s: got it as %s of %s, want %s", f.name, ref, img.Reference, img.Source, f.source)
			}
		}
	}
}

func TestALayoutOnDiskIsTheSameImage(t *testing.T) {
	t.Parallel()
	app := sourcetest.App("acct/app:1").Stored("gzip")
	for _, dir := range []string{sourcetest.OCI(app).Folder(t), sourcetest.Hybrid(app).Folder(t)} {
		for _, ref := range []string{dir, "oci:" + dir, "docker-archive:" + dir} {
			img := mustOpen(t, ref, Options{})
			if diff := cmp.Diff(wanted(app), factsOf(t, img)); diff != "" || img.Source != "oci" {
				t.Errorf("%s: got it from %s: %s", ref, img.Source, diff)
			}
		}
	}
}

func TestTheOldestArchivesAreImagesOnImages(t *testing.T) {
	t.Parallel()
	app := sourcetest.App("acct/app:1")
	img := mustOpen(t, sourcetest.Write(t, "old.tar", sourcetest.Repositories(app).Tar()), Options{})
	if len(img.Steps) != 5 || len(img.Blobs) != 5 || img.Tags[0] != "acct/app:1" || img.Config.Cmd[0] != "sh" {
		t.Fatalf("got %+v with %d blobs", img.Image, len(img.Blobs))
	}
	for n, s := range app.Steps {
		if got, want := img.Steps[n].CreatedBy, "/bin/sh -c "+s.By; got != want {
			t.Errorf("step %d: got %q, want %q", n, got, want)
		}
		if s.Layer != nil && !slices.Equal(plain(t, img.Blobs[n]), s.Layer) {
			t.Errorf("step %d: its layer is another", n)
		}
	}
}

func TestARepeatedLayerIsThereEveryTime(t *testing.T) {
	t.Parallel()
	layer := sourcetest.Tar(sourcetest.File("a", "again"))
	app := sourcetest.Image{Tags: []string{"a:1"}, Steps: []sourcetest.Step{{By: "1", Layer: layer}, {By: "2", Layer: layer}, {By: "3", Layer: layer}}}
	for _, f := range forms {
		img := mustOpen(t, sourcetest.Write(t, "x", f.make(app)), Options{})
		if diff := cmp.Diff(wanted(app), factsOf(t, img)); diff != "" {
			t.Errorf("%s: %s", f.name, diff)
		}
	}
}

// TestLayersComeInTheOrderOfTheManifest opens one archive 100 times: nothing
// may depend on the order of a map.
func TestLayersComeInTheOrderOfTheManifest(t *testing.T) {
	t.Parallel()
	app := sourcetest.Image{Tags: []string{"a:1"}}
	for n := range 6 {
		app.Steps = append(app.Steps, sourcetest.Step{By: string(rune('a' + n)), Layer: sourcetest.Tar(sourcetest.File("f", strings.Repeat("x", n)))})
	}
	want := wanted(app)
	for form, body := range map[string][]byte{
		"oci": sourcetest.OCI(app).Tar(), "oci gzip": sourcetest.OCI(app.Stored("gzip")).Tar(),
		"legacy": sourcetest.Legacy(app).Tar(), "hybrid": sourcetest.Hybrid(app).Tar(),
	} {
		path := sourcetest.Write(t, "x", body)
		first := mustOpen(t, path, Options{})
		if diff := cmp.Diff(want, factsOf(t, first)); diff != "" {
			t.Fatalf("%s: %s", form, diff)
		}
		for run := range 100 {
			img, err := Open(t.Context(), path, Options{})
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(first.Image, img.Image); diff != "" {
				t.Fatalf("%s, run %d: %s", form, run, diff)
			}
			for n := range img.Blobs {
				if storedBytes(t, img.Blobs[n]) != storedBytes(t, first.Blobs[n]) {
					t.Fatalf("%s, run %d: layer %d is another", form, run, n)
				}
			}
			img.Close()
		}
	}
}

func TestFilesOfAnArchiveAreTheLastOfTheirName(t *testing.T) {
	t.Parallel()
	app, other := sourcetest.App("acct/app:1"), sourcetest.App("acct/other:1")
	p := sourcetest.Legacy(app)
	twice := append(sourcetest.Legacy(other), p...)
	if img := mustOpen(t, sourcetest.Write(t, "x", twice.Tar()), Options{}); img.Tags[0] != "acct/app:1" {
		t.Errorf("two manifests: got %v, want the last one's", img.Tags)
	}
	spelled := slices.Clone(p)
	for i := range spelled {
		spelled[i].Name = []string{"./", "/", "a/../", "../../"}[i%4] + spelled[i].Name
	}
	img := mustOpen(t, sourcetest.Write(t, "x", spelled.Tar()), Options{})
	if diff := cmp.Diff(wanted(app), factsOf(t, img)); diff != "" {
		t.Errorf("names spelled otherwise: %s", diff)
	}
	body := p.Get("manifest.json")
	linked := append(p.With("real.json", body), sourcetest.Part{Name: "manifest.json", Link: "real.json"})
	if img := mustOpen(t, sourcetest.Write(t, "x", linked.With("manifest.json", []byte("[")).Linked("manifest.json", "real.json").Tar()), Options{}); img.ID != app.ID() {
		t.Errorf("a link to the manifest: got %s, want %s", img.ID, app.ID())
	}
}

func TestAnArchiveOpensWithoutItsLayersBeingRead(t *testing.T) {
	t.Parallel()
	app := sourcetest.App("a:1")
	app.Steps[0].Layer = sourcetest.Tar(sourcetest.File("big", strings.Repeat("x", 10<<20)))
	path := sourcetest.Write(t, "x", sourcetest.Hybrid(app).Tar())
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	size, err := f.Seek(0, io.SeekEnd)
	if err != nil {
		t.Fatal(err)
	}
	c := &countingReaderAt{r: f}
	img, err := openTar(find(t.Context(), c, size, f.Close), c, size, "x", Options{})
	if err != nil {
		t.Fatal(err)
	}
	if c.n > 64<<10 || len(img.Steps) != 5 {
		t.Errorf("read %d bytes of a 10 MiB archive for %d steps, want a few blocks", c.n, len(img.Steps))
	}
}

func TestAnArchiveCompressedAsAWholeTellsItsSize(t *testing.T) {
	t.Parallel()
	plain := sourcetest.Legacy(sourcetest.App("a:1").Stored("gzip")).Tar()
	for name, body := range map[string][]byte{"plain": plain, "gzip": sourcetest.Gzip(plain), "zstd": sourcetest.Zstd(plain)} {
		want := int64(len(body))
		if name == "plain" {
			want = 0
		}
		path := sourcetest.Write(t, "x", body)
		for _, ref := range []string{path, "rootfs:" + path, "-"} {
			if got := mustOpen(t, ref, Options{Stdin: strings.NewReader(string(body))}).Whole; got != want {
				t.Errorf("%s as %s: got %d, want %d", name, filepath.Base(ref), got, want)
			}
		}
	}
}

// TestNamesThatNoImageHasAreNotKept bounds what the list of an archive's files takes.
func TestNamesThatNoImageHasAreNotKept(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("n", maxName+1)
	body := sourcetest.Tar(sourcetest.File(long, ""), sourcetest.Symlink("l", long), sourcetest.File("f", ""))
	r := strings.NewReader(string(body))
	got := find(t.Context(), r, r.Size(), nil)
	if len(got.files) != 1 || len(got.links) != 0 || got.entries != 3 {
		t.Errorf("got %d files, %d links of %d entries; want the short one alone", len(got.files), len(got.links), got.entries)
	}
}

type countingReaderAt struct {
	r io.ReaderAt
	n int64
}

func (c *countingReaderAt) ReadAt(p []byte, off int64) (int, error) {
	n, err := c.r.ReadAt(p, off)
	c.n += int64(n)
	return n, err
}

// TestAFilesystemIsToldEarly holds that a tar of a filesystem is not listed to
// its end, and that an archive of images is, whatever lies beside them.
func TestAFilesystemIsToldEarly(t *testing.T) {
	t.Parallel()
	var files []sourcetest.Entry
	for i := range 3 * maxOthers {
		files = append(files, sourcetest.File("usr/"+strconv.Itoa(i), ""))
	}
	for name, c := range map[string]struct {
		first string
		most  int
	}{"filesystem": {"etc/passwd", maxOthers}, "archive": {"manifest.json", 3*maxOthers + 1}} {
		body := sourcetest.Tar(append([]sourcetest.Entry{sourcetest.File(c.first, "")}, files...)...)
		if got := find(t.Context(), strings.NewReader(string(body)), int64(len(body)), nil).entries; got != c.most {
			t.Errorf("%s: %d entries were listed, want %d", name, got, c.most)
		}
	}
}
