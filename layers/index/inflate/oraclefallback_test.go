//go:build purego || !(386 || amd64 || arm64 || loong64 || ppc64le || riscv64)

package inflate

import (
	"io"

	"github.com/klauspost/compress/gzip"
)

// library is what ours is held against: the fallback is wired as it should be.
func library(src io.Reader) (io.Reader, error) { return gzip.NewReader(src) }

// keeps tells whether all that comes before a fault comes out.
const keeps = false
