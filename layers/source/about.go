package source

import (
	"encoding/binary"

	"github.com/imgtui/imgtui/layers/codec"
)

// about notes of the layers that can be read at random how large their tars are
// said to be.
func (i *Image) about() {
	for n, l := range i.Layers() {
		if n < len(i.Blobs) {
			l.About = i.Blobs[n].about()
		}
	}
}

// mostPacked is how many bytes one stored byte of gzip becomes at the most.
const mostPacked = 1032

// about returns how many bytes the blob unpacks to: its own, or those that the
// last gzip member says it has. Where that cannot be, as there are several or it
// has more than 4 GiB, or nothing says it, 0.
func (b Blob) about() int64 {
	var head, tail [6]byte
	if b.At == nil || b.Size < int64(len(tail)) {
		return 0
	}
	if n, _ := b.At.ReadAt(head[:], 0); n < len(head) {
		return 0
	}
	switch codec.Name(head[:]) {
	case "":
		return b.Size
	case "gzip":
	default:
		return 0
	}
	if n, _ := b.At.ReadAt(tail[:], b.Size-int64(len(tail))); n < len(tail) {
		return 0
	}
	n := int64(binary.LittleEndian.Uint32(tail[2:]))
	if n < b.Size-b.Size/1000-64 || n/mostPacked > b.Size {
		return 0
	}
	return n
}
