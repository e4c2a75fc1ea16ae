package source

import (
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/imgtui/imgtui/model"
)

// disk is an OCI layout being written.
type disk struct {
	t   *testing.T
	dir string
}

func newDisk(t *testing.T) disk {
	d := disk{t, t.TempDir()}
	d.write("oci-layout", []byte(`{"imageLayoutVersion":"1.0.0"}`))
	return d
}

func (d disk) write(name string, b []byte) {
	d.t.Helper()
	name = filepath.Join(d.dir, name)
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		d.t.Fatal(err)
	}
	if err := os.WriteFile(name, b, 0o644); err != nil {
		d.t.Fatal(err)
	}
}

// blob writes a document and returns its descriptor.
func (d disk) blob(v any, more map[string]any) map[string]any {
	d.t.Helper()
	b, ok := v.([]byte)
	if !ok {
		var err error
		if b, err = json.Marshal(v); err != nil {
			d.t.Fatal(err)
		}
	}
	sum := fmt.Sprintf("%x", sha256.Sum256(b))
	d.write("blobs/sha256/"+sum, b)
	desc := map[string]any{"digest": "sha256:" + sum, "size": len(b), "mediaType": "application/vnd.oci.image.manifest.v1+json"}
	maps.Copy(desc, more)
	return desc
}

// index writes an image without layers and a statement about it, in an index
// within the index, as exporters do.
func (d disk) index(statement []byte, predicate string) {
	config := d.blob(map[string]any{"os": "linux", "architecture": "amd64", "history": []any{map[string]any{"created_by": "CMD x", "empty_layer": true}}}, nil)
	image := d.blob(map[string]any{"config": config, "layers": []any{}}, map[string]any{"platform": map[string]any{"os": "linux", "architecture": "amd64"}})
	said := d.blob(statement, map[string]any{"annotations": map[string]string{"in-toto.io/predicate-type": predicate}})
	attestation := d.blob(map[string]any{"config": config, "layers": []any{said}}, map[string]any{
		"platform":    map[string]any{"os": "unknown", "architecture": "unknown"},
		"annotations": map[string]any{"vnd.docker.reference.type": "attestation-manifest", "vnd.docker.reference.digest": image["digest"]},
	})
	nested := d.blob(map[string]any{"manifests": []any{image, attestation}}, map[string]any{"mediaType": "application/vnd.oci.image.index.v1+json"})
	b, err := json.Marshal(map[string]any{"manifests": []any{nested}})
	if err != nil {
		d.t.Fatal(err)
	}
	d.write("index.json", b)
}

func TestAttestedDockerfileIsTheRecipe(t *testing.T) {
	t.Parallel()
	const text = "RlJPTSBhbHBpbmUKUlVOIHgK" // FROM alpine, RUN x
	const infos = `{"source":{"infos":[{"filename":"Dockerfile","language":"Dockerfile","data":"` + text + `"}]}}`
	args := map[string]string{"V": "1"}
	want := func(kind string) model.Recipe {
		return model.Recipe{Dockerfile: "FROM alpine\nRUN x\n", Target: "app", Args: args, How: "attested by its builder, " + kind}
	}
	const v02, v1 = "https://slsa.dev/provenance/v0.2", "https://slsa.dev/provenance/v1"
	for _, c := range []struct {
		name, statement, predicate string
		want                       model.Recipe
	}{
		{"version 0.2", `{"predicateType":"` + v02 + `","predicate":{"invocation":{"parameters":{"args":{"target":"app","build-arg:V":"1","filename":"Dockerfile"}}},"metadata":{"https://mobyproject.org/buildkit@v1#metadata":` + infos + `}}}`, v02, want(v02)},
		{"version 1", `{"predicateType":"` + v1 + `","predicate":{"buildDefinition":{"externalParameters":{"request":{"args":{"target":"app","build-arg:V":"1"}}}},"runDetails":{"metadata":{"buildkit_metadata":` + infos + `}}}}`, v1, want(v1)},
		{"mode=min", `{"predicateType":"` + v02 + `","predicate":{"metadata":{}}}`, v02, model.Recipe{}},
		{"another statement", `{"predicate":{"metadata":{"https://mobyproject.org/buildkit@v1#metadata":` + infos + `}}}`, "https://spdx.dev/Document", model.Recipe{}},
		{"no JSON", `{"predicate":`, v1, model.Recipe{}},
	} {
		d := newDisk(t)
		d.index([]byte(c.statement), c.predicate)
		img, err := openLayoutDirectory(t.Context(), d.dir, Options{})
		if err != nil {
			t.Fatalf("%s: %v", c.name, err)
		}
		if diff := cmp.Diff(c.want, img.Recipe); diff != "" {
			t.Errorf("%s (-want +got):\n%s", c.name, diff)
		}
		if err := img.close(); err != nil {
			t.Error(err)
		}
	}
}

func TestAMissingAttestationIsAWarning(t *testing.T) {
	t.Parallel()
	d := newDisk(t)
	statement := []byte("gone")
	d.index(statement, "https://slsa.dev/provenance/v1")
	if err := os.Remove(filepath.Join(d.dir, fmt.Sprintf("blobs/sha256/%x", sha256.Sum256(statement)))); err != nil {
		t.Fatal(err)
	}
	img, err := openLayoutDirectory(t.Context(), d.dir, Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer img.close()
	if len(img.Warnings) != 1 || img.Recipe.Dockerfile != "" {
		t.Errorf("got warnings %v and recipe %v, want one warning and no recipe", img.Warnings, img.Recipe)
	}
}

// statement is what BuildKit attests of a build of FROM, RUN and COPY whose last
// two made the layers one and two; a WORKDIR made none.
func statement(one, two string) []byte {
	return fmt.Appendf(nil, `{"predicateType":"https://slsa.dev/provenance/v1","predicate":{
		"buildDefinition":{"externalParameters":{"request":{"args":{"target":"app"}}}},
		"runDetails":{"metadata":{"buildkit_metadata":{
			"source":{"infos":[{"language":"Dockerfile","data":"RlJPTSBhbHBpbmUKUlVOIHgK"}],"locations":{
				"step0":{"locations":[{"ranges":[{"start":{"line":1},"end":{"line":1}}]}]},
				"step1":{"locations":[{"ranges":[{"start":{"line":2},"end":{"line":2}}]}]},
				"step2":{"locations":[{"ranges":[{"start":{"line":3},"end":{"line":3}}]}]},
				"step3":{"locations":[{"ranges":[{"start":{"line":4},"end":{"line":4}}]}]},
				"step4":{"locations":[{"sourceIndex":1,"ranges":[{"start":{"line":9},"end":{"line":9}}]}]}}},
			"layers":{
				"step1:0":[[{"digest":%[1]q}]],
				"step2:0":[[{"digest":%[1]q}]],
				"step3:0":[[{"digest":%[1]q},{"digest":%[2]q}],[]],
				"step4:0":[[{"digest":"sha256:of another file"}]],
				"nonsense":[[{"digest":"sha256:x"}]]}}}}}}`, one, two)
}

func TestAnAttestationTellsWhichLineMadeALayer(t *testing.T) {
	t.Parallel()
	got := recipeOf(statement("sha256:1", "sha256:2"))
	if diff := cmp.Diff(map[model.Digest]int{"sha256:1": 2, "sha256:2": 4}, got.Made); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

func TestTheRegistrysAttestationIsRead(t *testing.T) {
	f := serveRegistry(t)
	p := f.push(t, "1", "amd64", "content of a")
	body := statement(p.id, "sha256:2")
	said := f.put(t, "blobs", "", "", body)
	attest := f.put(t, "manifests", "att", ociManifest, manifestOf(t, p.configID, map[string]any{
		"mediaType": "application/vnd.in-toto+json", "digest": said, "size": len(body),
		"annotations": map[string]string{"in-toto.io/predicate-type": "https://slsa.dev/provenance/v1"},
	}))
	index := func(about string) []byte {
		b, err := json.Marshal(map[string]any{"schemaVersion": 2, "mediaType": ociIndex, "manifests": []any{
			map[string]any{"mediaType": ociManifest, "digest": p.manifestID, "size": 1, "platform": map[string]string{"os": "linux", "architecture": "amd64"}},
			map[string]any{"mediaType": ociManifest, "digest": about, "size": 1, "platform": map[string]string{"os": "unknown", "architecture": "unknown"},
				"annotations": map[string]string{"vnd.docker.reference.type": "attestation-manifest", "vnd.docker.reference.digest": p.manifestID}},
		}})
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	amd := Options{Platform: model.Platform{OS: "linux", Architecture: "amd64"}}
	f.put(t, "manifests", "said", ociIndex, index(attest))
	img := mustOpen(t, f.host+"/acct/app:said", amd)
	if img.Recipe.Dockerfile != "FROM alpine\nRUN x\n" || img.Recipe.Made[model.Digest(p.id)] != 2 || len(img.Warnings) > 0 {
		t.Errorf("got recipe %+v and warnings %v, want the attested Dockerfile", img.Recipe, img.Warnings)
	}
	if got := len(f.requests()); got != 5 {
		t.Errorf("%d requests, want index, manifest, config, attestation and statement", got)
	}
	f.gate = func(w http.ResponseWriter, r *http.Request) bool {
		if strings.HasSuffix(r.URL.Path, attest) {
			http.NotFound(w, r)
		}
		return strings.HasSuffix(r.URL.Path, attest)
	}
	img = mustOpen(t, f.host+"/acct/app:said", amd)
	if img.Recipe.Dockerfile != "" || len(img.Warnings) != 1 || len(img.Steps) != 1 {
		t.Errorf("got recipe %+v and warnings %v, want the image with a warning", img.Recipe, img.Warnings)
	}
}
