package builder

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/moby/patternmatcher"

	"github.com/imgtui/imgtui/model/plan"
	"github.com/imgtui/imgtui/model/tree"
)

// filtered takes of each path what the selector's patterns let through, and the
// directories on the way to it.
func (p *picker) filtered(found []plan.Picked, prefix string, s selector) (selection, error) {
	f := &filter{picker: p, follow: s.follow, top: prefix}
	var err error
	if f.include, err = patterns(s.include); err != nil {
		return selection{}, err
	}
	if f.exclude, err = patterns(s.exclude); err != nil {
		return selection{}, err
	}
	f.mix = newMix("filtered")
	for _, at := range found {
		if err := f.walk(at, "", passage{}); err != nil {
			return selection{}, err
		}
	}
	return selection{sum: f.mix.sum(), picked: f.picked, missing: f.missing(s.required)}, nil
}

func patterns(all []string) (*patternmatcher.PatternMatcher, error) {
	if len(all) == 0 {
		return nil, nil
	}
	m, err := patternmatcher.New(all)
	if err != nil {
		return nil, fmt.Errorf("read patterns %q: %w", all, err)
	}
	return m, nil
}

// filter gathers what passes the patterns of one selector.
type filter struct {
	*picker
	include, exclude *patternmatcher.PatternMatcher
	follow           bool
	top              string // what is the same in the names of all that is taken
	mix              *mix
	picked           []plan.Picked
	waiting          []plan.Picked // directories that are taken as soon as something beneath them is
}

// passage is what the patterns said of the directory above.
type passage struct {
	below            bool
	include, exclude patternmatcher.MatchInfo
}

// walk takes what passes at a path and beneath it; name is the path as the
// patterns see it.
func (f *filter) walk(at plan.Picked, name string, above passage) error {
	ok, here, err := f.passes(name, above)
	if err != nil {
		return err
	}
	if at.Node.Kind != tree.Dir {
		if ok {
			f.take(at, above)
		}
		return nil
	}
	f.waiting = append(f.waiting, at)
	if ok {
		f.flush()
	}
	for _, kid := range at.Node.Kids() {
		below := plan.Picked{Path: path.Join(at.Path, kid.Name), Node: kid}
		if err := f.walk(below, strings.TrimPrefix(name+"/"+kid.Name, "/"), here); err != nil {
			return err
		}
	}
	if n := len(f.waiting); n > 0 && f.waiting[n-1].Node == at.Node {
		f.waiting = f.waiting[:n-1]
	}
	return nil
}

func (f *filter) passes(name string, above passage) (bool, passage, error) {
	here := passage{below: true}
	ok := true
	var err error
	if f.include != nil {
		if ok, here.include, err = f.include.MatchesUsingParentResults(name, above.include); err != nil || !ok {
			return false, here, err
		}
	}
	if f.exclude != nil {
		ok, here.exclude, err = f.exclude.MatchesUsingParentResults(name, above.exclude)
		ok = !ok
	}
	return ok, here, err
}

// take takes a file, and before it the directories that waited for one.
func (f *filter) take(at plan.Picked, above passage) {
	f.flush()
	if at.Node.Kind == tree.Symlink && f.follow && !above.below {
		if to, n := f.resolve(at.Path, true); n != nil {
			f.add(at, f.deep(n))
			f.picked[len(f.picked)-1] = plan.Picked{Path: to, Node: n, Whole: true}
			return
		}
	}
	f.add(at, headerSum(at.Node))
}

func (f *filter) flush() {
	for _, dir := range f.waiting {
		f.add(dir, headerSum(dir.Node))
	}
	f.waiting = f.waiting[:0]
}

func (f *filter) add(at plan.Picked, sum plan.Key) {
	if at.Node == f.root {
		return // its mode is not sent
	}
	f.mix.text(strings.TrimPrefix(at.Path, f.top)).key(sum)
	f.picked = append(f.picked, at)
}

// missing returns the required paths that were not taken.
func (f *filter) missing(required []string) []string {
	var all []string
	for _, want := range required {
		if !slices.ContainsFunc(f.picked, func(p plan.Picked) bool { return strings.HasPrefix(p.Path, want) }) {
			all = append(all, want)
		}
	}
	return all
}
