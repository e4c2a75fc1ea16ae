package plan

import (
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/imgtui/imgtui/model/tree"
)

// layer returns what BuildKit writes into the layer: what differs from the
// root beneath, and the directories above it.
func (d *disk) layer(index, base int) *tree.Layer {
	l := laying{builder: tree.NewBuilder(index), base: base}
	for _, name := range slices.Sorted(maps.Keys(d.root.kids)) {
		l.put("/"+name, d.root.kids[name])
	}
	return l.builder.Layer()
}

// laying is a layer being written.
type laying struct {
	builder *tree.Builder
	base    int
}

// differs tells whether an item, or something in it, goes into the layer.
func (l *laying) differs(i *item) bool {
	if i == nil {
		return false
	}
	if !l.same(i) {
		return true
	}
	for _, k := range i.kids {
		if l.differs(k) {
			return true
		}
	}
	return false
}

// same tells whether the root beneath has an item just so. BuildKit compares
// files by their times; a layer of the base image knows them in whole seconds
// only, and where those agree the contents are compared.
func (l *laying) same(i *item) bool {
	n := i.below
	if n == nil || kind(n) != i.attr.Kind {
		return false
	}
	if n.Mode != i.attr.Mode || n.UID != i.attr.UID || n.GID != i.attr.GID || n.Major != i.attr.Major || n.Minor != i.attr.Minor {
		return false
	}
	if i.attr.Kind == tree.Dir || !i.written {
		return true
	}
	if seconds(n.ModTime) != seconds(i.attr.ModTime) || int(n.Layer) < l.base && i.attr.ModTime%int64(time.Second) != 0 {
		return false
	}
	if i.content != nil {
		return n.Payload() != nil && n.Payload().Size == i.content.size && n.Payload().Content() == i.content.hash
	}
	return n.Link == i.attr.Link
}

// kind is the kind of a node, a hard link counting as the file it is.
func kind(n *tree.Node) tree.Kind {
	if n.Kind == tree.Hardlink {
		return tree.File
	}
	return n.Kind
}

// put writes an item and what is in it. An item that is gone was replaced by
// another in all that COPY and ADD do.
func (l *laying) put(p string, i *item) {
	if !l.differs(i) {
		return
	}
	e := tree.Entry{Path: p, Attr: i.attr, Offset: -1}
	e.ModTime = seconds(e.ModTime)
	e.Xattrs = capability(e.Xattrs)
	if c := i.content; c != nil {
		e.Size, e.Content = c.size, c.hash
		if c.entry != "" {
			e.Kind, e.Link, e.Size, e.Content = tree.Hardlink, c.entry, 0, 0
		} else {
			c.entry = strings.TrimPrefix(p, "/")
		}
	}
	l.builder.Add(e)
	for _, name := range slices.Sorted(maps.Keys(i.kids)) {
		l.put(p+"/"+name, i.kids[name])
	}
}

// seconds cuts a time to what a layer keeps of it.
func seconds(nanoseconds int64) int64 {
	return nanoseconds - nanoseconds%int64(time.Second)
}

const capabilityKey = "security.capability="

// capabilityBytes are the lengths of a capability by its revision: its fourth
// byte. Its value may have the zero byte that ends others.
var capabilityBytes = map[byte]int{1: 12, 2: 20, 3: 24}

// capability returns of extended attributes the one that layers keep.
func capability(xattrs string) string {
	at := strings.Index("\x00"+xattrs, "\x00"+capabilityKey)
	if at < 0 {
		return ""
	}
	value := xattrs[at+len(capabilityKey):]
	if len(value) < 4 {
		return ""
	}
	return capabilityKey + value[:min(capabilityBytes[value[3]], len(value))] + "\x00"
}
