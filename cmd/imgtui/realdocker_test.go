package main

import (
	"archive/tar"
	"bytes"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"debug/elf"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// dockerfiles make images with what a history can hold: no file, many files,
// long, wide, multi-line and marked-up commands.
var dockerfiles = map[string]string{
	"plain": `FROM scratch
LABEL run=PREFIX-
COPY busybox /bin/busybox
RUN ["/bin/busybox", "--install", "-s", "/bin"]
CMD ["/bin/sh"]
`,
	"files": `FROM PREFIX-plain
RUN mkdir -p /a/b && echo one > /a/b/one && ln /bin/busybox /hard && ln -s ../../long/target /a/link
RUN rm -rf /a/b && mkdir /a/b && echo other > /a/b/two
RUN chmod 4755 /bin/busybox && mkfifo /pipe
COPY empty /empty
WORKDIR /w/x/y
`,
	"words": `FROM PREFIX-plain
ENV WIDE="日本語の環境変数の値はここにあります、とても長い文です" TAB="a	b	c" MARK="<b>&amp;</b>"
ENV ACCENTS="café naïve façade œuvre Ærøskøbing Łódź Straße ñandú ελληνικά"
LABEL quote="a \"quoted\" word" percent="%s %d {{.ID}}" emoji="👩‍👩‍👧 ok"
RUN echo one \
  && echo two \
  && echo "<three> & four"
RUN printf 'tab\there\n' > /t; true '012345678901234567890123456789'
EXPOSE 80/tcp 443
ENTRYPOINT ["/bin/sh", "-c", "echo \"$0\""]
`,
}

// TestHistoryEqualsDocker holds imgtui history against docker history byte for
// byte: of the engine's images, and then of their archives. What docker says of
// an archive is asked of it once it has forgotten the images and loaded the
// archive again: only then does it lack, as every archive does, the IDs of the
// images that the classic builder left on the way.
func TestHistoryEqualsDocker(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("builds images")
	}
	d := realDocker(t)
	told := map[string]string{}
	for _, image := range d.images {
		d.run(t, "save", "-o", d.archive(image), image)
		told[image] = string(d.run(t, append(rowsWithoutIDs, image)...))
		t.Run("engine/"+image, func(t *testing.T) { d.compare(t, image, image) })
	}
	d.forget(t.Context())
	for _, image := range d.images {
		d.run(t, "load", "-i", d.archive(image))
		d.hasNoParents(t, image)
		t.Run("archive/"+image, func(t *testing.T) { d.compare(t, image, d.archive(image)) })
		if got := d.imgtui(t, append(rowsWithoutIDs, d.archive(image))); got != told[image] {
			t.Errorf("the archive of %s tells other rows than its engine (-docker +imgtui):\n%s", image, cmp.Diff(told[image], got))
		}
	}
}

// rowsWithoutIDs prints what an engine and an archive both know of an image,
// but for ages, which move on.
var rowsWithoutIDs = []string{"history", "--no-trunc", "--human=false", "--format", "{{.CreatedAt}} {{json .CreatedBy}} {{.Size}} {{json .Comment}}"}

// historyCommands are the flags under which every image is compared.
var historyCommands = [][]string{
	{},
	{"--no-trunc"},
	{"-q"},
	{"-q", "--no-trunc"},
	{"--human=false"},
	{"-H=false", "--no-trunc"},
	{"--format", "table"},
	{"--format", "table", "-q"},
	{"--format", "json"},
	{"--format", "json", "--no-trunc", "--human=false"},
	{"--format", "{{json .}}"},
	{"--format", "{{json .CreatedBy}} {{.Comment}}"},
	{"--format", "table {{.ID}}\t{{.Size}}\t{{.CreatedBy}}"},
	{"--format", `table {{.CreatedBy}}\t{{.CreatedSince}}\t{{.CreatedAt}}\t{{.Comment}}`, "--no-trunc"},
	{"--format", "table {{upper .ID}}\t{{lower .CreatedBy}}\t{{truncate .Size 2}}\t{{pad .Comment 1 2}}"},
	{"--format", `{{join (split .CreatedBy " ") "_"}}\n{{title .CreatedSince}}`},
	{"--format", "{{println .Size}}{{len .CreatedBy}} {{printf \"%q\" .CreatedBy}}"},
	{"--format", " plain text "},
	{"--format", "raw"},
	{"--format", "table "},
}

// dockerEngine is the engine of this machine with its own command.
type dockerEngine struct {
	dir    string
	prefix string   // of every image's name, of this run alone
	images []string // made by it, those on top of others first
}

// realDocker makes the images anew. Without an engine, its command or a static
// busybox the test is skipped.
func realDocker(t *testing.T) *dockerEngine {
	t.Helper()
	if out, err := exec.CommandContext(t.Context(), "docker", "version").CombinedOutput(); err != nil {
		t.Skipf("no Docker Engine answers its command: %v: %s", err, bytes.TrimSpace(out))
	}
	busybox, err := os.ReadFile("/bin/busybox")
	if err != nil {
		t.Skipf("no static busybox to build images of: %v", err)
	}
	if b, err := elf.NewFile(bytes.NewReader(busybox)); err != nil || slices.ContainsFunc(b.Progs, isInterpreter) {
		t.Skip("/bin/busybox is not static: it cannot run in an image of its own")
	}
	d := &dockerEngine{dir: t.TempDir(), prefix: "imgtui-test-" + strings.ToLower(rand.Text()[:8]) + "-"}
	for _, name := range []string{"files", "words", "committed", "imported", "loaded", "plain"} {
		d.images = append(d.images, d.prefix+name)
	}
	d.put(t, "busybox", busybox)
	d.put(t, "empty", nil)
	t.Cleanup(func() { d.forget(context.Background()) })
	d.make(t)
	return d
}

// isInterpreter tells whether a program names one that loads it.
func isInterpreter(p *elf.Prog) bool { return p.Type == elf.PT_INTERP }

// make makes the images. They are of this run alone, so that no other run's
// images keep their parents in the engine.
func (d *dockerEngine) make(t *testing.T) {
	d.build(t, "plain")()
	files, words := d.build(t, "files"), d.build(t, "words")
	d.put(t, "root.tar", tarBytes(t, "etc/motd", "hello\n"))
	d.run(t, "import", "-m", "made\tof <a tar> & é", "-c", "ENV A="+d.prefix, filepath.Join(d.dir, "root.tar"), d.prefix+"imported")
	id := strings.TrimSpace(string(d.run(t, "create", d.prefix+"plain", "/bin/sh")))
	d.run(t, "commit", "-a", "Some Body", "-m", "committed by hand", "-c", `CMD ["/bin/ls"]`, id, d.prefix+"committed")
	d.run(t, "rm", id)
	d.put(t, "loaded.tar", loadable(t, d.prefix+"loaded:latest"))
	d.run(t, "load", "-i", filepath.Join(d.dir, "loaded.tar"))
	files()
	words()
}

// build starts a build and returns what waits for it: the engine idles most of
// each step's second.
func (d *dockerEngine) build(t *testing.T, name string) (wait func()) {
	t.Helper()
	d.put(t, name+".dockerfile", []byte(strings.ReplaceAll(dockerfiles[name], "PREFIX-", d.prefix)))
	var said bytes.Buffer
	c := docker(t, "build", "-q", "-t", d.prefix+name, "-f", filepath.Join(d.dir, name+".dockerfile"), d.dir)
	c.Stderr = &said
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	return func() {
		if err := c.Wait(); err != nil {
			t.Fatalf("build %s: %v: %s", name, err, &said)
		}
	}
}

// forget removes the images, and with them the parents that no name holds.
func (d *dockerEngine) forget(ctx context.Context) {
	exec.CommandContext(ctx, "docker", append([]string{"rmi", "-f"}, d.images...)...).Run()
}

func (d *dockerEngine) archive(image string) string { return filepath.Join(d.dir, image+".tar") }

func (d *dockerEngine) put(t *testing.T, name string, data []byte) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(d.dir, name), data, 0o755); err != nil {
		t.Fatal(err)
	}
}

// docker is a command of docker's. The builder of the engine is taken, and not
// a plugin that may be missing.
func docker(t *testing.T, args ...string) *exec.Cmd {
	c := exec.CommandContext(t.Context(), "docker", args...)
	c.Env = append(os.Environ(), "DOCKER_BUILDKIT=0")
	return c
}

// run runs docker and returns what it prints.
func (d *dockerEngine) run(t *testing.T, args ...string) []byte {
	t.Helper()
	out, err := docker(t, args...).Output()
	if err != nil {
		var said []byte
		if e, ok := err.(*exec.ExitError); ok {
			said = e.Stderr
		}
		t.Fatalf("docker %q: %v: %s", args, err, said)
	}
	return out
}

// hasNoParents makes sure that docker tells the ID of the image alone.
func (d *dockerEngine) hasNoParents(t *testing.T, image string) {
	t.Helper()
	ids := strings.Fields(string(d.run(t, "history", "-q", image)))
	for n, id := range ids {
		if n > 0 && id != "<missing>" {
			t.Fatalf("the engine still has the parent %s of %s", id, image)
		}
	}
}

// compare holds imgtui history of ref against docker history of image, under
// all flags. Ages move on: what differs is asked for again.
func (d *dockerEngine) compare(t *testing.T, image, ref string) {
	for _, flags := range historyCommands {
		args := append([]string{"history"}, flags...)
		var want, got string
		for range 5 {
			want, got = string(d.run(t, append(args, image)...)), d.imgtui(t, append(args, ref))
			if want == got {
				break
			}
		}
		if want != got {
			t.Errorf("history %q (-docker +imgtui):\n%s", flags, cmp.Diff(want, got))
		}
	}
}

func (d *dockerEngine) imgtui(t *testing.T, args []string) string {
	t.Helper()
	var out, errs bytes.Buffer
	p := program{in: strings.NewReader(""), out: &out, err: &errs, env: noCache}
	if code := p.run(t.Context(), args); code != fine || errs.Len() > 0 {
		t.Fatalf("imgtui %q: exit %d: %s", args, code, &errs)
	}
	return out.String()
}

// loadable is an archive of an image that no builder makes: dates of a
// reproducible build, none at all, control characters, a layer without bytes.
func loadable(t *testing.T, tag string) []byte {
	layer := tarBytes(t, "f", "content", "g", "")
	config := fmt.Sprintf(`{"architecture":"amd64","os":"linux","config":{},
"rootfs":{"type":"layers","diff_ids":["sha256:%x"]},
"history":[
 {"created":"1970-01-01T00:00:00Z","created_by":"COPY f / # buildkit","comment":"buildkit.dockerfile.v0"},
 {"created":"1999-12-31T23:59:59Z","created_by":"CMD [\"a\"]\t\u001b[31mred\r\n\ttail","empty_layer":true},
 {"created":"2001-01-01T00:00:00.999999999Z","created_by":"%s","comment":"%s","empty_layer":true},
 {"created_by":"","empty_layer":true}
]}`, sha256.Sum256(layer), strings.Repeat("長い", 30), strings.Repeat("c", 300))
	name := fmt.Sprintf("%x.json", sha256.Sum256([]byte(config)))
	manifest, err := json.Marshal([]map[string]any{{"Config": name, "RepoTags": []string{tag}, "Layers": []string{"layer.tar"}}})
	if err != nil {
		t.Fatal(err)
	}
	return tarBytes(t, name, config, "layer.tar", string(layer), "manifest.json", string(manifest))
}

// tarBytes makes a tar of names and contents.
func tarBytes(t *testing.T, files ...string) []byte {
	t.Helper()
	var b bytes.Buffer
	w := tar.NewWriter(&b)
	for i := 0; i < len(files); i += 2 {
		if err := w.WriteHeader(&tar.Header{Name: files[i], Mode: 0o644, Size: int64(len(files[i+1]))}); err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write([]byte(files[i+1])); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}
