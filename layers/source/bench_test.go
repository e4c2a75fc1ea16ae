package source

import (
	"fmt"
	"testing"

	"github.com/imgtui/imgtui/layers/source/sourcetest"
)

// of is a tar of so many small files: the layer with that number.
func of(files, layer int) []byte {
	var all []sourcetest.Entry
	for n := range files {
		all = append(all, sourcetest.File(fmt.Sprintf("usr/lib/d%03d/file-%d-%d", n/100, layer, n), "small\n"))
	}
	return sourcetest.Tar(all...)
}

// BenchmarkSteps opens each form of an image of a hundred layers as far as its
// list of steps, and a tar of many files, which has to be told from an image.
func BenchmarkSteps(b *testing.B) {
	i := sourcetest.Image{Tags: []string{"a:1"}}
	for n := range 100 {
		i.Steps = append(i.Steps, sourcetest.Step{By: fmt.Sprintf("COPY %d / # buildkit", n), Layer: of(1000, n)})
	}
	zipped := i.Stored("gzip")
	for _, c := range []struct{ name, ref string }{
		{"docker archive", sourcetest.Write(b, "x", sourcetest.Hybrid(i).Tar())},
		{"docker archive, legacy", sourcetest.Write(b, "x", sourcetest.Legacy(i).Tar())},
		{"docker archive, oldest", sourcetest.Write(b, "x", sourcetest.Repositories(i).Tar())},
		{"kaniko archive", sourcetest.Write(b, "x", sourcetest.Kaniko(i).Tar())},
		{"layout archive", sourcetest.Write(b, "x", sourcetest.OCI(zipped).Tar())},
		{"layout", sourcetest.OCI(zipped).Folder(b)},
		{"rootfs tar of 1000 files", sourcetest.Write(b, "x", of(1000, 0))},
		{"rootfs tar of 100000 files", sourcetest.Write(b, "x", of(100_000, 0))},
	} {
		b.Run(c.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				img, err := Open(b.Context(), c.ref, Options{})
				if err != nil {
					b.Fatal(err)
				}
				img.Close()
			}
		})
	}
}
