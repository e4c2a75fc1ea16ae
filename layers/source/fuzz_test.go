package source

import (
	"bytes"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-containerregistry/pkg/name"

	"github.com/imgtui/imgtui/layers/codec"
	"github.com/imgtui/imgtui/layers/source/sourcetest"
	"github.com/imgtui/imgtui/model"
)

// tiny is an image that leaves a fuzzer little to wade through.
func tiny() sourcetest.Image {
	return sourcetest.Image{Tags: []string{"a:1"}, Steps: []sourcetest.Step{{By: "ADD a", Layer: sourcetest.Tar(sourcetest.File("a", "b"))}, {By: "ENV x"}}}
}

// checkImage holds what every opened image must be, whatever it was made from.
func checkImage(t *testing.T, img *Image) {
	t.Helper()
	if len(img.Layers()) != len(img.Blobs) || len(img.Steps) > maxSteps+maxLayers {
		t.Fatalf("%d layers, %d blobs, %d steps", len(img.Layers()), len(img.Blobs), len(img.Steps))
	}
	for n, s := range img.Steps {
		if s.Index != n || s.Layer != nil && (s.Layer.Index >= len(img.Blobs) || s.Layer.Download < model.Unknown || s.Layer.Tar < model.Unknown) {
			t.Fatalf("step %d is %+v with layer %+v", n, s, s.Layer)
		}
	}
	for n, b := range img.Blobs[:min(len(img.Blobs), 10)] {
		r, err := b.Open(t.Context())
		if err != nil {
			continue
		}
		k, err := io.Copy(io.Discard, io.LimitReader(r, 1<<20))
		r.Close()
		if err == nil && b.At != nil && k != min(b.Size, 1<<20) {
			t.Fatalf("blob %d says %d bytes, has %d", n, b.Size, k)
		}
	}
}

// FuzzArchive opens arbitrary bytes as an archive.
func FuzzArchive(f *testing.F) {
	for _, form := range forms {
		f.Add(form.make(tiny()), "")
	}
	two := tiny().Says("author", "x")
	two.Tags = []string{"b:1", "b:2"}
	for _, p := range []sourcetest.Parts{
		sourcetest.Repositories(tiny()), sourcetest.Legacy(tiny(), two), sourcetest.OCI(tiny(), two), sourcetest.Hybrid(tiny(), two), sourcetest.Repositories(tiny(), two),
	} {
		f.Add(p.Tar(), "b:2")
	}
	f.Fuzz(func(t *testing.T, b []byte, choice string) {
		if codec.Name(b) != "" {
			return // what is compressed is the codec's to read
		}
		r := bytes.NewReader(b)
		for _, o := range []Options{{}, {Select: choice}, {Platform: model.Platform{OS: "linux", Architecture: "arm64"}}} {
			closed := false
			img, err := openTar(find(t.Context(), r, r.Size(), func() error { closed = true; return nil }), r, r.Size(), "x", o)
			if err != nil {
				if img != nil || err.Error() == "" {
					t.Fatalf("got %v and %q", img, err)
				}
				continue
			}
			checkImage(t, img)
			if img.Close(); !closed {
				t.Fatal("close does not close the archive")
			}
		}
	})
}

// FuzzDescribe puts arbitrary manifests and configs together.
func FuzzDescribe(f *testing.F) {
	l := &sourcetest.Layout{}
	d := l.Image(tiny())
	f.Add(l.Parts(d).Get(sourcetest.BlobPath(d.Digest)), tiny().JSON())
	f.Add([]byte(`{"layers":[{"size":-1},{"size":9223372036854775807}]}`), []byte(`{"history":[{},{}],"config":{"Cmd":"x","Entrypoint":{}},"created":1}`))
	f.Fuzz(func(t *testing.T, manifest, config []byte) {
		img, err := describe(manifest, config)
		if err == nil {
			checkDescribed(t, img)
		}
		if img, err = describeConfig(config); err == nil {
			checkDescribed(t, img)
		}
		choosePlatform("x", manifest, Options{})
	})
}

func checkDescribed(t *testing.T, m model.Image) {
	t.Helper()
	img := Image{Image: m, Blobs: make([]Blob, len(m.Layers()))}
	for n := range img.Blobs {
		img.Blobs[n].Open = unreadable(io.EOF)
	}
	checkImage(t, &img)
}

// answers answers each request with what a function says.
type answers func(r *http.Request) (body []byte, contentType string)

func (a answers) RoundTrip(r *http.Request) (*http.Response, error) {
	body, contentType := a(r)
	return &http.Response{
		StatusCode: http.StatusOK, Body: io.NopCloser(bytes.NewReader(body)), Request: r, Header: http.Header{"Content-Type": {contentType}},
	}, nil
}

// FuzzEngineAnswers describes an image from arbitrary answers of an engine.
func FuzzEngineAnswers(f *testing.F) {
	f.Add([]byte(`{"Id":"sha256:aa","RepoTags":["a:1"],"Os":"linux","Architecture":"amd64","Size":5,"Config":{"Cmd":["sh"]},"RootFS":{"Layers":["sha256:a","sha256:b"]}}`),
		[]byte(`[{"Id":"sha256:aa","CreatedBy":"RUN x","Size":5},{"Id":"<missing>","CreatedBy":"CMD y"},{"Id":"x","CreatedBy":"ADD z","Size":3}]`))
	f.Add([]byte(`{"Id":"x","Config":null,"RootFS":{}}`), []byte(`[]`))
	f.Add([]byte(`{"Id":"x","Config":"odd","RootFS":{"Layers":["a"]}}`), []byte(`[{"Created":-1,"Size":-9}]`))
	f.Fuzz(func(t *testing.T, inspect, history []byte) {
		e := &engine{scheme: "docker", base: "http://docker", minor: 41, client: &http.Client{Transport: answers(func(r *http.Request) ([]byte, string) {
			if strings.HasSuffix(r.URL.Path, "/history") {
				return history, ""
			}
			return inspect, ""
		})}}
		img, err := e.image(t.Context(), "x", Options{})
		if err != nil {
			return
		}
		for n := range img.Blobs {
			img.Blobs[n].Open = unreadable(io.EOF)
		}
		checkImage(t, img)
	})
}

// FuzzRegistryAnswers opens an image from arbitrary answers of a registry.
func FuzzRegistryAnswers(f *testing.F) {
	l := &sourcetest.Layout{}
	d := l.Image(tiny())
	parts := l.Parts(d)
	for _, body := range [][]byte{parts.Get(sourcetest.BlobPath(d.Digest)), parts.Get("index.json"), []byte(`{"schemaVersion":1,"fsLayers":[]}`), []byte(`{"mediaType":"x","layers":[{}]}`)} {
		f.Add(body, tiny().JSON(), sourcetest.ManifestType)
	}
	f.Fuzz(func(t *testing.T, manifest, config []byte, contentType string) {
		transport := answers(func(r *http.Request) ([]byte, string) {
			if strings.Contains(r.URL.Path, "/manifests/") {
				return manifest, contentType
			}
			return config, ""
		})
		r := &registry{ref: name.MustParseReference("example.com/a/b:1"), client: &http.Client{Transport: transport}, plain: http.DefaultTransport.(*http.Transport).Clone()}
		img, err := r.image(t.Context(), Options{})
		if err != nil {
			return
		}
		checkImage(t, img)
		img.Close()
	})
}
