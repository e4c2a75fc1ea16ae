package buildcontext

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"time"

	"github.com/zeebo/xxh3"

	"github.com/imgtui/imgtui/model/tree"
)

// fill finds out what a path is, and reads its content where nobody remembers
// it. A path that is gone meanwhile is not sent.
func (r *reader) fill(k *found, dir *os.Root, name string) error {
	i, err := dir.Lstat(name)
	if err != nil {
		return r.lost(k, err)
	}
	k.id, k.links = identify(i)
	k.attr = attr(i)
	switch k.attr.Kind {
	case tree.Symlink:
		k.attr.Link, err = dir.Readlink(name)
		if err != nil {
			return r.lost(k, err)
		}
	case tree.File:
		if i.Mode().IsRegular() {
			return r.content(k, dir, name, i)
		}
	}
	return nil
}

// lost says of a path that it was there a moment ago.
func (r *reader) lost(k *found, err error) error {
	k.sent = false
	if !errors.Is(err, fs.ErrNotExist) {
		r.fault(k.path, cause(err))
	}
	return nil
}

// attr is what BuildKit makes of a path: owned by root, sockets are empty files.
func attr(i fs.FileInfo) tree.Attr {
	a := tree.Attr{Kind: tree.File, Mode: permissions(i.Mode()), ModTime: i.ModTime().UnixNano()}
	switch m := i.Mode(); {
	case m.IsDir():
		a.Kind = tree.Dir
	case m.IsRegular():
		a.Size = i.Size()
	case m&fs.ModeSymlink != 0:
		a.Kind, a.Mode = tree.Symlink, 0o777
	case m&fs.ModeNamedPipe != 0:
		a.Kind = tree.Fifo
	case m&fs.ModeCharDevice != 0:
		a.Kind = tree.Char
		a.Major, a.Minor = device(i)
	case m&fs.ModeDevice != 0:
		a.Kind = tree.Block
		a.Major, a.Minor = device(i)
	}
	return a
}

// content finds the hash of a regular file: remembered, or read.
func (r *reader) content(k *found, dir *os.Root, name string, i fs.FileInfo) error {
	key := fingerprint(i)
	if m, ok := r.memory.recall(k.path, key); ok {
		k.content, k.attr.Xattrs = m.Content, m.Xattrs
		return nil
	}
	now := time.Now()
	f, err := dir.OpenFile(name, os.O_RDONLY|nonblock, 0)
	if err != nil {
		return r.unread(k, err)
	}
	defer f.Close()
	if opened, err := f.Stat(); err != nil || !os.SameFile(i, opened) {
		return r.unread(k, errors.Join(errChanged, err))
	}
	k.attr.Xattrs = xattrs(f)
	n, err := r.sumUp(f)
	if err != nil {
		return err
	}
	if n.err != nil {
		return r.unread(k, n.err)
	}
	k.content, k.attr.Size = n.content, n.size
	if after, err := f.Stat(); err != nil || n.size != i.Size() || fingerprint(after) != key {
		r.fault(k.path, errChanged)
		return nil
	}
	r.memory.remember(k.path, memo{Key: key, Content: k.content, Xattrs: k.attr.Xattrs}, now)
	return nil
}

// errChanged is the fault of a file that somebody writes while it is read.
var errChanged = errors.New("changed while it was read")

// unread says of a file that it cannot be read: BuildKit's client sends it
// without its content.
func (r *reader) unread(k *found, err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		k.sent = false
	}
	k.content, k.attr.Size = 0, 0
	r.fault(k.path, fmt.Errorf("%w: it is sent empty", cause(err)))
	return nil
}

// reading is what reading a file to its end gave.
type reading struct {
	content uint64
	size    int64
	err     error
}

// sumUp hashes a file as layers are hashed. Its error means to stop altogether.
func (r *reader) sumUp(f io.Reader) (reading, error) {
	var n reading
	if r.buf == nil {
		r.buf, r.hash = make([]byte, 128<<10), xxh3.New()
	}
	r.hash.Reset()
	for {
		if err := r.ctx.Err(); err != nil {
			return n, err
		}
		k, err := f.Read(r.buf)
		r.hash.Write(r.buf[:k])
		n.size += int64(k)
		r.bytes.Add(int64(k))
		if errors.Is(err, io.EOF) {
			if n.size > 0 {
				n.content = r.hash.Sum64()
			}
			return n, nil
		}
		if err != nil {
			n.err = err
			return n, nil
		}
		if n.size > int64(len(r.buf)) {
			r.tell()
		}
	}
}

// permissions are the bits that a layer keeps.
func permissions(m fs.FileMode) uint32 {
	bits := uint32(m.Perm())
	if m&fs.ModeSetuid != 0 {
		bits |= 0o4000
	}
	if m&fs.ModeSetgid != 0 {
		bits |= 0o2000
	}
	if m&fs.ModeSticky != 0 {
		bits |= 0o1000
	}
	return foreign(bits)
}
