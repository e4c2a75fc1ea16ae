package index

import (
	"archive/tar"
	"encoding/base64"
	"maps"
	"math"
	"net/url"
	"slices"
	"strings"
	"time"
	"unsafe"

	"github.com/imgtui/imgtui/layers/index/scan"
	"github.com/imgtui/imgtui/model/tree"
)

// attr turns a tar's header into ours, which is good as long as the header is.
// It is the only place that knows both.
func attr(h *scan.Header) tree.Attr {
	a := tree.Attr{
		Kind: kind(h.Flag), Mode: uint32(h.Mode) & 0o7777, UID: h.UID, GID: h.GID,
		ModTime: nanoseconds(h.ModTime), Xattrs: xattrs(h.Attributes),
	}
	switch a.Kind {
	case tree.File:
		a.Size = h.Size
		if n := len(h.Name); n > 0 && h.Name[n-1] == '/' {
			a.Kind, a.Size = tree.Dir, 0 // V7 told directories by name
		}
	case tree.Symlink, tree.Hardlink:
		a.Link = text(h.Link)
	case tree.Char, tree.Block:
		a.Major, a.Minor = h.Major, h.Minor
	}
	return a
}

// text is bytes as a string, as long as these stay as they are.
func text(b []byte) string { return unsafe.String(unsafe.SliceData(b), len(b)) }

// nanoseconds returns a time as it is kept: one that is too far away is as far
// as can be told.
func nanoseconds(t time.Time) int64 {
	const most = math.MaxInt64 / int64(time.Second)
	switch s := t.Unix(); {
	case s > -most && s < most:
		return s*int64(time.Second) + int64(t.Nanosecond())
	case t.Before(time.Unix(0, math.MinInt64)):
		return math.MinInt64
	case t.After(time.Unix(0, math.MaxInt64)):
		return math.MaxInt64
	}
	return t.UnixNano()
}

func kind(flag byte) tree.Kind {
	switch flag {
	case tar.TypeDir:
		return tree.Dir
	case tar.TypeSymlink:
		return tree.Symlink
	case tar.TypeLink:
		return tree.Hardlink
	case tar.TypeChar:
		return tree.Char
	case tar.TypeBlock:
		return tree.Block
	case tar.TypeFifo:
		return tree.Fifo
	}
	return tree.File
}

// The names under which archivers keep extended attributes: star and GNU tar as
// they are, libarchive in a spelling of its own, mostly beside the other.
const (
	schily     = "SCHILY.xattr."
	libarchive = "LIBARCHIVE.xattr."
)

// xattrs returns extended attributes as "key=value\x00…" by key.
func xattrs(records []scan.Record) string {
	if len(records) == 0 {
		return ""
	}
	all := map[string]string{}
	for _, r := range records {
		name, value, star := xattr(string(r.Key), string(r.Value))
		if _, twice := all[name]; !twice || star {
			all[name] = value
		}
	}
	var b strings.Builder
	for _, k := range slices.Sorted(maps.Keys(all)) {
		b.WriteString(k + "=" + all[k] + "\x00")
	}
	return b.String()
}

// xattr reads one PAX record, and tells whether it is star's.
func xattr(key, value string) (name, plain string, star bool) {
	if name, ok := strings.CutPrefix(key, schily); ok {
		return name, value, true
	}
	name = strings.TrimPrefix(key, libarchive)
	if s, err := url.PathUnescape(name); err == nil {
		name = s
	}
	if b, err := base64.RawStdEncoding.DecodeString(strings.TrimRight(value, "=")); err == nil {
		value = string(b)
	}
	return name, value, false
}
