package buildcontext

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/zeebo/xxh3"

	"github.com/imgtui/imgtui/model/ignore"
	"github.com/imgtui/imgtui/model/plan"
	"github.com/imgtui/imgtui/model/tree"
)

// found is a path that was found on disk.
type found struct {
	path    string // without a leading slash; "" is the folder itself
	attr    tree.Attr
	content uint64
	id      identity
	links   uint64
	sent    bool // by its own right; a directory is also sent for what is in it
	kids    []*found
}

// rootAttr is what the top of a context is, whatever the folder is.
var rootAttr = tree.Attr{Kind: tree.Dir, Mode: 0o755}

// walk is one reading of a folder, or of a part of it.
type walk struct {
	ctx      context.Context
	root     *os.Root
	patterns ignore.Patterns
	memory   *pass
	options  Options
	queue    *queue

	mu      sync.Mutex
	faults  []fault
	ignored map[string]plan.Ignored

	paths, bytes atomic.Int64
	telling      sync.Mutex
}

// job is a directory to be read.
type job struct {
	dir    *found
	above  ignore.Above
	weighs string // the ignored path whose sum it goes to; "" where the directory is read
	under  string // the ignored path that it lies beneath, where it is read all the same
}

// run does all jobs with so many workers, and returns why it stopped early.
func (w *walk) run(workers int) error {
	var all sync.WaitGroup
	errs := make([]error, max(2, min(workers, 8)))
	for i := range errs {
		all.Go(func() {
			errs[i] = w.work()
			w.queue.stop(errs[i])
		})
	}
	all.Wait()
	slices.SortFunc(w.faults, func(a, b fault) int { return strings.Compare(a.path, b.path) })
	if err := w.ctx.Err(); err != nil {
		return err
	}
	return errors.Join(errs...)
}

func (w *walk) work() (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("walk: %v", p)
		}
	}()
	r := &reader{walk: w}
	for {
		j, ok := w.queue.take()
		if !ok {
			return nil
		}
		err := r.read(j)
		w.queue.done()
		if err != nil {
			return err
		}
	}
}

func (w *walk) fault(name string, err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.faults = append(w.faults, fault{"/" + name, err.Error()})
}

// weigh adds to the sum of an ignored path.
func (w *walk) weigh(name string, files int, bytes int64) {
	w.mu.Lock()
	defer w.mu.Unlock()
	i := w.ignored[name]
	i.Path, i.Files, i.Bytes = "/"+name, i.Files+files, i.Bytes+bytes
	w.ignored[name] = i
}

// tell passes progress on, unless somebody is at it.
func (w *walk) tell() {
	if w.options.Progress != nil && w.telling.TryLock() {
		defer w.telling.Unlock()
		w.options.Progress(w.paths.Load(), w.bytes.Load())
	}
}

// reader is one worker of a walk.
type reader struct {
	*walk
	hash *xxh3.Hasher
	buf  []byte
}

// read lists a directory and takes each of its entries.
func (r *reader) read(j job) error {
	if err := r.ctx.Err(); err != nil {
		return err
	}
	dir, entries, err := r.list(j.dir)
	if err != nil {
		return r.unlisted(j, err)
	}
	defer dir.Close()
	if j.weighs != "" {
		return r.sum(j, dir, entries)
	}
	for _, e := range entries {
		if err := r.entry(j, dir, e); err != nil {
			return err
		}
	}
	r.paths.Add(int64(len(entries)))
	r.tell()
	return nil
}

func (r *reader) list(d *found) (*os.Root, []fs.DirEntry, error) {
	dir, err := r.root.OpenRoot(cmpOr(d.path, "."))
	if err != nil {
		return nil, nil, err
	}
	f, err := dir.Open(".")
	if err != nil {
		dir.Close()
		return nil, nil, err
	}
	defer f.Close()
	entries, err := f.ReadDir(-1)
	if err != nil {
		dir.Close()
		return nil, nil, err
	}
	if d.path != "" {
		d.attr.Xattrs = xattrs(f)
	}
	slices.SortFunc(entries, func(a, b fs.DirEntry) int { return strings.Compare(a.Name(), b.Name()) })
	return dir, entries, nil
}

func cmpOr(name, empty string) string {
	if name == "" {
		return empty
	}
	return name
}

// unlisted says of a directory that it cannot be read. BuildKit's client does
// not mind where nothing of it would be sent, and gives up where something would.
func (r *reader) unlisted(j job, err error) error {
	switch {
	case j.dir.path == "":
		return cause(err)
	case errors.Is(err, fs.ErrNotExist):
		j.dir.sent = false
	case j.weighs == "" && j.under == "":
		r.fault(j.dir.path, fmt.Errorf("%w: the build stops at a folder that cannot be read", cause(err)))
	}
	return nil
}

// cause takes the name off an error of the file system.
func cause(err error) error {
	if e, ok := errors.AsType[*fs.PathError](err); ok {
		return e.Err
	}
	return err
}

// entry takes one entry of a directory that is read.
func (r *reader) entry(j job, dir *os.Root, e fs.DirEntry) error {
	name := e.Name()
	if j.dir.path != "" {
		name = j.dir.path + "/" + name
	}
	matched, here := false, ignore.Above{}
	if e.IsDir() {
		matched, here = r.patterns.Match(name, j.above)
	} else {
		matched = r.patterns.MatchFile(name, j.above)
	}
	if matched {
		return r.left(j, dir, e, here)
	}
	k := &found{path: name, sent: true}
	if err := r.fill(k, dir, e.Name()); err != nil || !k.sent {
		return err
	}
	j.dir.kids = append(j.dir.kids, k)
	if k.attr.Kind == tree.Dir {
		r.queue.add(job{dir: k, above: here})
	}
	return nil
}

// left takes an entry that the patterns leave out.
func (r *reader) left(j job, dir *os.Root, e fs.DirEntry, here ignore.Above) error {
	name := path.Join(j.dir.path, e.Name())
	top := cmpOr(j.under, name)
	if e.IsDir() && r.patterns.Within(name) {
		k := &found{path: name}
		if err := r.fill(k, dir, e.Name()); err != nil || k.attr.Kind != tree.Dir {
			return err
		}
		j.dir.kids = append(j.dir.kids, k)
		r.weigh(top, 0, 0)
		r.queue.add(job{dir: k, above: here, under: top})
		return nil
	}
	return r.weighEntry(dir, e, name, top)
}

// weighEntry adds an entry, and all beneath it, to the sum of an ignored path.
func (r *reader) weighEntry(dir *os.Root, e fs.DirEntry, name, top string) error {
	if e.IsDir() {
		r.weigh(top, 0, 0)
		if !r.options.Unweighed {
			r.queue.addLast(job{dir: &found{path: name}, weighs: top})
		}
		return nil
	}
	size := int64(0)
	if i, err := dir.Lstat(e.Name()); err == nil && i.Mode().IsRegular() {
		size = i.Size()
	}
	r.weigh(top, 1, size)
	return nil
}

// sum adds what an ignored directory holds to its sum.
func (r *reader) sum(j job, dir *os.Root, entries []fs.DirEntry) error {
	files, bytes := 0, int64(0)
	for _, e := range entries {
		if e.IsDir() {
			r.queue.addLast(job{dir: &found{path: path.Join(j.dir.path, e.Name())}, weighs: j.weighs})
			continue
		}
		files++
		if i, err := dir.Lstat(e.Name()); err == nil && i.Mode().IsRegular() {
			bytes += i.Size()
		}
	}
	r.weigh(j.weighs, files, bytes)
	return r.ctx.Err()
}
