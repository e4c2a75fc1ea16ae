package explain

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/imgtui/imgtui/model/tree"
	"github.com/imgtui/imgtui/model/words"
)

// place is a directory where tools leave what an image does not need: at that
// path if it begins with a slash, else wherever a path ends with it.
type place struct{ path, name string }

var places = []place{
	{"/var/lib/apt/lists", "apt lists"},
	{"/var/cache/apt", "apt cache"},
	{"/var/cache/apk", "apk cache"},
	{"/etc/apk/cache", "apk cache"},
	{"/var/cache/dnf", "dnf cache"},
	{"/var/cache/libdnf5", "dnf cache"},
	{"/var/cache/yum", "dnf cache"},
	{"/var/cache/zypp", "zypper cache"},
	{"/var/cache/pacman/pkg", "pacman cache"},
	{".cache/pip", "pip cache"},
	{"__pycache__", "pycache"},
	{".npm", "npm cache"},
	{".cache/yarn", "yarn cache"},
	{"pnpm/store", "pnpm store"},
	{".cache/go-build", "go build"},
	{"go/pkg/mod", "go modules"},
	{"cargo/registry", "cargo"},
	{".cargo/registry", "cargo"},
	{".m2/repository", "maven"},
	{".gradle/caches", "gradle"},
	{".composer/cache", "composer"},
	{".cache/composer", "composer"},
	{"bundle/cache", "gems"},
	{"conda/pkgs", "conda"},
	{".git", "git"},
	{"/var/log", "logs"},
	{"/usr/share/doc", "docs"},
	{"/usr/share/man", "manuals"},
	{"/tmp", "temporary"},
	{"/var/tmp", "temporary"},
}

// worthTelling is how many bytes a leftover has at least to be told.
const worthTelling = 10_000

// leftover is what one tool left: all its bytes and the heaviest place.
type leftover struct {
	name  string
	bytes int64
	most  weight
}

// leftovers tells of what tools left in a layer, with its bytes and what to
// try. Who builds on a base cannot mend the base: there it is told once.
func (t *text) leftovers(e words.Explain, l *tree.Layer, base bool) {
	found := leftoversOf(l.Root)
	if len(found) > 0 {
		t.gap()
		t.add(Text, e.LeftBehind)
	}
	for _, f := range found {
		word := e.Leftovers[f.name]
		line := fmt.Sprintf(e.Left, words.Bytes(f.bytes), word.What, visible(f.most.path))
		if base {
			t.add(List, line)
		} else {
			t.add(Advice, line+": "+word.Try)
		}
	}
	if base && len(found) > 0 {
		t.add(Advice, e.LeftInBase)
	}
}

// leftoversOf measures the places of a layer, the heaviest first.
func leftoversOf(root *tree.Node) []leftover {
	byName := map[string]*leftover{}
	gather(byName, "", root)
	var all []leftover
	for _, f := range byName {
		if f.bytes >= worthTelling {
			all = append(all, *f)
		}
	}
	slices.SortFunc(all, func(a, b leftover) int {
		return cmp.Or(cmp.Compare(b.bytes, a.bytes), strings.Compare(a.name, b.name))
	})
	return all[:min(len(all), shown)]
}

// gather looks at directories alone: a layer has far more files.
func gather(byName map[string]*leftover, path string, n *tree.Node) {
	for _, k := range n.Kids() {
		if k.Kind != tree.Dir || k.Bytes() == 0 {
			continue
		}
		at := path + "/" + k.Name
		if p := placeOf(k.Name, at); p != nil {
			byName[p.name] = sum(byName[p.name], leftover{p.name, k.Bytes(), weight{at, k.Bytes()}})
		} else {
			gather(byName, at, k)
		}
	}
}

func sum(old *leftover, l leftover) *leftover {
	if old == nil {
		return &l
	}
	old.bytes += l.bytes
	if l.most.bytes > old.most.bytes {
		old.most = l.most
	}
	return old
}

// placeOf returns the row of a directory, or nil.
func placeOf(name, path string) *place {
	for i := range places {
		switch p := places[i].path; {
		case !strings.HasSuffix(p, name):
		case p == path, p[0] != '/' && strings.HasSuffix(path, "/"+p):
			return &places[i]
		}
	}
	return nil
}
