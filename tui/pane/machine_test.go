package pane

import (
	"fmt"
	"math/rand/v2"
	"regexp"
	"strings"
	"testing"
)

// TestAMachineMatchesWhatItsExpressionDoes holds random expressions against the
// library on random paths.
func TestAMachineMatchesWhatItsExpressionDoes(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(1, 1))
	parts := []string{"a", "b", "/", ".", "lib", "so", "[a-c]", "[^/]", "x?", "a*", "b+", ".*", "^", "$", "(a|lib)", "(?:x|y)*", "\\.", "a{2,3}", "|", "^/", "so$", "(^a|b$)", "()", "\\d", "k", "ä", "\\b", "(?m:^a)", "\\z", "(a$|b)"}
	letters := []string{"a", "b", "c", "x", "y", "/", "/lib", "so", ".", "1", "K", "ä", "\xff", "A", "\n"}
	compiled, machines := 0, 0
	for range 4000 {
		var expr strings.Builder
		expr.WriteString("(?i)")
		for range 1 + r.IntN(5) {
			expr.WriteString(parts[r.IntN(len(parts))])
		}
		re, err := regexp.Compile(expr.String())
		if err != nil {
			continue
		}
		compiled++
		m := &matcher{re: re, machine: newMachine(expr.String())}
		if m.machine != nil {
			machines++
		}
		for range 8 {
			var path strings.Builder
			for range 1 + r.IntN(4) {
				path.WriteByte('/')
				for range r.IntN(4) {
					path.WriteString(letters[r.IntN(len(letters))])
				}
			}
			checkMachine(t, m, re, path.String())
		}
	}
	if machines < compiled/2 {
		t.Errorf("%d machines of %d expressions", machines, compiled)
	}
}

// checkMachine goes down a path, whose names may be empty here.
func checkMachine(t *testing.T, m *matcher, re *regexp.Regexp, path string) {
	t.Helper()
	var at trail
	h := m.begin()
	for name := range strings.SplitSeq(path[1:], "/") {
		up := at.push([]byte("/"+name), []byte("/"+name))
		h = m.enter(&at, up, h)
		if got, want := m.wants(&at, up, h, false), re.Match(at.path); got != want {
			t.Fatalf("%q on %q: got %v, want %v", re, at.path, got, want)
		}
	}
}

func TestAnExpressionOfTooManyStatesIsMatchedAllTheSame(t *testing.T) {
	t.Parallel()
	expr := "(?i)(a|b)*a(a|b){12}$"
	re := regexp.MustCompile(expr)
	m := &matcher{re: re, machine: newMachine(expr)}
	r := rand.New(rand.NewPCG(2, 2))
	for range 3000 {
		b := []byte("/")
		for range 40 {
			b = append(b, "ab"[r.IntN(2)])
		}
		checkMachine(t, m, re, string(b))
	}
	if len(m.machine.states) > mostStates+1 {
		t.Errorf("%d states, want at most %d", len(m.machine.states), mostStates)
	}
}

func BenchmarkExpressions(b *testing.B) {
	var names [][]byte
	for i := range 16 {
		names = append(names, fmt.Appendf(nil, "/libpython3.1%d-stdlib.so.%d", i%3, i))
	}
	for _, expr := range []string{"\\.so$", "lib.*3\\.1", "^/usr/.*\\.py[co]?$", "(foo|bar|stdlib)\\.so"} {
		for how, machine := range map[string]*machine{"carried": newMachine("(?i)" + expr), "library": nil} {
			b.Run(how+" "+expr, func(b *testing.B) {
				m := &matcher{re: regexp.MustCompile("(?i)" + expr), machine: machine}
				paths, hits := 0, 0
				for b.Loop() {
					paths, hits = 0, 0
					var at trail
					at.push([]byte("/usr"), []byte("/usr"))
					h := m.enter(&at, 0, m.begin())
					var down func(h held, depth int)
					down = func(h held, depth int) {
						for _, name := range names {
							up := at.push(name, name)
							k := m.enter(&at, up, h)
							paths++
							if m.wants(&at, up, k, false) {
								hits++
							}
							if depth < 4 && paths < 500_000 {
								down(k, depth+1)
							}
							at.pop(up)
						}
					}
					down(h, 0)
				}
				b.ReportMetric(b.Elapsed().Seconds()*1e3/float64(b.N)*500_000/float64(paths), "ms/500k")
			})
		}
	}
}
