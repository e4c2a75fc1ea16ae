//go:build linux && !noembed

package embed_test

import (
	"context"
	"net"
	"os"
	"path/filepath"
	"syscall"
	"testing"

	v1 "github.com/google/go-containerregistry/pkg/v1"

	"github.com/imgtui/imgtui/layers/builder/embed"
	"github.com/imgtui/imgtui/layers/builder/enginetest"
)

func TestMain(m *testing.M) {
	if embed.Main() {
		return
	}
	os.Exit(m.Run())
}

// supported skips where there can be no engine.
func supported(t testing.TB) {
	t.Helper()
	if err := embed.Supported(); err != nil {
		t.Skip(err)
	}
}

// engine starts an engine with a state folder of its own.
func engine(t testing.TB, o embed.Options) *enginetest.Engine {
	t.Helper()
	supported(t)
	if o.StateDir == "" {
		o.StateDir = folder(t)
	}
	o.Log = &logged{t}
	t.Cleanup(func() { free(t, o.StateDir) })
	return enginetest.Connect(t, "embedded", func(ctx context.Context) (net.Conn, error) { return embed.Dial(ctx, o) })
}

// running starts an engine, and tells its process.
func running(t testing.TB, o embed.Options) (*enginetest.Engine, int) {
	t.Helper()
	e := engine(t, o)
	if _, err := e.ListWorkers(t.Context()); err != nil { // connects, so that both are one
		t.Fatal(err)
	}
	info, err := embed.Describe(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	return e, info.PID
}

// free waits until no engine works in a folder.
func free(t testing.TB, dir string) {
	f, err := os.Open(filepath.Join(dir, "lock"))
	if err != nil {
		return
	}
	defer f.Close()
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX); err != nil {
		t.Error(err)
	}
}

type logged struct{ t testing.TB }

func (l *logged) Write(p []byte) (int, error) {
	l.t.Logf("engine: %s", p)
	return len(p), nil
}

// box is what a name of a base stands for in these tests.
const box = "box"

func bases(t testing.TB) map[string]v1.Image {
	t.Helper()
	return map[string]v1.Image{box: enginetest.Busybox(t, v1.Config{Env: []string{"PATH=/bin"}})}
}

// folder is a temporary folder for an engine. An ordinary user cannot remove what
// its subordinate IDs own: that is left to whoever started the test.
func folder(t testing.TB) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "imgtui-engine")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	return dir
}
