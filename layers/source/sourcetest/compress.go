package sourcetest

import (
	"bytes"
	"io"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
)

// Compress compresses bytes: "gzip", "zstd", or "" for not at all.
func Compress(codec string, b []byte) []byte {
	switch codec {
	case "gzip":
		return Gzip(b)
	case "zstd":
		return Zstd(b)
	}
	return b
}

// Gzip makes one gzip member.
func Gzip(b []byte) []byte {
	var out bytes.Buffer
	written(gzip.NewWriter(&out), b)
	return out.Bytes()
}

// Zstd makes one zstd frame.
func Zstd(b []byte) []byte {
	var out bytes.Buffer
	w, err := zstd.NewWriter(&out, zstd.WithEncoderConcurrency(1))
	check(err)
	written(w, b)
	return out.Bytes()
}

func written(w io.WriteCloser, b []byte) {
	_, err := w.Write(b)
	check(err)
	check(w.Close())
}
