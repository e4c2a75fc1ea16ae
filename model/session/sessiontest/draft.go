package sessiontest

import (
	"errors"
	"io/fs"
	"slices"

	"github.com/imgtui/imgtui/model/check"
	"github.com/imgtui/imgtui/model/dockerfile"
	"github.com/imgtui/imgtui/model/plan"
	"github.com/imgtui/imgtui/model/session"
	"github.com/imgtui/imgtui/model/tree"
)

// draft grants what a Dockerfile needs.
func (w *World) draft(r session.Request, send func(session.Msg)) {
	switch r := r.(type) {
	case session.Fetch:
		w.fetch(r, send)
	case session.Scan:
		root := tree.Fold(nil, made(0, []string{"app.py 1000", "Dockerfile 100"}))
		send(session.Scanned{Of: r, Context: &plan.Context{Dir: r.Dir, Root: root, Files: 2, Bytes: 1100}})
	case session.Foretell:
		send(w.foretell(r))
	case session.Write:
		w.write(r, send)
	}
}

func (w *World) fetch(r session.Fetch, send func(session.Msg)) {
	path := r.Path
	if path == "" {
		path = r.Dir + "/Dockerfile"
	}
	text, ok := w.File(path)
	if !ok && r.Path != "" {
		send(session.Failed{Of: r, Layer: -1, Err: fs.ErrNotExist})
		return
	}
	send(session.Fetched{Of: r, Path: path, Text: text, Found: ok})
}

// foretell says that every instruction stays, unless Plan says otherwise.
func (w *World) foretell(r session.Foretell) session.Foretold {
	if w.Plan != nil {
		return w.Plan(r)
	}
	return w.kept(r)
}

// kept says that every instruction stays.
func (w *World) kept(r session.Foretell) session.Foretold {
	m := session.Foretold{Of: r}
	file, err := dockerfile.Parse(r.Text)
	m.File = file
	errors.As(err, &m.Fault)
	m.Findings = check.Run(check.Subject{File: file})
	for n, i := range file.Instructions {
		history := -1
		if r.Image != nil && n < len(r.Image.Steps) {
			history = n
		}
		m.Pairs = append(m.Pairs, history)
		m.Plan.Steps = append(m.Plan.Steps, plan.Step{Instruction: n, Line: i.Line, Last: i.Last, Fate: plan.Same, History: history})
	}
	return m
}

// File returns what a file holds, and whether there is one.
func (w *World) File(path string) (string, bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	text, ok := w.Disk[path]
	return text, ok
}

// Put makes a file hold a text, as another program does.
func (w *World) Put(path, text string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.Disk[path] = text
}

// Requests returns what was asked for so far.
func (w *World) Requests() []session.Request {
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.Clone(w.Asked)
}

func (w *World) write(r session.Write, send func(session.Msg)) {
	now, there := w.File(r.Path)
	if there && !r.Force && (r.Over == nil || *r.Over != now) {
		send(session.Failed{Of: r, Layer: -1, Err: &session.OverwrittenError{Path: r.Path, Text: now}})
		return
	}
	w.mu.Lock()
	w.Disk[r.Path] = r.Text
	w.mu.Unlock()
	send(session.Written{Of: r})
}
