package sourcetest

import (
	"archive/tar"
	"os"
	"path/filepath"
	"slices"
	"testing"
)

// Part is a file of an archive or a layout.
type Part struct {
	Name string
	Body []byte
	Link string // if set, a symbolic link to there
}

// Parts are the files of an archive or a layout, in their order.
type Parts []Part

// Get returns what a file holds, nil where there is none.
func (p Parts) Get(name string) []byte {
	if i := p.at(name); i >= 0 {
		return p[i].Body
	}
	return nil
}

func (p Parts) at(name string) int {
	return slices.IndexFunc(p, func(f Part) bool { return f.Name == name })
}

// With returns the parts with a file that holds something else, in its place or at the end.
func (p Parts) With(name string, body []byte) Parts {
	p = slices.Clone(p)
	if i := p.at(name); i >= 0 {
		p[i] = Part{Name: name, Body: body}
		return p
	}
	return append(p, Part{Name: name, Body: body})
}

// Linked returns the parts with a symbolic link in place of a file.
func (p Parts) Linked(name, to string) Parts {
	p = p.With(name, nil)
	p[p.at(name)].Link = to
	return p
}

// Without returns the parts without a file.
func (p Parts) Without(name string) Parts {
	return slices.DeleteFunc(slices.Clone(p), func(f Part) bool { return f.Name == name })
}

// First returns the parts with a file before all others.
func (p Parts) First(name string) Parts {
	i := p.at(name)
	return append(Parts{p[i]}, p.Without(name)...)
}

// Tar makes an archive.
func (p Parts) Tar() []byte {
	var all []Entry
	for _, f := range p {
		e := File(f.Name, string(f.Body))
		if f.Link != "" {
			e.Typeflag, e.Linkname = tar.TypeSymlink, f.Link
		}
		all = append(all, e)
	}
	return Tar(all...)
}

// Folder writes the parts to a folder of the test's own.
func (p Parts) Folder(t testing.TB) string {
	t.Helper()
	dir := t.TempDir()
	for _, f := range p {
		name := filepath.Join(dir, filepath.FromSlash(f.Name))
		err := os.MkdirAll(filepath.Dir(name), 0o755)
		if err == nil && f.Link != "" {
			err = os.Symlink(f.Link, name)
		} else if err == nil {
			err = os.WriteFile(name, f.Body, 0o644)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// Write writes bytes to a file of the test's own and returns its path.
func Write(t testing.TB, name string, body []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, body, 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}
