package plan

import (
	"hash/maphash"
	"slices"
	"strings"

	"github.com/imgtui/imgtui/model"
	"github.com/imgtui/imgtui/model/dockerfile"
)

// Pair finds the history step of each instruction of a file: of those that the
// target is made of, through all stages beneath it. It is −1 for FROM, for what
// left no row and for the instructions of other stages. Steps grow with the
// instructions. An instruction that was edited is paired with the row it had.
func Pair(f *dockerfile.File, target string, args map[string]string, img *model.Image) []int {
	pairs := make([]int, len(f.Instructions))
	for i := range pairs {
		pairs[i] = -1
	}
	stage := f.StageNamed(target)
	if stage < 0 {
		return pairs
	}
	told, rows := instructions(f, stage, args), rows(img)
	if scratch(f, stage, args) {
		for n := range rows {
			rows[n].base = false
		}
	}
	for i, row := range match(told, rows) {
		if row >= 0 {
			pairs[told[i].index] = rows[row].index
		}
	}
	attested(f, img, pairs)
	return pairs
}

// attested puts in the pairs that the builder itself tells, for the text that
// it tells them of; what was guessed and stands against them goes.
func attested(f *dockerfile.File, img *model.Image, pairs []int) {
	if len(img.Recipe.Made) == 0 || f.Text != img.Recipe.Dockerfile {
		return
	}
	sure := map[int]int{} // steps, by their instructions
	for n := range img.Steps {
		l := img.Steps[n].Layer
		if l == nil || l.Digest == "" {
			continue
		}
		if i := f.At(img.Recipe.Made[l.Digest]); i >= 0 && f.Instructions[i].Name != "FROM" {
			sure[i] = n
		}
	}
	for i, step := range pairs {
		for k, n := range sure {
			if i != k && step >= 0 && (step == n || (i < k) != (step < n) && f.Instructions[i].Stage == f.Instructions[k].Stage) {
				pairs[i] = -1
			}
		}
	}
	for i, n := range sure {
		pairs[i] = n
	}
}

// Paired turns pairs around: for each of so many steps the instruction, or −1.
func Paired(pairs []int, steps int) []int {
	inverse := slices.Repeat([]int{-1}, steps)
	for i, s := range pairs {
		if s >= 0 && s < steps {
			inverse[s] = i
		}
	}
	return inverse
}

// scratch tells whether nothing is beneath a stage: the rows that look like
// those of a base are its own then.
func scratch(f *dockerfile.File, stage int, args map[string]string) bool {
	chain := f.Chain(stage, args)
	_, image := f.Base(chain[0], args)
	return image == "scratch"
}

// statement is what an instruction or a row says, in a form in which both can
// be compared.
type statement struct {
	index int // of the instruction or the step
	name  string
	says  []string // each a way in which it may be said
	words []uint64 // hashes, sorted
	base  bool     // a row of the base image
}

func (s *statement) say(text string) {
	text = strings.Join(strings.Fields(text), " ")
	if !slices.Contains(s.says, text) {
		s.says = append(s.says, text)
	}
}

var seed = maphash.MakeSeed()

// mostWords is how many words of a statement are compared.
const mostWords = 256

// hash prepares the words for being compared.
func (s *statement) hash() {
	if len(s.says) == 0 {
		return
	}
	n := 0
	for w := range strings.FieldsFuncSeq(s.says[len(s.says)-1], parts) {
		if n++; n > mostWords {
			break
		}
		s.words = append(s.words, maphash.String(seed, w))
	}
	slices.Sort(s.words)
}

// parts tells where words end: at spaces, and within paths and assignments.
func parts(r rune) bool { return strings.ContainsRune(" =/:;,\"'", r) }

// The scores of a pair. What reads the same outweighs any number of likely
// pairs that it stands in the way of.
const (
	never   = 0
	likely  = 20  // of one kind
	nearly  = 60  // more for each word that is the same
	equals  = 400 // reads the same
	ofBase  = 100 // reads the same, but is said to belong to the base
	similar = 0.25
)

// few are the kinds of which a Dockerfile has few: one may read quite
// otherwise than its row and still be the same.
var few = map[string]bool{
	"CMD": true, "ENTRYPOINT": true, "EXPOSE": true, "HEALTHCHECK": true, "MAINTAINER": true,
	"SHELL": true, "STOPSIGNAL": true, "USER": true, "VOLUME": true, "WORKDIR": true,
}

// score tells how much speaks for a pair.
func score(told, row *statement) int {
	if told.name != row.name || row.name == "" {
		return never
	}
	for _, s := range row.says {
		if slices.Contains(told.says, s) {
			if row.base {
				return ofBase
			}
			return equals
		}
	}
	if row.base {
		return never
	}
	alike := alike(told.words, row.words)
	if alike < similar && !few[row.name] {
		return never
	}
	return likely + int(nearly*alike)
}

// alike returns which part of two sorted lists they have in common, from 0 to 1.
func alike(a, b []uint64) float64 {
	common, i, j := 0, 0, 0
	for i < len(a) && j < len(b) {
		switch {
		case a[i] == b[j]:
			common, i, j = common+1, i+1, j+1
		case a[i] < b[j]:
			i++
		default:
			j++
		}
	}
	if len(a)+len(b) == 0 {
		return 0
	}
	return 2 * float64(common) / float64(len(a)+len(b))
}

// match finds the pairs in order whose scores are the most together, and for
// each statement told the index of its row, or −1. Of equal choices it takes
// the later row: the first ones are the base's.
//
// What reads the same at both ends is paired at once. No pair has a higher
// score, so this never costs any; and an edit leaves little between.
func match(told, rows []statement) []int {
	found := slices.Repeat([]int{-1}, len(told))
	m, n := len(told), len(rows)
	for m > 0 && n > 0 && score(&told[m-1], &rows[n-1]) == equals {
		m, n = m-1, n-1
		found[m] = n
	}
	i, j := 0, leading(told[:m], rows[:n])
	for i < m && j < n && score(&told[i], &rows[j]) == equals {
		found[i] = j
		i, j = i+1, j+1
	}
	for k, row := range weigh(told[i:m], rows[j:n]) {
		if row >= 0 {
			found[i+k] = j + row
		}
	}
	return found
}

// leading returns how many of the first rows are the base's and pair with
// nothing.
func leading(told, rows []statement) int {
	n := 0
	for n < len(rows) && rows[n].base && !slices.ContainsFunc(told, func(s statement) bool { return score(&s, &rows[n]) != never }) {
		n++
	}
	return n
}

// mostPairs bounds how many pairs are weighed.
const mostPairs = 4 << 20

// weigh is align for what is left.
func weigh(told, rows []statement) []int {
	found := slices.Repeat([]int{-1}, len(told))
	if n := max(len(rows), 1); len(told) > mostPairs/n {
		told = told[:mostPairs/n]
	}
	best := make([][]int32, len(told)+1)
	best[len(told)] = make([]int32, len(rows)+1)
	for i := len(told) - 1; i >= 0; i-- {
		best[i] = make([]int32, len(rows)+1)
		for j := len(rows) - 1; j >= 0; j-- {
			best[i][j] = max(best[i][j+1], best[i+1][j])
			if s := int32(score(&told[i], &rows[j])); s > 0 {
				best[i][j] = max(best[i][j], best[i+1][j+1]+s)
			}
		}
	}
	for i, j := 0, 0; i < len(told) && j < len(rows); {
		switch {
		case best[i][j] == best[i][j+1]:
			j++
		case best[i][j] == best[i+1][j]:
			i++
		default:
			found[i], i, j = j, i+1, j+1
		}
	}
	return found
}
