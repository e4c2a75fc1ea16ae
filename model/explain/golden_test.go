package explain

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/imgtui/imgtui/model"
	"github.com/imgtui/imgtui/model/session/sessiontest"
	"github.com/imgtui/imgtui/model/tree"
	"github.com/imgtui/imgtui/model/waste"
	"github.com/imgtui/imgtui/model/words"
)

var update = flag.Bool("update", false, "write the golden texts anew")

// marks stand for the kinds of lines in golden texts.
var marks = map[Kind]string{Text: "", Heading: "## ", Bad: "! ", Advice: "> ", Code: "$ ", List: "- ", Remark: "            "}

// written is lines as golden texts have them.
func written(lines []Line) string {
	var b strings.Builder
	for _, l := range lines {
		switch l.Kind {
		case Pair:
			fmt.Fprintf(&b, "%s = %s\n", l.Key, l.Text)
		case Item:
			fmt.Fprintf(&b, "- %8s  %s\n", l.Key, l.Text)
		default:
			fmt.Fprintf(&b, "%s%s\n", marks[l.Kind], l.Text)
		}
	}
	return b.String()
}

// golden compares a text with the file of that name.
func golden(t *testing.T, name, got string) {
	t.Helper()
	file := filepath.Join("testdata", name+".golden")
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(string(want), got); d != "" {
		t.Errorf("%s (-want +got):\n%s", name, d)
	}
}

// subject is all that is known of a step of a made image, every layer read.
func subject(w *sessiontest.World, step int) Subject {
	r := waste.Weigh(w.Layers, w.Roots)
	s := Subject{Image: w.Image, Step: step, Known: true, Report: &r, Now: sessiontest.Noon}
	for i := range step + 1 {
		l := w.Image.Steps[i].Layer
		if l == nil {
			continue
		}
		s.Before = s.After
		s.After = w.Roots[l.Index]
	}
	if l := w.Image.Steps[step].Layer; l != nil {
		s.Layer, s.Tar = w.Layers[l.Index], w.Layers[l.Index].Unpacked+1024
	} else {
		s.Before = s.After
	}
	return s
}

// every tells all steps of an image, one after the other.
func every(w *sessiontest.World) string {
	var b strings.Builder
	for i := range w.Image.Steps {
		fmt.Fprintf(&b, "==== step %d\n%s", i, written(Step(words.English, subject(w, i))))
	}
	return b.String()
}

func TestStepsOfAWorkshopAreToldAsReviewed(t *testing.T) {
	golden(t, "workshop", every(sessiontest.Workshop()))
}

// wasteful is an image with each way to waste bytes, by each kind of step, on a base.
func wasteful() *sessiontest.World {
	w := sessiontest.Make(
		sessiontest.Step{By: "/bin/sh -c #(nop) ADD file:" + strings.Repeat("0a", 32) + " in / ", Files: []string{"etc/", "etc/passwd 900 1", "usr/share/doc/", "usr/share/doc/a 250000", "opt/base 40000 2"}},
		sessiontest.Step{By: `/bin/sh -c #(nop)  CMD ["bash"]`},
		sessiontest.Step{By: "RUN |1 VERSION=3 /bin/sh -c make && make install # buildkit", Files: []string{"opt/tool=0644 5000000 3", "opt/log 3000 4", "var/cache/apt/pkgcache.bin 1234567", "root/.cache/pip/http/a 20001", "root/.cache/pip/http/b 9999"}},
		sessiontest.Step{By: "COPY . /srv # buildkit", Files: []string{"srv/", "srv/app.py=0644 70000 5", "srv/big.iso 9000000 6", "srv/.git/", "srv/.git/index 12345", "srv/lib/__pycache__/x.pyc 6000", "srv/web/__pycache__/y.pyc 7000", "srv/dup 100 8", "srv/dup 200 9"}},
		sessiontest.Step{By: "RUN /bin/sh -c chmod 755 /opt/tool /srv/app.py # buildkit", Files: []string{"opt/tool=0755 5000000 3", "srv/app.py=0755 70000 5"}},
		sessiontest.Step{By: "RUN /bin/sh -c rm -rf /srv/big.iso /opt/base && echo >> /etc/passwd # buildkit", Files: []string{"srv/", "-srv/big.iso", "opt/", "-opt/base", "etc/passwd 950 7"}},
		sessiontest.Step{By: "ENV TOKEN=a b PATH=/usr/bin:/bin"},
		sessiontest.Step{By: `LABEL org.example.title="An example" version=1`},
		sessiontest.Step{By: `CMD ["/bin/sh" "-c" "flask run"]`},
		sessiontest.Step{By: "jib-maven-plugin:3.4.0", Files: []string{"app/libs/a.jar 1000"}},
		sessiontest.Step{By: "", Files: []string{"x 1"}},
		sessiontest.Step{By: "tool of nobody", Files: []string{"y/", "-y/nothing"}},
	)
	w.Image.Steps[0].Base, w.Image.Steps[1].Base = true, true
	w.Image.BaseName, w.Image.BaseHow = "example.org/base:1", "named by a label"
	w.Image.Steps[9].Comment, w.Image.Steps[9].Author, w.Image.Steps[9].Created = "dependencies", "Jib", time.Unix(0, 0)
	w.Image.Warnings = []model.Warning{{Layer: -1, Text: "the history has 11 rows\x1b[2J"}}
	w.Image.Digest, w.Image.MediaType = "sha256:"+model.Digest(strings.Repeat("cd", 32)), "application/vnd.oci.image.manifest.v1+json"
	w.Image.Config.Labels = map[string]string{"b": "2", "a": "1"}
	w.Image.Config.ExposedPorts, w.Image.Config.Volumes = []string{"80/tcp"}, []string{"/data"}
	return w
}

func TestWasteIsToldWithWhatToDo(t *testing.T) {
	golden(t, "wasteful", every(wasteful()))
}

func TestAnImageIsToldAsReviewed(t *testing.T) {
	w := wasteful()
	r := waste.Weigh(w.Layers, w.Roots)
	golden(t, "image", written(Image(words.English, w.Image, &r, w.Image.Warnings)))
}

func TestAStepThatIsNotReadSaysSo(t *testing.T) {
	w := wasteful()
	unread, alone, broken := subject(w, 2), subject(w, 2), subject(w, 2)
	unread.Layer, unread.Known, unread.Report = nil, false, nil
	alone.Known, alone.Report = false, nil
	broken.Layer, broken.Known, broken.Report = nil, false, nil
	broken.Err = errors.New("layer 1: unexpected EOF\r")
	broken.Faults = []model.Warning{{Layer: 1, Text: "digest differs"}}
	var b strings.Builder
	for _, s := range []Subject{unread, alone, broken} {
		b.WriteString("====\n" + written(Step(words.English, s)))
	}
	golden(t, "unread", b.String())
}

func TestAPathIsToldAsReviewed(t *testing.T) {
	w := wasteful()
	var b strings.Builder
	for _, c := range []struct {
		path          string
		before, after int
	}{
		{"/opt/tool", 2, 3}, {"/srv/big.iso", 3, 4}, {"/etc/passwd", 3, 4}, {"/srv", 2, 4}, {"/opt/base", -1, 0}, {"/", 0, 1},
	} {
		var before *tree.Node
		if c.before >= 0 {
			before = w.Roots[c.before]
		}
		d, _ := tree.Compare(before, w.Roots[c.after]).Find(c.path)
		b.WriteString("====\n" + written(Path(words.English, w.Image, w.Layers, c.path, d)))
	}
	golden(t, "path", b.String())
}
