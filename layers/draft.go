package layers

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/imgtui/imgtui/model/session"
)

// draftNames are what a Dockerfile is called where nobody says.
var draftNames = []string{"Dockerfile", "Containerfile"}

// draftLimit is how many bytes a Dockerfile may have.
const draftLimit = 1 << 20

// fetch reads a Dockerfile, and what it is to be compared with. One that nobody
// named need not be there.
func (e *Engine) fetch(ctx context.Context, r session.Fetch, send func(session.Msg)) error {
	m, err := found(r)
	if err != nil {
		return err
	}
	if m.Found {
		if m.Old, err = e.older(ctx, r, m.Path); err != nil {
			return err
		}
	}
	send(m)
	return nil
}

// found looks where a Dockerfile is.
func found(r session.Fetch) (session.Fetched, error) {
	paths := []string{r.Path}
	if r.Path == "" {
		paths = nil
		for _, name := range draftNames {
			if r.Dir != "" {
				paths = append(paths, filepath.Join(r.Dir, name))
			}
		}
	}
	for _, path := range paths {
		text, err := readDraft(path)
		if err == nil {
			return session.Fetched{Of: r, Path: path, Text: text, Found: true}, nil
		}
		if r.Path != "" || !errors.Is(err, fs.ErrNotExist) {
			return session.Fetched{}, err
		}
	}
	return session.Fetched{Of: r}, nil
}

// readDraft reads a file of a bounded size.
func readDraft(path string) (string, error) {
	f, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer f.Close()
	if i, err := f.Stat(); err != nil || !i.Mode().IsRegular() {
		return "", errors.Join(err, fmt.Errorf("open %s: not a regular file", path))
	}
	b, err := io.ReadAll(io.LimitReader(f, draftLimit+1))
	if err != nil {
		return "", err
	}
	if len(b) > draftLimit {
		return "", fmt.Errorf("open %s: more than %d bytes, which no Dockerfile has", path, draftLimit)
	}
	return string(b), nil
}

// write puts a text into a file, whole or not at all: it is written aside, and
// takes the file's place when it is safe on disk. Links are followed, and the
// permissions stay.
func (e *Engine) write(r session.Write, send func(session.Msg)) error {
	path := r.Path
	if real, err := filepath.EvalSymlinks(path); err == nil {
		path = real
	}
	mode := fs.FileMode(0o644)
	switch now, err := readDraft(path); {
	case errors.Is(err, fs.ErrNotExist):
	case err != nil:
		return err
	case !r.Force && (r.Over == nil || *r.Over != now):
		return &session.OverwrittenError{Path: r.Path, Text: now}
	}
	if i, err := os.Stat(path); err == nil {
		mode = i.Mode().Perm()
	}
	if err := replace(path, r.Text, mode); err != nil {
		return fmt.Errorf("save %s: %w", r.Path, err)
	}
	send(session.Written{Of: r})
	return nil
}

// replace writes a file aside and renames it.
func replace(path, text string, mode fs.FileMode) (err error) {
	f, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+"-*")
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			os.Remove(f.Name())
		}
	}()
	_, err = f.WriteString(text)
	if err == nil {
		err = f.Chmod(mode)
	}
	if err == nil {
		err = f.Sync()
	}
	if err := errors.Join(err, f.Close()); err != nil {
		return err
	}
	return os.Rename(f.Name(), path)
}
