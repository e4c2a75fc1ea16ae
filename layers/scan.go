package layers

import (
	"context"
	"errors"
	"fmt"
	"os"
	"sync"
	"time"

	"github.com/imgtui/imgtui/layers/buildcontext"
	"github.com/imgtui/imgtui/layers/builder"
	"github.com/imgtui/imgtui/model/check"
	"github.com/imgtui/imgtui/model/plan"
	"github.com/imgtui/imgtui/model/session"
	"github.com/imgtui/imgtui/model/tree"
)

// drafting is what is kept from one forecast to the next. It may be used from
// several goroutines at once.
type drafting struct {
	picked builder.Memory
	files  buildcontext.Memory

	mu       sync.Mutex
	folder   *buildcontext.Folder // the context that was read last; nil is none
	context  plan.Context         // as it was read last
	archives map[archived]unpacked
	texts    map[*tree.Payload]string
	began    time.Time
	laid     map[plan.Laying]plan.Laid
}

// start is when the first forecast was made: files that a build itself makes
// are told to be of then, so that they stay the same from key to key.
func (d *drafting) start() time.Time {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.began.IsZero() {
		d.began = time.Now().Truncate(time.Second)
	}
	return d.began
}

// mostLaid is how many layers are kept from key to key: a Dockerfile's, and
// those of what was just typed.
const mostLaid = 200

// recall is what [plan.Known] asks for.
func (d *drafting) recall(key plan.Laying, make func() plan.Laid) plan.Laid {
	d.mu.Lock()
	l, ok := d.laid[key]
	d.mu.Unlock()
	if ok {
		return l
	}
	l = make()
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.laid == nil || len(d.laid) >= mostLaid {
		d.laid = map[plan.Laying]plan.Laid{}
	}
	d.laid[key] = l
	return l
}

// read returns the beginning of a file of the context that has that content.
func (d *drafting) read(r session.Read, p *tree.Payload) ([]byte, bool, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.folder == nil {
		return nil, false, fmt.Errorf("read %s: it is only foretold", r.Path)
	}
	at := ""
	d.context.Root.Walk(func(path string, n *tree.Node) bool {
		if at == "" && n.Payload() != nil && n.Size == p.Size && n.Payload().Content() == p.Content() {
			at = path
		}
		return at == ""
	})
	if at == "" {
		return nil, false, fmt.Errorf("read %s: it is only foretold, and no file of the context", r.Path)
	}
	return d.folder.Read(at, r.Limit)
}

// archived tells one content of one file from another.
type archived struct {
	path    string
	size    int64
	content uint64
}

// unpacked is what ADD makes of a file, if it is an archive.
type unpacked struct {
	layer *tree.Layer
	is    bool
}

// scan reads the build context, and where that is wanted goes on telling of it
// and of the Dockerfile until it is stopped.
func (e *Engine) scan(ctx context.Context, r session.Scan, send func(session.Msg)) error {
	if r.Dir == "" {
		return errors.New("read context: none is named")
	}
	f, err := buildcontext.Open(r.Dir, buildcontext.Options{Dockerfile: r.Path, Memory: &e.draft.files})
	if err != nil {
		return err
	}
	e.draft.use(f)
	c, err := f.Walk(ctx)
	if err != nil {
		return err
	}
	e.draft.keep(&c)
	send(session.Scanned{Of: r, Context: &c})
	if r.Stay {
		return e.watch(ctx, f, r, send)
	}
	return nil
}

// keep notes the context as it was read last.
func (d *drafting) keep(c *plan.Context) {
	c.Suspects = check.Suspects(c.Root)
	d.mu.Lock()
	defer d.mu.Unlock()
	d.context = *c
}

// use keeps a folder open for archives in it, and lets go of the one before.
func (d *drafting) use(f *buildcontext.Folder) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.folder != nil {
		d.folder.Close()
	}
	d.folder = f
}

func (d *drafting) close() error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.folder == nil {
		return nil
	}
	return d.folder.Close()
}

// unpacks returns what the files of a context unpack to; each is read once.
func (d *drafting) unpacks(ctx context.Context, c *plan.Context) func(path string) (*tree.Layer, bool) {
	return func(path string) (*tree.Layer, bool) {
		n := c.Root.Find(path)
		if n == nil || n.Payload() == nil {
			return nil, false
		}
		key := archived{path, n.Size, n.Payload().Content()}
		d.mu.Lock()
		defer d.mu.Unlock()
		u, ok := d.archives[key]
		if ok || d.folder == nil {
			return u.layer, u.is
		}
		var err error
		if u.layer, u.is, err = d.folder.Archive(ctx, path); err != nil {
			return nil, false
		}
		if d.archives == nil {
			d.archives = map[archived]unpacked{}
		}
		d.archives[key] = u
		return u.layer, u.is
	}
}

// watch tells of the context and of the Dockerfile as they change, until ctx
// ends.
func (e *Engine) watch(ctx context.Context, f *buildcontext.Folder, r session.Scan, send func(session.Msg)) error {
	stop := e.watchDraft(ctx, r, send)
	defer stop()
	return f.Watch(ctx, func(paths []string) {
		c, err := f.Update(ctx, paths)
		if err == nil {
			e.draft.keep(&c)
			send(session.Scanned{Of: r, Context: &c})
		} else if ctx.Err() == nil {
			send(session.Failed{Of: r, Layer: -1, Err: err})
		}
	})
}

// lookEvery is how often the Dockerfile is looked at: it may lie outside of the
// context, and editors put another file in its place.
const lookEvery = 500 * time.Millisecond

// watchDraft tells when the Dockerfile is written by others. The function that
// it returns ends it, and waits for the end.
func (e *Engine) watchDraft(ctx context.Context, r session.Scan, send func(session.Msg)) (stop func()) {
	ctx, cancel := context.WithCancel(ctx)
	var end sync.WaitGroup
	end.Go(func() {
		t := time.NewTicker(lookEvery)
		defer t.Stop()
		last := stampOf(r.Path)
		for {
			select {
			case <-ctx.Done():
				return
			case <-t.C:
			}
			now := stampOf(r.Path)
			if now == last {
				continue
			}
			last = now
			if text, err := readDraft(r.Path); err == nil {
				send(session.Fetched{Of: r, Path: r.Path, Text: text, Found: true})
			}
		}
	})
	return func() {
		cancel()
		end.Wait()
	}
}

// stamp tells one state of a file from another.
type stamp struct {
	size int64
	at   time.Time
}

func stampOf(path string) stamp {
	i, err := os.Stat(path)
	if err != nil {
		return stamp{}
	}
	return stamp{i.Size(), i.ModTime()}
}
