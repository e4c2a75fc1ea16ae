package buildcontext

import (
	"context"
	"io/fs"
	"maps"
	"path"
	"slices"
	"time"

	"github.com/imgtui/imgtui/model/ignore"
)

// look is what a path looks like from outside.
type look struct {
	key  key
	mode fs.FileMode
}

// poll looks at a folder again and again, and tells of what looks otherwise.
func (f *Folder) poll(ctx context.Context, every time.Duration, changed func([]string)) error {
	before, rules := f.looks(ctx)
	ticker := time.NewTicker(every)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-ticker.C:
		}
		now, text := f.looks(ctx)
		if ctx.Err() != nil {
			return nil
		}
		paths := differing(before, now)
		if text != rules {
			paths = []string{"."}
		}
		before, rules = now, text
		if len(paths) > 0 {
			changed(paths)
		}
	}
}

func differing(before, now map[string]look) []string {
	all := map[string]bool{}
	for p, l := range now {
		if was, ok := before[p]; !ok || was != l {
			all[p] = true
		}
	}
	for p := range before {
		if _, ok := now[p]; !ok {
			all[p] = true
		}
	}
	return slices.Sorted(maps.Keys(all))
}

// looks returns what all that is not left out looks like, and the text of the
// rules.
func (f *Folder) looks(ctx context.Context) (map[string]look, string) {
	r, err := f.readRules()
	if err != nil {
		r = rules{} // who walks is told of it
	}
	all := map[string]look{}
	f.lookInto(ctx, ".", r.patterns, ignore.Above{}, all)
	return all, r.from + "\n" + r.text
}

func (f *Folder) lookInto(ctx context.Context, dir string, patterns ignore.Patterns, above ignore.Above, all map[string]look) {
	entries, err := fs.ReadDir(f.root.FS(), dir)
	if err != nil || ctx.Err() != nil {
		return // a walk says what cannot be read
	}
	for _, e := range entries {
		name := path.Join(dir, e.Name())
		matched, here := patterns.Match(name, above)
		if matched && !patterns.Within(name) {
			continue
		}
		i, err := f.root.Lstat(name)
		if err != nil {
			continue
		}
		all[name] = look{fingerprint(i), i.Mode()}
		if i.IsDir() {
			f.lookInto(ctx, name, patterns, here, all)
		}
	}
}
