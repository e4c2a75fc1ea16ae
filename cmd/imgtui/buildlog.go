package main

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/imgtui/imgtui/layers"
	"github.com/imgtui/imgtui/layers/source"
	"github.com/imgtui/imgtui/model"
	"github.com/imgtui/imgtui/model/dockerfile"
	"github.com/imgtui/imgtui/model/progress"
	"github.com/imgtui/imgtui/model/session"
	"github.com/imgtui/imgtui/model/words"
)

// watched is a build with somebody who writes down what happens.
type watched struct {
	c        *call
	tell     func(progress.Event)
	host     session.Host
	steps    []builtStepJSON
	began    map[string]time.Time
	warnings []lineJSON
	left     []putJSON
}

// build has the engine room build.
func (w *watched) build(e *layers.Engine, r session.Build) (session.Built, error) {
	var built session.Built
	var failed error
	w.began = map[string]time.Time{}
	e.Do(w.c.Context(), r, func(m session.Msg) {
		switch m := m.(type) {
		case session.Reached:
			w.host = m.Host
		case session.Advanced:
			w.advanced(m.Events)
		case session.Built:
			built = m
		case session.Failed:
			failed = m.Err
		}
	})
	return built, w.c.broken(r, failed)
}

func (w *watched) advanced(all []progress.Event) {
	for _, e := range all {
		w.tell(e)
		switch e.Kind {
		case progress.Started:
			w.began[e.Vertex] = e.At
		case progress.Hit, progress.Ended:
			if e.Line > 0 {
				s := builtStepJSON{Line: e.Line, Name: e.Name, Cached: e.Kind == progress.Hit}
				if at, ok := w.began[e.Vertex]; ok && !s.Cached {
					s.Seconds = e.At.Sub(at).Seconds()
				}
				w.steps = append(w.steps, s)
			}
		case progress.Warned:
			w.warnings = append(w.warnings, lineJSON{e.Line, e.Text})
		}
	}
}

// broken says which line is at fault, and shows it.
func (c *call) broken(r session.Build, err error) error {
	name := cmp.Or(r.Path, "Dockerfile")
	var f *dockerfile.Error
	if errors.As(err, &f) && f.Line > 0 {
		return &usageError{fmt.Sprintf("%s:%d: %s", name, f.Line, f.Text), f.Hint}
	}
	var b *session.BuildError
	if !errors.As(err, &b) || b.Line == 0 {
		return err
	}
	text, excerpt, _ := strings.Cut(b.Text, "\n")
	for line := range strings.Lines(excerpt) {
		fmt.Fprintln(c.err, words.Visible(strings.TrimRight(line, "\n")))
	}
	return &usageError{fmt.Sprintf("%s:%d: %s", name, b.Line, text), ""}
}

// leave has the engine room bring the image somewhere.
func (w *watched) leave(e *layers.Engine, gen int, d destination) (putJSON, error) {
	var left session.Left
	var failed error
	e.Do(w.c.Context(), session.Leave{Build: gen, Way: d.way, To: d.to, Gen: gen + 1}, func(m session.Msg) {
		switch m := m.(type) {
		case session.Advanced:
			w.advanced(m.Events)
		case session.Left:
			left = m
		case session.Failed:
			failed = m.Err
		}
	})
	return putDocument(source.Put{To: left.To, Digest: left.Digest, Bytes: left.Bytes}), failed
}

func putDocument(p source.Put) putJSON {
	j := putJSON{Reference: p.To, Digest: p.Digest}
	if p.Bytes != model.Unknown {
		j.Bytes = &p.Bytes
	}
	return j
}

func (w *watched) document(b session.Built, took time.Duration) buildJSON {
	slices.SortStableFunc(w.steps, func(a, b builtStepJSON) int { return cmp.Compare(a.Line, b.Line) })
	return buildJSON{
		Digest: b.Digest, Engine: hostDocument(w.host), Steps: append([]builtStepJSON{}, w.steps...),
		Warnings: append([]lineJSON{}, w.warnings...), Left: append([]putJSON{}, w.left...), Seconds: took.Seconds(),
	}
}

// teller writes events as lines on standard error, as buildx does in plain.
func teller(c *call) func(progress.Event) {
	if c.build.progress == "quiet" || c.build.progress == "auto" && c.json {
		return func(progress.Event) {}
	}
	return newPlainly(c.err).event
}

// plainly numbers what happens and writes it down.
type plainly struct {
	to      io.Writer
	numbers map[string]int
	began   map[string]time.Time
}

func newPlainly(to io.Writer) *plainly {
	return &plainly{to: to, numbers: map[string]int{}, began: map[string]time.Time{}}
}

func (p *plainly) event(e progress.Event) {
	n, known := p.numbers[e.Vertex]
	if !known {
		n = len(p.numbers) + 1
		p.numbers[e.Vertex] = n
	}
	if e.Kind == progress.Counted && (e.Done < e.Total || e.Total == 0) {
		return
	}
	if !known && e.Name != "" && e.Kind != progress.Counted {
		p.line(n, e.Name)
	}
	switch e.Kind {
	case progress.Started:
		p.began[e.Vertex] = e.At
	case progress.Hit:
		p.line(n, "CACHED")
	case progress.Ended:
		p.line(n, fmt.Sprintf("DONE %.1fs", p.since(e)))
	case progress.Logged:
		for line := range strings.Lines(e.Text) {
			p.line(n, fmt.Sprintf("%.3f %s", p.since(e), strings.TrimRight(line, "\r\n")))
		}
	case progress.Warned:
		p.line(n, fmt.Sprintf("WARN line %d: %s", e.Line, e.Text))
	case progress.Counted:
		p.line(n, e.Text+" "+words.Bytes(e.Total))
	case progress.Broke:
		p.line(n, "ERROR "+oneLine(e.Text))
	}
}

func (p *plainly) since(e progress.Event) float64 {
	if at, ok := p.began[e.Vertex]; ok {
		return e.At.Sub(at).Seconds()
	}
	return 0
}

func (p *plainly) line(n int, text string) {
	fmt.Fprintf(p.to, "#%d %s\n", n, words.Visible(text))
}

// tellAll tells of events on standard error, unless a machine reads.
func (c *call) tellAll() func([]progress.Event) {
	if c.json {
		return nil
	}
	t := newPlainly(c.err)
	return func(all []progress.Event) {
		for _, e := range all {
			t.event(e)
		}
	}
}
