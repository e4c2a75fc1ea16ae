package store

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"

	"github.com/imgtui/imgtui/layers/home"
)

// openRegular opens a file of this user's for reading, and returns its size.
// What stands in its place and is none is damaged; what is another user's is
// left alone.
func openRegular(root *os.Root, name string) (*os.File, int64, error) {
	i, err := root.Lstat(name)
	if err != nil {
		return nil, 0, err
	}
	if !i.Mode().IsRegular() {
		return nil, 0, damaged("no file, but %s", i.Mode().Type())
	}
	f, err := root.OpenFile(name, os.O_RDONLY|nonblock, 0)
	if err != nil {
		return nil, 0, err
	}
	now, err := f.Stat()
	if err == nil && !os.SameFile(i, now) {
		err = errors.New("it has just become another")
	}
	if user, mine := home.Owner(i); err == nil && !mine {
		err = fmt.Errorf("it belongs to user %d", user)
	}
	if err != nil {
		f.Close()
		return nil, 0, err
	}
	return f, now.Size(), nil
}

// The rights of what is written: nobody else's business.
const (
	filePerm   = 0o600
	folderPerm = 0o700
)

// aside ends the name of a file that is being written. What comes before is the
// entry's own name, and a text that no other writer has.
const aside = ".tmp"

// writeAside writes a file so that who reads it finds all of it or none: beside
// its place, and then into it. It is not forced to the disk: after a loss of
// power its sums tell.
func writeAside(root *os.Root, name string, pieces [][]byte) error {
	if err := root.MkdirAll(path.Dir(name), folderPerm); err != nil {
		return err
	}
	temp := name + "." + rand.Text() + aside
	err := writeNew(root, temp, pieces)
	if err == nil {
		err = root.Rename(temp, name)
	}
	if err != nil {
		return errors.Join(err, unlessGone(root.Remove(temp)))
	}
	return nil
}

func writeNew(root *os.Root, name string, pieces [][]byte) error {
	f, err := root.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, filePerm)
	if err != nil {
		return err
	}
	for _, b := range pieces {
		if _, err := f.Write(b); err != nil {
			f.Close()
			return err
		}
	}
	return f.Close()
}

func unlessGone(err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

// isAside tells the file of a writer, that of a killed one too.
func isAside(name string) bool {
	entry, _, ok := strings.Cut(name, suffix+".")
	return ok && strings.HasSuffix(name, aside) && keyOf(entry+suffix) != Key{}
}

// makeFolder makes a folder in one of the user's own: in the home of another, as
// under sudo, it would be in that one's way.
func makeFolder(dir string) error {
	for at := dir; ; at = filepath.Dir(at) {
		err := home.Own(at)
		if err == nil {
			return os.MkdirAll(dir, folderPerm)
		}
		if !errors.Is(err, fs.ErrNotExist) || at == filepath.Dir(at) {
			return err
		}
	}
}
