package sourcetest

import (
	"archive/tar"
	"bytes"
	"encoding/binary"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// Case is an image that is damaged, lies or attacks.
type Case struct {
	Name string
	// Make makes it and returns what to open: a file, or a folder.
	Make func(t testing.TB) string
	// Opens tells that it opens whole and says what is wrong in a warning. Else it,
	// or one of its layers, is refused with an error of one line.
	Opens bool
	Says  string // part of that warning or error
	// Long tells that it takes ten seconds at the limits that images usually have.
	Long bool
	// Heavy tells that it takes some seconds, and its point is the memory.
	Heavy bool
}

// file makes a file of bytes.
func file(b func() []byte) func(testing.TB) string {
	return func(t testing.TB) string { return Write(t, "image", b()) }
}

// victim is the image that is damaged.
func victim() Image {
	return Image{Tags: []string{"acct/app:1"}, Steps: []Step{
		{By: "ADD a", Layer: Tar(Dir("a/"), File("a/file", Noise(1, 5000)), Symlink("a/link", "file"))},
		{By: "ENV x=1"},
		{By: "RUN b", Layer: Tar(File("b", Noise(2, 20_000)), File("c", "ccc"))},
	}}
}

// layerOf returns the name of a layer in a legacy archive.
func (p Parts) layerOf(n int) string {
	for _, f := range p {
		if strings.HasSuffix(f.Name, "/layer.tar") {
			if n--; n < 0 {
				return f.Name
			}
		}
	}
	panic("no such layer")
}

// WithLayer returns a legacy archive with other bytes for a layer.
func (p Parts) WithLayer(n int, stored []byte) Parts { return p.With(p.layerOf(n), stored) }

// Hostile are the images that nobody should be hurt by.
func Hostile() []Case {
	return slices.Concat(broken(), lying(), misnamed(), overlong(), bombs())
}

// broken are those that lack something.
func broken() []Case {
	whole := func() []byte { return Legacy(victim()).Tar() }
	first := func() Parts { return Legacy(victim()).First("manifest.json") }
	config := func() string { return hex(victim().ID()) + ".json" }
	return []Case{
		{Name: "empty file", Make: file(func() []byte { return nil }), Says: "an empty file"},
		{Name: "text", Make: file(func() []byte { return []byte(strings.Repeat("no image\n", 100)) }), Says: "neither an archive of images nor a tar"},
		{Name: "random bytes", Make: file(func() []byte { return []byte(Noise(3, 100_000)) }), Says: "neither an archive of images nor a tar"},
		{Name: "zeros", Make: file(func() []byte { return make([]byte, 1<<20) }), Says: "an archive without files"},
		{Name: "cut in the first header", Make: file(func() []byte { return whole()[:300] }), Says: "neither an archive of images nor a tar"},
		{Name: "cut in a layer", Make: file(func() []byte { b := whole(); return b[:len(b)*2/3] }), Says: "the archive breaks off: unexpected EOF"},
		{Name: "cut in a layer after the manifest", Make: file(func() []byte { b := first().Tar(); return b[:len(b)/3] }), Says: "is missing"},
		{Name: "cut in the last layer after the manifest", Opens: true, Says: "layer 1: breaks off at entry 1", Make: file(func() []byte {
			p := first().First(config()).First("manifest.json")
			b := p.Tar()
			return b[:len(b)-8192]
		})},
		{Name: "cut as a whole gzip", Make: file(func() []byte { b := Gzip(whole()); return b[:len(b)/2] }), Says: "its gzip breaks off: unexpected EOF"},
		{Name: "a header changed", Says: "the archive breaks off: archive/tar: invalid tar header", Make: file(func() []byte {
			b := whole()
			b[bytes.LastIndex(b, []byte("manifest.json"))] = 'M'
			return b
		})},
		{Name: "a layer changed", Opens: true, Says: "layer 1: diff ID is ", Make: file(func() []byte {
			p := Legacy(victim())
			b := slices.Clone(p.Get(p.layerOf(1)))
			b[1000] ^= 1
			return p.WithLayer(1, b).Tar()
		})},
		{Name: "a compressed layer changed", Opens: true, Says: "layer 1: digest is ", Make: file(func() []byte {
			p := OCI(victim().Stored("zstd"))
			return p.With(p[2].Name, append(slices.Clone(p[2].Body), Zstd(nil)...)).Tar()
		})},
		{Name: "a layer missing", Make: file(func() []byte { p := Legacy(victim()); return p.Without(p.layerOf(1)).Tar() }), Says: "is missing"},
		{Name: "a config missing", Opens: true, Make: file(func() []byte { return Legacy(victim()).Without(config()).Tar() }), Says: "is missing; the steps are told by the layers alone"},
		{Name: "a config that is no JSON", Opens: true, Make: file(func() []byte { return Legacy(victim()).With(config(), []byte("{]")).Tar() }),
			Says: "config: invalid character"},
		{Name: "a manifest that names no image", Make: file(func() []byte { return Legacy(victim()).With("manifest.json", []byte("[]")).Tar() }), Says: "manifest.json names no image"},
		{Name: "a manifest that is no JSON", Make: file(func() []byte { return Legacy(victim()).With("manifest.json", []byte("[{")).Tar() }), Says: "manifest.json: unexpected end of JSON"},
		{Name: "an index without manifests", Make: file(func() []byte { return OCI(victim()).With("index.json", []byte("{}")).Tar() }), Says: "no image in the index"},
		{Name: "a layer that is text", Make: file(func() []byte { return Legacy(victim()).WithLayer(1, []byte("text\n")).Tar() }), Says: "layer 1: no tar in it"},
		{Name: "a layer that is noise", Make: file(func() []byte { return Legacy(victim()).WithLayer(1, []byte(Noise(4, 9000))).Tar() }), Says: "layer 1: no tar in it"},
		{Name: "a layer in xz", Make: file(func() []byte { return Legacy(victim()).WithLayer(1, []byte("\xfd7zXZ\x00"+Noise(5, 900))).Tar() }), Says: "layer 1: xz is not read"},
		{Name: "a layer in bzip2", Make: file(func() []byte { return Legacy(victim()).WithLayer(1, []byte("BZh9"+Noise(6, 900))).Tar() }), Says: "layer 1: bzip2 is not read"},
		{Name: "a layer without bytes", Opens: true, Make: file(func() []byte { return Legacy(victim()).WithLayer(1, nil).Tar() }), Says: "layer 1: diff ID is "},
	}
}

// lying are those whose numbers are not true.
func lying() []Case {
	sized := func(size string) func() []byte {
		return func() []byte {
			b := Legacy(victim()).Tar()
			copy(b[124:136], size)
			return Rechecked(b)
		}
	}
	says := func(change func(*Manifest)) func() []byte {
		return func() []byte {
			l := &Layout{}
			return l.Parts(l.Changed(victim(), change)).Tar()
		}
	}
	var rows []any
	for n := range 100_000 {
		rows = append(rows, map[string]any{"created_by": fmt.Sprint(n), "empty_layer": n > 1})
	}
	return []Case{
		{Name: "a file of exabytes", Make: file(sized(base256(1 << 62))), Says: "the archive breaks off"},
		{Name: "a file of negative size", Make: file(sized(base256(-512))), Says: "neither an archive of images nor a tar"},
		{Name: "a size that is no number", Make: file(sized("zzzzzzzzzzz\x00")), Says: "neither an archive of images nor a tar"},
		{Name: "a manifest with negative sizes", Opens: true, Make: file(says(func(m *Manifest) { m.Layers[0].Size = -1 << 40 })), Says: "layer 0: the manifest says that it has -1099511627776 bytes"},
		{Name: "a manifest with exabytes", Opens: true, Make: file(says(func(m *Manifest) { m.Layers[0].Size = 1 << 62 })), Says: "layer 0: the manifest says that it has 4611686018427387904 bytes"},
		{Name: "wrong media types", Opens: true, Says: "the config names 3 diff IDs", Make: file(func() []byte {
			l := &Layout{}
			d := l.Changed(victim().Says("rootfs", map[string]any{"diff_ids": []string{"a", "b", "c"}}), func(m *Manifest) {
				m.Layers[0].MediaType, m.Layers[1].MediaType, m.Config.MediaType = IndexType, "text/html", "image/png"
			})
			d.MediaType = "application/octet-stream"
			return l.Parts(d).Tar()
		})},
		{Name: "digests of other bytes", Opens: true, Says: "layer 1: digest is ", Make: file(func() []byte {
			p := OCI(victim())
			return p.With(p[2].Name, Tar(File("other", "bytes"))).Tar()
		})},
		{Name: "a history of 100 000 rows", Opens: true, Make: file(func() []byte { return OCI(victim().Says("history", rows)).Tar() }), Says: "the history has 100000 rows"},
		{Name: "a layer whose file is of exabytes", Opens: true, Says: "layer 1: breaks off at entry 1", Make: file(func() []byte {
			b := Tar(File("b", "bb"))
			copy(b[124:136], base256(1<<62))
			return Legacy(victim()).WithLayer(1, Rechecked(b)).Tar()
		})},
	}
}

// base256 is a number as the field of a tar header has it that is too large
// for octal digits, or negative.
func base256(n int64) string {
	b := bytes.Repeat([]byte{byte(n >> 63)}, 12)
	binary.BigEndian.PutUint64(b[4:], uint64(n))
	b[0] |= 0x80
	return string(b)
}

// misnamed are those whose names lead where they should not.
func misnamed() []Case {
	named := func(names ...string) func() []byte {
		return func() []byte {
			return Legacy(victim()).With("manifest.json", encode([]saved{{Config: "../../../../etc/hostname", Layers: names}})).Tar()
		}
	}
	layer := func(entries ...Entry) func() []byte {
		return func() []byte {
			i := victim()
			i.Steps[2].Layer = Tar(entries...)
			return Legacy(i.Says("rootfs", nil)).Tar()
		}
	}
	device := File("dev/sda", "")
	device.Typeflag, device.Devmajor = tar.TypeBlock, 8
	return []Case{
		{Name: "layers by way of ..", Make: file(named("../../../../../../../../etc/passwd", "..")), Says: "is missing"},
		{Name: "layers at absolute paths", Make: file(named("/etc/passwd", `C:\Windows\win.ini`)), Says: "is missing"},
		{Name: "layers linked to files outside", Says: "is missing", Make: file(func() []byte {
			p := Legacy(victim())
			return p.Linked(p.layerOf(0), "../../../../../../etc/passwd").Linked(p.layerOf(1), "/etc/passwd").Tar()
		})},
		{Name: "layers linked to one another", Says: "links that lead to one another", Make: file(func() []byte {
			p := Legacy(victim())
			return p.Linked(p.layerOf(0), "../"+p.layerOf(1)).Linked(p.layerOf(1), "../"+p.layerOf(0)).Tar()
		})},
		{Name: "a digest that is a path", Says: "is no digest", Make: file(func() []byte {
			l := &Layout{}
			return l.Parts(l.Changed(victim(), func(m *Manifest) { m.Layers[0].Digest = "sha256:../../../../etc/passwd" })).Tar()
		})},
		{Name: "a layout with links outside", Says: "path escapes from parent", Make: func(t testing.TB) string {
			p := OCI(victim())
			return p.Linked(p[2].Name, "/etc/passwd").Folder(t)
		}},
		{Name: "a layout with a pipe", Says: "not a regular file", Make: func(t testing.TB) string {
			p := OCI(victim())
			dir := p.Without(p[2].Name).Folder(t)
			if err := os.Mkdir(filepath.Join(dir, p[2].Name), 0o755); err != nil {
				t.Fatal(err)
			}
			return dir
		}},
		{Name: "files by way of ..", Opens: true, Says: "the config names 0 diff IDs", Make: file(layer(
			File("../../../../../../../../escaped", "1"), File("/abs", "2"), File(`..\..\win`, "3"), Symlink("out", "/etc"), File("out/passwd", "4"), Hardlink("shadow", "/etc/shadow")))},
		{Name: "names that move the cursor", Opens: true, Says: "the config names 0 diff IDs", Make: file(layer(
			File("a\x1b[2J\x1b[31mred", "1"), File("b\r\nc", "2"), File("d\u202egpj.exe", "3"), File("e\u009b31m", "4"), File("f\xff\xfe", "5"), File(".wh.", "6")))},
		{Name: "devices", Opens: true, Says: "the config names 0 diff IDs", Make: file(layer(device, File("f", "x")))},
		{Name: "entries that replace one another", Opens: true, Says: "the config names 0 diff IDs", Make: file(layer(
			File("x", "1"), Dir("x/"), File("x/y", "2"), File("x", "3"), Symlink("x", "x"), Hardlink("x", "x"), File("x/.wh..wh..opq", ""), File(".wh.x", ""), Dir("/"), File("", "z")))},
	}
}
