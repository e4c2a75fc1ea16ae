package source

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestOnlyATableThatTheManifestVouchesForIsBelieved(t *testing.T) {
	t.Parallel()
	const ours, theirs = "io.github.containers.zstd-chunked.", "io.containers.zstd-chunked."
	chunked := &TOC{Chunked: true, Digest: "sha256:d", At: 1000, Size: 20, Uncompressed: 300}
	type notes map[string]string
	for name, c := range map[string]struct {
		mediaType string
		size      int64
		notes     notes
		want      *TOC
	}{
		"nothing":                 {"", 5 << 20, nil, nil},
		"eStargz":                 {"x.tar+gzip", 5 << 20, notes{estargzDigest: "sha256:e"}, &TOC{Digest: "sha256:e"}},
		"eStargz, small":          {"x.tar+gzip", 1<<20 - 1, notes{estargzDigest: "sha256:e"}, nil},
		"eStargz, size unknown":   {"x.tar+gzip", -1, notes{estargzDigest: "sha256:e"}, nil},
		"eStargz, no digest":      {"x.tar+gzip", 5 << 20, notes{estargzDigest: ""}, nil},
		"chunked":                 {"x.tar+zstd", 5 << 20, notes{ours + "manifest-checksum": "sha256:d", ours + "manifest-position": "1000:20:300:1"}, chunked},
		"chunked, by others":      {"x.tar+zstd", 5 << 20, notes{theirs + "manifest-checksum": "sha256:d", theirs + "manifest-position": "1000:20:300:1", estargzDigest: "sha256:e"}, chunked},
		"chunked, no digest":      {"x.tar+zstd", 5 << 20, notes{ours + "manifest-position": "1000:20:300:1"}, nil},
		"chunked, no place":       {"x.tar+zstd", 5 << 20, notes{ours + "manifest-checksum": "sha256:d"}, nil},
		"chunked, another kind":   {"x.tar+zstd", 5 << 20, notes{ours + "manifest-checksum": "sha256:d", ours + "manifest-position": "1000:20:300:2"}, nil},
		"chunked, no numbers":     {"x.tar+zstd", 5 << 20, notes{ours + "manifest-checksum": "sha256:d", ours + "manifest-position": "1000:x:300:1"}, nil},
		"chunked, negative":       {"x.tar+zstd", 5 << 20, notes{ours + "manifest-checksum": "sha256:d", ours + "manifest-position": "-1000:20:300:1"}, nil},
		"chunked, beyond numbers": {"x.tar+zstd", 5 << 20, notes{ours + "manifest-checksum": "sha256:d", ours + "manifest-position": "99999999999999999999:20:300:1"}, nil},
		"eStargz of zstd":         {"x.tar+zstd", 5 << 20, notes{estargzDigest: "sha256:e"}, nil},
	} {
		got := layerDescriptor{MediaType: c.mediaType, Size: c.size, Annotations: c.notes}.toc()
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}
