package layers

import (
	"fmt"
	"strings"
	"testing"

	"github.com/imgtui/imgtui/layers/source/sourcetest"
	"github.com/imgtui/imgtui/model/session"
)

// many is an image of so many small files, a twentieth of which each of its twenty
// layers has; of those a tenth lies in the layer beneath as well.
func many(files int) sourcetest.Image {
	i := sourcetest.Image{Tags: []string{"many:1"}}
	const layers = 20
	for l := range layers {
		var all []sourcetest.Entry
		for n := range files / layers {
			at := l*files/layers + n
			if n%10 == 0 && l > 0 {
				at -= files / layers
			}
			all = append(all, sourcetest.File(fmt.Sprintf("usr/lib/d%03d/s%02d/file-%d", at/1000, at/50%20, at), strings.Repeat(sourcetest.Noise(uint64(at), 20), 40)))
		}
		i.Steps = append(i.Steps, sourcetest.Step{By: "COPY", Codec: "gzip", Layer: sourcetest.Tar(all...)})
	}
	return i
}

// BenchmarkOpen opens an image until its last tree is there: for the first time, and
// once more with what the first time has kept.
func BenchmarkOpen(b *testing.B) {
	for _, files := range []int{1000, 100_000, 500_000} {
		l := &sourcetest.Layout{}
		parts := l.Parts(l.Image(many(files)).Named("1"))
		local := aged(b, sourcetest.Write(b, "x", parts.Tar()))
		for _, c := range []struct{ name, ref string }{{"local", local}, {"registry", sourcetest.Serve(b, parts).Ref("1")}} {
			cache := b.TempDir()
			b.Run(fmt.Sprintf("%s/%d/first", c.name, files), func(b *testing.B) { openAll(b, c.ref, Options{}) })
			openOnce(b, c.ref, Options{Store: storeIn(cache)})
			b.Run(fmt.Sprintf("%s/%d/second", c.name, files), func(b *testing.B) { openAll(b, c.ref, Options{Store: storeIn(cache)}) })
		}
	}
}

func openAll(b *testing.B, ref string, o Options) {
	b.ReportAllocs()
	for b.Loop() {
		openOnce(b, ref, o)
	}
}

func openOnce(b *testing.B, ref string, o Options) {
	e := New(o)
	defer e.Close()
	roots := 0
	send := func(m session.Msg) {
		switch m := m.(type) {
		case session.Rooted:
			roots++
		case session.Failed:
			b.Fatal(m.Err)
		}
	}
	e.Do(b.Context(), session.Open{Ref: ref, Gen: 1}, send)
	e.Do(b.Context(), session.Index{Gen: 2}, send)
	if roots != 20 {
		b.Fatalf("%d roots", roots)
	}
}
