package layers

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/imgtui/imgtui/layers/source"
	"github.com/imgtui/imgtui/model"
	"github.com/imgtui/imgtui/model/progress"
	"github.com/imgtui/imgtui/model/session"
)

// leave brings the image of a build somewhere.
func (e *Engine) leave(ctx context.Context, r session.Leave, send func(session.Msg)) error {
	b := &e.building
	done, err := b.at(r.Build)
	if err != nil {
		return err
	}
	if done.Many() {
		to, digest, err := done.Leave(ctx, r.Way, r.To)
		if err != nil {
			return err
		}
		send(session.Left{Of: r, To: to, Digest: digest, Bytes: model.Unknown})
		return nil
	}
	i, err := b.image(ctx)
	if err != nil {
		return err
	}
	defer i.Close()
	p, err := Put(ctx, i, r.Way, r.To, Putting{Source: e.o.Source, Tell: func(all []progress.Event) {
		send(session.Advanced{Of: r, Events: all})
	}})
	if err != nil {
		return err
	}
	send(session.Left{Of: r, To: p.To, Digest: p.Digest, Bytes: p.Bytes})
	return nil
}

// Putting says how an image is brought somewhere, and who is told.
type Putting struct {
	Source source.Options
	Tag    string // what it is called in an archive; "" is nothing
	Tell   func([]progress.Event)
}

// Put brings an open image somewhere.
func Put(ctx context.Context, i *source.Image, way session.Way, to string, o Putting) (source.Put, error) {
	t := &telling{send: o.Tell, last: map[model.Digest]time.Time{}, whole: map[model.Digest]bool{}, names: putNames[way]}
	switch way {
	case session.ToEngine:
		if name, ok := strings.CutPrefix(i.Reference, "docker://"); ok {
			return tag(ctx, name, to)
		}
		return source.Load(ctx, i, to, t.sent)
	case session.ToOCI:
		return source.Save(ctx, i, to, source.OCIArchive, o.Tag, t.sent)
	case session.ToArchive:
		return source.Save(ctx, i, to, source.DockerArchive, o.Tag, t.sent)
	case session.ToPush:
		return source.Push(ctx, i, to, o.Source, t.sent)
	}
	return source.Put{}, fmt.Errorf("way %d: there is no such way", way)
}

// tag gives an image of the Docker Engine another name there.
func tag(ctx context.Context, name, to string) (source.Put, error) {
	d, err := source.FindDocker(ctx)
	if err != nil {
		return source.Put{}, err
	}
	defer d.Close()
	if err := d.Tag(ctx, name, to); err != nil {
		return source.Put{}, fmt.Errorf("tag %s: %w", to, err)
	}
	return source.Put{To: "docker://" + to}, nil
}

// putNames word what is done with each blob, as BuildKit would.
var putNames = map[session.Way]string{
	session.ToEngine: "loading layer ", session.ToOCI: "saving layer ", session.ToArchive: "saving layer ", session.ToPush: "pushing layer ",
}

// telling tells how far blobs have come: not more often than somebody can look,
// and always of the end.
type telling struct {
	send  func([]progress.Event)
	names string
	mu    sync.Mutex
	last  map[model.Digest]time.Time
	whole map[model.Digest]bool
}

func (t *telling) sent(blob model.Digest, done, total int64) {
	if t.send == nil {
		return
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	now := time.Now()
	if done < total && now.Sub(t.last[blob]) < beat || done == total && t.whole[blob] {
		return
	}
	t.last[blob], t.whole[blob] = now, done == total
	t.send([]progress.Event{{Vertex: string(blob), Name: t.names + string(blob), Kind: progress.Counted, At: now, Text: t.names + string(blob), Done: done, Total: total}})
}
