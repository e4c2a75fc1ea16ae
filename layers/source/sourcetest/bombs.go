package sourcetest

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
)

// overlong are those that have too much of something.
func overlong() []Case {
	manifest := func(b func() []byte) func() []byte {
		return func() []byte { return Legacy(victim()).With("manifest.json", b()).Tar() }
	}
	layer := func(b func() []byte) func() []byte {
		return func() []byte { return Legacy(victim()).WithLayer(1, Zstd(b())).Tar() }
	}
	repeated := func(n int) func() []byte {
		return func() []byte {
			l := &Layout{}
			return l.Parts(l.Changed(victim(), func(m *Manifest) { m.Layers = slices.Repeat(m.Layers[:1], n) })).Tar()
		}
	}
	return []Case{
		{Name: "a manifest of 9 MiB", Make: file(manifest(func() []byte { return bytes.Repeat([]byte(" "), 9<<20) })), Says: "the limit is 8388608"},
		{Name: "a manifest of a million values", Make: file(manifest(func() []byte { return []byte("[" + strings.Repeat("{},", 1<<20) + "{}]") })), Says: "more than 400000 values"},
		{Name: "a manifest of as many values as it may", Make: file(manifest(func() []byte { return []byte("[" + strings.Repeat("{},", 399_999) + "{}]") })), Says: "names 400000 images"},
		{Name: "a manifest of a million brackets", Make: file(manifest(func() []byte { return []byte(strings.Repeat("[", 1<<20)) })), Says: "exceeded max depth"},
		{Name: "a config of a million brackets", Opens: true, Says: "exceeded max depth",
			Make: file(func() []byte {
				return Legacy(victim()).With(hex(victim().ID())+".json", []byte(strings.Repeat(`{"a":`, 1<<19))).Tar()
			})},
		{Name: "an index that names itself", Says: "indexes lie in one another deeper than", Make: file(func() []byte {
			self := Descriptor{MediaType: IndexType, Digest: "sha256:self"}
			body := index(slices.Repeat([]Descriptor{self}, 999))
			return OCI(victim()).With("index.json", body).With("blobs/sha256/self", body).Tar()
		})},
		{Name: "an index in an index in an index", Says: "indexes lie in one another deeper than", Make: file(func() []byte {
			l := &Layout{}
			d := l.Image(victim())
			for range 10 {
				d = l.Index(d)
			}
			return l.Parts(d).Tar()
		})},
		{Name: "an index of 100 000 manifests", Says: "no image in the index", Make: file(func() []byte {
			var all []Descriptor
			for n := range 100_000 {
				all = append(all, Descriptor{Digest: Digest(fmt.Append(nil, n))})
			}
			return OCI(victim()).With("index.json", index(all[:50_000])).Tar()
		})},
		{Name: "10 000 layers", Make: file(repeated(10_000)), Says: "10000 layers; the limit is"},
		{Name: "1000 layers", Opens: true, Make: file(repeated(1000)), Says: "the config names 2 diff IDs, there are 1000 layers"},
		{Name: "parents without end", Says: "its parents do not end", Make: file(func() []byte {
			return Parts{{Name: "repositories", Body: []byte(`{"a":{"1":"x"}}`)}, {Name: "x/json", Body: []byte(`{"parent":"x"}`)}}.Tar()
		})},
		{Name: "a path of 64 KiB", Make: file(layer(func() []byte { return Tar(File(strings.Repeat("n", 64<<10), "")) })), Says: "layer 1: entry 1: path is longer than 32KiB"},
		{Name: "a path 5000 deep", Make: file(layer(func() []byte { return Tar(File(strings.Repeat("d/", 5000)+"f", "")) })), Says: "layer 1: entry 1: path is deeper than 2048 names"},
		{Name: "paths 2000 deep", Make: file(layer(func() []byte {
			var all []Entry
			for n := range 300 {
				all = append(all, File(fmt.Sprint(n)+strings.Repeat("/d", 2000), ""))
			}
			return Tar(all...)
		})), Says: "layer 1: the paths of the image need more than"},
		{Name: "names that are taken back", Opens: true, Says: "layer 1: diff ID is", Make: file(layer(func() []byte {
			return Tar(slices.Repeat([]Entry{File(strings.Repeat("a/", 500)+strings.Repeat("b/../", 500)+strings.Repeat("../", 500)+"f", "")}, 200)...)
		}))},
		{Name: "a PAX record of 2 MiB", Says: "layer 1: no tar in it", Make: file(layer(func() []byte {
			b := Tar(File("PaxHeaders/f", fmt.Sprintf("%d comment=%s\n", 2<<20, strings.Repeat("x", 2<<20-17))), File("f", ""))
			b[156] = 'x'
			return Rechecked(b)
		}))},
		{Name: "attributes of a megabyte each", Heavy: true, Says: "layer 1: the paths of the image need more than", Make: file(layer(func() []byte {
			var all []Entry
			for i := range 120 { // of each its own: those that are equal are kept once
				e := File("f", "")
				e.PAXRecords = map[string]string{"SCHILY.xattr.user.x": strings.Repeat(string(rune('!'+i%90)), 1_000_000+i)}
				all = append(all, e)
			}
			return Tar(all...)
		}))},
	}
}

// bombs are those that are small until they are opened.
func bombs() []Case {
	layer := func(stored func() []byte) func() []byte {
		return func() []byte { return Legacy(victim()).WithLayer(1, stored()).Tar() }
	}
	return []Case{
		{Name: "a bomb of 40 GB in zstd in gzip", Long: true, Says: "layer 1: unpacks to more than", Make: file(func() []byte { return Gzip(layer(Bomb)()) })},
		{Name: "a bomb of 40 GB in gzip in gzip", Long: true, Says: "layer 1: unpacks to more than", Make: file(func() []byte { return Gzip(layer(GzipBomb)()) })},
		{Name: "10 million empty files of one name", Heavy: true, Says: "layer 1: the paths of the image need more than", Make: file(layer(func() []byte {
			return bytes.Repeat(Zstd(bytes.Repeat(Tar(File("f", ""))[:512], 10_000)), 1000)
		}))},
		{Name: "10 million empty files of many names", Heavy: true, Says: "layer 1: the paths of the image need more than", Make: file(layer(func() []byte {
			return append(Zstd(empties(200_000)), bytes.Repeat(Zstd(bytes.Repeat(Tar(File("f", ""))[:512], 10_000)), 980)...)
		}))},
		{Name: "a zstd window of 2 GiB", Says: "layer 1: zstd: it looks back 2GiB; the limit is 128MiB", Make: file(layer(func() []byte { return ZstdFrame(31, Tar(File("a", "b"))) }))},
		{Name: "a zstd window of 2 GiB later", Opens: true, Says: "layer 1: breaks off at entry 1", Make: file(layer(func() []byte {
			b := Tar(File("a", "b"), File("c", "d"))
			return append(ZstdFrame(20, b[:1024]), ZstdFrame(31, b[1024:])...)
		}))},
		{Name: "zstd windows of 128 MiB", Heavy: true, Opens: true, Says: "the config names 2 diff IDs", Make: file(func() []byte {
			l := &Layout{}
			return l.Parts(l.Changed(victim(), func(m *Manifest) {
				m.Layers = nil
				for n := range 3 {
					m.Layers = append(m.Layers, l.Blob(LayerType+"+zstd", window(n)))
				}
			})).Tar()
		})},
		{Name: "a hole of 60 GB", Long: true, Says: "layer 1: unpacks to more than", Make: file(layer(func() []byte { return hole(60_000_000_000) }))},
	}
}

// empties is the tar, without its end, of so many empty files of other names.
func empties(n int) []byte {
	head := Tar(File("dir/0000000", ""))[:512]
	b := bytes.Repeat(head, n)
	for i := range n {
		h := b[512*i : 512*(i+1)]
		copy(h[4:], fmt.Sprintf("%07d", i))
		Rechecked(h)
	}
	return b
}

// Bomb is a layer of 1.3 MB, 42 kB in gzip, with one file of 40 GB.
func Bomb() []byte {
	const size = 40_000_000_000
	head := Tar(File("zeros", ""))[:512]
	copy(head[124:136], base256(size))
	out := frameHeader(17)
	out = append(append(out, blockHeader(0, 512, false)...), Rechecked(head)...)
	zeros := append(blockHeader(1, 128<<10, false), 0)
	out = append(out, bytes.Repeat(zeros, size/(128<<10))...)
	return append(append(out, blockHeader(1, 1024, true)...), 0)
}

// GzipBomb is a layer of 41 MB, some 340 kB in gzip, with one file of 40 GB.
func GzipBomb() []byte {
	const size, member = 40_000_000_000, 16 << 20
	head := Tar(File("zeros", ""))[:512]
	copy(head[124:136], base256(size))
	return append(Gzip(Rechecked(head)), bytes.Repeat(Gzip(make([]byte, member)), size/member+1)...)
}

// ZstdFrame is a frame that asks to look back 2^windowLog bytes, with its content as it is.
func ZstdFrame(windowLog byte, content []byte) []byte {
	return append(append(frameHeader(windowLog), blockHeader(0, len(content), true)...), content...)
}

func frameHeader(windowLog byte) []byte {
	return []byte{0x28, 0xb5, 0x2f, 0xfd, 0, (windowLog - 10) << 3}
}

// blockHeader begins a block of zstd: kind 0 is raw, 1 is one byte repeated.
func blockHeader(kind, size int, last bool) []byte {
	n := size<<3 | kind<<1
	if last {
		n |= 1
	}
	return []byte{byte(n), byte(n >> 8), byte(n >> 16)}
}

// window is a layer that fills a window of 128 MiB.
func window(n int) []byte {
	const size = 132 << 20
	head := Tar(File(fmt.Sprint(n), ""))[:512]
	copy(head[124:136], fmt.Sprintf("%011o\x00", size))
	out := append(append(frameHeader(27), blockHeader(0, 512, false)...), Rechecked(head)...)
	out = append(out, bytes.Repeat(append(blockHeader(1, 128<<10, false), 'x'), size/(128<<10))...)
	return append(append(out, blockHeader(1, 1024, true)...), 0)
}

// hole is a sparse file of nothing, as GNU tar writes it.
func hole(size int64) []byte {
	e := File("hole", "")
	b := Tar(e)
	b[156] = 'S'
	copy(b[257:265], "ustar  \x00")
	copy(b[483:495], base256(size))
	return Rechecked(b)
}
