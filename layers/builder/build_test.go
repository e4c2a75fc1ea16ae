package builder_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-containerregistry/pkg/name"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/tarball"

	"github.com/imgtui/imgtui/layers/builder"
	"github.com/imgtui/imgtui/layers/index"
	"github.com/imgtui/imgtui/layers/source"
	"github.com/imgtui/imgtui/model/progress"
	"github.com/imgtui/imgtui/model/session"
	"github.com/imgtui/imgtui/model/tree"
)

// named are the engines that IMGTUI_TEST_BUILDKIT names.
func named(t *testing.T) []string {
	t.Helper()
	all := strings.Fields(os.Getenv("IMGTUI_TEST_BUILDKIT"))
	if len(all) == 0 {
		t.Skip("IMGTUI_TEST_BUILDKIT is not set: no BuildKit to build with (.ci/buildkitd starts one)")
	}
	return all
}

// onEach runs a test on every engine.
func onEach(t *testing.T, test func(t *testing.T, e *builder.Engine)) {
	t.Helper()
	for _, address := range named(t) {
		kind, _, _ := strings.Cut(address, ":")
		t.Run(kind, func(t *testing.T) {
			e, err := builder.Dial(t.Context(), builder.Where{Engine: address, State: os.Getenv("IMGTUI_TEST_STATE")})
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() {
				if err := e.Close(); err != nil {
					t.Error(err)
				}
			})
			test(t, e)
		})
	}
}

// site is a folder with a Dockerfile, and a base image that is open.
type site struct {
	*workspace
	open *source.Image
}

func newSite(t testing.TB, text string, files map[string]string) *site {
	t.Helper()
	w := newWorkspace(t, scenario{text: text, files: files})
	return &site{w, opened(t, w.name(), w.image())}
}

// opened is an image as the user has it open.
func opened(t testing.TB, ref string, image v1.Image) *source.Image {
	t.Helper()
	path := filepath.Join(t.TempDir(), "base.tar")
	tag, err := name.NewTag(ref)
	if err != nil {
		t.Fatal(err)
	}
	if err := tarball.WriteToFile(path, tag, image); err != nil {
		t.Fatal(err)
	}
	i, err := source.Open(t.Context(), path, source.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { i.Close() })
	return i
}

func (s *site) order() builder.Order {
	return builder.Order{
		Build: session.Build{Text: s.text, Sketch: session.Sketch{Dir: s.dir, Args: s.args, Target: s.target}},
		Open:  s.open,
	}
}

// record keeps what a build tells.
type record struct {
	mu     sync.Mutex
	events []progress.Event
	steps  map[int]*tree.Node
}

func (r *record) hooks() builder.Hooks {
	return builder.Hooks{
		Events: func(all []progress.Event) {
			r.mu.Lock()
			defer r.mu.Unlock()
			r.events = append(r.events, all...)
		},
		Stepped: func(s builder.Step) {
			r.mu.Lock()
			defer r.mu.Unlock()
			if r.steps == nil {
				r.steps = map[int]*tree.Node{}
			}
			r.steps[s.Line] = s.Root
		},
	}
}

// log is all that steps wrote.
func (r *record) log() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	var b strings.Builder
	for _, e := range r.events {
		if e.Kind == progress.Logged {
			b.WriteString(e.Text)
		}
	}
	return b.String()
}

// built builds, and fails the test where that breaks.
func (s *site) built(e *builder.Engine) (*builder.Build, *record) {
	s.t.Helper()
	var r record
	b, err := e.Build(s.t.Context(), s.order(), r.hooks())
	if err != nil {
		s.t.Fatalf("%v\n%s\n%s", err, s.text, r.log())
	}
	s.t.Cleanup(b.Close)
	return b, &r
}

// export brings the image here, opens it and reads the roots after its layers.
func export(t *testing.T, e *builder.Engine, b *builder.Build, before ...string) (*source.Image, []*tree.Node) {
	t.Helper()
	x, err := b.Export(t.Context(), filepath.Join(t.TempDir(), "image"), before)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { e.Remove(context.WithoutCancel(t.Context()), x) })
	i, err := source.Open(t.Context(), x.Ref, source.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { i.Close() })
	var roots []*tree.Node
	var below *tree.Node
	for n, blob := range i.Blobs {
		l, _, err := index.Layer(t.Context(), n, blob, index.Options{})
		if err != nil {
			t.Fatal(err)
		}
		below = tree.Fold(below, l)
		roots = append(roots, below)
	}
	return i, roots
}

// sameFiles compares two roots file by file, contents left out.
func sameFiles(t *testing.T, what string, got, want *tree.Node) {
	t.Helper()
	list := func(root *tree.Node) map[string]string {
		all := map[string]string{}
		root.Walk(func(p string, n *tree.Node) bool {
			kind, link := n.Kind, n.Link
			if n.Payload() != nil {
				kind, link = tree.File, ""
			}
			when := n.ModTime
			if n.Kind == tree.Dir {
				when = 0 // follows from what was written into it, and the root's from the engine
			}
			if p != "/" {
				all[p] = fmt.Sprint(kind, " ", n.Mode, " ", n.UID, ":", n.GID, " ", n.Size, " ", when, " ", link, " ", n.Major, n.Minor, n.Xattrs)
			}
			return true
		})
		return all
	}
	g, w := list(got), list(want)
	for p, say := range w {
		if g[p] != say {
			t.Errorf("%s: %s: got %q, want %q", what, p, g[p], say)
		}
	}
	for p := range g {
		if _, ok := w[p]; !ok {
			t.Errorf("%s: %s: got %q, want nothing", what, p, g[p])
		}
	}
}

const steppedText = `FROM {{base}} AS tools
RUN mkdir /out && echo tool > /out/tool && echo {{nonce}}
FROM {{base}}
WORKDIR /app
ENV A=b
COPY one.txt sub/ ./
RUN echo hello > made && mkdir -p d/e && echo x > d/e/f && rm /tmp/../etc/group
COPY --from=tools --chown=1000:1000 /out/tool /usr/bin/tool
RUN chmod 4755 /usr/bin/tool && cp one.txt two.txt && echo more >> one.txt
COPY --link <<EOT /linked/note
written here
EOT
RUN touch -d @1000000000 made; rm -r d && echo d > d
CMD ["sh"]
`

func stepped(t testing.TB) *site {
	return newSite(t, steppedText, map[string]string{"one.txt": "one\n", "sub/a.txt": "a\n", "sub/b/c.txt": "c\n"})
}

// TestTheTreeOfEachStepIsTheLayersOfTheImage: what was read of a step while it was
// built is what the image's layers up to it hold, file by file.
func TestTheTreeOfEachStepIsTheLayersOfTheImage(t *testing.T) {
	onEach(t, func(t *testing.T, e *builder.Engine) {
		s := stepped(t)
		b, r := s.built(e)
		i, roots := export(t, e, b)
		lines := []int{3, 4, 6, 7, 8, 9, 10, 13} // by layer; the base has one
		if len(roots) != len(lines) {
			t.Fatalf("got %d layers, want %d: %v", len(roots), len(lines), i.Steps)
		}
		for layer, line := range lines {
			if r.steps[line] == nil {
				t.Errorf("no root of line %d", line)
				continue
			}
			sameFiles(t, fmt.Sprintf("line %d, layer %d", line, layer), r.steps[line], roots[layer])
		}
		if r.steps[2].Find("/out/tool") == nil {
			t.Error("the other stage has no root")
		}
	})
}

// TestAFailedStepShowsBeforeAndAfter, where the engine can.
func TestAFailedStepShowsBeforeAndAfter(t *testing.T) {
	onEach(t, func(t *testing.T, e *builder.Engine) {
		s := newSite(t, "FROM {{base}}\nRUN echo {{nonce}} > /first\n\nRUN echo half > /partial; echo seen; exit 7\nRUN echo never\n", nil)
		var r record
		b, err := e.Build(t.Context(), s.order(), r.hooks())
		var broken *session.BuildError
		if !errors.As(err, &broken) {
			t.Fatalf("got %v, want a broken step", err)
		}
		defer b.Close()
		if broken.Line != 4 || broken.Code != 7 {
			t.Errorf("got line %d, exit code %d, want 4 and 7: %+v", broken.Line, broken.Code, broken)
		}
		if !strings.Contains(broken.Text, ">>> RUN echo half") {
			t.Errorf("no excerpt of the text:\n%s", broken.Text)
		}
		if broken.Before.Find("/first") == nil || broken.Before.Find("/partial") != nil {
			t.Errorf("before the step: first %v, partial %v", broken.Before.Find("/first"), broken.Before.Find("/partial"))
		}
		if !strings.Contains(r.log(), "seen") {
			t.Errorf("the log is %q", r.log())
		}
		if lacks(e, "failed command left") {
			if broken.After != nil || broken.Why == "" {
				t.Errorf("the engine cannot tell, but got %v, why %q", broken.After, broken.Why)
			}
			return
		}
		if broken.After.Find("/partial") == nil || broken.After.Find("/first") == nil {
			t.Errorf("after the step: %v, why %q", broken.After.Find("/partial"), broken.Why)
		}
		body, err := readFile(t, b, 4, "/partial")
		if err != nil || string(body) != "half\n" {
			t.Errorf("got %q, %v", body, err)
		}
	})
}

func lacks(e *builder.Engine, what string) bool {
	for _, l := range e.Host().Lacks {
		if strings.Contains(l.What, what) {
			return true
		}
	}
	return false
}

// TestACancelledBuildEndsAtOnce, though its command never would: it says after how
// long.
func TestACancelledBuildEndsAtOnce(t *testing.T) {
	onEach(t, func(t *testing.T, e *builder.Engine) {
		s := newSite(t, "FROM {{base}}\nRUN echo {{nonce}}; echo go; while true; do true; done\n", nil)
		ctx, cancel := context.WithCancel(t.Context())
		var began time.Time
		h := builder.Hooks{Events: func(all []progress.Event) {
			for _, ev := range all {
				if ev.Kind == progress.Logged && strings.Contains(ev.Text, "go") && began.IsZero() {
					began = time.Now()
					cancel()
				}
			}
		}}
		_, err := e.Build(ctx, s.order(), h)
		took := time.Since(began)
		t.Logf("ended after %v", took)
		if !errors.Is(err, context.Canceled) || took > 10*time.Second {
			t.Errorf("got %v after %v, want a cancel", err, took)
		}
	})
}

// ran tells whether a step of a line was run rather than found.
func (r *record) ran(line int) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, e := range r.events {
		if e.Line == line && e.Kind == progress.Ended && strings.Contains(e.Name, "RUN") {
			return true
		}
	}
	return false
}

// unzipped is a body without gzip around it.
func unzipped(body []byte) []byte {
	z, err := gzip.NewReader(bytes.NewReader(body))
	if err != nil {
		return body
	}
	plain, err := io.ReadAll(z)
	if err != nil {
		return body
	}
	return plain
}

// readFile reads a file of a step.
func readFile(t *testing.T, b *builder.Build, line int, name string) ([]byte, error) {
	t.Helper()
	f, err := b.Open(t.Context(), line, session.After, name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return io.ReadAll(f)
}
