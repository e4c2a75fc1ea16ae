package builder

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/moby/buildkit/client"

	"github.com/imgtui/imgtui/layers/source"
	"github.com/imgtui/imgtui/model"
	"github.com/imgtui/imgtui/model/session"
)

// Engine is a BuildKit that answers. It may be used from several goroutines.
type Engine struct {
	Name, Address, Version string
	Platform               model.Platform // of the machine that it runs on

	client *client.Client
	docker *source.Docker // nil where it is not a Docker Engine's
	old    bool           // too old to say its version: before BuildKit 0.11
	stored bool           // keeps images by their blobs, as every BuildKit but Docker's graph driver does
	lacks  []session.Lack // beside the features: what the embedded one cannot do here
	builds sync.WaitGroup // those that have been begun
	ending sync.Once
	closed chan struct{} // closed when no build may go on

	borrowed borrowed

	lending sync.Mutex
	lent    map[string]int // images that were loaded for builds, and for how many
}

// answerTime bounds how long an engine may take to say who it is.
const answerTime = 10 * time.Second

// meet asks a connection who is there.
func meet(ctx context.Context, e *Engine) (*Engine, error) {
	e.closed = make(chan struct{})
	ctx, cancel := context.WithTimeoutCause(ctx, answerTime, errors.New("no answer within 10 s"))
	defer cancel()
	workers, err := e.client.ListWorkers(ctx)
	if err == nil && len(workers) == 0 {
		err = errors.New("it has no worker")
	}
	if err != nil {
		e.Close()
		if cause := context.Cause(ctx); cause != nil {
			return nil, cause
		}
		return nil, plain(err)
	}
	w := workers[0]
	if len(w.Platforms) > 0 {
		p := w.Platforms[0]
		e.Platform = ours(p)
	}
	_, snapshots := w.Labels["org.mobyproject.buildkit.worker.snapshotter"]
	e.stored = e.docker == nil || snapshots
	info, err := e.client.Info(ctx)
	if err != nil {
		e.old = true
		e.Version = w.BuildkitVersion.Version
		return e, nil
	}
	e.Version = info.BuildkitVersion.Version
	return e, nil
}

// Answers tells whether the engine is still there.
func (e *Engine) Answers(ctx context.Context) bool {
	ctx, cancel := context.WithTimeout(ctx, answerTime/2)
	defer cancel()
	_, err := e.client.ListWorkers(ctx)
	return err == nil
}

// Close lets go of the engine once the builds have ended. What nobody has let go
// of by then is cut off.
func (e *Engine) Close() error {
	t := time.AfterFunc(2*releaseTime, func() { e.ending.Do(func() { close(e.closed) }) })
	e.builds.Wait()
	t.Stop()
	err := errors.Join(e.client.Close(), e.borrowed.close())
	if e.docker != nil {
		e.docker.Close()
	}
	return err
}

// Feature is something that an engine may lack.
type Feature uint8

// The features.
const (
	Blobs     Feature = iota // gives its images as blobs: an OCI layout, several platforms, cache to a folder
	OpenBase                 // takes the open image as FROM
	AfterFail                // shows the files that a failed command left
)

// features are all, with what they are and who lacks them.
var features = []struct {
	feature Feature
	what    string
	lacks   func(*Engine) string // why; "" where it has it
}{
	{Blobs, "an image for several platforms, and cache to a folder", (*Engine).noBlobs},
	{OpenBase, "the open image as FROM without loading it first", (*Engine).noBlobs},
	{AfterFail, "the files that a failed command left", func(e *Engine) string {
		if e.old {
			return "its BuildKit is older than 0.11"
		}
		return ""
	}},
}

func (e *Engine) noBlobs() string {
	if e.stored {
		return ""
	}
	return "its image store is a graph driver"
}

// short counts the needed features that the engine lacks; with none needed, all.
func (e *Engine) short(needs []Feature) int {
	n := 0
	for _, f := range features {
		needed := len(needs) == 0
		for _, need := range needs {
			needed = needed || need == f.feature
		}
		if needed && f.lacks(e) != "" {
			n++
		}
	}
	return n
}

// Needs are the features that a build is better off with.
func (o Order) Needs() []Feature {
	all := []Feature{AfterFail}
	if o.Open != nil && o.Open.Source != "registry" && len(o.bases()) > 0 {
		all = append(all, OpenBase)
	}
	if len(o.Platforms) > 1 || len(o.CacheTo) > 0 {
		all = append(all, Blobs)
	}
	return all
}

// Host tells of the engine.
func (e *Engine) Host() session.Host {
	h := session.Host{Name: e.Name, Address: e.Address, Version: e.Version, Lacks: slices.Clone(e.lacks)}
	if e.docker != nil && e.docker.Version != "" {
		h.Address = fmt.Sprintf("%s (Docker Engine %s)", e.Address, e.docker.Version)
	}
	h.Lacks = append(h.Lacks, e.lacks...)
	for _, f := range features {
		if why := f.lacks(e); why != "" {
			h.Lacks = append(h.Lacks, session.Lack{What: f.what, Why: why})
		}
	}
	return h
}
