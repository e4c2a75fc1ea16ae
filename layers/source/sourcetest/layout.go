package sourcetest

import (
	"maps"

	"github.com/imgtui/imgtui/model"
)

// The media types of the OCI image-spec.
const (
	ManifestType = "application/vnd.oci.image.manifest.v1+json"
	IndexType    = "application/vnd.oci.image.index.v1+json"
	ConfigType   = "application/vnd.oci.image.config.v1+json"
	LayerType    = "application/vnd.oci.image.layer.v1.tar"
)

// Descriptor names a blob.
type Descriptor struct {
	MediaType   string            `json:"mediaType"`
	Digest      model.Digest      `json:"digest"`
	Size        int64             `json:"size"`
	Platform    *model.Platform   `json:"platform,omitempty"`
	Annotations map[string]string `json:"annotations,omitempty"`
}

// Named returns the descriptor with a name for what it stands for.
func (d Descriptor) Named(name string) Descriptor {
	return d.noted("org.opencontainers.image.ref.name", name)
}

func (d Descriptor) noted(key, value string) Descriptor {
	a := map[string]string{key: value}
	maps.Copy(a, d.Annotations)
	d.Annotations = a
	return d
}

// Layout gathers the blobs of an OCI layout.
type Layout struct{ blobs Parts }

// Blob adds a blob.
func (l *Layout) Blob(mediaType string, b []byte) Descriptor {
	d := Descriptor{MediaType: mediaType, Digest: Digest(b), Size: int64(len(b))}
	l.blobs = l.blobs.With(BlobPath(d.Digest), b)
	return d
}

// BlobPath is where a layout keeps a blob.
func BlobPath(d model.Digest) string { return "blobs/sha256/" + hex(d) }

// Manifest is what an image's manifest says.
type Manifest struct {
	SchemaVersion int               `json:"schemaVersion"`
	MediaType     string            `json:"mediaType"`
	Config        Descriptor        `json:"config"`
	Layers        []Descriptor      `json:"layers"`
	Annotations   map[string]string `json:"annotations,omitempty"`
}

// Image adds an image and returns its manifest's descriptor.
func (l *Layout) Image(i Image) Descriptor { return l.Changed(i, func(*Manifest) {}) }

// Changed adds an image whose manifest says something otherwise.
func (l *Layout) Changed(i Image, change func(*Manifest)) Descriptor {
	m := Manifest{SchemaVersion: 2, MediaType: ManifestType, Config: l.Blob(ConfigType, i.JSON())}
	for _, s := range i.layers() {
		mediaType := LayerType
		if s.Codec != "" {
			mediaType += "+" + s.Codec
		}
		m.Layers = append(m.Layers, l.Blob(mediaType, Compress(s.Codec, s.Layer)))
	}
	change(&m)
	d := l.Blob(ManifestType, encode(m))
	p := i.platform()
	d.Platform = &p
	return d
}

// Index adds an index and returns its descriptor.
func (l *Layout) Index(ds ...Descriptor) Descriptor { return l.Blob(IndexType, index(ds)) }

func index(ds []Descriptor) []byte {
	return encode(map[string]any{"schemaVersion": 2, "mediaType": IndexType, "manifests": ds})
}

// Attestation adds what BuildKit says about an image, in the form of an image.
func (l *Layout) Attestation(of Descriptor) Descriptor {
	statement := l.Blob("application/vnd.in-toto+json", []byte(`{"_type":"https://in-toto.io/Statement/v0.1"}`))
	m := Manifest{SchemaVersion: 2, MediaType: ManifestType,
		Config: l.Blob(ConfigType, []byte(`{"architecture":"unknown","os":"unknown","config":{},"rootfs":{"type":"layers","diff_ids":[]}}`)),
		Layers: []Descriptor{statement}}
	d := l.Blob(ManifestType, encode(m))
	d.Platform = &model.Platform{OS: "unknown", Architecture: "unknown"}
	return d.noted("vnd.docker.reference.type", "attestation-manifest").noted("vnd.docker.reference.digest", string(of.Digest))
}

// Parts returns the layout with an index.json of those.
func (l *Layout) Parts(tops ...Descriptor) Parts {
	return append(append(Parts{}, l.blobs...),
		Part{Name: "index.json", Body: index(tops)}, Part{Name: "oci-layout", Body: []byte(`{"imageLayoutVersion":"1.0.0"}`)})
}

// OCI is a layout of images, by their tags.
func OCI(images ...Image) Parts {
	l := &Layout{}
	var tops []Descriptor
	for _, i := range images {
		d := l.Image(i)
		for _, tag := range i.Tags {
			tops = append(tops, d.Named(tag))
		}
		if len(i.Tags) == 0 {
			tops = append(tops, d)
		}
	}
	return l.Parts(tops...)
}
