package explain

import (
	"cmp"
	"fmt"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/imgtui/imgtui/model"
	"github.com/imgtui/imgtui/model/waste"
	"github.com/imgtui/imgtui/model/words"
)

// grave is all that one layer added, another hid, and that died the same way.
type grave struct {
	added, hidden int
	how           waste.How
	bytes         int64
	count         int
	path          string // of the first
	dir           string // that holds all of them
}

// graves puts the dead bytes that match into graves, the largest first.
func graves(r *waste.Report, is func(waste.Dead) bool) []grave {
	var all []grave
	at := map[[3]int]int{}
	for _, d := range r.Paths {
		if !is(d) {
			continue
		}
		key := [3]int{d.Added, d.Hidden, int(d.How)}
		i, ok := at[key]
		if !ok {
			at[key] = len(all)
			all = append(all, grave{d.Added, d.Hidden, d.How, d.Bytes, 1, d.Path, path.Dir(d.Path)})
			continue
		}
		all[i].bytes += d.Bytes
		all[i].count++
		all[i].dir = commonDir(all[i].dir, d.Path)
	}
	slices.SortStableFunc(all, func(a, b grave) int { return cmp.Compare(b.bytes, a.bytes) })
	return all
}

// commonDir returns the directory, at or above dir, that holds p.
func commonDir(dir, p string) string {
	for dir != "/" && !(len(p) > len(dir) && p[:len(dir)] == dir && p[len(dir)] == '/') {
		dir = path.Dir(dir)
	}
	return dir
}

// dead tells what the layer carries in vain, and what it hides in vain.
func (t *text) dead(e words.Explain, s Subject) {
	layer := s.Image.Steps[s.Step].Layer.Index
	if s.Report == nil || layer >= len(s.Report.ByLayer) {
		return
	}
	if n := s.Report.ByLayer[layer]; n > 0 {
		t.heading(e.DeadHere)
		t.add(Bad, fmt.Sprintf(e.AddedDead, words.Bytes(n), words.Percent(n, payloadsOf(s))))
		t.graves(e, s.Image, graves(s.Report, func(d waste.Dead) bool { return d.Added == layer }), tellEnd)
	}
	hidden := graves(s.Report, func(d waste.Dead) bool { return d.Hidden == layer && d.Added != layer })
	if len(hidden) > 0 {
		t.heading(e.HiddenHere)
		t.add(Bad, fmt.Sprintf(e.HidAndKept, words.Bytes(bytesOf(hidden))))
		t.graves(e, s.Image, hidden, tellOrigin)
	}
}

// payloadsOf returns all bytes that a layer carries, duplicates too.
func payloadsOf(s Subject) (sum int64) {
	if s.Layer == nil {
		return 0
	}
	for p := range s.Layer.Payloads() {
		sum += p.Size
	}
	return sum
}

func bytesOf(gs []grave) (sum int64) {
	for _, g := range gs {
		sum += g.bytes
	}
	return sum
}

// graves names the largest graves, and says what to do about each.
func (t *text) graves(e words.Explain, i *model.Image, gs []grave, tell func(words.Explain, *model.Image, grave) string) {
	var tries []string
	for _, g := range gs[:min(len(gs), shown)] {
		t.item(g.bytes, g.where(e))
		t.add(Remark, tell(e, i, g))
		if s := remedy(e, i, g); !slices.Contains(tries, s) {
			tries = append(tries, s)
		}
	}
	if len(gs) > shown {
		n := 0
		for _, g := range gs[shown:] {
			n += g.count
		}
		t.item(bytesOf(gs[shown:]), fmt.Sprintf(e.Others, words.Exact(n)))
	}
	for _, s := range tries {
		t.add(Advice, s)
	}
}

// tellEnd says where dead bytes were hidden.
func tellEnd(e words.Explain, i *model.Image, g grave) string {
	if g.added == g.hidden {
		return e.Hows[g.how]
	}
	step, by := stepOf(i, g.hidden)
	return fmt.Sprintf(e.DiesAt, e.Hows[g.how], step, by)
}

// tellOrigin says where dead bytes came from.
func tellOrigin(e words.Explain, i *model.Image, g grave) string {
	step, by := stepOf(i, g.added)
	return fmt.Sprintf(e.CameFrom, e.Hows[g.how], step, by)
}

// where names the path, the directory that holds several, or the largest of
// those that no directory holds.
func (g grave) where(e words.Explain) string {
	switch {
	case g.count == 1:
		return visible(g.path)
	case g.dir == "/":
		return fmt.Sprintf(e.Scattered, visible(g.path), words.Exact(g.count-1))
	}
	return fmt.Sprintf(e.Several, visible(g.dir+"/*"), words.Exact(g.count))
}

// remedy says what to do about a grave; it depends on what added the bytes.
func remedy(e words.Explain, i *model.Image, g grave) string {
	r, added := e.Remedies[g.how], i.StepOf(g.added)
	try := r.Other
	if added >= 0 {
		switch step := i.Steps[added]; {
		case step.Base || isRootFS(step):
			try = r.Base
		case Verb(step.CreatedBy) == "RUN":
			try = r.Run
		case Verb(step.CreatedBy) == "COPY" || Verb(step.CreatedBy) == "ADD":
			try = r.Copy
		}
	}
	return strings.NewReplacer("{added}", strconv.Itoa(added), "{hidden}", strconv.Itoa(i.StepOf(g.hidden))).Replace(try)
}

// stepOf returns the number of the step that made a layer, and its instruction in brief.
func stepOf(i *model.Image, layer int) (step int, by string) {
	if step = i.StepOf(layer); step < 0 {
		return step, ""
	}
	return step, brief(Instruction(i.Steps[step].CreatedBy))
}

// brief cuts an instruction for a list.
func brief(s string) string {
	if r := []rune(s); len(r) > 50 {
		return string(r[:49]) + "…"
	}
	return s
}
