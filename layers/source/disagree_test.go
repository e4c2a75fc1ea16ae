package source

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/imgtui/imgtui/layers/source/sourcetest"
)

// rows is what an image's steps look like: the instruction, and the layer it
// made or "-".
func rowsOf(img *Image) []string {
	var all []string
	for _, s := range img.Steps {
		layer := "-"
		if s.Layer != nil {
			layer = fmt.Sprint(s.Layer.Index)
		}
		all = append(all, s.CreatedBy+" "+layer)
	}
	return all
}

func warned(img *Image) []string {
	var all []string
	for _, w := range img.Warnings {
		all = append(all, w.Text)
	}
	return all
}

// small is an image of two layers and a step between them.
func small() sourcetest.Image {
	return sourcetest.Image{Tags: []string{"a:1"}, Steps: []sourcetest.Step{
		{By: "ADD a", Layer: sourcetest.Tar(sourcetest.File("a", "aaa"))}, {By: "ENV x=1"},
		{By: "ADD b", Layer: sourcetest.Tar(sourcetest.File("b", "bbb"))},
	}}
}

func row(by string, empty bool) map[string]any {
	return map[string]any{"created_by": by, "empty_layer": empty}
}

// TestAConfigThatDisagreesWithTheLayersOpensAndSaysSo holds for every form: the
// layers are right.
func TestAConfigThatDisagreesWithTheLayersOpensAndSaysSo(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name  string
		key   string
		value any
		rows  []string
		warn  []string
	}{
		{"history too long", "history", []any{row("ADD a", false), row("ENV x=1", true), row("ADD b", false), row("ADD c", false)},
			[]string{"ADD a 0", "ENV x=1 -", "ADD b 1", "ADD c -"}, []string{"the history tells of 3 layers, there are 2"}},
		{"history too short", "history", []any{row("ADD a", false)},
			[]string{"ADD a 0", " 1"}, []string{"the history tells of 1 layers, there are 2"}},
		{"history of empty steps", "history", []any{row("ENV a", true)},
			[]string{"ENV a -", " 0", " 1"}, []string{"the history tells of 0 layers, there are 2"}},
		{"no history", "history", nil, []string{" 0", " 1"}, nil},
		{"empty history", "history", []any{}, []string{" 0", " 1"}, nil},
		{"too few diff IDs", "rootfs", map[string]any{"diff_ids": small().DiffIDs()[:1]},
			[]string{"ADD a 0", "ENV x=1 -", "ADD b 1"}, []string{"the config names 1 diff IDs, there are 2 layers"}},
		{"too many diff IDs", "rootfs", map[string]any{"diff_ids": append(small().DiffIDs(), "sha256:x")},
			[]string{"ADD a 0", "ENV x=1 -", "ADD b 1"}, []string{"the config names 3 diff IDs, there are 2 layers"}},
		{"no rootfs", "rootfs", nil,
			[]string{"ADD a 0", "ENV x=1 -", "ADD b 1"}, []string{"the config names 0 diff IDs, there are 2 layers"}},
		{"a date of a wrong kind", "created", 5, []string{"ADD a 0", "ENV x=1 -", "ADD b 1"}, []string{"config: created is a number"}},
		{"a date that is none", "created", "yesterday", []string{"ADD a 0", "ENV x=1 -", "ADD b 1"}, nil},
		{"settings of a wrong kind", "config", map[string]any{"ExposedPorts": []int{80}, "Cmd": map[string]any{"a": 1}, "Entrypoint": "run me"},
			[]string{"ADD a 0", "ENV x=1 -", "ADD b 1"}, []string{"config: config.ExposedPorts is a array"}},
		{"settings that are null", "config", nil, []string{"ADD a 0", "ENV x=1 -", "ADD b 1"}, nil},
	} {
		image := small().Says(c.key, c.value)
		for form, p := range map[string]sourcetest.Parts{
			"legacy": sourcetest.Legacy(image), "hybrid": sourcetest.Hybrid(image), "oci": sourcetest.OCI(image), "kaniko": sourcetest.Kaniko(image),
		} {
			img := mustOpen(t, sourcetest.Write(t, "x", p.Tar()), Options{})
			if diff := cmp.Diff(c.rows, rowsOf(img)); diff != "" {
				t.Errorf("%s in %s: %s", c.name, form, diff)
			}
			if diff := cmp.Diff(c.warn, warned(img)); diff != "" {
				t.Errorf("%s in %s: %s", c.name, form, diff)
			}
			for n, b := range img.Blobs {
				if got, want := sourcetest.Digest(plain(t, b)), small().DiffIDs()[n]; got != want {
					t.Errorf("%s in %s: layer %d is %s, want %s", c.name, form, n, got, want)
				}
			}
		}
	}
}

func TestSettingsOfOldEnginesAreRead(t *testing.T) {
	t.Parallel()
	image := small().Says("config", map[string]any{"Entrypoint": "run me", "Cmd": map[string]any{"a": 1}, "Env": nil})
	img := mustOpen(t, sourcetest.Write(t, "x", sourcetest.Legacy(image).Tar()), Options{})
	if diff := cmp.Diff([]string{"run me"}, img.Config.Entrypoint); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{`{"a":1}`}, img.Config.Cmd); diff != "" {
		t.Error(diff)
	}
}

func TestAHistoryWithoutEndIsCut(t *testing.T) {
	t.Parallel()
	var history []any
	for n := range maxSteps + 5 {
		history = append(history, row(fmt.Sprint(n), n%2 == 1))
	}
	img := mustOpen(t, sourcetest.Write(t, "x", sourcetest.OCI(small().Says("history", history)).Tar()), Options{})
	if diff := cmp.Diff([]string{"the history has 10005 rows; the first 10000 are taken"}, warned(img)); diff != "" {
		t.Error(diff)
	}
	if len(img.Steps) != maxSteps || len(img.Layers()) != 2 {
		t.Errorf("got %d steps with %d layers", len(img.Steps), len(img.Layers()))
	}
}

// damages are changes of an archive that leave something to be opened.
func damages() map[string]struct {
	parts sourcetest.Parts
	warn  string // part of it
	lost  []int  // layers that cannot be read
} {
	type damage = struct {
		parts sourcetest.Parts
		warn  string
		lost  []int
	}
	image := small()
	second := sourcetest.BlobPath(sourcetest.Digest(image.Steps[2].Layer))
	legacy, oci, hybrid := sourcetest.Legacy(image), sourcetest.OCI(image), sourcetest.Hybrid(image)
	layerOf := func(p sourcetest.Parts, n int) string {
		var all []string
		for _, f := range p {
			if strings.HasSuffix(f.Name, "/layer.tar") {
				all = append(all, f.Name)
			}
		}
		return all[n]
	}
	config := strings.TrimPrefix(string(image.ID()), "sha256:") + ".json"
	l := &sourcetest.Layout{}
	lies := func(change func(*sourcetest.Manifest)) sourcetest.Parts {
		return l.Parts(l.Changed(image, change).Named("a:1"))
	}
	return map[string]damage{
		"legacy without a layer": {legacy.Without(layerOf(legacy, 1)), "layer 1: " + layerOf(legacy, 1) + " is missing", []int{1}},
		"legacy, layers in a loop": {legacy.Linked(layerOf(legacy, 0), "../"+layerOf(legacy, 1)).Linked(layerOf(legacy, 1), "../"+layerOf(legacy, 0)),
			"layer 0: " + layerOf(legacy, 0) + ": links that lead to one another", []int{0, 1}},
		"legacy without config":   {legacy.Without(config), "config: " + config + " is missing; the steps are told by the layers alone", nil},
		"legacy, config bad JSON": {legacy.With(config, []byte("{")), "config: unexpected end of JSON input; the steps are told by the layers alone", nil},
		"legacy, config a list":   {legacy.With(config, []byte("[1]")), "config: json: cannot unmarshal array", nil},
		"legacy, config another's": {legacy.With(config, []byte(`{"os":"linux"}`)),
			"the config's digest is " + string(sourcetest.Digest([]byte(`{"os":"linux"}`))) + ", its name says " + string(image.ID()), nil},
		"oci without a layer":    {oci.Without(second), "layer 1: " + second + " is missing", []int{1}},
		"oci without config":     {oci.Without(sourcetest.BlobPath(image.ID())), "config: " + sourcetest.BlobPath(image.ID()) + " is missing; the steps", nil},
		"hybrid without a layer": {hybrid.Without(second), "layer 1: " + second + " is missing", []int{1}},
		"oci, config another's": {oci.With(sourcetest.BlobPath(image.ID()), []byte(`{"os":"linux"}`)),
			"the config's digest is " + string(sourcetest.Digest([]byte(`{"os":"linux"}`))) + ", it is named " + string(image.ID()), nil},
		"oci, a layer shorter": {oci.With(second, image.Steps[2].Layer[:1024]), "layer 1: its blob has 1024 bytes, the manifest says 2048", nil},
		"oci, a negative size": {lies(func(m *sourcetest.Manifest) { m.Layers[1].Size = -5 }), "layer 1: the manifest says that it has -5 bytes", nil},
		"oci, a size beyond all": {lies(func(m *sourcetest.Manifest) { m.Layers[1].Size = 1 << 62 }),
			"layer 1: the manifest says that it has 4611686018427387904 bytes", nil},
		"oci, a digest that bends the path": {lies(func(m *sourcetest.Manifest) { m.Layers[1].Digest = "sha256:../../../etc/passwd" }),
			`layer 1: "sha256:../../../etc/passwd" is no digest`, []int{1}},
		"oci, an index that names what is not there": {func() sourcetest.Parts {
			d := l.Image(image)
			gone := d
			gone.Digest = sourcetest.Digest([]byte("gone"))
			return l.Parts(gone, d.Named("a:1"))
		}(), sourcetest.BlobPath(sourcetest.Digest([]byte("gone"))) + " is missing", nil},
	}
}

func TestADamagedArchiveOpensAsFarAsItCanAndSaysWhatIsWrong(t *testing.T) {
	t.Parallel()
	for name, c := range damages() {
		img := mustOpen(t, sourcetest.Write(t, "x", c.parts.Tar()), Options{})
		if !slices.ContainsFunc(warned(img), func(w string) bool { return strings.Contains(w, c.warn) }) {
			t.Errorf("%s: got %q, want a warning with %q", name, warned(img), c.warn)
		}
		if len(img.Blobs) != 2 || len(img.Layers()) != 2 {
			t.Errorf("%s: got %d layers and %d blobs, want 2", name, len(img.Layers()), len(img.Blobs))
			continue
		}
		for n, b := range img.Blobs {
			r, err := b.Open(t.Context())
			if lost := slices.Contains(c.lost, n); lost != (err != nil) {
				t.Errorf("%s: layer %d opens with %v, lost %v", name, n, err, lost)
			}
			if err == nil {
				r.Close()
			}
		}
	}
}

func TestSizesAreThoseOfTheBlobsAndNotTheManifests(t *testing.T) {
	t.Parallel()
	l := &sourcetest.Layout{}
	d := l.Changed(small(), func(m *sourcetest.Manifest) { m.Layers[0].Size, m.Layers[1].Size = 7, -9 })
	img := mustOpen(t, sourcetest.Write(t, "x", l.Parts(d).Tar()), Options{})
	for n, layer := range img.Layers() {
		if layer.Download != 2048 || img.Blobs[n].Size != 2048 {
			t.Errorf("layer %d: got %d, blob %d; want 2048", n, layer.Download, img.Blobs[n].Size)
		}
	}
	if got := img.Download(); got != 4096 {
		t.Errorf("download = %d, want 4096", got)
	}
}

func TestWhatCannotBeOpenedIsOneClearLine(t *testing.T) {
	t.Parallel()
	app := small()
	legacy, oci := sourcetest.Legacy(app), sourcetest.OCI(app)
	whole := legacy.Tar()
	l := &sourcetest.Layout{}
	for name, c := range map[string]struct {
		body []byte
		want string
	}{
		"empty":                     {nil, "an empty file"},
		"text":                      {[]byte("hello\n"), "neither an archive of images nor a tar: unexpected EOF"},
		"long text":                 {[]byte(strings.Repeat("hello\n", 200)), "neither an archive of images nor a tar: archive/tar: invalid tar header"},
		"zeros":                     {make([]byte, 10240), "an archive without files"},
		"only folders' end":         {sourcetest.Tar(), "an archive without files"},
		"gzip of nothing":           {sourcetest.Gzip(nil), "nothing in it"},
		"gzip of text":              {sourcetest.Gzip([]byte(strings.Repeat("hello\n", 200))), "neither an archive of images nor a tar"},
		"cut in the first header":   {whole[:300], "neither an archive of images nor a tar: unexpected EOF"},
		"cut before the manifest":   {whole[:len(whole)/2], "the archive breaks off: unexpected EOF"},
		"cut gzip":                  {sourcetest.Gzip(whole)[:200], "its gzip breaks off: unexpected EOF"},
		"manifest names none":       {legacy.With("manifest.json", []byte("[]")).Tar(), "manifest.json names no image"},
		"manifest null":             {legacy.With("manifest.json", []byte("null")).Tar(), "manifest.json names no image"},
		"manifest bad JSON":         {legacy.With("manifest.json", []byte("[{")).Tar(), "manifest.json: unexpected end of JSON input"},
		"manifest an object":        {legacy.With("manifest.json", []byte("{}")).Tar(), "manifest.json: json: cannot unmarshal object into Go value of type []source.savedImage"},
		"manifest deep":             {legacy.With("manifest.json", []byte(strings.Repeat("[", 1<<20))).Tar(), "manifest.json: invalid character '[' exceeded max depth"},
		"manifest of many values":   {legacy.With("manifest.json", []byte("["+strings.Repeat("{},", 1<<20)+"{}]")).Tar(), "manifest.json: more than 400000 values in it"},
		"manifest of 1001 images":   {legacy.With("manifest.json", []byte("["+strings.Repeat("{},", 1000)+"{}]")).Tar(), "manifest.json names 1001 images; the limit is 1000"},
		"manifest large":            {legacy.With("manifest.json", make([]byte, maxDocument+1)).Tar(), "manifest.json: 8388609 bytes; the limit is 8388608"},
		"manifest without anything": {legacy.With("manifest.json", []byte("[{}]")).Tar(), "config: it is not named"},
		"a layout without index":    {oci.Without("index.json").Tar(), "a layout without index.json or manifest.json"},
		"index bad JSON":            {oci.With("index.json", []byte("{")).Tar(), "index.json: unexpected end of JSON input"},
		"index empty":               {oci.With("index.json", []byte("{}")).Tar(), "no image in the index"},
		"index a manifest":          {oci.With("index.json", []byte(`{"config":{"digest":"sha256:aa"}}`)).Tar(), "index.json is a manifest"},
		"index names itself": {func() []byte {
			self := sourcetest.Descriptor{MediaType: sourcetest.IndexType, Digest: "sha256:self"}
			body := l.Parts(slices.Repeat([]sourcetest.Descriptor{self}, 500)...).Get("index.json")
			return oci.With("index.json", body).With("blobs/sha256/self", body).Tar()
		}(), "no image in the index: indexes lie in one another deeper than 4; the rest is left out"},
		"index of attestations": {func() []byte {
			l := &sourcetest.Layout{}
			return l.Parts(l.Attestation(l.Image(app))).Tar()
		}(), "no image in the index"},
		"no layers and no config": {func() []byte {
			l := &sourcetest.Layout{}
			d := l.Changed(app, func(m *sourcetest.Manifest) { m.Layers = nil; m.Config.Digest = "sha256:none" })
			return l.Parts(d).Tar()
		}(), "config: blobs/sha256/none is missing"},
		"too many layers": {func() []byte {
			l := &sourcetest.Layout{}
			d := l.Changed(app, func(m *sourcetest.Manifest) { m.Layers = slices.Repeat(m.Layers[:1], maxLayers+1) })
			return l.Parts(d).Tar()
		}(), "manifest: 4097 layers; the limit is 4096"},
		"parents in a ring": {sourcetest.Parts{{Name: "repositories", Body: []byte(`{"a":{"1":"x"}}`)}, {Name: "x/json", Body: []byte(`{"parent":"x"}`)}}.Tar(),
			"x: its parents do not end"},
		"parents missing":    {sourcetest.Parts{{Name: "repositories", Body: []byte(`{"a":{"1":"x"}}`)}, {Name: "f"}}.Tar(), "x/json is missing"},
		"repositories empty": {sourcetest.Parts{{Name: "repositories", Body: []byte(`{}`)}}.Tar(), "repositories names no image"},
		"repositories odd":   {sourcetest.Parts{{Name: "repositories", Body: []byte(`{"a":{"1":""}}`)}}.Tar(), "repositories names no layer"},
		"xz as a whole":      {append([]byte{0xfd, '7', 'z', 'X', 'Z', 0}, whole...), "xz is not read: gzip, zstd and plain tar are"},
		"bzip2 as a whole":   {append([]byte("BZh9"), whole...), "bzip2 is not read: gzip, zstd and plain tar are"},
		"gzip header alone":  {[]byte{0x1f, 0x8b}, "gzip: unexpected EOF"},
		"manifest is a sparse file": {func() []byte {
			e := sourcetest.File("manifest.json", string(legacy.Get("manifest.json")))
			b := sourcetest.Tar(e)
			b[156] = 'S'
			copy(b[257:], "ustar  \x00")
			copy(b[483:], "00000001000\x00")
			return sourcetest.Rechecked(b)
		}(), "manifest.json is stored as a sparse file, which is not read"},
	} {
		path := sourcetest.Write(t, "x", c.body)
		_, err := Open(t.Context(), path, Options{})
		if err == nil || err.Error() != "open "+path+": "+c.want {
			t.Errorf("%s: got %v, want %s", name, err, c.want)
		}
	}
}

func TestAnArchiveThatBreaksOffAfterItsManifestOpensAndSaysSo(t *testing.T) {
	t.Parallel()
	body := sourcetest.Legacy(small()).First("manifest.json").Tar()
	for cut := 2048; cut < len(body)-1024; cut += 512 {
		path := sourcetest.Write(t, "x", body[:cut])
		img, err := Open(t.Context(), path, Options{})
		if err != nil {
			t.Fatalf("cut at %d: %v", cut, err)
		}
		if !slices.Contains(warned(img), "the archive breaks off: unexpected EOF") && len(img.Warnings) == 0 {
			t.Errorf("cut at %d: no warning", cut)
		}
		img.Close()
	}
}

func TestABombOfAnArchiveIsStoppedAtTheLimit(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir())
	body := sourcetest.Gzip(sourcetest.Tar(sourcetest.File("zeros", strings.Repeat("\x00", 20<<20))))
	path := sourcetest.Write(t, "x", body)
	_, err := Open(t.Context(), path, Options{Unpacked: 10 << 20})
	if want := "open " + path + ": the archive unpacks to more than 10MiB, the limit"; err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
	if got, want := (Options{}).most(42_000), int64(4<<30+4_200_000); got != want {
		t.Errorf("the limit of a bomb of 42 kB is %d, want %d", got, want)
	}
}

func TestAMissingFileIsMissing(t *testing.T) {
	t.Parallel()
	for _, scheme := range slices.Sorted(maps.Keys(map[string]bool{"docker-archive": true, "oci-archive": true, "oci": true, "rootfs": true})) {
		if _, err := Open(t.Context(), scheme+":/gone/x.tar", Options{}); !errors.Is(err, fs.ErrNotExist) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: got %v, want that it does not exist", scheme, err)
		}
	}
}
