package progress

import (
	"slices"
	"strings"
)

const (
	mostBytes   = 16 << 20 // of all logs of a run
	mostOfOne   = 4 << 20  // of one
	chunkBytes  = 16 << 10 // of a piece that logs share once it is full
	longestLine = 8 << 10  // a longer one is broken
)

// Log is what a vertex wrote, line by line and as it came: clean it where it is
// shown. It never changes once made.
type Log struct {
	full  []*chunk
	last  chunk  // the lines that follow
	open  string // the line that has not ended
	lines int    // of full
	bytes int
	gone  int // lines that were dropped at the beginning
}

// chunk is a run of lines.
type chunk struct {
	lines []string
	bytes int
}

// Len returns how many lines there are.
func (l Log) Len() int {
	n := l.lines + len(l.last.lines)
	if l.open != "" {
		n++
	}
	return n
}

// Gone returns how many lines were dropped at the beginning.
func (l Log) Gone() int { return l.gone }

// Line returns a line, from 0.
func (l Log) Line(i int) string {
	for _, c := range l.full {
		if i < len(c.lines) {
			return c.lines[i]
		}
		i -= len(c.lines)
	}
	if i < len(l.last.lines) {
		return l.last.lines[i]
	}
	return l.open
}

// Each calls f for the lines from one on, until it returns false.
func (l Log) Each(from int, f func(line string) bool) {
	for _, c := range append(l.full[:len(l.full):len(l.full)], &l.last, &chunk{lines: l.tail()}) {
		if from >= len(c.lines) {
			from -= len(c.lines)
			continue
		}
		for _, line := range c.lines[from:] {
			if !f(line) {
				return
			}
		}
		from = 0
	}
}

func (l Log) tail() []string {
	if l.open == "" {
		return nil
	}
	return []string{l.open}
}

// Last returns the newest line that says something, "" where none does.
func (l Log) Last() string {
	for _, s := range append(l.tail(), reversed(l.last.lines)...) {
		if strings.TrimSpace(s) != "" {
			return s
		}
	}
	if len(l.full) > 0 {
		for _, s := range reversed(l.full[len(l.full)-1].lines) {
			if strings.TrimSpace(s) != "" {
				return s
			}
		}
	}
	return ""
}

// recent is how many lines are looked at for the last that says something.
const recent = 20

func reversed(lines []string) []string {
	var out []string
	for i := len(lines) - 1; i >= 0 && len(out) < recent; i-- {
		out = append(out, lines[i])
	}
	return out
}

// own returns the log with a last piece that nobody shares, for [Log.add].
func (l Log) own() Log {
	l.last.lines = slices.Clone(l.last.lines)
	return l
}

// add returns the log with a piece more. The last piece must be its own.
func (l Log) add(text string) Log {
	for text != "" {
		line, rest, ended := strings.Cut(text, "\n")
		l.bytes -= len(l.open)
		l.open = l.grow(l.open, line)
		l.bytes += len(l.open)
		if ended {
			l.end()
		}
		text = rest
	}
	for l.bytes > mostOfOne && len(l.full) > 0 {
		l = l.behead()
	}
	return l
}

// grow appends to the line that has not ended. What it was before it began anew
// at a carriage return goes where it grows too long.
func (l *Log) grow(open, more string) string {
	for len(open)+len(more) > longestLine {
		n := max(longestLine-len(open), 0)
		open += more[:n]
		more = more[n:]
		body := strings.TrimRight(open, "\r")
		if at := strings.LastIndexByte(body, '\r'); at >= 0 {
			open = open[at+1:]
			continue
		}
		l.bytes += len(open)
		l.put(open)
		open = ""
	}
	return open + more
}

// end ends the open line.
func (l *Log) end() {
	l.put(l.open)
	l.open = ""
}

// lineCost is what a line costs beside its bytes, an empty one too.
const lineCost = 16

// put takes a line whose bytes are counted.
func (l *Log) put(line string) {
	l.last.lines = append(l.last.lines, strings.Clone(line))
	l.last.bytes += len(line) + lineCost
	l.bytes += lineCost
	if l.last.bytes < chunkBytes {
		return
	}
	c := l.last
	l.full = append(l.full[:len(l.full):len(l.full)], &c)
	l.lines += len(c.lines)
	l.last = chunk{}
}

// behead returns the log without its first piece; what has not filled one stays.
func (l Log) behead() Log {
	if len(l.full) == 0 {
		return l
	}
	c := l.full[0]
	l.full = l.full[1:]
	l.lines -= len(c.lines)
	l.bytes -= c.bytes
	l.gone += len(c.lines)
	return l
}
