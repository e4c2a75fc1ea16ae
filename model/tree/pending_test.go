package tree_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"

	"github.com/imgtui/imgtui/model/tree"
	"github.com/imgtui/imgtui/model/tree/treetest"
)

// passedOver returns the layers of an image whose files were not read.
func passedOver(layers [][]tree.Entry) []*tree.Layer {
	var ls []*tree.Layer
	for i, entries := range layers {
		b := tree.NewBuilder(i)
		for _, e := range entries {
			e.Content, e.Unread = 0, e.Kind == tree.File
			b.Add(e)
		}
		ls = append(ls, b.Layer())
	}
	return ls
}

func folded(ls []*tree.Layer) []*tree.Node {
	var roots []*tree.Node
	var root *tree.Node
	for _, l := range ls {
		root = tree.Fold(root, l)
		roots = append(roots, root)
	}
	return roots
}

// said returns what a comparison of any two roots says of every path.
func said(roots []*tree.Node) (all []string) {
	roots = append([]*tree.Node{nil}, roots...)
	for i, before := range roots {
		for j, after := range roots {
			d := tree.Compare(before, after)
			d.Walk(func(p string, d tree.Delta) bool {
				all = append(all, fmt.Sprintf("%d %d %s %s", i, j, p, d.Change().Letter()))
				return true
			})
		}
	}
	return all
}

// checkUnread holds an image whose contents were only learned where that is
// asked for against one whose contents were all read.
func checkUnread(t *testing.T, layers [][]tree.Entry) {
	t.Helper()
	_, whole := treetest.Fold(layers)
	ls := passedOver(layers)
	early := folded(ls) // whose sums are made before anything is known
	said(early)
	for _, p := range slices.Concat(tree.Unread(ls)...) {
		p.Learn(layers[p.Layer][p.Entry()].Content)
	}
	want := said(whole)
	for name, roots := range map[string][]*tree.Node{"late": folded(ls), "early": early} {
		if got := said(roots); !slices.Equal(got, want) {
			t.Fatalf("layers %s\n%s: contents learned where asked for: %q\nall contents: %q", show(layers), name, got, want)
		}
	}
	if left := slices.Concat(tree.Unread(ls)...); len(left) > 0 {
		t.Fatalf("layers %s\n%d contents are asked for again", show(layers), len(left))
	}
}

// TestAllSmallImagesCompareWithoutMostContents lays all layers of one entry over
// all of up to two, and stacks three.
func TestAllSmallImagesCompareWithoutMostContents(t *testing.T) {
	t.Parallel()
	files := treetest.Entries("f a 1", "f a 1#1", "f a 2", "f b 1", "h a b", "h b a", "h c a", "h a c", "w a", "d a", "f c 1", "s a c")
	for _, one := range files {
		for _, two := range files {
			for _, three := range files {
				checkUnread(t, [][]tree.Entry{{one}, {two}, {three}})
				checkUnread(t, [][]tree.Entry{{one, two}, {three}})
				checkUnread(t, [][]tree.Entry{{one}, {two, three}})
			}
		}
	}
}

// FuzzUnread compares images without most of their contents.
func FuzzUnread(f *testing.F) {
	seed(f)
	f.Fuzz(func(t *testing.T, data []byte) {
		if layers := treetest.Decode(data); len(layers) < 6 {
			checkUnread(t, consistent(layers))
		}
	})
}

// consistent gives files of no bytes one content.
func consistent(layers [][]tree.Entry) [][]tree.Entry {
	for _, l := range layers {
		for i := range l {
			if l[i].Size == 0 {
				l[i].Content = 0
			}
		}
	}
	return layers
}

func TestContentsAreAskedForWhereTwoLayersMeet(t *testing.T) {
	layers := treetest.Layers(
		[]string{"f a 1", "f b 2", "f c/d 3", "f c/e 0", "f k 7", "f m 9"},
		[]string{"f a 1", "f b 3", "f c/d 3", "f c/e 0", "h l k", "f n 9"},
		[]string{"f x 1", "f l 7", "f a 5", "f a 1", "h n m"},
	)
	var got []string
	ls := passedOver(layers)
	for _, p := range slices.Concat(tree.Unread(ls)...) {
		got = append(got, fmt.Sprint(p.Layer, " ", p.Name))
	}
	want := []string{"0 a", "0 d", "0 k", "0 m", "1 a", "1 d", "1 n", "2 l", "2 a"}
	if !slices.Equal(got, want) {
		t.Errorf("asked for %q, want %q", got, want)
	}
	if got := slices.Concat(tree.Unread([]*tree.Layer{ls[0], nil, nil})...); len(got) > 0 {
		t.Errorf("one layer alone: asked for %d", len(got))
	}
}

func TestAnUnreadContentIsItsOwn(t *testing.T) {
	ls := passedOver(treetest.Layers([]string{"f a 1", "h b a", "f c 1", "f e 0"}, []string{"f a 1"}))
	root := tree.Fold(nil, ls[0])
	a, b, c := root.Find("a").Payload(), root.Find("b").Payload(), root.Find("c").Payload()
	if !a.Unread() || a != b || a.Content() != b.Content() || a.Content() == c.Content() || root.Find("e").Payload().Unread() {
		t.Errorf("contents %x, %x, %x; want the first two equal", a.Content(), b.Content(), c.Content())
	}
	after := tree.Fold(root, ls[1])
	d, _ := tree.Compare(root, after).Find("a")
	if d.Change() != tree.Modified {
		t.Errorf("change %q of a file of which nothing is known, want M", d.Change().Letter())
	}
	a.Learn(7)
	after.Find("a").Payload().Learn(7)
	if d.Change() != tree.Same || !tree.Equal(root, after) || a.Unread() || a.Content() != 7 {
		t.Errorf("change %q, content %d, once the contents are known and equal", d.Change().Letter(), a.Content())
	}
}

// TestContentsAreLearnedWhileRootsAreCompared is for the race detector.
func TestContentsAreLearnedWhileRootsAreCompared(t *testing.T) {
	files := treetest.Files(1, 2000)
	for i := range files {
		files[i].Size += 1
	}
	ls := passedOver([][]tree.Entry{files, files})
	roots := []*tree.Node{tree.Fold(nil, ls[0]), tree.Fold(nil, ls[1])}
	var all sync.WaitGroup
	for range 2 {
		all.Go(func() {
			for range 10 {
				tree.Compare(roots[0], roots[1]).Totals()
			}
		})
	}
	for _, p := range slices.Concat(tree.Unread(ls)...) {
		p.Learn(files[p.Entry()].Content)
	}
	all.Wait()
	if !tree.Equal(roots[0], roots[1]) {
		t.Error("two equal roots differ once their contents are learned")
	}
}

// TestWhatAGlanceDoesNotTellIsSummedUp compares wide, deep and shuffled roots that
// differ at one place alone.
func TestWhatAGlanceDoesNotTellIsSummedUp(t *testing.T) {
	t.Parallel()
	files := treetest.Files(3, 5000)
	lower := tree.Fold(nil, treetest.Build(0, files))
	r := rand.New(rand.NewPCG(1, 1))
	for range 200 {
		i := r.IntN(len(files))
		again := tree.Fold(lower, treetest.Build(1, files))
		if !tree.Equal(lower, again) {
			t.Fatal("the same files again are another root")
		}
		e := files[i]
		e.ModTime++
		other := tree.Fold(again, treetest.Build(2, []tree.Entry{e}))
		if tree.Equal(lower, other) || tree.Equal(other, lower) {
			t.Fatalf("a root without %s as it was is equal", e.Path)
		}
	}
}
