package store

import (
	"crypto/sha256"
	"fmt"
	"path"
	"strings"

	"github.com/imgtui/imgtui/model"
	"github.com/imgtui/imgtui/model/pattern"
)

// Key tells whose entry one is. Its zero value is nobody's.
type Key struct{ space, sum string }

// The spaces beside that of digests: what is known by its place on this machine alone,
// and what a table of contents says.
const (
	local  = "local"
	tables = "toc"
)

// sums are the digests that a layer is held against while it is read.
var sums = pattern.Lazy(`^sha256:[0-9a-f]{64}$`)

// ByDigest is the key of bytes that have been held against a digest: those of a
// blob, or of the tar in it. It is nobody's where the digest is none that is known.
func ByDigest(d model.Digest) Key {
	if !sums().MatchString(string(d)) {
		return Key{}
	}
	space, sum, _ := strings.Cut(string(d), ":")
	return Key{space, sum}
}

// ByState is the key of bytes that have been held against nothing: those of a
// file, by a text that tells which file it is and in which state. Nothing kept so
// is ever taken for what a digest names.
func ByState(state string) Key { return byText(local, state) }

// ByTable is the key of what a layer's table of contents says that has been held
// against its digest, by a text that tells all else that this hangs on: another
// manifest may give the table to another layer.
func ByTable(said string) Key { return byText(tables, said) }

func byText(space, text string) Key {
	return Key{space, fmt.Sprintf("%x", sha256.Sum256([]byte(text)))}
}

// String is the digest, or "local:" or "toc:" and a sum.
func (k Key) String() string { return k.space + ":" + k.sum }

// Of tells whether the key is of that digest.
func (k Key) Of(d model.Digest) bool { return k != Key{} && k == ByDigest(d) }

// Local tells whether the key is of a file's state.
func (k Key) Local() bool { return k.space == local }

// Table tells whether the key is of a table of contents.
func (k Key) Table() bool { return k.space == tables }

// suffix ends the names of entries.
const suffix = ".idx"

// file is where the entry is in the store's folder, with slashes.
func (k Key) file() string { return path.Join(k.space, k.sum[:2], k.sum+suffix) }

// keyOf is the key whose entry a file is, or nobody's.
func keyOf(file string) Key {
	space, rest, _ := strings.Cut(file, "/")
	sum := strings.TrimSuffix(path.Base(rest), suffix)
	if k := (Key{space, sum}); (space == local || space == tables || space == "sha256") && sums().MatchString("sha256:"+sum) && k.file() == file {
		return k
	}
	return Key{}
}
