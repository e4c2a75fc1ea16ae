package builder

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/tonistiigi/fsutil/types"
	"github.com/zeebo/xxh3"

	"github.com/imgtui/imgtui/model/tree"
)

// Bounds on what is read of an engine's root: the engine, and what it built, are
// not trusted.
const (
	mostNodes = 4 << 20
	deepest   = 1000
	atOnce    = 12 // directories that are asked for at once
)

// lister is how the directories of a root are asked for.
type lister struct {
	dir  func(ctx context.Context, path string) ([]*types.Stat, error)
	stat func(ctx context.Context, path string) (*types.Stat, error)
	file func(ctx context.Context, path string, size int64) ([]byte, error)
}

// What is read of the contents of files that are new in a root: all, or where
// that would be more, nothing.
const (
	mostRead    = 500
	mostBytes   = 16 << 20
	largestRead = 2 << 20
)

// reading reads one root.
type reading struct {
	ctx   context.Context
	from  lister
	gate  chan struct{}
	nodes atomic.Int64
	all   sync.WaitGroup
	stop  context.CancelCauseFunc
}

// readRoot reads the root of a lister. Files that one of the known roots has at
// the same path, with the same size and time, are taken for the same; so equal
// directories are shared with the first of them. The others are read, where they
// are few; else size and time stand for their content.
func readRoot(ctx context.Context, from lister, gate chan struct{}, known ...*tree.Node) (*tree.Node, error) {
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	r := &reading{ctx: ctx, from: from, gate: gate, stop: stop}
	top := &dirNode{at: "/", attr: tree.Attr{Kind: tree.Dir, Mode: 0o755}}
	if s, err := from.stat(ctx, "/"); err == nil {
		top.attr = attr(s)
		top.attr.Kind = tree.Dir
	}
	r.all.Add(1)
	r.start(top)
	r.all.Wait()
	if ctx.Err() != nil {
		return nil, context.Cause(ctx)
	}
	known = slices.DeleteFunc(slices.Clone(known), func(n *tree.Node) bool { return n == nil })
	b := &planting{sums: r.contents(top.fresh(known, nil))}
	if ctx.Err() != nil {
		return nil, context.Cause(ctx)
	}
	return b.node(top, "", known), nil
}

// fresh returns the files that no known root has: nil where they are too many.
func (d *dirNode) fresh(known []*tree.Node, all []*fileStatAt) []*fileStatAt {
	for _, s := range d.files {
		if a := attr(s); a.Kind == tree.File && a.Size > 0 && s.Linkname == "" && !recognised(s, a, known) {
			all = append(all, &fileStatAt{path.Join(d.at, path.Base(s.Path)), s})
		}
	}
	for i, sub := range d.dirs {
		if len(all) <= mostRead {
			all = sub.fresh(beneath(known, d.names[i]), all)
		}
	}
	return all
}

// fileStatAt is a file, and where it is.
type fileStatAt struct {
	path string
	stat *types.Stat
}

func recognised(s *types.Stat, a tree.Attr, known []*tree.Node) bool {
	for _, k := range beneath(known, path.Base(s.Path)) {
		if k.Payload() != nil && alike(k.Payload(), s) && wholeSeconds(k.ModTime) == a.ModTime {
			return true
		}
	}
	return false
}

// contents reads files and returns the hashes of what is in them, by path. What
// cannot be read has none.
func (r *reading) contents(files []*fileStatAt) map[string]uint64 {
	sums := map[string]uint64{}
	bytes := int64(0)
	for _, f := range files {
		bytes += f.stat.Size
	}
	if len(files) > mostRead || bytes > mostBytes || r.from.file == nil {
		return sums
	}
	var mu sync.Mutex
	for _, f := range files {
		if f.stat.Size > largestRead {
			continue
		}
		r.all.Go(func() {
			defer r.caught()
			body, err := r.content(f)
			if err != nil || int64(len(body)) != f.stat.Size {
				return
			}
			mu.Lock()
			defer mu.Unlock()
			sums[f.path] = xxh3.Hash(body)
		})
	}
	r.all.Wait()
	return sums
}

func (r *reading) content(f *fileStatAt) ([]byte, error) {
	select {
	case r.gate <- struct{}{}:
		defer func() { <-r.gate }()
	case <-r.ctx.Done():
		return nil, context.Cause(r.ctx)
	}
	return r.from.file(r.ctx, f.path, f.stat.Size)
}

// caught keeps a panic of a goroutine for who waits for it.
func (r *reading) caught() {
	if p := recover(); p != nil {
		r.stop(fmt.Errorf("read root: internal fault: %v", p))
	}
}

// dirNode is a directory in the making.
type dirNode struct {
	at    string
	attr  tree.Attr
	files []*types.Stat
	dirs  []*dirNode // by name, as files are
	names []string   // of dirs
}

// start reads a directory in a goroutine of its own, and those beneath it.
func (r *reading) start(d *dirNode) {
	go func() {
		defer r.all.Done()
		defer r.caught()
		if err := r.read(d); err != nil {
			r.stop(err)
		}
	}()
}

func (r *reading) read(d *dirNode) error {
	list, err := r.ask(d.at)
	if err != nil {
		return fmt.Errorf("read %s: %w", d.at, plain(err))
	}
	if r.nodes.Add(int64(len(list))) > mostNodes {
		return fmt.Errorf("read %s: more than %d files", d.at, mostNodes)
	}
	if strings.Count(d.at, "/") > deepest {
		return fmt.Errorf("read %s: folders lie deeper than %d", d.at, deepest)
	}
	seen := map[string]bool{}
	for _, s := range list {
		name := path.Base(s.Path)
		if name == "" || name == "." || name == ".." || name == "/" || strings.ContainsAny(name, "\x00") || seen[name] {
			return fmt.Errorf("read %s: the engine names %q in it", d.at, s.Path)
		}
		seen[name] = true
		if fs.FileMode(s.Mode).IsDir() {
			sub := &dirNode{at: path.Join(d.at, name), attr: attr(s)}
			d.dirs, d.names = append(d.dirs, sub), append(d.names, name)
			r.all.Add(1)
			r.start(sub)
			continue
		}
		d.files = append(d.files, s)
	}
	return nil
}

func (r *reading) ask(dir string) ([]*types.Stat, error) {
	select {
	case r.gate <- struct{}{}:
		defer func() { <-r.gate }()
	case <-r.ctx.Done():
		return nil, context.Cause(r.ctx)
	}
	return r.from.dir(r.ctx, dir)
}

// planting makes nodes of what was listed.
type planting struct {
	sums map[string]uint64
	tree.Maker
}

// node makes the node of a directory. What is as in the first known one is
// shared with it.
func (b *planting) node(d *dirNode, name string, known []*tree.Node) *tree.Node {
	kids := make([]*tree.Node, 0, len(d.files)+len(d.dirs))
	made := map[string]*tree.Payload{}
	for _, s := range d.files {
		kids = append(kids, b.file(d.at, s, known, made))
	}
	for i, sub := range d.dirs {
		kids = append(kids, b.node(sub, d.names[i], beneath(known, d.names[i])))
	}
	slices.SortFunc(kids, func(a, b *tree.Node) int { return strings.Compare(a.Name, b.Name) })
	n := b.Made(name, d.attr, nil, kids)
	for _, k := range known {
		if k.Kind != tree.Dir {
			continue
		}
		// What is mounted for a command leaves nothing but another time behind.
		told := d.attr
		told.ModTime = k.ModTime
		if told == k.Attr() && slices.EqualFunc(k.Kids(), kids, tree.Equal) {
			return k
		}
	}
	return n
}

func beneath(known []*tree.Node, name string) []*tree.Node {
	var all []*tree.Node
	for _, k := range known {
		if b := k.Find(name); b != nil {
			all = append(all, b)
		}
	}
	return all
}

// file makes the node of what is no directory.
func (b *planting) file(dir string, s *types.Stat, known []*tree.Node, made map[string]*tree.Payload) *tree.Node {
	name, a := path.Base(s.Path), attr(s)
	var p *tree.Payload
	if a.Kind == tree.File {
		p = b.payload(path.Join(dir, name), s, a)
		if s.Linkname != "" { // another name in this directory
			if first := made[path.Base(s.Linkname)]; first != nil {
				a.Kind, a.Link, p = tree.Hardlink, path.Join(dir, path.Base(s.Linkname)), first
			} else {
				a.Link = ""
			}
		}
	}
	for _, k := range beneath(known, name) {
		had := k.Payload()
		if (had == nil) != (p == nil) || p != nil && !alike(had, s) || wholeSeconds(k.ModTime) != a.ModTime {
			continue
		}
		told := k.Attr()
		told.ModTime = a.ModTime
		if told == a {
			made[name] = had
			return k
		}
		if p != nil { // only what is said of it differs
			a.ModTime, p = k.ModTime, had
			break
		}
	}
	made[name] = p
	return b.Made(name, a, p, nil)
}

// payload is that of a file which no layer carries. In the place of where it lies
// there is what tells it from another state of the file: its time to the full.
func (b *planting) payload(at string, s *types.Stat, a tree.Attr) *tree.Payload {
	e := tree.Entry{Path: at, Attr: a, Offset: s.ModTime, Content: xxh3.Hash(nil)}
	if sum, ok := b.sums[at]; ok {
		e.Content = sum
	} else if a.Size > 0 {
		e.Content = xxh3.HashString(fmt.Sprint(s.Size, " ", s.ModTime))
	}
	return tree.Carried(-1, 0, e)
}

// alike tells whether a file may be one that is known, their times in seconds
// left aside.
func alike(k *tree.Payload, s *types.Stat) bool {
	return k.Size == s.Size && (k.Layer >= 0 || k.Offset() == s.ModTime)
}

// wholeSeconds are all that the layers of a build will tell of a time.
func wholeSeconds(t int64) int64 {
	return time.Unix(0, t).Truncate(time.Second).UnixNano()
}

// attr translates what an engine says of a path.
func attr(s *types.Stat) tree.Attr {
	m := fs.FileMode(s.Mode)
	a := tree.Attr{
		Kind: kindOfMode(m), Mode: uint32(m.Perm()), UID: int(s.Uid), GID: int(s.Gid), ModTime: wholeSeconds(s.ModTime), Xattrs: xattrs(s.Xattrs),
	}
	for bit, mode := range map[uint32]fs.FileMode{0o4000: fs.ModeSetuid, 0o2000: fs.ModeSetgid, 0o1000: fs.ModeSticky} {
		if m&mode != 0 {
			a.Mode |= bit
		}
	}
	switch a.Kind {
	case tree.File:
		a.Size = max(s.Size, 0)
	case tree.Symlink:
		a.Link = s.Linkname
	case tree.Char, tree.Block:
		a.Major, a.Minor = s.Devmajor, s.Devminor
	}
	return a
}

func kindOfMode(m fs.FileMode) tree.Kind {
	switch {
	case m.IsDir():
		return tree.Dir
	case m&fs.ModeSymlink != 0:
		return tree.Symlink
	case m&fs.ModeCharDevice != 0:
		return tree.Char
	case m&fs.ModeDevice != 0:
		return tree.Block
	case m&fs.ModeNamedPipe != 0:
		return tree.Fifo
	}
	return tree.File
}

// xattrs are those that a layer carries.
func xattrs(all map[string][]byte) string {
	var b strings.Builder
	names := make([]string, 0, len(all))
	for k := range all {
		if strings.HasPrefix(k, "user.") && !strings.HasPrefix(k, "user.overlay.") || k == "security.capability" {
			names = append(names, k)
		}
	}
	slices.Sort(names)
	for _, k := range names {
		b.WriteString(k + "=" + string(all[k]) + "\x00")
	}
	return b.String()
}

// errNoRoot says that a result has no files at all.
var errNoRoot = errors.New("it has no root")
