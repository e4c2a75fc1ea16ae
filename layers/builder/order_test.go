package builder_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/imgtui/imgtui/layers/builder"
	"github.com/imgtui/imgtui/layers/source"
	"github.com/imgtui/imgtui/model/dockerfile"
	"github.com/imgtui/imgtui/model/session"
	"github.com/imgtui/imgtui/model/tree"
)

// TestSecretsStayWithTheCommand: a command may use a secret and say it, and yet
// it is in no log, tree, error or image.
func TestSecretsStayWithTheCommand(t *testing.T) {
	const secret = "correct horse battery staple"
	onEach(t, func(t *testing.T, e *builder.Engine) {
		s := newSite(t, "FROM {{base}}\nRUN --mount=type=secret,id=token cat /run/secrets/token; echo {{nonce}} > /made\nRUN --mount=type=secret,id=token cat /run/secrets/token >&2; test -z {{nonce}}\n", nil)
		file := filepath.Join(t.TempDir(), "token")
		s.must(os.WriteFile(file, []byte(secret+"\n"), 0o600))
		var r record
		o := s.order()
		o.Secrets = []string{"id=token,src=" + file}
		b, err := e.Build(t.Context(), o, r.hooks())
		var broken *session.BuildError
		if !errors.As(err, &broken) {
			t.Fatalf("got %v, want a broken step", err)
		}
		defer b.Close()
		if !strings.Contains(r.log(), "*****") {
			t.Errorf("the command has not run with the secret: %q", r.log())
		}
		said := fmt.Sprintf("%+v %+v %+v", r.events, broken, err)
		if strings.Contains(said, secret) || strings.Contains(said, "horse") {
			t.Errorf("the secret is told: %s", said)
		}
		o.Text = s.fill("FROM {{base}}\nRUN --mount=type=secret,id=token cat /run/secrets/token; echo {{nonce}} > /made\n")
		done, err := e.Build(t.Context(), o, builder.Hooks{})
		if err != nil {
			t.Fatal(err)
		}
		defer done.Close()
		if lacks(e, "several platforms") {
			return // the image stays in the engine
		}
		dir := filepath.Join(t.TempDir(), "image")
		if _, err := done.Export(t.Context(), dir, nil); err != nil {
			t.Fatal(err)
		}
		grep(t, dir, secret)
	})
}

// grep fails the test where a text is in a file of a folder, unpacked or not.
func grep(t *testing.T, dir, text string) {
	t.Helper()
	n := 0
	err := filepath.WalkDir(dir, func(p string, d fs.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() {
			return err
		}
		body, err := os.ReadFile(p)
		if err != nil {
			return err
		}
		n++
		if bytes.Contains(unzipped(body), []byte(text)) {
			t.Errorf("%s holds the secret", p)
		}
		return nil
	})
	if err != nil || n == 0 {
		t.Fatalf("looked into %d files: %v", n, err)
	}
}

// TestTheOptionsOfABuild, each by what it does.
func TestTheOptionsOfABuild(t *testing.T) {
	onEach(t, func(t *testing.T, e *builder.Engine) {
		s := newSite(t, `ARG V=none
FROM {{base}} AS one
RUN echo {{nonce}} > /one
FROM {{base}} AS two
ARG V
RUN echo $V {{nonce}} > /two
COPY --from=side note /side
LABEL own=yes
FROM two AS three
RUN echo never {{nonce}}; exit 1
`, nil)
		side := t.TempDir()
		s.must(os.WriteFile(filepath.Join(side, "note"), []byte("from aside\n"), 0o644))
		o := s.order()
		o.Args, o.Target = map[string]string{"V": "given"}, "two"
		o.Labels, o.Named = map[string]string{"given": "label"}, map[string]string{"side": side}
		b, r := s.with(e, o)
		if r.steps[3] != nil || r.steps[10] != nil {
			t.Error("a stage was built that the target does not need")
		}
		body, err := readFile(t, b, 6, "/two")
		if want := "given " + s.nonce + "\n"; err != nil || string(body) != want {
			t.Errorf("got %q, %v, want %q", body, err, want)
		}
		if body, err = readFile(t, b, 7, "/side"); err != nil || string(body) != "from aside\n" {
			t.Errorf("the named context: got %q, %v", body, err)
		}
		if b.Config.Labels["given"] != "label" || b.Config.Labels["own"] != "yes" {
			t.Errorf("got labels %v", b.Config.Labels)
		}
		b.Close()
		o.NoCacheFilter = []string{"two"}
		if !s.once(e, o).ran(6) {
			t.Error("--no-cache-filter: the step did not run again")
		}
		o.NoCacheFilter = nil
		if s.once(e, o).ran(6) {
			t.Error("without it the step ran again")
		}
		o.NoCache = true
		if !s.once(e, o).ran(6) {
			t.Error("--no-cache: the step did not run again")
		}
	})
}

// once builds to order, and lets go of it: what one build holds another shares.
func (s *site) once(e *builder.Engine, o builder.Order) *record {
	s.t.Helper()
	b, r := s.with(e, o)
	b.Close()
	return r
}

// with builds to order.
func (s *site) with(e *builder.Engine, o builder.Order) (*builder.Build, *record) {
	s.t.Helper()
	var r record
	b, err := e.Build(s.t.Context(), o, r.hooks())
	if err != nil {
		s.t.Fatalf("%v\n%s", err, r.log())
	}
	b.Settle(s.t.Context())
	s.t.Cleanup(b.Close)
	return b, &r
}

// TestAHeldLineEndsTheBuildBefore it runs.
func TestAHeldLineEndsTheBuildBefore(t *testing.T) {
	onEach(t, func(t *testing.T, e *builder.Engine) {
		s := newSite(t, "FROM {{base}}\nRUN echo {{nonce}} > /cheap\nRUN echo {{nonce}} > /costly\nRUN true {{nonce}}\n", nil)
		o := s.order()
		o.Hold = []int{3}
		b, r := s.with(e, o)
		if !b.Held || r.steps[2].Find("/cheap") == nil || r.steps[3] != nil || r.ran(3) || r.ran(4) {
			t.Errorf("held %v, steps %v", b.Held, r.steps)
		}
	})
}

// TestWhatAnEditDidIsTheDifferenceOfTheImages: the roots of the steps of two
// builds differ as the roots of their exported images do.
func TestWhatAnEditDidIsTheDifferenceOfTheImages(t *testing.T) {
	onEach(t, func(t *testing.T, e *builder.Engine) {
		s := newSite(t, "FROM {{base}}\nCOPY one.txt /one.txt\nRUN echo {{nonce}} > /kept; echo 1 > /changed; echo 2 > /gone\n", map[string]string{"one.txt": "one\n"})
		was, old := s.built(e)
		_, before := export(t, e, was)
		was.Close()
		s.replace("echo 1 > /changed; echo 2 > /gone", "echo other > /changed; mkdir /new; echo 3 > /new/file")
		s.write("one.txt", "one more\n")
		now, young := s.built(e)
		_, after := export(t, e, now)
		told := tree.Compare(old.steps[3], young.steps[3])
		real := tree.Compare(before[len(before)-1], after[len(after)-1])
		got, want := changes(told), changes(real)
		for _, p := range []string{"/changed", "/gone", "/new", "/new/file", "/one.txt"} {
			if want[p] == "" {
				t.Errorf("the images do not differ in %s: %v", p, want)
			}
		}
		for p := range got {
			if got[p] == want[p] {
				delete(want, p)
				continue
			}
			t.Errorf("%s: got %q, want %q", p, got[p], want[p])
		}
		for p := range want {
			t.Errorf("%s: got nothing, want %q", p, want[p])
		}
	})
}

func changes(d tree.Delta) map[string]string {
	all := map[string]string{}
	d.Walk(func(p string, d tree.Delta) bool {
		if c := d.Change(); c != tree.Within && c != tree.Same && p != "/" {
			all[p] = c.Letter()
		}
		return true
	})
	return all
}

// TestAFaultIsOneLine: what goes wrong outside of a command is said shortly.
func TestAFaultIsOneLine(t *testing.T) {
	onEach(t, func(t *testing.T, e *builder.Engine) {
		s := newSite(t, "", map[string]string{"there.txt": "x\n"})
		for _, c := range []struct{ name, text, want string }{
			{"no such file", "FROM {{base}}\nCOPY nowhere.txt /\n", "nowhere.txt"},
			{"no such stage", "FROM {{base}}\nCOPY --from=nobody.invalid/x /a /b\n", "nobody.invalid"},
			{"syntax", "FROM {{base}}\nCOPPY a b\n", "COPPY"},
		} {
			o := s.order()
			o.Text = s.fill(c.text)
			b, err := e.Build(t.Context(), o, builder.Hooks{})
			if b != nil {
				b.Close()
			}
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("%s: got %v", c.name, err)
				continue
			}
			var fault *dockerfile.Error
			if c.name == "syntax" && (!errors.As(err, &fault) || fault.Line != 2 || fault.Hint != "did you mean COPY?") {
				t.Errorf("got %#v, want a fault on line 2 with a hint", err)
			}
			first, _, _ := strings.Cut(err.Error(), "\n")
			if len(first) > 300 || strings.Contains(first, "rpc error") || strings.Contains(first, "failed to solve") {
				t.Errorf("%s: it is not one clear line: %q", c.name, first)
			}
		}
	})
}

// TestOrdersAreCheckedBeforeAnEngineIsAsked for anything.
func TestOrdersAreCheckedBeforeAnEngineIsAsked(t *testing.T) {
	onEach(t, func(t *testing.T, e *builder.Engine) {
		s := newSite(t, "FROM {{base}}\n", nil)
		for want, change := range map[string]func(*builder.Order){
			"no id":                func(o *builder.Order) { o.Secrets = []string{"src=x"} },
			"NAME=VALUE":           func(o *builder.Order) { o.Secrets = []string{"id=a,oops"} },
			"no such file":         func(o *builder.Order) { o.Secrets = []string{"id=a,src=/nowhere/secret"} },
			"no type":              func(o *builder.Order) { o.CacheFrom = []string{"ref=x"} },
			"context /nowhere":     func(o *builder.Order) { o.Dir = "/nowhere" },
			"raw=true takes":       func(o *builder.Order) { o.SSH = []string{"x=raw=true"} },
			"environment has no Y": func(o *builder.Order) { o.Secrets = []string{"id=a,env=Y"} },
		} {
			o := s.order()
			o.Env = func(string) (string, bool) { return "", false }
			change(&o)
			if _, err := e.Build(t.Context(), o, builder.Hooks{}); err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("got %v, want %q", err, want)
			}
		}
	})
}

// TestABuiltImageIsTheBaseOfTheNext, from wherever it is open.
func TestABuiltImageIsTheBaseOfTheNext(t *testing.T) {
	onEach(t, func(t *testing.T, e *builder.Engine) {
		s := newSite(t, "FROM {{base}}\nRUN echo {{nonce}} > /first\n", nil)
		b, _ := s.built(e)
		i, _ := export(t, e, b)
		path := filepath.Join(t.TempDir(), "built.tar")
		if _, err := source.Save(t.Context(), i, path, source.OCIArchive, "imgtui-next-"+s.nonce+":2", nil); err != nil {
			t.Fatal(err)
		}
		next, err := source.Open(context.WithoutCancel(t.Context()), path, source.Options{})
		if err != nil {
			t.Fatal(err)
		}
		defer next.Close()
		o := s.order()
		o.Text, o.Open = "FROM imgtui-next-"+s.nonce+":2\nRUN cat /first > /second\n", next
		done, _ := s.with(e, o)
		body, err := readFile(t, done, 2, "/second")
		if err != nil || string(body) != s.nonce+"\n" {
			t.Errorf("got %q, %v", body, err)
		}
	})
}
