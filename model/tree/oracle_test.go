package tree_test

import (
	"testing"

	"github.com/imgtui/imgtui/model/tree"
	"github.com/imgtui/imgtui/model/tree/treetest"
)

// stack is the layers of an image, folded by package tree and laid by the
// plain map.
type stack struct {
	layers [][]tree.Entry
	root   *tree.Node
	plain  treetest.Root
}

// on returns the stack with one more layer, its root held against the plain one.
func (s stack) on(t *testing.T, entries []tree.Entry) stack {
	t.Helper()
	i := len(s.layers)
	l := treetest.Build(i, entries)
	root, taken := tree.Lay(s.root, l)
	up := stack{append(s.layers[:i:i], entries), root, treetest.Lay(s.plain, i, entries)}
	if want := tree.Taken(s.root, l.Root, root); taken != want {
		t.Fatalf("layers %s\nthe root after layer %d takes %d bytes, want %d", show(up.layers), i, taken, want)
	}
	if d := treetest.Diff(up.plain, up.root); d != "" {
		t.Fatalf("layers %s\nroot after layer %d: (-want +got)\n%s", show(up.layers), i, d)
	}
	checkNodes(t, up.layers, "/", up.root)
	checkShared(t, up, s)
	return up
}

// checkNodes holds order, Bytes and Count of every directory against a count
// of all beneath.
func checkNodes(t *testing.T, layers [][]tree.Entry, at string, n *tree.Node) (bytes int64, count int) {
	t.Helper()
	if n.Kind == tree.File {
		bytes = n.Size
	}
	count = 1
	for i, k := range n.Kids() {
		if n.Kind != tree.Dir || i > 0 && n.Kids()[i-1].Name >= k.Name {
			t.Fatalf("layers %s\n%s, a %s, has %q at place %d", show(layers), at, n.Kind, k.Name, i)
		}
		b, c := checkNodes(t, layers, at+k.Name+"/", k)
		bytes, count = bytes+b, count+c
	}
	if n.Bytes() != bytes || n.Count() != count {
		t.Fatalf("layers %s\n%s: bytes %d, count %d; want %d, %d", show(layers), at, n.Bytes(), n.Count(), bytes, count)
	}
	return bytes, count
}

// checkShared holds that what a layer has not changed is the same node as below.
func checkShared(t *testing.T, up, below stack) {
	t.Helper()
	if below.root == nil {
		return
	}
	below.root.Walk(func(p string, n *tree.Node) bool {
		shared := up.root.Find(p) == n
		if !shared && untouched(below.plain, up.plain, p) {
			t.Fatalf("layers %s\n%s is the same as below, but another node", show(up.layers), p)
		}
		return !shared
	})
}

// untouched tells whether two plain roots agree, to the layer that said it, at a path and beneath.
func untouched(was, now treetest.Root, p string) bool {
	n := 0
	for q, f := range now {
		if within(q, p) {
			n++
			if was[q] != f {
				return false
			}
		}
	}
	for q := range was {
		if within(q, p) {
			n--
		}
	}
	return n == 0
}

// checkLayer holds what a layer says of itself against the layer laid on nothing.
func checkLayer(t *testing.T, entries []tree.Entry) {
	t.Helper()
	checkSays(t, entries, treetest.Build(0, entries))
}

func checkSays(t *testing.T, entries []tree.Entry, l *tree.Layer) {
	t.Helper()
	layers := [][]tree.Entry{entries}
	if l.Entries != len(entries) {
		t.Fatalf("layers %s\n%d entries; want %d", show(layers), l.Entries, len(entries))
	}
	checkPayloads(t, layers, l)
	said := treetest.Said(entries)
	if got, want := l.Unpacked, said.Unpacked(); got != want {
		t.Fatalf("layers %s\nunpacked: got %d, want %d", show(layers), got, want)
	}
	for _, p := range probes {
		if got, want := l.Carries(p), said.Carries(p); got != want {
			t.Fatalf("layers %s\ncarries %s: got %v, want %v", show(layers), p, got, want)
		}
		if got, want := l.Touches(p), said.Touches(p); got != want {
			t.Fatalf("layers %s\ntouches %s: got %v, want %v", show(layers), p, got, want)
		}
	}
}

// checkPayloads holds that a layer has all files of its entries, in their order,
// each where it stands.
func checkPayloads(t *testing.T, layers [][]tree.Entry, l *tree.Layer) {
	t.Helper()
	entries := layers[0]
	places, where, n := treetest.Places(entries), map[*tree.Payload]string{}, 0
	for p := range l.Payloads() {
		for n < len(entries) && (entries[n].Kind != tree.File || hasWhiteoutName(entries[n].Path)) {
			n++
		}
		if n == len(entries) || p.Entry() != n || p.Size != entries[n].Size || p.Content() != entries[n].Content || int(p.Layer) != l.Index || !l.Has(p) {
			t.Fatalf("layers %s\npayload of entry %d where that of entry %d is due", show(layers), p.Entry(), n)
		}
		where[p] = ""
		n++
	}
	l.Locate(where)
	for p, at := range where {
		if at != places[p.Entry()] {
			t.Fatalf("layers %s\nthe file of entry %d is at %q, want %q", show(layers), p.Entry(), at, places[p.Entry()])
		}
	}
	files := 0
	for _, e := range entries {
		if e.Kind == tree.File && !hasWhiteoutName(e.Path) {
			files++
		}
	}
	if len(where) != files || l.Files() != files {
		t.Fatalf("layers %s\n%d payloads, counted %d; want %d", show(layers), len(where), l.Files(), files)
	}
}

// probes are the paths that layers are asked about.
var probes = []string{"/", "/a", "/b", "/a/b", "/a/c", "/a/b/c", "a//b/./c/d", "/b/a", "/b/a/c", "/gone", "/a/gone/too"}
