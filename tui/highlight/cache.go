package highlight

import "slices"

// Cache keeps the pieces of a text's lines from one look to the next. After a
// change it goes through the lines that changed, and on to where the state is
// again what it was. Make one with [NewCache].
type Cache struct {
	line   func(int) string
	spans  [][]Span // nil is not looked at yet
	states []State  // before each line; one more than lines

	// Lines before clean are right. Those from stale up to known were right one
	// after the other before a change above them.
	clean, stale, known int
}

// NewCache returns a cache for a text of so many lines.
func NewCache(lines int, line func(int) string) *Cache {
	return &Cache{line: line, spans: make([][]Span, lines), states: make([]State, lines+1)}
}

// Change tells that where the old lines beginning at from were there are new ones.
func (c *Cache) Change(from, old, now int) {
	tail := from + old
	switch {
	case c.stale < c.known && tail <= c.stale:
	case c.clean > tail:
		c.stale, c.known = tail, c.clean
	default:
		c.stale, c.known = tail, tail
	}
	c.stale += now - old
	c.known += now - old
	c.clean = min(c.clean, from)
	c.splice(from, old, now)
}

func (c *Cache) splice(from, old, now int) {
	if old == now {
		return
	}
	c.spans = slices.Replace(c.spans, from, from+old, make([][]Span, now)...)
	// The state before the first line stays, those after each line go.
	c.states = slices.Replace(c.states, from+1, from+old, make([]State, now-1)...)
}

// Spans returns the pieces of a line.
func (c *Cache) Spans(n int) []Span {
	c.upTo(n + 1)
	if c.spans[n] == nil {
		c.spans[n], _ = Line(c.states[n], c.line(n))
	}
	return c.spans[n]
}

// State returns the state before a line.
func (c *Cache) State(n int) State {
	c.upTo(n)
	return c.states[n]
}

// upTo makes the states of the lines before n right.
func (c *Cache) upTo(n int) {
	for c.clean < n {
		i := c.clean
		next := After(c.states[i], c.line(i))
		c.spans[i] = nil
		c.clean++
		if c.clean == c.stale && c.stale < c.known && c.states[c.clean] == next {
			c.clean = c.known
			continue
		}
		c.states[c.clean] = next
		c.stale = max(c.stale, c.clean+1)
	}
}
