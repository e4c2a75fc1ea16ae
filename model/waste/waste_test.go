package waste_test

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/imgtui/imgtui/model/tree"
	"github.com/imgtui/imgtui/model/tree/treetest"
	"github.com/imgtui/imgtui/model/waste"
)

// images are made images with what is dead in them: "BYTES PATH ADDED-HIDDEN HOW".
var images = []struct {
	name   string
	layers [][]string
	total  int64
	dead   []string
}{
	{"no layers", nil, 0, nil},
	{"a layer with nothing", [][]string{{}}, 0, nil},
	{"all is reached", [][]string{{"f a 10"}, {"f b 20"}}, 30, nil},
	{"rm -rf of a directory", [][]string{{"f d/a 100", "f d/e/b 50", "f c 9"}, {"w d"}}, 159, []string{"100 /d/a 0-1 deleted", "50 /d/e/b 0-1 deleted"}},
	{"rm file by file", [][]string{{"f d/a 100", "f d/b 50"}, {"w d/a"}, {"w d/b"}}, 150, []string{"100 /d/a 0-1 deleted", "50 /d/b 0-2 deleted"}},
	{"an opaque directory", [][]string{{"f d/a 100", "f d/e/b 50"}, {"o d", "f d/c 7"}}, 157, []string{"100 /d/a 0-1 deleted", "50 /d/e/b 0-1 deleted"}},
	{"an opaque directory that has the name again", [][]string{{"f d/a 100"}, {"f d/a 7", "o d"}}, 107, []string{"100 /d/a 0-1 rewritten"}},
	{"an opaque root", [][]string{{"f a 100", "f b/c 50"}, {"o /"}}, 150, []string{"100 /a 0-1 deleted", "50 /b/c 0-1 deleted"}},
	{"chmod of a large file", [][]string{{"f a 1000"}, {"f a 1000 mode=600"}}, 2000, []string{"1000 /a 0-1 copied"}},
	{"chown -R of a directory", [][]string{{"f d/a 100", "f d/b 50"}, {"d d uid=1", "f d/a 100 uid=1", "f d/b 50 uid=1"}}, 300, []string{"100 /d/a 0-1 copied", "50 /d/b 0-1 copied"}},
	{"touch", [][]string{{"f a 100"}, {"f a 100 mtime=9"}}, 200, []string{"100 /a 0-1 copied"}},
	{"setcap", [][]string{{"f a 100"}, {"f a 100 xattr=security.capability=1"}}, 200, []string{"100 /a 0-1 copied"}},
	{"chmod twice", [][]string{{"f a 100"}, {"f a 100 mode=600"}, {"f a 100 mode=644"}}, 300, []string{"100 /a 0-1 copied", "100 /a 1-2 copied"}},
	{"chmod, then rm", [][]string{{"f a 100"}, {"f a 100 mode=600"}, {"w a"}}, 200, []string{"100 /a 0-1 copied", "100 /a 1-2 deleted"}},
	{"other content", [][]string{{"f a 100"}, {"f a 100#1"}}, 200, []string{"100 /a 0-1 rewritten"}},
	{"other size", [][]string{{"f a 100"}, {"f a 101"}}, 201, []string{"100 /a 0-1 rewritten"}},
	{"other size, and the same hash", [][]string{{"f a 100"}, {"f a 50#5000"}}, 150, []string{"100 /a 0-1 rewritten"}},
	{"a file becomes a directory", [][]string{{"f a 100"}, {"d a", "f a/b 5"}}, 105, []string{"100 /a 0-1 rewritten"}},
	{"a file becomes a parent", [][]string{{"f a 100"}, {"f a/b 5"}}, 105, []string{"100 /a 0-1 rewritten"}},
	{"a directory becomes a file", [][]string{{"f a/b 100", "f a/c/d 7"}, {"f a 5"}}, 112, []string{"100 /a/b 0-1 deleted", "7 /a/c/d 0-1 deleted"}},
	{"a file becomes a symlink", [][]string{{"f a 100"}, {"s a b"}}, 100, []string{"100 /a 0-1 rewritten"}},
	{"a symlink becomes a file", [][]string{{"s a b"}, {"f a 100"}}, 100, nil},
	{"a symlink over a directory", [][]string{{"f a/b 100"}, {"s a c"}}, 100, []string{"100 /a/b 0-1 deleted"}},
	{"a directory over a symlink", [][]string{{"f c/b 100", "s a c"}, {"f a/b 100"}}, 200, nil},
	{"a file becomes a device", [][]string{{"f a 100"}, {"c a 1 3"}}, 100, []string{"100 /a 0-1 rewritten"}},
	{"a directory becomes a pipe", [][]string{{"f a/b 100"}, {"p a"}}, 100, []string{"100 /a/b 0-1 deleted"}},
	{"one name of a hard link is replaced", [][]string{{"f a 100", "h b a"}, {"f b 7"}}, 107, nil},
	{"the first name of a hard link is removed", [][]string{{"f a 100", "h b a"}, {"w a"}}, 100, nil},
	{"all names of a hard link are replaced", [][]string{{"f a 100", "h b a"}, {"f a 7", "f b 8"}}, 115, []string{"100 /a 0-1 rewritten"}},
	{"all names of a hard link go, one by one", [][]string{{"f a 100", "h b a", "h c a"}, {"w b"}, {"f a 7"}, {"w c"}}, 107, []string{"100 /a 0-3 deleted"}},
	{"chmod of a hard-linked file", [][]string{{"f a 100", "h b a"}, {"f a 100 mode=600", "h b a mode=600"}}, 200, []string{"100 /a 0-1 copied"}},
	{"a hard link to a lower layer keeps what its name loses", [][]string{{"f a 100"}, {"h b a"}, {"w a"}}, 100, nil},
	{"a hard link to a lower layer, then both go", [][]string{{"f a 100"}, {"h b a"}, {"w a"}, {"w b"}}, 100, []string{"100 /a 0-3 deleted"}},
	{"a hard link takes over from a whiteout in one layer", [][]string{{"f a 100"}, {"h b a", "w a"}}, 100, nil},
	{"a hard link that dangles", [][]string{{"f a 100", "h b gone"}, {"w a"}}, 100, []string{"100 /a 0-1 deleted"}},
	{"whiteout and the same again in one layer", [][]string{{"f a 100"}, {"w a", "f a 100"}}, 200, []string{"100 /a 0-1 copied"}},
	{"whiteout and another in one layer", [][]string{{"f a 100"}, {"f a 50", "w a"}}, 150, []string{"100 /a 0-1 rewritten"}},
	{"whiteout of the directory and the file again in one layer", [][]string{{"f d/a 100"}, {"w d", "d d", "f d/a 100"}}, 200, []string{"100 /d/a 0-1 copied"}},
	{"removed and later there again, equal", [][]string{{"f a 100"}, {"w a"}, {"f a 100"}}, 200, []string{"100 /a 0-1 deleted"}},
	{"removed and later there again, other", [][]string{{"f a 100"}, {"w a"}, {"f a 50"}}, 150, []string{"100 /a 0-1 deleted"}},
	{"removed, there again, removed", [][]string{{"f a 100"}, {"w a"}, {"f a 100"}, {"w a"}}, 200, []string{"100 /a 0-1 deleted", "100 /a 2-3 deleted"}},
	{"replaced three times", [][]string{{"f a 1"}, {"f a 2"}, {"f a 3"}, {"f a 4"}}, 10, []string{"3 /a 2-3 rewritten", "2 /a 1-2 rewritten", "1 /a 0-1 rewritten"}},
	{"duplicates in one layer", [][]string{{"f a 100", "f a 50", "f a 50"}}, 200, []string{"100 /a 0-0 twice", "50 /a 0-0 twice"}},
	{"duplicates, one of them linked", [][]string{{"f a 100", "h b a", "f a 50"}}, 150, nil},
	{"duplicates, then removed", [][]string{{"f a 50", "f a 50"}, {"w a"}}, 100, []string{"50 /a 0-0 twice", "50 /a 0-1 deleted"}},
	{"a file that its layer puts a directory over", [][]string{{"f a 100", "d a"}}, 100, []string{"100 /a 0-0 twice"}},
	{"files that their layer puts a file over", [][]string{{"f a/b 100", "f a 5"}}, 105, []string{"100 /a/b 0-0 twice"}},
	{"parents without entries", [][]string{{"d a mode=700", "f a/b/c 100"}, {"f a/b/d 5"}, {"w a/b/c"}}, 105, []string{"100 /a/b/c 0-2 deleted"}},
	{"a whiteout of nothing", [][]string{{"f a 100"}, {"w b", "w c/d", "o e"}}, 100, nil},
	{"metadata of directories alone", [][]string{{"f a/b 100"}, {"d a mode=700"}}, 100, nil},
	{"empty files", [][]string{{"f a 0", "f b 0"}, {"w a", "f b 5"}}, 5, nil},
	{"symlinks, devices and pipes carry nothing", [][]string{{"s a b", "c c 1 3", "p d"}, {"w a", "w c", "w d"}}, 0, nil},
	{"a file where an equal one has another name", [][]string{{"f a 100"}, {"w a", "f b 100"}}, 200, []string{"100 /a 0-1 deleted"}},
	{"a layer twice", [][]string{{"f a 100"}, {"f a 100"}}, 200, []string{"100 /a 0-1 copied"}},
	{"a file beneath a symlink of its layer", [][]string{{"f u/b 100"}, {"s a u", "f a/b 50"}, {"w u"}}, 150, []string{"100 /u/b 0-1 rewritten", "50 /u/b 1-2 deleted"}},
	{"what only hard links reach", [][]string{{"f .wh..wh.plnk/1 100", "f .wh..wh.plnk/2 50", "h a .wh..wh.plnk/1"}}, 150, []string{"50 /.wh..wh.plnk/2 0-0 twice"}},
	{"names that sort unlike their paths", [][]string{{"f a- 9", "h a/b a-", "h a/c a-"}, {"w a-", "f a/b 9", "f a/c 8"}}, 26, []string{"9 /a- 0-1 deleted"}},
}

var hows = map[waste.How]string{waste.Deleted: "deleted", waste.Rewritten: "rewritten", waste.Copied: "copied", waste.Twice: "twice"}

func TestDeadBytesOfMadeImages(t *testing.T) {
	for _, c := range images {
		t.Run(c.name, func(t *testing.T) {
			layers := treetest.Layers(c.layers...)
			got := waste.Weigh(treetest.Fold(layers))
			var dead []string
			for _, d := range got.Paths {
				dead = append(dead, fmt.Sprintf("%d %s %d-%d %s", d.Bytes, d.Path, d.Added, d.Hidden, hows[d.How]))
			}
			if d := cmp.Diff(c.dead, dead); d != "" || got.Total != c.total {
				t.Errorf("layers %q\ntotal %d, want %d; dead: (-want +got)\n%s", c.layers, got.Total, c.total, d)
			}
			checkReport(t, layers, got)
		})
	}
}

// checkReport holds a report against the plain one, and its sums against each other.
func checkReport(t *testing.T, layers [][]tree.Entry, got waste.Report) {
	t.Helper()
	if d := cmp.Diff(weighed(layers), got, cmpopts.EquateEmpty()); d != "" {
		t.Fatalf("layers %+v\nreport: (-want +got)\n%s", layers, d)
	}
	var paths, by, hidden int64
	for _, d := range got.Paths {
		paths += d.Bytes
	}
	for i := range got.ByLayer {
		by, hidden = by+got.ByLayer[i], hidden+got.HiddenBy[i]
	}
	if paths != got.Dead || by != got.Dead || hidden != got.Dead || got.Live+got.Dead != got.Total {
		t.Fatalf("layers %+v\ndead %d: by path %d, by layer %d, by what hid them %d; live %d of %d", layers, got.Dead, paths, by, hidden, got.Live, got.Total)
	}
}

func TestEfficiencyIsWhatIsNotDead(t *testing.T) {
	for _, c := range []struct {
		total, dead int64
		want        float64
	}{{0, 0, 1}, {100, 0, 1}, {100, 25, 0.75}, {100, 100, 0}} {
		if got := (waste.Report{Total: c.total, Dead: c.dead}).Efficiency(); got != c.want {
			t.Errorf("%d dead of %d: efficiency %v, want %v", c.dead, c.total, got, c.want)
		}
	}
}

// FuzzWeigh reads bytes as the layers of an image, and weighs it by definition too.
func FuzzWeigh(f *testing.F) {
	f.Add([]byte{0, 0, 8, 3, 1, 16, 255, 0, 0, 0, 0, 12, 255, 0, 0, 6, 1, 0})
	f.Add([]byte{0, 2, 8, 0, 4, 8, 0, 2, 4, 255, 0, 0, 7, 0, 0, 0, 2, 8, 255, 0, 0, 0, 0, 12})
	f.Add([]byte{0, 15, 8, 3, 0, 144, 0, 3, 8, 255, 0, 0, 3, 1, 0, 255, 0, 0, 6, 0, 0, 255, 0, 0, 6, 1, 0})
	f.Fuzz(func(t *testing.T, data []byte) {
		layers := treetest.Decode(data)
		checkReport(t, layers, waste.Weigh(treetest.Fold(layers)))
	})
}
