package main

import (
	"archive/tar"
	"bytes"
	"context"
	"crypto/rand"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/imgtui/imgtui/model"
	"github.com/imgtui/imgtui/model/dockerfile"
	"github.com/imgtui/imgtui/model/plan"
)

// rebuilt are Dockerfiles whose images are built to see what their histories
// are, each behind the one that it is built on, if any.
var rebuilt = []struct{ name, beneath, text string }{
	{"settings", "", `FROM PREFIX-base
LABEL org.x/y="my own" z=1
ENV A="a b" B=c\ d C='$x'
ENV OLD way of it
ARG V=1
ARG NONE
ENV FROMARG=v$V PATH=/x:$PATH
WORKDIR /w
WORKDIR sub
EXPOSE 80 443/tcp 53/udp
VOLUME ["/data", "/logs"]
USER 1000:1000
STOPSIGNAL SIGQUIT
HEALTHCHECK --interval=1m --timeout=3s --retries=3 CMD test -f "/x" || exit 1
ENTRYPOINT ["/bin/busybox", "echo", "a \"b\""]
CMD run it | cat
`},
	{"files", "", `FROM PREFIX-base
COPY a b /dst/
COPY --chown=1:2 a /dst/c
COPY ["a", "/with space/"]
ADD t.tar /t
WORKDIR /app
COPY . .
CMD ["/bin/busybox", "ls"]
`},
	{"commands", "", `FROM PREFIX-base
SHELL ["/bin/busybox", "sh", "-e", "-c"]
RUN echo one \
    # a comment
    && echo "two  spaces" \
	&& echo three
ARG V=two\ words
RUN echo $V > /v
RUN ["/bin/busybox", "touch", "/w"]
RUN echo 'it''s' | cat -
CMD sh -c "exit 3"
`},
	{"stages", "", `ARG BASE=PREFIX-base
FROM $BASE AS one
ENV HOME=/h
WORKDIR $HOME
RUN ["/bin/busybox", "touch", "one"]
FROM PREFIX-base AS other
RUN ["/bin/busybox", "touch", "/other"]
FROM one AS two
COPY --from=other /other $HOME/
FROM two
RUN ["/bin/busybox", "touch", "last"]
LABEL last=$HOME
`},
	{"triggered", `FROM PREFIX-base
ENV A=1
ONBUILD COPY a /onbuild/
ONBUILD RUN ["/bin/busybox", "touch", "/triggered"]
`, `FROM PREFIX-beneath-BUILDKIT
ENV B=2
RUN ["/bin/busybox", "touch", "/own"]
CMD ["/own"]
`},
}

// rebuilder builds with an engine of this machine.
type rebuilder struct {
	command, dir, buildkit string
	prefix                 string // of the images' names: several may test with one engine
}

// rebuilders returns the builders that are here. Without any the test is skipped.
func rebuilders(t *testing.T) []rebuilder {
	t.Helper()
	dir := t.TempDir()
	if out, err := exec.CommandContext(t.Context(), "docker", "version").CombinedOutput(); err != nil {
		t.Skipf("no Docker Engine answers its command: %v: %s", err, out)
	}
	busybox, err := os.ReadFile("/bin/busybox")
	if err != nil {
		t.Skipf("no static busybox to build images of: %v", err)
	}
	d := dockerEngine{dir: dir}
	if err := os.Mkdir(filepath.Join(dir, "context"), 0o755); err != nil {
		t.Fatal(err)
	}
	d.put(t, "root.tar", programs(t, busybox, "bin/busybox", "bin/sh", "bin/cat"))
	d.put(t, "context/a", []byte("a"))
	d.put(t, "context/b", []byte("b"))
	d.put(t, "context/t.tar", tarBytes(t, "f", "f"))
	prefix := "imgtui-test-" + strings.ToLower(rand.Text()[:8])
	d.run(t, "import", filepath.Join(dir, "root.tar"), prefix+"-base")
	t.Cleanup(func() { exec.CommandContext(context.Background(), "docker", "rmi", "-f", prefix+"-base").Run() })
	all := []rebuilder{{"docker", dir, "0", prefix}}
	for _, p := range filepath.SplitList(os.Getenv("PATH")) {
		c := filepath.Join(p, "docker")
		b := rebuilder{c, dir, "1", prefix}
		if _, err := b.build(t, "probe", "FROM scratch\nCOPY a /\n"); err == nil {
			return append(all, b)
		}
	}
	return all
}

// programs makes a tar that has a program under several names.
func programs(t *testing.T, program []byte, names ...string) []byte {
	t.Helper()
	var b bytes.Buffer
	w := tar.NewWriter(&b)
	for _, name := range names {
		if err := w.WriteHeader(&tar.Header{Name: name, Mode: 0o755, Size: int64(len(program))}); err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write(program); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// fill puts the images' names into a text.
func (b rebuilder) fill(text string) string {
	return strings.NewReplacer("PREFIX", b.prefix, "BUILDKIT", b.buildkit).Replace(text)
}

// build builds an image, which goes with the test, and returns its name.
func (b rebuilder) build(t *testing.T, name, text string) (image string, err error) {
	image = b.prefix + "-" + name + "-" + b.buildkit
	file := filepath.Join(b.dir, image)
	if err := os.WriteFile(file, []byte(b.fill(text)), 0o644); err != nil {
		t.Fatal(err)
	}
	c := exec.CommandContext(t.Context(), b.command, "build", "-q", "-t", image, "-f", file, filepath.Join(b.dir, "context"))
	c.Env = append(os.Environ(), "DOCKER_BUILDKIT="+b.buildkit)
	if out, err := c.CombinedOutput(); err != nil {
		return "", fmt.Errorf("%w: %s", err, out)
	}
	t.Cleanup(func() { exec.CommandContext(context.Background(), "docker", "rmi", "-f", image).Run() })
	return image, nil
}

func TestBuiltImagesPairWithTheirDockerfiles(t *testing.T) {
	if testing.Short() {
		t.Skip("builds images")
	}
	all := rebuilders(t)
	t.Run("built", func(t *testing.T) {
		for _, b := range all {
			for _, r := range rebuilt {
				t.Run(r.name+"/buildkit="+b.buildkit, func(t *testing.T) {
					t.Parallel()
					if r.beneath != "" {
						b.buildsAndPairs(t, "beneath", r.beneath)
					}
					b.buildsAndPairs(t, r.name, r.text)
				})
			}
		}
	})
	if len(all) == 1 {
		t.Skip("no docker command here builds with BuildKit; the classic builder was tried")
	}
}

func (b rebuilder) buildsAndPairs(t *testing.T, name, text string) {
	image, err := b.build(t, name, text)
	if err != nil {
		t.Fatalf("build %s: %v", name, err)
	}
	b.pairs(t, image, b.fill(text))
}

// pairs holds the text that an image was built of, and the one recovered from
// it, against its history.
func (b rebuilder) pairs(t *testing.T, image, text string) {
	img := imageOf(t, "docker:"+image)
	f, err := dockerfile.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	pairs := plan.Pair(f, "", nil, img)
	chain := f.Chain(f.StageNamed(""), nil)
	for i := range f.Instructions {
		n := &f.Instructions[i]
		built := n.Name != "FROM" && slices.Contains(chain, n.Stage)
		if n.Name == "ONBUILD" && b.buildkit == "1" {
			built = false // BuildKit leaves no row for it
		}
		if built != (pairs[i] >= 0) {
			t.Errorf("%q has step %d of\n%s", f.Raw(i), pairs[i], strings.Join(rowsOf(img), "\n"))
		}
	}
	pairsWithItself(t, img)
	sameCommands(t, f, pairs, img)
}

func rowsOf(img *model.Image) []string {
	var all []string
	for _, s := range img.Steps {
		all = append(all, s.CreatedBy)
	}
	return all
}

// sameCommands holds the recovered commands against those that were written:
// they are the same byte for byte.
func sameCommands(t *testing.T, f *dockerfile.File, pairs []int, img *model.Image) {
	again, err := dockerfile.Parse(dockerfile.Recover(img).Text)
	if err != nil {
		t.Fatal(err)
	}
	of := plan.Paired(plan.Pair(again, "", nil, img), len(img.Steps))
	for i, step := range pairs {
		if step < 0 || of[step] < 0 || f.Instructions[i].Name != "RUN" {
			continue
		}
		if want, got := f.Says(i, nil), again.Says(of[step], nil); got != want {
			t.Errorf("command %q was recovered as %q", want, got)
		}
	}
}
