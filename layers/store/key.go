package store

import (
	"crypto/sha256"
	"fmt"
	"path"
	"regexp"
	"strings"

	"github.com/imgtui/imgtui/model"
)

// Key tells whose entry one is. Its zero value is nobody's.
type Key struct{ space, sum string }

// local is the space of what is known by its place on this machine alone.
const local = "local"

// sums are the digests that a layer is held against while it is read.
var sums = regexp.MustCompile(`^sha256:[0-9a-f]{64}$`)

// ByDigest is the key of bytes that have been held against a digest: those of a
// blob, or of the tar in it. It is nobody's where the digest is none that is known.
func ByDigest(d model.Digest) Key {
	if !sums.MatchString(string(d)) {
		return Key{}
	}
	space, sum, _ := strings.Cut(string(d), ":")
	return Key{space, sum}
}

// ByState is the key of bytes that have been held against nothing: those of a
// file, by a text that tells which file it is and in which state. Nothing kept so
// is ever taken for what a digest names.
func ByState(state string) Key {
	return Key{local, fmt.Sprintf("%x", sha256.Sum256([]byte(state)))}
}

// String is the digest, or "local:" and a sum.
func (k Key) String() string { return k.space + ":" + k.sum }

// Of tells whether the key is of that digest.
func (k Key) Of(d model.Digest) bool { return k != Key{} && k == ByDigest(d) }

// Local tells whether the key is of a file's state.
func (k Key) Local() bool { return k.space == local }

// suffix ends the names of entries.
const suffix = ".idx"

// file is where the entry is in the store's folder, with slashes.
func (k Key) file() string { return path.Join(k.space, k.sum[:2], k.sum+suffix) }

// keyOf is the key whose entry a file is, or nobody's.
func keyOf(file string) Key {
	space, rest, _ := strings.Cut(file, "/")
	sum := strings.TrimSuffix(path.Base(rest), suffix)
	if k := (Key{space, sum}); (space == local || space == "sha256") && sums.MatchString("sha256:"+sum) && k.file() == file {
		return k
	}
	return Key{}
}
