package buildcontext

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"

	"github.com/imgtui/imgtui/model/ignore"
)

// ignoreFile is the name of the folder's own ignore file, and the ending of
// one that belongs to a Dockerfile.
const ignoreFile = ".dockerignore"

// maxRules is how large an ignore file may be: BuildKit reads no larger one.
const maxRules = 16 << 20

// readRules reads the ignore file that BuildKit would: the one named after the
// Dockerfile, or else the folder's own.
func (f *Folder) readRules() (rules, error) {
	from, text, err := f.rulesText()
	if err != nil {
		return rules{}, err
	}
	r := rules{from: from, text: text}
	lines, err := ignore.Lines([]byte(text))
	if err == nil {
		r.patterns, err = ignore.New(lines)
	}
	if err != nil {
		return rules{}, fmt.Errorf("read %s: %w", from, err)
	}
	return r, nil
}

func (f *Folder) rulesText() (from, text string, err error) {
	if f.options.Dockerfile != "" {
		from = f.options.Dockerfile + ignoreFile
		text, err = readText(func() (*os.File, error) { return os.OpenFile(from, os.O_RDONLY|nonblock, 0) })
		if !errors.Is(err, fs.ErrNotExist) {
			return from, text, err
		}
	}
	text, err = readText(func() (*os.File, error) { return f.root.OpenFile(ignoreFile, os.O_RDONLY|nonblock, 0) })
	if errors.Is(err, fs.ErrNotExist) {
		return "", "", nil
	}
	return ignoreFile, text, err
}

// readText reads a small regular file. One that is none counts as missing, as
// it does for BuildKit.
func readText(open func() (*os.File, error)) (string, error) {
	file, err := open()
	if err != nil {
		return "", err
	}
	defer file.Close()
	if i, err := file.Stat(); err != nil || !i.Mode().IsRegular() {
		return "", errors.Join(fs.ErrNotExist, err)
	}
	b, err := io.ReadAll(io.LimitReader(file, maxRules+1))
	if len(b) > maxRules {
		return "", fmt.Errorf("%s: larger than %d bytes", file.Name(), maxRules)
	}
	return string(b), err
}
