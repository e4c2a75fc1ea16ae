package buildcontext

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"path"
	"path/filepath"
	"runtime"
	"slices"
	"strings"

	"github.com/imgtui/imgtui/model/ignore"
	"github.com/imgtui/imgtui/model/plan"
	"github.com/imgtui/imgtui/model/tree"
)

// Update looks again at paths that may have changed, and at nothing else, as
// far as that is enough: where the ignore file has changed, where files with
// several names are concerned, or where nothing was read yet, it walks all.
// Paths stand beneath the folder, or are absolute; others are passed over. "."
// walks all.
func (f *Folder) Update(ctx context.Context, paths []string) (plan.Context, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	r, err := f.readRules()
	if err != nil {
		return plan.Context{}, err
	}
	if f.state == nil || r.text != f.state.rules.text || r.from != f.state.rules.from {
		return f.walk(ctx, r)
	}
	u := &updating{folder: f, state: f.state.clone(), builder: tree.NewBuilder(0)}
	u.walk = f.newWalk(ctx, r, f.memory.part())
	for _, p := range u.tops(paths) {
		if err := u.look(p); err != nil {
			return plan.Context{}, err
		}
	}
	if u.whole {
		return f.walk(ctx, r)
	}
	if err := u.walk.run(runtime.GOMAXPROCS(0)); err != nil {
		return plan.Context{}, fmt.Errorf("read context %s: %w", f.dir, err)
	}
	if !u.plant() {
		return f.walk(ctx, r)
	}
	f.state = u.state
	return f.state.context, nil
}

func (s *state) clone() *state {
	c := *s
	c.faults = slices.Clone(s.faults)
	c.ignored = maps.Clone(s.ignored)
	c.linked = maps.Clone(s.linked)
	return &c
}

// updating is a folder being looked at again in places.
type updating struct {
	folder  *Folder
	state   *state
	walk    *walk
	builder *tree.Builder
	looked  []*found // what was found at the places, with what is beneath
	whole   bool     // it takes a walk
}

// tops returns the paths within the folder, without those beneath others. A
// path whose directory is not known yet stands for that directory.
func (u *updating) tops(paths []string) []string {
	all := map[string]bool{}
	for _, p := range paths {
		if p, ok := u.within(p); ok {
			all[u.known(p)] = true
		}
	}
	var tops []string
	for _, p := range slices.Sorted(maps.Keys(all)) {
		if !slices.ContainsFunc(tops, func(top string) bool { return top == p || strings.HasPrefix(p, top+"/") }) {
			tops = append(tops, p)
		}
	}
	return tops
}

func (u *updating) within(p string) (string, bool) {
	if filepath.IsAbs(p) {
		rel, err := filepath.Rel(u.folder.dir, p)
		if err != nil {
			return "", false
		}
		p = rel
	}
	p = path.Clean(filepath.ToSlash(p))
	u.whole = u.whole || p == "."
	return p, p != "." && p != ".." && !strings.HasPrefix(p, "../")
}

// known climbs to the first path whose directory was found before: what is new
// or is left out is looked at as a whole.
func (u *updating) known(p string) string {
	for dir := path.Dir(p); dir != "."; dir = path.Dir(dir) {
		n := u.state.context.Root.Find(dir)
		if n == nil || n.Kind != tree.Dir || u.walk.patterns.MatchPath(dir) {
			p = dir
		}
	}
	return p
}

// look looks at one path. Where something may be taken back from an ignored
// directory, more than the path hangs on it, and all is walked.
func (u *updating) look(p string) error {
	above := ignore.Above{}
	u.whole = u.whole || u.walk.patterns.Negates() && u.walk.patterns.MatchPath(p)
	for i, letter := range p {
		if letter == '/' {
			_, above = u.walk.patterns.Match(p[:i], above)
		}
	}
	u.forget(p)
	return u.read(p, above)
}

// forget drops what was known of a path and of what is beneath it.
func (u *updating) forget(p string) {
	beneath := func(name string) bool { return name == p || strings.HasPrefix(name, p+"/") }
	u.state.faults = slices.DeleteFunc(u.state.faults, func(f fault) bool { return beneath(f.path[1:]) })
	maps.DeleteFunc(u.state.ignored, func(name string, _ plan.Ignored) bool { return beneath(name) })
	for name := range u.state.linked {
		u.whole = u.whole || beneath(name)
	}
	if u.state.context.Root.Find(p) != nil {
		u.builder.Add(tree.Entry{Path: path.Join(path.Dir(p), ".wh."+path.Base(p))})
	}
}

// read takes the entry of one path and queues what is beneath it.
func (u *updating) read(p string, above ignore.Above) error {
	r := &reader{walk: u.walk}
	parent := &found{path: strings.TrimPrefix(path.Dir(p), ".")}
	dir, err := u.walk.root.OpenRoot(path.Dir(p))
	if err != nil {
		return u.unread(p, err)
	}
	defer dir.Close()
	if parent.path != "" {
		u.ancestors(parent.path)
	}
	i, err := dir.Lstat(path.Base(p))
	if err != nil {
		return u.unread(p, err)
	}
	if err := r.entry(job{dir: parent, above: above}, dir, fs.FileInfoToDirEntry(i)); err != nil {
		return err
	}
	u.looked = append(u.looked, parent.kids...)
	return nil
}

func (u *updating) unread(p string, err error) error {
	if !errors.Is(err, fs.ErrNotExist) {
		u.walk.fault(p, cause(err))
	}
	return u.walk.ctx.Err()
}

// ancestors looks again at the directories above a path: what happens in one
// changes its time.
func (u *updating) ancestors(dir string) {
	for ; dir != "."; dir = path.Dir(dir) {
		old := u.state.context.Root.Find(dir)
		i, err := u.walk.root.Lstat(dir)
		if err != nil || old == nil || !i.IsDir() {
			u.whole = true
			return
		}
		a := attr(i)
		a.Xattrs = old.Xattrs
		u.builder.Add(tree.Entry{Path: dir, Attr: a, Offset: -1})
	}
}

// plant lays what was found over what there was; false means that it takes a
// walk after all.
func (u *updating) plant() bool {
	s := u.state
	p := planting{state: s, builder: u.builder, first: map[identity]string{}}
	before := len(s.linked)
	for _, k := range u.looked {
		p.put(k)
	}
	if len(s.linked) != before {
		return false
	}
	s.faults = append(s.faults, u.walk.faults...)
	slices.SortFunc(s.faults, func(a, b fault) int { return strings.Compare(a.path, b.path) })
	maps.Copy(s.ignored, u.walk.ignored)
	s.context.Root = tree.Fold(s.context.Root, u.builder.Layer())
	s.sum()
	return true
}
