package pane

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"regexp"
	"slices"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/imgtui/imgtui/model/session"
	"github.com/imgtui/imgtui/model/session/sessiontest"
	"github.com/imgtui/imgtui/model/tree"
	"github.com/imgtui/imgtui/model/words"
	"github.com/imgtui/imgtui/tui/act"
	"github.com/imgtui/imgtui/tui/theme"
)

// env is what a pane sees once everything about an image is known.
func env(t testing.TB, w *sessiontest.World, msgs ...session.Msg) Env {
	t.Helper()
	s, rs := session.Start(session.Open{Ref: "x"})
	s = session.Settle(t.Context(), s, rs, w.Do)
	s, _ = s.Update(session.Clock{Now: sessiontest.Noon})
	for _, m := range msgs {
		s, rs = s.Update(m)
		s = session.Settle(t.Context(), s, rs, w.Do)
	}
	return Env{State: s, Theme: theme.New("mono", theme.Terminal{}), Words: &words.English, Book: &Book{}}
}

// small makes an image of a few layers from a seed; names repeat, so that paths
// are written again, deleted and replaced by other kinds.
func small(r *rand.Rand) *sessiontest.World {
	names := []string{"a", "b", "Lib", "usr", "app.py", "b.py", "x1", "README.md"}
	path := func() string {
		var p strings.Builder
		p.WriteString(names[r.IntN(len(names))])
		for range r.IntN(4) {
			p.WriteString("/" + names[r.IntN(len(names))])
		}
		return p.String()
	}
	var steps []sessiontest.Step
	for i := range 3 {
		s := sessiontest.Step{By: fmt.Sprintf("RUN %d", i), Files: []string{}}
		for range r.IntN(30) {
			switch p := path(); r.IntN(8) {
			case 0:
				s.Files = append(s.Files, p+"/")
			case 1:
				s.Files = append(s.Files, p+" -> "+path())
			case 2:
				s.Files = append(s.Files, "-"+p)
			case 3:
				s.Files = append(s.Files, p+"=0755 "+fmt.Sprint(r.IntN(5000))+" 7")
			default:
				s.Files = append(s.Files, fmt.Sprintf("%s %d %d", p, r.IntN(5000), r.IntN(3)))
			}
		}
		steps = append(steps, s)
	}
	return sessiontest.Make(steps...)
}

// entry is a path and how it changed, as the plain walk finds it.
type entry struct {
	path string
	d    tree.Delta
}

// everything walks two roots without any cleverness.
func everything(d tree.Delta, path string, whole bool) []entry {
	var all []entry
	kids := d.Changed()
	if whole {
		kids = d.All()
	}
	for _, k := range kids {
		p := path + "/" + k.Name()
		all = append(all, entry{p, k})
		all = append(all, everything(k, p, whole)...)
	}
	return all
}

// plainMatch is the filter told in the plainest words.
func plainMatch(filter, path string) bool {
	if re, ok := strings.CutPrefix(filter, "~"); ok {
		return regexp.MustCompile("(?i)" + re).MatchString(path)
	}
	for w := range strings.FieldsSeq(filter) {
		word, not := strings.CutPrefix(w, "!")
		p := path
		if strings.ToLower(word) == word {
			p = strings.ToLower(p)
		}
		name := p[strings.LastIndexByte(p, '/')+1:]
		in := strings.Contains(p, word) || !not && plainParts(word, regexp.MustCompile(`[^\pL0-9]+`).Split(name, -1))
		if word != "" && in == not {
			return false
		}
	}
	return true
}

// plainParts tells whether a word is made of beginnings of parts, in order.
func plainParts(word string, parts []string) bool {
	if word == "" {
		return true
	}
	if len(parts) == 0 {
		return false
	}
	for n := range min(len(word), len(parts[0])) + 1 {
		if strings.HasPrefix(parts[0], word[:n]) && plainParts(word[n:], parts[1:]) {
			return true
		}
	}
	return false
}

var filters = []string{"", "py", "usr !py", "Lib", "lib", "ap", "b a", "!b", "~^/usr/.*py$", "usr/a", "r/l", "zzz", "! x1", "ap.y", "apy", "rem", "REm", "rmd"}

// TestAFlatListIsWhatAPlainWalkFinds: paths, and their order.
func TestAFlatListIsWhatAPlainWalkFinds(t *testing.T) {
	t.Parallel()
	for seed := range uint64(25) {
		r := rand.New(rand.NewPCG(seed, 1))
		w := small(r)
		for _, view := range []session.View{session.Changed, session.Whole} {
			e := env(t, w, session.Select{Step: int(seed % 3)}, session.Show{View: view})
			for _, filter := range filters {
				p := &Files{want: want{flat: true, filter: filter, sort: order(r.IntN(int(orders))), reversed: r.IntN(2) == 0}}
				if r.IntN(3) == 0 {
					p.want.only[tree.Change(1+r.IntN(5))] = true
				}
				p.sync(e)
				var got []string
				for i := range p.list.count() {
					got = append(got, p.list.path(i))
				}
				if diff := gocmp.Diff(plainFlat(e, p), got); diff != "" {
					t.Fatalf("seed %d, view %d, %+v (-want +got):\n%s", seed, view, p.want, diff)
				}
			}
		}
	}
}

func plainFlat(e Env, p *Files) []string {
	isWhole := whole(e)
	var all []entry
	for _, x := range everything(e.State.Files().Delta, "", isWhole) {
		c := x.d.Change()
		if c == tree.Within || c == tree.Same && x.d.IsDir() || !p.want.only.shows(c) || !plainMatch(p.want.filter, x.path) {
			continue
		}
		all = append(all, x)
	}
	weight := func(d tree.Delta) int64 {
		switch {
		case p.want.sort == byName:
			return 0
		case p.want.sort == byChange:
			return rank[d.Change()]
		case isWhole:
			return d.Node().Bytes()
		}
		t := d.Totals()
		return t.AddedBytes + t.RemovedBytes
	}
	slices.SortStableFunc(all, func(x, y entry) int { return cmp.Compare(weight(y.d), weight(x.d)) })
	if p.want.reversed {
		slices.Reverse(all)
	}
	var paths []string
	for _, x := range all {
		paths = append(paths, x.path)
	}
	return paths
}

// TestATreeShowsWhatThePlainWalkFinds: every path that is wanted has a row
// beneath those of its directories, and no other file has.
func TestATreeShowsWhatThePlainWalkFinds(t *testing.T) {
	t.Parallel()
	for seed := range uint64(25) {
		r := rand.New(rand.NewPCG(seed, 2))
		w := small(r)
		for _, view := range []session.View{session.Changed, session.Whole} {
			e := env(t, w, session.Select{Step: int(seed % 3)}, session.Show{View: view})
			for _, filter := range filters {
				p := &Files{folds: map[string]bool{"": true}, want: want{filter: filter, sort: order(r.IntN(int(orders)))}}
				if r.IntN(3) == 0 {
					p.want.only[tree.Change(1+r.IntN(5))] = true
				}
				p.sync(e)
				holdsTogether(t, &p.list)
				shown := map[string]bool{}
				for i := range p.list.count() {
					shown[p.list.path(i)] = true
				}
				for _, x := range everything(e.State.Files().Delta, "", whole(e)) {
					wanted := !x.d.IsDir() && p.want.only.shows(x.d.Change()) && wantedWithin(filter, x.path)
					if shown[x.path] != wanted && !x.d.IsDir() {
						t.Fatalf("seed %d, view %d, %+v: %s is shown: %v, want %v", seed, view, p.want, x.path, shown[x.path], wanted)
					}
				}
			}
		}
	}
}

// wantedWithin tells whether a path, or a directory above it, is wanted, and
// nothing in it is unwanted.
func wantedWithin(filter, path string) bool {
	var not []string
	for w := range strings.FieldsSeq(filter) {
		if strings.HasPrefix(w, "!") {
			not = append(not, w)
		}
	}
	if !plainMatch(strings.Join(not, " "), path) {
		return false
	}
	for i, c := range path + "/" {
		if c == '/' && i > 0 && plainMatch(filter, path[:i]) {
			return true
		}
	}
	return false
}

// holdsTogether fails unless rows stand beneath those that hold them, and every
// row, of many some, is found by its path.
func holdsTogether(t *testing.T, l *listing) {
	t.Helper()
	for i, r := range l.rows {
		switch {
		case int(r.parent) >= i:
			t.Fatalf("row %d stands before its parent %d", i, r.parent)
		case r.parent < 0 && r.depth != 0, r.parent >= 0 && r.depth != l.rows[r.parent].depth+1:
			t.Fatalf("row %d, %s, has depth %d", i, l.path(i), r.depth)
		case r.parent >= 0 && !l.rows[r.parent].open:
			t.Fatalf("row %d, %s, stands in a closed directory", i, l.path(i))
		}
		if len(l.rows) > 1000 && i%997 != 0 {
			continue
		}
		if got := l.find(l.path(i)); got != i {
			t.Fatalf("find(%q) = %d, want %d", l.path(i), got, i)
		}
	}
}

func TestSumsAreThoseOfAWalk(t *testing.T) {
	t.Parallel()
	for seed := range uint64(40) {
		w := small(rand.New(rand.NewPCG(seed, 3)))
		b := &Book{}
		for i := range w.Roots {
			for j := range i + 1 {
				for _, x := range everything(tree.Compare(w.Roots[j], w.Roots[i]), "", true) {
					if got, want := b.Totals(x.d), x.d.Totals(); got != want {
						t.Fatalf("seed %d, %s between %d and %d: %+v, want %+v", seed, x.path, j, i, got, want)
					}
				}
			}
		}
	}
}

func TestChangedChildrenAreCountedUpToSoMany(t *testing.T) {
	t.Parallel()
	for seed := range uint64(40) {
		w := small(rand.New(rand.NewPCG(seed, 7)))
		for _, x := range append(everything(tree.Compare(w.Roots[0], w.Roots[2]), "", true), entry{"", tree.Compare(w.Roots[0], w.Roots[2])}) {
			if x.d.Before == nil || x.d.After == nil {
				continue
			}
			for most := range 5 {
				if got, want := changedKids(x.d, most), min(len(x.d.Changed()), most); got != want {
					t.Fatalf("seed %d, %s: %d of at most %d, want %d", seed, x.path, got, most, want)
				}
			}
		}
	}
}

func TestTheCursorStaysOnItsPath(t *testing.T) {
	t.Parallel()
	w := sessiontest.Workshop()
	e := env(t, w, session.Select{Step: 3})
	p := &Files{}
	p.win.Height = 10
	p.Do("unfold-all", e)
	p.sync(e)
	for p.Path(e) != "/etc/passwd" {
		p.Do("down", e)
	}
	for _, id := range []string{"sort", "reverse", "flat", "sort", "flat", "fold-all", "unfold-all"} {
		p.Do(act.ID(id), e)
		if got := p.Path(e); got != "/etc/passwd" && (id != "fold-all" || got != "/etc") {
			t.Errorf("after %s the cursor is on %q, want /etc/passwd", id, got)
		}
	}
	p.Do("up", e)
	p.Do("down", e)
	for _, step := range []struct {
		step int
		want string
	}{{4, "/etc"}, {2, "/var/lib/apt/lists"}, {3, "/etc/passwd"}} {
		e := env(t, w, session.Select{Step: step.step})
		e.State.Rev += 100 * step.step
		if got := p.Path(e); got != step.want {
			t.Errorf("on step %d the cursor is on %q, want %q", step.step, got, step.want)
		}
	}
}

func TestALongListIsMadeInTheBackground(t *testing.T) {
	t.Parallel()
	e := env(t, sessiontest.Large(atOnce*3/2), session.Select{Step: 11}, session.Show{View: session.Whole})
	p := &Files{}
	p.win.Height = 10
	if l := p.Waiting(e); l != nil {
		t.Fatal("a list of a few unfolded directories is made in the background")
	}
	before := p.list.count()
	p.Do("unfold-all", e)
	first := p.Waiting(e)
	if first == nil || p.list.count() != before {
		t.Fatalf("waiting %v, %d rows in sight; want the %d rows from before until the list is made", first != nil, p.list.count(), before)
	}
	p.Do("sort", e)
	second := p.Waiting(e)
	p.Take(first.Run())
	if p.list.count() != before || !p.Busy() {
		t.Errorf("a list that is no longer wished for was shown: %d rows, busy %v", p.list.count(), p.Busy())
	}
	p.Take(second.Run())
	if p.list.count() < atOnce || p.Busy() {
		t.Errorf("%d rows, busy %v; want them all", p.list.count(), p.Busy())
	}
	holdsTogether(t, &p.list)
}
