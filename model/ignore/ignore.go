// Package ignore holds the patterns that leave paths out: those of a
// .dockerignore file, and those of COPY's --exclude and --parents.
package ignore

import (
	"bufio"
	"bytes"
	"fmt"
	"path"
	"strings"
)

// Patterns are patterns in the order of their text: the last that matches a
// path, or a directory above it, decides. They may be used by several
// goroutines at once. The zero value matches nothing.
type Patterns struct {
	all     []pattern
	negates bool
}

// New takes patterns as BuildKit does: white space around them and empty ones
// are dropped, "!" negates.
func New(texts []string) (Patterns, error) {
	var p Patterns
	for _, text := range texts {
		text = strings.TrimSpace(text)
		if text == "" {
			continue
		}
		one, err := compile(path.Clean(text))
		if err != nil {
			return Patterns{}, fmt.Errorf("pattern %q: %w", text, err)
		}
		p.all = append(p.all, one)
		p.negates = p.negates || one.negates
	}
	return p, nil
}

// maxLine is how long a line of an ignore file may be.
const maxLine = 64 << 10

// Lines returns the patterns that an ignore file holds: comments and empty
// lines are dropped, a leading slash is too.
func Lines(text []byte) ([]string, error) {
	var all []string
	s := bufio.NewScanner(bytes.NewReader(bytes.TrimPrefix(text, []byte("\xef\xbb\xbf"))))
	s.Buffer(nil, maxLine)
	for s.Scan() {
		if strings.HasPrefix(s.Text(), "#") {
			continue
		}
		if line := strings.TrimSpace(s.Text()); line != "" {
			all = append(all, clean(line))
		}
	}
	return all, s.Err()
}

func clean(line string) string {
	rest, negates := strings.CutPrefix(line, "!")
	if negates {
		rest = strings.TrimSpace(rest)
	}
	if rest != "" {
		rest = path.Clean(rest)
	}
	if len(rest) > 1 {
		rest = strings.TrimPrefix(rest, "/")
	}
	if negates {
		return "!" + rest
	}
	return rest
}

// Empty tells whether there are no patterns.
func (p Patterns) Empty() bool { return len(p.all) == 0 }

// Negates tells whether one of the patterns takes paths back in.
func (p Patterns) Negates() bool { return p.negates }

// Above is which of the patterns match a directory or one above it. The zero
// value is that of the top.
type Above struct{ matched []bool }

// Match tells whether the patterns match a path, given what they said of the
// directory that holds it, and what is to be given for the paths in it. Paths
// have no leading slash.
func (p Patterns) Match(name string, above Above) (bool, Above) {
	here := Above{make([]bool, len(p.all))}
	return p.decide(name, above, here.matched), here
}

// MatchFile is Match for a path that holds no others.
func (p Patterns) MatchFile(name string, above Above) bool { return p.decide(name, above, nil) }

// decide asks the patterns in turn, and notes in here, unless it is nil, which
// of them match.
func (p Patterns) decide(name string, above Above, here []bool) bool {
	decided := false
	for i := range p.all {
		one := &p.all[i]
		match := above.matched != nil && above.matched[i]
		if !match && one.negates == decided {
			match = one.match(name)
		}
		if here != nil {
			here[i] = match
		}
		if match {
			decided = !one.negates
		}
	}
	return decided
}

// MatchPath is Match for a path whose directories were not asked about.
func (p Patterns) MatchPath(name string) bool {
	var above Above
	for i := range len(name) {
		if name[i] == '/' {
			_, above = p.Match(name[:i], above)
		}
	}
	return p.MatchFile(name, above)
}

// Within tells whether something within a directory that the patterns match
// may be taken back in by them.
func (p Patterns) Within(dir string) bool {
	if !p.negates {
		return false
	}
	for _, one := range p.all {
		if one.negates && (!one.fixed || strings.HasPrefix(one.stem+"/", dir+"/")) {
			return true
		}
	}
	return false
}
