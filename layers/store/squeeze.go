package store

import (
	"maps"
	"slices"
	"sync"

	"github.com/klauspost/compress/zstd"
)

// squeeze compresses sections and undoes that. Both halves are made when they are
// first wanted: most runs want but one of them. They may be used from several
// goroutines at once.
type squeeze struct {
	packer   func() *zstd.Encoder
	unpacker func() *zstd.Decoder
	rooms    sync.Pool // of *[]byte
}

// room is n bytes, which hold anything.
func (z *squeeze) room(n int64) []byte {
	if b, ok := z.rooms.Get().(*[]byte); ok && int64(cap(*b)) >= n {
		return (*b)[:n]
	}
	return make([]byte, n)
}

// free gives room back.
func (z *squeeze) free(b []byte) { z.rooms.Put(&b) }

func newSqueeze() *squeeze {
	return &squeeze{
		packer: sync.OnceValue(func() *zstd.Encoder {
			return must(zstd.NewWriter(nil, zstd.WithEncoderLevel(zstd.SpeedFastest), zstd.WithEncoderConcurrency(1), zstd.WithEncoderCRC(false)))
		}),
		unpacker: sync.OnceValue(func() *zstd.Decoder {
			return must(zstd.NewReader(nil, zstd.WithDecoderConcurrency(0), zstd.WithDecodeAllCapLimit(true), zstd.IgnoreChecksum(true)))
		}),
	}
}

// must is for options that are always right.
func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

func sorted[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
