package layers_test

import (
	"context"
	"crypto/rand"
	"errors"
	"io"
	"log"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-containerregistry/pkg/registry"

	"github.com/imgtui/imgtui/layers"
	"github.com/imgtui/imgtui/layers/builder/enginetest"
	"github.com/imgtui/imgtui/layers/source"
	"github.com/imgtui/imgtui/model"
	"github.com/imgtui/imgtui/model/plan"
	"github.com/imgtui/imgtui/model/progress"
	"github.com/imgtui/imgtui/model/session"
	"github.com/imgtui/imgtui/model/tree"
)

// room is an engine room with a base image open, and a real BuildKit.
type room struct {
	t     *testing.T
	e     *layers.Engine
	image *model.Image
	dir   string
	nonce string
	host  string
	gen   int
}

// inRooms runs a test with every BuildKit that there is.
func inRooms(t *testing.T, test func(r *room)) {
	for _, address := range enginetest.Engines(t) {
		kind, _, _ := strings.Cut(address, ":")
		t.Run(kind, func(t *testing.T) {
			r := &room{t: t, dir: t.TempDir(), nonce: strings.ToLower(rand.Text()), host: address}
			r.e = layers.New(layers.Options{Source: source.Options{Insecure: true}})
			t.Cleanup(func() {
				if err := r.e.Close(); err != nil {
					t.Error(err)
				}
			})
			all := r.do(session.Open{Ref: enginetest.Base(t, r.base(), r.nonce)})
			m, ok := all[len(all)-1].(session.Opened)
			if !ok {
				t.Fatalf("got %+v", all)
			}
			r.image = m.Image
			r.do(session.Index{})
			test(r)
		})
	}
}

func (r *room) base() string { return "imgtui-room-" + r.nonce + ":1" }

// do grants a request and returns all answers.
func (r *room) do(q session.Request) []session.Msg {
	r.t.Helper()
	var all []session.Msg
	r.e.Do(r.t.Context(), q, func(m session.Msg) { all = append(all, m) })
	return all
}

// build builds a text, "{{base}}" and "{{nonce}}" filled in.
func (r *room) build(text string) (session.Build, []session.Msg) {
	r.t.Helper()
	r.gen++
	context := r.scanned()
	q := session.Build{
		Sketch: session.Sketch{Dir: r.dir}, BuildOptions: session.BuildOptions{Engine: r.host}, Text: r.fill(text), Image: r.image, Context: context, Gen: r.gen,
	}
	return q, r.do(q)
}

func (r *room) fill(text string) string {
	return strings.NewReplacer("{{base}}", r.base(), "{{nonce}}", r.nonce).Replace(text)
}

func (r *room) scanned() *plan.Context {
	r.t.Helper()
	for _, m := range r.do(session.Scan{Dir: r.dir}) {
		if s, ok := m.(session.Scanned); ok {
			return s.Context
		}
	}
	r.t.Fatal("the context cannot be read")
	return nil
}

// one returns the only message of a kind.
func one[M session.Msg](t *testing.T, all []session.Msg) M {
	t.Helper()
	var found []M
	for _, m := range all {
		if k, ok := m.(M); ok {
			found = append(found, k)
		}
		if f, ok := m.(session.Failed); ok {
			if _, wanted := any(*new(M)).(session.Failed); !wanted {
				t.Fatalf("failed: %v", f.Err)
			}
		}
	}
	if len(found) != 1 {
		t.Fatalf("got %d of %T, want 1: %+v", len(found), *new(M), all)
	}
	return found[0]
}

// TestABuildTellsEverything: which engine, what happens, each root, where the image
// is; the image opens, and the next forecast knows what the engine has.
func TestABuildTellsEverything(t *testing.T) {
	inRooms(t, func(r *room) {
		t := r.t
		if err := os.WriteFile(filepath.Join(r.dir, "one.txt"), []byte("one\n"), 0o644); err != nil {
			t.Fatal(err)
		}
		q, all := r.build("FROM {{base}}\nENV A=b\nRUN echo {{nonce}} > /made\nCOPY one.txt /\n")
		if h := one[session.Reached](t, all).Host; h.Name == "" || h.Err != nil {
			t.Errorf("got host %+v", h)
		}
		built := one[session.Built](t, all)
		steps := map[int]session.Stepped{}
		ended := false
		for _, m := range all {
			switch m := m.(type) {
			case session.Stepped:
				steps[m.Line] = m
			case session.Advanced:
				for _, e := range m.Events {
					ended = ended || e.Line == 3 && e.Kind == progress.Ended
				}
			}
		}
		if !ended {
			t.Error("nobody told that line 3 has ended")
		}
		for line, history := range map[int]int{1: 0, 3: 2, 4: 3} {
			s, ok := steps[line]
			if !ok || !s.Last || s.History != history {
				t.Errorf("line %d: got %v, last %v, history %d, want %d", line, ok, s.Last, s.History, history)
			}
		}
		opened := one[session.Opened](t, r.do(session.Open{Ref: built.Ref, Slot: session.Now, Gen: 100}))
		if n := len(opened.Image.Steps); n != 4 {
			t.Errorf("the image has %d steps, want 4", n)
		}
		var root *tree.Node
		for _, m := range r.do(session.Index{Slot: session.Now, Gen: 101}) {
			if m, ok := m.(session.Rooted); ok {
				root = m.Root
			}
		}
		if root.Find("/made") == nil || root.Find("/one.txt") == nil {
			t.Error("the image lacks what was built")
		}
		r.foretold(q, built)
		r.read(q, steps)
	})
}

// foretold: the same text is all kept, and another line is not.
func (r *room) foretold(q session.Build, built session.Built) {
	r.t.Helper()
	if built.Was == nil {
		r.t.Fatal("it is not told what the engine has")
	}
	tell := func(text string) plan.Plan {
		f := one[session.Foretold](r.t, r.do(session.Foretell{Sketch: q.Sketch, Text: text, Context: q.Context, Image: r.image, Was: built.Was, Gen: 200}))
		if f.Err != nil || f.Fault != nil {
			r.t.Fatal(f.Err, f.Fault)
		}
		return f.Plan
	}
	for _, s := range tell(q.Text).Steps {
		if s.Fate != plan.Same {
			r.t.Errorf("line %d is foretold %v for reason %v, want same", s.Line, s.Fate, s.Reason)
		}
	}
	changed := tell(strings.Replace(q.Text, "/made", "/other", 1))
	if got := changed.Steps[2].Fate; got != plan.Runs {
		r.t.Errorf("a changed line is foretold %v, want runs", got)
	}
}

// read: a file of a step is read and extracted from the engine, before the image
// is opened.
func (r *room) read(q session.Build, steps map[int]session.Stepped) {
	r.t.Helper()
	at := session.Entry{Build: q.Gen, Line: 3}
	node := steps[3].Root.Find("/made")
	m := one[session.Loaded](r.t, r.do(session.Read{Path: "/made", After: node.Payload(), Entry: at, Limit: 1000, Gen: 300}))
	if got, want := string(m.After), r.nonce+"\n"; got != want || m.AfterMore {
		r.t.Errorf("read %q, want %q", got, want)
	}
	dir := r.t.TempDir()
	one[session.Extracted](r.t, r.do(session.Extract{Entry: at, Root: steps[3].Root, Paths: []string{"/made", "/etc"}, Dir: dir, Gen: 301}))
	for name, want := range map[string]string{"made": r.nonce + "\n", "etc/nonce": r.nonce} {
		if got, err := os.ReadFile(filepath.Join(dir, name)); err != nil || string(got) != want {
			r.t.Errorf("%s: got %q, %v, want %q", name, got, err, want)
		}
	}
}

// TestAnImageLeaves for an archive of either kind and for a registry, and what has
// left opens again.
func TestAnImageLeaves(t *testing.T) {
	inRooms(t, func(r *room) {
		t := r.t
		s := httptest.NewServer(registry.New(registry.Logger(log.New(io.Discard, "", 0))))
		defer s.Close()
		q, all := r.build("FROM {{base}}\nRUN echo {{nonce}} > /made\n")
		one[session.Built](t, all)
		for _, c := range []struct {
			way session.Way
			to  string
		}{
			{session.ToOCI, filepath.Join(t.TempDir(), "image.oci.tar")},
			{session.ToArchive, filepath.Join(t.TempDir(), "image.tar")},
			{session.ToPush, strings.TrimPrefix(s.URL, "http://") + "/acct/app:1"},
		} {
			left := one[session.Left](t, r.do(session.Leave{Build: q.Gen, Way: c.way, To: c.to, Gen: 50}))
			if left.Bytes <= 0 || left.Digest == "" {
				t.Errorf("%s: got %+v", c.to, left)
			}
			ref := left.To
			if c.way == session.ToPush {
				ref = "registry://" + ref
			}
			i := one[session.Opened](t, r.do(session.Open{Ref: ref, Slot: session.Now, Gen: 51})).Image
			if n := len(i.Layers()); n != 2 {
				t.Errorf("%s: got %d layers, want 2", c.to, n)
			}
		}
		again := one[session.Left](t, r.do(session.Leave{Build: q.Gen, Way: session.ToPush, To: strings.TrimPrefix(s.URL, "http://") + "/acct/app:2", Gen: 52}))
		if again.Bytes != 0 {
			t.Errorf("the second push sent %d bytes, want 0", again.Bytes)
		}
		failed := one[session.Failed](t, r.do(session.Leave{Build: q.Gen + 1, Way: session.ToPush, To: "x", Gen: 53}))
		if !strings.Contains(failed.Err.Error(), "build again") {
			t.Errorf("got %v", failed.Err)
		}
	})
}

// TestABrokenBuildIsEntered by a command, and told with its line.
func TestABrokenBuildIsEntered(t *testing.T) {
	inRooms(t, func(r *room) {
		t := r.t
		q, all := r.build("FROM {{base}}\nRUN echo {{nonce}} > /first\nRUN echo half > /partial; exit 9\n")
		failed := one[session.Failed](t, all)
		var broken *session.BuildError
		if !errors.As(failed.Err, &broken) || broken.Line != 3 || broken.Code != 9 {
			t.Fatalf("got %+v", failed.Err)
		}
		tried := r.do(session.Try{Build: q.Gen, Line: 2, Command: "cat /first; rm /first", Gen: 60})
		if f, ok := tried[len(tried)-1].(session.Failed); ok {
			if broken.Why == "" {
				t.Error(f.Err)
			}
			return // an engine of old cannot tell what a command changes
		}
		m := one[session.Tried](t, tried)
		if m.Output != r.nonce+"\n" || m.Before.Find("/first") == nil || m.After.Find("/first") != nil {
			t.Errorf("got %q, before %v, after %v", m.Output, m.Before.Find("/first"), m.After.Find("/first"))
		}
	})
}

// TestNothingOfABuildIsLeft when the room is closed.
func TestNothingOfABuildIsLeft(t *testing.T) {
	inRooms(t, func(r *room) {
		aside := r.t.TempDir()
		r.t.Setenv("TMPDIR", aside)
		for _, word := range []string{"one", "two"} {
			_, all := r.build("FROM {{base}}\nRUN echo {{nonce}} " + word + " > /made\n")
			one[session.Built](r.t, all)
		}
		if err := r.e.Close(); err != nil {
			r.t.Error(err)
		}
		left, err := os.ReadDir(aside)
		if err != nil || len(left) > 0 {
			r.t.Errorf("left: %v, %v", left, err)
		}
	})
}

// TestAHaltedBuildSaysNothingMore and the next builds.
func TestAHaltedBuildSaysNothingMore(t *testing.T) {
	inRooms(t, func(r *room) {
		t := r.t
		ctx, cancel := context.WithCancel(t.Context())
		var last session.Msg
		r.e.Do(ctx, session.Build{
			BuildOptions: session.BuildOptions{Engine: r.host}, Text: r.fill("FROM {{base}}\nRUN echo {{nonce}} go; sleep 1000\n"), Gen: 70,
		}, func(m session.Msg) {
			last = m
			if a, ok := m.(session.Advanced); ok {
				for _, e := range a.Events {
					if e.Kind == progress.Logged {
						cancel()
					}
				}
			}
		})
		if f, ok := last.(session.Failed); !ok || !errors.Is(f.Err, context.Canceled) {
			t.Errorf("got %+v, want a cancel", last)
		}
		_, all := r.build("FROM {{base}}\nRUN echo {{nonce}} > /made\n")
		one[session.Built](t, all)
	})
}
