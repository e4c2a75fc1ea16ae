package explain

import (
	"cmp"
	"fmt"
	"strings"
	"time"

	"github.com/imgtui/imgtui/model"
	"github.com/imgtui/imgtui/model/tree"
	"github.com/imgtui/imgtui/model/words"
)

// Path says what a path is, how it changed, and which steps touch it. The
// layers are those that have been read, lowest first.
func Path(w words.Words, i *model.Image, layers []*tree.Layer, path string, d tree.Delta) []Line {
	var t text
	e, n := w.Explain, d.Node()
	if n == nil {
		return nil
	}
	t.add(Code, visible(path))
	t.gap()
	if d.After == nil {
		t.add(Text, e.Gone)
	}
	if c := d.Change(); c != tree.Same && d.Before != nil && d.After != nil {
		t.pair(e.Change, e.Changed[c])
	}
	t.attributes(e, d)
	t.heading(e.History)
	t.touches(e, i, layers, path)
	return t
}

// attributes tells each fact of a path, and what it was before where that differs.
func (t *text) attributes(e words.Explain, d tree.Delta) {
	for _, f := range []struct {
		key  string
		fact func(*tree.Node) string
	}{
		{e.Kind, func(n *tree.Node) string { return n.Kind.String() }},
		{e.Size, sizeOf},
		{e.Files, countOf},
		{e.Mode, func(n *tree.Node) string {
			return fmt.Sprintf("%s %04o", words.Mode(n.Kind.Letter(), n.Mode), n.Mode)
		}},
		{e.Owner, func(n *tree.Node) string { return fmt.Sprintf("%d:%d", n.UID, n.GID) }},
		{e.Modified, func(n *tree.Node) string { return time.Unix(0, n.ModTime).UTC().Format(time.RFC3339Nano) }},
		{e.Link, func(n *tree.Node) string { return visible(n.Link) }},
		{e.Device, deviceOf},
		{e.Xattr, func(n *tree.Node) string {
			return visible(strings.ReplaceAll(strings.TrimSuffix(n.Xattrs, "\x00"), "\x00", ", "))
		}},
	} {
		t.pair(f.key, both(d, f.fact))
	}
}

// both returns a fact, and what it was before where that differs. "–" stands
// for a side that has no such fact.
func both(d tree.Delta, fact func(*tree.Node) string) string {
	now := fact(d.Node())
	if d.Before == nil || d.After == nil || fact(d.Before) == now {
		return now
	}
	return fromTo(cmp.Or(fact(d.Before), "–"), cmp.Or(now, "–"))
}

func sizeOf(n *tree.Node) string {
	switch n.Kind {
	case tree.Dir:
		return fmt.Sprintf("%s (%s)", words.Bytes(n.Bytes()), words.Exact(n.Bytes()))
	case tree.File, tree.Hardlink:
		return fmt.Sprintf("%s (%s)", words.Bytes(n.Size), words.Exact(n.Size))
	}
	return ""
}

// countOf returns how many paths a directory holds.
func countOf(n *tree.Node) string {
	if n.Kind != tree.Dir {
		return ""
	}
	return words.Exact(n.Count() - 1)
}

func deviceOf(n *tree.Node) string {
	if n.Kind != tree.Char && n.Kind != tree.Block {
		return ""
	}
	return fmt.Sprintf("%d, %d", n.Major, n.Minor)
}

// touches tells what each step did to the path.
func (t *text) touches(e words.Explain, i *model.Image, layers []*tree.Layer, path string) {
	var was *tree.Node
	before := len(*t)
	for n, l := range layers {
		if !l.Touches(path) {
			continue
		}
		now := carried(l, path)
		known := l.Index == n // every layer beneath has been read
		if now == nil && was == nil && known {
			continue
		}
		step, by := stepOf(i, l.Index)
		t.add(List, fmt.Sprintf(touch(e, was, now), step, by))
		was = now
	}
	if len(*t) == before {
		t.add(Text, e.Implied)
	}
}

// carried returns what a layer says of a path itself, or nil.
func carried(l *tree.Layer, path string) *tree.Node {
	if !l.Carries(path) {
		return nil
	}
	return l.Root.Find(path)
}

// touch returns the sentence for what a layer did to a path that was so before.
func touch(e words.Explain, was, now *tree.Node) string {
	switch {
	case now == nil:
		return e.StepHides
	case was == nil:
		return e.StepAdds
	case was.Kind == tree.Dir && now.Kind == tree.Dir:
		return e.StepNames
	case was.Payload() != nil && now.Payload() != nil && was.Size == now.Size && was.Payload().Content() == now.Payload().Content():
		return e.StepCopies
	}
	return e.StepWrites
}
