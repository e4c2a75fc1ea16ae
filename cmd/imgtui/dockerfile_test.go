package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/imgtui/imgtui/model"
	"github.com/imgtui/imgtui/model/dockerfile"
	"github.com/imgtui/imgtui/model/plan"
	"github.com/imgtui/imgtui/model/session"
)

const demoRecovered = `# Recovered from the history of the image. It does not tell of other stages, of
# mounts and secrets, nor of what the files were that COPY and ADD have brought.
# The first 2 steps are those of the base.
FROM ubuntu:24.04
RUN apt-get update
RUN apt-get install -y python3 python3-pip
RUN pip install flask
ENV FLASK_APP=/opt/source-code/app.py
WORKDIR /opt/source-code
COPY . /opt/source-code
RUN chmod 0755 /usr/lib/python3/dist-packages/model.bin
RUN rm -rf /var/lib/apt/lists/* /opt/source-code/.git
EXPOSE 5000/tcp
ENTRYPOINT ["flask", "run"]
CMD ["--host=0.0.0.0"]
`

// printed runs a command line that is to succeed without a word of complaint.
func printed(t *testing.T, args ...string) string {
	t.Helper()
	var out, errs bytes.Buffer
	p := program{in: strings.NewReader(""), out: &out, err: &errs, env: noCache}
	if code := p.run(t.Context(), args); code != fine || errs.Len() > 0 {
		t.Fatalf("imgtui %q: exit %d: %s", args, code, &errs)
	}
	return out.String()
}

func TestDockerfileIsRecovered(t *testing.T) {
	t.Parallel()
	if diff := cmp.Diff(demoRecovered, printed(t, "dockerfile", "demo:")); diff != "" {
		t.Errorf("text (-want +got):\n%s", diff)
	}
	var got dockerfileJSON
	if err := json.Unmarshal([]byte(printed(t, "dockerfile", "--json", "demo:")), &got); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(dockerfileJSON{demoRecovered, "recovered from the history", "ubuntu:24.04"}, got); diff != "" {
		t.Errorf("JSON (-want +got):\n%s", diff)
	}
}

// imageOf opens a reference as the command does.
func imageOf(t *testing.T, ref string) *model.Image {
	t.Helper()
	var errs bytes.Buffer
	p := program{in: strings.NewReader(""), out: &errs, err: &errs, env: noCache}
	c := &call{program: p, Command: p.tree(), options: &options{pull: "never"}}
	c.SetContext(t.Context())
	o, err := c.open(steps, ref)
	if err != nil {
		t.Fatal(err)
	}
	defer o.Close()
	return o.Stacks[session.Was].Image
}

// pairsWithItself holds a recovered Dockerfile against the history it came of:
// every instruction but the FROM, and an ONBUILD that left no row, has a step,
// every step an instruction or a comment.
func pairsWithItself(t *testing.T, img *model.Image) {
	t.Helper()
	r := dockerfile.Recover(img)
	f, err := dockerfile.Parse(r.Text)
	if err != nil {
		t.Fatalf("%v in\n%s", err, r.Text)
	}
	pairs := plan.Pair(f, "", nil, img)
	for i := range f.Instructions {
		rowless := f.Instructions[i].Name == "FROM" || (f.Instructions[i].Name == "ONBUILD" && !slices.ContainsFunc(img.Steps, isOnBuild))
		if rowless != (pairs[i] < 0) {
			t.Errorf("%q has step %d in\n%s", f.Raw(i), pairs[i], r.Text)
		}
	}
	unpaired := 0
	for s, i := range plan.Paired(pairs, len(img.Steps)) {
		if i < 0 && (r.Base == "" || s >= img.Base()) {
			unpaired++
		}
	}
	comments := strings.Count(r.Text, "\n# no instruction: ")
	if r.Base == "" && img.Base() > 0 {
		comments += img.Base()
	}
	if unpaired != comments {
		t.Errorf("%d steps without an instruction, %d comments in\n%s", unpaired, comments, r.Text)
	}
}

func isOnBuild(s model.Step) bool { return strings.Contains(s.CreatedBy, "ONBUILD ") }

func TestRecoveredPairsWithItsOwnHistory(t *testing.T) {
	t.Parallel()
	dir := os.Getenv("IMGTUI_TEST_IMAGES")
	refs := []string{"demo:"}
	if dir != "" {
		files, err := filepath.Glob(filepath.Join(dir, "*.tar*"))
		if err != nil || len(files) == 0 {
			t.Fatalf("no images in %s: %v", dir, err)
		}
		refs = append(refs, files...)
	}
	for _, ref := range refs {
		t.Run(filepath.Base(ref), func(t *testing.T) { pairsWithItself(t, imageOf(t, ref)) })
	}
	if dir == "" {
		t.Skip("IMGTUI_TEST_IMAGES names no folder of images; the sample was tried")
	}
}

func TestAttestedDockerfileIsPreferred(t *testing.T) {
	t.Parallel()
	img := imageOf(t, "demo:")
	img.Recipe = model.Recipe{Dockerfile: "ARG V\nFROM debian:$V AS a\nFROM a AS b\nFROM x\n", Target: "b", Args: map[string]string{"V": "12"}, How: "attested"}
	want := dockerfileJSON{img.Recipe.Dockerfile, "attested", "debian:12"}
	if diff := cmp.Diff(want, dockerfileOf(img)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
