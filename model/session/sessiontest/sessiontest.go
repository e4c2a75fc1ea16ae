// Package sessiontest makes images for tests of a session and of what shows it,
// and grants a session's requests from them.
package sessiontest

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/imgtui/imgtui/model"
	"github.com/imgtui/imgtui/model/session"
	"github.com/imgtui/imgtui/model/tree"
	"github.com/imgtui/imgtui/model/waste"
)

// Noon is when every test happens.
var Noon = time.Date(2026, 5, 1, 12, 0, 0, 0, time.UTC)

// Step is a row of a made image: the instruction and the paths of its layer.
type Step struct {
	By    string
	Files []string // "path size", "path/" a directory, "-path" a whiteout, "path -> link", "path=mode size"
}

// World grants requests from a made image.
type World struct {
	mu      sync.Mutex
	Image   *model.Image
	Layers  []*tree.Layer
	Roots   []*tree.Node
	Text    map[string]string // content by path
	Asked   []session.Request
	Fail    map[int]error // by layer, once
	Gate    chan struct{} // if set, Index waits for it
	Slow    chan struct{} // if set, Open waits for it
	Broken  error         // Open fails
	Skipped []string      // what Extract leaves out
	// NoExtract is why Extract fails.
	NoExtract error
	// Local layers are read without their digests, and Lies are what these come to.
	Local   bool
	Lies    map[int]model.Warning
	Choices []session.Choice
	Disk    map[string]string // what files hold; Write changes it
	Plan    func(session.Foretell) session.Foretold
	Builder *Builder                   // grants builds; nil grants none
	Pause   func(context.Context) bool // what a Wait waits for; nil is nothing
	halts   map[int]context.CancelFunc
}

// Make makes an image of steps, oldest first.
func Make(steps ...Step) *World {
	w := &World{Text: map[string]string{}, Fail: map[int]error{}}
	w.Image = &model.Image{
		Reference: "acct/my-app:1.4", ID: "sha256:" + model.Digest(strings.Repeat("ab", 32)),
		Platform: model.Platform{OS: "linux", Architecture: "amd64"},
		Config:   model.Config{Entrypoint: []string{"flask", "run"}, Env: []string{"PATH=/usr/bin"}},
	}
	for i, s := range steps {
		st := model.Step{Index: i, CreatedBy: s.By, Created: Noon.Add(-time.Duration(len(steps)-i) * time.Hour)}
		if s.Files != nil {
			n := len(w.Layers)
			l := made(n, s.Files)
			st.Layer = &model.Layer{Index: n, DiffID: model.Digest(fmt.Sprintf("sha256:%064d", n+1)), Download: l.Unpacked / 3, Unpacked: model.Unknown, Tar: model.Unknown}
			w.Layers = append(w.Layers, l)
			w.Roots = append(w.Roots, tree.Fold(below(w.Roots), l))
		}
		w.Image.Steps = append(w.Image.Steps, st)
	}
	return w
}

func below(roots []*tree.Node) *tree.Node {
	if len(roots) == 0 {
		return nil
	}
	return roots[len(roots)-1]
}

func made(layer int, files []string) *tree.Layer {
	b := tree.NewBuilder(layer)
	for i, f := range files {
		b.Add(entry(layer, i, f))
	}
	return b.Layer()
}

func entry(layer, i int, f string) tree.Entry {
	a := tree.Attr{Kind: tree.File, Mode: 0o644, ModTime: Noon.Add(time.Duration(layer) * time.Second).UnixNano()}
	path, rest, _ := strings.Cut(f, " ")
	switch {
	case strings.HasPrefix(path, "-"):
		path = path[1:]
		at := strings.LastIndex(path, "/") + 1
		path = path[:at] + ".wh." + path[at:]
	case strings.HasSuffix(path, "/"):
		a.Kind, a.Mode = tree.Dir, 0o755
	case strings.HasPrefix(rest, "-> "):
		a.Kind, a.Mode, a.Link = tree.Symlink, 0o777, rest[3:]
	}
	if p, mode, ok := strings.Cut(path, "="); ok {
		path = p
		fmt.Sscanf(mode, "%o", &a.Mode)
	}
	var content uint64 = uint64(i + 1)
	fmt.Sscanf(rest, "%d %d", &a.Size, &content)
	return tree.Entry{Path: path, Attr: a, Content: content}
}

// Do is a session.Do.
func (w *World) Do(ctx context.Context, r session.Request, send func(session.Msg)) {
	ctx, done := w.begin(ctx, r)
	defer done()
	switch r := r.(type) {
	case session.Open:
		w.open(ctx, r, send)
	case session.Index:
		w.of(r.Slot).index(ctx, r, send)
	case session.Weigh:
		send(session.Weighed{Of: r, Report: waste.Weigh(r.Layers, r.Roots)})
	case session.Verify:
		for _, n := range r.Layers {
			m := session.Verified{Of: r, Layer: n, DiffID: "sha256:read"}
			if lie, ok := w.Lies[n]; ok {
				m.Faults = []model.Warning{lie}
			}
			send(m)
		}
	case session.Read:
		v := w.of(r.Slot)
		send(session.Loaded{Of: r, Before: v.read(r.Path, r.Before), After: v.read(r.Path, r.After)})
	case session.Fetch, session.Scan, session.Foretell, session.Write:
		w.draft(r, send)
	case session.Extract:
		w.extract(r, send)
	case session.Build, session.Survey, session.Try, session.Leave:
		if w.Builder != nil {
			w.build(ctx, r, send)
		}
	case session.Wait:
		if w.Pause == nil || w.Pause(ctx) {
			send(session.Waited{Of: r})
		}
	}
}

// begin notes a request, and lets it be halted by its generation.
func (w *World) begin(ctx context.Context, r session.Request) (context.Context, func()) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.Asked = append(w.Asked, r)
	gen := 0
	switch r := r.(type) {
	case session.Build:
		gen = r.Gen
	case session.Leave:
		gen = r.Gen
	case session.Wait:
		gen = r.Gen
	case session.Halt:
		if stop := w.halts[r.Gen]; stop != nil {
			stop()
		}
	}
	ctx, stop := context.WithCancel(ctx)
	if w.halts == nil {
		w.halts = map[int]context.CancelFunc{}
	}
	if gen != 0 {
		w.halts[gen] = stop
	}
	return ctx, stop
}

// of returns the world of an image that is open.
func (w *World) of(s session.Slot) *World {
	if s == session.Now && w.Builder != nil {
		return w.Builder.Makes
	}
	return w
}

// wait waits for a gate, and tells whether it was opened.
func wait(ctx context.Context, gate chan struct{}) bool {
	if gate == nil {
		return true
	}
	select {
	case <-gate:
		return true
	case <-ctx.Done():
		return false
	}
}

func (w *World) open(ctx context.Context, r session.Open, send func(session.Msg)) {
	if !wait(ctx, w.Slow) {
		return
	}
	switch {
	case w.Broken != nil:
		send(session.Failed{Of: r, Layer: -1, Err: w.Broken})
	case w.Choices != nil && r.Platform == (model.Platform{}):
		send(session.Asked{Of: r, Choices: w.Choices})
	default:
		send(session.Opened{Of: r, Image: w.of(r.Slot).Image})
	}
}

func (w *World) index(ctx context.Context, r session.Index, send func(session.Msg)) {
	if !wait(ctx, w.Gate) {
		return
	}
	var missing []int
	for i, l := range w.Layers {
		w.mu.Lock()
		err := w.Fail[i]
		delete(w.Fail, i)
		w.mu.Unlock()
		if err != nil {
			missing = append(missing, i)
			send(session.Failed{Of: r, Layer: i, Err: err})
		} else {
			send(session.Indexed{Of: r, Layer: i, Tree: l, Tar: l.Unpacked, Unverified: w.Local})
		}
		send(session.Rooted{Of: r, Layer: i, Root: w.Roots[i]})
	}
	send(session.IndexDone{Of: r, Missing: missing})
}

func (w *World) extract(r session.Extract, send func(session.Msg)) {
	if w.NoExtract != nil {
		send(session.Failed{Of: r, Layer: -1, Err: w.NoExtract})
		return
	}
	send(session.Extracted{Of: r, Dir: r.Dir, Files: len(r.Paths), Bytes: 42, Skipped: w.Skipped})
}

func (w *World) read(path string, p *tree.Payload) []byte {
	if p == nil {
		return nil
	}
	if s, ok := w.Text[fmt.Sprintf("%d%s", p.Layer, path)]; ok {
		return []byte(s)
	}
	return []byte(strings.Repeat("x", int(min(p.Size, 100))))
}

// Workshop is an image shaped like the image of the Workshop.
func Workshop() *World {
	w := Make(
		Step{"/bin/sh -c #(nop) ADD file:4f3a in / ", []string{"bin/", "bin/sh 120000", "bin/ls=0755 140000", "etc/", "etc/passwd 900", "etc/motd 12", "usr/", "usr/lib/", "usr/lib/libc.so 1900000", "usr/lib/old.so 50000", "tmp/"}},
		Step{"/bin/sh -c #(nop)  CMD [\"bash\"]", nil},
		Step{"RUN /bin/sh -c apt-get update # buildkit", []string{"var/", "var/lib/", "var/lib/apt/", "var/lib/apt/lists/", "var/lib/apt/lists/main 38200000", "var/lib/apt/lists/extra 3100000"}},
		Step{"RUN /bin/sh -c apt-get install -y python3 # buildkit", []string{"usr/bin/python3=0755 6200000", "usr/lib/python3/", "usr/lib/python3/os.py 39000", "usr/lib/python3/re.py 17000", "etc/passwd 1400", "-usr/lib/old.so"}},
		Step{"RUN /bin/sh -c pip install flask # buildkit", []string{"usr/lib/python3/flask/", "usr/lib/python3/flask/app.py 62000", "usr/lib/python3/flask/cli.py 33000", "usr/lib/python3/flask/__pycache__/", "usr/lib/python3/flask/__pycache__/app.pyc 80000", "etc/motd=0600 12 6", "bin/sh -> bash"}},
		Step{"ENV FLASK_APP=/opt/app.py", nil},
		Step{"RUN /bin/sh -c rm -rf /var/lib/apt/lists # buildkit", []string{"var/lib/apt/", "-var/lib/apt/lists"}},
		Step{"ENTRYPOINT [\"flask\" \"run\"]", nil},
	)
	w.Text["2/etc/passwd"] = "root:x:0:0:root:/root:/bin/bash\nflask:x:1000:1000::/opt:/bin/sh\n"
	w.Text["0/etc/passwd"] = "root:x:0:0:root:/root:/bin/bash\n"
	w.Text["3/usr/lib/python3/flask/cli.py"] = "# a long line: " + strings.Repeat("more ", 60) + "and the end of it\n"
	w.Text["3/usr/lib/python3/flask/app.py"] = "import os\n\n\ndef run(port=5000):\n    \"\"\"Start the server.\"\"\"\n    print(\"listening on\", port)  # a comment\n"
	return w
}
