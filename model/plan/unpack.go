package plan

import (
	"errors"
	"fmt"
	"path"

	"github.com/imgtui/imgtui/model/tree"
)

// ErrUnforetold is the cause where a layer cannot be told before it is made.
var ErrUnforetold = errors.New("what it brings is not known before it is built")

// unpack unpacks a source that is an archive, and tells whether it was one.
func (c *copying) unpack(source string) (bool, error) {
	n := c.from.Find(source)
	if !c.spec.Unpack || c.archives == nil || n == nil || kind(n) != tree.File {
		return false, nil
	}
	l, ok := c.archives(source)
	if !ok {
		return false, nil
	}
	if l == nil {
		return true, fmt.Errorf("unpack %s: %w", source, ErrUnforetold)
	}
	as := c.made()
	as.Mode = 0o755
	real, err := resolve(c.dest, c.disk.link)
	if err != nil {
		return true, err
	}
	if err := c.disk.makeAll(real, as); err != nil {
		return true, err
	}
	u := unpacking{copying: c, archive: l, dest: real, links: map[*tree.Payload]*content{}, times: map[*item]int64{}}
	l.Root.Walk(func(p string, n *tree.Node) bool {
		if err == nil && p != "/" {
			err = u.put(p, n)
		}
		return err == nil
	})
	for i, time := range u.times {
		i.attr.ModTime = time
	}
	return true, err
}

// unpacking is an archive being unpacked over a directory.
type unpacking struct {
	*copying
	archive *tree.Layer
	dest    string
	links   map[*tree.Payload]*content
	times   map[*item]int64 // of directories, set when all is done
}

func (u *unpacking) put(p string, n *tree.Node) error {
	parent, err := resolve(path.Dir(path.Join(u.dest, p)), u.disk.link)
	if err != nil {
		return err
	}
	if err := u.disk.makeAll(parent, tree.Attr{Kind: tree.Dir, Mode: 0o755, ModTime: u.spec.Time}); err != nil {
		return err
	}
	if !u.archive.Carries(p) {
		return nil // a directory that is made when something in it is
	}
	dir := u.disk.find(parent)
	name := path.Base(p)
	i := dir.kid(name)
	if i == nil || i.attr.Kind != tree.Dir || n.Kind != tree.Dir {
		i = &item{}
		u.disk.put(dir, name, i)
	}
	u.inform(i, n)
	return nil
}

// inform gives an item what the archive says of it; --chown counts.
func (u *unpacking) inform(i *item, n *tree.Node) {
	i.attr = n.Attr()
	if n.Payload() != nil {
		i.attr.Kind, i.attr.Link = tree.File, ""
		if u.links[n.Payload()] == nil {
			u.links[n.Payload()] = &content{size: n.Payload().Size, hash: n.Payload().Content()}
		}
		i.content = u.links[n.Payload()]
	}
	if u.owner != nil {
		i.attr.UID, i.attr.GID = u.owner.uid, u.owner.gid
	}
	if n.Kind == tree.Symlink {
		i.attr.Mode = 0o777
	}
	if n.Kind == tree.Dir {
		u.times[i] = n.ModTime
	}
}
