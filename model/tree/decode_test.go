package tree_test

import (
	"bytes"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/imgtui/imgtui/model/tree"
	"github.com/imgtui/imgtui/model/tree/treetest"
)

// again returns a layer as it comes back from its bytes, and holds that it is
// what it was.
func again(t *testing.T, layers [][]tree.Entry, l *tree.Layer) *tree.Layer {
	t.Helper()
	b := l.Append([]byte("before"))
	if !bytes.HasPrefix(b, []byte("before")) {
		t.Fatalf("layers %s\nappended to %q", show(layers), b[:6])
	}
	d, err := tree.DecodeLayer(b[6:], l.Index)
	if err != nil {
		t.Fatalf("layers %s\n%v", show(layers), err)
	}
	if twice := d.Append(nil); !bytes.Equal(twice, b[6:]) {
		t.Fatalf("layers %s\nwritten again it is %q, was %q", show(layers), twice, b[6:])
	}
	if d.Index != l.Index || d.Entries != l.Entries || d.Unpacked != l.Unpacked || d.Files() != l.Files() || tree.Marks(d.Root) != tree.Marks(l.Root) {
		t.Fatalf("layers %s\n%d %d %d %d %q, was %d %d %d %d %q", show(layers), d.Index, d.Entries, d.Unpacked, d.Files(), tree.Marks(d.Root),
			l.Index, l.Entries, l.Unpacked, l.Files(), tree.Marks(l.Root))
	}
	return d
}

// checkAgain folds an image of layers that come back from their bytes.
func checkAgain(t *testing.T, layers [][]tree.Entry) {
	t.Helper()
	var plain treetest.Root
	var root, was *tree.Node
	for i, entries := range layers {
		l := treetest.Build(i, entries)
		d := again(t, layers, l)
		plain = treetest.Lay(plain, i, entries)
		root, was = tree.Fold(root, d), tree.Fold(was, l)
		if d := treetest.Diff(plain, root); d != "" {
			t.Fatalf("layers %s\nroot after layer %d: (-want +got)\n%s", show(layers), i, d)
		}
		if !tree.Equal(root, was) {
			t.Fatalf("layers %s\nroot after layer %d is not equal", show(layers), i)
		}
		checkNodes(t, layers, "/", root)
		checkSays(t, entries, d)
	}
}

func TestAllSmallLayersComeBackFromTheirBytes(t *testing.T) {
	t.Parallel()
	one, two := spelled(1), spelled(2)
	if testing.Short() {
		two = one
	}
	for _, lower := range one {
		for _, upper := range two {
			checkAgain(t, [][]tree.Entry{lower, upper})
		}
	}
	for _, l := range spelled(3) {
		checkAgain(t, [][]tree.Entry{l})
	}
}

// FuzzAppend brings the layers of an image back from their bytes.
func FuzzAppend(f *testing.F) {
	seed(f)
	f.Fuzz(func(t *testing.T, data []byte) { checkAgain(t, treetest.Decode(data)) })
}

func TestALayerComesBackAsTheOneItIsSaidToBe(t *testing.T) {
	b := treetest.Build(3, treetest.Entries("f a/b/c 1", "w a/d", "h e a/b/c")).Append(nil)
	l, err := tree.DecodeLayer(b, 8)
	if err != nil {
		t.Fatal(err)
	}
	for p := range l.Payloads() {
		if p.Layer != 8 {
			t.Errorf("a payload is of layer %d, want 8", p.Layer)
		}
	}
	tree.Fold(nil, l).Walk(func(p string, n *tree.Node) bool {
		if n.Layer != 8 {
			t.Errorf("%s is of layer %d, want 8", p, n.Layer)
		}
		return true
	})
	if l.Index != 8 {
		t.Errorf("layer %d, want 8", l.Index)
	}
}

func TestUnreadContentsComeBackUnread(t *testing.T) {
	layers := treetest.Layers([]string{"f a 1", "f b 2", "f e 0", "f a 7"}, []string{"f a 7", "f b 2"})
	ls := passedOver(layers)
	for p := range ls[0].Payloads() {
		if p.Name == "b" {
			p.Learn(77)
		}
	}
	for i, l := range ls {
		ls[i] = again(t, layers, l)
	}
	var got []string
	for p := range ls[0].Payloads() {
		if got = append(got, p.Name); p.Unread() != (p.Name == "a") || p.Name == "b" && p.Content() != 77 {
			t.Errorf("%s: unread %v, content %d", p.Name, p.Unread(), p.Content())
		}
	}
	if diff := cmp.Diff([]string{"a", "b", "e", "a"}, got); diff != "" {
		t.Errorf("payloads in another order: %s", diff)
	}
	if n := len(slices.Concat(tree.Unread(ls)...)); n != 3 {
		t.Errorf("%d contents are asked for, want a of both, and b of one", n)
	}
}

// TestALargeLayerComesBack has no plain root beside it, which would be slow.
func TestALargeLayerComesBack(t *testing.T) {
	files := treetest.Files(1, 20_000)
	var root, was *tree.Node
	for i, entries := range [][]tree.Entry{files, treetest.Edits(2, files, 2000), wide(5000, rand.New(rand.NewPCG(2, 2)))} {
		l := treetest.Build(i, entries)
		root, was = tree.Fold(root, again(t, nil, l)), tree.Fold(was, l)
		if !tree.Equal(root, was) {
			t.Fatalf("the root after layer %d is not equal", i)
		}
		checkNodes(t, nil, "/", root)
	}
}

// FuzzDecodeLayer reads any bytes: what is read must be one that Append writes.
func FuzzDecodeLayer(f *testing.F) {
	for _, lines := range [][]string{
		nil, {"f a 1"}, {"d a", "f a/b 2", "f a/c 3", "s l a/b", "h k a/b", "h w gone", "c n 1 3", "w x/y", "o x", "f a/b 9", "d . mode=700 xattr=k=v"},
	} {
		f.Add(treetest.Build(0, treetest.Entries(lines...)).Append(nil))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		l, err := tree.DecodeLayer(data, 1)
		if err != nil {
			return
		}
		b := l.Append(nil)
		d, err := tree.DecodeLayer(b, 1)
		if err != nil {
			t.Fatalf("what was read is written as what is not: %v", err)
		}
		if again := d.Append(nil); !bytes.Equal(again, b) {
			t.Fatalf("written as %q, then as %q", b, again)
		}
		lower := tree.Fold(nil, l)
		root := tree.Fold(lower, d)
		if tree.Compare(lower, root).Totals(); root.Count() < 1 {
			t.Error("a root of no path")
		}
		where := map[*tree.Payload]string{}
		for p := range l.Payloads() {
			where[p] = ""
		}
		l.Locate(where)
		tree.Unread([]*tree.Layer{l, d})
	})
}

// TestBrokenBytesAreNoLayer cuts a layer anywhere and changes each of its bytes.
func TestBrokenBytesAreNoLayer(t *testing.T) {
	b := treetest.Build(0, treetest.Entries("d a", "f a/b 2", "f a/c 3", "s l a/b", "h k a/b", "h w gone", "w x/y", "f a/b 9")).Append(nil)
	for n := range b {
		if _, err := tree.DecodeLayer(b[:n], 0); err == nil {
			t.Errorf("the first %d bytes of %d are a layer", n, len(b))
		}
		for _, bit := range []byte{1, 0x80, 0xff} {
			c := bytes.Clone(b)
			c[n] ^= bit
			if l, err := tree.DecodeLayer(c, 0); err == nil {
				tree.Fold(nil, l).Walk(func(string, *tree.Node) bool { return true })
			}
		}
	}
	if _, err := tree.DecodeLayer(append(b, 0), 0); err == nil {
		t.Error("a layer with a byte too much is one")
	}
}

// BenchmarkDecode reads a layer from its bytes.
func BenchmarkDecode(b *testing.B) {
	each(b, func(b *testing.B, files []tree.Entry) {
		data := treetest.Build(0, files).Append(nil)
		b.ReportAllocs()
		for b.Loop() {
			if _, err := tree.DecodeLayer(data, 0); err != nil {
				b.Fatal(err)
			}
		}
		b.ReportMetric(float64(len(data))/float64(len(files)), "B/entry")
		b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(len(files)), "ns/entry")
	})
}

// BenchmarkAppend writes one.
func BenchmarkAppend(b *testing.B) {
	each(b, func(b *testing.B, files []tree.Entry) {
		l := treetest.Build(0, files)
		var data []byte
		b.ReportAllocs()
		for b.Loop() {
			data = l.Append(data[:0])
		}
	})
}
