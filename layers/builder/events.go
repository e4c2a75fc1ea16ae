package builder

import (
	"cmp"
	"sync"
	"time"

	"github.com/moby/buildkit/client"
	"github.com/opencontainers/go-digest"

	"github.com/imgtui/imgtui/model/progress"
)

// events turns what an engine tells of its work into the model's words. The
// messages of two streams may come in at once.
type events struct {
	send    func([]progress.Event)
	secrets redactor

	mu    sync.Mutex
	lines map[digest.Digest]int
	real  map[digest.Digest]digest.Digest // of vertices that an engine gives another digest
	seen  map[digest.Digest]*told
	fault string        // of the first vertex that broke
	broke digest.Digest // that vertex
	done  bool          // nobody listens any more
}

// told is what has been told of a vertex.
type told struct {
	name           string
	started, ended bool
	counted        map[string]int64
}

func newEvents(send func([]progress.Event), secrets redactor) *events {
	return &events{send: send, secrets: secrets, lines: map[digest.Digest]int{}, real: map[digest.Digest]digest.Digest{}, seen: map[digest.Digest]*told{}}
}

// place says which vertices belong to which line.
func (e *events) place(g *graph) {
	e.mu.Lock()
	defer e.mu.Unlock()
	for sum, v := range g.vertices {
		if line := v.line(); line > 0 {
			e.lines[sum] = line
		}
		// As an engine calls a vertex that may not be taken from its cache, while
		// another build holds the one that may.
		e.real[digest.FromString(string(sum)+"-ignorecache")] = sum
	}
}

// close ends the telling: what comes later has nobody who listens.
func (e *events) close() {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.done = true
}

// follow passes a stream on until it ends. A stream that only repeats what
// another has told of passes on the rest.
func (e *events) follow(from <-chan *client.SolveStatus, repeats map[digest.Digest]bool) {
	for s := range from {
		e.take(s, repeats)
	}
}

// vertices are those told of so far.
func (e *events) vertices() map[digest.Digest]bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	all := map[digest.Digest]bool{}
	for sum := range e.seen {
		all[sum] = true
	}
	return all
}

func (e *events) take(s *client.SolveStatus, repeats map[digest.Digest]bool) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.rename(s)
	var all []progress.Event
	for _, v := range s.Vertexes {
		if !repeats[v.Digest] {
			all = append(all, e.vertex(v)...)
		}
	}
	for _, v := range s.Statuses {
		if !repeats[v.Vertex] {
			all = append(all, e.status(v)...)
		}
	}
	for _, l := range s.Logs {
		if !repeats[l.Vertex] {
			all = append(all, e.event(l.Vertex, progress.Logged, l.Timestamp, e.secrets.text(string(l.Data))))
		}
	}
	for _, w := range s.Warnings {
		ev := e.event(w.Vertex, progress.Warned, time.Time{}, e.secrets.text(string(w.Short)))
		if len(w.Range) > 0 {
			ev.Line = int(w.Range[0].Start.GetLine())
		}
		all = append(all, ev)
	}
	if len(all) > 0 && !e.done {
		e.send(all)
	}
}

// rename gives vertices the digests that the text gave them.
func (e *events) rename(s *client.SolveStatus) {
	for _, v := range s.Vertexes {
		v.Digest = cmp.Or(e.real[v.Digest], v.Digest)
	}
	for _, v := range s.Statuses {
		v.Vertex = cmp.Or(e.real[v.Vertex], v.Vertex)
	}
	for _, l := range s.Logs {
		l.Vertex = cmp.Or(e.real[l.Vertex], l.Vertex)
	}
	for _, w := range s.Warnings {
		w.Vertex = cmp.Or(e.real[w.Vertex], w.Vertex)
	}
}

func (e *events) event(sum digest.Digest, k progress.Kind, at time.Time, text string) progress.Event {
	name := ""
	if t := e.seen[sum]; t != nil {
		name = t.name
	}
	return progress.Event{Vertex: string(sum), Name: name, Line: e.lines[sum], Kind: k, At: at, Text: text}
}

func (e *events) vertex(v *client.Vertex) []progress.Event {
	t := e.seen[v.Digest]
	if t == nil {
		t = &told{counted: map[string]int64{}}
		e.seen[v.Digest] = t
	}
	t.name = e.secrets.text(v.Name)
	var all []progress.Event
	if v.Started != nil && !t.started && !v.Cached {
		t.started = true
		all = append(all, e.event(v.Digest, progress.Started, *v.Started, ""))
	}
	if v.Completed == nil || t.ended {
		return all
	}
	t.ended = true
	switch {
	case v.Error != "":
		text := e.secrets.text(v.Error)
		if e.broke == "" {
			e.broke, e.fault = v.Digest, text
		}
		all = append(all, e.event(v.Digest, progress.Broke, *v.Completed, text))
	case v.Cached:
		all = append(all, e.event(v.Digest, progress.Hit, *v.Completed, ""))
	default:
		all = append(all, e.event(v.Digest, progress.Ended, *v.Completed, ""))
	}
	return all
}

func (e *events) status(v *client.VertexStatus) []progress.Event {
	t := e.seen[v.Vertex]
	if t == nil {
		t = &told{counted: map[string]int64{}}
		e.seen[v.Vertex] = t
	}
	if last, ok := t.counted[v.ID]; ok && last == v.Current && v.Completed == nil {
		return nil
	}
	t.counted[v.ID] = v.Current
	name := v.Name
	if name == "" {
		name = v.ID
	}
	ev := e.event(v.Vertex, progress.Counted, v.Timestamp, e.secrets.text(name))
	ev.Done, ev.Total = v.Current, v.Total
	return []progress.Event{ev}
}

// settled tells whether an end has been told of all that is known to have to do
// with the text.
func (e *events) settled() bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	for _, t := range e.seen {
		if t.started && !t.ended {
			return false
		}
	}
	for sum := range e.lines {
		if t := e.seen[sum]; e.broke == "" && (t == nil || !t.ended) {
			return false
		}
	}
	return true
}

// first returns the vertex that broke first, and what it says.
func (e *events) first() (digest.Digest, string, int, string) {
	e.mu.Lock()
	defer e.mu.Unlock()
	name := ""
	if t := e.seen[e.broke]; t != nil {
		name = t.name
	}
	return e.broke, name, e.lines[e.broke], e.fault
}
