package tree_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/imgtui/imgtui/model/tree"
	"github.com/imgtui/imgtui/model/tree/treetest"
)

// rules are the layer rules, each with images and the root that is due. A
// root is told as "PATH KIND MODE @LAYER", the layer that said it, then "=L.E",
// the payload by layer and entry, and "->TARGET".
var rules = []struct {
	name   string
	layers [][]string
	want   []string
}{
	{
		"a whiteout hides the lower path and all beneath",
		[][]string{{"d a", "f a/b 1", "f c 1"}, {"w a"}},
		[]string{"/ d 755 @0", "/c - 644 @0 =0.2"},
	},
	{
		"a whiteout hides nothing of its own layer, whichever comes first",
		[][]string{{"f a 1", "f b 1"}, {"w a", "f a 2", "f b 2", "w b"}},
		[]string{"/ d 755 @0", "/a - 644 @1 =1.1", "/b - 644 @1 =1.2"},
	},
	{
		"a whiteout and a new directory of one layer hide what the lower one held",
		[][]string{{"d a mode=700", "f a/b 1"}, {"d a", "f a/c 1", "w a"}},
		[]string{"/ d 755 @0", "/a d 755 @1", "/a/c - 644 @1 =1.1"},
	},
	{
		"a whiteout and a path beneath it, with no entry for the directory, begin it anew",
		[][]string{{"d a mode=700", "f a/b 1"}, {"f a/c 1", "w a"}},
		[]string{"/ d 755 @0", "/a d 755 @1", "/a/c - 644 @1 =1.0"},
	},
	{
		"a whiteout of nothing is no error, and its directory is there",
		[][]string{{"f c 1"}, {"w a/b", "w gone"}},
		[]string{"/ d 755 @0", "/a d 755 @1", "/c - 644 @0 =0.0"},
	},
	{
		"a whiteout beneath a file of its layer says nothing",
		[][]string{{"d a", "f a/b 1"}, {"f a 2", "w a/b", "o a"}},
		[]string{"/ d 755 @0", "/a - 644 @1 =1.0"},
	},
	{
		"a whiteout that comes back is whited out again",
		[][]string{{"f a 1"}, {"w a"}, {"f a 2"}, {"w a"}},
		[]string{"/ d 755 @0"},
	},
	{
		"an opaque mark hides all lower children and no metadata",
		[][]string{{"d a mode=700", "f a/b 1", "f a/c/d 1"}, {"o a"}},
		[]string{"/ d 755 @0", "/a d 700 @0"},
	},
	{
		"an opaque mark hides nothing of its own layer, whichever comes first",
		[][]string{{"f a/b 1", "f c/d 1"}, {"f a/n 1", "o a", "o c", "f c/n 1"}},
		[]string{"/ d 755 @0", "/a d 755 @0", "/a/n - 644 @1 =1.0", "/c d 755 @0", "/c/n - 644 @1 =1.3"},
	},
	{
		"an opaque mark hides lower children of directories that its layer goes on with",
		[][]string{{"d a/b mode=700", "f a/b/c 1"}, {"o a", "f a/b/d 1"}},
		[]string{"/ d 755 @0", "/a d 755 @0", "/a/b d 755 @1", "/a/b/d - 644 @1 =1.1"},
	},
	{
		"an opaque mark in the root hides all",
		[][]string{{"f a/b 1", "f c 1"}, {"o /", "f n 1"}},
		[]string{"/ d 755 @0", "/n - 644 @1 =1.1"},
	},
	{
		"a whiteout beneath an opaque directory adds nothing to it",
		[][]string{{"f a/b 1", "f a/c 1"}, {"o a", "w a/b"}},
		[]string{"/ d 755 @0", "/a d 755 @0"},
	},
	{
		"an opaque mark on a path that its layer replaces falls with it",
		[][]string{{"f a/b 1"}, {"o a", "s a c"}},
		[]string{"/ d 755 @0", "/a l 644 @1 ->c"},
	},
	{
		"what is no directory drops the subtree below",
		[][]string{{"f a/b/c 1", "f d/e 1", "f g/h 1", "f i/j 1"}, {"f a 1", "s d a", "p g", "c i 1 3"}},
		[]string{"/ d 755 @0", "/a - 644 @1 =1.0", "/d l 644 @1 ->a", "/g p 644 @1", "/i c 644 @1"},
	},
	{
		"what its own layer has put beneath is dropped too",
		[][]string{{"f a/b 1", "f a 2"}},
		[]string{"/ d 755 @0", "/a - 644 @0 =0.1"},
	},
	{
		"a directory over a directory merges and takes the new metadata",
		[][]string{{"d a mode=700 uid=1", "f a/b 1"}, {"d a mode=711", "f a/c 1"}},
		[]string{"/ d 755 @0", "/a d 711 @1", "/a/b - 644 @0 =0.1", "/a/c - 644 @1 =1.1"},
	},
	{
		"a directory over a file or a symlink replaces it",
		[][]string{{"f a 1", "f u/v 1", "s b u"}, {"d a", "d b"}},
		[]string{"/ d 755 @0", "/a d 755 @1", "/b d 755 @1", "/u d 755 @0", "/u/v - 644 @0 =0.1"},
	},
	{
		"a directory where its layer had put a file does not bring back the lower one",
		[][]string{{"f a/b 1"}, {"f a 1", "d a"}},
		[]string{"/ d 755 @0", "/a d 755 @1"},
	},
	{
		"a path beneath a file of its layer makes it an empty directory first",
		[][]string{{"d a mode=700", "f a/b 1"}, {"f a 1", "f a/c 1"}},
		[]string{"/ d 755 @0", "/a d 755 @1", "/a/c - 644 @1 =1.1"},
	},
	{
		"parents without an entry keep the metadata below",
		[][]string{{"d . mode=711", "d a mode=700 uid=1", "d a/b mode=701"}, {"f a/b/c 1"}, {"w a/b/c"}},
		[]string{"/ d 711 @0", "/a d 700 @0", "/a/b d 701 @0"},
	},
	{
		"parents without an entry over a file or a symlink replace it",
		[][]string{{"f a 1", "s b c", "f c/d 1"}, {"f a/n 1", "f b/n 1"}},
		[]string{"/ d 755 @0", "/a d 755 @1", "/a/n - 644 @1 =1.0", "/b d 755 @1", "/b/n - 644 @1 =1.1", "/c d 755 @0", "/c/d - 644 @0 =0.2"},
	},
	{
		"symlinks of its own layer lead an entry on",
		[][]string{{"d u mode=700", "f u/k 1"}, {"s a u", "f a/b 1", "s e /a/../a", "f e/n 1", "w a/k"}},
		[]string{"/ d 755 @0", "/a l 644 @1 ->u", "/e l 644 @1 ->/a/../a", "/u d 700 @0", "/u/b - 644 @1 =1.1", "/u/n - 644 @1 =1.3"},
	},
	{
		"symlinks that go round lead nowhere",
		[][]string{{"s a b", "s b a", "f a/c 1"}},
		[]string{"/ d 755 @0", "/a d 755 @0", "/a/c - 644 @0 =0.2", "/b l 644 @0 ->a"},
	},
	{
		"hard links share one payload",
		[][]string{{"f a 3", "h b a", "h c/d ./b"}},
		[]string{"/ d 755 @0", "/a - 644 @0 =0.0", "/b h 644 @0 =0.0 ->a", "/c d 755 @0", "/c/d h 644 @0 =0.0 ->./b"},
	},
	{
		"a hard link keeps its payload when the other name is replaced or removed",
		[][]string{{"f a 3", "h b a", "f c 3", "h d c"}, {"f a 9", "w c"}},
		[]string{"/ d 755 @0", "/a - 644 @1 =1.0", "/b h 644 @0 =0.0 ->a", "/d h 644 @0 =0.2 ->c"},
	},
	{
		"a hard link keeps its payload when its own layer replaces the other name",
		[][]string{{"f a 3", "h b a", "f a 9"}},
		[]string{"/ d 755 @0", "/a - 644 @0 =0.2", "/b h 644 @0 =0.0 ->a"},
	},
	{
		"a hard link takes the payload of a lower layer, through other links too",
		[][]string{{"f a 3", "h c gone"}, {"h b a", "h c b", "h d c"}, {"h e d"}},
		[]string{"/ d 755 @0", "/a - 644 @0 =0.0", "/b h 644 @1 =0.0 ->a", "/c h 644 @1 =0.0 ->b", "/d h 644 @1 =0.0 ->c", "/e h 644 @2 =0.0 ->d"},
	},
	{
		"a hard link takes the payload below that its own layer then replaces or hides",
		[][]string{{"f a 3", "f b 3"}, {"h c a", "f a 9", "w b", "h d b"}},
		[]string{"/ d 755 @0", "/a - 644 @1 =1.1", "/c h 644 @1 =0.0 ->a", "/d h 644 @1 =0.1 ->b"},
	},
	{
		"a hard link before its file is one all the same",
		[][]string{{"h b a", "f a 3"}},
		[]string{"/ d 755 @0", "/a - 644 @0 =0.1", "/b h 644 @0 =0.1 ->a"},
	},
	{
		"a hard link that leads nowhere, to itself or to a directory dangles",
		[][]string{{"h a gone", "h b b", "d d", "h c d", "h e f/../../g"}},
		[]string{"/ d 755 @0", "/a h 644 @0 ->gone", "/b h 644 @0 ->b", "/c h 644 @0 ->d", "/d d 755 @0", "/e h 644 @0 ->f/../../g"},
	},
	{
		"a hard link to a symlink, a device or a pipe is one more of it",
		[][]string{{"s a x", "h b a", "c c 1 3", "h d c", "p e", "h f e"}, {"h g a"}},
		[]string{"/ d 755 @0", "/a l 644 @0 ->x", "/b l 644 @0 ->x", "/c c 644 @0", "/d c 644 @0", "/e p 644 @0", "/f p 644 @0", "/g l 644 @1 ->x"},
	},
	{
		"the last of duplicate entries wins",
		[][]string{{"f a 1", "f a 2", "s a b", "f a 3", "d c", "d c mode=700"}},
		[]string{"/ d 755 @0", "/a - 644 @0 =0.3", "/c d 700 @0"},
	},
	{
		"names are cleaned and never leave the root",
		[][]string{{"f ./a 1", "f /b 1", "f c//d/ 1", "f e/./f/../g 1", "f ../../h 1", "f i/../../j 1", "w k/../../c"}},
		[]string{
			"/ d 755 @0", "/a - 644 @0 =0.0", "/b - 644 @0 =0.1", "/c d 755 @0", "/c/d - 644 @0 =0.2",
			"/e d 755 @0", "/e/g - 644 @0 =0.3", "/h - 644 @0 =0.4", "/j - 644 @0 =0.5",
		},
	},
	{
		"an entry for the root sets its metadata, and is a directory or nothing",
		[][]string{{"d ./ mode=700", "f a 1"}, {"d / mode=711"}, {"f . 1", "s .. a", "w b"}},
		[]string{"/ d 711 @1", "/a - 644 @0 =0.1"},
	},
	{
		"names that begin as a whiteout and hide nothing say nothing",
		[][]string{{"f a/b 1"}, {"f a/.wh. 1", "f a/.wh.. 1", "f a/.wh... 1", "f .wh..wh.aufs 1", "d .wh..wh.orph", "f a/.wh..wh.foo 1"}},
		[]string{"/ d 755 @0", "/a d 755 @0", "/a/b - 644 @0 =0.0"},
	},
	{
		"what stands beneath a whiteout's name is no part of the root, but can be linked to",
		[][]string{{"d .wh..wh.plnk", "f .wh..wh.plnk/7.1 5", "h a .wh..wh.plnk/7.1", "h b /.wh..wh.plnk/7.1"}},
		[]string{"/ d 755 @0", "/a h 644 @0 =0.1 ->.wh..wh.plnk/7.1", "/b h 644 @0 =0.1 ->/.wh..wh.plnk/7.1"},
	},
	{
		"devices, pipes and extended attributes stand as they are",
		[][]string{{"c a 1 3", "b b 8 0 mode=660", "p c", "f d 1 xattr=security.capability=1"}, {"f e 1"}},
		[]string{"/ d 755 @0", "/a c 644 @0", "/b b 660 @0", "/c p 644 @0", "/d - 644 @0 =0.3", "/e - 644 @1 =1.0"},
	},
	{
		"an image of no entries is an empty root",
		[][]string{{}, {}},
		[]string{"/ d 755 @0"},
	},
}

func TestLayerRules(t *testing.T) {
	for _, r := range rules {
		t.Run(r.name, func(t *testing.T) {
			var s stack
			for _, entries := range treetest.Layers(r.layers...) {
				s = s.on(t, entries)
				checkLayer(t, entries)
			}
			if d := cmp.Diff(r.want, told(treetest.Of(s.root))); d != "" {
				t.Errorf("layers %s\nroot: (-want +got)\n%s", show(s.layers), d)
			}
		})
	}
}

// told tells a plain root as [rules] does.
func told(r treetest.Root) []string {
	var all []string
	for _, p := range slices.Sorted(maps.Keys(r)) {
		f := r[p]
		letter := f.Kind.Letter()
		if f.Kind == tree.Hardlink {
			letter = 'h'
		}
		s := fmt.Sprintf("%s %c %o @%d", p, letter, f.Mode, f.Layer)
		if f.Payload.Carried {
			s += fmt.Sprintf(" =%d.%d", f.Payload.Layer, f.Payload.Entry)
		}
		if f.Link != "" {
			s += " ->" + f.Link
		}
		all = append(all, s)
	}
	return all
}

func TestKindsHaveALetterAndAName(t *testing.T) {
	want := map[tree.Kind]string{
		tree.Unset: "? ", tree.File: "- file", tree.Dir: "d dir", tree.Symlink: "l symlink", tree.Hardlink: "- hardlink",
		tree.Char: "c char", tree.Block: "b block", tree.Fifo: "p fifo", tree.Fifo + 1: "? ",
	}
	for k, w := range want {
		if got := string(k.Letter()) + " " + k.String(); got != w {
			t.Errorf("kind %d is told as %q, want %q", k, got, w)
		}
	}
}

func TestChangesHaveALetter(t *testing.T) {
	var got strings.Builder
	for c := tree.Same; c <= tree.Within+1; c++ {
		got.WriteString(c.Letter())
	}
	if want := " AMmRD  "; got.String() != want {
		t.Errorf("letters of the changes in order = %q, want %q", got.String(), want)
	}
}
