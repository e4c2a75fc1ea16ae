package builder_test

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/imgtui/imgtui/layers/builder"
	"github.com/imgtui/imgtui/model/session"
)

// person types on a terminal and reads what is shown.
type person struct {
	mu    sync.Mutex
	shown bytes.Buffer
	keys  *io.PipeWriter
	more  chan struct{}
}

func sitDown(t *testing.T, rows, cols *int, resize chan struct{}) (*person, builder.Terminal) {
	r, w := io.Pipe()
	t.Cleanup(func() { w.Close() })
	p := &person{keys: w, more: make(chan struct{}, 1)}
	return p, builder.Terminal{In: r, Out: p, Size: func() (int, int) {
		p.mu.Lock()
		defer p.mu.Unlock()
		return *rows, *cols
	}, Resize: resize, Term: "xterm"}
}

func (p *person) Write(b []byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.shown.Write(b)
	select {
	case p.more <- struct{}{}:
	default:
	}
	return len(b), nil
}

// sees waits until a text is on the screen.
func (p *person) sees(t *testing.T, text string) {
	t.Helper()
	deadline := time.After(20 * time.Second)
	for {
		p.mu.Lock()
		shown := p.shown.String()
		p.mu.Unlock()
		if strings.Contains(shown, text) {
			return
		}
		select {
		case <-p.more:
		case <-deadline:
			t.Fatalf("%q is not on the screen:\n%s", text, shown)
		}
	}
}

func (p *person) types(t *testing.T, keys string) {
	t.Helper()
	if _, err := io.WriteString(p.keys, keys); err != nil {
		t.Fatal(err)
	}
}

// TestAShellInAStep: a terminal with a size that changes, ^C, what the step wrote,
// an exit code; and nothing of it stays.
func TestAShellInAStep(t *testing.T) {
	onEach(t, func(t *testing.T, e *builder.Engine) {
		s := newSite(t, "FROM {{base}}\nENV GREETING=hi\nWORKDIR /work\nRUN echo {{nonce}} > note\n", nil)
		b, _ := s.built(e)
		rows, cols := 33, 101
		resize := make(chan struct{}, 1)
		p, terminal := sitDown(t, &rows, &cols, resize)
		type end struct {
			code int
			err  error
		}
		done := make(chan end, 1)
		go func() {
			code, err := b.Shell(t.Context(), 4, session.After, terminal)
			done <- end{code, err}
		}()
		p.types(t, "cat note; echo $GREETING$((1+1)); pwd\n")
		p.sees(t, s.nonce)
		p.sees(t, "hi2")
		p.sees(t, "/work")
		p.types(t, "busybox stty size\n")
		p.sees(t, "33 101")
		p.mu.Lock()
		rows, cols = 40, 120
		p.mu.Unlock()
		resize <- struct{}{}
		p.types(t, "while ! busybox stty size | busybox grep '40 120'; do busybox sleep 0.1; done\n")
		p.sees(t, "40 120")
		p.types(t, "busybox sh -c 'echo run\"\"ning; exec busybox sleep 1000'\n")
		p.sees(t, "running")
		p.types(t, "\x03")
		p.types(t, "echo after$((2+3)); echo gone > note\n")
		p.sees(t, "after5")
		p.types(t, "exit 42\n")
		select {
		case got := <-done:
			if got.code != 42 || got.err != nil {
				t.Errorf("got exit code %d, %v, want 42", got.code, got.err)
			}
		case <-time.After(20 * time.Second):
			t.Fatal("the shell does not end")
		}
		tried, err := b.Try(t.Context(), 4, session.After, "cat note")
		if unable(t, e, err) {
			return
		}
		if tried.Output != s.nonce+"\n" {
			t.Errorf("the shell has changed the step: %q", tried.Output)
		}
	})
}

// unable tells whether an engine of old cannot show what a command changed.
func unable(t *testing.T, e *builder.Engine, err error) bool {
	t.Helper()
	if err != nil && lacks(e, "failed command left") && strings.Contains(err.Error(), "BuildKit is too old") {
		t.Logf("as is due for this engine: %v", err)
		return true
	}
	if err != nil {
		t.Fatal(err)
	}
	return false
}

// TestAShellInTheFailedStep: what the failed command wrote is there after it, and
// not before it.
func TestAShellInTheFailedStep(t *testing.T) {
	onEach(t, func(t *testing.T, e *builder.Engine) {
		s := newSite(t, "FROM {{base}}\nRUN echo {{nonce}} > /first\nRUN --mount=type=secret,id=token cat /run/secrets/token | wc -c > /partial; exit 3\n", nil)
		o := s.order()
		o.Env = func(name string) (string, bool) { return "open sesame", name == "TOKEN" }
		o.Secrets = []string{"id=token,env=TOKEN"}
		b, err := e.Build(t.Context(), o, builder.Hooks{})
		var broken *session.BuildError
		if !errors.As(err, &broken) || broken.Code != 3 {
			t.Fatalf("got %v, want exit code 3", err)
		}
		defer b.Close()
		if lacks(e, "failed command left") {
			if _, err := b.Try(t.Context(), 3, session.After, "true"); err == nil {
				t.Error("a shell in a step that the engine does not keep")
			}
			return
		}
		for _, side := range []session.Side{session.After, session.Before} {
			tried, err := b.Try(t.Context(), 3, side, "cat /partial /first; echo new > /more; rm /first; exit 5")
			if err != nil {
				t.Fatal(err)
			}
			partial := strings.Contains(tried.Output, "11\n")
			if tried.Code != 5 || !strings.Contains(tried.Output, s.nonce+"\n") || partial != (side == session.After) {
				t.Errorf("side %v: got code %d, %q", side, tried.Code, tried.Output)
			}
			if tried.Before.Find("/first") == nil || tried.After.Find("/first") != nil || tried.Before.Find("/more") != nil || tried.After.Find("/more") == nil {
				t.Errorf("side %v: the change is not told", side)
			}
		}
	})
}
