package builder_test

import (
	"context"
	"embed"
	"flag"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	v1 "github.com/google/go-containerregistry/pkg/v1"

	ours "github.com/imgtui/imgtui/layers/builder/embed"
	"github.com/imgtui/imgtui/layers/builder/enginetest"
)

var update = flag.Bool("update", false, "write what the engine makes to testdata: to be done with a buildkitd that has runc")

// What a buildkitd with runc made of each case.
//
//go:embed testdata/conformance
var golden embed.FS

const goldenFolder = "testdata/conformance"

// bench is a place where the cases are built.
type bench struct {
	name    string
	connect func(testing.TB) *enginetest.Engine
	skip    func(enginetest.Case) string // why not
}

// all is for engines that can do everything.
func all(enginetest.Case) string { return "" }

var benches = []bench{
	{"buildkitd", func(t testing.TB) *enginetest.Engine {
		return enginetest.New(t, "buildkitd", buildkitd(t.(*testing.T)).Client)
	}, all},
	{"embedded", func(t testing.TB) *enginetest.Engine { return embedded(t, ours.Options{}) }, ofThisUser},
	{"embedded with runc", func(t testing.TB) *enginetest.Engine {
		if _, err := exec.LookPath("runc"); err != nil {
			t.Skip("no runc")
		}
		return embedded(t, ours.Options{Runtime: "runc"})
	}, ofThisUser},
	{"docker", func(t testing.TB) *enginetest.Engine {
		d := dockerEngine(t.(*testing.T))
		e := enginetest.New(t, "docker", d.Client)
		e.Provide = func(t testing.TB, name string, image v1.Image) { d.docker.load(t.(*testing.T), name, image) }
		e.Fetch = func(t testing.TB, name string) io.ReadCloser { return d.docker.save(t, name) }
		return e
	}, ofOldAge},
}

// ofOldAge skips what BuildKit 0.8, that of Docker 20.10, does otherwise.
func ofOldAge(c enginetest.Case) string {
	if c.Modern {
		return "needs a frontend of Dockerfile 1.4"
	}
	return map[string]string{
		"no network":              "its frontend does not know --network",
		"tmpfs mount":             mountPoints,
		"bind mount":              mountPoints,
		"cache mount":             mountPoints,
		"cache mount of a user":   mountPoints,
		"secret mount":            mountPoints,
		"ssh mount":               mountPoints,
		"config":                  "it words the history otherwise",
		"config that is undone":   "it words the history otherwise",
		"users":                   "it gives a user no groups of /etc/group",
		"secret that is required": "it words the error otherwise",
	}[c.Name]
}

const mountPoints = "it leaves the places of mounts in the image"

// ofThisUser skips what the embedded engine cannot do for an ordinary user.
func ofThisUser(c enginetest.Case) string {
	switch {
	case os.Getuid() != 0 && c.Devices:
		return "the kernel lets root alone make device nodes"
	case os.Getenv(singleID) != "" && c.Owners:
		return "there is one ID alone"
	}
	return ""
}

// singleID is set where the tests run as a user without subordinate IDs.
const singleID = "IMGTUI_TEST_SINGLE_ID"

// embedded starts an engine of this test.
func embedded(t testing.TB, o ours.Options) *enginetest.Engine {
	t.Helper()
	enginetest.Long(t)
	if err := ours.Supported(); err != nil {
		t.Skip(err)
	}
	dir, err := os.MkdirTemp("", "imgtui-engine")
	if err != nil {
		t.Fatal(err)
	}
	// An ordinary user cannot remove the files of its subordinate IDs.
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	o.StateDir = dir
	return enginetest.Connect(t, "embedded", func(ctx context.Context) (net.Conn, error) { return ours.Dial(ctx, o) })
}

// TestEveryEngineBuildsTheSame holds all engines to what a buildkitd with runc made.
func TestEveryEngineBuildsTheSame(t *testing.T) {
	for _, b := range benches {
		t.Run(b.name, func(t *testing.T) {
			e := b.connect(t)
			t.Run("cases", func(t *testing.T) {
				for _, c := range enginetest.Cases {
					t.Run(c.Name, func(t *testing.T) {
						t.Parallel()
						if why := b.skip(c); why != "" {
							t.Skip(why)
						}
						conform(t, e, c)
					})
				}
			})
		})
	}
}

func conform(t *testing.T, e *enginetest.Engine, c enginetest.Case) {
	job, base := c.Job(t)
	if c.SSH {
		job.Agent = enginetest.Agent(t)
	}
	if c.Fails != "" {
		o, err := e.Run(t, job)
		if err == nil || !strings.Contains(err.Error(), c.Fails) {
			t.Errorf("got error %v, want one with %q\n%s", err, c.Fails, o.Log)
		}
		return
	}
	o := e.Build(t, job)
	got := enginetest.Changed(t, o.Image, base) + "\n" + enginetest.Config(t, o.Image)
	name := filepath.Join(goldenFolder, strings.ReplaceAll(c.Name, " ", "-")+".txt")
	if *update {
		if err := os.WriteFile(name, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := golden.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s\ngot\n%s\nwant\n%s\nlog:\n%s", c.Text, got, want, tail(o.Log))
	}
}

func tail(s string) string { return s[max(0, len(s)-2000):] }

// save reads an image out of the engine, and removes it.
func (d *dockerd) save(t testing.TB, name string) io.ReadCloser {
	t.Helper()
	body, err := d.do(t.Context(), http.MethodGet, "/images/"+name+"/get", nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := d.do(t.Context(), http.MethodDelete, "/images/"+name+"?force=1", nil); err != nil {
		t.Error(err)
	}
	return io.NopCloser(strings.NewReader(body))
}
