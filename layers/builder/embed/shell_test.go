//go:build linux && !noembed

package embed_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/moby/buildkit/client/llb"
	gwclient "github.com/moby/buildkit/frontend/gateway/client"
	gateway "github.com/moby/buildkit/frontend/gateway/pb"
	"github.com/moby/buildkit/solver/pb"

	"github.com/imgtui/imgtui/layers/builder/embed"
	"github.com/imgtui/imgtui/layers/builder/enginetest"
)

// shell runs commands in a container with the root of a base, as imgtui does in
// a failed step.
func shell(t *testing.T, try func(ctx context.Context, c gwclient.Container)) {
	t.Helper()
	enginetest.Long(t)
	e := engine(t, embed.Options{})
	opt, err := e.Options(t, enginetest.Job{Bases: bases(t)})
	if err != nil {
		t.Fatal(err)
	}
	_, err = e.Client.Build(t.Context(), opt, "", func(ctx context.Context, c gwclient.Client) (*gwclient.Result, error) {
		def, err := llb.OCILayout("imgtui.invalid/base0@"+strings.TrimPrefix(opt.FrontendAttrs["context:box"], "oci-layout://base0@"), llb.OCIStore("", "base0")).Marshal(ctx)
		if err != nil {
			return nil, err
		}
		root, err := c.Solve(ctx, gwclient.SolveRequest{Definition: def.ToPB()})
		if err != nil {
			return nil, err
		}
		box, err := c.NewContainer(ctx, gwclient.NewContainerRequest{Mounts: []gwclient.Mount{{Dest: "/", MountType: pb.MountType_BIND, Ref: root.Ref}}})
		if err != nil {
			return nil, err
		}
		defer func() { _ = box.Release(context.WithoutCancel(ctx)) }()
		try(ctx, box)
		return gwclient.NewResult(), nil
	}, nil)
	if err != nil {
		t.Fatal(err)
	}
}

// typed is a terminal's other end: what is typed, and what is shown.
type typed struct {
	in   *io.PipeWriter
	mu   sync.Mutex
	text bytes.Buffer
}

func (s *typed) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.text.Write(p)
}

func (s *typed) Close() error { return nil }

// until waits for a text to be shown.
func (s *typed) until(t *testing.T, want string) {
	t.Helper()
	for end := time.Now().Add(20 * time.Second); ; time.Sleep(2 * time.Millisecond) {
		s.mu.Lock()
		got := s.text.String()
		s.mu.Unlock()
		if strings.Contains(got, want) {
			return
		}
		if time.Now().After(end) {
			t.Fatalf("shown is %q, want %q in it", got, want)
		}
	}
}

func start(ctx context.Context, t *testing.T, c gwclient.Container, tty bool, args ...string) (gwclient.ContainerProcess, *typed) {
	t.Helper()
	r, w := io.Pipe()
	s := &typed{in: w}
	p, err := c.Start(ctx, gwclient.StartRequest{Args: args, Env: []string{"PATH=/bin", "TERM=dumb"}, Tty: tty, Stdin: r, Stdout: s, Stderr: s})
	if err != nil {
		t.Fatal(err)
	}
	return p, s
}

func TestAShellHasATerminal(t *testing.T) {
	shell(t, func(ctx context.Context, c gwclient.Container) {
		p, s := start(ctx, t, c, true, "sh")
		if err := p.Resize(ctx, gwclient.WinSize{Rows: 33, Cols: 111}); err != nil {
			t.Fatal(err)
		}
		for _, x := range []struct{ typed, shown string }{
			{"tty\n", "/dev/pts/0"},
			{"stty size\n", "33 111"},
			{"echo $((40+2))\n", "42"},
			{"sh -c 'echo run\"\"ning; exec sleep 600'\n", "running"},
			{"\x03", "^C"}, // interrupts sleep, and leaves the shell
			{"echo st''ill here\n", "still here"},
			{"touch /made && ls /\n", "made"},
		} {
			if _, err := io.WriteString(s.in, x.typed); err != nil {
				t.Fatal(err)
			}
			s.until(t, x.shown)
		}
		if _, err := io.WriteString(s.in, "exit 9\n"); err != nil {
			t.Fatal(err)
		}
		wantCode(t, p.Wait(), 9)
	})
}

func TestMoreProcessesRunInAContainer(t *testing.T) {
	shell(t, func(ctx context.Context, c gwclient.Container) {
		first, _ := start(ctx, t, c, false, "sleep", "600")
		second, s := start(ctx, t, c, false, "sh", "-c", "ps; echo $$; cat /proc/1/cmdline; grep Seccomp: /proc/self/status; read x; echo got $x")
		s.until(t, "sleep")
		s.until(t, "Seccomp:\t2")
		if _, err := io.WriteString(s.in, "typed\n"); err != nil {
			t.Fatal(err)
		}
		s.until(t, "got typed")
		wantCode(t, second.Wait(), 0) // another code would end the container, as BuildKit has it
		third, s := start(ctx, t, c, true, "sh")
		if _, err := io.WriteString(s.in, "tty; exit\n"); err != nil {
			t.Fatal(err)
		}
		s.until(t, "/dev/pts/")
		wantCode(t, third.Wait(), 0)
		if err := first.Signal(ctx, syscall.SIGKILL); err != nil {
			t.Fatal(err)
		}
		wantCode(t, first.Wait(), 137)
	})
}

func wantCode(t *testing.T, err error, want uint32) {
	t.Helper()
	var exit *gateway.ExitError
	switch {
	case err == nil && want == 0:
	case !errors.As(err, &exit) || exit.ExitCode != want:
		t.Errorf("got %v, want exit code %d", err, want)
	}
}
