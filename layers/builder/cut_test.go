package builder_test

import (
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/imgtui/imgtui/layers/builder"
	"github.com/imgtui/imgtui/model"
	"github.com/imgtui/imgtui/model/progress"
)

// wire passes connections on to a socket until it is cut.
type wire struct {
	net.Listener
	mu    sync.Mutex
	conns []net.Conn
}

func lay(t *testing.T, socket string) *wire {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	w := &wire{Listener: l}
	t.Cleanup(w.cut)
	go w.serve("unix", socket)
	return w
}

func (w *wire) serve(network, to string) {
	for {
		in, err := w.Accept()
		if err != nil {
			return
		}
		out, err := net.Dial(network, to)
		if err != nil {
			in.Close()
			continue
		}
		w.mu.Lock()
		w.conns = append(w.conns, in, out)
		w.mu.Unlock()
		for _, p := range [][2]net.Conn{{in, out}, {out, in}} {
			go func() {
				io.Copy(p[0], p[1])
				p[0].Close()
			}()
		}
	}
}

func (w *wire) cut() {
	w.Close()
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, c := range w.conns {
		c.Close()
	}
}

// TestACutConnectionIsOneLine: so it is when the engine is killed or the network
// is gone while a command runs, and the next build says that nobody is there.
func TestACutConnectionIsOneLine(t *testing.T) {
	for _, address := range named(t) {
		socket, ok := strings.CutPrefix(address, "unix://")
		if !ok {
			continue
		}
		t.Run("unix", func(t *testing.T) {
			w := lay(t, socket)
			e, err := builder.Dial(t.Context(), builder.Where{Engine: "tcp://" + w.Addr().String()})
			if err != nil {
				t.Fatal(err)
			}
			s := newSite(t, "FROM {{base}}\nRUN echo {{nonce}} go; sleep 1000\n", nil)
			var began time.Time
			_, err = e.Build(t.Context(), s.order(), builder.Hooks{Events: func(all []progress.Event) {
				for _, ev := range all {
					if ev.Kind == progress.Logged && began.IsZero() {
						began = time.Now()
						w.cut()
					}
				}
			}})
			if err == nil || began.IsZero() {
				t.Fatalf("got %v", err)
			}
			if took := time.Since(began); took > 60*time.Second {
				t.Errorf("it took %v to notice", took)
			}
			if text := err.Error(); !strings.HasPrefix(text, "the engine has gone") || strings.Contains(text, "\n") || len(text) > 200 {
				t.Errorf("it is no clear line: %q", text)
			}
			if e.Answers(t.Context()) {
				t.Error("the engine answers")
			}
			if _, err := builder.Dial(t.Context(), builder.Where{Engine: "tcp://" + w.Addr().String()}); err == nil || len(err.Error()) > 200 {
				t.Errorf("got %v", err)
			}
			if err := e.Close(); err != nil {
				t.Error(err)
			}
		})
	}
}

// TestAContextThatVanishesIsOneLine: a file, or all of it, is removed when the
// engine is about to ask for it.
func TestAContextThatVanishesIsOneLine(t *testing.T) {
	onEach(t, func(t *testing.T, e *builder.Engine) {
		for _, gone := range []string{"one.txt", "."} {
			s := newSite(t, "FROM {{base}}\nRUN echo {{nonce}}\nCOPY one.txt /\n", map[string]string{"one.txt": "1\n", "two.txt": "2\n"})
			b, err := e.Build(t.Context(), s.order(), builder.Hooks{Planned: func([]model.Step) {
				if err := os.RemoveAll(filepath.Join(s.dir, gone)); err != nil && gone != "." {
					t.Error(err)
				}
				if gone == "." {
					os.RemoveAll(s.dir)
				}
			}})
			if b != nil {
				b.Close()
			}
			if err == nil {
				t.Errorf("%s: it was built all the same", gone)
				continue
			}
			line, _, _ := strings.Cut(err.Error(), "\n")
			if !strings.Contains(line, "not found") && !strings.Contains(line, "no such file") || len(line) > 300 {
				t.Errorf("%s: it is no clear line: %q", gone, line)
			}
		}
	})
}
