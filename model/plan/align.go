package plan

import (
	"slices"
	"strings"

	"github.com/imgtui/imgtui/model/dockerfile"
)

// wording is all that an instruction says, whatever its lines and comments.
func wording(i *dockerfile.Instruction) string {
	var b strings.Builder
	b.Grow(len(i.Name) + len(i.Args) + 16)
	b.WriteString(i.Name)
	for _, f := range i.Flags {
		b.WriteByte(' ')
		b.WriteString(f)
	}
	b.WriteByte(' ')
	b.WriteString(i.Args)
	for _, h := range i.Heredocs {
		b.WriteString("\n" + h.Name + "\n")
		b.WriteString(h.Content)
	}
	return b.String()
}

func wordings(f *dockerfile.File) []string {
	all := make([]string, len(f.Instructions))
	for i := range f.Instructions {
		all[i] = wording(&f.Instructions[i])
	}
	return all
}

// alignment pairs the instructions of two texts.
type alignment struct {
	before []string // wordings
	after  []string
	old    []int // for each of after its counterpart in before; −1 is none
	new    []int // for each of before its counterpart in after; −1 is none
}

// align pairs what reads the same in the same order, then what lies between and
// reads alike, then what only moved.
func align(before, after []string) *alignment {
	a := &alignment{before: before, after: after, old: none(len(after)), new: none(len(before))}
	a.between(0, len(before), 0, len(after))
	a.moved()
	return a
}

func none(n int) []int {
	all := make([]int, n)
	for i := range all {
		all[i] = -1
	}
	return all
}

func (a *alignment) pair(i, j int) { a.new[i], a.old[j] = j, i }

// between pairs before[i:m] with after[j:n].
func (a *alignment) between(i, m, j, n int) {
	for i < m && j < n && a.before[i] == a.after[j] {
		a.pair(i, j)
		i, j = i+1, j+1
	}
	for i < m && j < n && a.before[m-1] == a.after[n-1] {
		m, n = m-1, n-1
		a.pair(m, n)
	}
	if i == m || j == n {
		return
	}
	same := longest(m-i, n-j, func(x, y int) int {
		if a.before[i+x] == a.after[j+y] {
			return 1
		}
		return 0
	})
	x, y := i, j
	for _, s := range same {
		a.alike(x, i+s[0], y, j+s[1])
		a.pair(i+s[0], j+s[1])
		x, y = i+s[0]+1, j+s[1]+1
	}
	a.alike(x, m, y, n)
}

// alike pairs what may be one instruction before and after an edit.
func (a *alignment) alike(i, m, j, n int) {
	if i == m || j == n {
		return
	}
	same := sameNames(a.before[i:m], a.after[j:n])
	for _, s := range longest(m-i, n-j, func(x, y int) int {
		return likeness(a.before[i+x], a.after[j+y], same)
	}) {
		a.pair(i+s[0], j+s[1])
	}
}

// sameNames tells whether two runs of instructions have the same names, one by one.
func sameNames(before, after []string) bool {
	return slices.EqualFunc(before, after, func(a, b string) bool { return nameOf(a) == nameOf(b) })
}

func nameOf(wording string) string {
	name, _, _ := strings.Cut(wording, " ")
	return name
}

// moved pairs what is left over and reads the same.
func (a *alignment) moved() {
	var left map[string]int
	for i, j := range a.new {
		if j < 0 {
			if left == nil {
				left = map[string]int{}
			}
			left[a.before[i]] = i
		}
	}
	for j, i := range a.old {
		if i >= 0 || left == nil {
			continue
		}
		if at, ok := left[a.after[j]]; ok {
			a.pair(at, j)
			delete(left, a.after[j])
		}
	}
}

// tableLimit is how many pairs are weighed; beyond it things are paired in
// their order alone.
const tableLimit = 250_000

// longest returns the pairs, in order, whose scores sum to the most; a pair that
// scores nothing is none.
func longest(m, n int, score func(x, y int) int) [][2]int {
	if m*n > tableLimit {
		return inOrder(m, n, score)
	}
	best := make([]int32, (m+1)*(n+1))
	at := func(x, y int) *int32 { return &best[x*(n+1)+y] }
	won := make([]int32, m*n)
	for x := m - 1; x >= 0; x-- {
		for y := n - 1; y >= 0; y-- {
			s := int32(score(x, y))
			won[x*n+y] = s
			*at(x, y) = max(*at(x+1, y), *at(x, y+1))
			if s > 0 {
				*at(x, y) = max(*at(x, y), *at(x+1, y+1)+s)
			}
		}
	}
	var pairs [][2]int
	for x, y := 0, 0; x < m && y < n; {
		switch s := won[x*n+y]; {
		case s > 0 && *at(x, y) == *at(x+1, y+1)+s:
			pairs = append(pairs, [2]int{x, y})
			x, y = x+1, y+1
		case *at(x, y) == *at(x+1, y):
			x++
		default:
			y++
		}
	}
	return pairs
}

// inOrder pairs each with the next that scores, looking a little ahead.
func inOrder(m, n int, score func(x, y int) int) [][2]int {
	const ahead = 64
	var pairs [][2]int
	y := 0
	for x := 0; x < m && y < n; x++ {
		for z := y; z < min(n, y+ahead); z++ {
			if score(x, z) > 0 {
				pairs = append(pairs, [2]int{x, z})
				y = z + 1
				break
			}
		}
	}
	return pairs
}

// likeness is above 0 where two wordings may be one instruction edited: they
// have one name and, unless nothing else can be meant, a good part in common.
func likeness(a, b string, sure bool) int {
	name, restA, _ := strings.Cut(a, " ")
	other, restB, _ := strings.Cut(b, " ")
	if name != other {
		return 0
	}
	head := 0
	for head < min(len(restA), len(restB)) && restA[head] == restB[head] {
		head++
	}
	tail := 0
	for tail < min(len(restA), len(restB))-head && restA[len(restA)-1-tail] == restB[len(restB)-1-tail] {
		tail++
	}
	share := 100 * (head + tail) / max(len(restA), len(restB), 1)
	if share < enough && !sure && !single(name) {
		return 0
	}
	return 1 + share
}

// enough is the share in percent that two wordings must have in common.
const enough = 30

// single tells whether a stage has, as a rule, one instruction of that name.
func single(name string) bool {
	switch name {
	case "FROM", "CMD", "ENTRYPOINT", "HEALTHCHECK", "STOPSIGNAL", "SHELL", "MAINTAINER", "USER", "WORKDIR":
		return true
	}
	return false
}
