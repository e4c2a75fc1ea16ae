package source

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/imgtui/imgtui/layers/source/sourcetest"
	"github.com/imgtui/imgtui/model"
)

func platform(t *testing.T, s string) model.Platform {
	t.Helper()
	p, err := model.ParsePlatform(s)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// forPlatforms is a layout of one name for several platforms, with what BuildKit says of each.
func forPlatforms(nested bool, platforms ...string) sourcetest.Parts {
	l := &sourcetest.Layout{}
	var ds []sourcetest.Descriptor
	for _, p := range platforms {
		d := l.Image(sourcetest.App().For(p))
		ds = append(ds, d, l.Attestation(d))
	}
	top := l.Index(ds...)
	if nested {
		top = l.Index(top)
	}
	return l.Parts(top.Named("acct/app:1"))
}

func TestThePlatformIsChosenFromAnIndex(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ there, want, got string }{
		{"linux/amd64 linux/arm64/v8 windows/amd64", "linux/arm64", "linux/arm64/v8"},
		{"linux/amd64 linux/arm64", "linux/arm64/v8", "linux/arm64"},
		{"linux/arm/v6 linux/arm/v7", "linux/arm/v7", "linux/arm/v7"},
		{"linux/arm/v7 linux/arm", "linux/arm", "linux/arm"},
		{"linux/arm/v6 linux/arm/v7", "linux/arm", "linux/arm/v6"},
		{"linux/amd64 windows/amd64", "windows/amd64", "windows/amd64"},
		{"linux/s390x", "", "linux/s390x"},
	} {
		for _, nested := range []bool{false, true} {
			p := forPlatforms(nested, strings.Fields(c.there)...)
			for _, ref := range []string{sourcetest.Write(t, "x", p.Tar()), p.Folder(t)} {
				var o Options
				if c.want != "" {
					o.Platform = platform(t, c.want)
				}
				img := mustOpen(t, ref, o)
				if got := img.Platform.String(); got != c.got || !strings.Contains(string(plain(t, img.Blobs[0])), c.got) {
					t.Errorf("%s of %s (nested %v): got %s, want %s", c.want, c.there, nested, got, c.got)
				}
			}
		}
	}
}

func TestAPlatformThatIsNotThereIsSaidWithThoseThatAre(t *testing.T) {
	t.Parallel()
	want := Options{Platform: platform(t, "linux/riscv64")}
	for name, c := range map[string]struct {
		body []byte
		says string
	}{
		"an index": {forPlatforms(false, "linux/amd64", "linux/arm64").Tar(), "no image for linux/riscv64; there are linux/amd64, linux/arm64"},
		"a layout": {sourcetest.OCI(sourcetest.App("a:1")).Tar(), "no image for linux/riscv64; there are linux/amd64"},
		"legacy":   {sourcetest.Legacy(sourcetest.App("a:1")).Tar(), "no image for linux/riscv64; there is linux/amd64"},
		"hybrid":   {sourcetest.Hybrid(sourcetest.App("a:1")).Tar(), "no image for linux/riscv64; there are linux/amd64"},
		"oldest":   {sourcetest.Repositories(sourcetest.App("a:1")).Tar(), "no image for linux/riscv64; there is linux/amd64"},
		"two in legacy": {sourcetest.Legacy(sourcetest.App("a:1"), sourcetest.App("b:1").For("linux/arm64")).Tar(),
			"no image for linux/riscv64 in it; there are a:1, b:1"},
	} {
		path := sourcetest.Write(t, "x", c.body)
		_, err := Open(t.Context(), path, want)
		if err == nil || err.Error() != "open "+path+": "+c.says {
			t.Errorf("%s: got %v, want %s", name, err, c.says)
		}
	}
}

func TestWithoutAPlatformTheHostsIsTakenElseAsked(t *testing.T) {
	t.Parallel()
	path := sourcetest.Write(t, "x", forPlatforms(true, "linux/sparc64", "linux/mips64le", "windows/amd64").Tar())
	_, err := Open(t.Context(), path, Options{})
	var several *AmbiguousError
	if !errors.As(err, &several) {
		t.Fatalf("got %v, want a question", err)
	}
	var got []string
	for _, c := range several.Choices {
		got = append(got, c.Label)
		img := mustOpen(t, path, Options{Platform: c.Platform, Select: c.Select})
		if img.Platform.String() != c.Label {
			t.Errorf("the choice %s opens %s", c.Label, img.Platform)
		}
	}
	if diff := cmp.Diff([]string{"linux/sparc64", "linux/mips64le", "windows/amd64"}, got); diff != "" {
		t.Error(diff)
	}
}

// TestEqualPlatformsAreToldApartByDigest is what windows images are like: one
// platform in several versions.
func TestEqualPlatformsAreToldApartByDigest(t *testing.T) {
	t.Parallel()
	l := &sourcetest.Layout{}
	a := l.Image(sourcetest.App().For("windows/amd64"))
	b := l.Image(sourcetest.App().For("windows/amd64").Says("author", "other"))
	path := sourcetest.Write(t, "x", l.Parts(l.Index(a, b).Named("w:1")).Tar())
	_, err := Open(t.Context(), path, Options{})
	var several *AmbiguousError
	if !errors.As(err, &several) || len(several.Choices) != 2 {
		t.Fatalf("got %v, want two choices", err)
	}
	for n, want := range []model.Digest{a.Digest, b.Digest} {
		c := several.Choices[n]
		if got := mustOpen(t, path, Options{Select: c.Select, Platform: c.Platform}).Digest; got != want {
			t.Errorf("the choice %q opens %s, want %s", c.Label, got, want)
		}
	}
}

// three are three images in one archive, in each form that can hold several.
func three() map[string][]byte {
	one, two, tre := sourcetest.App("acct/app:1", "acct/app:latest"), sourcetest.App("acct/app:2").Says("author", "2"), sourcetest.App("other:1").Says("author", "3")
	return map[string][]byte{
		"legacy": sourcetest.Legacy(one, two, tre).Tar(), "hybrid": sourcetest.Hybrid(one, two, tre).Tar(),
		"kaniko": sourcetest.Kaniko(one, two, tre).Tar(), "oci": sourcetest.OCI(one, two, tre).Tar(),
	}
}

func TestOneOfSeveralImagesIsChosen(t *testing.T) {
	t.Parallel()
	ids := map[string]model.Digest{}
	for author, tag := range map[string]string{"": "acct/app:1", "2": "acct/app:2", "3": "other:1"} {
		i := sourcetest.App(tag)
		if author != "" {
			i = i.Says("author", author)
		}
		ids[tag] = i.ID()
	}
	for form, body := range three() {
		path := sourcetest.Write(t, "x", body)
		for want, tag := range map[string]string{
			"acct/app:1": "acct/app:1", "acct/app:latest": "acct/app:1", "latest": "acct/app:1", "app:2": "acct/app:2",
			"2": "acct/app:2", "other:1": "other:1", "#0": "acct/app:1", "#2": "other:1",
		} {
			for _, img := range []*Image{mustOpen(t, path, Options{Select: want}), mustOpen(t, path+":"+want, Options{})} {
				if img.ID != ids[tag] {
					t.Errorf("%s: %s opens %v, want %s", form, want, img.Tags, tag)
				}
			}
		}
	}
}

func TestWhatStandsForSeveralImagesIsAsked(t *testing.T) {
	t.Parallel()
	for form, body := range three() {
		path := sourcetest.Write(t, "x", body)
		for want, n := range map[string]int{"": 3, "1": 2} {
			_, err := Open(t.Context(), path, Options{Select: want})
			var several *AmbiguousError
			if !errors.As(err, &several) {
				t.Errorf("%s: select %q: got %v, want a question", form, want, err)
				continue
			}
			seen := map[model.Digest]bool{}
			for _, c := range several.Choices {
				seen[mustOpen(t, path, Options{Select: c.Select}).ID] = true
			}
			if len(seen) != n {
				t.Errorf("%s: select %q offers %d images, want %d", form, want, len(seen), n)
			}
		}
		_, err := Open(t.Context(), path, Options{Select: "nowhere:1"})
		if err == nil || !strings.Contains(err.Error(), "no image nowhere:1 in it; there are acct/app:1, acct/app:latest") {
			t.Errorf("%s: got %v, want what there is", form, err)
		}
		for _, none := range []string{"#3", "#-1", "#x", "abc"} {
			if _, err := Open(t.Context(), path, Options{Select: none}); err == nil {
				t.Errorf("%s: select %s opens an image", form, none)
			}
		}
	}
}

func TestADigestSelects(t *testing.T) {
	t.Parallel()
	app := sourcetest.App("a:1")
	path := sourcetest.Write(t, "x", sourcetest.Legacy(app, sourcetest.App("b:1").Says("author", "b")).Tar())
	id := string(app.ID())
	for _, want := range []string{id, id[:19], strings.TrimPrefix(id, "sha256:")[:6]} {
		if img := mustOpen(t, path, Options{Select: want}); img.ID != app.ID() {
			t.Errorf("%s opens %s", want, img.ID)
		}
	}
	if _, err := Open(t.Context(), path, Options{Select: strings.TrimPrefix(id, "sha256:")[:5]}); err == nil {
		t.Error("5 digits of a digest select an image")
	}
}

func TestTwoNamesOfOneImageAreNoQuestion(t *testing.T) {
	t.Parallel()
	app := sourcetest.App("acct/app:1", "acct/app:latest")
	for form, p := range map[string]sourcetest.Parts{"oci": sourcetest.OCI(app), "hybrid": sourcetest.Hybrid(app), "oldest": sourcetest.Repositories(app)} {
		img := mustOpen(t, sourcetest.Write(t, "x", p.Tar()), Options{})
		if diff := cmp.Diff([]string{"acct/app:1", "acct/app:latest"}, img.Tags); diff != "" {
			t.Errorf("%s: %s", form, diff)
		}
	}
	l := &sourcetest.Layout{}
	ix := l.Index(l.Image(sourcetest.App().For("linux/s390x")), l.Image(sourcetest.App().For("linux/ppc64le")))
	path := sourcetest.Write(t, "x", l.Parts(ix.Named("a:1"), ix.Named("a:latest")).Tar())
	img := mustOpen(t, path, Options{Platform: platform(t, "linux/s390x")})
	if diff := cmp.Diff([]string{"a:1", "a:latest"}, img.Tags); diff != "" {
		t.Errorf("an index of two names: %s", diff)
	}
}

// TestAnotherPlatformOfASavedImageIsFoundInItsLayout is what the containerd
// store saves: manifest.json names one platform, the layout holds all.
func TestAnotherPlatformOfASavedImageIsFoundInItsLayout(t *testing.T) {
	t.Parallel()
	l := &sourcetest.Layout{}
	amd, arm := sourcetest.App("a:1").For("linux/amd64"), sourcetest.App("a:1").For("linux/arm64")
	ix := l.Index(l.Image(amd), l.Image(arm))
	p := l.Parts(ix.Named("a:1")).With("manifest.json", sourcetest.Hybrid(amd).Get("manifest.json"))
	path := sourcetest.Write(t, "x", p.Tar())
	for _, want := range []string{"linux/amd64", "linux/arm64"} {
		img := mustOpen(t, path, Options{Platform: platform(t, want)})
		if img.Platform.String() != want || img.Source != "docker-archive" || img.Tags[0] != "a:1" {
			t.Errorf("%s: got %s of %s, %v", want, img.Platform, img.Source, img.Tags)
		}
	}
	two := sourcetest.Legacy(amd, arm)
	for _, want := range []string{"linux/amd64", "linux/arm64"} {
		if img := mustOpen(t, sourcetest.Write(t, "x", two.Tar()), Options{Platform: platform(t, want)}); img.Platform.String() != want {
			t.Errorf("one of two saved images: got %s, want %s", img.Platform, want)
		}
	}
}

func TestAFileInTheWayOfAnImagesNameIsNoArchive(t *testing.T) {
	serveRegistry(t)
	t.Chdir(t.TempDir())
	write(t, "postgres", "#!/bin/sh\n")
	write(t, "saved", string(sourcetest.Legacy(sourcetest.App("a:1"), sourcetest.App("a:2")).Tar()))
	if claimsFile("postgres:16") {
		t.Error("postgres:16 is taken for the file postgres")
	}
	if !claimsFile("saved:a:1") || !claimsFile("./postgres:16") || !claimsFile("postgres") {
		t.Error("an archive with the image in it, or a path, is not taken")
	}
	if img := mustOpen(t, "saved:a:2", Options{}); img.Tags[0] != "a:2" {
		t.Errorf("saved:a:2 opens %v", img.Tags)
	}
}
