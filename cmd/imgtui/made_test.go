package main

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// madeImage is an image for tests: the same bytes every time.
type madeImage struct {
	tag      string
	arch     string // "" is riscv64, which is no host's that tests run on
	settings map[string]any
	steps    []madeStep
}

// madeStep is a row of its history. Without entries it has no layer.
type madeStep struct {
	by, comment, created string
	layer                []entry
}

// entry is a path of a layer; what is not said follows from its name.
type entry struct {
	name, body, link string
	kind             byte
	mode             int64
	owner            int
	xattr            string
	major, minor     int64
}

// day is when everything that has no other time was made.
var day = time.Date(2024, 5, 1, 10, 0, 0, 0, time.UTC)

func (e entry) header() *tar.Header {
	h := &tar.Header{
		Name: e.name, Typeflag: e.kind, Linkname: e.link, Mode: e.mode, Size: int64(len(e.body)),
		Uid: e.owner, Gid: e.owner, ModTime: day, Devmajor: e.major, Devminor: e.minor,
	}
	if h.Typeflag == 0 {
		h.Typeflag = tar.TypeReg
		if strings.HasSuffix(e.name, "/") {
			h.Typeflag = tar.TypeDir
		}
	}
	if h.Mode == 0 {
		h.Mode = map[byte]int64{tar.TypeDir: 0o755, tar.TypeSymlink: 0o777}[h.Typeflag]
	}
	if h.Mode == 0 {
		h.Mode = 0o644
	}
	if e.xattr != "" {
		h.PAXRecords = map[string]string{"SCHILY.xattr.user.note": e.xattr}
	}
	return h
}

func makeTar(t testing.TB, entries []entry) []byte {
	t.Helper()
	var b bytes.Buffer
	w := tar.NewWriter(&b)
	for _, e := range entries {
		if err := w.WriteHeader(e.header()); err != nil {
			t.Fatalf("%q: %v", e.name, err)
		}
		if _, err := w.Write([]byte(e.body)); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func sha(b []byte) string { return fmt.Sprintf("sha256:%x", sha256.Sum256(b)) }

func toJSON(t testing.TB, v any) []byte {
	t.Helper()
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// layers returns the tars of the layers, lowest first.
func (m madeImage) layers(t testing.TB) (all [][]byte) {
	for _, s := range m.steps {
		if s.layer != nil {
			all = append(all, makeTar(t, s.layer))
		}
	}
	return all
}

func (m madeImage) config(t testing.TB) []byte {
	var history []map[string]any
	var diffIDs []string
	for _, s := range m.steps {
		row := map[string]any{"created_by": s.by, "created": s.created}
		if s.comment != "" {
			row["comment"] = s.comment
		}
		if s.layer == nil {
			row["empty_layer"] = true
		}
		history = append(history, row)
	}
	for _, l := range m.layers(t) {
		diffIDs = append(diffIDs, sha(l))
	}
	return toJSON(t, map[string]any{
		"architecture": m.platform()["architecture"], "os": "linux", "created": "2024-05-04T10:00:00Z",
		"config": m.settings, "history": history, "rootfs": map[string]any{"type": "layers", "diff_ids": diffIDs},
	})
}

func (m madeImage) platform() map[string]string {
	arch := m.arch
	if arch == "" {
		arch = "riscv64"
	}
	return map[string]string{"os": "linux", "architecture": arch}
}

// saved is a docker save of the images.
func saved(t testing.TB, images ...madeImage) []byte {
	var rows []map[string]any
	files := map[string][]byte{}
	for _, m := range images {
		config := m.config(t)
		row := map[string]any{"Config": strings.TrimPrefix(sha(config), "sha256:") + ".json", "RepoTags": []string{m.tag}, "Layers": []string{}}
		files[row["Config"].(string)] = config
		for _, l := range m.layers(t) {
			name := strings.TrimPrefix(sha(l), "sha256:") + "/layer.tar"
			files[name] = l
			row["Layers"] = append(row["Layers"].([]string), name)
		}
		rows = append(rows, row)
	}
	files["manifest.json"] = toJSON(t, rows)
	return packed(t, files)
}

func packed(t testing.TB, files map[string][]byte) []byte {
	var all []entry
	for _, name := range sorted(files) {
		all = append(all, entry{name: name, body: string(files[name])})
	}
	return makeTar(t, all)
}

const (
	ociManifest = "application/vnd.oci.image.manifest.v1+json"
	ociIndex    = "application/vnd.oci.image.index.v1+json"
	ociConfig   = "application/vnd.oci.image.config.v1+json"
	ociLayer    = "application/vnd.oci.image.layer.v1.tar+gzip"
)

func descriptor(mediaType string, blob []byte) map[string]any {
	return map[string]any{"mediaType": mediaType, "digest": sha(blob), "size": len(blob)}
}

// blobs returns the manifest of an image, and its blobs by digest. The layers
// are gzip without compression, so that no digest depends on the compressor.
func (m madeImage) blobs(t testing.TB) (manifest []byte, blobs map[string][]byte) {
	config := m.config(t)
	blobs = map[string][]byte{sha(config): config}
	layers := []map[string]any{}
	for _, l := range m.layers(t) {
		var z bytes.Buffer
		w, _ := gzip.NewWriterLevel(&z, gzip.NoCompression)
		w.Write(l)
		w.Close()
		blobs[sha(z.Bytes())] = z.Bytes()
		layers = append(layers, descriptor(ociLayer, z.Bytes()))
	}
	manifest = toJSON(t, map[string]any{"schemaVersion": 2, "mediaType": ociManifest, "config": descriptor(ociConfig, config), "layers": layers})
	return manifest, blobs
}

// layout returns the files of an OCI layout of the images.
func layout(t testing.TB, images ...madeImage) map[string][]byte {
	files := map[string][]byte{"oci-layout": []byte(`{"imageLayoutVersion":"1.0.0"}`)}
	var manifests []map[string]any
	for _, m := range images {
		manifest, blobs := m.blobs(t)
		blobs[sha(manifest)] = manifest
		for digest, b := range blobs {
			files["blobs/"+strings.ReplaceAll(digest, ":", "/")] = b
		}
		d := descriptor(ociManifest, manifest)
		d["platform"] = m.platform()
		d["annotations"] = map[string]string{"org.opencontainers.image.ref.name": m.tag}
		manifests = append(manifests, d)
	}
	files["index.json"] = toJSON(t, map[string]any{"schemaVersion": 2, "mediaType": ociIndex, "manifests": manifests})
	return files
}

// writeAll writes files beneath a folder.
func writeAll(t testing.TB, dir string, files map[string][]byte) {
	t.Helper()
	for name, b := range files {
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, b, 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

const buildkitRow = "buildkit.dockerfile.v0"

// app is the image of most scripts: every kind of path, every kind of change.
func app() madeImage {
	passwd := "root:x:0:0::/root:/bin/sh\n"
	big := strings.Repeat("0123456789", 200)
	return madeImage{
		tag: "acct/app:1",
		settings: map[string]any{
			"Entrypoint": []string{"/srv/run"}, "Cmd": []string{"--port", "80"}, "Env": []string{"PATH=/bin", "LANG=C.UTF-8"},
			"User": "app", "WorkingDir": "/srv", "ExposedPorts": map[string]any{"80/tcp": struct{}{}}, "Volumes": map[string]any{"/srv/data": struct{}{}},
			"Labels": map[string]string{"org.opencontainers.image.title": "app"}, "StopSignal": "SIGINT",
			"Healthcheck": map[string]any{"Test": []string{"CMD", "/bin/ping"}},
		},
		steps: []madeStep{
			{by: "/bin/sh -c #(nop) ADD file:0123456789abcdef in / ", created: "1999-12-31T23:59:59Z", layer: []entry{
				{name: "bin/"}, {name: "bin/sh", body: "#!/bin/true\n", mode: 0o4755}, {name: "bin/ash", kind: tar.TypeSymlink, link: "sh"},
				{name: "bin/dash", kind: tar.TypeLink, link: "bin/sh", mode: 0o4755}, {name: "data/"}, {name: "data/big", body: big}, {name: "data/old", body: "old\n"},
				{name: "dev/"}, {name: "dev/null", kind: tar.TypeChar, mode: 0o666, major: 1, minor: 3}, {name: "dev/sda", kind: tar.TypeBlock, mode: 0o660, major: 8},
				{name: "etc/"}, {name: "etc/motd", body: "hello\n"}, {name: "etc/passwd", body: passwd},
				{name: "run/"}, {name: "run/pipe", kind: tar.TypeFifo}, {name: "tmp/", mode: 0o1777},
			}},
			{by: `/bin/sh -c #(nop)  CMD ["/bin/sh"]`, created: "1999-12-31T23:59:59Z"},
			{by: "RUN /bin/sh -c chmod 0600 /data/big && adduser app # buildkit", comment: buildkitRow, created: "2024-05-02T10:00:00Z", layer: []entry{
				{name: "data/big", body: big, mode: 0o600}, {name: "etc/passwd", body: passwd + "app:x:1000:1000::/srv:/bin/sh\n"},
			}},
			{by: "ENV LANG=C.UTF-8", comment: buildkitRow, created: "2024-05-02T10:00:00Z"},
			{by: "COPY app /srv # buildkit", comment: buildkitRow, created: "2024-05-03T10:00:00Z", layer: []entry{
				{name: "bin/ping", body: "ping\n", mode: 0o755, xattr: "capable"}, {name: "etc/motd/"}, {name: "etc/motd/10-hello", body: "hi\n"},
				{name: "srv/"}, {name: "srv/app.py", body: "print('hi')\n", owner: 1000}, {name: "srv/run", body: "#!/bin/sh\nexec python3 /srv/app.py\n", mode: 0o755, owner: 1000},
			}},
			{by: "RUN /bin/sh -c rm -rf /data # buildkit", comment: buildkitRow, created: "2024-05-04T10:00:00Z", layer: []entry{{name: ".wh.data"}}},
			{by: `ENTRYPOINT ["/srv/run"]`, comment: buildkitRow, created: "2024-05-04T10:00:00Z"},
		},
	}
}

// next is app after a change of its source.
func next() madeImage {
	m := app()
	m.tag = "acct/app:2"
	m.steps[4].layer = append(m.steps[4].layer[1:4:4],
		entry{name: "srv/app.py", body: "print('hello, world')\n", owner: 1000}, entry{name: "srv/run", body: "#!/bin/sh\nexec python3 /srv/app.py\n", mode: 0o700, owner: 1000},
		entry{name: "srv/new", body: "new\n"})
	return m
}

// on is an image for another architecture.
func (m madeImage) on(arch string) madeImage {
	m.arch, m.settings = arch, maps.Clone(m.settings)
	m.settings["Labels"] = map[string]string{"arch": arch}
	return m
}

// lacking is app in an archive without its second layer.
func lacking(t testing.TB) []byte {
	return apart(t, app().config(t), "nope/layer.tar")
}

// lying is app with a config that gives its lowest layer another digest.
func lying(t testing.TB) []byte {
	config := bytes.ReplaceAll(app().config(t), []byte(sha(app().layers(t)[0])), []byte("sha256:"+strings.Repeat("0", 64)))
	return apart(t, config, "1.tar")
}

// apart is an archive of app with another config, and another name for the
// second layer in the manifest.
func apart(t testing.TB, config []byte, second string) []byte {
	files := map[string][]byte{"c.json": config}
	var names []string
	for n, l := range app().layers(t) {
		names = append(names, fmt.Sprintf("%d.tar", n))
		files[names[n]] = l
	}
	names[1] = second
	files["manifest.json"] = toJSON(t, []map[string]any{{"Config": "c.json", "RepoTags": nil, "Layers": names}})
	return packed(t, files)
}
