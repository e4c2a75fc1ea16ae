package treetest

import (
	"path"
	"strings"

	"github.com/imgtui/imgtui/model/tree"
)

// Mark says that a layer hides what lies below: a path, or with Opaque all
// beneath a directory.
type Mark struct {
	Path   string
	Opaque bool
}

// Marks returns the whiteouts and opaque marks among a layer's entries.
func Marks(entries []tree.Entry) []Mark {
	l := laying{root: Root{}, leads: map[string]string{}}
	var all []Mark
	for i, e := range entries {
		p := l.resolve(path.Clean("/" + e.Path))
		name, dir := path.Base(p), path.Dir(p)
		switch {
		case !hides(name) || l.covered(dir):
		case name == ".wh..wh..opq":
			all = append(all, Mark{Path: dir, Opaque: true})
		default:
			all = append(all, Mark{Path: path.Join(dir, name[len(".wh."):])})
		}
		l.add(i, e)
	}
	return all
}

// hides tells whether a name is a whiteout or an opaque mark. Other names that
// begin with .wh. say nothing.
func hides(name string) bool {
	target, ok := strings.CutPrefix(name, ".wh.")
	switch {
	case !ok, target == "", target == ".", target == "..":
		return false
	}
	return name == ".wh..wh..opq" || !strings.HasPrefix(target, ".wh.")
}

// hide applies a mark to what the lower layers left.
func (l *laying) hide(m Mark) {
	for p := range l.root {
		if p == m.Path && !m.Opaque || beneath(p, m.Path) {
			delete(l.root, p)
		}
	}
}

// Places returns the cleaned path at which each entry of a layer comes to stand.
func Places(entries []tree.Entry) []string {
	l := laying{root: Root{}, leads: map[string]string{}}
	var all []string
	for i, e := range entries {
		all = append(all, l.resolve(path.Clean("/"+e.Path)))
		l.add(i, e)
	}
	return all
}

// Saying is what a layer says of paths.
type Saying struct {
	marks    []Mark
	own      Root
	replaced []string // where any entry put something else than a directory
}

// Said returns what a layer of those entries says.
func Said(entries []tree.Entry) Saying {
	s := Saying{marks: Marks(entries), own: lay(nil, 0, entries)}
	for i, at := range Places(entries) {
		if entries[i].Kind != tree.Dir && at != "/" && !strings.Contains(at, "/.wh.") {
			s.replaced = append(s.replaced, at)
		}
	}
	return s
}

// Carries tells whether a layer has an entry for a path that no later one of it replaced.
func (s Saying) Carries(p string) bool { return s.own[path.Clean("/"+p)].said }

// Touches tells whether a layer says something of a path: carries it, hides
// it, or has hidden or replaced what was above it.
func (s Saying) Touches(p string) bool {
	p = path.Clean("/" + p)
	for _, m := range s.marks {
		if m.Path == p || beneath(p, m.Path) {
			return true
		}
	}
	for _, q := range s.replaced {
		if q == p || beneath(p, q) {
			return true
		}
	}
	return s.Carries(p)
}

// Unpacked returns the bytes of the files that stay and of the targets of the symlinks.
func (s Saying) Unpacked() (sum int64) {
	for _, f := range s.own {
		switch f.as {
		case tree.File:
			sum += f.Size
		case tree.Symlink:
			sum += int64(len(f.Link))
		}
	}
	return sum
}
