package source

import (
	"context"
	"slices"

	"github.com/imgtui/imgtui/model/pattern"
)

// The digests of an empty layer: a tar of nothing but its end mark, and no bytes at all.
const (
	emptyTar   = "sha256:5f70bf18a086007016e948b04aed3b82103a36bea41755b6cddfaf10ace3c6ef"
	emptyBytes = "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
)

var (
	makesFiles = pattern.Lazy(`^(RUN|COPY|ADD|WORKDIR) |^/bin/sh -c ([^#]|#\(nop\) +(COPY|ADD|WORKDIR) )`)
	makesNone  = pattern.Lazy(`^(/bin/sh -c #\(nop\) +)?` +
		`(ENV|CMD|ENTRYPOINT|LABEL|EXPOSE|USER|VOLUME|STOPSIGNAL|HEALTHCHECK|ONBUILD|SHELL|ARG|MAINTAINER) `)
)

// What it costs to believe a thing that the rows and layers speak against.
const (
	never      = 1_000_000 // another number of layers than the engine says
	impossible = 1000      // a row with bytes without a layer, or with a layer known to be empty
	strange    = 10        // a layer of an instruction that makes none
	unlikely   = 2         // no layer of an instruction that makes one
	possible   = 1         // a layer without bytes that is not the empty one: it has folders or links alone
)

// layered tells which rows made a layer. Where rows and sizes do not decide it,
// the engine is asked how many layers there were after a step, which it knows of
// images that it built itself. What is then still guessed is said.
func (e *engine) layered(ctx context.Context, rows []historyRow, diffIDs []string) ([]bool, string, error) {
	layered, known := findLayered(rows, diffIDs, nil), map[int]int{}
	for _, i := range undecided(rows, layered, nil) {
		if rows[i].ID == missingID {
			continue
		}
		var in inspected
		err := e.ask(ctx, "/images/"+rows[i].ID+"/json", nil, &in)
		if ctx.Err() != nil {
			return nil, "", ctx.Err()
		}
		if err == nil {
			known[i] = len(in.RootFS.Layers)
		}
	}
	layered = findLayered(rows, diffIDs, known)
	if len(undecided(rows, layered, known)) > 0 {
		return layered, guessed, nil
	}
	return layered, "", nil
}

// guessed is the warning that goes with an image whose steps are not sure.
const guessed = "the engine does not tell steps that made a layer without bytes from steps " +
	"that made none: they are guessed here, and sure in the archive that it saves"

// undecided returns the rows without bytes that may or may not have made a
// layer, if some of them are taken to have and some are not.
func undecided(rows []historyRow, layered []bool, known map[int]int) []int {
	var all []int
	var with, without bool
	for i, r := range rows {
		none := makesNone().MatchString(r.CreatedBy)
		if _, ok := known[i]; ok || r.Size > 0 || none && !layered[i] {
			continue
		}
		all = append(all, i)
		with, without = with || layered[i], without || !layered[i] || none
	}
	if !with || !without {
		return nil
	}
	return all
}

// findLayered tells which rows made a layer. An engine's history does not say
// so, and a layer of nothing but folders has size 0 as a row without layer has.
// So the layers are laid over the rows, in order, where it costs least to
// believe. Known is how many layers there were after a row, where that is known.
func findLayered(rows []historyRow, diffIDs []string, known map[int]int) []bool {
	n, m := len(rows), min(len(rows), len(diffIDs))
	cost := costs(rows, diffIDs[:m], known)
	layered := make([]bool, n)
	for i, j := n, m; i > 0 && j > 0; i-- {
		if cost[i][j] != cost[i-1][j]+costWithout(rows[i-1]) {
			layered[i-1] = true
			j--
		}
	}
	return layered
}

// costs returns the least cost of the first i rows with the first j layers.
func costs(rows []historyRow, diffIDs []string, known map[int]int) [][]int {
	n, m := len(rows), len(diffIDs)
	cost := make([][]int, n+1)
	for i := range cost {
		cost[i] = slices.Repeat([]int{never * (n + 1)}, m+1)
	}
	cost[0][0] = 0
	for i, r := range rows {
		for j := range min(i+1, m) + 1 {
			least := cost[i][j] + costWithout(r)
			if j > 0 {
				least = min(least, cost[i][j-1]+costWith(r, diffIDs[j-1]))
			}
			if count, ok := known[i]; ok && count != j {
				least += never
			}
			cost[i+1][j] = least
		}
	}
	return cost
}

// costWithout is what it takes to believe that a row made no layer.
func costWithout(r historyRow) int {
	switch {
	case r.Size > 0:
		return impossible
	case makesFiles().MatchString(r.CreatedBy):
		return unlikely
	case makesNone().MatchString(r.CreatedBy):
		return 0
	}
	return possible
}

// costWith is what it takes to believe that a row made that layer.
func costWith(r historyRow, diffID string) int {
	empty := diffID == emptyTar || diffID == emptyBytes
	switch {
	case r.Size > 0 && empty:
		return impossible
	case r.Size > 0:
		return 0
	case makesNone().MatchString(r.CreatedBy):
		return strange
	case empty:
		return 0
	}
	return possible
}
