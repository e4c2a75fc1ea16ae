package source

import (
	"strconv"
	"strings"

	"github.com/imgtui/imgtui/model"
)

// TOC is where a manifest says that a layer has a table of contents, and how to
// trust it.
type TOC struct {
	Chunked bool // zstd:chunked; else eStargz, which tells the place itself
	// Digest is that of the table: in eStargz as JSON, in zstd:chunked as it is stored.
	Digest       model.Digest
	At, Size     int64 // in the stored layer, of a zstd:chunked one
	Uncompressed int64
}

// leastTOC is how many bytes a stored layer has at least whose table of contents
// is worth to be asked for.
const leastTOC = 1 << 20

// The annotations of a layer, the last ones under the two names that they have.
const (
	estargzDigest  = "containerd.io/snapshot/stargz/toc.digest"
	chunkedDigest  = "zstd-chunked.manifest-checksum"
	chunkedPlace   = "zstd-chunked.manifest-position"
	chunkedVersion = "1" // the one kind of table that there is
)

var chunkedNames = []string{"io.github.containers.", "io.containers."}

// toc reads the annotations of a layer; without a digest there is no table to
// be trusted.
func (l layerDescriptor) toc() *TOC {
	if l.Size < leastTOC {
		return nil
	}
	for _, name := range chunkedNames {
		digest, place := l.Annotations[name+chunkedDigest], strings.Split(l.Annotations[name+chunkedPlace], ":")
		if digest == "" || len(place) != 4 || place[3] != chunkedVersion {
			continue
		}
		t := &TOC{Chunked: true, Digest: model.Digest(digest)}
		for i, to := range []*int64{&t.At, &t.Size, &t.Uncompressed} {
			n, err := strconv.ParseInt(place[i], 10, 64)
			if err != nil || n <= 0 {
				return nil
			}
			*to = n
		}
		return t
	}
	if d := l.Annotations[estargzDigest]; d != "" && !strings.HasSuffix(l.MediaType, "zstd") {
		return &TOC{Digest: model.Digest(d)}
	}
	return nil
}
