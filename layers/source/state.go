package source

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"
)

// restless is how long after a change a file is not told by its state: what is
// written within one tick of its clock leaves no trace, and the coarsest clocks of
// file systems tick every two seconds.
const restless = 2 * time.Second

// State tells which file on this machine holds the layer with that index, where in
// it, and when that changed last: as long as two are equal, so are the bytes. It is
// false where nothing tells that without reading them.
func (i *Image) State(layer int) (string, bool) {
	if !i.Local || i.Whole > 0 {
		return "", false
	}
	f, at, size := i.Blobs[layer].file()
	if f == nil {
		return "", false
	}
	s, err := stateOf(f)
	if err != nil {
		return "", false
	}
	return fmt.Sprintf("%s %d+%d", s, at, size), true
}

// file returns the file that a blob is a piece of, or nil.
func (b Blob) file() (f *os.File, at, size int64) {
	switch r := b.At.(type) {
	case *os.File:
		return r, 0, b.Size
	case *io.SectionReader:
		whole, at, size := r.Outer()
		f, _ := whole.(*os.File)
		return f, at, size
	case *lazyFile:
		f, _ := r.d.file(r.name)
		return f, 0, r.size
	}
	return nil, 0, 0
}

// stateOf tells a file, and what it holds, from all others.
func stateOf(f *os.File) (string, error) {
	i, err := f.Stat()
	if err != nil {
		return "", err
	}
	name, err := filepath.Abs(f.Name())
	if err != nil {
		return "", err
	}
	if age := time.Since(i.ModTime()); age < restless {
		return "", fmt.Errorf("%s has just been written", name)
	}
	return fmt.Sprintf("%q %d bytes at %d %s", name, i.Size(), i.ModTime().UnixNano(), identity(i)), nil
}
