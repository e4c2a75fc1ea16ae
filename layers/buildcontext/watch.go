package buildcontext

import (
	"context"
	"errors"
	"io/fs"
	"maps"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/fsnotify/fsnotify"

	"github.com/imgtui/imgtui/model/ignore"
)

// How long a folder has to be quiet before its changes are told, and how long
// they are kept at most.
const (
	quiet    = 100 * time.Millisecond
	patience = time.Second
)

// pollEvery is how often a folder is looked at where the system does not tell.
const pollEvery = 2 * time.Second

// Watch tells of paths that changed, for [Folder.Update], until ctx ends; it
// then returns nil. What is ignored is not watched. The path "." says that
// anything may have changed. Changed is called by the caller's goroutine, and
// changes that come meanwhile are told afterwards. Where the system has no
// more watches to give, the folder is looked at every two seconds.
func (f *Folder) Watch(ctx context.Context, changed func(paths []string)) error {
	if f.options.Poll > 0 {
		return f.poll(ctx, f.options.Poll, changed)
	}
	w, err := fsnotify.NewWatcher()
	if err != nil {
		return f.poll(ctx, pollEvery, changed)
	}
	v := &vigil{folder: f, watcher: w, pending: map[string]bool{}}
	err = v.run(ctx, changed)
	w.Close()
	if errors.Is(err, errNoWatch) {
		return f.poll(ctx, pollEvery, changed)
	}
	return err
}

// errNoWatch says that the system has no more watches.
var errNoWatch = errors.New("no watch to be had")

// vigil is a folder being watched.
type vigil struct {
	folder  *Folder
	watcher *fsnotify.Watcher
	rules   rules
	pending map[string]bool // paths that wait to be told
	since   time.Time       // when the first of them came
}

func (v *vigil) run(ctx context.Context, changed func([]string)) error {
	if err := v.begin(); err != nil {
		return err
	}
	timer := time.NewTimer(quiet)
	timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case e, ok := <-v.watcher.Events:
			if !ok {
				return errNoWatch
			}
			if err := v.take(e); err != nil {
				return err
			}
			v.wait(timer)
		case err := <-v.watcher.Errors:
			if errors.Is(err, fsnotify.ErrEventOverflow) {
				v.note(".")
				v.wait(timer)
			}
		case <-timer.C:
			if err := v.tell(changed); err != nil {
				return err
			}
		}
	}
}

// begin watches all that is sent, and the Dockerfile's folder for the ignore
// file beside it.
func (v *vigil) begin() error {
	r, err := v.folder.readRules()
	if err != nil {
		r = rules{} // who walks is told of it; the file itself is watched
	}
	v.rules = r
	if beside := v.beside(); beside != "" {
		_ = v.watcher.Add(filepath.Dir(beside)) // without it a change is seen at the next walk
	}
	return v.add(".", ignore.Above{})
}

// beside is an ignore file that lies outside of the folder, or "".
func (v *vigil) beside() string {
	if v.folder.options.Dockerfile == "" {
		return ""
	}
	p := v.folder.options.Dockerfile + ignoreFile
	if _, ok := v.rel(p); ok {
		return ""
	}
	return p
}

// rel returns a path as it stands beneath the folder.
func (v *vigil) rel(p string) (string, bool) {
	rel, err := filepath.Rel(v.folder.dir, p)
	rel = filepath.ToSlash(rel)
	return rel, err == nil && rel != ".." && !strings.HasPrefix(rel, "../")
}

// add watches a directory, and those in it that are not left out.
func (v *vigil) add(dir string, above ignore.Above) error {
	switch err := v.watcher.Add(filepath.Join(v.folder.dir, filepath.FromSlash(dir))); {
	case errors.Is(err, syscall.ENOSPC), errors.Is(err, syscall.EMFILE):
		return errNoWatch
	case err != nil:
		return nil // it is gone, or cannot be read; a walk says so
	}
	entries, err := fs.ReadDir(v.folder.root.FS(), dir)
	if err != nil {
		return nil
	}
	for _, e := range entries {
		name := path.Join(dir, e.Name())
		if !e.IsDir() {
			continue
		}
		matched, here := v.rules.patterns.Match(name, above)
		if matched && !v.rules.patterns.Within(name) {
			continue
		}
		if err := v.add(name, here); err != nil {
			return err
		}
	}
	return nil
}

// take takes note of an event.
func (v *vigil) take(e fsnotify.Event) error {
	rel, ok := v.rel(e.Name)
	if !ok {
		if e.Name == v.beside() {
			v.note(".")
		}
		return nil
	}
	if v.rules.patterns.MatchPath(rel) && !v.rules.patterns.Within(rel) && rel != ignoreFile && !v.isTop(rel) {
		return nil
	}
	v.note(rel)
	if i, err := v.folder.root.Lstat(rel); !e.Has(fsnotify.Create) || err != nil || !i.IsDir() {
		return nil
	}
	matched, above := false, ignore.Above{}
	for i := range len(rel) + 1 {
		if i == len(rel) || rel[i] == '/' {
			matched, above = v.rules.patterns.Match(rel[:i], above)
		}
	}
	if matched && !v.rules.patterns.Within(rel) {
		return nil
	}
	return v.add(rel, above)
}

// isTop tells whether an ignored path is the topmost of those: its sum is shown.
func (v *vigil) isTop(rel string) bool {
	dir := path.Dir(rel)
	return dir == "." || !v.rules.patterns.MatchPath(dir)
}

func (v *vigil) note(p string) {
	if len(v.pending) == 0 {
		v.since = time.Now()
	}
	v.pending[p] = true
}

// wait lets some quiet pass before what is pending is told.
func (v *vigil) wait(timer *time.Timer) {
	if len(v.pending) > 0 {
		timer.Reset(max(0, min(quiet, patience-time.Since(v.since))))
	}
}

// tell passes on what is pending. New rules watch other folders.
func (v *vigil) tell(changed func([]string)) error {
	paths := slices.Sorted(maps.Keys(v.pending))
	clear(v.pending)
	r, err := v.folder.readRules()
	if err == nil && (r.text != v.rules.text || r.from != v.rules.from) {
		for _, p := range v.watcher.WatchList() {
			_ = v.watcher.Remove(p) // it is gone
		}
		if err := v.begin(); err != nil {
			return err
		}
		paths = []string{"."}
	}
	changed(paths)
	return nil
}
