package source

import (
	"bytes"
	"slices"
	"testing"

	"github.com/imgtui/imgtui/layers/source/sourcetest"
	"github.com/imgtui/imgtui/model"
)

func TestAGzipLayerSaysHowLargeItsTarIs(t *testing.T) {
	t.Parallel()
	small, noise := bytes.Repeat([]byte("text "), 100_000), []byte(sourcetest.Noise(1, 300_000))
	for name, c := range map[string]struct {
		stored []byte
		want   int64
	}{
		"plain": {small, 500_000}, "gzip": {sourcetest.Gzip(small), 500_000}, "gzip of noise": {sourcetest.Gzip(noise), 300_000},
		"zstd": {sourcetest.Zstd(small), 0}, "nothing": {nil, 0}, "cut": {sourcetest.Gzip(noise)[:200_000], 0},
		"two members":       {slices.Concat(sourcetest.Gzip(noise), sourcetest.Gzip(noise[:1000])), 0},
		"an empty one last": {slices.Concat(sourcetest.Gzip(small), sourcetest.Gzip(nil)), 0},
		"a lie":             {append(sourcetest.Gzip(small), 0xff, 0xff, 0xff, 0xff), 0},
	} {
		b := Blob{Size: int64(len(c.stored)), At: bytes.NewReader(c.stored)}
		if got := b.about(); got != c.want {
			t.Errorf("%s: got %d, want %d", name, got, c.want)
		}
	}
	if got := (Blob{Size: model.Unknown}).about(); got != 0 {
		t.Errorf("of a stream: got %d", got)
	}
}

func TestLocalLayersSayTheirSizesAtOnce(t *testing.T) {
	t.Parallel()
	i := sourcetest.App("acct/app:1").Stored("gzip")
	img := mustOpen(t, sourcetest.Write(t, "image.tar", sourcetest.OCI(i).Tar()), Options{})
	for n, l := range img.Layers() {
		if l.About < 1024 || l.About%512 != 0 {
			t.Errorf("layer %d: got %d, want the size of a tar", n, l.About)
		}
	}
}
