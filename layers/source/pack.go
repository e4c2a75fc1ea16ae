package source

import (
	"archive/tar"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"
)

// PartialError ends a stream that is whole but for some of what it should have
// held: it is to be told, and not a reason to throw away the rest.
type PartialError struct{ Text string }

// Error implements error.
func (p *PartialError) Error() string { return p.Text }

// packing writes a directory as a tar. What cannot be read keeps its place
// without its content, and is told at the end.
type packing struct {
	ctx    context.Context
	root   *os.Root
	tar    *tar.Writer
	names  map[inode]string // the first name of a file that has several
	unread int
	first  error // why the first of them could not be read
}

// inode is what the names of one file have in common.
type inode struct{ dev, ino uint64 }

func (p *packing) run() (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("pack: %v", r)
		}
	}()
	err = fs.WalkDir(p.root.FS(), ".", func(name string, d fs.DirEntry, err error) error {
		switch {
		case p.ctx.Err() != nil:
			return p.ctx.Err()
		case err != nil:
			return p.skip(err)
		case name == ".":
			return nil
		}
		return p.add(name, d)
	})
	if err := errors.Join(err, p.tar.Close()); err != nil {
		return err
	}
	if p.unread > 0 {
		return &PartialError{fmt.Sprintf("%d files and folders could not be read, the first is %v", p.unread, p.first)}
	}
	return nil
}

// skip leaves out what cannot be read.
func (p *packing) skip(err error) error {
	if p.unread++; p.first == nil {
		p.first = err
	}
	return nil
}

func (p *packing) add(name string, d fs.DirEntry) error {
	i, err := d.Info()
	if err != nil {
		return p.skip(err)
	}
	if i.Mode()&fs.ModeSocket != 0 {
		return nil
	}
	link := ""
	if i.Mode()&fs.ModeSymlink != 0 {
		if link, err = p.root.Readlink(name); err != nil {
			return p.skip(err)
		}
	}
	h, err := tar.FileInfoHeader(i, link)
	if err != nil {
		return p.skip(err)
	}
	h.Name, h.Format = filepath.ToSlash(name), tar.FormatPAX
	h.AccessTime, h.ChangeTime = time.Time{}, time.Time{} // reading changes them
	if !i.Mode().IsRegular() {
		return p.tar.WriteHeader(h)
	}
	if n, ok := inodeOf(i); ok && p.names[n] != "" {
		h.Typeflag, h.Linkname, h.Size = tar.TypeLink, p.names[n], 0
		return p.tar.WriteHeader(h)
	} else if ok {
		p.names[n] = h.Name
	}
	return p.file(name, h)
}

func (p *packing) file(name string, h *tar.Header) error {
	f, err := p.root.Open(name)
	if err != nil {
		h.Size = 0
		return errors.Join(p.tar.WriteHeader(h), p.skip(err))
	}
	defer f.Close()
	if err := p.tar.WriteHeader(h); err != nil {
		return err
	}
	n, err := copyTold(p.ctx, p.tar, io.LimitReader(f, h.Size), func(int64) {})
	if p.ctx.Err() != nil {
		return p.ctx.Err()
	}
	if n == h.Size {
		return nil
	}
	if err == nil {
		err = fmt.Errorf("%s: it has shrunk", name)
	}
	p.skip(err)
	_, err = io.CopyN(p.tar, zeros{}, h.Size-n)
	return err
}

// zeros are without end.
type zeros struct{}

// Read implements io.Reader.
func (zeros) Read(p []byte) (int, error) {
	clear(p)
	return len(p), nil
}
