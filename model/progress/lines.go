package progress

import "time"

// Line is what the vertices of a Dockerfile's line come to.
type Line struct {
	Status   Status
	Vertices []*Vertex // those of the line, in their order
	Took     time.Duration
}

// Lines returns the lines that have vertices. A line that waits for one of them
// and has others done is running.
func (r Run) Lines() map[int]Line {
	all := map[int]Line{}
	for _, v := range r.Vertices {
		if v.Line == 0 {
			continue
		}
		l, known := all[v.Line]
		if known {
			l.Status = joined(l.Status, v.Status)
		} else {
			l.Status = v.Status
		}
		l.Vertices = append(l.Vertices, v)
		l.Took += v.Took
		all[v.Line] = l
	}
	return all
}

// joined returns what stands for two vertices of one line.
func joined(a, b Status) Status {
	low, high := min(a, b), max(a, b)
	if low == Waits && (high == Cached || high == Done) {
		return Running
	}
	return high
}

// Elapsed is how long the line has run, as of a moment of the engine's clock.
func (l Line) Elapsed(now time.Time) time.Duration {
	var sum time.Duration
	for _, v := range l.Vertices {
		sum += v.Elapsed(now)
	}
	return sum
}

// Last returns the newest line of the log that says something, of the vertex
// that runs where one does.
func (l Line) Last() string {
	last := ""
	for _, v := range l.Vertices {
		if s := v.Log.Last(); s != "" && (last == "" || v.Status == Running) {
			last = s
		}
	}
	return last
}

// Count returns what the line's vertices have counted that is not complete, the
// newest last.
func (l Line) Count() (c Count, ok bool) {
	for _, v := range l.Vertices {
		if v.Status != Running {
			continue
		}
		for _, n := range v.Counts {
			if n.Total == 0 || n.Done < n.Total {
				c, ok = n, true
			}
		}
	}
	return c, ok
}

// Done returns how many of the vertices have ended, and how many there are.
func (r Run) Done() (done, all int) {
	for _, v := range r.Vertices {
		if v.Status == Cached || !v.Ended.IsZero() {
			done++
		}
	}
	return done, len(r.Vertices)
}
