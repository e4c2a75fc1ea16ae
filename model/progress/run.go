package progress

import (
	"maps"
	"slices"
	"time"
)

// Most is how many vertices of a run are kept; more of them are counted alone.
const Most = 4096

// Run is where a build stands. The zero value has not begun. It never changes
// once made: [Run.Fold] returns another that shares with it what both agree on.
type Run struct {
	Vertices []*Vertex // in the order in which they were first heard of
	Warnings []Warning // at most 100
	Left     int       // events of vertices beyond Most, which are not told
	Latest   time.Time // of the newest event, by the engine's clock

	at    map[string]int // of Vertices, by digest
	bytes int            // of all logs
}

// Warning is what BuildKit warns of.
type Warning struct {
	Line int
	Text string // as it came
}

// Status is what has become of a vertex.
type Status uint8

// The statuses, in the order in which one of several stands for all of them:
// the highest does.
const (
	Waits Status = iota
	Cached
	Done
	Running
	Failed
)

// Vertex is a piece of a build's work. What it says of itself is hostile: clean
// it where it is shown.
type Vertex struct {
	Digest, Name   string
	Line           int // of the Dockerfile, from 1; 0 is none
	Status         Status
	Started, Ended time.Time // by the engine's clock; Started is of the newest start
	Took           time.Duration
	Counts         []Count // what is fetched, sent or written; at most 64
	Why            string  // it failed
	Log            Log
}

// Count is how far something has been counted.
type Count struct {
	What        string
	Done, Total int64 // Total 0 where nobody knows
}

const (
	mostWarnings = 100
	mostCounts   = 64
	longestText  = 4 << 10 // of a name, a warning and what is counted
	longestWhy   = 64 << 10
)

// Fold returns the run after events. It costs what the events bring, and a
// pointer for each vertex.
func (r Run) Fold(events []Event) Run {
	if len(events) == 0 {
		return r
	}
	f := folding{run: r, fresh: map[int]bool{}}
	f.run.Vertices = slices.Clone(r.Vertices)
	for i := range events {
		f.take(&events[i])
	}
	for i := range f.fresh {
		f.run.bytes += f.run.Vertices[i].Log.bytes
	}
	f.bound()
	return f.run
}

// folding is one fold: what is fresh is its own and may be changed.
type folding struct {
	run    Run
	fresh  map[int]bool
	mapped bool // run.at is its own
}

func (f *folding) take(e *Event) {
	if e.At.After(f.run.Latest) {
		f.run.Latest = e.At
	}
	if e.Kind == Warned {
		f.warn(e)
		return
	}
	if e.Vertex == "" {
		return
	}
	v := f.vertex(e)
	if v == nil {
		f.run.Left++
		return
	}
	if e.Name != "" {
		v.Name = cut(e.Name, longestText)
	}
	if e.Line > 0 {
		v.Line = e.Line
	}
	v.take(e)
}

func (f *folding) warn(e *Event) {
	w := Warning{e.Line, cut(e.Text, longestText)}
	if len(f.run.Warnings) < mostWarnings && !slices.Contains(f.run.Warnings, w) {
		f.run.Warnings = append(slices.Clip(f.run.Warnings), w)
	}
}

// vertex returns a vertex that may be changed, or nil where there are too many.
func (f *folding) vertex(e *Event) *Vertex {
	i, known := f.run.at[e.Vertex]
	switch {
	case known && f.fresh[i]:
		return f.run.Vertices[i]
	case known:
		v := *f.run.Vertices[i]
		f.run.bytes -= v.Log.bytes
		v.Log = v.Log.own()
		f.run.Vertices[i], f.fresh[i] = &v, true
		return &v
	case len(f.run.Vertices) == Most:
		return nil
	}
	if !f.mapped {
		f.run.at, f.mapped = maps.Clone(f.run.at), true
	}
	if f.run.at == nil {
		f.run.at = map[string]int{}
	}
	i = len(f.run.Vertices)
	f.run.at[e.Vertex], f.fresh[i] = i, true
	f.run.Vertices = append(f.run.Vertices, &Vertex{Digest: e.Vertex})
	return f.run.Vertices[i]
}

// bound drops the beginning of the longest logs until all fit.
func (f *folding) bound() {
	for f.run.bytes > mostBytes {
		longest := 0
		for i, v := range f.run.Vertices {
			if v.Log.bytes > f.run.Vertices[longest].Log.bytes {
				longest = i
			}
		}
		v := *f.run.Vertices[longest]
		before := v.Log.bytes
		v.Log = v.Log.behead()
		if v.Log.bytes == before {
			return
		}
		f.run.bytes -= before - v.Log.bytes
		f.run.Vertices[longest] = &v
	}
}

// take moves a vertex on.
func (v *Vertex) take(e *Event) {
	switch e.Kind {
	case Started:
		v.Status, v.Started, v.Ended, v.Why = Running, e.At, time.Time{}, ""
	case Hit:
		v.Status = Cached
	case Ended:
		v.end(e, Done)
	case Broke:
		v.end(e, Failed)
		v.Why = cut(e.Text, longestWhy)
	case Logged:
		v.Log = v.Log.add(e.Text)
	case Counted:
		v.count(Count{cut(e.Text, longestText), e.Done, e.Total})
	}
}

// end stops the clock. What was had stays so, whatever BuildKit says of it then.
func (v *Vertex) end(e *Event, s Status) {
	if v.Status != Cached || s == Failed {
		v.Status = s
	}
	if v.Ended.IsZero() && !v.Started.IsZero() && e.At.After(v.Started) {
		v.Took += e.At.Sub(v.Started)
	}
	v.Ended = e.At
}

func (v *Vertex) count(c Count) {
	i := slices.IndexFunc(v.Counts, func(o Count) bool { return o.What == c.What })
	switch {
	case i >= 0:
		v.Counts = slices.Clone(v.Counts)
		v.Counts[i] = c
	case len(v.Counts) < mostCounts:
		v.Counts = append(slices.Clip(v.Counts), c)
	}
}

// Elapsed is how long a vertex has run, as of a moment of the engine's clock.
func (v *Vertex) Elapsed(now time.Time) time.Duration {
	if v.Status != Running || !v.Ended.IsZero() {
		return v.Took
	}
	return v.Took + max(now.Sub(v.Started), 0)
}

func cut(s string, most int) string {
	if len(s) > most {
		return s[:most]
	}
	return s
}
